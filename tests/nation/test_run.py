from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.backtest.history import read_rows
from sim.backtest.judged import backtest
from sim.errors import DataError, ScenarioError
from sim.files import read_csv_rows, shipped, write_csv
from sim.fitting.scores import coverage, interval_scores
from sim.indicators.history import COLUMNS
from sim.indicators.registry import REGISTRY
from sim.nation.run import save_nation, simulate_nation
from sim.scenario.load import load_scenario
from sim.scenario.nation import load_nation
from sim.store import open_run

FILE = shipped("scenarios") / "china-2020.yaml"
HISTORY = shipped("scenarios") / "library" / "history.csv"
FEW = ("nation.draws", "8")


@pytest.fixture(scope="module")
def loaded():
    return load_nation(FILE)


@pytest.fixture(scope="module")
def run(loaded):
    return simulate_nation(loaded)


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("nation") / "china"
    save_nation(run, path)
    return path


def errors_of(run, indicator, part="forecast"):
    return next(row for row in run.errors if (row["indicator"], row["part"]) == (indicator, part))


def value(run, indicator, month, place="all"):
    table = run.indicators
    at = run.horizon.index(month)
    rows = table[(table["indicator"] == indicator) & (table["breakdown"] == place) & (table["month"] == at)]
    return float(rows["value"].iloc[0])


NAIVE = ("last year's growth", "last year's step", "logistic, fixed ceiling")


@pytest.mark.parametrize(
    ("indicator", "most", "points"),
    [
        ("users_lte", 10.0, 7),
        ("fixed_broadband_household_penetration", 8.0, 7),
        ("ftth_share_of_fixed_subscribers", 5.0, 8),
    ],
)
def test_the_forecast_is_near_and_better_than_naive_ones(run, indicator, most, points):
    row = errors_of(run, indicator)
    assert row["points"] == points
    assert row["model"] <= most
    for name in NAIVE:
        assert row["model"] < row[name], name


def test_provinces_are_held_by_their_intervals_and_beat_naive_ones(folder):
    found = backtest(open_run(folder), read_rows(HISTORY))
    points = [point for point in found.points if point.row.place != "China"]
    assert len(points) >= 55
    seen = np.array([point.row.value for point in points])
    low, high = np.array([(point.p10, point.p90) for point in points]).T
    assert 0.70 <= coverage(low, high, seen) <= 0.92
    beside = [point for point in points if point.row.line in found.naive]
    assert len(beside) >= 15
    ours = naive = 0.0
    for point in beside:
        one, size = found.naive[point.row.line], point.row.value
        ours += float(interval_scores(point.p10, point.p90, size)) / size
        naive += float(interval_scores(one.p10, one.p90, size)) / size
    assert ours < naive


def test_what_the_form_was_chosen_by_was_known_then(run):
    """Of the forms under the chosen ceiling the withheld end of the fit favours the chosen one."""
    for quantity, among in (
        ("users_lte", ("cards in use",)),
        ("ftth_share_of_fixed_subscribers", ("conversion", "of the share")),
    ):
        rows = [r for r in run.forms if r["quantity"] == quantity and any(w in r["form"] for w in among)]
        chosen = next(row for row in rows if row["chosen"])
        assert chosen["withheld"] == min(row["withheld"] for row in rows)


def changed_history(path, change):
    """Write the shipped observations with every later row changed."""
    rows = [row for _, row in read_csv_rows(HISTORY, COLUMNS)]
    write_csv(path, COLUMNS, [[change(row).get(name, "") for name in COLUMNS] for row in rows])


def test_nothing_observed_after_the_fit_is_read_by_it(loaded, tmp_path):
    def later(row):
        return row | {"value": str(float(row["value"]) * 3.7)} if row["as_of"] > "2016-12" else row

    def of_a_province(row):
        return row | {"value": str(float(row["value"]) * 0.3)} if row["place"] != "China" else row

    changed_history(tmp_path / "later.csv", lambda row: of_a_province(later(row)))
    mine = [simulate_nation(load_nation(FILE, [FEW]))]
    other = [("nation.history", str(tmp_path / "later.csv"))]
    mine.append(simulate_nation(load_nation(FILE, [FEW, *other])))
    for name in ("indicators", "draws", "scorecard"):
        pd.testing.assert_frame_equal(getattr(mine[0], name), getattr(mine[1], name))
    assert [one["parameters"] for one in mine[0].facts()["fits"]] == [
        one["parameters"] for one in mine[1].facts()["fits"]
    ]
    assert errors_of(mine[0], "users_lte")["model"] != errors_of(mine[1], "users_lte")["model"]


def test_what_is_fitted_matters(tmp_path):
    def earlier(row):
        known = row["indicator"] == "mobile_4g_subscribers" and row["as_of"] == "2016-12"
        return row | {"value": "60000"} if known else row

    changed_history(tmp_path / "other.csv", earlier)
    run = simulate_nation(load_nation(FILE, [FEW, ("nation.history", str(tmp_path / "other.csv"))]))
    assert value(run, "users_lte", "2016-12") < 7e8


def test_the_same_scenario_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        save_nation(simulate_nation(load_nation(FILE, [FEW])), tmp_path / name)
    manifests = [json.loads((tmp_path / name / "manifest.json").read_text()) for name in ("a", "b")]
    assert manifests[0]["outputs"] == manifests[1]["outputs"]
    assert {"indicators.parquet", "draws.parquet", "scorecard.csv", "run.json"} <= set(
        manifests[0]["outputs"]
    )


