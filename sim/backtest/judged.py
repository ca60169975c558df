"""A run held against what came: points, what was skipped, and how far off each indicator was."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.backtest.breaks import Break, breaks_of, shipped_breaks
from sim.backtest.history import Row, written
from sim.backtest.naive import Naive, naive_forecast
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
    naive_points: int
    """Points that have both an interval and a naive forecast."""
    naive_mape: float
    """Mean distance of the naive forecasts of these points over the observation [share]."""
    winkler_beside: float
    """Mean score of the run's intervals of these points."""
    naive_winkler: float
    """Mean score of the naive intervals of these points."""

    @classmethod
    def of(cls, points: Sequence[Point], naive: Mapping[int, Naive]) -> Errors:
        """Return the errors of points; ``naive`` holds naive forecasts by line of the file."""
        simulated = [point.simulated for point in points]
        observed = [point.row.value for point in points]
        held = [point for point in points if point.p10 is not None and point.p90 is not None]
        both = [point for point in held if point.row.line in naive]
        theirs = [naive[point.row.line] for point in both]
        seen = [point.row.value for point in both]
        low, high = _edges(held)
        return cls(
            points=len(points),
            bias=scores.bias(simulated, observed),
            mae=scores.mean_absolute_error(simulated, observed),
            mape=scores.mape(simulated, observed),
            intervals=len(held),
            coverage_80=scores.coverage(low, high, [point.row.value for point in held]),
            winkler=_relative(low, high, [point.row.value for point in held]),
            naive_points=len(both),
            naive_mape=scores.mape([one.value for one in theirs], seen),
            winkler_beside=_relative(*_edges(both), seen),
            naive_winkler=_relative([one.p10 for one in theirs], [one.p90 for one in theirs], seen),
        )

    def facts(self) -> dict[str, Any]:
        """Return the figures for JSON, none where there is nothing."""
        return {name: _figure(value) for name, value in vars(self).items()}

    def shares(self) -> dict[str, Any]:
        """Return the figures that can be told of different units together."""
        return {name: value for name, value in self.facts().items() if name not in ("bias", "mae")}


def _edges(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    """Return the edges of the intervals of points that have one."""
    return [float(p.p10 or 0.0) for p in points], [float(p.p90 or 0.0) for p in points]


def _relative(low: Sequence[float], high: Sequence[float], observed: Sequence[float]) -> float:
    """Return the mean score of intervals, each over its observation; those of zero are left out."""
    seen = np.array(observed, dtype=np.float64)
    kept = seen != 0.0
    size = np.abs(seen[kept])
    return scores.winkler(np.array(low)[kept] / size, np.array(high)[kept] / size, seen[kept] / size)


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
    naive: Mapping[int, Naive]
    """Naive forecasts by line of the file."""
    place: str
    """The place of the run."""

    @property
    def forecasts(self) -> tuple[Point, ...]:
        """The points of which the run could know nothing."""
        return tuple(point for point in self.points if not point.fitted)

    @cached_property
    def errors(self) -> Errors:
        """The errors of all forecasts together."""
        return Errors.of(self.forecasts, self.naive)

    @property
    def of_parts(self) -> tuple[Point, ...]:
        """The forecasts of places within the whole, such as the provinces of the nation."""
        return tuple(point for point in self.forecasts if point.row.place.casefold() != self.place.casefold())

    @property
    def of_whole(self) -> tuple[Point, ...]:
        """The forecasts of the place of the run itself."""
        return tuple(point for point in self.forecasts if point.row.place.casefold() == self.place.casefold())

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Errors by indicator, by what was counted, and apart for what was fitted."""

        def key(point: Point) -> tuple[str, str, bool, str]:
            return point.row.indicator, point.row.unit, point.fitted, point.definition

        found = []
        for indicator, unit, fitted, definition in _in_order(map(key, self.points)):
            part = [point for point in self.points if key(point) == (indicator, unit, fitted, definition)]
            head = {"indicator": indicator, "unit": unit, "fitted": fitted, "definition": definition}
            found.append(head | Errors.of(part, self.naive).facts())
        return sorted(found, key=lambda row: (row["indicator"], row["fitted"]))

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

    def _beside(self, point: Point) -> dict[str, Any]:
        """Return the naive forecast of a point, none where there is none."""
        found = self.naive.get(point.row.line)
        names = {"naive": "value", "naive_p10": "p10", "naive_p90": "p90"}
        return {
            key: None if found is None else float(f"{getattr(found, name):.9g}")
            for key, name in names.items()
        }

    def facts(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {
            "run": self.name,
            "points": [point.facts() | self._beside(point) for point in self.points],
            "skipped": [written(one.row) | {"reason": one.reason} for one in self.skipped],
            "indicators": self.rows,
            "whole": Errors.of(self.of_whole, self.naive).shares(),
            "parts": Errors.of(self.of_parts, self.naive).shares(),
        } | {name: value for name, value in self.errors.shares().items() if name != "points"}


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
    forecasts = [point for point in points if not point.fitted]
    naive = {point.row.line: naive_forecast(point, rows, chosen, until) for point in forecasts}
    beside = {line: one for line, one in naive.items() if one is not None}
    return Backtest(
        name=str(facts["name"]),
        title=str(facts["title"]),
        horizon=run.horizon,
        known_until=until,
        points=points,
        skipped=skipped,
        breaks=chosen,
        naive=beside,
        place=str(facts["province"]),
    )
