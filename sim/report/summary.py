"""What a run says on the terminal: the scorecard, the money, and where the report lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from sim.store import Run

VERDICT_STYLES = {"met": "green", "at risk": "yellow", "missed": "red", "trend": "cyan", "not judged": "dim"}
_FEN_PER_BN_YUAN = 1e11


def summary(run: Run, folder: Path) -> Group:
    """Return the scorecard, the funds against the price of all candidates, and the report's path.

    Targets that are not judged are counted, not listed.
    """
    title = Text(f"{run.title} ({run.horizon.first} to {run.horizon.last})", style="bold")
    parts: list[Any] = [title, _scorecard(run), _counts(run), _funding(run)]
    parts += [Text(f"note: {note}", style="dim") for note in run.notes]
    parts.append(Text(f"report: {folder / 'report.html'}", no_wrap=True))
    return Group(*parts)


def _scorecard(run: Run) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("target", "what is wanted", "due"):
        table.add_column(name, no_wrap=name != "what is wanted")
    for name in ("wanted", "reached"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("first met", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for row in run.scorecard.to_dict("records"):
        verdict = str(row["verdict"])
        if verdict == "not judged":
            continue  # counted below; the report gives the reason of each
        wanted = f"{row['comparator']} {row['wanted']}".strip() if row["wanted"] else ""
        table.add_row(
            Text(str(row["target_id"])), Text(str(row["statement"])), Text(str(row["due_month"])),
            Text(wanted), Text(_short(str(row["mean"]))),
            Text("at start" if row["at_start"] else str(row["first_met"])),
            Text(verdict, style=VERDICT_STYLES.get(verdict, "")),
        )  # fmt: skip
    return table


def _short(number: str) -> str:
    try:
        return f"{float(number):.6g}"
    except ValueError:
        return number


def _counts(run: Run) -> Text:
    counts = run.scorecard["verdict"].value_counts()
    named = [f"{counts.get(verdict, 0)} {verdict}" for verdict in VERDICT_STYLES if counts.get(verdict, 0)]
    why = " (each with its reason in the report)" if counts.get("not judged", 0) else ""
    return Text("targets: " + (", ".join(named) or "none") + why, style="bold")


def _funding(run: Run) -> Table:
    """Show funds against the price of everything that could be built: a budget that binds nothing shows."""
    table = Table(
        box=None, pad_edge=False, header_style="bold", title=Text("funds in bn yuan"), title_justify="left"
    )
    names = list(dict.fromkeys(name for row in run.funding for name in row))
    for name in names:
        money = name.endswith("_fen")
        table.add_column(name.removesuffix("_fen").replace("_", " "), justify="right" if money else "left")
    for row in run.funding:
        table.add_row(*(Text(_cell(name, row.get(name, ""))) for name in names))
    return table


def _cell(name: str, value: Any) -> str:
    if name.endswith("_fen") and isinstance(value, int | float):
        return f"{value / _FEN_PER_BN_YUAN:,.3f}"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
