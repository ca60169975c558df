"""Money: spending folded from the log, cost per home passed, present value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.indicators.base import ALL, EACH_TECHNOLOGY, Evidence, Indicator, Series, divide
from sim.tables.results import SPENDING

if TYPE_CHECKING:
    import pandas as pd

FEN_PER_YUAN = 100
_WHOLE_HOMES = 2
_KEY = ["replication", "month", "pot", "technology"]
_AMOUNTS = ["released_fen", "committed_fen", "spent_fen"]


def technology_of(project_id: pd.Series) -> pd.Series:
    """Return the technology of each project: what stands before the colon of its identifier."""
    return project_id.str.replace(r":.*", "", regex=True)


def spending(events: pd.DataFrame) -> pd.DataFrame:
    """Return the table of spending: the log's money by replication, month, pot and technology."""
    moved = events[events[_AMOUNTS].ne(0).any(axis=1)]
    if moved.empty:
        return SPENDING.empty()
    keyed = moved.assign(technology=technology_of(moved["project_id"]))
    table = keyed.groupby(_KEY, sort=True, observed=True)[_AMOUNTS].sum().reset_index()
    return SPENDING.frame(**{name: table[name].to_numpy() for name in SPENDING.names})


def present_value_fen(
    table: pd.DataFrame, discount_rate: float, replication: int = 0, column: str = "spent_fen"
) -> float:
    """Return the present value at the start of month 0 of a column of the spending table [fen].

    Money of a month falls due in its middle; the rate is per year.
    """
    rows = table[table["replication"] == replication]
    years = (rows["month"].to_numpy(dtype=np.float64) + 0.5) / 12
    return float((rows[column].to_numpy(dtype=np.float64) / (1 + discount_rate) ** years).sum())


def _cumulative(events: pd.DataFrame, months: int) -> NDArray[np.float64]:
    """Return the money spent so far by the end of each month, shape (M,) [yuan]."""
    month = np.minimum(events["month"].to_numpy(dtype=np.int64), months - 1)
    spent = events["spent_fen"].to_numpy(dtype=np.float64)
    return np.bincount(month, spent, months)[:months].cumsum() / FEN_PER_YUAN


def spent(evidence: Evidence) -> Series:
    """Return the money spent so far, in all and by technology [yuan]."""
    events = evidence.events[evidence.events["spent_fen"] > 0]
    technology = technology_of(events["project_id"])
    result = {ALL: _cumulative(events, evidence.months)}
    for name in evidence.state.technologies:
        rows = events[technology == name]
        if len(rows):
            result[name] = _cumulative(rows, evidence.months)
    return result


def cost_per_home_passed(evidence: Evidence) -> Series:
    """Return fibre spending without connections per home newly passed, both since the start [yuan].

    Homes that are added where fibre stands already are not newly passed: in each zone only what
    lies above the share passed in month 0 counts, and two homes at least, for homes are whole.
    """
    works = evidence.events[evidence.events["project_id"].str.startswith("ftth:")]
    passed, homes = evidence.passed("ftth").astype(np.float64), evidence.state.homes.astype(np.float64)
    at_start = np.nan_to_num(divide(passed[0], homes[0]))
    newly = passed - at_start * homes
    newly[newly < _WHOLE_HOMES] = 0
    return {ALL: divide(_cumulative(works, evidence.months), evidence.total(newly))}


INDICATORS = (
    Indicator(
        "spent",
        "yuan",
        "money spent so far, in all and by technology",
        spent,
        breakdowns=(ALL, EACH_TECHNOLOGY),
    ),
    Indicator(
        "ftth_cost_per_home_passed",
        "yuan/home",
        "fibre spending without connections per home newly passed",
        cost_per_home_passed,
        ("ftth",),
    ),
)
