"""Trees with a root, numbered in the order of a walk so that sums over branches are differences of sums."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import depth_first_order

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rooted:
    """A tree of n vertices in preorder: the root is 0, and a branch is a run of numbers."""

    parent: Rows
    """Parent of each vertex, smaller than the vertex itself; the root is its own, shape (n,)."""
    length_m: Floats
    """Length of the edge to the parent, 0 at the root, shape (n,) [m]."""
    end: Rows
    """One more than the last vertex of the branch that starts at each vertex, shape (n,)."""
    depth_m: Floats
    """Distance to the root, shape (n,) [m]."""

    def __len__(self) -> int:
        return len(self.parent)

    @cached_property
    def ancestors(self) -> Rows:
        """Ancestor 2**k steps up (the root where there is none), shape (levels, n)."""
        table = [self.parent]
        while table[-1].any():
            table.append(table[-1][table[-1]])
        return np.array(table)

    def branch_sum(self, values: Floats) -> Floats:
        """Return the sum of values over each vertex's branch, itself included; the first axis is vertices."""
        total = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
        result: Floats = total[self.end] - total[: len(self)]
        return result

    def holds(self, branch: Rows, vertex: Rows) -> NDArray[np.bool_]:
        """Return whether a vertex lies in the branch of another, same shapes."""
        return (branch <= vertex) & (vertex < self.end[branch])

    def meeting(self, one: Rows, other: Rows) -> Rows:
        """Return the lowest common ancestor of vertices, same shapes."""
        below = self.child_towards(one, other)
        return np.where(self.holds(one, other), one, self.parent[below])

    def child_towards(self, one: Rows, other: Rows) -> Rows:
        """Return the highest vertex above ``one`` (or itself) whose branch does not hold ``other``.

        Where the branch of ``one`` holds ``other`` that is ``one`` itself.
        """
        at = one
        for step in self.ancestors[::-1]:
            higher = step[at]
            at = np.where(self.holds(higher, other), at, higher)
        return at

    def distance_m(self, one: Rows, other: Rows) -> Floats:
        """Return the length of the path between vertices, same shapes [m]."""
        return self.depth_m[one] + self.depth_m[other] - 2.0 * self.depth_m[self.meeting(one, other)]

    def carried(self, one: Rows, other: Rows, weight: Floats) -> Floats:
        """Return the weight of the paths that use the edge from each vertex to its parent, shape (n,)."""
        at = np.zeros(len(self))
        np.add.at(at, one, weight)
        np.add.at(at, other, weight)
        np.add.at(at, self.meeting(one, other), -2.0 * weight)
        result = self.branch_sum(at)
        result[0] = 0.0
        return np.rint(result)


def rooted(ends: Rows, length_m: Floats, root: int, count: int) -> tuple[Rooted, Rows, Rows]:
    """Return the tree of edges (E, 2) that is joined to a root, its vertices and its edges.

    Vertices are those of ``count`` that the tree reaches, in preorder, shape (n,); of each vertex the
    edge to its parent is the row of ``ends``, -1 at the root, shape (n,). Lengths are above 0.
    """
    graph = coo_array((length_m, (ends[:, 0], ends[:, 1])), shape=(count, count)).tocsr()
    order, before = depth_first_order(graph, root, directed=False)
    order = order.astype(np.int64)
    place = np.full(count, -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    parent = np.zeros(len(order), dtype=np.int64)
    parent[1:] = place[before[order[1:]]]
    inner = place[ends]
    child = inner.max(axis=1)
    edge = np.full(len(order), -1, dtype=np.int64)
    edge[child[child >= 0]] = np.flatnonzero(child >= 0)
    metres = np.where(edge >= 0, length_m[edge], 0.0) if len(length_m) else np.zeros(len(order))
    return Rooted(parent, metres, _ends(parent), _depths(parent, metres)), order, edge


def _ends(parent: Rows) -> Rows:
    above, size = parent.tolist(), [1] * len(parent)
    for vertex in range(len(above) - 1, 0, -1):
        size[above[vertex]] += size[vertex]
    return np.arange(len(parent)) + np.array(size, dtype=np.int64)


def _depths(parent: Rows, length_m: Floats) -> Floats:
    above, depth = parent.tolist(), length_m.tolist()
    for vertex in range(1, len(above)):
        depth[vertex] += depth[above[vertex]]
    return np.array(depth)
