"""The provinces: people and homes, and how far each stands from the nation before anything is forecast."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.clock import Horizon, month_number
from sim.errors import DataError, Problem
from sim.files import read_csv_rows

Numbers = NDArray[np.float64]
COLUMNS = (
    "province", "region", "region_since_2019", "residents_2010", "urban_share_2010", "homes_2010",
    "income_2013_yuan", "internet_users_2015", "source",
)  # fmt: skip
NEW_REGIONS = "2019-01"
"""Month from which the statistics count the three provinces of the north-east apart."""


@dataclass(frozen=True, eq=False)
class Provinces:
    """P provinces in the order of their table."""

    names: tuple[str, ...]
    regions: tuple[str, ...]
    """Region of each until 2018."""
    later_regions: tuple[str, ...]
    """Region of each from 2019 on."""
    residents: Numbers
    """At the census of 2010, shape (P,)."""
    homes: Numbers
    """At the census of 2010, shape (P,)."""
    income: Numbers
    """Disposable income in 2013, shape (P,) [yuan/person/yr]."""
    internet: Numbers
    """Users of the Internet at the end of 2015, shape (P,) [share of residents]."""

    @cached_property
    def index(self) -> Numbers:
        """Use of the Internet over that of the nation, shape (P,)."""
        return self.internet / float(self.internet @ self.residents / self.residents.sum())

    @property
    def log_spread(self) -> float:
        """How far two measures of the same development differ: the standard error of ln(index) about income.

        References
        ----------
        Draper and Smith, Applied Regression Analysis, Wiley 1998, chapter 1.
        """
        return _residual(np.log(self.index), np.log(self.income))

    @property
    def odds_spread(self) -> float:
        """The same of the log-odds of using the Internet, for shares."""
        return _residual(np.log(self.internet / (1.0 - self.internet)), np.log(self.income))

    def members(self, horizon: Horizon) -> dict[str, NDArray[np.bool_]]:
        """Return which provinces a region holds in each month, shape (M, P), by name of the region."""
        late = np.arange(horizon.months) >= horizon.index(NEW_REGIONS)
        names = sorted({*self.regions, *self.later_regions})
        return {
            f"{name} China": np.where(
                late[:, None], np.array(self.later_regions) == name, np.array(self.regions) == name
            )
            for name in names
        }


def _residual(y: Numbers, x: Numbers) -> float:
    slope, level = np.polyfit(x, y, 1)
    return float(np.sqrt(np.sum((y - slope * x - level) ** 2) / (len(y) - 2)))


def read_provinces(path: Path) -> Provinces:
    """Return the table of the provinces; ``DataError`` lists every bad row."""
    rows, problems = [], []
    for line, row in read_csv_rows(path, COLUMNS):
        try:
            numbers = [float(row[name]) for name in COLUMNS[3:8]]
            if min(numbers) <= 0.0 or numbers[4] >= 1.0 or not row["source"]:
                raise ValueError("needs numbers above 0, a share of Internet users below 1 and a source")
            rows.append((row["province"], row["region"], row["region_since_2019"], numbers))
        except ValueError as error:
            problems.append(Problem(str(path), row["province"], str(error), line))
    if len({row[0] for row in rows}) != len(rows):
        problems.append(Problem(str(path), "province", "a province stands twice"))
    if problems or len(rows) < 3:
        raise DataError(tuple(problems) or (Problem(str(path), "", "holds fewer than three provinces"),))
    table = np.array([row[3] for row in rows])
    return Provinces(
        tuple(row[0] for row in rows), tuple(row[1] for row in rows), tuple(row[2] for row in rows),
        table[:, 0], table[:, 2], table[:, 3], table[:, 4],
    )  # fmt: skip


def month_years(horizon: Horizon) -> Numbers:
    """Return the end of each month as a year, shape (M,)."""
    first = month_number(horizon.first)
    return np.asarray((first + np.arange(horizon.months) + 1.0) / 12.0, dtype=np.float64)
