"""Curves of adoption over years, and years since a month."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.clock import Horizon, month_number


def logistic(level: float, ceiling: float, rate: float, years: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a logistic curve that passes through ``level`` at year 0, same shape as ``years``.

    A level at or above the ceiling stays where it is.
    """
    if level <= 0.0 or level >= ceiling:
        return np.full(years.shape, max(level, 0.0))
    odds = level / (ceiling - level) * np.exp(rate * years)
    return ceiling * odds / (1.0 + odds)


def years_since(label: str, horizon: Horizon) -> NDArray[np.float64]:
    """Return the years from the middle of a month to the middle of each of the horizon, shape (M,)."""
    return horizon.middle_years() - (month_number(label) + 0.5) / 12.0
