"""The JSON Schema of scenario files and the reference page of their keys, both from the models.

The default of a key is what ``base.yaml`` says, since that is what a scenario gets by extending it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from sim.files import shipped
from sim.scenario.compose import compose
from sim.scenario.nation import NationScenario
from sim.scenario.resolved import with_defaults
from sim.scenario.schema import Scenario

SCHEMA_NAME = "scenario.schema.json"
_OWN = ("name", "title", "question", "sources", "province", "horizon")
"""Keys that each scenario states for itself: the values of the base are no defaults."""


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a scenario file.

    No key is required, since a file may extend another; the loader checks the whole.
    """
    flat = _schema_of(Scenario)
    flat["properties"] = {"extends": _EXTENDS, **flat["properties"]}
    base = with_defaults(compose(shipped("scenarios") / "base.yaml").tree, Scenario).plain()
    _annotate(flat, {key: value for key, value in base.items() if key not in _OWN})
    title, about = "Scenario", "A scenario of the rollout simulator."
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **flat,
        "title": title,
        "description": about,
    }


def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(mode="validation")
    flat: dict[str, Any] = _inlined(schema, schema.pop("$defs", {}))
    return flat


_EXTENDS = {
    "type": "string",
    "description": "Scenario file whose values this one changes: near it, or shipped with the program",
    "examples": ["base.yaml"],
}


def schema_text() -> str:
    """Return the JSON Schema as the text of its file."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _inlined(node: Any, definitions: Mapping[str, Any]) -> Any:
    """Replace references by what they name, so that each key can carry a default of its own."""
    if isinstance(node, list):
        return [_inlined(one, definitions) for one in node]
    if not isinstance(node, dict):
        return node
    rest = {key: _inlined(value, definitions) for key, value in node.items() if key != "$ref"}
    if "$ref" not in node:
        return rest
    named = _inlined(definitions[node["$ref"].rpartition("/")[2]], definitions)
    return {**named, **rest}


def _annotate(node: dict[str, Any], base: Any) -> None:
    """Set defaults from the base, drop what it makes optional, and give every key a title and a text."""
    node.pop("required", None)
    node.pop("default", None)
    for arm in _arms(node):
        arm.pop("required", None)
        arm.pop("default", None)
        for name, below in arm.get("properties", {}).items():
            value = base.get(name) if isinstance(base, dict) else None
            _annotate(below, value)
            below["title"] = name.replace("_", " ")
            if "description" in below:
                below["description"] = " ".join(below["description"].split())
            if isinstance(base, dict) and name in base and not isinstance(value, dict):
                below["default"] = value
            _lift_unit(below)
        if isinstance(arm.get("additionalProperties"), dict):
            _annotate(arm["additionalProperties"], None)


def _lift_unit(node: dict[str, Any]) -> None:
    """Let a key that may be null show the unit of its number."""
    units = [arm["unit"] for arm in node.get("anyOf", []) if "unit" in arm]
    if units:
        node.setdefault("unit", units[0])


def reference_page() -> str:
    """Return the page of all keys as Markdown."""
    lines = [
        "# Keys of a scenario",
        "",
        "A scenario is a YAML file. It usually extends `base.yaml`, whose values are the defaults below, and",
        "states what is its own. Where a unit is given, write a number in that unit or the name of a row of",
        "`scenarios/library/parameters.csv` (`name@low` and `name@high` are the edges of its range).",
        "Later layers win: the extended file, the file, the variant, `--set`.",
        "",
        "| key | takes | unit | default | meaning |",
        "|---|---|---|---|---|",
    ]
    lines += [_row(key, node) for key, node in _keys(scenario_schema(), "")]
    nation = _schema_of(NationScenario)
    _annotate(nation, {})
    lines += [
        "",
        "## Keys of a scenario of the nation",
        "",
        "A file that says `model: nation` forecasts totals of the nation and its provinces and has these",
        "keys instead ([how](../concepts/national-forecast.md)); it extends no base and states all of them.",
        "",
        "| key | takes | unit | default | meaning |",
        "|---|---|---|---|---|",
    ]
    lines += [_row(key, node) for key, node in _keys(nation, "")]
    return "\n".join(lines) + "\n"


def _keys(node: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for arm in _arms(node):
        for name, below in arm.get("properties", {}).items():
            yield prefix + name, below
            yield from _keys(below, f"{prefix}{name}.")
        if isinstance(arm.get("additionalProperties"), dict):
            yield from _keys(arm["additionalProperties"], f"{prefix}NAME.")


def _row(key: str, node: Mapping[str, Any]) -> str:
    default = node.get("default")
    shown = "" if default is None or default == "" else f"`{json.dumps(default, ensure_ascii=False)}`"
    unit = node.get("unit", "")
    cells = (f"`{key}`", _takes(node), unit, shown, node.get("description", ""))
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _takes(node: Mapping[str, Any]) -> str:
    """Return what a key takes, in words."""
    if "enum" in node or "const" in node:
        return ", ".join(f"`{value}`" for value in node.get("enum", [node.get("const")]))
    if node.get("unit"):
        numbers = [_takes(arm) for arm in _arms(node) if arm.get("type") in ("number", "integer")]
        return f"{numbers[0] if numbers else 'number'} or row"
    if "anyOf" in node:
        return " or ".join(dict.fromkeys(_takes(arm) for arm in node["anyOf"]))
    kind = str(node.get("type", "anything"))
    return _KINDS.get(kind, kind) + _bounds(node)


_KINDS = {
    "object": "mapping",
    "array": "list",
    "string": "text",
    "boolean": "true or false",
    "integer": "whole number",
}


def _arms(node: Any) -> Iterator[dict[str, Any]]:
    yield node
    for arm in node.get("anyOf", []):
        yield from _arms(arm)


_BOUNDS = {"minimum": "&ge; ", "exclusiveMinimum": "&gt; ", "maximum": "&le; ", "exclusiveMaximum": "&lt; "}


def _bounds(node: Mapping[str, Any]) -> str:
    parts = [f"{sign}{node[name]:g}" for name, sign in _BOUNDS.items() if name in node and node[name] < 1e15]
    return f" {', '.join(parts)}" if parts else ""
