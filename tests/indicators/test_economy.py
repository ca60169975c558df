"""Goals on the economy: projected from users in closed form, from baselines known in time, never judged."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest

from sim.clock import Horizon
from sim.errors import DataError
from sim.indicators.economy import (
    COLUMNS,
    COMMERCE,
    INFORMATION,
    Elasticity,
    Goal,
    Projection,
    baseline,
    economy_of,
    project,
    read_goals,
    users_of,
)
from sim.indicators.history import Observation
from sim.indicators.registry import REGISTRY
from sim.tables.economy import ECONOMY
from sim.tables.results import INDICATORS
from tests import world
from tests.conftest import ROOT

HORIZON = Horizon("2014-01", "2017-12")
LIBRARY = ROOT / "scenarios" / "library"
GOAL = Goal(
    "E-1", "Yunnan", "2017-12", INFORMATION, "level", ">", 700.0, "100 million yuan", "a document", "II",
    "Consumption exceeds 70 billion yuan.", "", "a page",
)  # fmt: skip
KNOWN = Observation(
    "Yunnan", "2012-12", INFORMATION, 300.0, "100 million yuan", "full year", False, "2013-10", "a page", ""
)
MONTHS = np.arange(HORIZON.months)


def projected(goal=GOAL, history=(KNOWN,), growth=2.0, **elasticity):
    users = 100.0 * growth ** (MONTHS / MONTHS[-1])
    e = Elasticity(**({"value": 1.0, "low": 0.5, "high": 1.5} | elasticity))
    table = project([goal], Projection(users, HORIZON, history, {INFORMATION: e, COMMERCE: e}))
    ECONOMY.check(table)
    return table.iloc[0]


def test_a_level_grows_with_users_by_its_elasticity():
    row = projected()
    assert (row["baseline"], row["baseline_month"], row["growth"]) == ("300", "2012-12", "2")
    assert (row["projected"], row["low"], row["high"]) == ("600", "424.264", "848.528")
    assert (row["needed_at_start"], row["outlook"]) == ("350", "open")


@pytest.mark.parametrize(("wanted", "outlook"), [(424.0, "likely"), (425.0, "open"), (849.0, "unlikely")])
def test_the_outlook_follows_the_range(wanted, outlook):
    assert projected(replace(GOAL, wanted=wanted))["outlook"] == outlook


def test_more_than_is_not_at_least():
    flat = {"growth": 1.0}
    assert projected(replace(GOAL, wanted=300.0), **flat)["outlook"] == "unlikely"
    assert projected(replace(GOAL, wanted=300.0, comparator=">="), **flat)["outlook"] == "likely"


def test_growth_needs_no_baseline_and_is_a_yearly_mean():
    goal = replace(GOAL, measure="growth", wanted=15.0, unit="%/yr")
    row = projected(goal, history=())
    assert float(row["projected"]) == pytest.approx(100 * (2 ** (12 / 47) - 1), rel=1e-5)
    assert float(row["low"]) == pytest.approx(100 * (2 ** (6 / 47) - 1), rel=1e-5)
    assert row["baseline"] == row["needed_at_start"] == ""


def test_falling_users_turn_the_ends_of_the_range():
    row = projected(growth=0.5)
    assert (row["low"], row["projected"], row["high"]) == ("106.066", "150", "212.132")


def test_without_a_figure_from_before_the_start_the_needed_one_is_told():
    row = projected(history=())
    assert (row["outlook"], row["projected"], row["needed_at_start"]) == ("no baseline", "", "350")


def test_hindsight_is_no_baseline():
    later = replace(KNOWN, as_of="2013-12", value=400.0, known_from="2014-02")
    part = replace(KNOWN, as_of="2013-06", period="part of a year", part_year=True)
    other = replace(KNOWN, place="Hunan")
    newer = replace(KNOWN, as_of="2013-06", value=350.0, known_from="2014-01")
    history = (KNOWN, later, part, other)
    assert baseline(history, "Yunnan", INFORMATION, "2014-01") == KNOWN
    assert baseline((*history, newer), "Yunnan", INFORMATION, "2014-01") == newer
    assert baseline(history, "Yunnan", COMMERCE, "2014-01") is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"due_month": "2013-12"}, "before the months of the run"),
        ({"due_month": "2018-12"}, "after the months of the run"),
        ({"quantity": "", "not_modelled": "parks are a decision"}, "parks are a decision"),
    ],
)
def test_what_the_model_cannot_speak_of_is_listed_with_the_reason(changes, words):
    row = projected(replace(GOAL, **changes))
    assert row["outlook"] == "not modelled"
    assert words in row["reason"]
    assert row["projected"] == ""


def test_a_run_without_users_projects_nothing():
    e = Elasticity(1.0, 1.0, 1.0)
    table = project([GOAL], Projection(np.zeros(48), HORIZON, (KNOWN,), {INFORMATION: e}))
    assert table["reason"].tolist() == ["the run measures no broadband users"]


def test_users_are_lines_and_mobile_users_of_all_groups_over_replications():
    rows = [
        (r, m, name, group, value)
        for r in (0, 1)
        for m in (0, 1)
        for name, group, value in (
            ("fixed_subscribers", "all", 10.0 + r),
            ("users_3g_plus_4g", "all", 100.0 * (m + 1)),
            ("users_3g_plus_4g", "urban", 7.0),
            ("homes", "all", 1e6),
        )
    ]
    r, m, name, group, value = zip(*rows, strict=True)
    table = INDICATORS.frame(
        replication=r, month=m, indicator=name, breakdown=group, value=value, unit="users"
    )
    assert users_of(table, 3).tolist() == [110.5, 210.5, 0.0]
    assert {"fixed_subscribers", "users_3g_plus_4g"} <= set(REGISTRY)


def test_every_mistake_of_a_table_is_told(tmp_path):
    good = dict(zip(COLUMNS, vars(GOAL).values(), strict=True))
    bad = [
        good,
        good,
        good | {"target_id": "E-2", "comparator": "<="},
        good | {"target_id": "E-3", "quantity": "parks"},
        good | {"target_id": "E-4", "not_modelled": "why"},
        good | {"target_id": "E-5", "measure": "sum"},
    ]
    with (tmp_path / "goals.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(bad)
    with pytest.raises(DataError) as caught:
        read_goals(tmp_path / "goals.csv")
    assert [problem.key for problem in caught.value.problems] == ["E-1", "E-2", "E-3", "E-4", "E-5"]


def test_every_shipped_row_is_projected_or_says_why_not():
    goals = read_goals(LIBRARY / "targets_economy.csv")
    assert len(goals) == 28
    assert all(goal.source and goal.document and goal.clause for goal in goals)
    assert {goal.province for goal in goals} == {"Yunnan", "Sichuan", "Shandong", "Hunan", "China"}
    wanted = {goal.target_id for goal in goals if goal.quantity}
    assert wanted == {
        "E-YN-1", "E-YN-2", "E-YN-4", "E-SC-1", "E-SC-2", "E-SD-2", "E-HN-1", "E-HN-2", "E-HN-3", "E-HN-4",
        "E-CN-1", "E-CN-2",
    }  # fmt: skip


def test_a_run_projects_what_its_province_wants():
    loaded = world.load(scenario="hunan-2020")
    # what was expected of 2014 counts as known from the second month of 2015
    options, horizon = loaded.scenario.economy, Horizon("2015-02", "2020-12")
    rows = {"month": np.arange(horizon.months), "indicator": "fixed_subscribers", "breakdown": "all"}
    users = 1e6 * 1.01 ** np.arange(horizon.months)
    indicators = INDICATORS.frame(replication=0, value=users, unit="lines", **rows)
    table = economy_of(indicators, "Hunan", horizon, options, {INFORMATION: (0.4, 0.8)})
    ECONOMY.check(table)
    row = table.set_index("target_id").loc["E-HN-3"]
    due = horizon.index("2020-12")
    assert (row["baseline"], row["baseline_month"]) == ("2572", "2014-12")
    assert float(row["high"]) == pytest.approx(2572 * 1.01 ** (0.8 * due), rel=1e-5)
    assert float(row["projected"]) == pytest.approx(
        2572 * 1.01 ** (options.information_consumption * due), rel=1e-5
    )
    # without a range of its own a quantity has none
    commerce = table.set_index("target_id").loc["E-HN-4"]
    assert (commerce["outlook"], commerce["low"]) == ("no baseline", "")
    assert economy_of(indicators, "synthetic", horizon, options, {}).empty
