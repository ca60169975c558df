"""The table of targets: what a document wants, by when, and which indicator judges it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.clock import month_number
from sim.errors import DataError, Problem
from sim.files import read_csv_rows
from sim.indicators.options import TargetOptions

NATION = "China"
COMPARATORS = (">=", ">", "<=", "increase", "decrease", "report", "lever")
THRESHOLDS = (">=", ">", "<=")
TRENDS = ("increase", "decrease")
OF_THE_NATION = "nation"
"""Scope of a target that the run of one province cannot settle."""
_TOTAL = "a total of the whole nation, which the run of one province cannot settle"
COLUMNS = (
    "target_id", "province", "due_month", "technology", "indicator", "breakdown", "comparator", "wanted",
    "unit", "low", "high", "document", "clause", "statement", "interpreted", "counts", "kind", "reading",
    "not_judged", "source",
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """One thing that a document wants."""

    target_id: str
    province: str
    due_month: str
    technology: str
    indicator: str
    breakdown: str
    comparator: str
    wanted: float | None
    unit: str
    low: float | None
    """Low edge of the band within which the reading of the clause is open."""
    high: float | None
    document: str
    clause: str
    statement: str
    interpreted: str
    """``yes`` where the threshold is ours, ``partly`` where the clause leaves room, else ``no``."""
    counts: tuple[str, ...]
    """Technologies that count."""
    kind: str
    reading: str
    """How the clause is read."""
    not_judged: str
    """Why no model of ours judges it; empty where one does."""
    source: str
    scope: str = ""
    """``nation`` where only a run of the whole nation can settle it; empty: any run."""

    @property
    def of_nation(self) -> bool:
        """Whether the nation set it."""
        return self.province == NATION

    @property
    def band(self) -> tuple[float, float]:
        """The band of thresholds; the threshold alone where the clause leaves no room."""
        if self.wanted is None:
            raise ValueError(f"target {self.target_id} has no threshold")
        low = self.wanted if self.low is None else self.low
        high = self.wanted if self.high is None else self.high
        return low, high


def _number(text: str) -> float | None:
    return float(text) if text else None


def _target(row: dict[str, str]) -> Target:
    """Return one row as a target; ``ValueError`` says what is wrong with it."""
    month_number(row["due_month"])
    if row["comparator"] not in COMPARATORS:
        raise ValueError(f"comparator {row['comparator']!r} is not one of {', '.join(COMPARATORS)}")
    if row["interpreted"] not in ("yes", "no", "partly"):
        raise ValueError("interpreted must be yes, no or partly")
    missing = [name for name in ("target_id", "province", "document", "clause", "statement") if not row[name]]
    if missing:
        raise ValueError(f"has no {', '.join(missing)}")
    if bool(row["indicator"]) == bool(row["not_judged"]):
        raise ValueError("needs either an indicator or the reason why it is not judged")
    numbers = {name: _number(row[name]) for name in ("wanted", "low", "high")}
    wanted, low, high = numbers["wanted"], numbers["low"], numbers["high"]
    if row["indicator"] and row["comparator"] in THRESHOLDS:
        if wanted is None:
            raise ValueError("has no threshold")
        if (low is not None and low > wanted) or (high is not None and high < wanted):
            raise ValueError("its band does not hold its threshold")
    counts = tuple(filter(None, row["counts"].split(";")))
    scope = row.get("scope", "")
    if scope not in ("", OF_THE_NATION):
        raise ValueError(f"scope {scope!r} is neither {OF_THE_NATION} nor empty")
    cells: dict[str, Any] = {name: row[name] for name in COLUMNS} | numbers | {"counts": counts}
    return Target(**cells, scope=scope)


def read_targets(path: Path) -> tuple[Target, ...]:
    """Return the targets of a table; ``DataError`` lists every bad row."""
    targets: dict[str, Target] = {}
    problems = []
    for line, row in read_csv_rows(path, COLUMNS):
        try:
            target = _target(row)
            if target.target_id in targets:
                raise ValueError("stands twice")
            targets[target.target_id] = target
        except ValueError as error:
            problems.append(Problem(str(path), row["target_id"], str(error), line))
    if problems:
        raise DataError(tuple(problems))
    return tuple(targets.values())


def targets_of(targets: Sequence[Target], province: str, options: TargetOptions) -> tuple[Target, ...]:
    """Return the targets of a province and, where wanted, the nation's.

    Totals of the nation stay on the list of a province, with the reason why they are not judged.
    """
    wanted = {province, NATION} if options.nation else {province}
    mine = (t for t in targets if t.province in wanted and t.target_id not in options.leave_out)
    return tuple(t if province == NATION else _as_seen_by_a_province(t) for t in mine)


def _as_seen_by_a_province(target: Target) -> Target:
    if target.scope != OF_THE_NATION:
        return target
    return replace(target, indicator="", breakdown="", counts=(), reading="", not_judged=_TOTAL)


def targets_of_nation(
    targets: Sequence[Target], leave_out: Sequence[str], judged_by: Mapping[str, str]
) -> tuple[Target, ...]:
    """Return the nation's targets for a run of the nation, which they then concern directly.

    ``judged_by`` names by target the indicator that judges it in place of the table's: a nation without
    networks has other ones.
    """
    found = []
    for target in targets:
        if target.of_nation and target.target_id not in leave_out:
            here = replace(target, province="")
            if target.target_id in judged_by:
                own = judged_by[target.target_id]
                here = replace(here, indicator=own, breakdown="all", not_judged="")
            found.append(here)
    return tuple(found)
