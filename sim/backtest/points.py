"""Observations held against a run: each becomes a point, or says why it cannot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.backtest.breaks import Break, breaks_of, definition_at
from sim.backtest.meanings import How, Meaning, Term, meaning_of, of_one_operator
from sim.backtest.units import factor_between, read_unit
from sim.clock import month_number
from sim.indicators.base import ALL
from sim.indicators.measured import Measured

if TYPE_CHECKING:
    from sim.backtest.dates import Span
    from sim.backtest.history import Row
    from sim.store import SavedRun

Floats = NDArray[np.float64]
NATION = "China"
_BOUND = {
    "lower": r'(^|")(over|>|exceeded|broke through|more than)|lower bound',
    "upper": r'(^|")(nearly|under|below|less than|<)|upper bound',
}
"""What a note says of a number that is a bound, in the words of its source."""
_LOW, _HIGH = 10.0, 90.0


class UnspokenError(Exception):
    """A run cannot speak to an observation; the text says why."""


@dataclass(frozen=True)
class Point:
    """One observation and what the run has in its place, both in the unit of the observation."""

    row: Row
    span: Span
    """Months that the observation speaks of."""
    simulated: float
    p10: float | None
    """Tenth percentile of draws, else of replications; none where the run holds no spread."""
    p90: float | None
    run_indicator: str
    breakdown: str
    fitted: bool
    """Whether the run could know the number: an input or used in a fit, so no test of a forecast."""
    definition: str
    """What the series counts at that time, where that changes."""

    @property
    def error(self) -> float:
        """Simulated less observed."""
        return self.simulated - self.row.value

    @property
    def month(self) -> int:
        """Month number of the observation."""
        return self.span.last

    def facts(self) -> dict[str, Any]:
        """Return the point as it is printed and written.

        Where the run states no interval, ``interval`` is false and both its edges are the simulated value.
        """
        stated = self.p10 is not None and self.p90 is not None
        return {
            "province": self.row.place,
            "indicator": self.row.indicator,
            "date": self.span.label,
            "observed": self.row.value,
            "simulated": _rounded(self.simulated),
            "p10": _rounded(self.p10 if stated else self.simulated),
            "p90": _rounded(self.p90 if stated else self.simulated),
            "interval": stated,
            "error": _rounded(self.error),
            "unit": self.row.unit,
            "fitted": self.fitted,
            "run_indicator": self.run_indicator,
            "breakdown": self.breakdown,
            "definition": self.definition,
            "bound": bound_of(self.row.note),
            "as_of": self.row.as_of,
            "line": self.row.line,
            "source": self.row.source,
        }


@dataclass(frozen=True)
class Skipped:
    """An observation to which the run cannot speak."""

    row: Row
    reason: str


def _rounded(value: float | None) -> float | None:
    """Return a number to nine significant digits, beyond which processors differ."""
    return None if value is None else float(f"{value:.9g}")


def bound_of(note: str) -> str:
    """Return ``lower`` or ``upper`` where a note says that a number is only a bound, else nothing."""
    return next((name for name, pattern in _BOUND.items() if re.search(pattern, note)), "")


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a run offers for comparison."""

    run: SavedRun
    breaks: tuple[Break, ...]

    @cached_property
    def measured(self) -> Measured:
        """The indicators by pair of name and breakdown, over replications and over draws."""
        return Measured(self.run.indicators, self.run.horizon.months, self.run.draws)

    @cached_property
    def units(self) -> dict[str, str]:
        """Unit of every indicator that the run has."""
        pairs = self.run.indicators[["indicator", "unit"]].drop_duplicates("indicator")
        return dict(zip(pairs["indicator"].astype(str), pairs["unit"].astype(str), strict=True))

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of the indicators that the run has."""
        return frozenset(self.units)

    @cached_property
    def breakdowns(self) -> frozenset[str]:
        """Names of all groups and places that the run tells apart."""
        return frozenset(self.run.indicators["breakdown"].astype(str))

    @property
    def place(self) -> str:
        """The place of the run as a whole."""
        return str(self.run.facts["province"])

    @property
    def is_nation(self) -> bool:
        """Whether one run speaks for the nation and its provinces."""
        return self.place == NATION

    @property
    def is_part(self) -> bool:
        """Whether the run holds some counties of its province only."""
        return bool((self.run.facts["scenario"].get("geodata") or {}).get("counties"))

    @cached_property
    def known_until(self) -> int:
        """Last month number whose observations the run may have used."""
        until = self.run.facts.get("fitted_until") or ""
        return month_number(str(until)) if until else self.run.horizon.start - 1

    def group_of(self, place: str, group: str) -> str:
        """Return the breakdown that stands for a group of a place; ``UnspokenError`` where none does."""
        if place.casefold() == self.place.casefold():
            return group
        inner = place.partition("/")[2] if place.startswith(f"{self.place}/") else place
        named = inner if group == ALL else f"{inner} {group}"
        if named in self.breakdowns:
            return named
        if inner != place:
            raise UnspokenError(f"the run does not tell {inner} apart from the rest of {self.place}")
        raise UnspokenError(f"it speaks of {place}; the run is of {self.place}")


def points_of(
    run: SavedRun, rows: Sequence[Row], breaks: tuple[Break, ...]
) -> tuple[tuple[Point, ...], tuple[Skipped, ...], int]:
    """Return a point for each observation that the run can speak to, and the others with the reason.

    The number is that of the last month whose observations the run may have used.
    """
    evidence = Evidence(run, breaks)
    points, skipped = [], []
    for row in rows:
        try:
            points.append(_point(row, evidence))
        except UnspokenError as reason:
            skipped.append(Skipped(row, str(reason)))
    return tuple(points), tuple(skipped), evidence.known_until


def _point(row: Row, evidence: Evidence) -> Point:
    """Return an observation with what the run has in its place; ``UnspokenError`` where it has nothing."""
    if row.span is None:
        raise UnspokenError(row.reason)
    if of_one_operator(row.place, row.indicator, row.note):
        raise UnspokenError("it counts one operator only")
    evidence.group_of(row.place, ALL)
    meaning = meaning_of(row.indicator, row.unit, evidence.names)
    if isinstance(meaning, str):
        raise UnspokenError(meaning)
    _inside(row.span, evidence)
    factor = _factor(row, meaning, evidence)
    if evidence.is_part and read_unit(row.unit).dimension != "share" and "/" not in row.unit:
        _refuse_totals(row.unit)
    central = _taken(_values(meaning, row.place, evidence, drawn=False), row.span, meaning.how, evidence)
    spread = _taken(_values(meaning, row.place, evidence, drawn=True), row.span, meaning.how, evidence)
    if not np.isfinite(central).any():
        raise UnspokenError("the run has no value in that month")
    low, high = _interval(spread * factor)
    return Point(
        row=row,
        span=row.span,
        simulated=float(np.nanmean(central)) * factor,
        p10=low,
        p90=high,
        run_indicator=meaning.top[0].indicator,
        breakdown=evidence.group_of(row.place, meaning.top[0].group),
        fitted=row.span.last <= evidence.known_until or row.known_from <= evidence.run.horizon.start,
        definition=definition_at(breaks_of(evidence.breaks, row.indicator, row.place), row.span.last),
    )


def _inside(span: Span, evidence: Evidence) -> None:
    horizon = evidence.run.horizon
    if span.last < horizon.start or span.last >= horizon.start + horizon.months:
        raise UnspokenError(f"{span.label} lies outside the run's months, {horizon.first} to {horizon.last}")


def _refuse_totals(unit: str) -> None:
    if read_unit(unit).dimension in ("count", "volume", "money", "length"):
        raise UnspokenError("a total of the province; the run holds some of its counties only")


def _factor(row: Row, meaning: Meaning, evidence: Evidence) -> float:
    """Return what to multiply the run's number by to have it in the unit of the observation."""
    for term in (*meaning.top, *meaning.bottom):
        if term.indicator not in evidence.names:
            raise UnspokenError(f"the run does not measure {term.indicator}")
    if not meaning.dimension:
        unit = evidence.units[meaning.top[0].indicator]
        factor = factor_between(unit, row.unit)
        if factor is None:
            raise UnspokenError(f"its unit, {row.unit}, is no {unit}")
        return factor
    wanted = read_unit(row.unit)
    if wanted.dimension != meaning.dimension:
        raise UnspokenError(f"its unit, {row.unit}, is no {meaning.dimension}")
    return 1.0 / wanted.factor


