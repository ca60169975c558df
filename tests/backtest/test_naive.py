"""Naive forecasts by hand."""

import numpy as np
import pytest

from sim.backtest.history import read_rows
from sim.backtest.judged import backtest
from tests.backtest.tables import saved, seen, write_history
from tests.tiny import MONTHS

SHARE = "ftth_share_of_fixed_subscribers"
LINES = "fixed_subscribers"
EDGE = 1.2815515655446004


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    flat = np.full(MONTHS, 0.5)
    series = {(SHARE, "all", "share"): flat, (LINES, "all", "lines"): flat}
    drawn = {pair: [flat * 0.9, flat * 1.1] for pair in series}
    return saved(tmp_path_factory.mktemp("run"), series, drawn)


def _points(run, folder, *rows):
    return backtest(run, read_rows(write_history(folder, *rows))).facts()["points"]


def test_growth_goes_on(run, tmp_path):
    known = [
        seen(SHARE, 20, "%", "2011-12"),
        seen(SHARE, 30, "%", "2012-12"),
        seen(SHARE, 36, "%", "2013-12"),
    ]
    (point,) = _points(run, tmp_path, *known, seen(SHARE, 50, "%", "2014-12"))
    assert point["naive"] == pytest.approx(36 * 1.2)
    spread = abs(np.log(1.2) - np.log(1.5))
    assert point["naive_p90"] == pytest.approx(36 * 1.2 * np.exp(EDGE * spread))
    assert point["naive_p10"] == pytest.approx(36 * 1.2 * np.exp(-EDGE * spread))


def test_a_single_number_stays(run, tmp_path):
    (point,) = _points(run, tmp_path, seen(SHARE, 36, "%", "2013-12"), seen(SHARE, 50, "%", "2014-12"))
    assert (point["naive"], point["naive_p10"], point["naive_p90"]) == (36.0, 36.0, 36.0)


def test_a_single_number_grows_as_the_nation_does(run, tmp_path):
    known = [
        seen(SHARE, 20, "%", "2012-12", "China"), seen(SHARE, 30, "%", "2013-12", "China"),
        seen(SHARE, 36, "%", "2013-12"),
    ]  # fmt: skip
    (point,) = _points(run, tmp_path, *known, seen(SHARE, 50, "%", "2014-12"))
    assert point["naive"] == pytest.approx(36 * 1.5)
    assert point["naive_p90"] == pytest.approx(36 * 1.5 * np.exp(EDGE * np.log(1.5)))


def test_two_numbers_are_as_uncertain_as_their_growth(run, tmp_path):
    known = [seen(SHARE, 30, "%", "2012-12"), seen(SHARE, 36, "%", "2013-12")]
    (point,) = _points(run, tmp_path, *known, seen(SHARE, 50, "%", "2015-12"))
    assert point["naive"] == pytest.approx(36 * 1.2**2)
    assert point["naive_p90"] / point["naive"] == pytest.approx(np.exp(EDGE * np.log(1.2) * np.sqrt(2)))


def test_a_province_without_numbers_has_the_shares_of_the_nation_but_no_totals(run, tmp_path):
    points = _points(
        run, tmp_path,
        seen(SHARE, 40, "%", "2013-12", "China"), seen(LINES, 19, "10k subs", "2013-12", "China"),
        seen(SHARE, 50, "%", "2014-12"), seen(LINES, 1, "10k subs", "2014-12"),
    )  # fmt: skip
    assert [point["naive"] for point in points] == [40.0, None]


def test_nothing_of_later_months_and_of_another_definition_is_used(run, tmp_path):
    fibre = "share_ftth_o_of_fixed_broadband"
    (_, point) = _points(
        run, tmp_path, seen(fibre, 60, "%", "2014-06"), seen(fibre, 70, "%", "2014-12")
    )  # fmt: skip
    assert point["naive"] is None
    run.facts["fitted_until"] = "2014-12"
    try:
        rows = (seen("fixed_broadband_subscribers", 1, "10k subs", "2014-12"),)
        found = backtest(run, read_rows(write_history(tmp_path, *rows)))
    finally:
        del run.facts["fitted_until"]
    assert found.naive == {}


def test_scores_are_compared_on_the_same_points(run, tmp_path):
    found = backtest(
        run,
        read_rows(
            write_history(
                tmp_path, seen(SHARE, 50, "%", "2013-12"), seen(SHARE, 50, "%", "2014-12"),
                seen(LINES, 1, "10k subs", "2014-12"),
            )
        ),
    )  # fmt: skip
    facts = found.facts()
    assert (facts["intervals"], facts["naive_points"]) == (2, 1)
    assert (facts["naive_mape"], facts["naive_winkler"]) == (0.0, 0.0)
    # percentiles of 45 and 55: 46 and 54
    assert facts["winkler_beside"] == pytest.approx(8 / 50)
