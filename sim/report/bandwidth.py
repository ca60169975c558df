"""The bandwidth of homes against the targets: what they can order, what they pay for, what tests show.

The three are never mixed: a document sets its target on one of them, and its mark stands beside the curve
of that one only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.patheffects
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from sim.report import style
from sim.report.series import monthly
from sim.tables.scorecard_file import as_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.clock import Horizon
    from sim.store import Run, SavedRun

NAME = "bandwidth"
GROUPS = ("urban", "rural")
CAPABILITY, PAID, MEASURED, BUSY = (
    "access_capability_mbps", "mean_access_bandwidth_households", "measured_mbps", "busy_hour_mbps",
)  # fmt: skip
RATES = {
    CAPABILITY: ("can order (mean over homes)", "#000000", "-"),
    PAID: ("pays for (mean over subscribers)", "#0072B2", "--"),
    MEASURED: ("a speed test shows (mean over subscribers)", "#D55E00", "-."),
    BUSY: ("gets at the busy hour (mean over subscribers)", "#D55E00", ":"),
}
"""Indicator, what a home does with the rate, colour and line."""
ABLE, TAKEN = "access_capability_share_ge_", "subscribed_share_ge_"
_FIBRE = "ftth_100Mbps_homes_share"
"""Homes that can have 100 Mbit/s by fibre: a capability by name of its technology."""
_RATE = re.compile(r"_ge_(\d+)Mbps$")
_TINTS = ("#56B4E9", "#009E73", "#B8A800", "#E69F00", "#D55E00", "#7B3294")
_TICKS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
_URBAN_PARTS = ("urban", "city", "capital", "other cities")
_APART = {"rates": 0.075, "shares": 0.085}
"""Least distance of two labels, as a share of a panel's height."""
_ONE = 0.01
"""Curves that end closer than this share a label."""


@dataclass(frozen=True)
class Panel:
    """One row of the figure: which indicators it shows and what it is called."""

    quantity: str
    title: str
    is_share: bool

    def holds(self, indicator: str) -> bool:
        """Return whether an indicator belongs to this row."""
        return _quantity(indicator) == self.quantity


PANELS = (
    Panel("rate", "{} homes: rate, mean", False),
    Panel("able", "{} homes that can order at least ... Mbit/s", True),
    Panel("taken", "{} subscribers who pay for at least ... Mbit/s", True),
)


def _quantity(indicator: str) -> str:
    """Return which row speaks of an indicator; empty where none does."""
    if indicator in RATES:
        return "rate"
    if indicator == _FIBRE or indicator.startswith(ABLE):
        return "able"
    return "taken" if indicator.startswith(TAKEN) else ""


def mbps_of(indicator: str) -> float:
    """Return the rate at which an indicator counts homes or subscribers [Mbit/s]."""
    found = _RATE.search(indicator)
    return float(found[1]) if found else 100.0


