"""A sweep on the terminal and as a figure: what each input is worth, and which change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Group
from rich.table import Table
from rich.text import Text

from sim.report import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FIGURE = "sweep-differences"
MOST_SHOWN = 30
"""Cases that a figure shows, those that move most."""
_UP, _DOWN = "#009E73", "#D55E00"
_PANELS = (
    ("met", "targets met", 1.0),
    ("spent_yuan", "money spent [bn yuan]", 1e9),
    ("ftth_homes_passed", "fibre homes passed [thousand]", 1e3),
    ("lte_population_coverage", "residents with LTE [% points]", 0.01),
)


def differences(table: pd.DataFrame) -> pd.DataFrame:
    """Return what each case that could be run changes against the first row, those that move most first."""
    rows = table[table["error"] == ""]
    shown = rows[["case", "subject"]].copy()
    for column, _, unit in _PANELS:
        value = pd.to_numeric(rows[column], errors="coerce")
        shown[column] = (value - value.iloc[0]) / unit
    moved = shown[[column for column, _, _ in _PANELS]].abs()
    largest = moved.max().replace(0.0, 1.0)
    order = (-(moved / largest).sum(axis=1)).iloc[1:].sort_values(kind="stable").index
    return shown.loc[order].reset_index(drop=True)


def write_sweep(table: pd.DataFrame, folder: Path) -> None:
    """Write the figure of a sweep and its table into a folder; nothing where no case could be run."""
    found = differences(table)
    if len(found):
        with style.house_style():
            style.save(draw_sweep(found), found, folder, FIGURE)


def draw_sweep(found: pd.DataFrame) -> Figure:
    """Draw the differences to the base, one bar a case and panel."""
    shown = found.head(MOST_SHOWN)
    figure = style.new_figure(12.0, 1.8 + 0.26 * len(shown))
    figure.suptitle("What each change is worth, against the base", fontsize=11)
    panels = figure.subplots(1, len(_PANELS), sharey=True)
    for axes, (column, label, _) in zip(panels, _PANELS, strict=True):
        _bars(axes, shown[column].fillna(0.0).tolist())
        axes.set_xlabel(f"change of {label}", fontsize=7)
    panels[0].set_yticks(range(len(shown)), [style.plain(name) for name in shown["case"]], fontsize=7)
    panels[0].invert_yaxis()
    return figure


def _bars(axes: Axes, values: Sequence[float]) -> None:
    axes.barh(
        range(len(values)), values, color=[_UP if value >= 0 else _DOWN for value in values], height=0.7
    )
    axes.axvline(0.0, color=style.GREY, lw=0.9)
    axes.margins(x=0.08)
    if not any(values):
        axes.set_xlim(-1.0, 1.0)


def sweep_summary(table: pd.DataFrame, inert: Sequence[str], folder: Path) -> Group:
    """Return the cases as a table, the inputs that change nothing, and where the results lie."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    shown.add_column("case")
    for name in ("met", "at risk", "missed", "spent [bn yuan]", "homes passed", "LTE"):
        shown.add_column(name, justify="right", no_wrap=True)
    for row in table.to_dict("records"):
        if row["error"]:
            shown.add_row(Text(str(row["case"])), Text(f"cannot be run: {row['error']}", style="red"))
            continue
        homes, lte = row["ftth_homes_passed"], row["lte_population_coverage"]
        shown.add_row(
            Text(str(row["case"])), str(row["met"]), str(row["at_risk"]), str(row["missed"]),
            f"{row['spent_yuan'] / 1e9:,.3f}", f"{homes:,.0f}" if homes != "" else "",
            f"{lte:.1%}" if lte != "" else "",
        )  # fmt: skip
    said = f"inert (no result differs from the base): {', '.join(inert)}" if inert else "no input is inert"
    style_of = "yellow" if inert else "dim"
    return Group(shown, Text(said, style=style_of), Text(f"wrote {folder}", no_wrap=True))
