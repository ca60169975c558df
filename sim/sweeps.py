"""Sweeps: many runs of one scenario, one row each, and which inputs change nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim import files
from sim.errors import DataError, SimError
from sim.indicators.base import ALL
from sim.indicators.money import FEN_PER_YUAN
from sim.scenario.load import load_scenario
from sim.scenario.sweep import BASE, Case
from sim.study import simulate
from sim.tables.results import OUTCOMES, VERDICTS
from sim.technologies.base import WORKING_DAYS_PER_MONTH
from sim.version import __version__

if TYPE_CHECKING:
    from sim.scenario.load import LoadedScenario
    from sim.store import Run

Progress = Callable[[str, float], None]
IN_SERVICE = OUTCOMES[0]
TABLE, TARGETS = "sweep.csv", "sweep-targets.csv"
COLUMNS = (
    "case", "subject", *(name.replace(" ", "_") for name in VERDICTS), "spent_yuan",
    "ftth_homes_passed", "homes_connected", "mean_access_bandwidth_households", "lte_population_coverage",
    "months_to_service", "result", "key", "error",
)  # fmt: skip
TARGET_COLUMNS = ("case", "target_id", "verdict", "mean", "margin", "first_met", "key")
_SHOWN = (
    "ftth_homes_passed", "homes_connected", "mean_access_bandwidth_households", "lte_population_coverage",
)  # fmt: skip
"""Indicators of the last month that a row shows, as means over replications."""
_TEXTS = ("case", "subject", "target_id", "verdict", "first_met", "result", "key", "error")


@dataclass(frozen=True, eq=False)
class Sweep:
    """The rows of a sweep."""

    table: pd.DataFrame
    """One row a case, the base first; columns ``COLUMNS``."""
    targets: pd.DataFrame
    """One row a case and target; columns ``TARGET_COLUMNS``."""

    @property
    def inert(self) -> list[str]:
        """Inputs of which no case differs from the base in any result, in order."""
        rows = self.table[self.table["error"] == ""]
        base = rows.loc[rows["case"] == BASE, "result"]
        others = rows[rows["case"] != BASE]
        if base.empty or others.empty:
            return []
        same = others["result"].eq(base.iloc[0]).groupby(others["subject"], sort=False).all()
        return [str(name) for name in same.index[same]]


def sweep(
    file: Path,
    cases: Sequence[Case],
    folder: Path,
    changes: Sequence[tuple[str, str]] = (),
    variant: str = "",
    on_progress: Progress | None = None,
) -> Sweep:
    """Return the sweep of a scenario: the base, then each case; ``changes`` hold in all of them.

    The tables in ``folder`` are written after every run. Rows that an earlier, perhaps interrupted, sweep
    left there for the same scenario and version are kept and not run again. A case that cannot be run
    leaves a row that says why, and the sweep goes on; an error of the base ends it.
    """
    every = [Case(BASE, BASE), *cases]
    kept = _kept(folder)
    rows: list[dict[str, Any]] = []
    targets: list[dict[str, Any]] = []
    for number, case in enumerate(every):
        if on_progress:
            on_progress(f"{number + 1} of {len(every)}: {case.name}", number / len(every))
        row, verdicts = _outcome(file, case, [*changes, *case.changes], variant, kept)
        if not row["error"]:  # two cases may be the same scenario
            kept.rows.setdefault(row["key"], row)
            kept.targets.setdefault(row["key"], verdicts)
        rows.append(row)
        targets.extend(verdicts)
        _write(folder, rows, targets)
    return Sweep(
        pd.DataFrame(rows, columns=list(COLUMNS)), pd.DataFrame(targets, columns=list(TARGET_COLUMNS))
    )


def _outcome(
    file: Path, case: Case, changes: list[tuple[str, str]], variant: str, kept: _Kept
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the row of a case and those of its targets."""
    try:
        loaded = load_scenario(file, changes, variant)
        key = _key(loaded)
        if key in kept.rows:
            mine = {"case": case.name, "subject": case.subject}
            return kept.rows[key] | mine, [row | {"case": case.name} for row in kept.targets.get(key, [])]
        return _row(simulate(loaded), case, key)
    except SimError as error:
        if case.name == BASE:
            raise
        blank = dict.fromkeys(COLUMNS, "")
        return blank | {"case": case.name, "subject": case.subject, "error": " ".join(str(error).split())}, []


