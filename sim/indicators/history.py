"""Sourced observations, each with the month from which it was known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.clock import month_number
from sim.errors import DataError, Problem
from sim.files import read_csv_rows

FULL_YEAR = "full year"
COLUMNS = (
    "place", "as_of", "indicator", "value", "unit", "period", "part_year", "known_from", "source", "note"
)  # fmt: skip


@dataclass(frozen=True)
class Observation:
    """One observed number."""

    place: str
    as_of: str
    """Last month it speaks of."""
    indicator: str
    value: float
    unit: str
    period: str
    """``point in time``, ``full year``, ``part of a year``, or what else it sums over."""
    part_year: bool
    known_from: str
    """Month from which anybody could know it."""
    source: str
    note: str


def _observation(row: dict[str, str]) -> Observation:
    as_of, known = month_number(row["as_of"]), month_number(row["known_from"])
    if known < as_of:
        raise ValueError("was known before it happened")
    if row["part_year"] not in ("yes", "no") or not row["source"]:
        raise ValueError("needs part_year (yes or no) and a source")
    texts = {name: row[name] for name in COLUMNS if name not in ("value", "part_year")}
    return Observation(**texts, value=float(row["value"]), part_year=row["part_year"] == "yes")


def read_history(path: Path) -> tuple[Observation, ...]:
    """Return the observations of a table; ``DataError`` lists every bad row."""
    rows, problems = [], []
    for line, row in read_csv_rows(path, COLUMNS):
        try:
            rows.append(_observation(row))
        except ValueError as error:
            problems.append(Problem(str(path), row["indicator"], str(error), line))
    if problems:
        raise DataError(tuple(problems))
    return tuple(rows)


def full_year(
    observations: Sequence[Observation], place: str, indicator: str, year: int, known_by: str
) -> Observation:
    """Return the observation of a full year that was known by a month.

    Raises ``ValueError`` where there is none, where it covers a part of the year only, or where it
    was known too late: half a year's investment is no budget, and the future is no source.
    """
    named = [
        o for o in observations if (o.place, o.indicator) == (place, indicator) and o.as_of[:4] == str(year)
    ]
    what = f"{indicator} of {place} in {year}"
    if not named:
        raise ValueError(f"there is no {what}")
    whole = [o for o in named if o.period == FULL_YEAR and not o.part_year]
    if not whole:
        raise ValueError(f"{what} covers {named[0].period} only; a full year is wanted")
    known = [o for o in whole if month_number(o.known_from) <= month_number(known_by)]
    if not known:
        raise ValueError(f"{what} was known only from {whole[0].known_from}, after {known_by}")
    return known[0]
