"""Streets as a design needs them: checked, mended, joined up, with every building at its nearest street."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sim.access.joining import joints, pieces, straight_streets
from sim.access.tile import Floats, Rows, Streets, Tile
from sim.errors import DataError, Problem

SNAP_M = 0.01
"""Points of a street closer than this to its end, or to one another, are one [m]."""


MOST_NAMED = 5
"""Rows that a message names."""


@dataclass(frozen=True)
class Repair:
    """Something of the input that was mended, so that the design can go on."""

    what: str
    count: int
    """How many were mended."""
    added_m: float = 0.0
    """Route added by it [m]."""

    def __str__(self) -> str:
        added = f", {self.added_m:.0f} m added" if self.added_m else ""
        return f"{self.what}: {self.count}{added}"


@dataclass(frozen=True, eq=False)
class Ground:
    """Streets of one piece with the buildings on them."""

    streets: Streets
    """Streets cut where buildings are led in, with straight edges to what no street touches."""
    entry: int
    """Node where the feeder enters."""
    node: Rows
    """Node of each building, shape (B,)."""
    lead_m: Floats
    """Distance between a building and its node, shape (B,) [m]."""
    repairs: tuple[Repair, ...]


def check(tile: Tile) -> None:
    """Raise ``DataError`` with every mistake of a tile that cannot be mended."""
    streets, wrong = tile.streets, []

    def refuse(key: str, bad: Any, message: str) -> None:
        rows = np.flatnonzero(bad)
        if len(rows):
            some = ", ".join(map(str, rows[:MOST_NAMED])) + (" ..." if len(rows) > MOST_NAMED else "")
            wrong.append(Problem(f"tile {tile.name}", key, f"{message} (row {some})"))

    nodes = len(streets.node_m)
    for key, values in (("building_m", tile.building_m), ("streets.node_m", streets.node_m)):
        refuse(key, ~np.isfinite(values).all(axis=1), "a position is no number: give metres east and north")
    if not (np.isfinite(tile.entry_m).all() and np.isfinite(tile.upstream_m) and tile.upstream_m >= 0):
        wrong.append(Problem(f"tile {tile.name}", "entry_m", "entry and fibre above it must be finite"))
    refuse("homes", tile.homes < 0, "homes cannot be fewer than none")
    refuse("floors", tile.floors < 1, "a building has one storey at least")
    stray = ((streets.edges < 0) | (streets.edges >= nodes)).any(axis=1)
    refuse("streets.edges", stray, f"names a node that does not exist; there are {nodes}")
    refuse("streets.length_m", ~(streets.length_m >= 0), "a length must be a number not below 0")
    refuse("streets.length_m", np.isinf(streets.length_m), "a length must be finite")
    for key, length, wanted in (
        ("homes", len(tile.homes), len(tile.building_m)),
        ("floors", len(tile.floors), len(tile.building_m)),
        ("streets.length_m", len(streets.length_m), len(streets.edges)),
        ("streets.duct", len(streets.duct), len(streets.edges)),
        ("streets.poles", len(streets.poles), len(streets.edges)),
    ):
        if length != wanted:
            wrong.append(Problem(f"tile {tile.name}", key, f"has {length} rows, {wanted} are needed"))
    if wrong:
        raise DataError(tuple(wrong))


def grounded(tile: Tile, apart: NDArray[np.bool_], longest_lead_in_m: float) -> Ground:
    """Return the mended streets with every building that has homes on them.

    Buildings that are ``apart`` (shape (B,)) get a node of their own, to which cable is led; so do those
    farther from a street than ``longest_lead_in_m``, which is a repair. Raises ``DataError`` where the
    tile cannot be mended.
    """
    check(tile)
    streets, repairs = _tidy(tile.streets)
    if not len(streets.edges):
        streets, mended = straight_streets(streets, tile)
        repairs += [Repair("no streets: buildings joined by straight lines", *mended)] if mended[0] else []
    used = tile.homes > 0
    points = np.concatenate([tile.building_m[used], tile.entry_m[None, :]])
    streets, node, lead = _attached(streets, points)
    far = lead > longest_lead_in_m
    own = far | np.append(apart[used], True)
    streets, node = _led_in(streets, points, node, lead, own & (lead > SNAP_M))
    if far[:-1].any():
        repairs.append(
            Repair("buildings on no street", int(far[:-1].sum()), float(lead[:-1][far[:-1]].sum()))
        )
    if far[-1]:
        repairs.append(Repair("entry away from the streets", 1, float(lead[-1])))
    streets, added = _joined(streets, node)
    if len(added):
        repairs.append(Repair("streets of separate pieces joined", len(added), float(added.sum())))
    lead[own] = 0.0
    all_nodes = np.full(len(tile.homes), node[-1])
    all_lead = np.zeros(len(tile.homes))
    all_nodes[used], all_lead[used] = node[:-1], lead[:-1]
    return Ground(streets, int(node[-1]), all_nodes, all_lead, tuple(repairs))


def _tidy(streets: Streets) -> tuple[Streets, list[Repair]]:
    """Return the streets without edges of no length, loops and doubles."""
    repairs = []
    edges, length = streets.edges, streets.length_m
    nothing = (length == 0) & (edges[:, 0] != edges[:, 1])
    kept = np.flatnonzero(length > 0)
    if nothing.any():
        label = pieces(edges[nothing], len(streets.node_m))
        _, first = np.unique(label, return_index=True)
        edges = first[label][edges]
        repairs.append(Repair("edges of no length contracted", int(nothing.sum())))
    loops = edges[kept, 0] == edges[kept, 1]
    if loops.any():
        repairs.append(Repair("edges that end where they start left out", int(loops.sum())))
        kept = kept[~loops]
    pair = np.sort(edges[kept], axis=1)
    order = np.lexsort((kept, length[kept], pair[:, 1], pair[:, 0]))
    kept, pair = kept[order], pair[order]
    new = np.ones(len(kept), dtype=bool)
    new[1:] = (pair[1:] != pair[:-1]).any(axis=1)
    if not new.all():
        repairs.append(Repair("double edges left out", int((~new).sum())))
    group = np.cumsum(new) - 1
    same = length[kept] == length[kept[new]][group] if len(kept) else np.zeros(0, dtype=bool)
    plant = []
    for stands in (streets.duct, streets.poles):
        # of doubles of one length the plant of each serves; a longer way round is left out with its plant
        any_of = np.zeros(int(new.sum()), dtype=bool)
        np.logical_or.at(any_of, group[same], stands[kept[same]])
        plant.append(any_of)
    rows = kept[new]
    return Streets(streets.node_m, edges[rows], length[rows], *plant), repairs


def _attached(streets: Streets, points: Floats) -> tuple[Streets, Rows, Floats]:
    """Return the streets cut at the nearest point of each point, its node, and the distance to it."""
    if not len(streets.edges):
        return (
            replace(streets, node_m=points[:1]),
            np.zeros(len(points), dtype=np.int64),
            np.zeros(len(points)),
        )
    ends = streets.node_m[streets.edges]
    tree = shapely.STRtree(shapely.linestrings(ends))
    point, edge = tree.query_nearest(shapely.points(points), all_matches=True)
    order = np.lexsort((edge, point))
    point, edge = point[order], edge[order]
    edge = edge[np.concatenate([[True], point[1:] != point[:-1]])].astype(np.int64)
    start, along = ends[edge, 0], ends[edge, 1] - ends[edge, 0]
    square = np.maximum((along**2).sum(axis=1), SNAP_M**2)
    share = np.clip(((points - start) * along).sum(axis=1) / square, 0.0, 1.0)
    lead = np.hypot(*(points - start - share[:, None] * along).T)
    at_m = share * streets.length_m[edge]
    node = np.where(at_m < SNAP_M, streets.edges[edge, 0], -1)
    node = np.where((node < 0) & (streets.length_m[edge] - at_m < SNAP_M), streets.edges[edge, 1], node)
    inside = np.flatnonzero(node < 0)
    inside = inside[np.lexsort((at_m[inside], edge[inside]))]
    if not len(inside):
        return streets, node, lead
    first = np.ones(len(inside), dtype=bool)
    of, at = edge[inside], at_m[inside]
    first[1:] = (of[1:] != of[:-1]) | (np.diff(at) >= SNAP_M)
    node[inside] = len(streets.node_m) + np.cumsum(first) - 1
    cut = inside[first]
    place = start[cut] + share[cut, None] * along[cut]
    return _cut(streets, edge[cut], at_m[cut], place), node, lead


def _cut(streets: Streets, edge: Rows, at_m: Floats, place: Floats) -> Streets:
    """Return streets with edges cut at points, which are sorted along each edge and become the last nodes."""
    number = len(streets.node_m) + np.arange(len(edge))
    first = np.concatenate([[True], edge[1:] != edge[:-1]])
    last = np.concatenate([first[1:], [True]])
    before = np.where(first, streets.edges[edge, 0], number - 1)
    piece_m = at_m - np.where(first, 0.0, np.concatenate([[0.0], at_m[:-1]]))
    whole = np.ones(len(streets.edges), dtype=bool)
    whole[edge] = False
    source = np.concatenate([np.flatnonzero(whole), edge, edge[last]])
    ends = np.concatenate(
        [
            streets.edges[whole],
            np.column_stack([before, number]),
            np.column_stack([number[last], streets.edges[edge[last], 1]]),
        ]
    )
    rest_m = streets.length_m[edge[last]] - at_m[last]
    return Streets(
        np.concatenate([streets.node_m, place]),
        ends,
        np.concatenate([streets.length_m[whole], piece_m, rest_m]),
        streets.duct[source],
        streets.poles[source],
    )


def _led_in(
    streets: Streets, points: Floats, node: Rows, lead_m: Floats, own: NDArray[np.bool_]
) -> tuple[Streets, Rows]:
    """Return the streets with a straight edge to each point of its own, and the nodes of the points."""
    rows = np.flatnonzero(own)
    if not len(rows):
        return streets, node
    places, first, group = np.unique(points[rows], axis=0, return_index=True, return_inverse=True)
    number = len(streets.node_m) + np.arange(len(places))
    node = node.copy()
    ends = np.column_stack([node[rows[first]], number])
    node[rows] = number[group.ravel()]
    return extended(streets, places, ends, lead_m[rows[first]]), node


def _joined(streets: Streets, node: Rows) -> tuple[Streets, Floats]:
    """Return the streets with straight edges between pieces that carry points, and their lengths."""
    piece = pieces(streets.edges, len(streets.node_m))
    needed = np.unique(piece[node])
    if len(needed) == 1:
        return streets, np.zeros(0)
    rows = np.flatnonzero(np.isin(piece, needed))
    ends = rows[joints(streets.node_m[rows], piece[rows])]
    length = np.maximum(np.hypot(*(streets.node_m[ends[:, 0]] - streets.node_m[ends[:, 1]]).T), SNAP_M)
    return extended(streets, np.zeros((0, 2)), ends, length), length


def extended(streets: Streets, places: Floats, ends: Rows, length_m: Floats) -> Streets:
    """Return streets with more nodes and edges, along which nothing stands."""
    bare = np.zeros(len(ends), dtype=bool)
    return Streets(
        np.concatenate([streets.node_m, places]),
        np.concatenate([streets.edges, ends]),
        np.concatenate([streets.length_m, length_m]),
        np.concatenate([streets.duct, bare]),
        np.concatenate([streets.poles, bare]),
    )
