from __future__ import annotations

import json

import jsonschema
import pytest
import yaml

from sim.files import shipped
from sim.scenario.document import Source, parse
from sim.scenario.load import model_of
from sim.scenario.reference import reference_page, scenario_schema, schema_text
from sim.scenario.schema import PATH_KEYS, Scenario
from sim.scenario.wording import dotted_keys

FILES = sorted(path for path in shipped("scenarios").glob("*.yaml") if not model_of(path))


@pytest.fixture(scope="module")
def schema():
    return scenario_schema()


def arms(node):
    yield node
    for arm in node.get("anyOf", []):
        yield from arms(arm)


def keys(node, prefix=""):
    for arm in arms(node):
        for name, below in arm.get("properties", {}).items():
            yield prefix + name, below
            yield from keys(below, f"{prefix}{name}.")


def test_the_schema_file_says_what_the_models_say(root):
    assert (root / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8") == schema_text()


def test_the_reference_page_says_what_the_models_say(root):
    page = (root / "docs" / "reference" / "scenario.md").read_text(encoding="utf-8")
    assert page.endswith(reference_page())


def test_the_schema_is_one(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    assert "$ref" not in schema_text()


def test_every_key_is_described_and_has_a_title(schema):
    found = dict(keys(schema))
    assert set(dotted_keys(Scenario)) <= set(found)
    for key, node in found.items():
        assert node.get("description"), key
        assert node.get("title"), key


def test_quantities_state_their_unit_and_take_row_names(schema):
    price = dict(keys(schema))["technologies.ftth.drop_price"]
    assert price["unit"].startswith("yuan/")
    assert price["default"] == "drop_price"
    validator = jsonschema.Draft202012Validator(schema)
    for value, good in ((12.5, True), ("drop_price", True), (-1, False), (True, False)):
        assert validator.is_valid({"technologies": {"ftth": {"drop_price": value}}}) is good


def test_defaults_are_what_the_base_says(schema):
    found = dict(keys(schema))
    assert found["money.currency"]["default"] == "CNY"
    assert found["geodata.settle.land_cover.forest"]["default"] == 0.2
    assert "default" not in found["name"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_files_are_valid(schema, path):
    tree, _ = parse(path.read_bytes(), Source(path.name, path.name))
    jsonschema.validate(tree.plain(), schema)
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=scenario.schema.json")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_stock_reader_of_yaml_agrees_on_shipped_files(path):
    """Nothing in them hangs on the difference between YAML 1.1 and 1.2."""
    tree, _ = parse(path.read_bytes(), Source(path.name, path.name))
    assert yaml.safe_load(path.read_bytes()) == tree.plain()


@pytest.mark.parametrize(
    "wrong",
    [
        {"seeed": 1},
        {"province": "Yunan"},
        {"seed": -1},
        {"money": {"price": 3}},
        {"horizon": 3},
        {"extends": 3},
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(schema, wrong):
    assert not jsonschema.Draft202012Validator(schema).is_valid(wrong)


def test_path_keys_exist():
    assert set(PATH_KEYS) <= set(dotted_keys(Scenario))


def test_the_text_is_json():
    assert json.loads(schema_text())["title"] == "Scenario"
