from __future__ import annotations

import numpy as np
import pytest

from sim.fitting.curves import CURVES
from sim.fitting.least_squares import LEVEL, fit_curve
from sim.fitting.series import Point, Points, year_of

TRUTH = {"ceiling": 1300.0, "innovation": 0.04, "imitation": 0.9, "launch": 2014.0}


def points(values, years, rates=None):
    months = [f"{int(np.ceil(year)) - 1:04d}-12" for year in years]
    rates = rates if rates is not None else np.zeros(len(years))
    return Points.of(
        [
            Point(m, float(v), float(y), float(r))
            for m, v, y, r in zip(months, values, years, rates, strict=True)
        ]
    )


def bass_points(noise=0.0, seed=0, number=20):
    years = np.linspace(2014.5, 2020.5, number)
    theta = np.array([TRUTH[name] for name in CURVES["bass"].parameters])
    values = CURVES["bass"].value(years, theta)
    return points(values + noise * np.random.default_rng(seed).standard_normal(number), years)


def test_a_bass_fit_finds_the_parameters_it_was_made_of():
    fit = fit_curve(CURVES["bass"], bass_points(), {"launch": 2014.0})
    for name, value in TRUTH.items():
        assert fit.values[name] == pytest.approx(value, rel=1e-4)
    assert fit.rmse < 1e-4


@pytest.mark.parametrize("name", ["logistic", "gompertz"])
def test_other_curves_are_found_too(name):
    theta = {"ceiling": 100.0, "rate": 0.7, "midpoint": 2016.0}
    years = np.linspace(2012, 2021, 15)
    made = CURVES[name].value(years, np.array(list(theta.values())))
    fit = fit_curve(CURVES[name], points(made, years), {})
    assert [fit.values[key] for key in theta] == pytest.approx(list(theta.values()), rel=1e-4)


def test_the_mix_of_rates_is_found_from_points_of_several_rates():
    years, rates = np.repeat([2014.0, 2015.0, 2016.0], 3), np.tile([8.0, 20.0, 50.0], 3)
    theta = np.array([1.2, 2012.5, 1.5])
    made = CURVES["ladder"].value(np.column_stack([years, rates]), theta)
    fit = fit_curve(CURVES["ladder"], points(made, years, rates), {})
    assert fit.theta == pytest.approx(theta, rel=1e-4)


def test_the_covariance_is_that_of_many_fits():
    fits = [fit_curve(CURVES["bass"], bass_points(8.0, seed), {"launch": 2014.0}) for seed in range(300)]
    found = np.array([[fit.values[name] for name in fit.free] for fit in fits])
    spread = found.std(axis=0, ddof=1)
    told = np.mean([list(fit.standard_errors.values()) for fit in fits], axis=0)
    assert told == pytest.approx(spread, rel=0.2)
    correlation = np.corrcoef(found.T)
    covariance = np.mean([fit.covariance for fit in fits], axis=0)
    scale = np.sqrt(np.diag(covariance))
    assert covariance / np.outer(scale, scale) == pytest.approx(correlation, abs=0.15)


def test_the_level_before_a_break_is_estimated_and_not_smoothed_over():
    years = np.linspace(2011, 2020, 19)
    theta = np.array([500.0, 0.4, 2016.0])
    made = CURVES["logistic"].value(years, theta)
    lifted = np.where(years <= 2016.0, 0.72 * made, made)
    whole = points(lifted, years)
    fit = fit_curve(CURVES["logistic"], whole, {"ceiling": 500.0}, break_month="2016-01")
    assert fit.values[LEVEL] == pytest.approx(0.72, rel=1e-4)
    assert fit.theta == pytest.approx(theta, rel=1e-4)
    smoothed = fit_curve(CURVES["logistic"], whole, {"ceiling": 500.0})
    assert smoothed.rmse > 10 * max(fit.rmse, 1e-6)


def test_each_side_of_a_break_may_be_fitted_apart():
    before, after = bass_points().until("2016-12"), bass_points().since("2017-01")
    assert len(before) + len(after) == 20
    assert {point.month for point in before.points}.isdisjoint(point.month for point in after.points)


def test_too_few_points_are_refused_with_what_is_missing():
    with pytest.raises(ValueError, match=r"2 point.s. cannot fix 3 parameter.s.: ceiling, rate, midpoint"):
        fit_curve(CURVES["logistic"], points([1.0, 2.0], [2012.0, 2013.0]), {})


def test_relative_errors_weigh_small_values_as_much_as_large_ones():
    years = np.arange(2010.0, 2018.0)
    made = 5.0 * np.exp(0.5 * (years - 2010.0)) * np.where(np.arange(8) % 2, 1.1, 0.9)
    fit = fit_curve(CURVES["exponential"], points(made, years), {"origin": 2010.0}, relative=True)
    assert fit.values["rate"] == pytest.approx(0.5, abs=0.05)
    assert fit.error == pytest.approx(0.1, rel=0.25)


def test_fits_of_one_nature_share_their_error():
    quiet = fit_curve(CURVES["bass"], bass_points(2.0), {"launch": 2014.0})
    loud = fit_curve(CURVES["bass"], bass_points(20.0), {"launch": 2014.0})
    both = quiet.pooled([loud])
    assert both.degrees == quiet.degrees + loud.degrees
    assert both.error**2 == pytest.approx((quiet.error**2 + loud.error**2) / 2)
    assert both.covariance == pytest.approx(quiet.covariance * (both.error / quiet.error) ** 2)
    assert both.values == quiet.values


def test_the_end_of_a_month_is_its_time():
    assert year_of("2016-12") == 2017.0
    assert year_of("2014-06") == 2014.5
