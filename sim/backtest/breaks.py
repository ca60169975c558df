"""Where a published series changes what it counts, so that no growth is ever read across the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sim import files
from sim.clock import month_number
from sim.errors import DataError, Problem

COLUMNS = ("indicator", "place", "from", "before", "after", "size", "source")
ANY_PLACE = "*"


@dataclass(frozen=True)
class Break:
    """One change of definition."""

    indicator: str
    """Name in the history."""
    place: str
    """Place whose series breaks, ``*`` for every one."""
    since: int
    """First month number of the later definition."""
    before: str
    """What was counted before."""
    after: str
    """What has been counted since."""
    size: str
    """How large the change is."""
    source: str


def read_breaks(path: Path) -> tuple[Break, ...]:
    """Return the breaks of a table; ``DataError`` lists every bad row."""
    found, problems = [], []
    for line, row in files.read_csv_rows(path, COLUMNS):
        try:
            if not (row["before"] and row["after"] and row["source"]):
                raise ValueError("needs what was counted before and after, and a source")
            texts = {name: row[name] for name in COLUMNS if name != "from"}
            found.append(Break(since=month_number(row["from"]), **texts))
        except ValueError as error:
            problems.append(Problem(str(path), row["indicator"], str(error), line))
    if problems:
        raise DataError(tuple(problems))
    return tuple(found)


@cache
def shipped_breaks() -> tuple[Break, ...]:
    """Return the breaks of the series that the shipped history holds."""
    return read_breaks(files.shipped("scenarios") / "library" / "breaks.csv")


def breaks_of(breaks: Sequence[Break], indicator: str, place: str) -> tuple[Break, ...]:
    """Return the breaks of a series in order of time."""
    mine = (b for b in breaks if b.indicator == indicator and b.place in (ANY_PLACE, place))
    return tuple(sorted(mine, key=lambda b: b.since))


def definition_at(series: Sequence[Break], month: int) -> str:
    """Return what a series of breaks in order of time counts in a month; empty where it never changes."""
    if not series:
        return ""
    past = [b for b in series if b.since <= month]
    return past[-1].after if past else series[0].before