def _key(loaded: LoadedScenario) -> str:
    """Return what a row depends on: version, resolved scenario and the files it reads."""
    inputs = {name: files.sha256(path) for name, path in sorted(loaded.inputs.items())}
    return files.digest_of([__version__, loaded.resolved, inputs])[:16]


def _row(run: Run, case: Case, key: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    counts = run.scorecard["verdict"].value_counts()
    row: dict[str, Any] = {"case": case.name, "subject": case.subject}
    row |= {name.replace(" ", "_"): int(counts.get(name, 0)) for name in VERDICTS}
    replications = len(run.states)
    row["spent_yuan"] = round(float(run.spending["spent_fen"].sum()) / FEN_PER_YUAN / replications)
    last = run.indicators[run.indicators["month"] == run.horizon.months - 1]
    for name in _SHOWN:
        mine = last[(last["indicator"] == name) & (last["breakdown"] == ALL)]["value"]
        row[name] = round(float(mine.mean()), 6) if len(mine) else ""
    row["months_to_service"] = _months_to_service(run)
    row |= {"result": result_digest(run), "key": key, "error": ""}
    card = run.scorecard[["target_id", "verdict", "mean", "margin", "first_met"]].astype(str)
    verdicts = [
        {"case": case.name, "key": key} | dict(zip(card.columns, values, strict=True))
        for values in card.to_numpy().tolist()
    ]
    return row, verdicts


def _months_to_service(run: Run) -> float | str:
    """Return the mean time from money to service of the projects in service [months]; empty without any."""
    days = run.delays.loc[run.delays["outcome"] == IN_SERVICE, "lasted_days"]
    return round(float(days.mean()) / WORKING_DAYS_PER_MONTH, 6) if len(days) else ""


def result_digest(run: Run) -> str:
    """Return a digest of all that was decided, built, spent, measured and judged."""
    found = sha256()
    for frame in (run.events, run.decisions, run.indicators, run.spending, run.scorecard):
        for column in _numbers(frame):
            found.update(column)
    return found.hexdigest()[:16]


def _numbers(frame: pd.DataFrame) -> Iterator[bytes]:
    """Give each column as hashes of its values."""
    for name in frame.columns:
        yield pd.util.hash_pandas_object(frame[name], index=False).to_numpy().tobytes()


@dataclass(frozen=True, eq=False)
class _Kept:
    """What an earlier sweep left, by key."""

    rows: dict[str, dict[str, Any]]
    targets: dict[str, list[dict[str, Any]]]


def _kept(folder: Path) -> _Kept:
    rows: dict[str, dict[str, Any]] = {}
    targets: dict[str, list[dict[str, Any]]] = {}
    for row in _read(folder / TABLE, COLUMNS):
        if row["key"] and not row["error"]:
            rows[row["key"]] = row
    for row in _read(folder / TARGETS, TARGET_COLUMNS):
        mine = targets.setdefault(row["key"], [])
        if not mine or mine[0]["case"] == row["case"]:  # cases that are the same scenario have the same rows
            mine.append(row)
    return _Kept(rows, targets)


def _read(path: Path, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the rows of a table of an earlier sweep; one that cannot be read is made anew."""
    if not path.is_file():
        return []
    try:
        return [
            {name: row[name] if name in _TEXTS else _value(row[name]) for name in columns}
            for _, row in files.read_csv_rows(path, columns)
        ]
    except DataError:
        return []


def _value(text: str) -> int | float | str:
    """Return a cell as it was before it was written."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _write(folder: Path, rows: list[dict[str, Any]], targets: list[dict[str, Any]]) -> None:
    for name, columns, found in ((TABLE, COLUMNS, rows), (TARGETS, TARGET_COLUMNS, targets)):
        files.write_csv(folder / name, list(columns), [[row[column] for column in columns] for row in found])
