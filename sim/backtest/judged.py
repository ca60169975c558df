"""A run held against what came: points, what was skipped, and how far off each indicator was."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.backtest.breaks import Break, breaks_of, shipped_breaks
from sim.backtest.history import Row, written
from sim.backtest.points import Point, Skipped, points_of
from sim.fitting import scores

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.store import SavedRun


@dataclass(frozen=True)
class Errors:
    """How far off a set of points is; everything is not-a-number of none."""

    points: int
    bias: float
    """Mean of simulated less observed, in the unit of the observations."""
    mae: float
    """Mean distance, in the unit of the observations."""
    mape: float
    """Mean distance over the observation [share]."""
    intervals: int
    """Points that have an interval."""
    coverage_80: float
    """Share of them within it."""
    winkler: float
    """Mean score of the intervals, each over its observation [share]; less is better."""

    @classmethod
    def of(cls, points: Sequence[Point]) -> Errors:
        """Return the errors of points."""
        simulated = [point.simulated for point in points]
        observed = [point.row.value for point in points]
        held = [point for point in points if point.p10 is not None and point.p90 is not None]
        low = np.array([point.p10 for point in held], dtype=np.float64)
        high = np.array([point.p90 for point in held], dtype=np.float64)
        seen = np.array([point.row.value for point in held], dtype=np.float64)
        size = np.where(seen == 0.0, np.nan, np.abs(seen))
        return cls(
            points=len(points),
            bias=scores.bias(simulated, observed),
            mae=scores.mean_absolute_error(simulated, observed),
            mape=scores.mape(simulated, observed),
            intervals=len(held),
            coverage_80=scores.coverage(low, high, seen),
            winkler=scores.winkler(low / size, high / size, seen / size),
        )

    def facts(self) -> dict[str, Any]:
        """Return the figures for JSON, none where there is nothing."""
        return {name: _figure(value) for name, value in vars(self).items()}


def _figure(value: float) -> float | int | None:
    if isinstance(value, int):
        return value
    return float(f"{value:.9g}") if math.isfinite(value) else None


@dataclass(frozen=True)
class Series:
    """The points of one indicator and place: what was seen, and the breaks of what was counted."""

    indicator: str
    place: str
    unit: str
    points: tuple[Point, ...]
    """In order of time; all in the unit of the first."""
    breaks: tuple[Break, ...]

    @property
    def definitions(self) -> list[str]:
        """What was counted, in order of time; one empty text where that never changes."""
        return list(dict.fromkeys(point.definition for point in self.points))


@dataclass(frozen=True, eq=False)
class Backtest:
    """What a back-test found."""

    name: str
    title: str
    horizon: Horizon
    known_until: int
    """Last month number whose observations the run may have used."""
    points: tuple[Point, ...]
    skipped: tuple[Skipped, ...]
    breaks: tuple[Break, ...]

    @property
    def forecasts(self) -> tuple[Point, ...]:
        """The points of which the run could know nothing."""
        return tuple(point for point in self.points if not point.fitted)

    @cached_property
    def errors(self) -> Errors:
        """The errors of all forecasts together."""
        return Errors.of(self.forecasts)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Errors by indicator, by what was counted, and apart for what was fitted."""
        found = []
        for indicator in _in_order(point.row.indicator for point in self.points):
            mine = [point for point in self.points if point.row.indicator == indicator]
            for definition in _in_order(point.definition for point in mine):
                for fitted in (False, True):
                    for unit in _in_order(point.row.unit for point in mine):
                        part = [
                            p for p in mine
                            if (p.definition, p.fitted, p.row.unit) == (definition, fitted, unit)
                        ]  # fmt: skip
                        if part:
                            head = {"indicator": indicator, "unit": unit, "fitted": fitted}
                            found.append(head | {"definition": definition} | Errors.of(part).facts())
        return found

    def series(self) -> list[Series]:
        """Return the points by indicator, place and unit, in order of time."""
        keys = _in_order((p.row.indicator, p.row.place, p.row.unit) for p in self.points)
        found = []
        for indicator, place, unit in keys:
            mine = [
                p
                for p in self.points
                if (p.row.indicator, p.row.place, p.row.unit) == (indicator, place, unit)
            ]
            ordered = tuple(sorted(mine, key=lambda p: (p.month, p.row.line)))
            found.append(Series(indicator, place, unit, ordered, breaks_of(self.breaks, indicator, place)))
        return found

    def facts(self) -> dict[str, Any]:
        """Return everything for JSON."""
        # a mean over different units says nothing, a mean of shares does
        together = ("mape", "coverage_80", "winkler", "intervals")
        errors = self.errors.facts()
        return {
            "run": self.name,
            "points": [point.facts() for point in self.points],
            "skipped": [written(one.row) | {"reason": one.reason} for one in self.skipped],
            "indicators": self.rows,
        } | {name: errors[name] for name in together}


def _in_order(values: Iterable[Any]) -> list[Any]:
    """Return each value once, in the order of its first coming."""
    return list(dict.fromkeys(values))


def backtest(run: SavedRun, rows: Sequence[Row], breaks: tuple[Break, ...] | None = None) -> Backtest:
    """Return a run held against observations.

    Parameters
    ----------
    run
        A finished run.
    rows
        The observations; each becomes a point or is skipped with its reason.
    breaks
        Where the definitions of series change; the shipped table where none is given.
    """
    chosen = shipped_breaks() if breaks is None else breaks
    points, skipped, until = points_of(run, rows, chosen)
    facts = run.facts
    return Backtest(str(facts["name"]), str(facts["title"]), run.horizon, until, points, skipped, chosen)
