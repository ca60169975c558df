"""The radio networks of a run in pictures: signal, interference, when cover came, curves by month."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, Colormap, ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from sim.radio.months import NEVER, Maps
from sim.report import style
from sim.report.maps import Outlines, draw_counties, frame_map, half_years, map_figure, write_credits
from sim.tables import radio as words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.store import Run

SHOWN = ("lte", "nr")
"""Technologies whose signal is mapped."""
RSRP_DBM = (-110, -105, -100, -95, -90, -85, -80, -75, -70, -60)
SINR_DB = (-10, -5, 0, 3, 6, 10, 15, 20, 25, 30)
_MOST_PIXELS = 1100
"""A side of a panel shows no more."""
_SIGNAL, _RATIO = "viridis", "cividis"
_START = "#2B2B2B"
_METRES_PER_KM = 1000.0
Drawn = tuple[Callable[[], Figure], pd.DataFrame]
NAMES = ("radio-cover", "radio-rates", "map-radio-rsrp", "map-radio-sinr", "map-radio-first")


def radio_pictures(run: Run, outlines: Outlines) -> dict[str, Drawn]:
    """Return every picture of the radio networks by file name: how it is drawn, and the table beside it."""
    table, area, horizon = run.radio.radio, run.area, run.horizon
    pictures: dict[str, Drawn] = {}
    cover, rates = cover_table(table), rates_table(table)
    if len(cover):
        pictures["radio-cover"] = (lambda: draw_cover(cover, horizon), cover)
    if len(rates):
        pictures["radio-rates"] = (lambda: draw_rates(rates, horizon), rates)
    maps = {name: run.radio.maps[name] for name in SHOWN if name in run.radio.maps}
    if not maps:
        return pictures
    signal = {name: (found, found.rsrp_dbm) for name, found in maps.items()}
    ratio = {name: (found, found.sinr_db) for name, found in maps.items() if found.sinr_db is not None}
    text = f"end of {horizon.last}"
    for key, planes, edges, palette, what, unit in (
        ("map-radio-rsrp", signal, RSRP_DBM, _SIGNAL, "RSRP in the street", "dBm"),
        ("map-radio-sinr", ratio, SINR_DB, _RATIO, "SINR in the street at the busy hour", "dB"),
    ):
        if planes:
            draw = _drawer(area, outlines, planes, (edges, palette, f"{what}, {text}", unit))
            pictures[key] = (draw, classes_table(planes, edges, unit))
    months = first_table(maps, horizon)
    pictures["map-radio-first"] = (lambda: draw_first(area, outlines, maps, horizon), months)
    return pictures


def _drawer(area: Area, outlines: Outlines, planes: Any, look: Any) -> Callable[[], Figure]:
    return lambda: draw_classes(area, outlines, planes, look)


def cover_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return month, technology, measure, breakdown and share of residents, land and roads with signal."""
    wanted = (
        ((table["measure"] == words.POPULATION) & table["breakdown"].isin([words.OUTDOOR, words.INDOOR]))
        | ((table["measure"] == words.AREA) & (table["breakdown"] == words.OUTDOOR))
        | ((table["measure"] == words.ROADS) & (table["breakdown"] == f"road {words.OUTDOOR}"))
    )
    return _chosen(table, wanted)