def bandwidth_table(indicators: pd.DataFrame, draws: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return month, breakdown, indicator, mean, p10 and p90 of urban and rural homes.

    Rates in Mbit/s, the others as shares of homes or of subscribers.
    """
    names = {name for name in indicators["indicator"].unique() if _quantity(str(name))} - {_FIBRE}
    if MEASURED in names:
        names.discard(BUSY)
    table = monthly(indicators[indicators["breakdown"].isin(GROUPS)], draws, names)
    return table[["month", "breakdown", "indicator", "mean", "p10", "p90"]]


def target_lines(scorecard: pd.DataFrame, horizon: Horizon) -> pd.DataFrame:
    """Return the judged targets on bandwidth: target_id, panel, breakdown, indicator, wanted, month, verdict.

    ``panel`` is urban or rural; a target on all homes stands in both.
    """
    rows = []
    for row in bandwidth_targets(scorecard).to_dict("records"):
        wanted = as_number(row["wanted"])
        if wanted is None or not row["due_month"]:
            continue
        month = horizon.index(row["due_month"])
        if not 0 <= month < horizon.months:
            continue
        group = str(row["breakdown"])
        panels = GROUPS if group == "all" else ("urban",) if group in _URBAN_PARTS else (group,)
        cells = (group, row["indicator"], wanted, month, row["verdict"])
        rows += [(row["target_id"], panel, *cells) for panel in panels if panel in GROUPS]
    names = ["target_id", "panel", "breakdown", "indicator", "wanted", "month", "verdict"]
    return pd.DataFrame(rows, columns=names)


def bandwidth_targets(scorecard: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the scorecard that judge the bandwidth of homes."""
    speaks = scorecard["indicator"].map(lambda name: bool(_quantity(str(name)))).astype(bool)
    return scorecard[speaks & (scorecard["verdict"] != "not judged")]


def draw_bandwidth(table: pd.DataFrame, targets: pd.DataFrame, horizon: Horizon) -> Figure:
    """Draw rates and shares of homes, urban beside rural, with the targets where they are due."""
    shown = [row for row in PANELS if table["indicator"].map(row.holds).any()]
    figure = style.new_figure(10.6, 0.8 + 3.3 * max(len(shown), 1))
    grid = figure.subplots(max(len(shown), 1), 2, sharey="row", sharex=True, squeeze=False)
    for row, panels in zip(shown, grid, strict=False):
        part = table[table["indicator"].map(row.holds)]
        marks = targets[targets["indicator"].map(row.holds).astype(bool)]
        _scale(panels[0], row, pd.concat([part["mean"], part["p10"], part["p90"], marks["wanted"]]))
        for axes, group in zip(panels, GROUPS, strict=True):
            draw = _share_lines if row.is_share else _rate_lines
            draw(axes, part[part["breakdown"] == group], horizon)
            _marks(axes, marks[marks["panel"] == group], row, horizon)
            style.title(axes, row.title.format(group.capitalize()))
            axes.tick_params(labelleft=True)
    for axes in grid[-1]:  # the months of a column are one axis
        style.month_axis(axes, horizon)
    _legend(figure, table, targets)
    return figure


def _scale(axes: Axes, row: Panel, values: pd.Series[float]) -> None:
    """Set the common axis of a row: shares from nought to all, rates by their logarithm."""
    if row.is_share:
        axes.set_ylim(0, 1.06)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set_ylabel("share of subscribers [%]" if row.quantity == "taken" else "share of homes [%]")
        return
    above = values[values > 0]
    low, high = (float(above.min()), float(above.max())) if len(above) else (1.0, 10.0)
    axes.set_yscale("log")
    axes.set_ylim(low / 1.6, high * 1.6)
    axes.set_yticks([tick for tick in _TICKS if low / 1.6 <= tick <= high * 1.6])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.minorticks_off()
    axes.set_ylabel("rate [Mbit/s], logarithmic")


def _rate_lines(axes: Axes, part: pd.DataFrame, horizon: Horizon) -> None:
    ends: list[tuple[str, float, str]] = []
    for name, (_, tint, line) in RATES.items():
        own = part[part["indicator"] == name]
        if not len(own):
            continue
        axes.plot(own["month"], own["mean"], color=tint, ls=line, lw=2)
        axes.fill_between(own["month"], own["p10"], own["p90"], color=tint, alpha=0.15, lw=0)
        ends.append((f"{own['mean'].iloc[-1]:.3g}", float(own["mean"].iloc[-1]), tint))
    _end_labels(axes, ends, horizon, _APART["rates"])


def _share_lines(axes: Axes, part: pd.DataFrame, horizon: Horizon) -> None:
    ends: list[tuple[list[float], float, str]] = []
    for name, tint in zip(sorted(set(part["indicator"]), key=mbps_of), _TINTS, strict=False):
        own = part[part["indicator"] == name]
        axes.plot(own["month"], own["mean"], color=tint, lw=2)
        axes.fill_between(own["month"], own["p10"], own["p90"], color=tint, alpha=0.18, lw=0)
        last = float(own["mean"].iloc[-1])
        if ends and abs(ends[-1][1] - last) < _ONE:
            ends[-1] = ([*ends[-1][0], mbps_of(name)], last, tint)
        else:
            ends.append(([mbps_of(name)], last, tint))
    texts = [(f"{_span(rates)}: {last:.0%}", last, tint) for rates, last, tint in ends]
    _end_labels(axes, texts, horizon, _APART["shares"])


def _span(rates: list[float]) -> str:
    """Return the rates of curves that end together as one name."""
    return f"{rates[0]:g}" if len(rates) == 1 else f"{rates[0]:g} to {rates[-1]:g}"


def _end_labels(axes: Axes, ends: list[tuple[str, float, str]], horizon: Horizon, apart: float) -> None:
    """Write what each curve ends at to the right of the panel, none over another."""
    places = _apart(axes, [value for _, value, _ in ends], apart)
    for (text, _, tint), place in zip(ends, places, strict=True):
        # right of the diamonds of targets due in the last month
        style.end_label(axes, text, horizon.months - 1, place, color=tint, fontsize=8, beyond=9)


def _apart(axes: Axes, values: list[float], gap: float) -> list[float]:
    """Return values of an axis moved apart by a share of its height."""
    low, high = axes.get_ylim()
    if axes.get_yscale() == "log":
        span = np.log(high / low)
        at = [float(np.log(value / low) / span) for value in values]
        return [float(low * np.exp(place * span)) for place in style.spread(at, gap)]
    at = [(value - low) / (high - low) for value in values]
    return [low + place * (high - low) for place in style.spread(at, gap)]


def _marks(axes: Axes, marks: pd.DataFrame, row: Panel, horizon: Horizon) -> None:
    """Mark every target by a diamond at its due month, with its name, rate and verdict beside it."""
    halo = [mpl.patheffects.withStroke(linewidth=2.2, foreground="white")]
    for month, own in marks.groupby("month", sort=True):
        right = int(str(month)) > horizon.months // 3
        places = _apart(axes, own["wanted"].tolist(), 0.07)
        for mark, place in zip(own.to_dict("records"), places, strict=True):
            tint = style.VERDICT_COLOURS[mark["verdict"]]
            edge = "white" if row.is_share else RATES[str(mark["indicator"])][1]
            axes.plot(mark["month"], mark["wanted"], color=tint, marker="D", ms=6.5, mec=edge, mew=1.2,
                      lw=0, zorder=5, clip_on=False)  # fmt: skip
            axes.annotate(
                style.plain(_told(mark, row)), (mark["month"], place), xytext=(-7 if right else 7, 0),
                textcoords="offset points", ha="right" if right else "left", va="center", fontsize=7.5,
                parse_math=False, color=tint, path_effects=halo, zorder=6,
            )  # fmt: skip


def _told(mark: dict[Any, Any], row: Panel) -> str:
    """Return what a mark says: target, verdict, what is wanted, and of which homes where that is a part."""
    wanted = f"{mark['wanted']:g}"
    if row.is_share:
        wanted = f"{100 * float(mark['wanted']):g} % at {mbps_of(str(mark['indicator'])):g}"
    whom = "" if mark["breakdown"] == mark["panel"] else f", {mark['breakdown']}"
    return f"{style.VERDICT_SIGNS[mark['verdict']]} {mark['target_id']}: {wanted}{whom}"


def _legend(figure: Figure, table: pd.DataFrame, targets: pd.DataFrame) -> None:
    present = set(table["indicator"])
    handles: list[Any] = [
        mpl.lines.Line2D([], [], color=tint, ls=line, lw=2, label=f"{text} [Mbit/s]")
        for name, (text, tint, line) in RATES.items()
        if name in present
    ]
    verdicts = [name for name in style.VERDICT_COLOURS if (targets["verdict"] == name).any()]
    handles += [
        mpl.lines.Line2D([], [], color=style.VERDICT_COLOURS[name], lw=0, marker="D", ms=6,
                         label=f"target, {name} {style.VERDICT_SIGNS[name]}")
        for name in verdicts
    ]  # fmt: skip
    if (table["p90"] > table["p10"]).any():
        handles.append(mpl.patches.Patch(color=style.GREY, alpha=0.25, lw=0, label="p10 to p90"))
    if handles:
        figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=8)


