"""What take-up may mean for goals on the economy: indicative figures beside the scorecard.

A quantity is taken to grow with the broadband users of the run, fixed lines and users of 3G and later
together, by an elasticity e: Q(t) = Q(0) (U(t) / U(0))^e. The elasticity has a range, and that of the
projection follows from it. Prices, incomes and what other industries do are left out, so that such a figure
says in which direction and by what order take-up moves a quantity, and no more.

References
----------
Qiang, Rossotto and Kimura, Economic Impacts of Broadband, in: Information and Communications for
Development, World Bank, 2009: the whole economy moves far less with broadband than what is bought over it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.clock import month_number
from sim.errors import DataError, Problem
from sim.files import read_csv_rows
from sim.indicators.economy_options import EconomyOptions
from sim.indicators.history import FULL_YEAR, Observation, read_history
from sim.indicators.scorecard import holds, number
from sim.tables.economy import ECONOMY

if TYPE_CHECKING:
    import pandas as pd

    from sim.clock import Horizon

INFORMATION, COMMERCE = "information_consumption", "e_commerce"
QUANTITIES = (INFORMATION, COMMERCE)
MEASURES = ("level", "growth")
COLUMNS = (
    "target_id", "province", "due_month", "quantity", "measure", "comparator", "wanted", "unit", "document",
    "clause", "statement", "not_modelled", "source",
)  # fmt: skip
USERS = ("fixed_subscribers", "users_3g_plus_4g")
"""Indicators whose sum are the broadband users."""
_YEAR, _PERCENT = 12.0, 100.0
_EMPTY = dict.fromkeys(
    ("baseline", "baseline_month", "growth", "projected", "low", "high", "needed_at_start"), ""
)


@dataclass(frozen=True)
class Goal:
    """One thing that a document wants of the economy."""

    target_id: str
    province: str
    due_month: str
    quantity: str
    """One of ``QUANTITIES``, or empty where no model of ours speaks of it."""
    measure: str
    """``level`` in the due year, or ``growth`` in a year on average [%/yr]."""
    comparator: str
    wanted: float
    unit: str
    document: str
    clause: str
    statement: str
    not_modelled: str
    """Why it is not projected; empty where it is."""
    source: str


@dataclass(frozen=True)
class Elasticity:
    """How a quantity moves with broadband users, with the range of the figure."""

    value: float
    low: float
    high: float


def _goal(row: dict[str, str]) -> Goal:
    """Return one row as a goal; ``ValueError`` says what is wrong with it."""
    month_number(row["due_month"])
    if row["comparator"] not in (">=", ">"):
        raise ValueError(f"comparator {row['comparator']!r} is neither >= nor >")
    if bool(row["quantity"]) == bool(row["not_modelled"]):
        raise ValueError("needs either a quantity or the reason why it is not modelled")
    if row["quantity"] and row["quantity"] not in QUANTITIES:
        raise ValueError(f"quantity {row['quantity']!r} is not one of {', '.join(QUANTITIES)}")
    if row["quantity"] and row["measure"] not in MEASURES:
        raise ValueError(f"measure {row['measure']!r} is not one of {', '.join(MEASURES)}")
    cells: dict[str, Any] = {name: row[name] for name in COLUMNS} | {"wanted": float(row["wanted"])}
    return Goal(**cells)


def read_goals(path: Path) -> tuple[Goal, ...]:
    """Return the goals of a table; ``DataError`` lists every bad row."""
    goals: dict[str, Goal] = {}
    problems = []
    for line, row in read_csv_rows(path, COLUMNS):
        try:
            goal = _goal(row)
            if goal.target_id in goals:
                raise ValueError("stands twice")
            goals[goal.target_id] = goal
        except ValueError as error:
            problems.append(Problem(str(path), row["target_id"], str(error), line))
    if problems:
        raise DataError(tuple(problems))
    return tuple(goals.values())


def baseline(history: Sequence[Observation], place: str, quantity: str, first: str) -> Observation | None:
    """Return the latest full year of a quantity that was known in a month; none where none was."""
    known = [
        row
        for row in history
        if (row.place, row.indicator, row.period) == (place, quantity, FULL_YEAR)
        and not row.part_year
        and month_number(row.known_from) <= month_number(first)
    ]
    return max(known, key=lambda row: row.as_of, default=None)


def users_of(indicators: pd.DataFrame, months: int) -> NDArray[np.float64]:
    """Return the broadband users by month, the mean over replications, shape (M,); zeros where unmeasured."""
    table = indicators[(indicators["breakdown"] == "all") & indicators["indicator"].isin(USERS)]
    count = max(int(indicators["replication"].nunique()), 1)
    return np.bincount(table["month"], table["value"], minlength=months)[:months] / count


@dataclass(frozen=True, eq=False)
class Projection:
    """What every goal is projected with."""

    users: NDArray[np.float64]
    """Broadband users by month, shape (M,)."""
    horizon: Horizon
    history: Sequence[Observation]
    elasticities: Mapping[str, Elasticity]

    def of(self, goal: Goal) -> dict[str, Any]:
        """Return the cells of a goal that depend on the run."""
        due = self.horizon.index(goal.due_month)
        reason = goal.not_modelled
        if not reason and not 0 < due < self.horizon.months:
            side = "before" if due <= 0 else "after"
            reason = f"due {goal.due_month}, {side} the months of the run"
        if not reason and not self.users[0] > 0:
            reason = "the run measures no broadband users"
        if reason:
            return {**_EMPTY, "outlook": "not modelled", "reason": reason}
        elasticity = self.elasticities[goal.quantity]
        ratio = float(self.users[due] / self.users[0])
        grown = np.array([ratio**e for e in (elasticity.value, elasticity.low, elasticity.high)])
        how = f"users {ratio:.3g} times those at the start, to the power of {elasticity.value:g}"
        if goal.measure == "growth":
            rate = _PERCENT * (grown ** (_YEAR / due) - 1.0)
            return {**_EMPTY, "growth": number(float(grown[0])), **_told(goal, rate), "reason": how}
        return self._level(goal, grown, how)

    def _level(self, goal: Goal, grown: NDArray[np.float64], how: str) -> dict[str, Any]:
        """Return the cells of a goal on a level, by its growth since the start: central, low and high."""
        needed = number(goal.wanted / float(grown[0]))
        cells = {**_EMPTY, "growth": number(float(grown[0])), "needed_at_start": needed}
        known = baseline(self.history, goal.province, goal.quantity, self.horizon.first)
        if known is None:
            return {**cells, "outlook": "no baseline", "reason": f"no figure of before the start; {how}"}
        observed = {"baseline": number(known.value), "baseline_month": known.as_of}
        return {**cells, **observed, **_told(goal, known.value * grown), "reason": how}


def _told(goal: Goal, values: NDArray[np.float64]) -> dict[str, str]:
    """Return a projection (central and both ends) with its outlook."""
    low, high = float(values.min()), float(values.max())
    reached = holds(np.array([low, high]), goal.comparator, goal.wanted)
    outlook = "likely" if reached.all() else ("open" if reached.any() else "unlikely")
    return {
        "projected": number(float(values[0])),
        "low": number(low),
        "high": number(high),
        "outlook": outlook,
    }


def project(goals: Sequence[Goal], projection: Projection) -> pd.DataFrame:
    """Return the table of goals on the economy (contract ``ECONOMY``), in their order."""
    rows = [
        {
            "target_id": goal.target_id,
            "statement": goal.statement,
            "quantity": goal.quantity,
            "comparator": goal.comparator,
            "wanted": number(goal.wanted),
            "unit": goal.unit,
            "due_month": goal.due_month,
            **projection.of(goal),
            "document": goal.document,
            "clause": goal.clause,
        }
        for goal in goals
    ]
    return ECONOMY.frame(**{name: [row[name] for row in rows] for name in ECONOMY.names})


def economy_of(
    indicators: pd.DataFrame,
    province: str,
    horizon: Horizon,
    options: EconomyOptions,
    ranges: Mapping[str, tuple[float, float]],
) -> pd.DataFrame:
    """Return the goals of a province on its economy as a run projects them (contract ``ECONOMY``).

    ``ranges`` are low and high end of the elasticities by quantity; without one there is no range.
    Raises ``DataError`` for mistakes of the tables.
    """
    elasticities = {}
    for quantity in QUANTITIES:
        value = float(getattr(options, quantity))
        elasticities[quantity] = Elasticity(value, *ranges.get(quantity, (value, value)))
    projection = Projection(
        users_of(indicators, horizon.months), horizon, read_history(Path(options.history)), elasticities
    )
    return project([one for one in read_goals(Path(options.table)) if one.province == province], projection)
