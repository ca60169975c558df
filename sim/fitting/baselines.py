"""Naive forecasts that a model must beat."""

from __future__ import annotations

import numpy as np

from sim.fitting.curves import CURVES, Numbers
from sim.fitting.least_squares import Fit, fit_curve
from sim.fitting.series import Points


def _year_before(points: Points) -> tuple[float, float, float]:
    """Return the last value, its time, and the value a year earlier between the points around it."""
    years, first = np.unique(points.years, return_index=True)
    values = np.array([points.values[points.years == year].mean() for year in years])
    if len(first) < 2:
        raise ValueError("growth needs points at two times")
    back = max(years[-1] - 1.0, years[0])
    return float(values[-1]), float(years[-1]), float(np.interp(back, years, values))


def last_growth(points: Points, at: Numbers) -> Numbers:
    """Return the forecast that goes on at the rate of the last year, in per cent, shape (n,)."""
    value, year, before = _year_before(points)
    span = min(1.0, year - float(points.years.min()))
    return np.asarray(value * (value / before) ** ((at - year) / span))


def last_step(points: Points, at: Numbers) -> Numbers:
    """Return the forecast that adds what the last year added, shape (n,)."""
    value, year, before = _year_before(points)
    span = min(1.0, year - float(points.years.min()))
    return np.asarray(value + (value - before) * (at - year) / span)


def fixed_ceiling(points: Points, ceiling: float) -> Fit:
    """Return the logistic curve under a ceiling that is simply given."""
    return fit_curve(CURVES["logistic"], points, {"ceiling": ceiling})
