"""The maps of a run: coverage at the horizon, and when each zone was first served.

Both are north-up in the area's projected metres. Zone positions are modelled wherever the area says
so, and the map says it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.patheffects
import matplotlib.ticker
import numpy as np
import pandas as pd
import shapely
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PathCollection
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from sim.report import style

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes

    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.store import Run
    from sim.tables.results import MonthlyState

FIXED, MOBILE = "ftth", "lte"
SERVED_SHARE = 0.5
"""A zone counts as served once half of its homes or residents are."""
_NEVER, _START = -1, 0
_DETAIL_M = 400.0
_CLASSES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
"""Finer towards the end, where targets lie."""
_SEQUENTIAL, _TIME = "YlGnBu", "viridis"
_UNSERVED, _STANDING = "#B5B5B5", "#2B2B2B"


def coverage_table(area: Area, state: MonthlyState) -> pd.DataFrame:
    """Return by county the share of homes passed by fibre and of residents covered by LTE at the end."""
    counties = area.counties["county"].to_numpy(dtype=str)
    row = np.searchsorted(counties, area.zones["county"].to_numpy(dtype=str))
    homes, people = state.homes[-1].astype(float), state.population[-1].astype(float)

    def by_county(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(row, weights=weights, minlength=len(counties)).astype(np.float64)

    table = pd.DataFrame({
        "county": counties, "name": area.counties["name"].to_numpy(dtype=str),
        "prefecture": area.counties["prefecture"].to_numpy(dtype=str),
        "homes": by_county(homes).astype(int), "residents": by_county(people).astype(int),
    })  # fmt: skip
    if FIXED in state.technologies:
        passed = state.homes_passed[-1, state.technology(FIXED)].astype(float)
        table["ftth_homes_share"] = (by_county(passed) / np.maximum(by_county(homes), 1)).round(6)
    if MOBILE in state.technologies:
        covered = state.covered_share[-1, state.technology(MOBILE)] * people
        table["lte_residents_share"] = (by_county(covered) / np.maximum(by_county(people), 1)).round(6)
    return table


def first_served_table(area: Area, state: MonthlyState, horizon: Horizon) -> pd.DataFrame:
    """Return by zone the month from which each technology serves half of it; empty where never."""
    zones = area.zones
    table = zones[["zone_id", "county", "kind"]].copy()
    table["x_m"], table["y_m"] = zones["x_m"].round(0), zones["y_m"].round(0)
    labels = np.array(["", *horizon.labels()], dtype=object)
    for name in (FIXED, MOBILE):
        if name in state.technologies:
            table[name] = labels[first_served(state, name) + 1]
    return table


def first_served(state: MonthlyState, technology: str) -> NDArray[np.int64]:
    """Return the first month in which a technology serves half of each zone, -1 for never; shape (Z,)."""
    served = _share(state, technology) >= SERVED_SHARE
    return np.where(served.any(axis=0), served.argmax(axis=0), _NEVER)


def _share(state: MonthlyState, technology: str) -> NDArray[np.float64]:
    row = state.technology(technology)
    if technology != FIXED:
        return state.covered_share[:, row].astype(float)
    return np.asarray(state.homes_passed[:, row] / np.maximum(state.homes, 1))


def draw_coverage(area: Area, land: Outlines, table: pd.DataFrame, until: str) -> Figure:
    """Draw counties by the share that fibre passes and LTE covers."""
    wanted = {
        "ftth_homes_share": "FTTH: share of homes passed",
        "lte_residents_share": "LTE: share of residents covered",
    }
    shown = [name for name in wanted if name in table]
    figure, panels = map_figure(area, max(len(shown), 1))
    palette = mpl.colormaps[_SEQUENTIAL].resampled(len(_CLASSES) - 1)
    norm = BoundaryNorm(_CLASSES, palette.N, clip=True)
    for axes, name in zip(panels, shown, strict=False):
        draw_counties(axes, land, palette(norm(table[name].to_numpy())))
        frame_map(axes, area, f"{wanted[name]}, end of {until}")
    if shown:
        bar = figure.colorbar(
            ScalarMappable(norm, palette), ax=panels, shrink=0.7, aspect=30, pad=0.01, ticks=_CLASSES
        )
        bar.ax.yaxis.set_major_formatter(mpl.ticker.PercentFormatter(1.0))
        bar.outline.set_visible(False)
    write_credits(figure, area, "homes and residents by zone are modelled from county totals")
    return figure


def draw_first_served(area: Area, land: Outlines, state: MonthlyState, horizon: Horizon) -> Figure:
    """Draw every zone by the month from which fibre and LTE serve half of it."""
    shown = [name for name in (FIXED, MOBILE) if name in state.technologies]
    figure, panels = map_figure(area, max(len(shown), 1))
    edges, palette = half_years(horizon)
    norm = BoundaryNorm(edges, palette.N)
    x, y = (area.zones[name].to_numpy(dtype=float) for name in ("x_m", "y_m"))
    size = float(np.clip(24_000 / max(len(x), 1), 0.4, 20.0))
    for axes, name in zip(panels, shown, strict=False):
        draw_counties(axes, land, None)
        first = first_served(state, name)
        never, start, later = first == _NEVER, first == _START, first > _START
        for mask, tint in ((never, _UNSERVED), (start, _STANDING)):
            axes.scatter(x[mask], y[mask], s=size, color=tint, lw=0, zorder=2)
        order = np.flatnonzero(later)
        axes.scatter(x[order], y[order], s=size, c=first[order], cmap=palette, norm=norm, lw=0, zorder=3)
        what = "homes" if name == FIXED else "residents"
        frame_map(axes, area, f"{style.label(name)}: month in which half of a zone's {what} are served")
        _point_legend(axes, {"zones never": (_UNSERVED, never), "from the start": (_STANDING, start)}, later)
    if shown:
        bar = figure.colorbar(ScalarMappable(norm, palette), ax=panels, shrink=0.7, aspect=30, pad=0.01)
        ticks = [month for month in edges[:-1] if horizon.calendar_month(int(month)) in (1, 7)]
        bar.set_ticks(ticks, labels=[horizon.label(int(month)) for month in ticks])
        bar.minorticks_off()
        bar.outline.set_visible(False)
    write_credits(figure, area, "positions of zones are modelled")
    return figure


def half_years(horizon: Horizon) -> tuple[list[int], ListedColormap]:
    """Return the months at which a half-year begins, end included, and a colour for each."""
    starts = [month for month in range(1, horizon.months) if horizon.calendar_month(month) in (1, 7)]
    edges = [0, *starts, horizon.months]
    shades = mpl.colormaps[_TIME](np.linspace(0.0, 0.93, len(edges) - 1))
    return edges, ListedColormap(shades)


def map_figure(area: Area, panels: int, width: float = 5.2) -> tuple[Figure, list[Axes]]:
    """Return a figure of so many maps of an area side by side, each of that width [inch]."""
    west, south, east, north = area.counties.total_bounds
    height = float(np.clip(width * (north - south) / max(east - west, 1.0), 2.8, 6.5))
    figure = style.new_figure(width * panels + 0.9, height + 1.1)
    return figure, list(np.atleast_1d(figure.subplots(1, panels)))


def _outline(geometry: Any) -> Outline:
    """Return a polygon or several as one path; holes run the other way round, so they stay holes."""
    rings = [
        Outline(np.asarray(ring.coords)[:, :2], closed=True)
        for part in shapely.get_parts(shapely.orient_polygons(geometry))
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]
    return Outline.make_compound_path(*rings)


@dataclass(frozen=True, eq=False)
class Outlines:
    """The outlines that every map of an area shares."""

    counties: tuple[Outline, ...]
    prefectures: tuple[tuple[str, Outline, float, float], ...]
    """Name, outline, and where the name stands."""


def outlines_of(counties: gpd.GeoDataFrame) -> Outlines:
    """Return the outlines of counties and prefectures, no finer than a figure can show."""
    west, south, east, north = counties.total_bounds
    detail = min(_DETAIL_M, max(east - west, north - south) / 1000)
    shapes = shapely.simplify(counties.geometry.to_numpy(), detail)
    prefectures = []
    for name in sorted(set(counties["prefecture"])):
        own = (counties["prefecture"] == name).to_numpy()
        whole = shapely.union_all(shapes[own], grid_size=detail / 4)
        if not whole.is_empty:
            point = whole.representative_point()
            prefectures.append((str(name), _outline(whole), point.x, point.y))
    return Outlines(tuple(_outline(shape) for shape in shapes), tuple(prefectures))


def draw_counties(axes: Axes, land: Outlines, colours: Any) -> None:
    """Draw the counties, and the prefectures' outlines and names over them."""
    filled = PathCollection(
        land.counties, facecolors="#F6F6F4" if colours is None else colours,
        edgecolors="#BDBDBD" if colours is None else "white", linewidths=0.4, zorder=1,
    )  # fmt: skip
    edges = PathCollection(
        [outline for _, outline, _, _ in land.prefectures], facecolors="none", edgecolors="#6F6F6F",
        linewidths=0.7, zorder=4,
    )  # fmt: skip
    axes.add_collection(filled)
    axes.add_collection(edges)
    for name, _, x, y in land.prefectures:
        _place_name(axes, x, y, name)


