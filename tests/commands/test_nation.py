from __future__ import annotations

import json

from click.testing import CliRunner

from sim.cli import rollout
from sim.errors import ScenarioError, StoreError


def call(*words):
    return CliRunner().invoke(rollout, list(words))


def test_the_nation_is_validated_run_and_scored(tmp_path):
    checked = call("validate", "china-2020", "--json")
    assert json.loads(checked.stdout) == {"ok": True, "notices": []}
    assert "fitted to observations until 2016-12" in call("validate", "china-2020").output
    folder = tmp_path / "china"
    result = call("run", "china-2020", "--set", "nation.draws=5", "--out", str(folder))
    assert result.exit_code == 0, result.output
    assert "forecast (7 points)" in result.output
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Neighbouring forms" in page
    assert "<script" not in page
    scored = call("score", str(folder), "--json")
    assert scored.exit_code == 0, scored.output
    rows = {row["target_id"]: row for row in json.loads(scored.stdout)["targets"]}
    card = json.loads((folder / "scorecard.json").read_text())
    assert {row["target_id"]: row["verdict"] for row in card} == {
        name: row["verdict"] for name, row in rows.items()
    }
    assert isinstance(call("report", str(folder)).exception, StoreError)
    late = call("why", str(folder)).exception
    assert isinstance(late, StoreError)
    assert "builds nothing" in str(late)


def test_mistakes_of_the_nation_are_told_as_others():
    wrong = call("validate", "china-2020", "--set", "nation.draws=none", "--json")
    assert wrong.exit_code == 2
    problem = json.loads(wrong.stdout)["problems"][0]
    assert problem["key"] == "nation.draws"
    assert isinstance(call("plan", "china-2020").exception, ScenarioError)
