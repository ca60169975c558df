"""The trees that are tried where not everything can be connected, from nothing to all."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy.sparse.csgraph import breadth_first_order

from sim.access.exchange import improved
from sim.access.growth import Growth
from sim.access.steiner import SAME_SHARE, Floats, Network, Rows, matrix_of, mehlhorn, pruned, regions, tidied

PRICES = 200
"""Prices of prize at which the tree of all settlements is cut back."""
MOST_TRIED = 24
"""How many of the cut-back trees are built anew."""
MOST_EXPLORED = 400
EXPLORED_NODES = 60_000
"""How many trees are changed by one settlement, and that times the nodes of the graph, at most."""
NEAREST = 10
"""How many settlements are tried as the next one."""


@dataclass(frozen=True, eq=False)
class State:
    """One way to spend: a tree, and perhaps the first of the ways that were added to it."""

    length_m: float
    prize: float
    base: Rows
    added: list[int] = field(default_factory=list)
    count: int = 0

    @property
    def edges(self) -> Rows:
        """Return the edges, sorted."""
        return np.union1d(self.base, np.array(self.added[: self.count], dtype=np.int64))


class Candidates:
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
                shorter = self.shortest(self.collected(edges), edges)
                return shorter if math.fsum(self.network.length_m[shorter]) <= budget_m else edges
        return np.empty(0, dtype=np.int64)

    def states(self) -> list[State]:
        """Return all trees that are tried, none of which depends on a budget."""
        nothing = np.empty(0, dtype=np.int64)
        everything = self.shortest(np.flatnonzero(self.worth > 0), nothing)
        tried = [nothing, everything]
        tried += [self.shortest(self.collected(edges), edges) for edges in self._cut_back(everything)]
        found = sorted(
            (self.state(edges) for edges in tried), key=lambda state: (state.length_m, -state.prize)
        )
        filled = []
        for state, further in pairwise(found):
            for by_length in (False, True):
                filled += self._filled(state, further.length_m, by_length)
        return self._explored(found + filled)

    def collected(self, edges: Rows) -> Rows:
        """Return the nodes with a prize that some edges or the roots touch."""
        nodes = np.union1d(self.network.ends[edges].ravel(), self.free)
        valued: Rows = nodes[self.worth[nodes] > 0]
        return valued

    def state(self, edges: Rows) -> State:
        """Return what some edges cost and collect."""
        length_m = math.fsum(self.network.length_m[edges])
        return State(length_m, math.fsum(self.worth[self.collected(edges)]), edges)

    def shortest(self, wanted: Rows, known: Rows) -> Rows:
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

    def _filled(self, state: State, most_m: float, by_length: bool) -> list[State]:
        """Return the trees that grow from one by the cheapest node next, till one is longer than so much.

        The cheapest is the one of least metres for its prize, or of least metres.
        """
        grown = Growth(self.network, self.worth, np.union1d(self.network.ends[state.base].ravel(), self.free))
        result = []
        length_m, prize = state.length_m, state.prize
        while length_m <= most_m:
            added = grown.step(by_length)
            if added is None:
                break
            length_m += added[0]
            prize += added[1]
            result.append(State(length_m, prize, state.base, grown.edges, len(grown.edges)))
        return result

    def _explored(self, states: list[State]) -> list[State]:
        """Return the states that no other beats on both counts, after changing each by one node with a prize.

        Each is tried with one of the nearest nodes more and with one node less; what nothing beats is built
        as short as can be, kept, and changed in its turn, the shortest first.
        """
        front = _Front()
        for state in states:
            front.add(state)
        left = min(MOST_EXPLORED, EXPLORED_NODES // self.network.nodes)
        while left > 0:
            chosen = front.next()
            if chosen is None:
                break
            left -= 1
            for length_m, prize, edges in self._changed(chosen):
                if front.accepts(length_m, prize):
                    front.add(self.state(self.shortest(self.collected(edges), edges)))
        return front.states

    def _changed(self, state: State) -> list[tuple[float, float, Rows]]:
        """Return length, prize and edges of the trees with one node with a prize more or less."""
        edges = state.edges
        inside = np.union1d(self.network.ends[edges].ravel(), self.free)
        found = regions(self.network, inside)
        valued = np.flatnonzero((self.worth > 0) & (found.distance_m > 0) & np.isfinite(found.distance_m))
        near = valued[np.argsort(found.distance_m[valued] / self.worth[valued], kind="stable")][:NEAREST]
        result = []
        for node in near.tolist():
            way, at = [], node
            while found.before[at] >= 0:
                way.append([at, found.before[at]])
                at = found.before[at]
            pairs = np.array(way, dtype=np.int64)
            longer = np.union1d(edges, self.network.edge_between(pairs[:, 0], pairs[:, 1]))
            result.append(longer)
        mine = self.collected(edges)
        for node in mine.tolist():
            terminals = np.union1d(mine[mine != node], self.free)
            result.append(pruned(self.network, edges, terminals))
        return [(each.length_m, each.prize, each.base) for each in map(self.state, result)]


class _Front:
    """States that no other beats: none is both shorter and of more prize."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self.seen: set[tuple[float, float]] = set()

    def accepts(self, length_m: float, prize: float) -> bool:
        """Return whether no state is as short and of as much prize."""
        return not any(
            other.length_m <= length_m * (1 + SAME_SHARE) and other.prize >= prize for other in self.states
        )

    def add(self, state: State) -> None:
        """Keep a state if nothing beats it, and nothing that it beats."""
        if self.accepts(state.length_m, state.prize):
            self.states = [
                other for other in self.states if other.length_m < state.length_m or other.prize > state.prize
            ]
            self.states.append(state)

    def next(self) -> State | None:
        """Return the shortest state that was not returned before."""
        for state in sorted(self.states, key=lambda state: state.length_m):
            if (state.length_m, state.prize) not in self.seen:
                self.seen.add((state.length_m, state.prize))
                return state
        return None
