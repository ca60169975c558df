"""The feeder routes of a run on a map: what stood, what was built and when, and what was left."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sim.report.maps import Outlines, draw_counties, frame_map, half_years, map_figure, write_credits

if TYPE_CHECKING:
    from sim.access.routes import Routes
    from sim.store import Run

NAME = "map-routes"
STANDING, NEVER = -1, -2
"""Months of segments that stood at the start and of those that nobody bought."""
_SHOWN = {STANDING: ("stood at the start", "#2B2B2B", 0.7), NEVER: ("not built", "#C9C9C9", 0.4)}
_BUILT_WIDTH = 0.9
_FEN = 100.0
_KM = 1000.0
Drawn = tuple[Callable[[], Figure], pd.DataFrame]


def route_pictures(run: Run, land: Outlines) -> dict[str, Drawn]:
    """Return the map by file name with the table of segments beside it; none without routes."""
    if run.routes is None or len(run.routes.asset_id) == 0:
        return {}
    table = route_table(run.routes, run.assets)
    return {NAME: (partial(draw_routes, run, table, land), table.drop(columns="month_number"))}


def route_table(routes: Routes, assets: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each segment: what it is, when it was bought, who uses it, and its line.

    The line is well-known text in the area's metres, so that GIS opens the table as it is.
    """
    bought = assets.drop_duplicates("asset_id").set_index("asset_id")["month"]
    users = assets.groupby("asset_id")["projects"].sum()
    month = pd.Series(routes.asset_id).map(bought).fillna(NEVER).to_numpy(dtype=np.int64)
    month = np.where(routes.standing, STANDING, month)
    return pd.DataFrame({
        "asset_id": routes.asset_id,
        "length_m": routes.length_m.round(1),
        "method": routes.method,
        "fibres": routes.fibres,
        "cable_fibres": routes.cable_fibres,
        "price_yuan": routes.price_fen / _FEN,
        "standing": routes.standing,
        "month_bought": np.where(month >= 0, month, -1),
        "projects": pd.Series(routes.asset_id).map(users).fillna(0).to_numpy(dtype=np.int64),
        "line": shapely.to_wkt(lines_of(routes), rounding_precision=0),
        "month_number": month,
    })  # fmt: skip


def lines_of(routes: Routes) -> NDArray[np.object_]:
    """Return the line of each segment, shape (S,)."""
    counts = np.diff(routes.corners)
    owner = np.repeat(np.arange(len(counts)), counts)
    return np.asarray(shapely.linestrings(routes.corner_m, indices=owner), dtype=object)


def draw_routes(run: Run, table: pd.DataFrame, land: Outlines) -> Figure:
    """Draw the segments by the half-year in which they were bought."""
    figure, (axes,) = map_figure(run.area, 1)
    draw_counties(axes, land, None)
    lines = [shapely.get_coordinates(line) for line in shapely.from_wkt(table["line"].to_numpy(dtype=object))]
    month, length_m = table["month_number"].to_numpy(), table["length_m"].to_numpy()
    edges, palette = half_years(run.horizon)
    norm = BoundaryNorm(edges, palette.N)
    handles = []
    for code, (word, tint, width) in reversed(_SHOWN.items()):
        rows = np.flatnonzero(month == code)
        axes.add_collection(LineCollection([lines[row] for row in rows], colors=tint, lw=width, zorder=2))
        label = f"{word}: {length_m[rows].sum() / _KM:,.0f} km"
        handles.append(Line2D([], [], color=tint, lw=2, label=label))
    built = np.flatnonzero(month >= 0)
    late = built[np.argsort(-month[built], kind="stable")]
    drawn = LineCollection([lines[row] for row in late], cmap=palette, norm=norm, lw=_BUILT_WIDTH, zorder=3)
    drawn.set_array(month[late])
    axes.add_collection(drawn)
    label = f"bought since: {length_m[built].sum() / _KM:,.0f} km"
    handles.append(Line2D([], [], color=palette(0.5), lw=2, label=label))
    axes.legend(handles=handles[::-1], fontsize=7, loc="upper right", bbox_to_anchor=(1.0, 0.0), ncols=3,
                columnspacing=1.0)  # fmt: skip
    frame_map(axes, run.area, "Feeder routes by when they were bought")
    bar = figure.colorbar(ScalarMappable(norm, palette), ax=axes, shrink=0.7, aspect=30, pad=0.01)
    ticks = [number for number in edges[:-1] if run.horizon.calendar_month(int(number)) in (1, 7)]
    bar.set_ticks(ticks, labels=[run.horizon.label(int(number)) for number in ticks])
    bar.minorticks_off()
    bar.outline.set_visible(False)
    write_credits(figure, run.area, "routes follow major roads and modelled ways between villages")
    return figure