def rates_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return rates of the busy hour and loads by month."""
    rate = table["measure"].isin([words.EDGE_RATE, words.MEDIAN_RATE])
    load = table["measure"].isin([words.MEAN_LOAD, words.OVERLOADED])
    return _chosen(table, (rate & (table["breakdown"] == words.BUSY_HOUR)) | load)


def _chosen(table: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
    found = table[rows].drop(columns="unit").reset_index(drop=True)
    return found.assign(value=found["value"].round(6))


def draw_cover(table: pd.DataFrame, horizon: Horizon) -> Figure:
    """Draw the shares of residents, of land and of roads with signal over the months."""
    figure = style.new_figure(9.6, 3.4)
    panels = figure.subplots(1, 3, sharey=True)
    lines = {words.OUTDOOR: "-", words.INDOOR: (0, (2, 1.5)), f"road {words.OUTDOOR}": "-"}
    titles = {words.POPULATION: "Residents", words.AREA: "Land", words.ROADS: "Major roads"}
    for axes, (measure, text) in zip(panels, titles.items(), strict=True):
        part = table[table["measure"] == measure]
        for (name, where), line in part.groupby(["technology", "breakdown"], sort=True):
            axes.plot(
                line["month"], line["value"], color=style.colour(str(name)), ls=lines[str(where)], lw=1.6
            )
        style.month_axis(axes, horizon)
        axes.set_ylim(0, 1.02)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set_title(text)
    panels[0].set_ylabel("share with signal")
    _legend(figure, sorted(set(table["technology"])), {"in the street": "-", "in rooms": (0, (2, 1.5))})
    return figure


def draw_rates(table: pd.DataFrame, horizon: Horizon) -> Figure:
    """Draw the rates of users at the busy hour and the load of cells over the months."""
    figure = style.new_figure(9.0, 3.4)
    rates, loads = figure.subplots(1, 2)
    looks = {
        words.MEDIAN_RATE: (rates, "-"), words.EDGE_RATE: (rates, (0, (2, 1.5))),
        words.MEAN_LOAD: (loads, "-"), words.OVERLOADED: (loads, (0, (2, 1.5))),
    }  # fmt: skip
    for (name, measure), line in table.groupby(["technology", "measure"], sort=True):
        axes, dash = looks[str(measure)]
        axes.plot(line["month"], line["value"], color=style.colour(str(name)), ls=dash, lw=1.6)
    for axes in (rates, loads):
        style.month_axis(axes, horizon)
        axes.set_ylim(bottom=0)
    rates.set_title("Rate of a user at the busy hour")
    rates.set_ylabel("among covered residents [Mbit/s]")
    loads.set_title("Cells that serve residents")
    loads.set_ylabel("share")
    loads.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    named = {"median; mean load": "-", "cell edge; overloaded cells": (0, (2, 1.5))}
    _legend(figure, sorted(set(table["technology"])), named)
    return figure


def _legend(figure: Figure, technologies: list[str], dashes: dict[str, Any]) -> None:
    handles = [
        mpl.lines.Line2D([], [], color=style.colour(name), lw=2.0, label=style.label(name))
        for name in technologies
    ]
    handles += [mpl.lines.Line2D([], [], color=style.GREY, ls=d, lw=1.4, label=t) for t, d in dashes.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), fontsize=8)


def classes_table(planes: dict[str, tuple[Maps, Any]], edges: tuple[int, ...], unit: str) -> pd.DataFrame:
    """Return by technology and class of signal the land in it [km2]."""
    rows = []
    for name, (maps, plane) in planes.items():
        held = plane[np.isfinite(plane)]
        count, _ = np.histogram(np.clip(held, edges[0], edges[-1] - 1e-3), bins=np.array(edges, dtype=float))
        km2 = count * (maps.grid.pixel_m / _METRES_PER_KM) ** 2
        rows += [
            (name, low, high, unit, area) for low, high, area in zip(edges[:-1], edges[1:], km2, strict=True)
        ]
    return pd.DataFrame(rows, columns=["technology", "from", "to", "unit", "km2"])


def first_table(maps: dict[str, Maps], horizon: Horizon) -> pd.DataFrame:
    """Return by technology and month the land that gets its first signal in it [km2]."""
    rows = []
    for name, found in maps.items():
        month = found.first_month[found.first_month != NEVER].astype(np.int64)
        count = np.bincount(month + 1, minlength=horizon.months + 1)
        labels = ["from the start", *horizon.labels()]
        pixel = (found.grid.pixel_m / _METRES_PER_KM) ** 2
        rows += [(name, label, number * pixel) for label, number in zip(labels, count, strict=False)]
    return pd.DataFrame(rows, columns=["technology", "month", "km2"])


def draw_classes(area: Area, outlines: Outlines, planes: dict[str, tuple[Maps, Any]], look: Any) -> Figure:
    """Draw a raster of each technology in classes."""
    edges, palette, text, unit = look
    figure, panels = map_figure(area, len(planes))
    colours = mpl.colormaps[palette].resampled(len(edges) - 1)
    norm = BoundaryNorm(edges, colours.N, clip=True)
    for axes, (name, (maps, plane)) in zip(panels, planes.items(), strict=True):
        draw_counties(axes, outlines, None)
        _show(axes, maps, np.ma.masked_invalid(plane), colours, norm)
        frame_map(axes, area, f"{style.label(name)}: {text}")
    bar = figure.colorbar(
        ScalarMappable(norm, colours), ax=panels, shrink=0.7, aspect=30, pad=0.01, ticks=edges
    )
    bar.set_label(f"[{unit}]")
    bar.outline.set_visible(False)
    write_credits(figure, area, "positions of sites and their surroundings are modelled")
    return figure


def draw_first(area: Area, outlines: Outlines, maps: dict[str, Maps], horizon: Horizon) -> Figure:
    """Draw the land by the month from which it has signal in the street."""
    figure, panels = map_figure(area, len(maps))
    edges, palette = half_years(horizon)
    # What is there from the start stands before the first month, in the colour of standing plant.
    colours = ListedColormap([_START, *palette(range(palette.N))])
    norm = BoundaryNorm([-1, *edges], colours.N)
    for axes, (name, found) in zip(panels, maps.items(), strict=True):
        draw_counties(axes, outlines, None)
        _show(axes, found, np.ma.masked_equal(found.first_month, NEVER), colours, norm)
        frame_map(axes, area, f"{style.label(name)}: first month with signal in the street")
    bar = figure.colorbar(ScalarMappable(norm, colours), ax=panels, shrink=0.7, aspect=30, pad=0.01)
    ticks = [month for month in edges[:-1] if horizon.calendar_month(int(month)) in (1, 7)]
    bar.set_ticks(ticks, labels=[horizon.label(int(month)) for month in ticks])
    bar.minorticks_off()
    bar.outline.set_visible(False)
    write_credits(figure, area, "positions of sites and their surroundings are modelled")
    return figure


def _show(axes: Axes, maps: Maps, plane: NDArray[Any], colours: Colormap, norm: BoundaryNorm) -> None:
    """Draw a raster where it lies, no finer than a panel shows."""
    grid = maps.grid
    step = max(-(-max(grid.shape) // _MOST_PIXELS), 1)
    thin = plane[::step, ::step]
    east = grid.west_m + thin.shape[1] * step * grid.pixel_m
    south = grid.north_m - thin.shape[0] * step * grid.pixel_m
    axes.imshow(
        thin, cmap=colours, norm=norm, extent=(grid.west_m, east, south, grid.north_m), origin="upper",
        interpolation="nearest", zorder=1.5,
    )  # fmt: skip
