"""Months, working days, dates, and the one conversion between them.

The event kernel counts working days (Monday to Friday) from the first day of the first month;
months are integers from 0. No other module converts one into the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def month_number(label: str) -> int:
    """Return the number of a month such as ``2014-01``, counted from year 0.

    Raises ``ValueError`` where the label is not of the form YYYY-MM.
    """
    match = _MONTH.fullmatch(label)
    if match is None:
        raise ValueError(f"{label!r} is not a month; write it as YYYY-MM, for example 2014-01")
    return int(match[1]) * 12 + int(match[2]) - 1


def month_label(number: int) -> str:
    """Return the label YYYY-MM of a month number."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


@dataclass(frozen=True)
class Horizon:
    """The months of a scenario, first and last included, as labels YYYY-MM."""

    first: str
    last: str

    @cached_property
    def start(self) -> int:
        """The month number of month 0."""
        return month_number(self.first)

    @cached_property
    def months(self) -> int:
        """How many months there are."""
        return month_number(self.last) - self.start + 1

    def label(self, month: int) -> str:
        """Return the label of a month index."""
        return month_label(self.start + month)

    def labels(self) -> list[str]:
        """Return the labels of all months in order."""
        return [self.label(month) for month in range(self.months)]

    def index(self, label: str) -> int:
        """Return the index of a month; below 0 or beyond ``months`` where it lies outside."""
        return month_number(label) - self.start

    def calendar_month(self, month: int) -> int:
        """Return 1 for January to 12 for December."""
        return (self.start + month) % 12 + 1

    def year(self, month: int) -> int:
        """Return the calendar year of a month index."""
        return (self.start + month) // 12

    def middle_years(self) -> NDArray[np.float64]:
        """Return the decimal year at the middle of every month, shape (months,)."""
        return np.asarray((self.start + np.arange(self.months) + 0.5) / 12.0, dtype=np.float64)

    @cached_property
    def month_days(self) -> NDArray[np.int64]:
        """Working days from the start to the first day of each month, shape (months + 241,).

        It runs twenty years past the horizon, so that work which ends late still has a date.
        """
        first = np.datetime64(self.first, "M")
        starts = (first + np.arange(self.months + 241)).astype("datetime64[D]")
        return np.busday_count(starts[0], starts).astype(np.int64)

    @property
    def end_day(self) -> int:
        """The first working day after the last month."""
        return int(self.month_days[self.months])

    def first_day(self, month: int) -> int:
        """Return the working day on which a month begins."""
        return int(self.month_days[month])

    def month_of(self, day: float) -> int:
        """Return the index of the month in which a working day lies."""
        return int(np.searchsorted(self.month_days, day, side="right")) - 1

    def months_of(self, days: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return the month index of each working day, same shape."""
        return (np.searchsorted(self.month_days, days, side="right") - 1).astype(np.int32)

    def days_of(self, dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
        """Return the working day of each date, below 0 before the start, same shape.

        A date on a weekend counts as the Monday after it.
        """
        return np.busday_count(np.datetime64(self.first, "D"), dates).astype(np.int64)
