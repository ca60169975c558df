"""Feeder fibres along a tree: how many pass each edge, in which cables, and which way they run.

Fibres of every node run to the root of its part of the forest. A cable has one of a list of sizes; an edge
that needs more than the largest gets several side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import breadth_first_order

from sim.access.steiner import matrix_of, wrong
from sim.access.tree import Tree

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rooted:
    """A forest seen from its roots."""

    above: Rows
    """The next node towards the root, shape (N,); -1 at roots and outside the forest."""
    edge: Rows
    """The edge of the tree to that node, shape (N,); -1 where there is none."""
    root: Rows
    """The root a node hangs on, shape (N,); -1 outside the forest."""
    distance_m: Floats
    """Length of the way to the root, shape (N,) [m]; infinite outside the forest."""
    order: Rows
    """The nodes of the forest, each after the one above it."""


def from_roots(tree: Tree, nodes: int, roots: Any) -> Rooted:
    """Return a forest of a graph of so many nodes as seen from its roots.

    Raises ``DataError`` where two roots lie in one part of the forest or a part has none.
    """
    standing = np.unique(np.asarray(roots, dtype=np.int64))
    if not len(standing) or standing[0] < 0 or standing[-1] >= nodes:
        raise wrong("roots", f"must be nodes of the graph, 0 to {nodes - 1}, at least one")
    above = np.full(nodes, -1, dtype=np.int64)
    edge = np.full(nodes, -1, dtype=np.int64)
    root = np.full(nodes, -1, dtype=np.int64)
    distance_m = np.full(nodes, np.inf)
    # one more node above all roots makes the forest a tree
    ends = np.concatenate([tree.edges, np.column_stack([standing, np.full(len(standing), nodes)])])
    matrix = matrix_of(nodes + 1, ends, np.ones(len(ends)))
    found, before = breadth_first_order(matrix, nodes, directed=False)
    order = found[1:].astype(np.int64)
    if len(order) != len(tree.edges) + len(standing) or len(np.setdiff1d(tree.edges, order)):
        raise wrong("roots", "must be one in each part of the forest: a part has none, or two are joined")
    key = np.sort(tree.edges, axis=1) @ np.array([nodes, 1])
    place = np.argsort(key, kind="stable")
    for node in order.tolist():
        upper = int(before[node])
        if upper == nodes:
            root[node], distance_m[node] = node, 0.0
            continue
        number = place[np.searchsorted(key[place], min(node, upper) * nodes + max(node, upper))]
        above[node], edge[node], root[node] = upper, number, root[upper]
        distance_m[node] = distance_m[upper] + tree.edge_m[number]
    return Rooted(above, edge, root, distance_m, order)


def fibres_on_edges(rooted: Rooted, fibres: Any, edges: int) -> Rows:
    """Return how many fibres pass each of the edges of a forest, shape (m,).

    ``fibres`` are those that start at each node, shape (N,), whole and 0 or more. Raises ``DataError`` for
    fibres that start outside the forest.
    """
    below = demand_at(rooted, fibres)
    result = np.zeros(edges, dtype=np.int64)
    for node in rooted.order[::-1].tolist():
        if rooted.above[node] >= 0:
            result[rooted.edge[node]] = below[node]
            below[rooted.above[node]] += below[node]
    return result


def demand_at(rooted: Rooted, fibres: Any) -> Rows:
    """Return the fibres that start at each node, checked, shape (N,)."""
    given = np.asarray(fibres)
    if given.shape != rooted.root.shape or given.dtype.kind not in "iu" or (given < 0).any():
        raise wrong("fibres", f"must be whole numbers of 0 or more, one for each of {len(rooted.root)} nodes")
    outside = np.flatnonzero((given > 0) & (rooted.root < 0))
    if len(outside):
        listed = ", ".join(map(str, outside[:10]))
        raise wrong(
            "fibres", f"start at {len(outside)} nodes outside the forest: {listed}; connect them first"
        )
    return given.astype(np.int64, copy=True)


def cables_for(fibres: Rows, sizes: Sequence[int]) -> NDArray[np.int64]:
    """Return the cables that carry some fibres: how many of each size, shape (len(fibres), len(sizes)).

    As many of the largest as are filled, and for what is left the smallest that holds it. ``sizes`` are
    fibre counts, ascending, above 0. Raises ``DataError`` for anything else.
    """
    offered = np.asarray(sizes)
    if not offered.size or offered.dtype.kind not in "iu" or offered[0] < 1 or (np.diff(offered) <= 0).any():
        raise wrong("sizes", f"must be whole fibre counts above 0, ascending, not {list(sizes)}")
    result = np.zeros((len(fibres), len(offered)), dtype=np.int64)
    result[:, -1], left = np.divmod(fibres, offered[-1])
    rest = np.flatnonzero(left)
    result[rest, np.searchsorted(offered, left[rest])] += 1
    return result
