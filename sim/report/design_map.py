"""The map of one design: streets, routes by how they are built, access boxes, cabinets, homes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from sim.access.design import DUCT, METHODS, NEW_POLES, POLES, TRENCH
from sim.report import style
from sim.report.maps import scale_length

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.designs import Opened

# Okabe and Ito's colours: what stands in cool ones, what is built anew in warm ones.
_METHOD_COLOURS = {DUCT: "#0072B2", POLES: "#009E73", NEW_POLES: "#E69F00", TRENCH: "#D55E00"}
_STREET, _HOME, _UNSERVED, _BOX, _CABINET = "#C9C9C9", "#B7A99A", "#B3261E", "#FFFFFF", "#222222"
_ENTRY = "#F0E442"
_WIDTHS = (2.8, 1.7, 0.8)
"""Line widths of routes with a feeder, with distribution cable, with drops alone."""
_MARGIN = 0.04


def draw_design(opened: Opened) -> Figure:
    """Draw the network of a zone over its streets and homes."""
    low, high = _extent(opened)
    wide, tall = np.maximum(high - low, 1.0)
    height = float(np.clip(8.4 * tall / wide, 5.0, 10.5))
    figure = style.new_figure(11.6, height + 1.0)
    axes = figure.subplots()
    _streets(axes, opened)
    _routes(axes, opened)
    _points(axes, opened)
    margin = _MARGIN * max(wide, tall)
    axes.set_xlim(low[0] - margin, high[0] + margin)
    axes.set_ylim(low[1] - 2.2 * margin, high[1] + margin)
    axes.set_aspect("equal")
    axes.set_axis_off()
    head, figures = (style.plain(line) for line in _title(opened))
    figure.suptitle(head, fontsize=11, fontweight="bold", x=0.01, ha="left", parse_math=False)
    axes.set_title(figures, fontsize=9, fontweight="normal", color=style.GREY, pad=8, parse_math=False)
    _scale_bar(axes, low, high, margin)
    handles = _legend(opened)
    legend = figure.legend(handles=handles, loc="outside right center", fontsize=8, labelspacing=0.7)
    for text, handle in zip(legend.get_texts(), handles, strict=True):
        if handle.get_color() == "none":
            text.set_fontweight("bold")
    note = "Homes and streets are modelled: drawn by rule from the zone's homes, settlements and land."
    figure.supxlabel(note, fontsize=7, color=style.GREY, x=0.01, ha="left", parse_math=False)
    return figure


def _extent(opened: Opened) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    every = np.vstack([opened.tile.streets.node_m, opened.tile.building_m])
    return every.min(axis=0), every.max(axis=0)


def _title(opened: Opened) -> tuple[str, str]:
    """Return what the map shows, and the figures that matter."""
    design = opened.design
    name = opened.name if style.drawable(opened.name) else ""
    place = " ".join(part for part in (f"{opened.kind.capitalize()} {opened.zone_id}", name) if part)
    homes = max(design.passed, 1)
    head = f"{place}: {design.passed:,} of {opened.tile.home_count:,} homes passed by fibre"
    figures = (
        f"{design.ports:,} ports, split {design.split.replace('x', ' x ')}; "
        f"{design.route_m / 1000:.1f} km of routes, {design.dug_m / 1000:.1f} km of them dug; "
        f"{design.yuan / 1000:,.0f} thousand yuan, {design.yuan / homes:,.0f} a home passed"
    )
    return head, figures


def _streets(axes: Axes, opened: Opened) -> None:
    streets = opened.tile.streets
    lines = LineCollection(list(streets.node_m[streets.edges]), colors=_STREET, linewidths=0.9, zorder=1)
    axes.add_collection(lines)


def _routes(axes: Axes, opened: Opened) -> None:
    """Draw the routes, those with feeders last, so that they lie on top."""
    routes = opened.design.routes
    use = np.select([routes.feeder > 0, routes.distribution > 0], [0, 1], 2)
    pieces = np.stack([routes.from_m, routes.to_m], axis=1)
    for rank in (2, 1, 0):
        for method, colour in _METHOD_COLOURS.items():
            own = (use == rank) & (routes.method == method)
            if own.any():
                drawn = LineCollection(
                    list(pieces[own]),
                    colors=colour,
                    linewidths=_WIDTHS[rank],
                    capstyle="round",
                    zorder=4 - rank,
                )
                axes.add_collection(drawn)


def _points(axes: Axes, opened: Opened) -> None:
    design, tile = opened.design, opened.tile
    served = np.bincount(design.homes.building, design.homes.served, len(tile.homes)) >= tile.homes
    size = np.where(tile.homes > 1, np.clip(40.0 + tile.homes, 40.0, 150.0), 3.0)
    shape = "s" if tile.built_up else "o"
    homes, lost = tile.building_m[served], tile.building_m[~served]
    boxes, cabinets, entry = design.boxes.point_m, design.cabinets.point_m, tile.entry_m[None]
    axes.scatter(homes[:, 0], homes[:, 1], s=size[served], marker=shape, color=_HOME, lw=0, zorder=1.5)
    axes.scatter(lost[:, 0], lost[:, 1], s=14, marker="x", color=_UNSERVED, lw=0.9, zorder=6)
    for places, marker, area, fill, edge, rank in (
        (boxes, "o", 11, _BOX, _CABINET, 5),
        (cabinets, "s", 80, _CABINET, "white", 6),
        (entry, "*", 120, _ENTRY, _CABINET, 7),
    ):
        axes.scatter(
            places[:, 0],
            places[:, 1],
            s=area,
            marker=marker,
            color=fill,
            edgecolors=edge,
            lw=0.8,
            zorder=rank,
        )


def _scale_bar(axes: Axes, low: NDArray[np.float64], high: NDArray[np.float64], margin: float) -> None:
    length = scale_length(float(high[0] - low[0]) / 4)
    x, y, tick = float(low[0]), float(low[1]) - 1.7 * margin, margin / 3
    axes.plot([x, x, x + length, x + length], [y + tick, y, y, y + tick], color=style.GREY, lw=1.3, zorder=8)
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    halo = [withStroke(linewidth=2, foreground="white")]
    axes.text(
        x + length + tick,
        y,
        text,
        ha="left",
        va="bottom",
        fontsize=8,
        color=style.GREY,
        path_effects=halo,
        zorder=8,
    )
    axes.annotate(
        "N", (0.02, 0.995), (0.02, 0.93), xycoords="axes fraction", ha="center", va="top", fontsize=9,
        color=style.GREY, arrowprops={"arrowstyle": "-|>", "color": style.GREY, "lw": 1.1},
    )  # fmt: skip


def _legend(opened: Opened) -> list[Line2D]:
    design, tile = opened.design, opened.tile
    handles = [_heading("Routes by way of building")]
    for method, colour in _METHOD_COLOURS.items():
        metres = design.routes.metres(method)
        if metres > 0:
            text = f"{METHODS[method]}: {metres / 1000:.1f} km"
            handles.append(Line2D([], [], color=colour, lw=2.2, label=text))
    handles.append(_heading("Routes by use"))
    names = ("feeder", "distribution", "drops only")
    handles += [Line2D([], [], color=style.GREY, lw=w, label=n) for n, w in zip(names, _WIDTHS, strict=True)]
    handles.append(_heading("Places"))
    unserved = tile.home_count - design.passed
    where = "entry of the feeder" if tile.upstream_m > 0 else "line terminal"
    marks = [
        ("*", _ENTRY, 11, f"{where} ({tile.upstream_m / 1000:.1f} km upstream)"),
        ("s", _CABINET, 7, f"splitter cabinets: {len(design.cabinets.fibres):,}"),
        ("o", _BOX, 5, f"access boxes: {len(design.boxes.ports):,}"),
        (
            "s" if tile.built_up else "o",
            _HOME,
            4,
            f"homes: {tile.home_count:,} in {len(tile.homes):,} buildings",
        ),
    ]
    if unserved:
        marks.append(("x", _UNSERVED, 6, f"homes not served: {unserved:,}"))
    for marker, colour, size, text in marks:
        edge = _UNSERVED if marker == "x" else (_CABINET if colour != _HOME else _HOME)
        handles.append(
            Line2D(
                [], [], lw=0, marker=marker, ms=size, color=colour, mec=edge, mew=0.8, label=style.plain(text)
            )
        )
    handles.append(Line2D([], [], color=_STREET, lw=1.2, label="streets and tracks"))
    return handles


def _heading(text: str) -> Line2D:
    return Line2D([], [], color="none", label=text)