def _place_name(axes: Axes, x: float, y: float, name: str) -> None:
    """Write a prefecture's name into it; one that cannot be drawn is left out."""
    name = style.english(name)
    if not style.drawable(name):
        return
    halo = [mpl.patheffects.withStroke(linewidth=1.6, foreground="white")]
    axes.text(x, y, style.plain(name), ha="center", va="center", fontsize=5.5, color="#222222",
              path_effects=halo, zorder=5, parse_math=False)  # fmt: skip


def frame_map(axes: Axes, area: Area, text: str) -> None:
    """Set title and extent, and draw scale bar and north arrow."""
    west, south, east, north = area.counties.total_bounds
    margin = 0.02 * (east - west)
    axes.set_xlim(west - margin, east + margin)
    axes.set_ylim(south - 3 * margin, north + margin)
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title(style.plain(text), fontsize=9, parse_math=False)
    length = scale_length((east - west) / 4)
    x, y, tick = west, south - 2.5 * margin, margin / 2
    axes.plot([x, x, x + length, x + length], [y + tick, y, y, y + tick], color=style.GREY, lw=1.2,
              clip_on=False, zorder=6)  # fmt: skip
    axes.text(x + length + tick, y, f"{length / 1000:g} km", ha="left", va="bottom", fontsize=7,
              color=style.GREY, zorder=6)  # fmt: skip
    axes.annotate(
        "N", (0.02, 0.99), (0.02, 0.90), xycoords="axes fraction", ha="center", va="top", fontsize=8,
        color=style.GREY, arrowprops={"arrowstyle": "-|>", "color": style.GREY, "lw": 1.0},
    )  # fmt: skip


