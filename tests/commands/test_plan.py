"""``rollout plan`` and ``rollout frontier`` as a user calls them, on a made-up area."""

import csv
import json

import pytest
from click.testing import CliRunner

from sim.cli import rollout
from tests import world
from tests.geo.checks import SYNTHETIC

MADE_UP = (
    "--set", "province=synthetic",
    "--set", "name=made-up",
    "--set", f"geodata.synthetic={json.dumps(SYNTHETIC | {'zones': 24})}",
    "--set", "budget.scale=0.0001",
)  # fmt: skip


@pytest.fixture
def call(monkeypatch, tmp_path):
    monkeypatch.setenv("ROLLOUT_CACHE", world._KEPT.name)
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(rollout, list(words))


def test_json_is_all_that_is_said_and_nothing_is_written(call, tmp_path):
    done = call("plan", "base", *MADE_UP, "--json")
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert {"worth", "bound", "gap", "capex", "targets", "monotonicity"} <= set(facts)
    assert not list(tmp_path.iterdir())


def test_a_plan_is_summed_up_and_written(call, tmp_path):
    done = call("plan", "base", *MADE_UP, "--out", "here")
    assert done.exit_code == 0, done.output
    assert "targets met" in done.stdout
    written = {path.name for path in (tmp_path / "here").iterdir()}
    assert {"plan.json", "decisions.csv", "targets.csv", "worth.csv", "worth.png"} <= written
    decisions = list(csv.DictReader((tmp_path / "here" / "decisions.csv").read_text().splitlines()))
    facts = json.loads((tmp_path / "here" / "plan.json").read_text())
    assert sum(row["chosen"] == "True" for row in decisions) == facts["projects"]
    worth = list(csv.DictReader((tmp_path / "here" / "worth.csv").read_text().splitlines()))
    assert float(worth[-1]["worth"]) == pytest.approx(facts["worth"])
    assert float(worth[-1]["money_yuan"]) == pytest.approx(facts["capex"])


def test_a_frontier_is_traced_over_the_budgets_asked_for(call, tmp_path):
    done = call("frontier", "base", *MADE_UP, "--budgets", "0.0002,0.0001", "--out", "here", "--json")
    assert done.exit_code == 0, done.output
    assert [point["budget_scale"] for point in json.loads(done.stdout)["points"]] == [0.0001, 0.0002]
    assert (tmp_path / "here" / "frontier.png").exists()


@pytest.mark.parametrize("text", ["a", "1,,2", "-1", "inf", "nan"])
def test_budgets_that_are_no_numbers_are_refused(call, text):
    done = call("frontier", "base", "--budgets", text)
    assert done.exit_code == 2
