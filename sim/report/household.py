"""The bandwidth of homes in a picture: what most and what few get, and how many get enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from sim.report import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.clock import Horizon
    from sim.store import Run

NAME = "household-bandwidth"
RATE = "household_bandwidth_mbps"
LEVELS = ("p5", "p50", "p95")
GROUPS = ("urban", "rural")
_SHARE = "household_bandwidth_share_ge_"
_TINT = {"urban": "#0072B2", "rural": "#D55E00"}
_SHADES = (0.95, 0.75, 0.55, 0.38, 0.24)
_TOLD = 0.005
"""Share of homes from which a line is labelled: fewer lie on the axis."""
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
Drawn = tuple[Callable[[], Figure], pd.DataFrame]


def household_pictures(run: Run) -> dict[str, Drawn]:
    """Return the picture by file name, and the table beside it; none where no home's rate was worked out."""
    table = household_table(run.indicators)
    if not len(table):
        return {}
    return {NAME: (lambda: draw_household(table, run.horizon), table)}


def household_table(indicators: pd.DataFrame) -> pd.DataFrame:
    """Return month, breakdown, measure (p5, p50, p95 or the share of homes at a rate), mean, p10 and p90.

    Mean and percentiles are those over replications; rates in Mbit/s.
    """
    rates = indicators[indicators["indicator"] == RATE]
    split = rates["breakdown"].str.extract(r"^(.*) (p\d+)$")
    rates = rates.assign(breakdown=split[0], measure=split[1])
    name = indicators["indicator"]
    shares = indicators[name.str.startswith(_SHARE) & name.str.endswith("Mbps")]
    wanted = shares["indicator"].str.removeprefix(_SHARE).str.removesuffix("Mbps")
    shares = shares.assign(measure="at least " + wanted + " Mbit/s")
    every = pd.concat([rates, shares], ignore_index=True)
    every = every[every["breakdown"].isin(GROUPS)]
    grouped = every.groupby(["breakdown", "measure", "month"], sort=True)["value"]
    table = pd.DataFrame({"mean": grouped.mean(), "p10": grouped.quantile(0.1), "p90": grouped.quantile(0.9)})
    return table.round(6).reset_index()[["month", "breakdown", "measure", "mean", "p10", "p90"]]


def draw_household(table: pd.DataFrame, horizon: Horizon) -> Figure:
    """Draw the fan of rates and the shares of homes that get enough, urban beside rural."""
    figure = style.new_figure(10.6, 6.6)
    panels = figure.subplots(2, 2, sharey="row", sharex=True, height_ratios=(1.25, 1.0))
    for column, group in enumerate(GROUPS):
        part = table[table["breakdown"] == group]
        fan, shares = panels[0][column], panels[1][column]
        _fan(fan, part, horizon, _TINT[group])
        style.title(fan, f"{group.capitalize()} homes with a line: rate while active at the busy hour")
        _shares(shares, part, horizon, _TINT[group])
        style.title(shares, f"All {group} homes: how many get at least ... Mbit/s")
        style.month_axis(shares, horizon)
    _rate_axis(panels[0][0], table)
    panels[0][0].set_ylabel("rate [Mbit/s], logarithmic")
    panels[1][0].set_ylabel("share of all homes")
    panels[1][0].set_ylim(0, 1.02)
    panels[1][0].yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    for axes in panels[:, 1]:
        axes.tick_params(labelleft=True)
    handles = [
        mpl.lines.Line2D([], [], color=style.GREY, lw=2.4, label="half of them get no more (P50)"),
        mpl.patches.Patch(color=style.GREY, alpha=0.25, lw=0, label="from P5 to P95: nine of ten lie inside"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


def _fan(axes: Axes, part: pd.DataFrame, horizon: Horizon, tint: str) -> None:
    lines = {level: part[part["measure"] == level] for level in LEVELS}
    if not len(lines["p50"]):
        return
    month = lines["p50"]["month"]
    low, middle, high = (lines[level]["mean"].to_numpy() for level in LEVELS)
    axes.fill_between(month, low, high, color=tint, alpha=0.18, lw=0)
    for values in (low, high):
        axes.plot(month, values, color=tint, lw=0.8, alpha=0.7)
    axes.plot(month, middle, color=tint, lw=2.4)
    ends = [float(values[-1]) for values in (low, middle, high)]
    places = np.exp(style.spread([float(np.log(value)) for value in ends], 0.22))
    for text, value, place in zip(("P5", "P50", "P95"), ends, places, strict=True):
        style.end_label(axes, f"{text} {value:.3g}", horizon.months - 1, float(place), color=tint, fontsize=8)


def _shares(axes: Axes, part: pd.DataFrame, horizon: Horizon, tint: str) -> None:
    measures = sorted(
        {name for name in part["measure"] if name not in LEVELS}, key=lambda name: float(name.split()[2])
    )
    ends = []
    for name, shade in zip(measures, _SHADES, strict=False):
        line = part[part["measure"] == name]
        axes.plot(line["month"], line["mean"], color=tint, alpha=shade, lw=1.8)
        axes.fill_between(line["month"], line["p10"], line["p90"], color=tint, alpha=0.12, lw=0)
        last = float(line["mean"].iloc[-1])
        if last >= _TOLD:
            ends.append((name.split()[2], last, shade))
    places = style.spread([end[1] for end in ends], 0.085)
    for (rate, value, shade), place in zip(ends, places, strict=True):
        text = f"{rate}: {value:.0%}"
        style.end_label(axes, text, horizon.months - 1, place, color=tint, fontsize=8, alpha=max(shade, 0.6))


def _rate_axis(axes: Axes, table: pd.DataFrame) -> None:
    """Show rates by their logarithm, with round numbers on the axis."""
    rates = table.loc[table["measure"].isin(LEVELS), "mean"]
    low, high = (float(rates.min()), float(rates.max())) if len(rates) else (1.0, 10.0)
    axes.set_yscale("log")
    axes.set_ylim(low / 1.5, high * 1.5)
    axes.set_yticks([tick for tick in _TICKS if low / 1.5 <= tick <= high * 1.5])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.minorticks_off()
