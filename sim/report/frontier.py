"""A frontier on the terminal, as a table and as a figure: money against what it reaches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Group
from rich.table import Table
from rich.text import Text

from sim import files
from sim.report import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.plans.frontier import Frontier

FIGURE, TARGETS = "frontier", "targets.csv"
_FRONT, _BEHIND = "#0072B2", "#737373"
_PER_BN, _PER_THOUSAND = 1e9, 1e3


def points_table(frontier: Frontier) -> pd.DataFrame:
    """Return a row for each budget."""
    return pd.DataFrame(frontier.facts()["points"])


def targets_table(frontier: Frontier) -> pd.DataFrame:
    """Return a row for each target and a column for each budget: whether it is met there."""
    scales = [point.budget_scale for point in frontier.points]
    rows = [
        (name, min(met, default=""), *(scale in met for scale in scales))
        for name, met in frontier.targets.items()
    ]
    return pd.DataFrame(rows, columns=["target_id", "met_from", *(f"at_{scale:g}" for scale in scales)])


def write_points(frontier: Frontier, folder: Path) -> None:
    """Write the tables of a frontier into a folder, over those of fewer points."""
    for name, table in ((f"{FIGURE}.csv", points_table(frontier)), (TARGETS, targets_table(frontier))):
        files.write_csv(folder / name, list(table.columns), table.astype(object).to_numpy().tolist())


def write_frontier(frontier: Frontier, folder: Path) -> None:
    """Write tables and figure of a frontier into a folder."""
    write_points(frontier, folder)
    files.write_json(folder / f"{FIGURE}.json", frontier.facts())
    table = points_table(frontier)
    with style.house_style():
        style.save(draw_frontier(frontier, table), table, folder, FIGURE)


def draw_frontier(frontier: Frontier, table: pd.DataFrame) -> Figure:
    """Draw targets met, worth with its bound, and homes and persons against the money spent."""
    figure = style.new_figure(12.0, 4.6)
    figure.suptitle(style.plain(f"{frontier.title}: what more money reaches"), fontsize=11)
    spent = (table["capex_yuan"] + table["connections_yuan"]) / _PER_BN
    left, middle, right = figure.subplots(1, 3)
    _line(left, spent, table["targets_met"], table)
    left.set_ylim(0, max(1, int(table["targets_judged"].max())) * 1.05)
    left.axhline(int(table["targets_judged"].max()), color=style.GREY, lw=0.9, ls="--")
    left.set_ylabel(f"targets met, of {int(table['targets_judged'].max())} judged")
    style.title(left, "Targets")
    _line(middle, spent, table["worth"] / _PER_THOUSAND, table)
    middle.plot(spent, table["bound"] / _PER_THOUSAND, color=style.GREY, lw=0.9, ls="--", label="bound")
    middle.set_ylabel("worth [thousand homes and persons, weighted]")
    middle.legend(fontsize=8, loc="lower right")
    style.title(middle, "Worth and its bound")
    _line(right, spent, table["homes"] / _PER_THOUSAND, table)
    right.set_ylabel("newly served [thousand homes and persons]")
    style.title(right, "Homes and persons")
    for axes in (left, middle, right):
        axes.set_xlabel("building and connecting [bn yuan]")
        axes.set_xlim(left=0.0)
    for axes in (middle, right):
        axes.set_ylim(bottom=0.0)
    return figure


def _line(axes: Axes, x: pd.Series, y: pd.Series, table: pd.DataFrame) -> None:
    """Draw points in the order of money, those on the front filled, each with its budget."""
    axes.plot(x, y, color=_FRONT, lw=1.1, zorder=1)
    for at, good in enumerate(table["efficient"]):
        face = _FRONT if good else "white"
        axes.plot(x.iloc[at], y.iloc[at], "o", ms=6, mfc=face, mec=_FRONT if good else _BEHIND, zorder=2)
        axes.annotate(
            f"{table['budget_scale'].iloc[at]:g}", (x.iloc[at], y.iloc[at]), xytext=(4, -10),
            textcoords="offset points", fontsize=7, color=style.GREY,
        )  # fmt: skip


def frontier_summary(frontier: Frontier, folder: Path) -> Group:
    """Return the points by growing money, and where tables and figure lie."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    names = ("budget scale", "money [bn yuan]", "spent [bn yuan]", "projects", "targets met", "worth", "gap")
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("on the front", no_wrap=True)
    for point in frontier.points:
        gap = 1.0 - point.worth / point.bound if point.bound > 0 else 0.0
        cells: list[Any] = [
            f"{point.budget_scale:g}", f"{point.money_yuan / _PER_BN:,.3f}",
            f"{(point.capex_yuan + point.connections_yuan) / _PER_BN:,.3f}", f"{point.projects:,}",
            f"{point.targets_met} of {point.targets_judged}", f"{point.worth:,.0f}", f"{gap:.2%}",
            "yes" if point.efficient else "no",
        ]  # fmt: skip
        table.add_row(*map(Text, cells))
    parts: list[Any] = [Text(f"{frontier.title}: budget against targets", style="bold"), table]
    if not frontier.monotonicity.holds:
        parts.append(Text(f"more money meets fewer targets: {frontier.monotonicity.explained_by}"))
    parts.append(Text(f"written: {folder / f'{FIGURE}.csv'}", no_wrap=True))
    return Group(*parts)
