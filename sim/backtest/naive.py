"""What a naive forecast would have said: the last number known goes on growing as in its last year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from sim.backtest.breaks import Break, breaks_of, definition_at
from sim.backtest.dates import Span
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
    as between the last of them and a year before; a single number grows as the nation's do, or stays what it
    is where the nation has no two. Shares, rates and traffic of a place without numbers are those of the
    nation. The interval is that of a random walk of the logarithm whose steps are what growth changed from
    number to number, or, of fewer than three, the growth itself.
    """
    nation = _Growth.of(_known(point, NATION, rows, breaks, until))
    for place in dict.fromkeys((point.row.place, NATION)):
        if place != point.row.place and read_unit(point.row.unit).dimension not in _OF_EVERYBODY:
            return None
        known = _known(point, place, rows, breaks, until)
        if known:
            return _forecast(known, _Growth.of(known) or nation, _year(point.span), place)
    return None


def _year(span: Span) -> float:
    """Return the time that is spoken of: the end of a month, the middle of a stretch."""
    first = span.first if span.is_period else span.last + 1
    return (first + span.last + 1) / 2.0 / _MONTHS


def _known(
    point: Point, place: str, rows: Sequence[Row], breaks: Sequence[Break], until: int
) -> list[series.Point]:
    """Return what was known of a place by a month, in the definition of a point and in its unit."""
    mine = breaks_of(breaks, point.row.indicator, place)
    return [
        series.Point(month_label(row.span.last), row.value, _year(row.span))
        for row in rows
        if row.span is not None
        and row.span.last <= until
        and (row.place, row.indicator, row.unit) == (place, point.row.indicator, point.row.unit)
        and row.value > 0.0
        and definition_at(mine, row.span.last) == point.definition
    ]


@dataclass(frozen=True)
class _Growth:
    """How a series grew."""

    yearly: float
    """Ratio of the last number to that of a year before."""
    spread: float
    """Spread of the logarithm of a forecast a year ahead."""

    @classmethod
    def of(cls, known: list[series.Point]) -> _Growth | None:
        """Return the growth of numbers at two times at least, else none."""
        points = series.Points.of(known)
        years = np.unique(points.years)
        if len(years) < 2:
            return None
        values = np.array([points.values[points.years == one].mean() for one in years])
        a_year_on = float(last_growth(points, np.array([years[-1] + 1.0]))[0])
        growth = np.diff(np.log(values)) / np.diff(years)
        if len(growth) < 2:
            return cls(a_year_on / float(values[-1]), float(abs(growth[-1])))
        # a change of growth over the step that it took, scaled to a year
        steps = np.diff(growth) * np.sqrt(np.diff(years)[1:])
        return cls(a_year_on / float(values[-1]), float(np.sqrt(np.mean(steps**2))))


def _forecast(known: list[series.Point], growth: _Growth | None, year: float, place: str) -> Naive:
    """Return the naive forecast of a time from the last of the numbers known."""
    points = series.Points.of(known)
    last = float(points.values[points.years == points.years[-1]].mean())
    lead = max(year - float(points.years[-1]), 0.0)
    if growth is None:
        return Naive(last, last, last, place)
    value, wide = last * growth.yearly**lead, _EDGE * growth.spread * float(np.sqrt(lead))
    return Naive(value, value * float(np.exp(-wide)), value * float(np.exp(wide)), place)
