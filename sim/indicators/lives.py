"""The lives of projects read off the log: what held each up, when, and for how long.

A loss is a stretch of working days in which a project stood still, or by which a step took longer than
under ordinary conditions. Three kinds of rows of the log tell of one:

- ``delayed`` without days begins a wait; it lasts until the next row of the project that says it goes on
  (started, finished, active, given up, or waiting for something else), at most to the end of the horizon;
- ``delayed`` with days states a loss known beforehand (season, holiday, supply, travel); it is counted on
  the days that follow the row. Of a wait (crew, requires, money) it says again how long it was, and is passed
  over;
- ``finished`` with days says that the step outlasted its median; it is counted on the days before the row.

Only days within the horizon count. All of it is arithmetic on arrays: a million rows take less than a
second.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.tables.results import CAUSES

if TYPE_CHECKING:
    from sim.clock import Horizon

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
_BY_WORD = {
    **{cause: row for row, cause in enumerate(CAUSES)},
    **dict.fromkeys(("no", "hired", "moved"), CAUSES.index("crew")),
    **dict.fromkeys(("survey", "build", "test"), CAUSES.index("work")),
}
_STATED = ("season", "holiday", "travel", "supply")
"""Causes known beforehand, which never begin a wait."""
_WAITS = ("crew", "requires", "money")
"""Causes that are waits whatever their row says."""
_GOES_ON = ("started", "finished", "activated", "cancelled")
_END = ("activated", "cancelled")


@dataclass(frozen=True, eq=False)
class Losses:
    """Stretches of lost days, in the order of projects and then of the log."""

    project: Ints
    """Row of the project in ``Lives.names``, shape (K,)."""
    cause: Ints
    """Row of ``CAUSES``, shape (K,)."""
    start: Floats
    """First working day, shape (K,)."""
    end: Floats
    """Working day on which it is over, shape (K,)."""
    event: Ints
    """Row of the log that tells of it, shape (K,)."""

    @property
    def days(self) -> Floats:
        """Working days lost, shape (K,)."""
        return self.end - self.start


class Lives:
    """One replication's log as numbers; what several measures share is worked out once."""

    def __init__(self, events: pd.DataFrame, horizon: Horizon) -> None:
        self.events = events
        self.end_day = float(horizon.end_day)
        self.edges = horizon.month_days[: horizon.months + 1].astype(np.float64)
        self.day = events["day"].to_numpy(dtype=np.float64)
        self.lost = events["lost_days"].to_numpy(dtype=np.float64)
        self._kind, kinds = _codes(events["event"])
        self._kinds = list(kinds)
        funded = np.flatnonzero(self.is_("funded"))
        self.names: list[str] = list(events["project_id"].iloc[funded])
        """The projects in the order in which they are funded."""
        self.funded = self.day[funded]
        """Day on which each is funded, shape (P,)."""

    def is_(self, *kinds: str) -> Flags:
        """Whether each row is of one of these kinds."""
        wanted = np.array([kind in kinds for kind in self._kinds], dtype=bool)
        return wanted[self._kind] if len(wanted) else np.zeros(len(self._kind), dtype=bool)

    @property
    def months(self) -> int:
        """How many months there are."""
        return len(self.edges) - 1

    @cached_property
    def project(self) -> Ints:
        """Row of the project that each row of the log tells of, -1 for money and crews."""
        codes, names = _codes(self.events["project_id"])
        row = {name: k for k, name in enumerate(self.names)}
        return np.array([row.get(name, -1) for name in names], dtype=np.int64)[codes]

    @cached_property
    def cause(self) -> Ints:
        """Row of ``CAUSES`` of each row's cause; "other" where it is none of them."""
        codes, names = _codes(self.events["cause"])
        other = CAUSES.index("other")
        return np.array([_BY_WORD.get(name.split(" ")[0], other) for name in names], dtype=np.int64)[codes]

    @cached_property
    def waits(self) -> Flags:
        """Which rows begin a wait."""
        return self.is_("delayed") & (self.lost <= 0) & ~self._of(_STATED)

    def _of(self, causes: tuple[str, ...]) -> Flags:
        """Whether the cause of each row is one of these."""
        wanted = np.isin(np.arange(len(CAUSES)), [CAUSES.index(name) for name in causes])
        return np.asarray(wanted[self.cause])

    @cached_property
    def ended(self) -> Floats:
        """Day on which each project serves or is given up; the end of the horizon without, shape (P,)."""
        result = np.full(len(self.names), self.end_day)
        rows = np.flatnonzero(self.is_(*_END) & (self.project >= 0))
        result[self.project[rows]] = self.day[rows]
        return result

    def month_of(self, kind: str) -> Ints:
        """Return the month in which each project had its event of a kind, -1 without, shape (P,)."""
        result = np.full(len(self.names), -1, dtype=np.int64)
        rows = np.flatnonzero(self.is_(kind) & (self.project >= 0))
        result[self.project[rows]] = self.events["month"].to_numpy(dtype=np.int64)[rows]
        return result

    def following(self, rows: Ints) -> Floats:
        """Return the day of the next of these rows of the same project, the last ones' horizon's end.

        ``rows`` are in the order of projects and then of the log, as ``in_turn`` gives them.
        """
        project, day = self.project[rows], self.day[rows]
        after = np.append(day[1:], self.end_day)
        last = np.append(project[1:] != project[:-1], True)
        return np.where(last, self.end_day, after)

    def in_turn(self, chosen: Flags) -> Ints:
        """Return the rows chosen, project by project in the order of the log."""
        rows = np.flatnonzero(chosen & (self.project >= 0))
        return rows[np.argsort(self.project[rows], kind="stable")]

    @cached_property
    def losses(self) -> Losses:
        """Every stretch of lost days within the horizon."""
        turn = self.in_turn(self.waits | self.is_(*_GOES_ON))
        waits = self.waits[turn]
        known = self.is_("finished") | (self.is_("delayed") & ~self._of(_WAITS))
        stated = np.flatnonzero(known & (self.lost > 0) & (self.project >= 0))
        begun = np.where(self.is_("finished")[stated], self.day[stated] - self.lost[stated], self.day[stated])
        event = np.concatenate([turn[waits], stated])
        start = np.concatenate([self.day[turn[waits]], begun])
        end = np.concatenate([self.following(turn)[waits], begun + self.lost[stated]])
        start, end = np.maximum(start, 0.0), np.minimum(end, self.end_day)
        kept = np.flatnonzero(end > start)
        order = kept[np.lexsort((event[kept], self.project[event[kept]]))]
        rows = event[order]
        return Losses(self.project[rows], self.cause[rows], start[order], end[order], rows)

    @cached_property
    def lost_by_project(self) -> Floats:
        """Working days lost by each project to each cause, shape (P, causes)."""
        held, width = self.losses, len(CAUSES)
        total = np.bincount(held.project * width + held.cause, held.days, len(self.names) * width)
        return np.asarray(total.reshape(len(self.names), width), dtype=np.float64)


