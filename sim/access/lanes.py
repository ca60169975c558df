"""Homes and streets of one settlement or one quarter of a town, drawn by street pattern.

Positions are relative to the middle of the settlement; node 0 of a patch is where tracks reach it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay, QhullError

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_GOLDEN_ANGLE = np.pi * (3.0 - np.sqrt(5.0))
_JITTER = 0.2
"""Homes stand off the middle of their plots by up to this part of the plot's width."""
_LOOP_SHARE = 0.1
"""Paths of scattered farmsteads beyond those that join them, over those."""
_DOOR = 0.25
"""Farmsteads stand off their path by this part of the distance between them."""
_LANE_NODES = 3
"""A lane has a node in the middle, where alleys join, and one at either end."""
_FEW = 4
"""Fewer points than this have no triangulation worth the name."""


@dataclass(frozen=True, eq=False)
class Patch:
    """A piece of street graph and the buildings along it."""

    node_m: Floats
    """Positions of the nodes, shape (N, 2) [m]."""
    edges: Rows
    """Nodes at both ends of each straight edge, shape (E, 2)."""
    building_m: Floats
    """Positions of the buildings, shape (B, 2) [m]."""

    def turned(self, angle: float, to_m: Floats) -> Patch:
        """Return the patch turned anticlockwise by an angle [rad] and moved, its node 0 to ``to_m``."""
        sine, cosine = np.sin(angle), np.cos(angle)
        spin = np.array([[cosine, sine], [-sine, cosine]])
        origin = self.node_m[0]
        return Patch(
            (self.node_m - origin) @ spin + to_m, self.edges, (self.building_m - origin) @ spin + to_m
        )


