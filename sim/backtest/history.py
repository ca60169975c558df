"""Observations as a back-test reads them: every row of either layout, with the months it speaks of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from sim import files
from sim.backtest.dates import Span, UndatedError, read_as_of
from sim.clock import month_label, month_number
from sim.errors import DataError, Problem
from sim.indicators.history import COLUMNS as DATED_COLUMNS
from sim.indicators.history import FULL_YEAR, Observation

COLUMNS = ("province", "year", "indicator", "value", "unit", "source", "as_of", "note")
"""Columns of a table whose ``as_of`` is the wording of the source."""
_POINT, _OTHER = "point in time", "other:"
_MONTHS = 12


@dataclass(frozen=True)
class Row:
    """One observed number."""

    line: int
    """Line of the file on which it ends."""
    place: str
    indicator: str
    value: float
    unit: str
    as_of: str
    """The date as the file words it."""
    span: Span | None
    """Months that it speaks of; none where the wording names none."""
    reason: str
    """Why no months could be read."""
    known_from: int
    """Month number from which anybody could know it; the month after the last where the file does not say."""
    source: str
    note: str


def read_rows(path: Path) -> tuple[Row, ...]:
    """Return the observations of a file.

    The file has either the columns ``province, year, indicator, value, unit, source, as_of, note``, with
    ``as_of`` in words, or those of the shipped table (``place, as_of, indicator, ..., known_from``).

    Raises
    ------
    DataError
        With every bad row, the line it stands on and what would mend it.
    """
    header = files.read_text(path).partition("\n")[0]
    dated = "known_from" in header and "place" in header
    rows, problems = [], []
    for line, cells in files.read_csv_rows(path, DATED_COLUMNS if dated else COLUMNS):
        try:
            rows.append(_dated(line, cells) if dated else _worded(line, cells))
        except ValueError as error:
            problems.append(Problem(str(path), cells["indicator"], str(error), line))
    if problems:
        raise DataError(tuple(problems))
    return tuple(rows)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"value {text!r} is not a number; write it with a point and without separators")
    return value


def _named(cells: dict[str, str], *names: str) -> None:
    for name in names:
        if not cells[name]:
            raise ValueError(f"has no {name}; fill the cell or take the row out")


def _worded(line: int, cells: dict[str, str]) -> Row:
    _named(cells, "province", "indicator", "unit")
    if not (cells["year"].isdecimal() and len(cells["year"]) == 4):
        raise ValueError(f"year {cells['year']!r} is not a year; write four digits, for example 2018")
    year, span, reason = int(cells["year"]), None, ""
    try:
        span = read_as_of(cells["as_of"], year)
    except UndatedError as error:
        reason = str(error)
    last = span.last if span else (year + 1) * _MONTHS - 1
    return _row(line, cells, cells["province"], span, reason, last + 1)


def _dated(line: int, cells: dict[str, str]) -> Row:
    _named(cells, "place", "indicator", "unit")
    last, known = month_number(cells["as_of"]), month_number(cells["known_from"])
    if known < last:
        raise ValueError("was known before it happened; mend as_of or known_from")
    span, reason = _span_of(cells["period"], last)
    return _row(line, cells, cells["place"], span, reason, known)


def _span_of(period: str, last: int) -> tuple[Span | None, str]:
    """Return the months of a row of the shipped table, or why there are none."""
    if period.startswith(_OTHER):
        try:
            return read_as_of(period.removeprefix(_OTHER).strip(), last // _MONTHS), ""
        except UndatedError as error:
            return None, str(error)
    if period == _POINT:
        return Span(last, last), ""
    first = last - _MONTHS + 1 if period == FULL_YEAR else last - last % _MONTHS
    return Span(first, last, is_period=True), ""


def _row(line: int, cells: dict[str, str], place: str, span: Span | None, reason: str, known: int) -> Row:
    return Row(
        line=line,
        place=place,
        indicator=cells["indicator"],
        value=_number(cells["value"]),
        unit=cells["unit"],
        as_of=cells["as_of"],
        span=span,
        reason=reason,
        known_from=known,
        source=cells["source"],
        note=cells["note"],
    )


def observation_of(row: Row) -> Observation | None:
    """Return a row as an observation; ``None`` where its wording names no months."""
    if row.span is None:
        return None
    whole = row.span.is_period and row.span.months == _MONTHS
    return Observation(
        place=row.place,
        as_of=row.span.label,
        indicator=row.indicator,
        value=row.value,
        unit=row.unit,
        period=FULL_YEAR if whole else _POINT,
        part_year=row.span.is_period and not whole,
        known_from=month_label(row.known_from),
        source=row.source,
        note=row.note,
    )


def written(row: Row) -> dict[str, object]:
    """Return a row as it is shown among those that were skipped."""
    return {
        "line": row.line,
        "province": row.place,
        "indicator": row.indicator,
        "date": row.span.label if row.span else "",
        "as_of": row.as_of,
        "observed": row.value,
        "unit": row.unit,
        "known_from": month_label(row.known_from),
    }
