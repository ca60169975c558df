from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, t

from sim.fitting.baselines import fixed_ceiling, last_growth, last_step
from sim.fitting.curves import CURVES
from sim.fitting.forecast import Span, draw_values, growing_error, interval, widening
from sim.fitting.least_squares import fit_curve
from sim.fitting.series import Point, Points
from sim.randomness import Streams

YEARS = np.arange(2010.0, 2018.0)


def series(values, years=YEARS):
    return Points.of(
        [Point(f"{int(y) - 1}-12", float(v), float(y)) for v, y in zip(values, years, strict=True)]
    )


def noisy(seed, sigma=2.0, years=YEARS):
    made = CURVES["logistic"].value(years, np.array([100.0, 0.6, 2014.0]))
    return series(made + sigma * np.random.default_rng(seed).standard_normal(len(years)), years)


def test_a_span_is_walked_half_below_and_half_above_its_value():
    span = Span(10.0, 4.0, 12.0)
    assert [span.at(share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)] == [4.0, 7.0, 10.0, 11.0, 12.0]


def test_few_points_widen_by_student():
    assert widening(2) == pytest.approx(t.ppf(0.9, 2) / norm.ppf(0.9), rel=1e-9)
    assert widening(10_000) == pytest.approx(1.0, abs=1e-3)


def test_the_error_grows_with_the_lead_and_not_within_the_points():
    fit = fit_curve(CURVES["logistic"], noisy(1), {"ceiling": 100.0})
    errors = growing_error(fit, np.array([2012.0, 2017.0, 2018.0, 2020.0]))
    assert errors[:2] == pytest.approx([fit.error] * 2)
    assert errors[2:] == pytest.approx(fit.error * np.sqrt([2.0, 4.0]))


def test_an_interval_holds_what_it_promises_one_step_ahead():
    """Where residual errors are independent the random walk is wider than it need be: never narrower."""
    ahead, held = np.array([2017.5]), 0
    for seed in range(120):
        fit = fit_curve(CURVES["logistic"], noisy(seed), {"ceiling": 100.0})
        draws = draw_values(lambda _, fit=fit: fit, Span(100, 100, 100), ahead, Streams(seed), "x", 200)
        low, high = interval(draws)
        truth = CURVES["logistic"].value(ahead, np.array([100.0, 0.6, 2014.0]))
        came = truth + 2.0 * np.random.default_rng(10_000 + seed).standard_normal()
        held += bool(low[0] <= came[0] <= high[0])
    assert 0.75 <= held / 120 <= 0.97


def test_the_range_of_a_ceiling_widens_the_far_end():
    points = noisy(3, 0.5, np.arange(2010.0, 2015.0))

    def refit(top):
        return fit_curve(CURVES["logistic"], points, {"ceiling": top})

    at = np.array([2014.0, 2025.0])
    narrow = interval(draw_values(refit, Span(100, 100, 100), at, Streams(1), "x", 300))
    wide = interval(draw_values(refit, Span(100, 80, 130), at, Streams(1), "x", 300))
    assert (wide[1] - wide[0])[1] > 2 * (narrow[1] - narrow[0])[1]


def test_draws_are_the_same_again_and_their_own_for_each_name():
    fit = fit_curve(CURVES["logistic"], noisy(1), {"ceiling": 100.0})
    made = [
        draw_values(lambda _: fit, Span(100, 100, 100), YEARS, Streams(seed), name, 20)
        for seed, name in ((1, "a"), (1, "a"), (1, "b"), (2, "a"))
    ]
    assert np.array_equal(made[0], made[1])
    assert not np.allclose(made[0], made[2])
    assert not np.allclose(made[0], made[3])


def test_naive_forecasts_repeat_the_last_year():
    points = series([10.0, 20.0, 30.0, 45.0], np.array([2010.0, 2011.0, 2012.0, 2013.0]))
    at = np.array([2014.0, 2015.0])
    assert last_growth(points, at) == pytest.approx([67.5, 101.25])
    assert last_step(points, at) == pytest.approx([60.0, 75.0])
    short = series([40.0, 50.0], np.array([2012.5, 2013.0]))
    assert last_step(short, at) == pytest.approx([70.0, 90.0])
    with pytest.raises(ValueError, match="two times"):
        last_growth(series([1.0], np.array([2012.0])), at)


def test_the_naive_curve_ends_under_its_ceiling():
    fit = fixed_ceiling(noisy(1, 0.1), 120.0)
    assert fit(np.array([2100.0])) == pytest.approx([120.0])
