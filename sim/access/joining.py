"""Straight connections where streets are missing: between pieces of a network, and between buildings."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from sim.access.tile import Floats, Rows, Streets, Tile
from sim.access.tree import spanning_connection

NEIGHBOURS = 8
"""Nearest points that are looked at first; more are where all lie in the same piece."""


def joints(node_m: Floats, piece: Rows) -> Rows:
    """Return the pairs of nodes whose straight connection makes all pieces one, shape (pieces - 1, 2).

    Each piece is joined to its nearest other one, and again until one is left: the tree of least length
    between pieces.

    References
    ----------
    Boruvka, Prace Moravske Prirodovedecke Spolecnosti 3 (1926) 37-58.
    """
    tree = cKDTree(node_m)
    _, piece = np.unique(piece, return_inverse=True)
    found = []
    while piece.max() > 0:
        one, other, metres = _nearest_elsewhere(tree, node_m, piece)
        order = np.lexsort((other, one, metres, piece[one]))
        best = order[np.concatenate([[True], np.diff(piece[one[order]]) > 0])]
        best = best[np.lexsort((other[best], one[best], metres[best]))]
        for row in best.tolist():
            here, there = piece[one[row]], piece[other[row]]
            if here != there:
                found.append((one[row], other[row]))
                piece = np.where(piece == there, here, piece)
        _, piece = np.unique(piece, return_inverse=True)
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _nearest_elsewhere(tree: cKDTree, node_m: Floats, piece: Rows) -> tuple[Rows, Rows, Floats]:
    """Return for nodes the nearest node of another piece: of every piece at least the nearest pair."""
    count, looked = len(node_m), NEIGHBOURS
    asked = np.arange(count)
    found: list[tuple[Rows, Rows, Floats]] = []
    best = np.full(int(piece.max()) + 1, np.inf)
    while len(asked):
        looked = min(2 * looked, count)
        metres, near = tree.query(node_m[asked], k=looked)
        elsewhere = piece[near] != piece[asked][:, None]
        first = elsewhere.argmax(axis=1)
        rows = np.arange(len(asked))
        hit = elsewhere[rows, first]
        found.append((asked[hit], near[rows, first][hit], metres[rows, first][hit]))
        np.minimum.at(best, piece[asked[hit]], metres[rows, first][hit])
        # whoever saw only its own piece asks farther, unless its piece has a nearer way out already
        asked = asked[~hit & (metres[:, -1] < best[piece[asked]])]
    one, other, metres = (np.concatenate(part) for part in zip(*found, strict=True))
    return one.astype(np.int64), other.astype(np.int64), metres


def straight_streets(streets: Streets, tile: Tile) -> tuple[Streets, tuple[int, float]]:
    """Return straight streets between the buildings and the entry of a tile, their number and length."""
    points = np.unique(np.concatenate([tile.building_m[tile.homes > 0], tile.entry_m[None, :]]), axis=0)
    tree = spanning_connection(points[:-1], points[-1:])
    bare = np.zeros(len(tree.edges), dtype=bool)
    return Streets(points, tree.edges, tree.edge_m, bare, bare), (len(tree.edges), tree.length_m)


def pieces(ends: Rows, count: int) -> Rows:
    """Return the piece of each node, shape (count,)."""
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    return np.asarray(label, dtype=np.int64)
