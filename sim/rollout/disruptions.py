"""Days on which work advances: seasons that slow it, holidays on which crews rest."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import inf

import numpy as np
from numpy.typing import NDArray

from sim.clock import Horizon
from sim.rollout.options import Calendar, RolloutOptions, Season

LUNAR_NEW_YEAR = "Chinese New Year (Spring Festival)"
"""Name of the first day of the lunar year in the table of holidays."""
SUBSTITUTED = "substituted"
"""Part of the names of days off for which a day of a weekend is worked."""


@dataclass(frozen=True)
class Curve:
    """Cumulated productive days: work is measured along it rather than along the calendar."""

    day: list[float]
    """Working days between which the pace is constant."""
    done: list[float]
    """Productive days before each."""

    def finish(self, start: float, productive_days: float) -> float:
        """Return the day on which work begun on a day is done; infinite beyond the end of the curve."""
        day, done = self.day, self.done
        at = bisect_right(day, start) - 1
        want = done[at] + productive_days
        if at + 1 < len(day):
            want += (start - day[at]) * (done[at + 1] - done[at]) / (day[at + 1] - day[at])
        upto = bisect_left(done, want)
        if upto == len(done):
            return inf
        if upto == 0:
            return start
        low, high = done[upto - 1], done[upto]
        end = day[upto - 1] + (want - low) / (high - low) * (day[upto] - day[upto - 1])
        return end if end > start else start


class Climate:
    """The productive-day curves of a scenario, one for every set of seasons that some height feels."""

    def __init__(self, options: RolloutOptions, horizon: Horizon) -> None:
        self._seasons = [options.seasons[name] for name in sorted(options.seasons)]
        self._horizon = horizon
        self._rest = rest_days(options.calendar, horizon)
        self._curves: dict[tuple[bool, ...], Curve | None] = {}
        self._at: dict[float, Curve | None] = {}
        self.calendar = productive_days([], horizon, self._rest) if self._rest.any() else None
        """Curve of crews that no season slows; None where they never rest."""

    def curve_at(self, elevation_m: float) -> Curve | None:
        """Return the curve of outdoor work in a zone at this height; None where nothing slows it."""
        if elevation_m not in self._at:
            self._at[elevation_m] = self._felt_at(elevation_m)
        return self._at[elevation_m]

    def _felt_at(self, elevation_m: float) -> Curve | None:
        felt = tuple([elevation_m >= season.above_m for season in self._seasons])
        if felt not in self._curves:
            seasons = [season for season, is_felt in zip(self._seasons, felt, strict=True) if is_felt]
            self._curves[felt] = (
                productive_days(seasons, self._horizon, self._rest) if seasons else self.calendar
            )
        return self._curves[felt]


def productive_days(
    seasons: Sequence[Season], horizon: Horizon, rest: NDArray[np.bool_] | None = None
) -> Curve:
    """Return the curve of these seasons together, over the horizon and twenty years more.

    ``rest`` says of every working day (Monday to Friday) whether crews rest, shape (days,).
    """
    calendar: Mapping[int, float] = {
        month: float(np.prod([season.productivity for season in seasons if month in season.months]))
        for month in range(1, 13)
    }
    lengths = np.diff(horizon.month_days)
    pace = np.repeat([calendar[horizon.calendar_month(month)] for month in range(len(lengths))], lengths)
    if rest is not None:
        pace = np.where(rest, 0.0, pace)
    edge = np.flatnonzero(np.concatenate(([True], pace[1:] != pace[:-1])))
    days = np.append(edge, len(pace)).astype(np.float64)
    done = np.concatenate(([0.0], np.cumsum(np.diff(days) * pace[edge])))
    return Curve(days.tolist(), done.tolist())


def rest_days(calendar: Calendar, horizon: Horizon) -> NDArray[np.bool_]:
    """Return whether crews rest on each working day of the horizon and twenty years more, shape (days,).

    A day off for which a day of some weekend is worked counts as worked, since weekends are not counted
    at all; so a year loses its statutory days.
    """
    rest = np.zeros(int(horizon.month_days[-1]), dtype=bool)
    years = range(horizon.year(0), horizon.year(len(horizon.month_days)) + 1)
    if calendar.country:
        days = [day for day, name in _holidays(calendar.country, years).items() if SUBSTITUTED not in name]
        dates = np.array(days, dtype="datetime64[D]")
        found = horizon.days_of(dates[np.is_busday(dates)])
        rest[found[(found >= 0) & (found < len(rest))]] = True
    if calendar.pause_before or calendar.pause_after:
        before, after = (timedelta(round(days)) for days in (calendar.pause_before, calendar.pause_after))
        for day in _lunar_new_years(years):
            away = np.array([day - before, day + after], dtype="datetime64[D]")
            begin, end = horizon.days_of(away).clip(0, len(rest)).tolist()
            rest[begin:end] = True
    return rest


def _lunar_new_years(years: range) -> list[date]:
    """Return the first day of the lunar year that begins in each of these years."""
    named = sorted(day for day, name in _holidays("CN", years).items() if name == LUNAR_NEW_YEAR)
    return [min(day for day in named if day.year == year) for year in sorted({day.year for day in named})]


def _holidays(country: str, years: range) -> dict[date, str]:
    """Return public holidays and their names; the library is wanted by rollouts alone."""
    import holidays

    return dict(holidays.country_holidays(country, years=years, language="en_US"))
