"""A Steiner tree as its key nodes and key paths, and the bridges between its parts.

Key nodes are the terminals and the forks (three or more edges); a key path joins two of them through nodes
that are neither. Each key path is named by its lower key node, seen from a root.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse.csgraph import breadth_first_order

from sim.access.steiner import Network, Regions, Rows, matrix_of, regions


@dataclass(eq=False)
class Skeleton:
    """The key nodes and key paths of a tree that holds more than one node; lists are by node."""

    keys: list[int]
    """Key nodes but the root, those below before those above."""
    low: list[int]
    """The key path a node lies on (by its lower key node; key nodes name their own), -1 outside the tree."""
    up: list[int]
    """The upper key node of the key path of a key node; -1 at the root."""
    cost_m: list[float]
    """Length of the key path of a key node [m]."""
    inner: dict[int, list[int]]
    """The nodes within each key path, from below."""
    path_edges: dict[int, list[int]]
    """The edges of each key path."""
    below: dict[int, list[int]]
    """The lower key nodes of the paths that end in a key node."""
    first: list[int]
    """Place of a key node when those below each follow it at once."""
    last: list[int]
    """Place of the last key node below."""
    root: int


def skeleton_of(network: Network, edges: Rows, terminal: list[bool], root: int) -> Skeleton:
    """Return the skeleton of a tree that contains the root, a terminal."""
    nodes = network.nodes
    tree = matrix_of(nodes, network.ends[edges], network.length_m[edges])
    order, before = breadth_first_order(tree, root, directed=False)
    upper = before[order[1:]].astype(np.int64)
    above_edge = np.full(nodes, -1, dtype=np.int64)
    above_edge[order[1:]] = network.edge_between(order[1:].astype(np.int64), upper)
    forks = np.diff(tree.indptr) > 2
    is_key = [a or b for a, b in zip(terminal, forks.tolist(), strict=True)]
    above, edge_of, length = before.tolist(), above_edge.tolist(), network.length_m.tolist()
    result = Skeleton(
        [], [-1] * nodes, [-1] * nodes, [0.0] * nodes, {}, {}, {}, [0] * nodes, [0] * nodes, root
    )
    low, up, below = result.low, result.up, result.below
    low[root] = root
    for node in reversed(order.tolist()):
        if not is_key[node]:
            continue
        below.setdefault(node, [])
        low[node] = node
        if node == root:
            continue
        at, inner, path = above[node], [], [edge_of[node]]
        while not is_key[at]:
            low[at] = node
            inner.append(at)
            path.append(edge_of[at])
            at = above[at]
        up[node] = at
        below.setdefault(at, []).append(node)
        result.keys.append(node)
        result.inner[node], result.path_edges[node] = inner, path
        result.cost_m[node] = sum(length[edge] for edge in path)
    _number(result)
    return result


def _number(skeleton: Skeleton) -> None:
    """Give each key node its place and the place of the last one below it."""
    size = dict.fromkeys([*skeleton.keys, skeleton.root], 1)
    for key in skeleton.keys:
        size[skeleton.up[key]] += size[key]
    skeleton.last[skeleton.root] = size[skeleton.root] - 1
    for key in (skeleton.root, *reversed(skeleton.keys)):
        place = skeleton.first[key] + 1
        for child in skeleton.below[key]:
            skeleton.first[child] = place
            place += size[child]
            skeleton.last[child] = place - 1


@dataclass(eq=False)
class Bridges:
    """The shortest ways between neighbouring Voronoi regions of a tree, shortest first."""

    regions: Regions
    length_m: list[float]
    edge: list[int]
    """The edge on which the two regions meet."""
    one: list[int]
    """The tree's node at one end."""
    other: list[int]
    at: list[list[int]]
    """The bridges at each node, ascending."""
    members: list[list[int]]
    """The nodes of each tree node's region."""


def bridges_of(network: Network, edges: Rows) -> Bridges:
    """Return the bridges between the Voronoi regions of all nodes of a tree."""
    found = regions(network, np.unique(network.ends[edges]))
    one, other = found.source[network.ends[:, 0]], found.source[network.ends[:, 1]]
    joining = (one != other) & (one >= 0)
    joining[edges] = False
    chosen = np.flatnonzero(joining)
    way_m = found.distance_m[network.ends[chosen]].sum(axis=1) + network.length_m[chosen]
    low, high = np.minimum(one, other)[chosen], np.maximum(one, other)[chosen]
    order = np.lexsort((chosen, way_m, high, low))
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
    best = order[fresh]
    best = best[np.argsort(way_m[best], kind="stable")]
    numbers = np.arange(len(best))
    one, other = one[chosen[best]], other[chosen[best]]
    return Bridges(
        found,
        way_m[best].tolist(),
        chosen[best].tolist(),
        one.tolist(),
        other.tolist(),
        _grouped(np.concatenate([one, other]), np.concatenate([numbers, numbers]), network.nodes),
        _grouped(found.source, np.arange(network.nodes), network.nodes),
    )


def _grouped(group: Rows, value: Rows, groups: int) -> list[list[int]]:
    """Return the values of each group, ascending; groups below 0 are left out."""
    group, value = group[group >= 0], value[group >= 0]
    values = value[np.lexsort((value, group))].tolist()
    ends = [0, *np.cumsum(np.bincount(group, minlength=groups)).tolist()]
    return [values[start:end] for start, end in pairwise(ends)]
