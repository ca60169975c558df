"""What a naive forecast would have said: the last number known goes on growing as in its last year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from sim.backtest.breaks import Break, breaks_of, definition_at
from sim.backtest.history import Row
from sim.backtest.points import NATION, Point
from sim.backtest.units import SHARE, read_unit
from sim.clock import month_label
from sim.fitting import series
from sim.fitting.baselines import last_growth
from sim.fitting.scores import INTERVAL_80

_MONTHS = 12.0
_EDGE = NormalDist().inv_cdf((1.0 + INTERVAL_80) / 2.0)
_OF_EVERYBODY = (SHARE, "rate", "volume/user/month")
"""What can be carried from the nation to a province; a total cannot."""


@dataclass(frozen=True)
class Naive:
    """A naive forecast and its 80 % interval, in the unit of the observation."""

    value: float
    p10: float
    p90: float
    place: str
    """Whose numbers it goes on from: the place's own, else the nation's."""


def naive_forecast(point: Point, rows: Sequence[Row], breaks: Sequence[Break], until: int) -> Naive | None:
    """Return the naive forecast of a point; none where no like number was known.

    It starts from the numbers of the place up to month number ``until``, of the same definition, and grows
    as between the last of them and a year before; a single number stays what it is. Shares, rates and traffic
    of a place without numbers are those of the nation. The interval is that of a random walk of the logarithm
    whose steps are what growth changed from number to number, or, of fewer than three, the growth itself.
    """
    for place in dict.fromkeys((point.row.place, NATION)):
        if place != point.row.place and read_unit(point.row.unit).dimension not in _OF_EVERYBODY:
            return None
        known = _known(point, place, rows, breaks, until)
        if known:
            value, spread = _forecast(known, _year(point.row))
            return Naive(
                value, value * float(np.exp(-_EDGE * spread)), value * float(np.exp(_EDGE * spread)), place
            )
    return None


def _year(row: Row) -> float:
    """Return the time a row speaks of: the end of a month, the middle of a stretch."""
    assert row.span is not None  # noqa: S101 - a point has a date
    first = row.span.first if row.span.is_period else row.span.last + 1
    return (first + row.span.last + 1) / 2.0 / _MONTHS


def _known(
    point: Point, place: str, rows: Sequence[Row], breaks: Sequence[Break], until: int
) -> list[series.Point]:
    """Return what was known of a place by a month, in the definition of a point and in its unit."""
    mine = breaks_of(breaks, point.row.indicator, place)
    return [
        series.Point(month_label(row.span.last), row.value, _year(row))
        for row in rows
        if row.span is not None
        and row.span.last <= until
        and (row.place, row.indicator, row.unit) == (place, point.row.indicator, point.row.unit)
        and row.value > 0.0
        and definition_at(mine, row.span.last) == point.definition
    ]


def _forecast(known: list[series.Point], year: float) -> tuple[float, float]:
    """Return the naive value at a time and the spread of its logarithm."""
    points = series.Points.of(known)
    years = np.unique(points.years)
    values = np.array([points.values[points.years == one].mean() for one in years])
    lead = max(year - float(years[-1]), 0.0)
    if len(years) < 2:
        return float(values[-1]), 0.0
    value = float(last_growth(points, np.array([year]))[0])
    growth = np.diff(np.log(values)) / np.diff(years)
    if len(growth) < 2:
        return value, float(abs(growth[-1])) * float(np.sqrt(lead))
    # a change of growth over the step that it took, scaled to a year
    steps = np.diff(growth) * np.sqrt(np.diff(years)[1:])
    return value, float(np.sqrt(np.mean(steps**2)) * np.sqrt(lead))
