"""Networks of possible trenches, and the first Steiner tree on them by Mehlhorn's method.

Edges are told apart by their number; every tree here is a sorted array of such numbers. Among equally long
edges the one with the lower number counts as the shorter, so that every tree is the only one it can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra, minimum_spanning_tree

from sim.errors import DataError, Problem

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

MOST_NAMED = 10
"""How many nodes a message names."""
SAME_SHARE = 1e-9
"""Lengths of the two directions of an edge may differ by this share of the longer."""


@dataclass(frozen=True, eq=False)
class Network:
    """An undirected graph of N nodes and E edges with lengths of 0 or more."""

    nodes: int
    ends: Rows
    """Both nodes of each edge, the lower first, shape (E, 2), sorted and without repetition."""
    length_m: Floats
    """Length of each edge, shape (E,) [m]."""

    @cached_property
    def matrix(self) -> Any:
        """Return both directions of every edge as a sparse matrix; edges of length 0 are stored."""
        return matrix_of(self.nodes, self.ends, self.length_m)

    @cached_property
    def rank(self) -> Rows:
        """Return the place of each edge in the order of length and number, shape (E,), from 1."""
        rank = np.empty(len(self.length_m), dtype=np.int64)
        rank[np.argsort(self.length_m, kind="stable")] = np.arange(1, len(rank) + 1)
        return rank

    @cached_property
    def arcs(self) -> list[list[tuple[int, float, int]]]:
        """Return for each node its neighbours with the length of the edge to each [m] and its number."""
        result: list[list[tuple[int, float, int]]] = [[] for _ in range(self.nodes)]
        for edge, ((one, other), length_m) in enumerate(
            zip(self.ends.tolist(), self.length_m.tolist(), strict=True)
        ):
            result[one].append((other, length_m, edge))
            result[other].append((one, length_m, edge))
        return result

    @cached_property
    def _keys(self) -> Rows:
        return self.ends[:, 0] * self.nodes + self.ends[:, 1]

    def edge_between(self, one: Rows, other: Rows) -> Rows:
        """Return the number of the edge between two nodes that are known to be neighbours."""
        return np.searchsorted(self._keys, np.minimum(one, other) * self.nodes + np.maximum(one, other))

    def total_m(self, edges: Rows) -> float:
        """Return the summed length of some edges [m]."""
        return float(self.length_m[edges].sum())


def matrix_of(nodes: int, ends: Rows, value: NDArray[Any]) -> Any:
    """Return a symmetric sparse matrix; unlike a conversion it keeps values of 0."""
    row = np.concatenate([ends[:, 0], ends[:, 1]])
    column = np.concatenate([ends[:, 1], ends[:, 0]])
    order = np.argsort(row * nodes + column, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=nodes))])
    both = np.concatenate([value, value]).astype(float)[order]
    return csr_array((both, column[order].astype(np.int32), start.astype(np.int32)), shape=(nodes, nodes))


def network_of(graph: Any) -> Network:
    """Return the network of a symmetric sparse array of lengths; loops are left out.

    A stored 0 is an edge of length 0, what is not stored is no edge. Raises ``DataError`` listing what is
    wrong: no square array, lengths that are negative or no numbers, edges that are stored one way only or
    whose two lengths differ.
    """
    found = graph.tocoo() if hasattr(graph, "tocoo") else None
    if found is None or found.ndim != 2 or found.shape[0] != found.shape[1]:
        raise wrong("graph", "is no square sparse array; pass scipy.sparse.csr_array of lengths in metres")
    nodes = int(found.shape[0])
    row, column = found.row.astype(np.int64), found.col.astype(np.int64)
    value = np.asarray(found.data, dtype=float)
    bad = ~(np.isfinite(value) & (value >= 0))
    if bad.any():
        raise wrong(
            "graph",
            f"{int(bad.sum())} lengths are negative or no numbers, between the nodes "
            f"{_pairs(row[bad], column[bad])}; give every edge a length of 0 m or more",
        )
    key = np.minimum(row, column) * nodes + np.maximum(row, column)
    up, down = row < column, row > column
    up_key, up_m = _sorted(key[up], value[up])
    down_key, down_m = _sorted(key[down], value[down])
    if len(np.unique(up_key)) < len(up_key) or len(np.unique(down_key)) < len(down_key):
        raise wrong("graph", "stores edges twice; call its sum_duplicates or drop the repeated ones")
    lonely = np.setxor1d(up_key, down_key)
    if len(lonely):
        raise wrong(
            "graph",
            f"is not symmetric: {len(lonely)} edges are stored one way only, between the nodes "
            f"{_pairs(lonely // nodes, lonely % nodes)}; store both directions",
        )
    unlike = np.abs(up_m - down_m) > SAME_SHARE * np.maximum(up_m, down_m)
    if unlike.any():
        lonely = up_key[unlike]
        raise wrong(
            "graph",
            f"is not symmetric: {len(lonely)} edges have two lengths, between the nodes "
            f"{_pairs(lonely // nodes, lonely % nodes)}; give both directions the same",
        )
    return Network(nodes, np.column_stack([up_key // nodes, up_key % nodes]), up_m)


def _sorted(key: Rows, value: Floats) -> tuple[Rows, Floats]:
    order = np.argsort(key, kind="stable")
    return key[order], value[order]


def wrong(key: str, message: str) -> DataError:
    """Return the error that names what is wrong with a network and what goes with it."""
    return DataError((Problem("network", key, message),))


def _pairs(one: Rows, other: Rows) -> str:
    named = ", ".join(f"{a} and {b}" for a, b in zip(one[:MOST_NAMED], other[:MOST_NAMED], strict=True))
    return named + (", ..." if len(one) > MOST_NAMED else "")


def checked_terminals(network: Network, terminals: Any, name: str = "terminals") -> Rows:
    """Return nodes sorted and each once; raise ``DataError`` where they are none, or no nodes."""
    given = np.asarray(terminals)
    if given.size == 0:
        raise wrong(name, "is empty; name at least one node")
    if given.dtype.kind not in "iu":
        raise wrong(name, f"has the type {given.dtype}; pass the numbers of nodes as integers")
    result = np.unique(given.astype(np.int64))
    outside = result[(result < 0) | (result >= network.nodes)]
    if len(outside):
        listed = ", ".join(map(str, outside[:MOST_NAMED]))
        raise wrong(name, f"names no nodes of the graph: {listed}; there are 0 to {network.nodes - 1}")
    return result


def parts(network: Network) -> Rows:
    """Return the component of each node, shape (N,)."""
    part: Rows = connected_components(network.matrix, directed=False)[1].astype(np.int64)
    return part


def unreached(part: Rows, terminals: Rows) -> Rows:
    """Return the terminals outside the component that holds most of them (of the lowest node at a tie)."""
    counts = np.bincount(part[terminals])
    most = part[terminals][counts[part[terminals]] == counts.max()][0]
    outside: Rows = terminals[part[terminals] != most]
    return outside


@dataclass(frozen=True, eq=False)
class Regions:
    """Which source is nearest to each node (its Voronoi region) and on which way."""

    distance_m: Floats
    """Distance to the nearest source, shape (N,) [m]; infinite where none is reached."""
    source: Rows
    """The nearest source, shape (N,); -1 where none is reached."""
    before: Rows
    """The node before on the way from the source, shape (N,); -1 at sources and where none is reached."""


def regions(network: Network, sources: Rows) -> Regions:
    """Return the Voronoi regions of some nodes."""
    distance, before, source = dijkstra(
        network.matrix, indices=sources, min_only=True, return_predecessors=True
    )
    return Regions(distance, np.maximum(source, -1).astype(np.int64), np.maximum(before, -1).astype(np.int64))


def spanning(network: Network, edges: Rows) -> Rows:
    """Return the minimum spanning forest of some edges, sorted."""
    used, ends = np.unique(network.ends[edges], return_inverse=True)
    # ranks, not lengths: they are never 0, which the sparse result would lose, and never tie
    forest = minimum_spanning_tree(matrix_of(len(used), ends.reshape(-1, 2), network.rank[edges]))
    by_rank = np.argsort(network.rank[edges], kind="stable")
    place = np.searchsorted(network.rank[edges][by_rank], forest.data.astype(np.int64))
    return np.sort(edges[by_rank[place]])


def pruned(network: Network, edges: Rows, terminals: Rows) -> Rows:
    """Return a forest without the branches that lead to no terminal, sorted."""
    kept = np.zeros(network.nodes, dtype=bool)
    kept[terminals] = True
    while True:
        ends = network.ends[edges]
        degree = np.bincount(ends.ravel(), minlength=network.nodes)
        needed = ((degree > 1) | kept)[ends].all(axis=1)
        if needed.all():
            return edges
        edges = edges[needed]


def ways_back(network: Network, found: Regions, nodes: Rows) -> Rows:
    """Return the edges on the ways from some nodes back to their sources, sorted, each once."""
    seen = np.zeros(network.nodes, dtype=bool)
    at = np.unique(nodes)
    while len(at):
        at = at[(found.before[at] >= 0) & ~seen[at]]
        seen[at] = True
        at = np.unique(found.before[at])
    on_way = np.flatnonzero(seen)
    return np.unique(network.edge_between(on_way, found.before[on_way]))


def mehlhorn(network: Network, terminals: Rows) -> Rows:
    """Return the edges of a Steiner tree at most 2 (1 - 1/k) times as long as the shortest for k terminals.

    Terminals in different components are connected within each. The minimum spanning tree of the distances
    between terminals is among the edges that join neighbouring Voronoi regions.

    References
    ----------
    Mehlhorn, A faster approximation algorithm for the Steiner problem in graphs, Information Processing
    Letters 27 (1988) 125-128.
    """
    found = regions(network, terminals)
    one, other = network.ends[:, 0], network.ends[:, 1]
    joining = np.flatnonzero((found.source[one] != found.source[other]) & (found.source[one] >= 0))
    if not len(joining):
        return np.empty(0, dtype=np.int64)
    bridge_m = found.distance_m[one] + network.length_m + found.distance_m[other]
    low = np.minimum(found.source[one], found.source[other])[joining]
    high = np.maximum(found.source[one], found.source[other])[joining]
    order = np.lexsort((joining, bridge_m[joining], high, low))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
    best = joining[order[first]]
    pairs = np.column_stack([low, high])[order[first]]
    between = Network(network.nodes, pairs, bridge_m[best])
    chosen = best[spanning(between, np.arange(len(best)))]
    edges = np.union1d(chosen, ways_back(network, found, network.ends[chosen].ravel()))
    return tidied(network, edges, terminals)


def tidied(network: Network, edges: Rows, terminals: Rows) -> Rows:
    """Return the shortest forest on the nodes of some edges, without branches that lead to no terminal."""
    inside = np.zeros(network.nodes, dtype=bool)
    inside[network.ends[edges]] = True
    among = np.flatnonzero(inside[network.ends].all(axis=1))
    return pruned(network, spanning(network, among), terminals)
