"""How good the plan was: how far each release may be from the best choice, and what more money buys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.ticker import PercentFormatter

from sim.report import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.clock import Horizon
    from sim.store import Run, SavedRun

NAME = "plan-quality"
_COLUMNS = ["operator", "release", "pot", "chosen", "worth", "bound", "gap", "spent_fen", "worth_of_million"]
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#8A6D3B", "#555555")


def quality_pictures(run: Run) -> dict[str, tuple[Callable[[], Figure], pd.DataFrame]]:
    """Return the picture by file name, and the table beside it; none where nothing was asked."""
    table = quality_table(run.releases)
    return {NAME: (lambda: draw_quality(table, run.horizon), table)} if len(table) else {}


def quality_table(releases: pd.DataFrame) -> pd.DataFrame:
    """Return the releases of replication 0."""
    return releases.loc[releases["replication"] == 0, _COLUMNS].reset_index(drop=True)


def quality_words(run: SavedRun) -> dict[str, str]:
    """Return the gap over all releases and at the worst one, in percent; empty where none has a bound."""
    table = quality_table(run.releases)
    whole = table[(table["pot"] == "") & (table["bound"] > 0)]
    if whole.empty:
        return {}
    worst = whole.iloc[int(whole["gap"].to_numpy().argmax())]
    return {
        "gap": f"{1.0 - whole['worth'].sum() / whole['bound'].sum():.1%}",
        "worst": f"{worst['gap']:.1%}",
        "month": run.horizon.label(int(worst["release"])),
    }


def draw_quality(table: pd.DataFrame, horizon: Horizon) -> Figure:
    """Draw the gap of each release, and the worth of one more million yuan by pot."""
    figure = style.new_figure(11.0, 4.2)
    left, right = figure.subplots(1, 2)
    whole = table[table["pot"] == ""].groupby("release")[["worth", "bound"]].sum()
    gap = (1.0 - whole["worth"] / whole["bound"]).where(whole["bound"] > 0)
    left.plot(gap.index, gap, color=_COLOURS[0], marker="o", ms=3.5)
    left.set_ylim(bottom=0.0)
    left.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    left.set_ylabel("of the proven bound")
    style.title(left, "The most that each release's choice may miss")
    _prices(right, table)
    for axes in (left, right):
        style.month_axis(axes, horizon)
    return figure


def _prices(axes: Axes, table: pd.DataFrame) -> None:
    """Draw what one more million yuan would be worth in each pot; the mean over operators."""
    rows = table[table["pot"] != ""]
    for number, (pot, part) in enumerate(rows.groupby("pot", sort=True)):
        price = part.groupby("release")["worth_of_million"].mean()
        axes.plot(price.index, price, color=_COLOURS[number % len(_COLOURS)], marker="o", ms=3, label=pot)
    axes.set_ylim(bottom=0.0)
    axes.set_ylabel("worth [weighted homes, persons and km]")
    style.title(axes, "What one more million yuan would be worth, by pot")
    if len(rows):
        axes.legend(fontsize=7)
