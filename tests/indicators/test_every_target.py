"""Every row of the five documents ends in a verdict, but for a short list of what none can give."""

import json
import re
from pathlib import Path

import pytest
import yaml

from sim.clock import month_number
from sim.indicators.registry import REGISTRY
from sim.indicators.targets import NATION, THRESHOLDS, TRENDS, read_targets
from sim.nation.run import simulate_nation
from sim.scenario.nation import load_nation
from tests import world

LIBRARY = Path(__file__).resolve().parents[2] / "scenarios" / "library"
DOCUMENTS = {"YN": 21, "SC": 17, "SD": 16, "HN": 24, "IP": 7}
NOT_JUDGED = {
    "YN-16": "levels",
    "YN-20": "instrument",
    "YN-21": "instrument",
    "SC-15": "instrument",
    "SC-17": "licensed",
    "HN-21": "broadcast",
    "HN-23": "instrument",
    "IP-05": "instrument",
}
"""The only rows without a verdict, each with a word of its reason."""


@pytest.fixture(scope="module")
def rows():
    wanted = {f"{name}-{number:02d}" for name, count in DOCUMENTS.items() for number in range(1, count + 1)}
    found = {t.target_id: t for t in read_targets(LIBRARY / "targets.csv") if t.target_id in wanted}
    assert len(wanted) == 85
    assert set(found) == wanted
    return found


def test_a_row_has_a_rule_or_stands_on_the_short_list(rows):
    assert len(NOT_JUDGED) <= 12
    assert {name for name, row in rows.items() if row.not_judged} == set(NOT_JUDGED)
    for name, word in NOT_JUDGED.items():
        assert word in rows[name].not_judged, name
        assert not rows[name].indicator, name
    for name, row in rows.items():
        if name not in NOT_JUDGED:
            assert row.indicator in REGISTRY, name
            assert row.comparator in (*THRESHOLDS, *TRENDS, "report"), name


def test_the_short_list_is_explained_to_readers():
    page = (LIBRARY.parents[1] / "docs" / "concepts" / "scorecard.md").read_text(encoding="utf-8")
    told = page.split("**Not judged**")[1].split("**Villages with 4G**")[0]
    assert set(re.findall(r"[A-Z]{2}-[0-9]{2}", told)) == set(NOT_JUDGED)


def test_a_row_with_a_number_ends_in_met_at_risk_or_missed(rows):
    for name, row in rows.items():
        if row.kind == "quantified":
            assert not row.not_judged, name
            assert row.comparator in THRESHOLDS, name
            assert row.wanted is not None, name


def test_rows_are_judged_wherever_they_are_run(rows):
    assert not [name for name, row in rows.items() if row.scope]


def test_each_falls_due_in_a_scenario_that_is_shipped(rows):
    """A row of the nation is judged in a run of any province, or of the nation, that reaches its month."""
    spans = []
    for path in LIBRARY.parent.glob("*-20*.yaml"):
        text = yaml.safe_load(path.read_text(encoding="utf-8"))
        first, last = (month_number(str(text["horizon"][end])) for end in ("first", "last"))
        spans.append((str(text.get("province", NATION)), first, last))
    for name, row in rows.items():
        due = month_number(row.due_month)
        where = [p for p, first, last in spans if first <= due <= last and row.province in (p, NATION)]
        assert where, name


def test_the_rows_of_the_state_council_are_judged_in_a_run_of_the_nation():
    loaded = load_nation(LIBRARY.parent / "china-2020.yaml", (("nation.draws", "2"),))
    card = simulate_nation(loaded).scorecard.set_index("target_id")["verdict"]
    judged = {name: card[f"IP-0{name}"] for name in range(1, 8)}
    assert {name for name, outcome in judged.items() if outcome == "not judged"} == {5}


def test_the_rows_of_a_province_are_judged_in_its_run(rows):
    """Two counties, without money: whatever is measured there, every row but those of the list is judged."""
    counties = ("geodata.counties", json.dumps(["530124", "530129"]))
    run = world.simulate(world.load(("budget.scale", "0"), counties, scenario="yunnan-2017"))
    for row in run.scorecard.to_dict("records"):
        name, verdict = row["target_id"], row["verdict"]
        if name.startswith("YN-"):
            assert (verdict == "not judged") == (name in NOT_JUDGED), name
            if rows[name].kind == "quantified":
                assert verdict in ("met", "at risk", "missed"), name


def test_only_reports_have_no_direction(rows):
    assert {name for name, row in rows.items() if row.comparator == "report"} == {"YN-17", "SD-06"}


def test_what_a_home_can_have_and_what_it_pays_for_are_two_rules(rows):
    for name in ("HN-04", "HN-06", "HN-12", "HN-13", "SD-02", "SD-04"):
        assert rows[name].indicator.startswith("access_capability_share_ge_"), name
    for name in ("YN-02", "YN-03"):
        assert rows[name].indicator == "mean_access_bandwidth_households", name