def bandwidth_pictures(run: Run) -> dict[str, tuple[Callable[[], Figure], pd.DataFrame]]:
    """Return the figure by file name, and the table beside it, targets included."""
    table = bandwidth_table(run.indicators, run.draws)
    lines = target_lines(run.scorecard, run.horizon)
    return {NAME: (lambda: draw_bandwidth(table, lines, run.horizon), _with_targets(table, lines))}


def _with_targets(table: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Append the targets, which the figure shows too; what they want stands under ``mean``."""
    marks = lines.drop_duplicates("target_id").rename(columns={"wanted": "mean"})
    marks = marks.assign(p10=marks["mean"], p90=marks["mean"])
    names = [*table.columns, "target_id"]
    return pd.concat([table.assign(target_id="")[names], marks[names]], ignore_index=True)


def rates_told(run: Run | SavedRun) -> list[dict[str, Any]]:
    """Return what homes can order, pay for and measure in the first and the last month, by group."""
    last = run.horizon.months - 1
    ends = [part[part["month"].isin([0, last])] for part in (run.indicators, run.draws)]
    table = bandwidth_table(*ends)
    held = {(row["indicator"], row["breakdown"], row["month"]): row for row in table.to_dict("records")}
    return [
        {"quantity": text, "cells": [_cell(held.get((name, g, m))) for g in GROUPS for m in (0, last)]}
        for name, (text, _, _) in RATES.items()
        if any((name, group, last) in held for group in GROUPS)
    ]


def _cell(row: dict[Any, Any] | None) -> dict[str, str]:
    """Return a rate and its range as texts, both empty where nothing was measured."""
    if row is None:
        return {"mean": "–", "spread": ""}
    edges = [f"{row[name]:.3g}" for name in ("p10", "p90")]
    return {"mean": f"{row['mean']:.3g}", "spread": "" if edges[0] == edges[1] else " to ".join(edges)}


def judged(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return of the targets as the page shows them those on bandwidth, with the quantity they are set on."""
    told = {"able": "can order", "taken": "pays for"}
    short = {name: text.partition(" (")[0] for name, (text, _, _) in RATES.items()}
    return [
        {**row, "quantity": short.get(row["indicator"]) or told[_quantity(row["indicator"])]}
        for row in rows
        if _quantity(row["indicator"]) and row["verdict"] != "not judged"
    ]