def days_by_month(start: Floats, end: Floats, edges: Floats, weight: Floats | None = None) -> Floats:
    """Return how many days of these stretches lie in each month, shape (M,).

    ``edges`` are the working days on which months begin, the end of the last one included, shape (M + 1,);
    ``weight`` counts each stretch so many times.
    """
    heavy = np.ones(len(start)) if weight is None else weight
    return np.diff(_sum_of_lesser(end, heavy, edges) - _sum_of_lesser(start, heavy, edges))


def _sum_of_lesser(values: Floats, weight: Floats, edges: Floats) -> Floats:
    """Return the weighted sum of min(value, edge) over all values at each edge, same shape as ``edges``."""
    at = np.searchsorted(edges, values, side="right")
    count = np.bincount(at, weight, len(edges) + 1)
    total = np.bincount(at, weight * values, len(edges) + 1)
    below = np.cumsum(total)[: len(edges)]
    above = weight.sum() - np.cumsum(count)[: len(edges)]
    return np.asarray(below + edges * above, dtype=np.float64)


def count_at_month_ends(start: Floats, end: Floats, edges: Floats) -> Floats:
    """Return how many of these stretches have begun and are not over at each month's end, shape (M,)."""
    months = len(edges) - 1

    def begun_by(days: Floats) -> Floats:
        month = np.searchsorted(edges, days, side="right") - 1
        return np.bincount(np.clip(month, 0, months), minlength=months + 1)[:months].cumsum()

    kept = end > start
    last = np.where(end[kept] >= edges[-1], np.inf, end[kept])
    return np.asarray(begun_by(start[kept]) - begun_by(last), dtype=np.float64)


def _codes(values: pd.Series) -> tuple[Ints, list[str]]:
    """Return a column of texts as numbers, and the texts."""
    codes, names = pd.factorize(values)
    return codes.astype(np.int64), [str(name) for name in names]