def scale_length(most: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is at most ``most`` [m]."""
    power = 10.0 ** np.floor(np.log10(max(most, 1.0)))
    return float(max(step * power for step in (1, 2, 5) if step * power <= max(most, 1.0)))


def _point_legend(
    axes: Axes, kinds: dict[str, tuple[str, NDArray[np.bool_]]], later: NDArray[np.bool_]
) -> None:
    """Say how many zones are served never, from the start, and later."""
    handles = [
        Line2D([], [], color=tint, lw=0, marker="o", ms=4, label=f"{text}: {int(mask.sum()):,}")
        for text, (tint, mask) in kinds.items()
    ]
    handles.append(Line2D([], [], color="none", lw=0, label=f"later: {int(later.sum()):,}"))
    axes.legend(handles=handles, fontsize=7, loc="upper right", bbox_to_anchor=(1.0, 0.0), ncols=3,
                columnspacing=1.0, handletextpad=0.2)  # fmt: skip


def attributions(area: Area) -> str:
    """Return what the owners of the layers want said, each once."""
    return "; ".join(dict.fromkeys(layer.attribution for layer in area.layers if layer.attribution))


def write_credits(figure: Figure, area: Area, modelled: str) -> None:
    """Write attributions and, where it applies, that things are modelled, under the map."""
    flag = f"Modelled: {modelled}. " if any(layer.modelled for layer in area.layers) else ""
    text = style.plain(f"{flag}Boundaries and data: {attributions(area)}.")
    figure.supxlabel(text, fontsize=6.5, color=style.GREY, x=0.01, ha="left", wrap=True, parse_math=False)


def maps(run: Run, land: Outlines) -> dict[str, tuple[Any, pd.DataFrame]]:
    """Return every map by file name: how it is drawn, and the table beside it."""
    state, area, horizon = run.states[0], run.area, run.horizon
    coverage = coverage_table(area, state)
    first = first_served_table(area, state, horizon)
    return {
        "map-coverage": (lambda: draw_coverage(area, land, coverage, horizon.last), coverage),
        "map-first-served": (lambda: draw_first_served(area, land, state, horizon), first),
    }
