"""Run against run, and run against a kept reference: what differs, and by how much.

Verdicts, dates, integers and money must be the same; shares may differ by 1e-6, other measured
numbers by a millionth of themselves. A reference is a folder with the scorecard of a run and its
indicators and spending by year, small enough to be kept with the code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import files
from sim.errors import DataError, StoreError
from sim.store import SavedRun, open_run
from sim.tables.scorecard_file import as_number, read_scorecard

SHARE_TOLERANCE = 1e-6
RELATIVE_TOLERANCE = 1e-6
INDICATORS_BY_YEAR, SPENDING_BY_YEAR = "indicators_by_year.csv", "spending_by_year.csv"
_INDICATOR_KEY = ["replication", "month", "indicator", "breakdown", "unit"]
_SPENDING_KEY = ["replication", "month", "pot", "technology"]
_MONEY = ["released_fen", "committed_fen", "spent_fen"]
_EXACT = (
    "verdict",
    "first_met",
    "at_start",
    "comparator",
    "wanted",
    "unit",
    "due_month",
    "indicator",
    "breakdown",
    "binding",
)
_MEASURED = ("mean", "p10", "p90", "chance_met", "margin", "cost_to_close_yuan")
# The scorecard shows six significant digits, so its last one may turn.
_CARD_TOLERANCE = 1e-5
_MOST_LINES = 40
_ABSENT = "–"


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same: where, what it is in A, what it is in B."""

    place: str
    a: str
    b: str
    note: str = ""

    @property
    def line(self) -> str:
        """The difference as a line of text."""
        return f"{self.place}: {self.a} -> {self.b}" + (f" ({self.note})" if self.note else "")

    @property
    def row(self) -> str:
        """The difference as a row of a Markdown table."""
        return "| " + " | ".join(_cell(text) for text in (self.place, self.a, self.b, self.note)) + " |"


@dataclass(frozen=True)
class Comparison:
    """What differs between two runs, by section."""

    a: str
    b: str
    sections: Mapping[str, tuple[Difference, ...]]
    remarks: tuple[str, ...] = ()
    """What could not be compared, and why."""

    @property
    def differs(self) -> bool:
        """Whether anything differs beyond its tolerance."""
        return any(self.sections.values())

    @property
    def text(self) -> str:
        """The differences as plain text."""
        lines = [f"A: {self.a}", f"B: {self.b}"]
        for title, found in self.sections.items():
            lines.append(f"{title}: {self._count(found)}")
            lines += [f"  {one.line}" for one in found[:_MOST_LINES]]
            lines += self._rest(found, "  ")
        return "\n".join([*lines, *(f"note: {remark}" for remark in self.remarks)])

    @property
    def markdown(self) -> str:
        """The differences as Markdown tables."""
        heading = "Differences" if self.differs else "No difference"
        lines = [f"### {heading}: `{_cell(self.a)}` and `{_cell(self.b)}`"]
        for title, found in self.sections.items():
            lines += ["", f"**{title.capitalize()}**: {self._count(found)}"]
            if found:
                lines += ["", "| where | A | B | |", "|---|---|---|---|"]
            lines += [one.row for one in found[:_MOST_LINES]]
            lines += self._rest(found, "\n")
        for remark in self.remarks:
            lines += ["", f"_{_cell(remark)}_"]
        return "\n".join(lines)

    @staticmethod
    def _count(found: tuple[Difference, ...]) -> str:
        return f"{len(found)} differ" if found else "the same"

    @staticmethod
    def _rest(found: tuple[Difference, ...], indent: str) -> list[str]:
        return [f"{indent}... and {len(found) - _MOST_LINES} more"] if len(found) > _MOST_LINES else []


