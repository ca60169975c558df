"""Demand in pictures: who takes a line, on what, who uses which generation, what is sent and what it costs.

Each panel stands only where the run measured what it shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, PercentFormatter

from sim.report import style
from sim.report.series import monthly_of
from sim.rollout.state import FIXED_USE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.clock import Horizon
    from sim.store import Run

TAKE_UP, THINGS, NARROWBAND = "take_up_by_income", "cellular_iot_connections", "nb_iot_connections"
ALL = "all"
GENERATIONS = {"users_2g": "2G", "users_3g": "3G", "users_lte": "4G", "users_5g": "5G"}
_TINTS = {
    "2G": style.PALETTE["gsm"], "3G": style.PALETTE["umts"], "4G": style.PALETTE["lte"],
    "5G": style.PALETTE["nr"], "urban": "#0072B2", "rural": "#D55E00", ALL: "#333333",
    "fixed line": "#0072B2", "mobile user": "#D55E00",
    "1 Mbit/s of a line": "#0072B2", "1 GB on a mobile": "#D55E00",
}  # fmt: skip
_INCOME = ("#882255", "#CC79A7", "#999933", "#44AA99", "#0072B2", "#332288")
_USES = (
    "#009E73",
    "#56B4E9",
    "#E69F00",
    "#CC79A7",
    "#0072B2",
    "#999933",
    "#882255",
    "#737373",
    "#332288",
    "#B8A800",
)
_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
COLUMNS = ["panel", "month", "series", "unit", "mean", "p10", "p90"]


@dataclass(frozen=True)
class Panel:
    """One panel: what it is called, what its axis says, and how curves are drawn."""

    title: str
    axis: str
    kind: str
    """``whole`` (shares from nought to all), ``share`` (up to the largest), ``log`` (by their
    logarithm) or ``stack``."""


PANELS = {
    "demand": {
        "urban take-up": Panel("Urban homes: take-up by fifths of income", "share of homes [%]", "whole"),
        "rural take-up": Panel("Rural homes: take-up by fifths of income", "share of homes [%]", "whole"),
        "lines": Panel("Fixed lines by technology", "lines", "stack"),
        "users": Panel("Mobile users by generation (cards, as counted)", "cards", "stack"),
    },
    "demand-use": {
        "things": Panel("Things connected over mobile networks, by use", "connections", "stack"),
        "traffic": Panel("Traffic of a fixed line and of a mobile user", "a month [GB], logarithmic", "log"),
        "price": Panel("Price of 1 Mbit/s a month, and of 1 GB", "price [yuan], logarithmic", "log"),
        "entry": Panel("The cheapest fixed package", "a year of it over a year's income [%]", "share"),
    },
}  # fmt: skip
"""Figures by name, and their panels by key."""
_MOST_BESIDE = 5
"""Areas that are named beside their ends; more are named in a legend."""
_WITHIN = "of these over NB-IoT"
"""Series drawn as a line over the areas of a stack."""


def demand_pictures(run: Run) -> dict[str, tuple[Callable[[], Figure], pd.DataFrame]]:
    """Return the figures that the run has something for, and the table beside each."""
    table, pictures = demand_table(run), {}
    for name, panels in PANELS.items():
        own = table[table["panel"].isin(list(panels))].reset_index(drop=True)
        # lines alone are shown among what was built
        if set(own["panel"]) - {"lines"}:
            pictures[name] = (_drawing(name, own, run.horizon), own)
    return pictures


def _drawing(name: str, table: pd.DataFrame, horizon: Horizon) -> Callable[[], Figure]:
    return lambda: draw_demand(name, table, horizon)


def demand_table(run: Run) -> pd.DataFrame:
    """Return panel, month, series, unit, mean, p10 and p90 of everything the panels show."""
    wanted = (
        TAKE_UP, *GENERATIONS, THINGS, NARROWBAND, "fixed_traffic_gb_per_line", "mobile_traffic_gb_per_user",
        "price_per_mbps", "price_per_gb", "entry_price_income_share",
    )  # fmt: skip
    table = monthly_of(run, wanted)
    parts = [
        *(_take_up(table, group) for group in ("urban", "rural")),
        _lines(run),
        _generations(table),
        _uses(table),
        _named(table, "traffic", {"fixed_traffic_gb_per_line": "fixed line",
                                  "mobile_traffic_gb_per_user": "mobile user"}),
        _named(table, "price", {"price_per_mbps": "1 Mbit/s of a line",
                                "price_per_gb": "1 GB on a mobile"}),
        _entry(table),
    ]  # fmt: skip
    kept = [part[COLUMNS] for part in parts if len(part)]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=COLUMNS)


def _take_up(table: pd.DataFrame, group: str) -> pd.DataFrame:
    own = table[(table["indicator"] == TAKE_UP) & table["breakdown"].str.match(rf"{group} \d+$")]
    return own.assign(panel=f"{group} take-up", series=own["breakdown"].str.removeprefix(f"{group} "))


def _lines(run: Run) -> pd.DataFrame:
    """Return subscribers by fixed technology, mean and percentiles over replications."""
    parts = []
    for row, (name, use) in enumerate(zip(run.states[0].technologies, run.states[0].uses, strict=True)):
        if use != FIXED_USE:
            continue
        counted = np.stack([state.subscribers[:, row].sum(axis=1, dtype=float) for state in run.states])
        low, high = np.percentile(counted, (10, 90), axis=0)
        if counted.any():
            parts.append(pd.DataFrame({
                "panel": "lines", "month": np.arange(counted.shape[1]), "series": name, "unit": "lines",
                "mean": counted.mean(axis=0).round(3), "p10": low.round(3), "p90": high.round(3),
            }))  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def _generations(table: pd.DataFrame) -> pd.DataFrame:
    """Return users by generation; nothing where only one is counted."""
    own = table[table["indicator"].isin(list(GENERATIONS)) & (table["breakdown"] == ALL)]
    own = own.assign(panel="users", series=own["indicator"].map(GENERATIONS))
    several = len(own["series"].unique()) > 1
    return own.sort_values(["series", "month"], kind="stable") if several else own[:0]


def _uses(table: pd.DataFrame) -> pd.DataFrame:
    """Return connections by use, the most numerous at the end first, and last those over NB-IoT."""
    own = table[(table["indicator"] == THINGS) & (table["breakdown"] != ALL)]
    if not own["mean"].any():
        return own[:0].assign(panel="things", series="")
    own = own.assign(panel="things", series=own["breakdown"].str.replace("_", " "))
    last = own[own["month"] == own["month"].max()].set_index("series")["mean"]
    order = {name: place for place, name in enumerate(last.sort_values(ascending=False, kind="stable").index)}
    own = own.assign(place=own["series"].map(order)).sort_values(["place", "month"], kind="stable")
    within = table[(table["indicator"] == NARROWBAND) & (table["breakdown"] == ALL)]
    return pd.concat([own, within.assign(panel="things", series=_WITHIN)], ignore_index=True)


def _named(table: pd.DataFrame, panel: str, names: dict[str, str]) -> pd.DataFrame:
    own = table[table["indicator"].isin(list(names)) & (table["breakdown"] == ALL)]
    return own.assign(panel=panel, series=own["indicator"].map(names))


def _entry(table: pd.DataFrame) -> pd.DataFrame:
    own = table[table["indicator"] == "entry_price_income_share"]
    groups = [name for name in ("urban", "rural") if (own["breakdown"] == name).any()] or [ALL]
    own = own[own["breakdown"].isin(groups)]
    return own.assign(panel="entry", series=own["breakdown"])


def draw_demand(name: str, table: pd.DataFrame, horizon: Horizon) -> Figure:
    """Draw one of the figures: the panels that the table has something for, two beside each other."""
    shown = {key: panel for key, panel in PANELS[name].items() if (table["panel"] == key).any()}
    rows = -(-len(shown) // 2)
    figure = style.new_figure(10.6, 0.4 + 3.2 * rows)
    grid = list(figure.subplots(rows, 2, squeeze=False).flat)
    for axes, (key, panel) in zip(grid, shown.items(), strict=False):
        part = table[table["panel"] == key]
        (_stack if panel.kind == "stack" else _curves)(axes, part, panel, horizon)
        style.title(axes, panel.title)
        style.month_axis(axes, horizon)
    for axes in grid[len(shown) :]:
        axes.set_axis_off()
    return figure


def _tint(series: str, place: int, panel: str) -> str:
    if series in _TINTS:
        return _TINTS[series]
    if panel == "lines":
        return style.colour(series)
    tints = _USES if panel == "things" else _INCOME
    return tints[place % len(tints)]


def _curves(axes: Axes, part: pd.DataFrame, panel: Panel, horizon: Horizon) -> None:
    ends = []
    for place, (series, own) in enumerate(part.groupby("series", sort=False)):
        tint = _tint(str(series), place, str(own["panel"].iloc[0]))
        axes.plot(own["month"], own["mean"], color=tint, lw=2)
        axes.fill_between(own["month"], own["p10"], own["p90"], color=tint, alpha=0.15, lw=0)
        ends.append((str(series), float(own["mean"].iloc[-1]), tint))
    axes.set_ylabel(panel.axis)
    if panel.kind == "log":
        _log_axis(axes, part)
        texts = [f"{series}: {value:.3g}" for series, value, _ in ends]
        at = np.exp(style.spread([float(np.log(max(end[1], 1e-9))) for end in ends], 0.25))
    else:
        _share_axis(axes, part, panel)
        texts = [f"{_name(series, panel, len(ends))} {_percent(value, axes)}" for series, value, _ in ends]
        at = np.array(style.spread([end[1] for end in ends], 0.06 * axes.get_ylim()[1]))
    for text, place_of, (_, _, tint) in zip(texts, at, ends, strict=True):
        style.end_label(axes, text, horizon.months - 1, float(place_of), color=tint, fontsize=8)


def _log_axis(axes: Axes, part: pd.DataFrame) -> None:
    shown = pd.concat([part[name] for name in ("mean", "p10", "p90")])
    above = shown[shown > 0]
    low, high = (float(above.min()), float(above.max())) if len(above) else (1.0, 10.0)
    axes.set_yscale("log")
    axes.set_ylim(low / 1.4, high * 1.4)
    axes.set_yticks([tick for tick in _TICKS if low / 1.4 <= tick <= high * 1.4])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.minorticks_off()


def _share_axis(axes: Axes, part: pd.DataFrame, panel: Panel) -> None:
    top = float(part["p90"].max())
    whole = panel.kind == "whole"
    axes.set_ylim(0, max(1.02, 1.02 * top) if whole else 1.15 * max(top, 1e-3))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0 if top > 0.05 else 1))


def _percent(value: float, axes: Axes) -> str:
    return f"{value:.0%}" if axes.get_ylim()[1] > 0.2 else f"{value:.1%}"


def _name(series: str, panel: Panel, groups: int) -> str:
    """Return what stands before a value: of income groups the poorest and the richest by name."""
    if panel.kind != "whole":
        return series
    return {"1": "poorest", str(groups): "richest"}.get(series, f"{series}:")


def _stack(axes: Axes, part: pd.DataFrame, panel: Panel, horizon: Horizon) -> None:
    line = part[part["series"] == _WITHIN]
    part = part[part["series"] != _WITHIN]
    names = list(dict.fromkeys(part["series"]))
    key = str(part["panel"].iloc[0])
    wide = part.pivot_table(index="month", columns="series", values="mean", sort=False)[names].fillna(0.0)
    top = float(wide.sum(axis=1).max())
    scale, word = (1e6, "million ") if top >= 2e6 else (1e3, "thousand ") if top >= 2e3 else (1.0, "")
    heights = [wide[name].to_numpy() / scale for name in names]
    tints = [_tint(name, place, key) for place, name in enumerate(names)]
    axes.stackplot(wide.index.to_numpy(), *heights, colors=tints, alpha=0.85, lw=0)
    if line["mean"].any():
        axes.plot(line["month"], line["mean"] / scale, color="black", lw=1.6, ls="--", label=_WITHIN)
    room = 1.05 if len(names) <= _MOST_BESIDE else 1.45
    axes.set_ylim(0, max(room * top / scale, 1e-9))
    axes.set_ylabel(f"[{word}{panel.axis}]")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    labels = [style.label(name) if key == "lines" else name for name in names]
    texts = [f"{label} {_short(height[-1])}" for label, height in zip(labels, heights, strict=True)]
    if len(names) > _MOST_BESIDE:
        handles = [Patch(color=tint, label=text) for tint, text in zip(tints, texts, strict=True)]
        axes.legend(handles=[*axes.lines, *handles[::-1]], fontsize=7, loc="upper left")
        return
    middles, below = [], 0.0
    for height in heights:
        middles.append(below + float(height[-1]) / 2.0)
        below += float(height[-1])
    places = style.spread(middles, 0.06 * axes.get_ylim()[1])
    for text, height, tint, at in zip(texts, heights, tints, places, strict=True):
        if height[-1] > 0:
            style.end_label(axes, text, horizon.months - 1, at, color=tint, fontsize=8)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
