"""A saved run judged again, and its scorecard as a terminal shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from sim import files
from sim.errors import StoreError
from sim.indicators.options import TargetOptions
from sim.indicators.scorecard import FEN_PER_YUAN, MISSED, NOT_JUDGED, Held, number, score_targets
from sim.indicators.targets import Target, read_targets, targets_of, targets_of_nation
from sim.report.summary import VERDICT_STYLES
from sim.tables.scorecard_file import as_number, json_row

if TYPE_CHECKING:
    import pandas as pd

    from sim.store import SavedRun

_SAME = ("indicator", "breakdown", "comparator", "wanted", "due_month")
"""Columns in which a target must not have changed for what held it to be kept."""
_NOT_TOLD = "what held it and what closes it are told by the run itself, which was judged by another target"
_MILLION, _BILLION = 1e6, 1e9


@dataclass(frozen=True, eq=False)
class Judged:
    """The verdicts on a saved run."""

    name: str
    title: str
    horizon: str
    scorecard: pd.DataFrame
    remarks: tuple[str, ...] = ()

    @property
    def missed(self) -> int:
        """How many targets are missed."""
        return int((self.scorecard["verdict"] == MISSED).sum())

    def counts(self) -> dict[str, int]:
        """Return how many targets have each verdict, in the order of the legend, without zeros."""
        found = self.scorecard["verdict"].value_counts()
        return {name: int(found[name]) for name in VERDICT_STYLES if name in found}

    def facts(self) -> dict[str, Any]:
        """Return the verdicts as plain values for JSON; money in yuan."""
        rows = [json_row(row) for row in self.scorecard.to_dict("records")]
        return {
            "run": self.name,
            "counts": self.counts(),
            "targets": rows,
            "remarks": list(self.remarks),
        }


def judged_again(run: SavedRun, table: Path | None = None) -> Judged:
    """Return the verdicts on a saved run by a table of targets, by default the one it was judged by.

    What held a target and what closing it costs are worked out in a run alone; they are kept where the
    target is still the same. Raises ``DataError`` for mistakes of the table, ``StoreError`` where there is
    none.
    """
    resolved = run.facts["scenario"].get("targets")
    if not resolved:
        raise StoreError(f"{run.folder} keeps no rules for its targets; run the scenario again")
    chosen = table or _own_table(run, str(resolved.get("table", "")))
    options = _options(resolved, run.facts.get("parameters", []))
    targets = _targets(run, read_targets(chosen), options)
    before = {row["target_id"]: row for row in run.scorecard.to_dict("records")}
    kept = {t.target_id: before[t.target_id] for t in targets if _same(t, before.get(t.target_id))}
    card = score_targets(
        run.indicators, targets, run.horizon, options, run.draws, lambda target, _: _held(target, kept)
    )
    remarks = [] if table is None else [f"judged by {table}"]
    known = run.manifest.get("inputs", {}).get(str(resolved.get("table", "")))
    if table is None and known is not None and known != files.sha256(chosen):
        remarks.append(f"{chosen} has changed since the run: the verdicts are by the table of today")
    return Judged(
        name=str(run.facts["name"]),
        title=str(run.facts["title"]),
        horizon=f"{run.horizon.first} to {run.horizon.last}",
        scorecard=card,
        remarks=tuple(remarks),
    )


def _targets(run: SavedRun, targets: tuple[Target, ...], options: TargetOptions) -> tuple[Target, ...]:
    """Return the targets that a run is judged by: those of its province, or of the nation alone."""
    if run.facts.get("model") == "nation":
        rules = run.facts["scenario"]["targets"]
        return targets_of_nation(targets, rules.get("leave_out", ()), rules.get("judged_by", {}))
    return targets_of(targets, str(run.facts["province"]), options)


def _own_table(run: SavedRun, name: str) -> Path:
    """Return the table that a run was judged by: a path of its own, or one of the shipped tables."""
    for path in (Path(name), files.shipped("scenarios") / name):
        if name and path.is_file():
            return path
    raise StoreError(f"the targets of {run.folder} ({name or 'none named'}) are not here; use --targets FILE")


def _options(resolved: Mapping[str, Any], parameters: list[Mapping[str, Any]]) -> TargetOptions:
    """Return the options of a saved scenario, its names of parameter rows replaced by their values."""
    values = {str(row["name"]): row["value"] for row in parameters}
    named = {
        key: values.get(value, value) if isinstance(value, str) else value for key, value in resolved.items()
    }
    return TargetOptions.model_construct(**{"leave_out": (), **named})


def _same(target: Target, row: Mapping[Any, Any] | None) -> bool:
    if row is None:
        return False
    cells = {name: getattr(target, name) for name in _SAME}
    cells["wanted"] = "" if target.wanted is None else number(target.wanted)
    return all(str(row.get(name, "")) == cell for name, cell in cells.items())


def _held(target: Target, kept: Mapping[str, Mapping[Any, Any]]) -> Held:
    row = kept.get(target.target_id)
    if row is None:
        return Held("", None, _NOT_TOLD)
    cost = as_number(str(row.get("cost_to_close_yuan", "")))
    return Held(str(row.get("binding", "")), None if cost is None else round(cost * FEN_PER_YUAN))


def score_summary(judged: Judged) -> Group:
    """Return the scorecard by document: every target that is judged, those that are not with the reason."""
    parts: list[Any] = [Text(f"{judged.title} ({judged.horizon})", style="bold")]
    card = judged.scorecard
    for document, rows in card.groupby("document", sort=False):
        parts += [Text(), Text(str(document), style="bold"), *_of_document(rows)]
    counts = ", ".join(f"{count} {verdict}" for verdict, count in judged.counts().items())
    parts += [Text(), Text(f"targets: {counts or 'none'}", style="bold")]
    parts += [Text(f"note: {remark}", style="dim") for remark in judged.remarks]
    return Group(*parts)


def _of_document(rows: pd.DataFrame) -> Iterator[Table | Text]:
    judged = rows[rows["verdict"] != NOT_JUDGED]
    if len(judged):
        yield _table(judged)
    for row in rows[rows["verdict"] == NOT_JUDGED].to_dict("records"):
        yield Text(f"{row['target_id']} not judged: {row['reason']}", style="dim")


def _table(rows: pd.DataFrame) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("target", no_wrap=True)
    table.add_column("clause", max_width=12)
    table.add_column("what is wanted: what is measured", ratio=1)
    table.add_column("due", no_wrap=True)
    for name in ("wanted", "reached", "10 to 90 %", "margin"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("first met", "verdict", "held by"):
        table.add_column(name, no_wrap=True)
    table.add_column("to close", justify="right", no_wrap=True)
    for row in rows.to_dict("records"):
        table.add_row(*_cells(row))
    return table


def _cells(row: Mapping[Any, Any]) -> tuple[Text, ...]:
    verdict, text = str(row["verdict"]), {str(key): str(value) for key, value in row.items()}
    wanted = f"{text['comparator']} {_short(text['wanted'])}".strip()
    low, high = _short(text["p10"]), _short(text["p90"])
    what = Text.assemble(text["statement"], (f" {text['definition']}", "dim"))
    return (
        Text(text["target_id"]),
        Text(text["clause"]),
        what,
        Text(text["due_month"]),
        Text(wanted),
        Text(_short(text["mean"])),
        Text("" if low == high else f"{low} to {high}"),
        Text(_short(text["margin"])),
        Text("at start" if row["at_start"] else text["first_met"]),
        Text(verdict, style=VERDICT_STYLES.get(verdict, "")),
        Text(text["binding"]),
        Text(money_in_words(as_number(text["cost_to_close_yuan"]))),
    )


def _short(text: str) -> str:
    value = as_number(text)
    return text if value is None else f"{value:.4g}"


def money_in_words(yuan: float | None) -> str:
    """Return an amount as a reader says it, in million or billion yuan; empty where there is none."""
    if yuan is None:
        return ""
    if yuan >= _BILLION:
        return f"{yuan / _BILLION:,.3g} bn yuan"
    return f"{yuan / _MILLION:,.3g} m yuan" if yuan else "0 yuan"