def _cell(text: str) -> str:
    """Keep a text inside its cell of a Markdown table and from being read as mark-up."""
    swaps = {"|": "\\|", "\n": " ", "\r": " ", "<": "&lt;", "`": "'", "[": "\\[", "]": "\\]"}
    return "".join(swaps.get(sign, sign) for sign in text)


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two things compared."""

    name: str
    scorecard: pd.DataFrame
    indicators: pd.DataFrame
    """Months as labels YYYY-MM; only those at the end of a year in a reference."""
    spending: pd.DataFrame | None
    """Months as labels; in a reference the year alone, YYYY. Absent in old references and in the nation."""
    scenario: Mapping[str, str] | None
    """Dotted keys; absent in a reference."""
    is_reference: bool


def compare_runs(a: Path | SavedRun, b: Path | SavedRun) -> Comparison:
    """Return what differs between two finished runs, or between a run and a reference.

    Raises ``StoreError`` where a folder holds neither.
    """
    left, right = read_side(a), read_side(b)
    remarks = []
    if left.is_reference != right.is_reference:
        left, right = (side if side.is_reference else by_year(side) for side in (left, right))
    sections = {}
    if left.scenario is None or right.scenario is None:
        remarks.append("a reference keeps no scenario, so scenario keys were not compared")
    else:
        sections["scenario keys"] = tuple(_keys(left.scenario, right.scenario))
    sections["verdicts"] = tuple(_verdicts(left.scorecard, right.scorecard))
    cards = left.scorecard, right.scorecard
    lacking = [name for name in (*_EXACT, *_MEASURED) if not _both_have(name, *cards)]
    if lacking:
        remarks.append(f"one scorecard is of an older version and was not compared in {', '.join(lacking)}")
    sections["indicators"] = tuple(_indicators(left.indicators, right.indicators))
    if left.spending is None or right.spending is None:
        remarks.append("one of the two keeps no spending, so money was not compared")
    else:
        sections["spending"] = tuple(_spending(left.spending, right.spending))
    return Comparison(left.name, right.name, sections, tuple(remarks))


def read_side(source: Path | SavedRun) -> Side:
    """Return a run folder or a reference folder ready for comparison."""
    if isinstance(source, Path) and (source / INDICATORS_BY_YEAR).is_file():
        return _read_reference(source)
    run = open_run(source) if isinstance(source, Path) else source
    labels = np.array(run.horizon.labels(), dtype=object)
    indicators, spending = run.indicators, None
    if (run.folder / "spending.parquet").is_file():  # a run of the nation spends nothing
        spending = run.spending
        spending = spending.assign(month=labels[np.minimum(spending["month"].to_numpy(), len(labels) - 1)])
    return Side(
        name=str(run.folder),
        scorecard=run.scorecard,
        indicators=indicators.assign(month=labels[indicators["month"].to_numpy()]),
        spending=spending,
        scenario=dict(_flat(run.facts["scenario"])),
        is_reference=False,
    )


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield dotted keys and their values as text."""
    if isinstance(value, dict) and value:
        for name in sorted(value, key=str):
            yield from _flat(value[name], f"{key}.{name}" if key else str(name))
    else:
        yield key, str(value)


def by_year(side: Side) -> Side:
    """Return a run as a reference keeps it: indicators at year ends and at the last month, money by year."""
    table = side.indicators
    last = table["month"].max() if len(table) else ""
    ends = table[table["month"].str.endswith("-12") | (table["month"] == last)]
    spending = side.spending
    if spending is not None:
        yearly = spending.assign(month=spending["month"].str[:4])
        spending = yearly.groupby(_SPENDING_KEY, sort=True)[_MONEY].sum().reset_index()
    return Side(side.name, side.scorecard, ends, spending, None, is_reference=True)


def write_reference(run_folder: Path, folder: Path) -> None:
    """Keep scorecard, indicators and spending by year of a finished run as a reference."""
    side = by_year(read_side(run_folder))
    card, table, spending = side.scorecard, side.indicators, side.spending
    files.write_csv(folder / "scorecard.csv", list(card.columns), card.astype(object).to_numpy().tolist())
    names = [*_INDICATOR_KEY, "value"]
    files.write_csv(folder / INDICATORS_BY_YEAR, names, table[names].astype(object).to_numpy().tolist())
    if spending is not None:
        names = [*_SPENDING_KEY, *_MONEY]
        files.write_csv(folder / SPENDING_BY_YEAR, names, spending[names].astype(object).to_numpy().tolist())


def _read_reference(folder: Path) -> Side:
    indicators = _read_table(folder / INDICATORS_BY_YEAR, (*_INDICATOR_KEY, "value"))
    indicators["value"] = indicators["value"].astype(float)
    spending = None
    if (folder / SPENDING_BY_YEAR).is_file():
        spending = _read_table(folder / SPENDING_BY_YEAR, (*_SPENDING_KEY, *_MONEY))
        spending[_MONEY] = spending[_MONEY].astype("int64")
    return Side(
        str(folder), read_scorecard(folder / "scorecard.csv"), indicators, spending, None, is_reference=True
    )


def _read_table(path: Path, names: tuple[str, ...]) -> pd.DataFrame:
    try:
        rows = [row for _, row in files.read_csv_rows(path, names)]
        table = pd.DataFrame(rows, columns=list(names), dtype="str")
        return table.assign(replication=table["replication"].astype("int64"))
    except (DataError, ValueError) as error:
        raise StoreError(f"{path} cannot be read ({error}); write the reference again") from error


def _keys(a: Mapping[str, str], b: Mapping[str, str]) -> Iterator[Difference]:
    for key in sorted(a.keys() | b.keys()):
        if a.get(key) != b.get(key):
            yield Difference(key, a.get(key, _ABSENT), b.get(key, _ABSENT))


