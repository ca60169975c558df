"""A tree that grows by one settlement after another, each on the shortest way."""

from __future__ import annotations

import heapq

import numpy as np

from sim.access.steiner import Floats, Network, Rows, regions


class Growth:
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
