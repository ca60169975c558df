"""Points, reasons, errors and intervals of a back-test, worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from sim.backtest.breaks import Break
from sim.backtest.history import read_rows
from sim.backtest.judged import Errors, backtest
from sim.backtest.points import bound_of
from sim.clock import month_number
from sim.files import shipped
from tests.backtest.tables import saved, seen, write_history
from tests.tiny import MONTHS

LINES, PENETRATION = "fixed_subscribers", "fixed_broadband_household_penetration"
RAMP = np.arange(MONTHS, dtype=float)
SERIES = {
    (LINES, "all", "lines"): 10_000 * (1 + RAMP),
    (LINES, "rural", "lines"): 4_000 * (1 + RAMP),
    (PENETRATION, "all", "lines/100 homes"): 30 + RAMP,
    ("ftth_share_of_fixed_subscribers", "all", "share"): RAMP / 100,
    ("measured_mbps", "all", "Mbit/s"): 2 + RAMP,
    ("users_lte", "all", "users"): 1000 * RAMP,
    ("mobile_subscribers", "all", "users"): np.full(MONTHS, 50_000.0),
    ("users_3g_plus_4g", "all", "users"): np.full(MONTHS, 20_000.0),
    ("mobile_traffic_gb_per_user", "all", "GB/user/month"): np.full(MONTHS, 0.5),
    ("subscribed_share_ge_20Mbps", "all", "share"): np.full(MONTHS, 0.25),
    ("villages", "all", "villages"): np.full(MONTHS, 200.0),
    ("admin_villages_with_broadband_share", "all", "share"): RAMP / 100,
    ("admin_villages_with_any_broadband_share", "all", "share"): np.full(MONTHS, 0.9),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("run"), SERIES)


def _held(run, folder, *rows):
    return backtest(run, read_rows(write_history(folder, *rows)))


@pytest.mark.parametrize(
    ("row", "simulated"),
    [
        (seen("fixed_broadband_subscribers", 5.5, "10k subs", "2014-06"), 6.0),
        (seen(LINES, 0.0006, "100M subs", "2014-06"), 0.0006),
        (seen("fixed_broadband_household_penetration", 40, "%", "2014-12"), 41.0),
        (seen("share_ftth_o_of_fixed_broadband", 20, "%", "2015-09"), 20.0),
        (seen("fixed_avg_available_download_rate", 4, "Mbps", "2014Q2"), 2 + 4.0),
        (seen("fixed_avg_available_download_rate", 4, "Mbps", "2014-06"), 2 + 5.0),
        (seen("fixed_avg_available_download_rate", 4, "Gbps", "year", "Yunnan"), (2 + 17.5) / 1000),
        (seen("share_4g_of_mobile", 20, "%", "2014-11"), 100 * 10_000 / 50_000),
        (seen("rural_share_of_fixed_broadband", 40, "%", "2015-02"), 40.0),
        (seen("mobile_dou", 400, "MB/user/month", "H1 2015"), 500.0),
        (seen("mobile_data_traffic", 0.001, "100M GB", "2015"), 12 * 0.5 * 20_000 / 1e8),
        (seen("fixed_broadband_ge_20Mbps_subscribers", 1, "10k subs", "2014-04"), 1.0),
        (seen("share_fixed_broadband_ge_20Mbps", 20, "%", "2014-04"), 25.0),
        (seen("admin_villages_newly_with_broadband", 20, "villages", "2015"), 200 * 0.12),
        (seen("admin_villages_without_broadband", 20, "villages", "2015-04"), 20.0),
    ],
)
def test_what_the_run_has_in_place_of_a_number(run, tmp_path, row, simulated):
    found = _held(run, tmp_path, row)
    (point,) = found.facts()["points"]
    assert point["simulated"] == pytest.approx(simulated)
    assert point["observed"] == float(row[3])
    assert point["error"] == pytest.approx(simulated - float(row[3]))
    assert (point["unit"], point["indicator"], point["province"]) == (row[4], row[2], "Yunnan")
    assert not point["fitted"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (seen(LINES, 1, "10k subs", "2014-06", "Hunan"), "it speaks of Hunan; the run is of Yunnan"),
        (seen(LINES, 1, "10k subs", "2014-06", "Yunnan/Lijiang"), "does not tell Lijiang apart"),
        (seen(LINES, 1, "10k subs", "2013-12"), "2013-12 lies outside the run's months, 2014-01 to 2015-12"),
        (seen(LINES, 1, "10k subs", "2016-01"), "outside the run's months"),
        (seen(LINES, 1, "Mbps", "2014-06"), "its unit, Mbps, is no lines"),
        (seen("share_4g_of_mobile", 1, "10k", "2014-06"), "its unit, 10k, is no share"),
        (seen("mobile_5g_subscribers", 1, "10k", "2014-06"), "the run does not measure users_5g"),
        (seen("video_minutes", 1, "10k", "2014-06"), "no indicator measures it"),
        (seen("ftth_subscribers_china_telecom", 1, "10k", "2014-06"), "one operator only"),
        (seen(LINES, 1, "10k subs", "2014-06", note="one operator"), "one operator only"),
        (seen("base_stations_4g", 1, "10k sites", "2014-06"), "definition differs"),
        (seen("villages_with_broadband_internet_share", 1, "%", "2014-12"), "definition differs"),
        (seen("population", 1, "10k persons", "2014-12"), "an input of the geography"),
        (seen("universal_service_villages_supported", 1, "villages", "2015"), "total of programmes"),
        (seen(LINES, 1, "10k subs", "batch 1"), "total of a programme without a month"),
        (seen(LINES, 1, "10k subs", "long ago"), "no date can be read from 'long ago'"),
        (seen("mobile_data_traffic", 1, "100M GB", "2012-2014"), "months before the run's first"),
        (seen("admin_villages_newly_with_broadband", 1, "villages", "2014"), "month before its first"),
    ],
)
def test_why_the_run_cannot_speak_to_a_number(run, tmp_path, row, reason):
    found = _held(run, tmp_path, row).facts()
    assert found["points"] == []
    (skipped,) = found["skipped"]
    assert reason in skipped["reason"]
    assert skipped["line"] == 2
    assert (found["mape"], found["coverage_80"]) == (None, None)


def test_every_row_becomes_a_point_or_is_skipped_once(run):
    rows = read_rows(shipped("scenarios") / "library" / "history.csv")
    found = backtest(run, rows)
    lines = [point.row.line for point in found.points] + [one.row.line for one in found.skipped]
    assert sorted(lines) == [row.line for row in rows]
    assert all(one.reason for one in found.skipped)


def test_errors_by_hand(run, tmp_path):
    found = _held(
        run, tmp_path,
        seen(LINES, 5, "10k subs", "2014-06"),  # 6: one too many, a fifth
        seen(LINES, 8, "10k subs", "2014-07"),  # 7: one too few, an eighth
        seen(PENETRATION, 41, "%", "2014-12"),  # 41: right
    )  # fmt: skip
    facts = found.facts()
    assert facts["mape"] == pytest.approx((0.2 + 0.125 + 0) / 3)
    lines, homes = (next(r for r in facts["indicators"] if r["indicator"] == n) for n in (LINES, PENETRATION))
    assert (lines["points"], lines["bias"], lines["mae"]) == (2, 0.0, 1.0)
    assert lines["mape"] == pytest.approx(0.1625)
    assert (homes["mape"], homes["coverage_80"], homes["winkler"]) == (0.0, None, None)
    # one replication and no draws: the edges are the value itself, and no coverage is claimed
    edges = [(p["interval"], p["p10"], p["p90"]) for p in facts["points"]]
    assert edges == [(False, p["simulated"], p["simulated"]) for p in facts["points"]]
    assert facts["coverage_80"] is None


def test_intervals_come_from_draws(tmp_path):
    drawn = {(LINES, "all", "lines"): [np.full(MONTHS, 1000.0 * n) for n in range(1, 12)]}
    run = saved(tmp_path, {(LINES, "all", "lines"): np.full(MONTHS, 6000.0)}, drawn)
    facts = _held(
        run, tmp_path,
        seen(LINES, 0.2, "10k subs", "2014-06"),  # at the edge
        seen(LINES, 0.5, "10k subs", "2014-07"),
        seen(LINES, 1.2, "10k subs", "2014-08"),  # 0.2 beyond
        seen(LINES, 0.1, "10k subs", "2014-09"),  # 0.1 beyond
    ).facts()  # fmt: skip
    assert [(p["p10"], p["simulated"], p["p90"]) for p in facts["points"]] == [(0.2, 0.6, 1.0)] * 4
    assert facts["coverage_80"] == 0.5
    scores = [0.8 / 0.2, 0.8 / 0.5, (0.8 + 10 * 0.2) / 1.2, (0.8 + 10 * 0.1) / 0.1]
    assert facts["winkler"] == pytest.approx(np.mean(scores))


def test_replications_give_the_interval_where_nothing_was_drawn(tmp_path):
    run = saved(tmp_path, {(LINES, "all", "lines"): [np.full(MONTHS, n * 1e4) for n in range(11)]})
    (point,) = _held(run, tmp_path, seen(LINES, 5, "10k subs", "2014-06")).facts()["points"]
    assert (point["p10"], point["simulated"], point["p90"]) == (1.0, 5.0, 9.0)


def test_draws_of_a_part_move_a_quotient(tmp_path):
    series = {
        ("users_lte", "all", "users"): np.full(MONTHS, 20.0),
        ("mobile_subscribers", "all", "users"): np.full(MONTHS, 100.0),
    }
    drawn = {("users_lte", "all", "users"): [np.full(MONTHS, 10.0 + n) for n in range(11)]}
    run = saved(tmp_path, series, drawn)
    (point,) = _held(run, tmp_path, seen("share_4g_of_mobile", 15, "%", "2014-06")).facts()["points"]
    assert (point["p10"], point["simulated"], point["p90"]) == pytest.approx((11.0, 20.0, 19.0))


def test_what_was_fitted_is_no_forecast(run, tmp_path):
    run.facts["fitted_until"] = "2014-06"
    try:
        found = _held(
            run, tmp_path, seen(LINES, 1, "10k subs", "2014-06"), seen(LINES, 16, "10k subs", "2014-08")
        )
    finally:
        del run.facts["fitted_until"]
    facts = found.facts()
    assert [point["fitted"] for point in facts["points"]] == [True, False]
    assert facts["mape"] == pytest.approx(0.5)
    assert [(row["fitted"], row["points"]) for row in facts["indicators"]] == [(False, 1), (True, 1)]


def test_errors_are_never_joined_across_a_break(run, tmp_path):
    cut = Break(LINES, "*", month_number("2014-07"), "some", "all", "half", "somebody")
    rows = read_rows(
        write_history(
            tmp_path, seen(LINES, 3, "10k subs", "2014-06"), seen(LINES, 7, "10k subs", "2014-07")
        )
    )  # fmt: skip
    found = backtest(run, rows, (cut,))
    assert [(p["date"], p["definition"]) for p in found.facts()["points"]] == [
        ("2014-06", "some"), ("2014-07", "all"),
    ]  # fmt: skip
    errors = {row["definition"]: row["mape"] for row in found.rows}
    assert errors == {"some": pytest.approx(1.0), "all": pytest.approx(0.0)}
    (series,) = found.series()
    assert series.definitions == ["some", "all"]
    assert series.breaks == (cut,)


def test_a_sample_of_counties_is_held_against_shares_alone(run, tmp_path):
    geodata = {"geodata": {"counties": ["530101"]}}
    run.facts["scenario"] = run.facts["scenario"] | geodata
    try:
        found = _held(
            run, tmp_path, seen(LINES, 5, "10k subs", "2014-06"), seen(PENETRATION, 40, "%", "2014-06")
        ).facts()
    finally:
        run.facts["scenario"].pop("geodata")
    assert [point["indicator"] for point in found["points"]] == [PENETRATION]
    assert "some of its counties" in found["skipped"][0]["reason"]


def test_a_national_run_speaks_for_its_provinces(tmp_path):
    series = {
        (PENETRATION, "all", "lines/100 homes"): 30 + RAMP,
        (PENETRATION, "Hunan", "lines/100 homes"): 20 + RAMP,
    }
    run = saved(tmp_path, series, province="China")
    found = _held(
        run, tmp_path,
        seen(PENETRATION, 30, "%", "2014-01", "China"),
        seen(PENETRATION, 20, "%", "2014-01", "Hunan"),
        seen(PENETRATION, 20, "%", "2014-01", "Atlantis"),
    ).facts()  # fmt: skip
    assert [(p["province"], p["breakdown"], p["error"]) for p in found["points"]] == [
        ("China", "all", 0.0), ("Hunan", "Hunan", 0.0),
    ]  # fmt: skip
    assert "Atlantis" in found["skipped"][0]["reason"]


def test_notes_tell_bounds():
    assert bound_of('"over 98%"') == "lower"
    assert bound_of(">98% fibre") == "lower"
    assert bound_of('"nearly 98 million"') == "upper"
    assert bound_of('one of 11 provinces ">90%" - lower bound') == "lower"
    assert bound_of("derived: 85.4 minus 3.4") == ""
    assert bound_of("all provinces >3; >4: 9 provinces") == ""
    assert bound_of("population covered over 98%") == ""


def test_errors_of_nothing_are_nothing():
    facts = Errors.of([], {}).facts()
    assert facts["points"] == 0
    assert {value for name, value in facts.items() if "points" not in name and name != "intervals"} == {None}


def test_known_before_the_first_month_is_an_input(run, tmp_path):
    rows = read_rows(write_history(tmp_path, seen(LINES, 1, "10k subs", "2014-02")))
    early = (replace(rows[0], known_from=month_number("2014-01")),)
    assert [point.fitted for point in backtest(run, early).points] == [True]