def _verdicts(a: pd.DataFrame, b: pd.DataFrame) -> Iterator[Difference]:
    """Compare target by target, verdicts and dates exactly, measured values within tolerance.

    Verdicts that turn come first.
    """
    exact, measured = ([c for c in names if _both_have(c, a, b)] for names in (_EXACT, _MEASURED))
    turned: list[Difference] = []
    moved: list[Difference] = []
    left = {str(row["target_id"]): row for row in a.to_dict("records")}
    right = {str(row["target_id"]): row for row in b.to_dict("records")}
    for name in [*left, *(name for name in right if name not in left)]:
        one, other = left.get(name), right.get(name)
        if one is None or other is None:
            here, there = (str(row["verdict"]) if row else _ABSENT for row in (one, other))
            turned.append(Difference(name, here, there, "target is on one scorecard only"))
            continue
        columns = [column for column in exact if str(one[column]) != str(other[column])]
        columns += [c for c in measured if not _close(str(one[c]), str(other[c]), str(one["unit"]))]
        if columns:
            here, there = (f"{row['verdict']} at {row['mean'] or _ABSENT}" for row in (one, other))
            (turned if "verdict" in columns else moved).append(
                Difference(name, here, there, ", ".join(columns))
            )
    yield from (*turned, *moved)


def _both_have(column: str, a: pd.DataFrame, b: pd.DataFrame) -> bool:
    """Return whether both scorecards have a column; those of older versions have fewer."""
    return column in a.columns and column in b.columns


def _close(a: str, b: str, unit: str) -> bool:
    x, y = as_number(a), as_number(b)
    if x is None or y is None:
        return a == b
    # the half is for decimal fractions that binary cannot hold
    tolerance = 1.5 * SHARE_TOLERANCE if unit == "share" else _CARD_TOLERANCE * max(abs(x), abs(y))
    return abs(x - y) <= tolerance


def _indicators(a: pd.DataFrame, b: pd.DataFrame) -> Iterator[Difference]:
    """Compare indicator by indicator and name the month where the gap is widest."""
    both = a.merge(b, on=_INDICATOR_KEY, how="outer", suffixes=("_a", "_b"), indicator=True)
    x, y = both["value_a"].to_numpy(), both["value_b"].to_numpy()
    wrong = both[~_same(x, y, (both["unit"] == "share").to_numpy())]
    for key, rows in wrong.groupby(["indicator", "breakdown", "unit"], sort=True):
        gap = (rows["value_a"] - rows["value_b"]).abs().fillna(np.inf)
        worst = rows.iloc[int(gap.to_numpy().argmax())]
        note = f"{key[2]}; widest of {len(rows)} month(s)"
        where = f"{key[0]} ({key[1]}), {worst['month']}"
        if worst["replication"]:
            where += f", replication {worst['replication']}"
        yield Difference(where, _shown(worst["value_a"]), _shown(worst["value_b"]), note)


def _same(x: NDArray[np.float64], y: NDArray[np.float64], share: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Shares to 1e-6, whole numbers exactly, others to a millionth of themselves; absent only with absent."""
    absent = np.isnan(x) | np.isnan(y)
    x0, y0 = np.nan_to_num(x), np.nan_to_num(y)
    whole = (x0 == np.round(x0)) & (y0 == np.round(y0))
    relative = np.where(whole, 0.0, RELATIVE_TOLERANCE * np.maximum(np.abs(x0), np.abs(y0)))
    close = np.abs(x0 - y0) <= np.where(share, SHARE_TOLERANCE, relative)
    return np.where(absent, False, close)


def _shown(value: float) -> str:
    return _ABSENT if np.isnan(value) else f"{value:.9g}"


def _spending(a: pd.DataFrame, b: pd.DataFrame) -> Iterator[Difference]:
    """Compare money exactly; technology is empty where money is released."""
    both = a.merge(b, on=_SPENDING_KEY, how="outer", suffixes=("_a", "_b"))
    both = both.sort_values(_SPENDING_KEY, kind="stable")
    for column in _MONEY:
        x, y = (both[f"{column}_{side}"].fillna(0).astype("int64").to_numpy() for side in "ab")
        for at in np.flatnonzero(x != y):
            row = both.iloc[at]
            place = " ".join(str(row[name]) for name in ("month", "pot", "technology") if row[name] != "")
            note = f"replication {row['replication']}" if row["replication"] else ""
            what = column.removesuffix("_fen")
            yield Difference(f"{place} {what} [fen]", f"{int(x[at]):,}", f"{int(y[at]):,}", note)
