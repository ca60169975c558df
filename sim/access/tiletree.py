"""The tree of routes of a tile: one trench for drops, distribution and feeder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from sim.access.rooted import Floats, Rooted, Rows, rooted
from sim.access.streets import Ground
from sim.access.tile import Streets
from sim.access.tree import steiner_tree

STEP = 0.25
"""Longest edge of the tree over the longest drop: boxes stand at its vertices, so far edges are cut."""


@dataclass(frozen=True, eq=False)
class TileTree:
    """Routes from the entry to every building, as a tree of n vertices with the edge above each."""

    tree: Rooted
    point_m: Floats
    """Positions, shape (n, 2) [m]."""
    duct: NDArray[np.bool_]
    """Whether a duct stands along the edge above, shape (n,)."""
    poles: NDArray[np.bool_]
    """Whether poles stand along the edge above, shape (n,)."""
    building: Rows
    """Vertex of each building, shape (B,); those left out are at the root."""
    lead_m: Floats
    """Cable between vertex and building, shape (B,) [m]."""


def shortest_tree(ground: Ground, wanted: NDArray[np.bool_], longest_edge_m: float) -> TileTree:
    """Return the routes of least length in all to the buildings wanted, shape (B,): what is dug least.

    Lengths alone decide, no price and no plant that stands: then prices and plant move the cost one way.
    """
    streets = ground.streets
    ends = np.sort(streets.edges, axis=1)
    terminals = np.unique(np.append(ground.node[wanted], ground.entry))
    if len(terminals) == 1:
        return _tree(ground, wanted, np.zeros(0, dtype=np.int64), longest_edge_m)
    count = len(streets.node_m)
    graph = coo_array((streets.length_m, (ends[:, 0], ends[:, 1])), shape=(count, count)).tocsr()
    edges = steiner_tree(graph + graph.T, terminals, passes=0).edges
    return _tree(ground, wanted, _rows_of(ends, edges, count), longest_edge_m)


def nearest_tree(ground: Ground, wanted: NDArray[np.bool_], longest_edge_m: float) -> TileTree:
    """Return the routes on which every building wanted has its shortest way to the entry."""
    streets = ground.streets
    count = len(streets.node_m)
    graph = coo_array((streets.length_m, tuple(streets.edges.T)), shape=(count, count)).tocsr()
    _, before = dijkstra(graph, directed=False, indices=ground.entry, return_predecessors=True)
    used = np.zeros(count, dtype=bool)
    at = np.unique(ground.node[wanted])
    while len(at):
        used[at] = True
        at = np.unique(before[at][before[at] >= 0])
        at = at[~used[at]]
    nodes = np.flatnonzero(used & (before >= 0))
    edges = np.sort(np.column_stack([nodes, before[nodes]]), axis=1)
    return _tree(ground, wanted, _rows_of(np.sort(streets.edges, axis=1), edges, count), longest_edge_m)


def _rows_of(ends: Rows, edges: Rows, count: int) -> Rows:
    """Return the rows of ``ends`` (each pair once, lower node first) that ``edges`` name."""
    key = ends[:, 0] * count + ends[:, 1]
    order = np.argsort(key, kind="stable")
    wanted = edges.min(axis=1) * count + edges.max(axis=1)
    rows: Rows = order[np.searchsorted(key[order], wanted)]
    return rows


def _tree(ground: Ground, wanted: NDArray[np.bool_], rows: Rows, longest_edge_m: float) -> TileTree:
    streets = ground.streets
    part = Streets(
        streets.node_m, streets.edges[rows], streets.length_m[rows], streets.duct[rows], streets.poles[rows]
    )
    part = _cut_up(part, longest_edge_m)
    tree, nodes, edge = rooted(part.edges, part.length_m, ground.entry, len(part.node_m))
    place = np.zeros(len(part.node_m), dtype=np.int64)
    place[nodes] = np.arange(len(nodes))
    above = edge >= 0
    stands = [np.zeros(len(nodes), dtype=bool) for _ in range(2)]
    stands[0][above], stands[1][above] = part.duct[edge[above]], part.poles[edge[above]]
    return TileTree(
        tree,
        part.node_m[nodes],
        stands[0],
        stands[1],
        np.where(wanted, place[ground.node], 0),
        ground.lead_m,
    )


def _cut_up(streets: Streets, longest_edge_m: float) -> Streets:
    """Return streets whose longer edges are cut into equal pieces."""
    pieces = np.maximum(np.ceil(streets.length_m / longest_edge_m - 1e-9), 1).astype(np.int64)
    if not len(pieces) or pieces.max() == 1:
        return streets
    row = np.repeat(np.arange(len(pieces)), pieces)
    step = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    inner = step > 0
    number = len(streets.node_m) + np.cumsum(inner) - 1
    share = (step / pieces[row])[inner, None]
    ends = streets.node_m[streets.edges[row[inner]]]
    before = np.where(inner, number, streets.edges[row, 0])
    after = np.where(step + 1 < pieces[row], np.append(number[1:], 0), streets.edges[row, 1])
    return Streets(
        np.concatenate([streets.node_m, ends[:, 0] * (1.0 - share) + ends[:, 1] * share]),
        np.column_stack([before, after]),
        streets.length_m[row] / pieces[row],
        streets.duct[row],
        streets.poles[row],
    )
