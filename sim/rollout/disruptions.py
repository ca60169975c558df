"""What makes work take longer than planned: seasons that slow it and luck that stretches it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

import numpy as np

from sim.clock import Horizon
from sim.rollout.options import RolloutOptions, Season


@dataclass(frozen=True)
class Curve:
    """Cumulated productive days: outdoor work is measured along it rather than along the calendar."""

    day: list[float]
    """Working day on which each month begins."""
    done: list[float]
    """Productive days before that day."""

    def finish(self, start: float, productive_days: float) -> float:
        """Return the day on which work begun on a day is done; infinite beyond the end of the curve."""
        at = bisect_right(self.day, start) - 1
        want = self._done_by(start, at) + productive_days
        upto = bisect_left(self.done, want)
        if upto == len(self.done):
            return inf
        if upto == 0:
            return start
        low, high = self.done[upto - 1], self.done[upto]
        length = self.day[upto] - self.day[upto - 1]
        return max(start, self.day[upto - 1] + (want - low) / (high - low) * length)

    def _done_by(self, day: float, at: int) -> float:
        if at + 1 >= len(self.day):
            return self.done[-1]
        pace = (self.done[at + 1] - self.done[at]) / (self.day[at + 1] - self.day[at])
        return self.done[at] + (day - self.day[at]) * pace


class Climate:
    """The productive-day curves of a scenario, one for every set of seasons that some height feels."""

    def __init__(self, options: RolloutOptions, horizon: Horizon) -> None:
        self._seasons = [options.seasons[name] for name in sorted(options.seasons)]
        self._horizon = horizon
        self._curves: dict[tuple[bool, ...], Curve | None] = {}

    def curve_at(self, elevation_m: float) -> Curve | None:
        """Return the curve of a zone at this height; None where no season is felt."""
        felt = tuple([elevation_m >= season.above_m for season in self._seasons])
        if felt not in self._curves:
            seasons = [season for season, is_felt in zip(self._seasons, felt, strict=True) if is_felt]
            self._curves[felt] = productive_days(seasons, self._horizon) if seasons else None
        return self._curves[felt]


def productive_days(seasons: list[Season], horizon: Horizon) -> Curve:
    """Return the curve of these seasons together, over the horizon and twenty years more."""
    calendar: Mapping[int, float] = {
        month: float(np.prod([season.productivity for season in seasons if month in season.months]))
        for month in range(1, 13)
    }
    days = horizon.month_days.astype(np.float64)
    pace = np.array([calendar[horizon.calendar_month(month)] for month in range(len(days) - 1)])
    done = np.concatenate(([0.0], np.cumsum(np.diff(days) * pace)))
    return Curve(days.tolist(), done.tolist())
