"""How good a forecast was: bias, absolute and relative errors, coverage and width of its intervals."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
INTERVAL_80 = 0.8
"""Share of what comes that an interval from the tenth to the ninetieth percentile should hold."""


def _pair(simulated: ArrayLike, observed: ArrayLike) -> tuple[Floats, Floats]:
    return np.asarray(simulated, dtype=np.float64), np.asarray(observed, dtype=np.float64)


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else math.nan


def bias(simulated: ArrayLike, observed: ArrayLike) -> float:
    """Return the mean of simulated less observed, in their unit; not-a-number of nothing."""
    x, y = _pair(simulated, observed)
    return _mean(x - y)


def mean_absolute_error(simulated: ArrayLike, observed: ArrayLike) -> float:
    """Return the mean distance of simulated and observed, in their unit; not-a-number of nothing."""
    x, y = _pair(simulated, observed)
    return _mean(np.abs(x - y))


def mape(simulated: ArrayLike, observed: ArrayLike) -> float:
    """Return the mean of the absolute errors, each over what was observed, as a share.

    Observations of zero have no relative error and are left out; not-a-number where none is left.
    """
    x, y = _pair(simulated, observed)
    kept = y != 0.0
    return _mean(np.abs((x[kept] - y[kept]) / y[kept]))


def coverage(low: ArrayLike, high: ArrayLike, observed: ArrayLike) -> float:
    """Return the share of observations within their intervals, edges included; not-a-number of nothing."""
    bottom, top = _pair(low, high)
    y = np.asarray(observed, dtype=np.float64)
    return _mean(((bottom <= y) & (y <= top)).astype(np.float64))


def interval_scores(
    low: ArrayLike, high: ArrayLike, observed: ArrayLike, level: float = INTERVAL_80
) -> Floats:
    """Return the score of each interval, in the unit of what it holds; less is better.

    S = (high - low) + 2 / (1 - level) * (distance of the observation from the interval).

    References
    ----------
    .. [1] R. L. Winkler, "A decision-theoretic approach to interval estimation", Journal of the American
       Statistical Association 67 (1972), 187-191.
    .. [2] T. Gneiting and A. E. Raftery, "Strictly proper scoring rules, prediction, and estimation",
       Journal of the American Statistical Association 102 (2007), equation 43.
    """
    bottom, top = _pair(low, high)
    y = np.asarray(observed, dtype=np.float64)
    beyond = np.maximum(bottom - y, 0.0) + np.maximum(y - top, 0.0)
    return np.asarray(top - bottom + 2.0 / (1.0 - level) * beyond)


def winkler(low: ArrayLike, high: ArrayLike, observed: ArrayLike, level: float = INTERVAL_80) -> float:
    """Return the mean of the scores of intervals, in the unit of what they hold; less is better."""
    return _mean(interval_scores(low, high, observed, level))