def test_the_folder_is_that_of_any_run(folder):
    saved = open_run(folder)
    assert saved.facts["province"] == "China"
    assert saved.facts["fitted_until"] == "2016-12"
    assert saved.horizon.months == 96
    assert not saved.damaged()
    assert list(saved.draws.columns) == list(saved.indicators.columns)
    assert {fit["quantity"] for fit in saved.facts["fits"]} >= {"users_lte", "measured_mbps"}
    for fit in saved.facts["fits"]:
        assert all(point["month"] <= "2016-12" for point in fit["points"])


def test_indicators_have_the_names_and_units_of_every_run(run):
    units = run.indicators.drop_duplicates("indicator").set_index("indicator")["unit"]
    for name, unit in units.items():
        assert name in REGISTRY, name
        assert REGISTRY[name].unit == unit, name


def test_provinces_sum_to_the_nation(run):
    provinces = [row["province"] for _, row in read_csv_rows(HISTORY.parent / "provinces.csv", ("province",))]
    assert len(provinces) == 31
    for name in ("residents", "homes", "users_lte", "fixed_subscribers", "mobile_subscribers"):
        for month in ("2013-06", "2016-12", "2020-12"):
            total = sum(value(run, name, month, place) for place in provinces)
            assert total == pytest.approx(value(run, name, month), rel=1e-5), name


def test_regions_follow_the_statistics_of_their_time(run):
    lines = "fixed_subscribers"
    for month, names in (
        ("2018-12", ("East", "Central", "West")),
        ("2019-01", ("East", "Central", "West", "Northeast")),
    ):
        total = sum(value(run, lines, month, f"{name} China") for name in names)
        assert total == pytest.approx(value(run, lines, month), rel=1e-5)
    at = run.horizon.index("2018-12")
    table = run.indicators
    before = table[(table["breakdown"] == "Northeast China") & (table["month"] <= at)]
    assert before.empty


def test_the_break_of_the_count_is_not_smoothed_over(run):
    jump = value(run, "fixed_subscribers", "2016-02") / value(run, "fixed_subscribers", "2016-01")
    after = value(run, "fixed_subscribers", "2016-03") / value(run, "fixed_subscribers", "2016-02")
    assert jump > 1.15
    assert 1.0 < after < 1.03


def test_the_state_council_is_judged_in_the_nation(run):
    card = run.scorecard.set_index("target_id")
    assert set(card.loc[["IP-01", "IP-02", "IP-03", "IP-04", "IP-06"], "verdict"]) == {"trend"}
    assert card.loc["CN-13FYP-01", "verdict"] == "met"
    assert "this province" not in " ".join(card["reason"])
    assert (card["reason"].str.len() > 0).all()


def test_ceilings_are_of_the_time(loaded):
    for row in loaded.parameters_used:
        assert not row.known_from or row.known_from <= "2016-12", row.name
        assert not row.name.startswith(("bass_", "logistic_"))


def test_a_row_known_later_is_refused():
    with pytest.raises(ScenarioError, match="was known only from"):
        load_nation(FILE, [("nation.ceilings.lines_per_100_homes", "logistic_fixed_penetration_ceiling")])


@pytest.mark.parametrize(
    ("key", "text", "match"),
    [
        ("nation.fitted_until", "end of 2016", "is not a month"),
        ("nation.curves.users_lte", "cubic", "is not allowed"),
        ("nation.ceilings.cards_low", "2.0e9", "must lie between"),
        ("nation.drawz", "3", "did you mean 'draws'"),
        ("nation.draws", "1", "at least 2"),
    ],
)
def test_mistakes_are_told_with_their_place(key, text, match):
    with pytest.raises(ScenarioError, match=match) as caught:
        load_nation(FILE, [(key, text)])
    assert any(problem.key for problem in caught.value.problems)


def test_a_file_with_mistakes_names_the_line(tmp_path):
    path = tmp_path / "my.yaml"
    path.write_text(FILE.read_text(encoding="utf-8").replace("users_lte: gompertz", "users_lte: square"))
    with pytest.raises(ScenarioError) as caught:
        load_nation(path)
    line = (
        path.read_text().splitlines().index(next(x for x in path.read_text().splitlines() if "square" in x))
        + 1
    )
    assert [problem.line for problem in caught.value.problems] == [line]


def test_commands_of_a_province_say_that_they_want_one():
    with pytest.raises(ScenarioError, match="this scenario is of the nation"):
        load_scenario(FILE)
    with pytest.raises(ScenarioError, match="this one is of a province"):
        load_nation(shipped("scenarios") / "yunnan-2017.yaml")


def test_too_few_observations_are_told(tmp_path):
    def without(row):
        early = row["indicator"] == "mobile_4g_subscribers" and row["as_of"] < "2016-12"
        return row | {"indicator": "another"} if early else row

    changed_history(tmp_path / "few.csv", without)
    with pytest.raises(DataError, match="users_lte: cannot be fitted: 1 point"):
        simulate_nation(load_nation(FILE, [FEW, ("nation.history", str(tmp_path / "few.csv"))]))


def test_bass_and_logistic_are_neighbours_of_the_choice(tmp_path: Path):
    for curve in ("bass", "logistic"):
        run = simulate_nation(load_nation(FILE, [FEW, ("nation.curves.users_lte", curve)]))
        assert errors_of(run, "users_lte")["model"] <= 10.0
