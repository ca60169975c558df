"""Points that a curve is fitted to, each with the time it speaks of and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.clock import month_number

_MONTHS = 12.0


def year_of(month: str) -> float:
    """Return the end of a month YYYY-MM as a year with its fraction, 2016-12 as 2017.0."""
    return (month_number(month) + 1) / _MONTHS


@dataclass(frozen=True)
class Point:
    """One observed number."""

    month: str
    """Last month it speaks of, YYYY-MM."""
    value: float
    year: float
    """Middle of the time it speaks of, in years."""
    rate: float = 0.0
    """Mbit/s that it asks for, for a mix of rates."""
    known_from: str = ""
    """Month from which it was known, where that is told."""


@dataclass(frozen=True)
class Points:
    """A series in the order of time."""

    points: tuple[Point, ...]

    @classmethod
    def of(cls, points: Sequence[Point]) -> Points:
        """Return the points in order."""
        return cls(tuple(sorted(points, key=lambda one: (one.year, one.rate, one.value))))

    @property
    def years(self) -> NDArray[np.float64]:
        """Times, shape (n,)."""
        return np.array([one.year for one in self.points])

    @property
    def values(self) -> NDArray[np.float64]:
        """Values, shape (n,)."""
        return np.array([one.value for one in self.points])

    @property
    def inputs(self) -> NDArray[np.float64]:
        """Times, with the rates beside them where there are any, shape (n,) or (n, 2)."""
        if any(one.rate for one in self.points):
            return np.array([(one.year, one.rate) for one in self.points])
        return self.years

    def until(self, month: str) -> Points:
        """Return the points up to a month."""
        last = month_number(month)
        return Points(tuple(one for one in self.points if month_number(one.month) <= last))

    def since(self, month: str) -> Points:
        """Return the points from a month on."""
        first = month_number(month)
        return Points(tuple(one for one in self.points if month_number(one.month) >= first))

    def before(self, month: str) -> NDArray[np.bool_]:
        """Return whether each point lies before a month, shape (n,)."""
        first = month_number(month)
        return np.array([month_number(one.month) < first for one in self.points])

    def __len__(self) -> int:
        """Return how many points there are."""
        return len(self.points)