def ribbon(homes: int, plot_m2: float, generator: np.random.Generator, most: int) -> Patch:
    """Return homes on both sides of east-west lanes, ``most`` to a lane, each on a square plot [m2]."""
    return _rows_of_lanes(_shared_out(homes, -(-homes // most)), np.sqrt(plot_m2), generator)


def compact(homes: int, plot_m2: float, generator: np.random.Generator) -> Patch:
    """Return homes on parallel lanes that fill about a square, joined by an alley across their middles.

    Each home has a square plot [m2] with its front to a lane, so that a lane and the plots on both of its
    sides are two plots wide.
    """
    lanes = int(compact_lanes(np.array([homes]))[0])
    return _rows_of_lanes(_shared_out(homes, lanes), np.sqrt(plot_m2), generator)


def compact_lanes(homes: Rows) -> Rows:
    """Return the lanes of compact settlements: half the root of their homes, at least one; same shape."""
    return np.maximum(np.ceil(np.sqrt(homes) / 2.0), 1.0).astype(np.int64)


def _shared_out(homes: int, lanes: int) -> Rows:
    """Return the homes of each lane, which differ by one at most."""
    return np.diff(np.arange(lanes + 1) * homes // lanes).astype(np.int64)


def _rows_of_lanes(on_lane: Rows, front_m: float, generator: np.random.Generator) -> Patch:
    """Return lanes one above the other, two plots apart, with so many homes each, and their alley.

    A lane is as long as its plots: half as many as homes, rounded up, of width ``front_m``.
    """
    lanes = len(on_lane)
    y = np.repeat((np.arange(lanes) - lanes // 2) * 2.0 * front_m, _LANE_NODES)
    half_m = np.maximum(np.ceil(on_lane / 2), 1) * front_m / 2
    node_m = np.column_stack([(half_m[:, None] * np.array([0.0, -1.0, 1.0])).ravel(), y])
    hub = np.arange(lanes) * _LANE_NODES
    edges = [np.column_stack([hub, hub + end]) for end in (1, 2)]
    edges.append(np.column_stack([hub[:-1], hub[1:]]))
    lane = np.repeat(np.arange(lanes), on_lane)
    number = np.arange(len(lane)) - np.repeat(np.cumsum(on_lane) - on_lane, on_lane)
    side = np.where(number % 2 == 0, 0.5, -0.5) * front_m
    building_m = np.column_stack([(number // 2 + 0.5) * front_m - half_m[lane], y[hub[lane]] + side])
    building_m = building_m + generator.uniform(-_JITTER, _JITTER, building_m.shape) * front_m
    return _led_by(
        Patch(node_m, np.concatenate(edges).astype(np.int64), building_m), _LANE_NODES * (lanes // 2)
    )


def scattered(homes: int, plot_m2: float, generator: np.random.Generator) -> Patch:
    """Return farmsteads spread over a disc, each with so much land [m2], and the paths between them.

    They lie on a sunflower's spiral, shaken by a part of their distance; the paths are their spanning
    tree and some of the shortest ways beside it.

    References
    ----------
    Vogel, Mathematical Biosciences 44 (1979) 179-189 (the spiral).
    """
    apart_m = np.sqrt(plot_m2)
    step = np.arange(homes) + 0.5
    radius, angle = apart_m * np.sqrt(step / np.pi), step * _GOLDEN_ANGLE
    node_m = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    node_m = node_m + generator.uniform(-1.0, 1.0, node_m.shape) * apart_m * 2.0 * _JITTER
    bearing = generator.uniform(0.0, 2.0 * np.pi, homes)
    off_m = np.column_stack([np.cos(bearing), np.sin(bearing)]) * apart_m * _DOOR
    return Patch(node_m, joined(node_m, _LOOP_SHARE), node_m + off_m)


def joined(node_m: Floats, extra_share: float) -> Rows:
    """Return edges that join points: their spanning tree and some of the shortest others, shape (E, 2)."""
    pairs = neighbours(node_m)
    if len(pairs) == 0:
        return pairs
    length = np.hypot(*(node_m[pairs[:, 0]] - node_m[pairs[:, 1]]).T)
    graph = coo_array((np.maximum(length, 1e-6), (pairs[:, 0], pairs[:, 1])), shape=(len(node_m),) * 2)
    tree = minimum_spanning_tree(graph.tocsr()).tocoo()
    code = np.sort(np.column_stack([tree.row, tree.col]), axis=1) @ np.array([len(node_m), 1])
    in_tree = np.isin(pairs @ np.array([len(node_m), 1]), code)
    others = np.flatnonzero(~in_tree)
    others = others[np.argsort(np.round(length[others], 3), kind="stable")]
    kept = np.concatenate([np.flatnonzero(in_tree), others[: round(extra_share * in_tree.sum())]])
    return np.asarray(pairs[np.sort(kept)], dtype=np.int64)


def neighbours(node_m: Floats) -> Rows:
    """Return pairs of points that a spanning tree may join, each once with the lower first, shape (m, 2)."""
    count = len(node_m)
    every = np.column_stack(np.triu_indices(count, 1)).astype(np.int64)
    if count < _FEW:
        return every
    try:
        corners = Delaunay(node_m).simplices
    except QhullError:  # all on a line
        order = np.lexsort((node_m[:, 1], node_m[:, 0]))
        return np.sort(np.column_stack([order[:-1], order[1:]]), axis=1).astype(np.int64)
    ends = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    return np.unique(np.sort(ends, axis=1), axis=0).astype(np.int64)


def wandering(start_m: Floats, end_m: Floats, sinuosity: float, step_m: float, phase: float) -> Floats:
    """Return the inner points of a track that swings about the straight way, shape (n, 2) [m].

    The swing is a sine that fades at both ends; its height makes the track about ``sinuosity`` times as
    long as the straight way. ``phase`` in (0, 1) chooses side and number of its bends.
    """
    straight_m = float(np.hypot(*(end_m - start_m)))
    count = int(straight_m // step_m)
    if count < 1:
        return np.empty((0, 2))
    share = np.arange(1, count + 1) / (count + 1)
    bends = 1.0 + np.floor(phase * 2.0)
    # A curve y = h sin(pi b s) over a way of length L is longer than it by about (pi b h / 2 L)^2.
    height_m = 2.0 * straight_m * np.sqrt(max(sinuosity - 1.0, 0.0)) / (np.pi * bends)
    side = 1.0 if (phase * 2.0 * 2.0) % 2.0 < 1.0 else -1.0
    swing = side * height_m * np.sin(np.pi * bends * share)
    along = (end_m - start_m) / max(straight_m, 1e-9)
    across = np.array([-along[1], along[0]])
    return np.asarray(start_m + share[:, None] * (end_m - start_m) + swing[:, None] * across)


def _led_by(patch: Patch, node: int) -> Patch:
    """Return the patch with a node moved to the front, where tracks join."""
    order = np.r_[node, np.delete(np.arange(len(patch.node_m)), node)]
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return Patch(patch.node_m[order], place[patch.edges], patch.building_m)
