"""What levers are worth: on the terminal, as a figure and as a page of Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Group
from rich.table import Table
from rich.text import Text

from sim import files
from sim.levers import LEVERS
from sim.report import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FIGURE, PAGE = "levers", "levers.md"
_UP, _DOWN = "#0072B2", "#E69F00"
"""More and less, neither of them good by itself."""
_MEASURES = (
    ("met", "targets met", 1.0, "{:+,.0f}"),
    ("ftth_homes_passed", "fibre homes passed [thousand]", 1e3, "{:+,.1f}"),
    ("homes_connected", "homes connected [thousand]", 1e3, "{:+,.1f}"),
    ("mean_access_bandwidth_households", "mean rate paid for [Mbit/s]", 1.0, "{:+,.2f}"),
    ("lte_population_coverage", "residents with LTE [% points]", 0.01, "{:+,.2f}"),
    ("spent_yuan", "money spent [M yuan]", 1e6, "{:+,.1f}"),
    ("months_to_service", "months from money to service", 1.0, "{:+,.2f}"),
)
_SUMS = {"together": "all together", "sum": "sum of the single ones", "interaction": "beyond the sum"}


def write_levers(table: pd.DataFrame, targets: pd.DataFrame, folder: Path, title: str) -> None:
    """Write figure and page into a folder; ``table`` and ``targets`` are those of ``sim.lever_runs``."""
    with style.house_style():
        style.save(draw_levers(table), table, folder, FIGURE)
    files.write_text(folder / PAGE, page(table, targets, title))


def draw_levers(table: pd.DataFrame) -> Figure:
    """Draw what each lever moves, one panel a measure; whiskers span its sizes' range."""
    shown = table[~table["lever"].isin(["sum", "interaction"])].reset_index(drop=True)
    figure = style.new_figure(15.0, 1.8 + 0.34 * len(shown))
    figure.suptitle("What each instrument is worth: with it less without it", fontsize=11)
    panels = figure.subplots(1, len(_MEASURES), sharey=True)
    for axes, (column, label, unit, _) in zip(panels, _MEASURES, strict=True):
        _bars(axes, shown, column, unit)
        axes.set_xlabel(label, fontsize=7)
        axes.tick_params(axis="x", labelsize=6)
    panels[0].set_yticks(range(len(shown)), [_plain(name) for name in shown["lever"]], fontsize=7)
    panels[0].invert_yaxis()
    return figure


def _bars(axes: Axes, shown: pd.DataFrame, column: str, unit: float) -> None:
    values = pd.to_numeric(shown[column], errors="coerce").fillna(0.0).to_numpy() / unit
    axes.barh(
        range(len(values)), values, color=[_UP if value >= 0 else _DOWN for value in values], height=0.7
    )
    for row, end in enumerate(_ranges(shown, column)):
        if end is not None:
            axes.plot([end[0] / unit, end[1] / unit], [row, row], color=style.GREY, lw=1.1, marker="|", ms=5)
    axes.axvline(0.0, color=style.GREY, lw=0.9)
    axes.margins(x=0.1)
    if not any(values):
        axes.set_xlim(-1.0, 1.0)


def _ranges(shown: pd.DataFrame, column: str) -> list[tuple[float, float] | None]:
    """Return least and largest worth of each lever over its sizes, where they were tried."""
    low, high = (pd.to_numeric(shown[f"{column}_{end}"], errors="coerce") for end in ("low", "high"))
    return [
        None if pd.isna(one) or pd.isna(other) else (float(one), float(other))
        for one, other in zip(low, high, strict=True)
    ]


