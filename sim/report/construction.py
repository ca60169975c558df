"""Building in a picture: days lost by cause, idle crews, waiting money, and what binds in each month."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from sim.report import style
from sim.report.why import WORDS
from sim.tables.results import CAUSES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.clock import Horizon
    from sim.store import Run

NAME = "construction"
LOST, IDLE, FREE, OWED = "days_lost", "crews_idle_share", "money_uncommitted", "money_committed_unspent"
UNDER_WAY, LATE, BINDING = "projects_under_way", "projects_late", "binding_constraint"
_SHOWN = (LOST, IDLE, FREE, OWED, UNDER_WAY, LATE, BINDING)
_CAUSE_TINTS = dict(
    zip(
        CAUSES,
        ("#0072B2", "#56B4E9", "#CC79A7", "#7B3294", "#B8A800", "#009E73", "#A6D9C5", "#8C564B", "#D55E00",
         "#E69F00", "#999999"),
        strict=True,
    )
)  # fmt: skip
_BINDING_TINTS = {
    "money": "#E69F00", "crews": "#0072B2", "permits": "#CC79A7", "season": "#009E73", "supply": "#8C564B",
    "none": "#E3E3E3",
}  # fmt: skip
_PHASE_TINTS = {
    "survey": "#F0E442", "permit": "#CC79A7", "procure": "#7B3294", "preparing": "#BDB5D5",
    "waiting": "#B3261E", "build": "#0072B2", "test": "#009E73",
}  # fmt: skip
_POT_TINTS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7B3294", "#8C564B")
_SKILL_TINTS = {"fibre": "#0072B2", "civil": "#8C564B", "radio": "#D55E00", "install": "#009E73"}
_THOUSAND, _MILLION, _BILLION = 1e3, 1e6, 1e9
_MANY = 2.0
"""Larger units from which an axis is in them."""
_ROOM = 1.6
"""Height of a panel over its largest value: the rest is left to the legend."""
Drawn = tuple[Callable[[], Figure], pd.DataFrame]


def construction_pictures(run: Run) -> dict[str, Drawn]:
    """Return the picture by file name, and the table beside it; none where nothing is ever built."""
    table = construction_table(run.indicators)
    under_way = table[table["indicator"] == UNDER_WAY]
    if not (under_way["mean"] > 0).any():
        return {}
    return {NAME: (lambda: draw_construction(table, run.horizon), table)}


def construction_table(indicators: pd.DataFrame) -> pd.DataFrame:
    """Return month, indicator, breakdown, mean, p10 and p90 over replications."""
    chosen = indicators[indicators["indicator"].isin(_SHOWN)]
    grouped = chosen.groupby(["indicator", "breakdown", "month"], sort=True)["value"]
    table = pd.DataFrame({"mean": grouped.mean(), "p10": grouped.quantile(0.1), "p90": grouped.quantile(0.9)})
    return table.round(6).reset_index()[["month", "indicator", "breakdown", "mean", "p10", "p90"]]


def draw_construction(table: pd.DataFrame, horizon: Horizon) -> Figure:
    """Draw what binds over days lost, projects under way, idle crews and waiting money."""
    figure = style.new_figure(11.6, 7.6)
    grid = figure.add_gridspec(3, 2, height_ratios=(0.12, 1.0, 1.0))
    _strip(figure.add_subplot(grid[0, :]), table, horizon)
    panels = [[figure.add_subplot(grid[row, column]) for column in (0, 1)] for row in (1, 2)]
    unit = _stack(panels[0][0], table, horizon, (LOST, WORDS, _CAUSE_TINTS))
    style.title(panels[0][0], "Working days of projects lost in each month, by cause")
    panels[0][0].set_ylabel(f"days lost [{'thousand ' if unit > 1 else ''}working days]")
    phases = {name: name for name in _PHASE_TINTS}
    unit = _stack(panels[0][1], table, horizon, (UNDER_WAY, phases, _PHASE_TINTS))
    _late(panels[0][1], table, unit)
    style.title(panels[0][1], "Projects under way at the month's end")
    panels[0][1].set_ylabel(f"projects{' [thousand]' if unit > 1 else ''}")
    _idle(panels[1][0], table, horizon)
    _money(panels[1][1], table, horizon)
    return figure


def _values(table: pd.DataFrame, indicator: str, breakdown: str, months: int) -> NDArray[np.float64]:
    """Return the mean of a series by month, 0 where nothing was measured, shape (M,)."""
    rows = table[(table["indicator"] == indicator) & (table["breakdown"] == breakdown)]
    values = np.zeros(months)
    values[rows["month"]] = rows["mean"]
    return values


def _strip(axes: Axes, table: pd.DataFrame, horizon: Horizon) -> None:
    """Colour each month by the constraint that bound it in most replications."""
    shares = np.array([_values(table, BINDING, name, horizon.months) for name in _BINDING_TINTS])
    names = list(_BINDING_TINTS)
    for month, row in enumerate(np.argmax(shares, axis=0).tolist()):
        axes.axvspan(month - 0.5, month + 0.5, color=_BINDING_TINTS[names[row]], lw=0)
    axes.set_xlim(0, max(horizon.months - 1, 1))
    axes.set_yticks([])
    axes.set_xticks([])
    axes.grid(visible=False)
    style.title(axes, "What binds in each month")
    here = [name for name, share in zip(names, shares, strict=True) if share.any()]
    handles = [mpl.patches.Patch(color=_BINDING_TINTS[name], label=name) for name in here]
    axes.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=6, fontsize=7.5,
                borderaxespad=0.1, handlelength=1.0, columnspacing=0.9)  # fmt: skip


def _stack(
    axes: Axes, table: pd.DataFrame, horizon: Horizon,
    what: tuple[str, Mapping[str, str], Mapping[str, str]],
) -> float:  # fmt: skip
    """Stack the parts of an indicator, those that never occur left out; return how many make its unit."""
    indicator, words, tints = what
    parts = {name: _values(table, indicator, name, horizon.months) for name in tints}
    parts = {name: values for name, values in parts.items() if values.any()}
    top = float(np.max(sum(parts.values(), np.zeros(1)), initial=0.0))
    unit = _THOUSAND if top >= _MANY * _THOUSAND else 1.0
    if parts:
        axes.stackplot(
            np.arange(horizon.months), *[values / unit for values in parts.values()],
            colors=[tints[name] for name in parts], labels=[words[name] for name in parts], lw=0, alpha=0.9,
        )  # fmt: skip
        _legend(axes)
    axes.set_ylim(0, _ROOM * max(top / unit, 1e-3))
    style.month_axis(axes, horizon)
    return unit


def _legend(axes: Axes) -> None:
    """Put the names of the parts in the room above them, the uppermost first."""
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(
        handles[::-1], labels[::-1], loc="upper left", ncols=2, fontsize=7.5, frameon=True, framealpha=0.8,
        edgecolor="none",
    )  # fmt: skip


def _late(axes: Axes, table: pd.DataFrame, unit: float) -> None:
    rows = table[(table["indicator"] == LATE) & (table["breakdown"] == "all")]
    if (rows["mean"] > 0).any():
        axes.plot(rows["month"], rows["mean"] / unit, color="black", lw=1.6, ls="--")
        last = rows.iloc[-1]
        text = "late by a month or more"
        style.end_label(axes, text, last["month"], last["mean"] / unit, fontsize=7.5)


def _idle(axes: Axes, table: pd.DataFrame, horizon: Horizon) -> None:
    """Draw the share of crew-days without work by skill, with its spread over replications."""
    rows = table[(table["indicator"] == IDLE) & (table["breakdown"] != "all")]
    ends = []
    for name, part in rows.groupby("breakdown", sort=True):
        tint = _SKILL_TINTS.get(str(name), style.GREY)
        axes.plot(part["month"], part["mean"], color=tint, lw=1.8)
        axes.fill_between(part["month"], part["p10"], part["p90"], color=tint, alpha=0.15, lw=0)
        ends.append((str(name), float(part["mean"].iloc[-1]), tint))
    places = style.spread([end[1] for end in ends], 0.06)
    for (name, value, tint), place in zip(ends, places, strict=True):
        style.end_label(axes, f"{name} {value:.0%}", horizon.months - 1, place, color=tint, fontsize=8)
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_ylabel("share of crew-days without work")
    style.title(axes, "Idle crews, by skill")
    style.month_axis(axes, horizon)


def _money(axes: Axes, table: pd.DataFrame, horizon: Horizon) -> None:
    """Draw money that waits, by pot: not yet promised, and promised but not yet paid."""
    rows = table[table["indicator"].isin([FREE, OWED]) & (table["breakdown"] != "all")]
    top = float(rows["mean"].max()) if len(rows) else 0.0
    unit, name = (_BILLION, "bn") if top >= _MANY * _BILLION else (_MILLION, "million")
    for row, pot in enumerate(sorted(set(rows["breakdown"]))):
        tint = _POT_TINTS[row % len(_POT_TINTS)]
        for indicator, line in ((FREE, "-"), (OWED, ":")):
            values = _values(rows, indicator, pot, horizon.months) / unit
            label = style.plain(pot) if line == "-" else None
            axes.plot(np.arange(horizon.months), values, color=tint, ls=line, lw=1.8, label=label)
    axes.plot([], [], color=style.GREY, ls=":", label="promised, not paid")
    axes.plot([], [], color=style.GREY, ls="-", label="released, not promised")
    axes.set_ylim(top=_ROOM * max(top / unit, 1e-3))
    _legend(axes)
    axes.set_ylabel(f"waiting at the month's end [{name} yuan]")
    style.title(axes, "Waiting money, by pot")
    style.month_axis(axes, horizon)
