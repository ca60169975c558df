"""The observations that a fit may read, in the units of the indicators."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from sim.clock import month_number
from sim.errors import DataError, Problem
from sim.fitting.series import Point, Points, year_of
from sim.indicators.history import FULL_YEAR, Observation

NATION = "China"
_MULTIPLES = {"10k": 1e4, "100M": 1e8, "MB/user/month": 1e-3}
_RATE = re.compile(r"_ge_(\d+)Mbps")
_HALF_YEAR = 0.5
# half a year's mean stands for the middle of the half
_PART = 0.25


def in_units(observation: Observation) -> float:
    """Return the value in plain units: persons, lines, sites, GB; a share in per cent stays so."""
    first, _, _ = observation.unit.partition(" ")
    return observation.value * _MULTIPLES.get(first, 1.0)


def middle_of(observation: Observation) -> float:
    """Return the middle of the time that an observation speaks of, in years."""
    end = year_of(observation.as_of)
    if observation.period == FULL_YEAR:
        return end - _HALF_YEAR
    return end - _PART if observation.part_year else end


@dataclass(frozen=True)
class Observed:
    """What was observed of one place up to a month; later rows are left out before anything is read."""

    rows: tuple[Observation, ...]
    place: str = NATION

    @classmethod
    def until(cls, rows: Sequence[Observation], month: str, place: str = NATION) -> Observed:
        """Return the rows of a place that speak of no later month."""
        last = month_number(month)
        mine = tuple(row for row in rows if row.place == place and month_number(row.as_of) <= last)
        return cls(mine, place)

    def series(self, indicator: str) -> Points:
        """Return the points of a name in plain units; ``DataError`` where there are none."""
        found = [
            Point(row.as_of, in_units(row), middle_of(row), known_from=row.known_from)
            for row in self.rows
            if row.indicator == indicator
        ]
        if not found:
            near = get_close_matches(indicator, sorted({row.indicator for row in self.rows}), n=1)
            message = f"holds no {indicator} of {self.place} up to the month that is fitted"
            message += f"; did you mean {near[0]!r}?" if near else ""
            raise DataError((Problem("history", indicator, message),))
        return Points.of(found)

    def ladder(self, lines: Points, slowest_mbps: float) -> Points:
        """Return the shares of lines that pay for a rate or more, of rates not below the slowest.

        Counts are divided by the lines of their time.
        """
        found = []
        for row in self.rows:
            rate = _RATE.search(row.indicator)
            if rate is None or "fixed_broadband" not in row.indicator or float(rate[1]) < slowest_mbps:
                continue
            year = middle_of(row)
            value = row.value / 100.0
            if not row.indicator.startswith("share_"):
                value = in_units(row) / float(lines_at(lines, year))
            found.append(Point(row.as_of, value, year, float(rate[1]), row.known_from))
        return Points.of(found)

    def not_fibre(self, lines: Points) -> Points:
        """Return the lines that are no fibre wherever lines or shares of fibre were counted."""
        found = []
        for row in self.rows:
            year = middle_of(row)
            total = float(lines_at(lines, year))
            if row.indicator == "ftth_o_subscribers":
                found.append(Point(row.as_of, total - in_units(row), year, known_from=row.known_from))
            elif row.indicator == "share_ftth_o_of_fixed_broadband":
                rest = total * (1.0 - row.value / 100.0)
                found.append(Point(row.as_of, rest, year, known_from=row.known_from))
        return Points.of(found)


def lines_at(lines: Points, year: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the lines counted at a time, by the straight line between two counts."""
    return np.asarray(np.interp(year, lines.years, lines.values))


def joined(*series: Points) -> Points:
    """Return several series as one."""
    return Points.of([point for one in series for point in one.points])
