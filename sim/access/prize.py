"""Which settlements are worth their metres: the tree of most prize that a budget of length pays for."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import breadth_first_order

from sim.access.exchange import improved
from sim.access.steiner import (
    SAME_SHARE,
    Network,
    checked_terminals,
    matrix_of,
    mehlhorn,
    network_of,
    parts,
    regions,
    tidied,
    wrong,
)
from sim.access.tree import Tree

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

PASSES = 3
"""Rounds of local search for each tree that is tried."""
PRICES = 200
"""Prices of prize at which the tree of all settlements is cut back."""
MOST_TRIED = 24
"""How many of the cut-back trees are built anew."""


@dataclass(frozen=True, eq=False)
class Collected:
    """What a budget connects."""

    tree: Tree
    """A forest; each part holds a root."""
    nodes: Rows
    """The nodes with a prize that it connects, sorted."""
    prize: float
    """Their summed prize."""
    unreached: tuple[int, ...]
    """Nodes with a prize that no way joins to a root."""


@dataclass(frozen=True, eq=False)
class _State:
    """One way to spend: a tree, and perhaps the first of the ways that were added to it."""

    length_m: float
    prize: float
    base: Rows
    added: list[int] = field(default_factory=list)
    count: int = 0

    @property
    def edges(self) -> Rows:
        return np.union1d(self.base, np.array(self.added[: self.count], dtype=np.int64))


def prize_collecting_tree(
    graph: Any, roots: Any, prizes: Any, budget_m: float, *, passes: int = PASSES
) -> Collected:
    """Return the tree from the roots that collects much prize and is no longer than the budget.

    Parameters
    ----------
    graph
        Symmetric sparse array of lengths, shape (N, N) [m], or of prices, in the unit of the budget.
    roots
        Nodes that stand already and are joined with one another at no cost.
    prizes
        What connecting each node is worth, shape (N,), 0 or more.
    budget_m
        Most length of the tree [m], 0 or more.
    passes
        Rounds of local search for each tree that is tried.

    Which trees are tried does not depend on the budget, which only picks the best that it pays for: more
    budget never collects less. Raises ``DataError`` for a wrong graph, for roots that are no nodes, for
    prizes and budgets below 0 or that are no numbers.

    References
    ----------
    Johnson, Minkoff and Phillips, The prize collecting Steiner tree problem, SODA 2000, 760-769 (cutting a
    tree back by dynamic programming, the budget through the price of prize).
    """
    base = network_of(graph)
    standing = checked_terminals(base, roots, "roots")
    worth = _prizes(prizes, base.nodes)
    if not (np.isfinite(budget_m) and budget_m >= 0):
        raise wrong("budget_m", f"is {budget_m}; give a length of 0 m or more")
    network = _with_root(base, standing)
    part = parts(network)
    valued = np.flatnonzero(worth > 0)
    lost = valued[part[valued] != part[base.nodes]]
    worth[lost] = 0.0
    search = _Search(network, standing, np.append(worth, 0.0), passes)
    edges = search.best(float(budget_m))
    built = edges[network.ends[edges, 1] < base.nodes]
    nodes = search.collected(edges)
    length_m = network.length_m[built]
    tree = Tree(math.fsum(length_m), network.ends[built], length_m)
    return Collected(tree, nodes, math.fsum(worth[nodes]), tuple(lost.tolist()))


def _prizes(given: Any, nodes: int) -> Floats:
    worth = np.array(given, dtype=float)
    if worth.shape != (nodes,):
        raise wrong("prizes", f"has the shape {worth.shape}; give one prize for each of the {nodes} nodes")
    bad = np.flatnonzero(~(np.isfinite(worth) & (worth >= 0)))
    if len(bad):
        raise wrong("prizes", f"is below 0 or no number at the nodes {', '.join(map(str, bad[:10]))}")
    return worth


def _with_root(base: Network, roots: Rows) -> Network:
    """Return the network with one node more, joined to every root by an edge of length 0."""
    ends = np.concatenate([base.ends, np.column_stack([roots, np.full(len(roots), base.nodes)])])
    length_m = np.concatenate([base.length_m, np.zeros(len(roots))])
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    return Network(base.nodes + 1, ends[order], length_m[order])


class _Search:
    """The trees that are tried, from nothing to all."""

    def __init__(self, network: Network, standing: Rows, worth: Floats, passes: int) -> None:
        self.network = network
        self.worth = worth
        self.passes = passes
        self.root = network.nodes - 1
        self.free = np.append(standing, self.root)
        self.to_root = network.edge_between(standing, np.full(len(standing), self.root))

    def best(self, budget_m: float) -> Rows:
        """Return the edges of the tree of most prize, of those that the budget pays for."""
        order = sorted(self.states(), key=lambda state: (-state.prize, state.length_m))
        for state in order:
            if state.length_m > budget_m * (1 + SAME_SHARE):
                continue
            edges = state.edges
            if math.fsum(self.network.length_m[edges]) <= budget_m:
                shorter = self._shortest(self.collected(edges), edges)
                return shorter if math.fsum(self.network.length_m[shorter]) <= budget_m else edges
        return np.empty(0, dtype=np.int64)

    def states(self) -> list[_State]:
        """Return all trees that are tried, none of which depends on a budget."""
        nothing = np.empty(0, dtype=np.int64)
        everything = self._shortest(np.flatnonzero(self.worth > 0), nothing)
        tried = [nothing, everything]
        tried += [self._shortest(self.collected(edges), edges) for edges in self._cut_back(everything)]
        found = sorted(
            (self._state(edges) for edges in tried), key=lambda state: (state.length_m, -state.prize)
        )
        filled = []
        for state, further in pairwise(found):
            for by_length in (False, True):
                filled += self._filled(state, further.length_m, by_length)
        return found + filled

    def collected(self, edges: Rows) -> Rows:
        """Return the nodes with a prize that some edges or the roots touch."""
        nodes = np.union1d(self.network.ends[edges].ravel(), self.free)
        valued: Rows = nodes[self.worth[nodes] > 0]
        return valued

    def _state(self, edges: Rows) -> _State:
        length_m = math.fsum(self.network.length_m[edges])
        return _State(length_m, math.fsum(self.worth[self.collected(edges)]), edges)

    def _shortest(self, wanted: Rows, known: Rows) -> Rows:
        """Return a short tree from the roots to some nodes, no longer than a known one."""
        terminals = np.union1d(wanted, [self.root])
        starts = [mehlhorn(self.network, terminals)]
        if len(known):
            rooted = np.union1d(known, self.to_root)
            starts.append(tidied(self.network, rooted, terminals))
        found = [improved(self.network, edges, terminals, self.passes) for edges in starts]
        shortest: Rows = min(found, key=self.network.total_m)
        return shortest

    def _cut_back(self, edges: Rows) -> list[Rows]:
        """Return what is left of a tree when metres are weighed against prize, at different prices of prize.

        A branch stays where its prize at that price exceeds its metres.
        """
        network = self.network
        tree = matrix_of(network.nodes, network.ends[edges], network.length_m[edges])
        order, above = breadth_first_order(tree, self.root, directed=False)
        below = order[1:].astype(np.int64)
        if not len(below):
            return []
        upper = above[below].astype(np.int64)
        edge = network.edge_between(below, upper)
        length_m = network.length_m[edge]
        total_m, worth = float(length_m.sum()), self.worth[self.worth > 0]
        if total_m == 0:
            return []
        price = np.geomspace(length_m[length_m > 0].min() / worth.sum(), 2 * total_m / worth.min(), PRICES)
        left = self.worth[:, None][order] * price
        place = np.empty(network.nodes, dtype=np.int64)
        place[order] = np.arange(len(order))
        upper_place = place[upper]
        for row in range(len(below), 0, -1):
            left[row] -= length_m[row - 1]
            left[upper_place[row - 1]] += np.maximum(left[row], 0.0)
        stays = left > 0
        stays[0] = True
        for row in range(1, len(order)):
            stays[row] &= stays[upper_place[row - 1]]
        lengths = stays[1:].T @ length_m
        goals = np.linspace(0.0, total_m, MOST_TRIED + 1)
        chosen = np.unique(np.searchsorted(lengths, goals, side="right") - 1)
        return [edge[stays[1:, column]] for column in chosen[chosen >= 0]]

    def _filled(self, state: _State, most_m: float, by_length: bool) -> list[_State]:
        """Return the trees that grow from one by the cheapest node next, till one is longer than so much.

        The cheapest is the one of least metres for its prize, or of least metres.
        """
        grown = _Growth(
            self.network, self.worth, np.union1d(self.network.ends[state.base].ravel(), self.free)
        )
        result = []
        length_m, prize = state.length_m, state.prize
        while length_m <= most_m:
            added = grown.step(by_length)
            if added is None:
                break
            length_m += added[0]
            prize += added[1]
            result.append(_State(length_m, prize, state.base, grown.edges, len(grown.edges)))
        return result


class _Growth:
    """A tree to which one node with a prize after another is joined on the shortest way."""

    def __init__(self, network: Network, worth: Floats, nodes: Rows) -> None:
        found = regions(network, nodes)
        self.arcs = network.arcs
        self.edges: list[int] = []
        self.distance: list[float] = found.distance_m.tolist()
        self.before: list[int] = found.before.tolist()
        to_before = network.edge_between(np.arange(network.nodes), np.maximum(found.before, 0))
        self.back: list[int] = to_before.tolist()
        self.worth: list[float] = worth.tolist()
        self.inside = np.zeros(network.nodes, dtype=bool)
        self.inside[nodes] = True
        waiting = (worth > 0) & ~self.inside & np.isfinite(found.distance_m)
        self.open: list[int] = np.flatnonzero(waiting).tolist()
        self.heap: list[tuple[float, int, float]] = []

    def step(self, by_length: bool) -> tuple[float, float] | None:
        """Join the cheapest node; return the metres and the prize that come with it, None when all are in."""
        if self.open:
            self.heap = [self._entry(node, by_length) for node in self.open]
            heapq.heapify(self.heap)
            self.open = []
        while self.heap:
            _, node, distance_m = heapq.heappop(self.heap)
            if not self.inside[node] and distance_m == self.distance[node]:
                return distance_m, self._join(node, by_length)
        return None

    def _entry(self, node: int, by_length: bool) -> tuple[float, int, float]:
        distance_m = self.distance[node]
        return (distance_m if by_length else distance_m / self.worth[node], node, distance_m)

    def _join(self, node: int, by_length: bool) -> float:
        """Add the way to a node and what lies on it; return the prize that comes with it."""
        prize, at, fresh = 0.0, node, []
        while not self.inside[at]:
            self.inside[at] = True
            prize += self.worth[at]
            fresh.append((0.0, at))
            self.edges.append(self.back[at])
            at = self.before[at]
        for _, joined in fresh:
            self.distance[joined] = 0.0
        while fresh:
            way_m, at = heapq.heappop(fresh)
            if way_m > self.distance[at]:
                continue
            for near, length_m, edge in self.arcs[at]:
                if way_m + length_m < self.distance[near]:
                    self.distance[near] = way_m + length_m
                    self.before[near], self.back[near] = at, edge
                    heapq.heappush(fresh, (way_m + length_m, near))
                    if self.worth[near] > 0:
                        heapq.heappush(self.heap, self._entry(near, by_length))
        return prize
