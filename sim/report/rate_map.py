"""Where homes have which bandwidth: what they can order, pay for and get, county by county."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import matplotlib as mpl
import matplotlib.ticker
import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from sim.report.bandwidth import bandwidth_targets
from sim.report.maps import Outlines, draw_counties, frame_map, map_figure, write_credits
from sim.rollout.state import FIXED_USE

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.store import Run
    from sim.tables.results import MonthlyState

NAME = "map-bandwidth"
RATES = {
    "can_order_mbps": "Homes can order",
    "pays_for_mbps": "Lines are paid for at",
    "gets_mbps": "Lines give at the busy hour",
}
"""Column, and what its mean over homes or lines says."""
_CLASSES = (0, 1, 2, 4, 8, 12, 20, 50, 100, 200, 1000)
"""Edges at the rates that documents name [Mbit/s]."""
_NONE = "#C9C9C9"
_WIDTH = 3.7
"""Width of a panel: three stand side by side [inch]."""
Floats = NDArray[np.float64]


def rate_pictures(run: Run, land: Outlines) -> dict[str, tuple[Callable[[], Figure], pd.DataFrame]]:
    """Return the map by file name, and the table beside it."""
    month = due_month(run.scorecard, run.horizon)
    table = rate_table(run.area, run.states[0], month)
    if not len(table.columns.intersection(list(RATES))):
        return {}
    when = run.horizon.label(month)
    return {NAME: (lambda: draw_rates(run.area, land, table, when), table)}


def due_month(scorecard: pd.DataFrame, horizon: Horizon) -> int:
    """Return the last month in which a judged target on bandwidth is due, else the last month."""
    due = [horizon.index(label) for label in bandwidth_targets(scorecard)["due_month"] if label]
    inside = [month for month in due if 0 <= month < horizon.months]
    return max(inside, default=horizon.months - 1)


def rate_table(area: Area, state: MonthlyState, month: int) -> pd.DataFrame:
    """Return by county homes, lines and the mean rates [Mbit/s]; empty where there is no line."""
    counties = area.counties["county"].to_numpy(dtype=str)
    place = np.searchsorted(counties, area.zones["county"].to_numpy(dtype=str))
    rows = [row for row, use in enumerate(state.uses) if use == FIXED_USE]

    def total(values: Floats) -> Floats:
        return np.bincount(place, weights=values, minlength=len(counties)).astype(np.float64)

    homes = total(state.homes[month].astype(np.float64))
    table = pd.DataFrame({
        "county": counties, "name": area.counties["name"].to_numpy(dtype=str),
        "prefecture": area.counties["prefecture"].to_numpy(dtype=str), "homes": homes.astype(int),
    })  # fmt: skip
    if not rows:
        return table
    users = state.subscribers[month, rows].astype(np.float64)
    lines = total(users.sum(axis=0))
    table["lines"] = lines.round(1)
    table["can_order_mbps"] = _over(total(_orderable(state, month, rows)), homes)
    for name, rates in (("pays_for_mbps", state.subscribed_mbps), ("gets_mbps", state.busy_hour_mbps)):
        table[name] = _over(total((users * rates[month, rows]).sum(axis=0)), lines)
    return table


def _orderable(state: MonthlyState, month: int, rows: list[int]) -> Floats:
    """Return the sum over homes of the best rate that each can order, by zone [Mbit/s].

    The best technology serves the first homes, the next best those beyond.
    """
    peak, passed = state.peak_mbps[month, rows].astype(np.float64), state.homes_passed[month, rows]
    order = np.argsort(-peak, axis=0, kind="stable")
    reached = np.maximum.accumulate(np.take_along_axis(passed, order, axis=0), axis=0)
    gained = np.diff(reached, axis=0, prepend=0)
    return np.asarray((np.take_along_axis(peak, order, axis=0) * gained).sum(axis=0))


def _over(total: Floats, count: Floats) -> Floats:
    """Return a mean, not-a-number where nothing is counted."""
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0).round(4)


def draw_rates(area: Area, land: Outlines, table: pd.DataFrame, month: str) -> Figure:
    """Draw counties by what their homes can order, pay for and get."""
    shown = [name for name in RATES if name in table]
    figure, panels = map_figure(area, len(shown), _WIDTH)
    palette = mpl.colormaps["viridis_r"].resampled(len(_CLASSES) - 1)
    norm = BoundaryNorm(_CLASSES, palette.N, clip=True)
    nowhere = False
    for axes, name in zip(panels, shown, strict=True):
        values = table[name].to_numpy(dtype=float)
        colours = palette(norm(np.nan_to_num(values)))
        colours[np.isnan(values)] = mpl.colors.to_rgba(_NONE)
        nowhere = nowhere or bool(np.isnan(values).any())
        draw_counties(axes, land, colours)
        frame_map(axes, area, f"{RATES[name]}, {month}")
    bar = figure.colorbar(ScalarMappable(norm, palette), ax=panels, shrink=0.75, aspect=30, pad=0.01,
                          ticks=_CLASSES, spacing="uniform")  # fmt: skip
    bar.ax.yaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _: f"{value:g}"))
    bar.set_label("mean rate [Mbit/s]")
    bar.minorticks_off()
    bar.outline.set_visible(False)
    if nowhere:
        panels[0].legend(handles=[Patch(color=_NONE, label="no home has a line")], fontsize=7,
                         loc="upper right", bbox_to_anchor=(1.0, 0.0))  # fmt: skip
    write_credits(figure, area, "homes and lines by zone are modelled from county totals")
    return figure