def page(table: pd.DataFrame, targets: pd.DataFrame, title: str) -> str:
    """Return the page: what each lever is worth, how it acts, which targets it moves."""
    labels = [label for _, label, _, _ in _MEASURES]
    lines = [
        f"# What the instruments are worth: {_cell(title)}",
        "",
        "Each row is a run with the instrument less one without it. All else is equal: the other instruments",
        "stay as the scenario has them, and every project meets the same luck. Values are those of the last",
        "month; in brackets the least and the largest over the range of the instrument's sizes, where tried.",
        "",
        f"![what each instrument is worth]({FIGURE}.png)",
        "",
        "| instrument | holds | " + " | ".join(labels) + " | targets that flip | |",
        "|---" * (len(labels) + 4) + "|",
    ]
    for row in table.to_dict("records"):
        cells = [_shown(row, *measure) for measure in _MEASURES]
        said = (_plain(str(row["lever"])), str(row["holds"]), *cells, str(row["flips"]), _note(row))
        lines.append("| " + " | ".join(_cell(one) for one in said) + " |")
    lines += ["", "## How they act", ""]
    for name in table["lever"]:
        if name in LEVERS:
            kind = LEVERS[name]
            lines.append(f"- **{_plain(name)}** ({', '.join(kind.targets)}): {kind.mechanism}.")
    return "\n".join([*lines, "", *_targets(targets)]) + "\n"


def _targets(targets: pd.DataFrame) -> list[str]:
    if targets.empty:
        return ["No instrument moves any target."]
    lines = [
        "## Targets that they move",
        "",
        "| instrument | target | verdict without | with | value without | with | first met without | with |",
        "|---|---|---|---|---|---|---|---|",
    ]
    names = (
        "lever",
        "target_id",
        "verdict_off",
        "verdict_on",
        "mean_off",
        "mean_on",
        "first_met_off",
        "first_met_on",
    )
    for row in targets.to_dict("records"):
        lines.append("| " + " | ".join(_cell(_number(row[name])) for name in names) + " |")
    return lines


def _number(value: object) -> str:
    """Return a value as text, numbers shortened."""
    try:
        return f"{float(str(value)):.4g}"
    except ValueError:
        return _plain(str(value)) if str(value) in LEVERS else str(value)


def _cell(text: str) -> str:
    return style.plain(text).replace("|", "\\|")


def _plain(name: str) -> str:
    return _SUMS.get(name, name.replace("_", " "))


def _shown(row: dict[Any, Any], column: str, _label: str, unit: float, form: str) -> str:
    """Return the worth of a lever by one measure, with its range."""
    if row[column] == "":
        return ""
    text = _signed(float(row[column]) / unit, form)
    low, high = row[f"{column}_low"], row[f"{column}_high"]
    if low == "" or high in ("", low):
        return text
    return f"{text} ({_signed(float(low) / unit, form)} to {_signed(float(high) / unit, form)})"


def _signed(value: float, form: str) -> str:
    """Return a difference with its sign; what rounds to nothing has none."""
    text = form.format(value)
    return text[1:] if float(text.replace(",", "")) == 0 else text


def _note(row: dict[Any, Any]) -> str:
    """Return what is to be said of a lever: that it cannot act here, or changes nothing."""
    if row["note"]:
        return str(row["note"])
    return "inert: no result differs" if row["inert"] == "yes" else ""


def levers_summary(table: pd.DataFrame, folder: Path) -> Group:
    """Return what the levers are worth as a table, and where the results lie."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    shown.add_column("with less without")
    for name in ("holds", "met", "passed [k]", "connected [k]", "Mbit/s", "LTE [pp]", "spent [M]", "months"):
        shown.add_column(name, justify="right")
    shown.add_column("targets that flip")
    notes = []
    for row in table.to_dict("records"):
        cells = [_shown(row, *measure) for measure in _MEASURES]
        name = _plain(str(row["lever"]))
        shown.add_row(Text(name), str(row["holds"]), *cells, Text(str(row["flips"])))
        if said := _note(row):
            notes.append(Text(f"{name}: {said}", style="yellow"))
    return Group(shown, *notes, Text(f"wrote {folder}", no_wrap=True))
