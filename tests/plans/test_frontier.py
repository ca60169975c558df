"""The frontier of a made-up area: more money never reaches less, and what no other plan beats."""

import csv

import pytest

from sim.plans import frontier as module
from sim.plans.frontier import doubling, efficient, trace_frontier
from sim.report.frontier import frontier_summary, targets_table, write_frontier, write_points
from tests import world
from tests.plans.worlds import opened

SMALL = {"zones": 24}
AMOUNTS = (0.0, 0.0003, 0.0006, 0.0012)


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    folder = tmp_path_factory.mktemp("frontier")
    loaded = world.load(**SMALL)
    seen = []

    def keep(part):
        write_points(part, folder)
        seen.append(len(list(csv.DictReader((folder / "frontier.csv").read_text().splitlines()))))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "open_scenario", lambda loaded, on_progress: opened(**SMALL))
        return trace_frontier(loaded, AMOUNTS, on_point=keep), seen, folder


def test_results_are_kept_as_they_come(traced):
    assert traced[1] == [1, 2, 3, 4]


def test_more_money_reaches_no_less(traced):
    points = traced[0].points
    for name in ("money_yuan", "targets_met", "worth"):
        column = [getattr(point, name) for point in points]
        assert column == sorted(column)
    assert all(point.worth <= point.bound for point in points)
    assert points[0].capex_yuan == 0
    assert traced[0].monotonicity.holds


def test_targets_met_are_counted_and_named(traced):
    frontier = traced[0]
    for place, point in enumerate(frontier.points):
        named = [name for name, scales in frontier.targets.items() if AMOUNTS[place] in scales]
        assert len(named) == point.targets_met
    table = targets_table(frontier)
    assert table.loc[table["met_from"] == 0.0, "at_0"].all()


def test_table_and_figure_are_written(traced):
    frontier, _, folder = traced
    write_frontier(frontier, folder)
    assert {"frontier.csv", "frontier.png", "frontier.json", "targets.csv"} <= {
        p.name for p in folder.iterdir()
    }
    rows = list(csv.DictReader((folder / "frontier.csv").read_text().splitlines()))
    met = [int(row["targets_met"]) for row in rows]
    assert met == sorted(met)
    frontier_summary(frontier, folder)


def test_efficient_points_are_those_no_other_beats():
    assert efficient([1, 2, 3], [5, 5, 6]) == [True, False, True]
    assert efficient([1, 1], [4, 4]) == [True, False]
    assert efficient([1, 2], [4, 4], [7, 8]) == [True, True]


def test_amounts_double_from_a_quarter():
    assert doubling(1.0, 4) == (0.25, 0.5, 1.0, 2.0)
    assert doubling(0.0, 2) == (0.25, 0.5)


def test_a_frontier_needs_money_to_be_traced():
    with pytest.raises(ValueError, match="at least one"):
        trace_frontier(world.load(**SMALL), ())
