"""Trees of feeder routes that stay within reach: short trenches and short ways at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import depth_first_order, dijkstra

from sim.access.rehang import rehung
from sim.access.steiner import Network

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rooted:
    """A tree hanging from its root, over some of N nodes."""

    above: Rows
    """Node one step nearer to the root, shape (N,); -1 at the root and outside the tree."""
    way_m: Floats
    """Way to the root along the tree, shape (N,) [m]; infinite outside the tree."""
    moved: int
    """Terminals whose way was too long and that were given their shortest one."""


@dataclass(frozen=True)
class Bound:
    """How long the way of a terminal may be."""

    reach_m: float
    """Longest way where the shortest is no longer [m]."""
    detour: float
    """Longest way over the shortest, where that is beyond the reach."""

    def limit_m(self, shortest_m: Floats) -> Floats:
        """Return the longest way allowed for each shortest one, same shape [m]."""
        return np.where(shortest_m <= self.reach_m, self.reach_m, self.detour * shortest_m)


def balanced(network: Network, tree: Rows, terminals: Rows, root: int, bound: Bound, rounds: int) -> Rooted:
    """Return a tree rooted and changed so that no terminal's way is longer than it may be.

    The tree is walked depth first; a terminal met on too long a way is joined to the root
    by its shortest way, which also shortens what hangs beside it. Then branches are hung elsewhere for at
    most ``rounds`` rounds where that saves length and keeps the bounds. ``tree`` holds edge numbers that
    connect all terminals with the root.

    References
    ----------
    Khuller, Raghavachari and Young, Balancing minimum spanning trees and shortest-path trees,
    Algorithmica 14 (1995) 305-321.
    """
    nodes = network.nodes
    shortest_m, shortest = dijkstra(network.matrix, indices=root, return_predecessors=True)
    part = Network(nodes, network.ends[tree], network.length_m[tree])
    way_m, above = dijkstra(part.matrix, indices=root, return_predecessors=True)
    above = np.maximum(above, -1).astype(np.int64)
    limit_m = np.full(nodes, np.inf)
    limit_m[terminals] = bound.limit_m(shortest_m[terminals])
    late = int((way_m[terminals] > limit_m[terminals]).sum())
    if late:
        above, late = _joined(part, above, limit_m, shortest_m, shortest)
    above = _wanted(above, terminals)
    if late:
        above = rehung(network, above, _ways(network, above, root), limit_m, rounds)
    return Rooted(above, _ways(network, above, root), late)


@dataclass(eq=False)
class _Walk:
    """A walk through a tree: the way of each node so far, and the node above it."""

    way_m: list[float]
    above: list[int]

    def offer(self, node: int, other: int, way_m: float) -> None:
        """Take a way over another node where it is shorter."""
        if way_m < self.way_m[node]:
            self.way_m[node], self.above[node] = way_m, other


def _joined(
    part: Network, tree_above: Rows, limit_m: Floats, shortest_m: Floats, shortest: Rows
) -> tuple[Rows, int]:
    """Walk the tree depth first; return the node above each and how many terminals were joined anew."""
    root = int(np.flatnonzero(shortest_m == 0)[0])
    step_m, up = _steps(part, tree_above).tolist(), tree_above.tolist()
    limit, near, before = limit_m.tolist(), shortest_m.tolist(), shortest.tolist()
    walk = _Walk([np.inf] * len(up), [-1] * len(up))
    walk.way_m[root] = 0.0
    joined, trail = 0, [root]
    order = depth_first_order(part.matrix, root, directed=False, return_predecessors=False)
    for node in order[1:].tolist():
        while trail[-1] != up[node]:
            back = trail.pop()  # a new way to a branch serves its stem too
            walk.offer(up[back], back, walk.way_m[back] + step_m[back])
        walk.offer(node, up[node], walk.way_m[up[node]] + step_m[node])
        trail.append(node)
        if walk.way_m[node] > limit[node]:
            joined += 1
            at = node
            while walk.way_m[at] > near[at]:
                walk.offer(at, before[at], near[at])
                at = before[at]
    return np.array(walk.above, dtype=np.int64), joined


def _steps(network: Network, above: Rows) -> Floats:
    """Return the length of the edge from each node to the one above it, shape (N,) [m]; 0 without one."""
    result = np.zeros(network.nodes)
    below = np.flatnonzero(above >= 0)
    result[below] = network.length_m[network.edge_between(below, above[below])]
    return result


def _wanted(above: Rows, terminals: Rows) -> Rows:
    """Return the node above each node that lies on the way of a terminal; -1 elsewhere."""
    seen = np.zeros(len(above), dtype=bool)
    at = np.unique(terminals)
    while len(at):
        at = at[~seen[at]]
        seen[at] = True
        at = np.unique(above[at][above[at] >= 0])
    return np.where(seen, above, -1)


def _ways(network: Network, above: Rows, root: int) -> Floats:
    """Return the way from each node to the root, shape (N,) [m]; infinite outside the tree."""
    below = np.flatnonzero(above >= 0)
    edges = np.unique(network.edge_between(below, above[below]))
    tree = Network(network.nodes, network.ends[edges], network.length_m[edges])
    return np.asarray(dijkstra(tree.matrix, indices=root), dtype=np.float64)