def _values(meaning: Meaning, place: str, evidence: Evidence, *, drawn: bool) -> Floats:
    """Return what the run has in place of a number by month, shape (R or D, M).

    A product is in the simplest unit of what it measures.
    """
    plain = not meaning.dimension

    def term(one: Term, *, less: bool = False) -> Floats:
        group = evidence.group_of(place, one.group)
        measured = evidence.measured
        values = (measured.spread if drawn else measured.series)(one.indicator, group)
        if values is None:
            raise UnspokenError(f"the run does not measure {one.indicator} of {group}")
        factor = 1.0 if plain else read_unit(evidence.units[one.indicator]).factor
        return 1.0 - values * factor if less else values * factor

    last = len(meaning.top) - 1
    tops = [term(one, less=meaning.complement and at == last) for at, one in enumerate(meaning.top)]
    bottoms = [term(one) for one in meaning.bottom]
    return _together(tops, bottoms)


def _together(tops: Sequence[Floats], bottoms: Sequence[Floats]) -> Floats:
    """Return the quotient of two products; what was not drawn counts with its first replication."""
    draws = max(len(values) for values in (*tops, *bottoms))
    whole = [values if len(values) == draws else values[:1] for values in (*tops, *bottoms)]
    result = np.ones((draws, tops[0].shape[1]))
    for values in whole[: len(tops)]:
        result = result * values
    for values in whole[len(tops) :]:
        result = np.divide(result, values, out=np.full_like(result, np.nan), where=values != 0.0)
    return result


def _taken(values: Floats, span: Span, how: How, evidence: Evidence) -> Floats:
    """Return the values of the months that an observation speaks of, taken together, shape (R or D,)."""
    start, last = evidence.run.horizon.start, span.last - evidence.run.horizon.start
    if how is How.END or (how is How.MEAN and not span.is_period):
        return values[:, last]
    first = span.first - start
    if how is How.CHANGE:
        if first < 1:
            raise UnspokenError("the run does not know the month before its first")
        return np.asarray(values[:, last] - values[:, first - 1])
    if first < 0:
        raise UnspokenError("it speaks of months before the run's first")
    months = values[:, first : last + 1]
    return np.asarray(months.mean(axis=1) if how is How.MEAN else months.sum(axis=1))


def _interval(spread: Floats) -> tuple[float | None, float | None]:
    """Return the tenth and ninetieth percentile; none where there are not two values."""
    known = spread[np.isfinite(spread)]
    if len(known) < 2:
        return None, None
    low, high = np.percentile(known, (_LOW, _HIGH))
    return float(low), float(high)
