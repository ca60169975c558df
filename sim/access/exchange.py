"""Local search on a Steiner tree: take out a key path or a fork, and join what falls apart more cheaply.

References
----------
Uchoa and Werneck, Fast local search for the Steiner problem in graphs, ACM Journal of Experimental
Algorithmics 17 (2012) 2.2 (both neighbourhoods, and the repair of Voronoi regions of what is taken out).
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.access.skeleton import Skeleton, bridges_of, skeleton_of
from sim.access.steiner import SAME_SHARE, Network, Rows, tidied

if TYPE_CHECKING:
    from collections.abc import Iterable


Around = dict[int, tuple[float, int, int, int]]
"""By node: metres to the nearest remaining part, the part, the node before on the way and the edge to it."""


@dataclass(frozen=True)
class Move:
    """Key paths that go, and the edges that come for them."""

    gain_m: float
    gone: tuple[int, ...]
    """The key paths, by their lower key nodes."""
    fork: int
    """The fork that goes with them; -1 for none."""
    edges: tuple[int, ...]
    bases: tuple[tuple[int, int], ...]
    """The tree's nodes at both ends of each new way."""


@dataclass(frozen=True)
class _Cut:
    """Paths taken out of a tree, and the parts into which it falls: one below each start, and the rest."""

    gone: tuple[int, ...]
    fork: int
    first: int
    last: int
    starts: list[int]
    """Places of the key nodes at the top of the lower parts."""
    cost_m: float

    def part(self, place: int) -> int:
        """Return the part of a place."""
        if self.first <= place <= self.last:
            return bisect_right(self.starts, place) - 1
        return len(self.starts)


class Search:
    """One round: all moves that shorten a given tree."""

    def __init__(self, network: Network, edges: Rows, terminals: Rows) -> None:
        self.network = network
        self.arcs = network.arcs
        terminal = np.zeros(network.nodes, dtype=bool)
        terminal[terminals] = True
        self.terminal: list[bool] = terminal.tolist()
        self.skeleton = skeleton_of(network, edges, self.terminal, int(terminals[0]))
        self.bridges = bridges_of(network, edges)
        found = self.bridges.regions
        self.distance: list[float] = found.distance_m.tolist()
        self.source: list[int] = found.source.tolist()
        self.before: list[int] = found.before.tolist()
        self.back: list[int] = network.edge_between(
            np.arange(network.nodes), np.maximum(found.before, 0)
        ).tolist()
        low, first = self.skeleton.low, self.skeleton.first
        self.place = [first[key] if key >= 0 else -1 for key in low]
        self.one = [self.place[node] for node in self.bridges.one]
        self.other = [self.place[node] for node in self.bridges.other]
        self.heaps: dict[int, list[int]] = {}

    def moves(self) -> list[Move]:
        """Return the moves that shorten the tree, those that shorten it most first."""
        skeleton = self.skeleton
        found = []
        for key in skeleton.keys:
            below = skeleton.below[key]
            first, last = skeleton.first[key], skeleton.last[key]
            if below and not self.terminal[key]:
                gone = (*below, key)
                cost_m = sum(skeleton.cost_m[path] for path in gone)
                starts = [skeleton.first[child] for child in below]
                found.append(self._fork(_Cut(gone, key, first, last, starts, cost_m)))
            self._gather(key, below)
            found.append(self._path(_Cut((key,), -1, first, last, [first], skeleton.cost_m[key])))
        return sorted((move for move in found if move), key=lambda move: (-move.gain_m, move.gone))

    def _gather(self, key: int, below: list[int]) -> None:
        """Make one heap of the bridges at a key node and at all below it."""
        heaps = [self.heaps.pop(child) for child in below]
        most = max(heaps, key=len, default=[])
        for heap in heaps:
            if heap is not most:
                for bridge in heap:
                    heapq.heappush(most, bridge)
        inner, at = self.skeleton.inner, self.bridges.at
        for node in (key, *(node for child in below for node in inner[child])):
            for bridge in at[node]:
                heapq.heappush(most, bridge)
        self.heaps[key] = most

    def _path(self, cut: _Cut) -> Move | None:
        """Return the move that replaces one key path by a shorter way."""
        key = cut.gone[0]
        links = []
        heap = self.heaps[key]
        first, last, one, other = cut.first, cut.last, self.one, self.other
        while heap:
            bridge = heap[0]
            if not (first <= one[bridge] <= last and first <= other[bridge] <= last):
                links.append((self.bridges.length_m[bridge], 0, 1, self.bridges.edge[bridge]))
                break
            heapq.heappop(heap)
        return self._rejoined(cut, links, self.skeleton.inner[key])

    def _fork(self, cut: _Cut) -> Move | None:
        """Return the move that takes out a fork with its key paths and joins their far ends."""
        first, last = cut.first, cut.last
        links = []
        below = cut.gone[:-1]
        for part, child in enumerate(below):
            heap = self.heaps[child]
            while heap:
                bridge = heap[0]
                one, other = self.one[bridge], self.other[bridge]
                way_m, edge = self.bridges.length_m[bridge], self.bridges.edge[bridge]
                if not (first <= one <= last and first <= other <= last):
                    links.append((way_m, part, len(below), edge))
                    break
                heapq.heappop(heap)  # it joins what lies below the fork: of no use any higher up
                parts = cut.part(one), cut.part(other)
                if first < min(one, other) and parts[0] != parts[1] and not self._ends_on(bridge, below):
                    links.append((way_m, *parts, edge))
        inner = self.skeleton.inner
        return self._rejoined(cut, links, [cut.fork, *(node for path in cut.gone for node in inner[path])])

    def _ends_on(self, bridge: int, paths: tuple[int, ...]) -> bool:
        """Return whether a bridge ends within one of some key paths."""
        low = self.skeleton.low
        ends = (self.bridges.one[bridge], self.bridges.other[bridge])
        return any(low[node] != node and low[node] in paths for node in ends)

    def _rejoined(self, cut: _Cut, links: list[tuple[float, int, int, int]], dead: list[int]) -> Move | None:
        """Return the move that joins the parts by the shortest links, also through regions of dead nodes."""
        around: Around = {}
        if dead:
            around = self._spread(cut, dead)
            links = links + self._meetings(cut, around, set(dead))
        joined = list(range(len(cut.starts) + 1))
        missing, total_m, chosen = len(cut.starts), 0.0, []
        most_m = cut.cost_m * (1 - SAME_SHARE)
        for length_m, one, other, edge in sorted(links):
            into, part = _top(joined, one), _top(joined, other)
            if into == part:
                continue
            total_m += length_m
            if total_m >= most_m:
                return None
            joined[into] = part
            chosen.append(edge)
            missing -= 1
            if not missing:
                return self._move(cut, cut.cost_m - total_m, chosen, around)
        return None

    def _spread(self, cut: _Cut, dead: list[int]) -> Around:
        """Return the regions of dead nodes shared out anew among the parts that remain.

        By node: the distance to the nearest part [m], the part, the node before on the way and the edge
        to it. Nodes farther than the paths that go are left out.
        """
        arcs, source, place = self.arcs, self.source, self.place
        dying = set(dead)
        best = self._edge_of_regions(dead, dying, cut.cost_m)
        heap = [(way_m, node) for node, (way_m, _, _) in best.items()]
        heapq.heapify(heap)
        around: Around = {}
        while heap:
            way_m, node = heapq.heappop(heap)
            if node in around:
                continue
            _, before, edge = best[node]
            part = around[before][1] if before in around else cut.part(place[source[before]])
            around[node] = (way_m, part, before, edge)
            for near, length_m, edge in arcs[node]:
                further_m = way_m + length_m
                if further_m < cut.cost_m and source[near] in dying and near not in around:
                    known = best.get(near)
                    if known is None or further_m < known[0]:
                        best[near] = (further_m, node, edge)
                        heapq.heappush(heap, (further_m, near))
        return around

    def _edge_of_regions(
        self, dead: list[int], dying: set[int], most_m: float
    ) -> dict[int, tuple[float, int, int]]:
        """Return, for nodes beside regions that stay, the way, the node there and the edge to it."""
        source, distance = self.source, self.distance
        best = {}
        for gone in dead:
            for node in self.bridges.members[gone]:
                nearest_m = most_m
                for near, length_m, edge in self.arcs[node]:
                    if source[near] not in dying and distance[near] + length_m < nearest_m:
                        nearest_m = distance[near] + length_m
                        best[node] = (nearest_m, near, edge)
        return best

    def _meetings(self, cut: _Cut, around: Around, dying: set[int]) -> list[tuple[float, int, int, int]]:
        """Return the shortest link between each two parts that meet where regions were shared out anew."""
        source, distance, place = self.source, self.distance, self.place
        best: dict[tuple[int, int], tuple[float, int]] = {}
        for node, (way_m, part, _, _) in around.items():
            for near, length_m, edge in self.arcs[node]:
                known = around.get(near)
                if known is not None:
                    onward_m, other = known[0], known[1]
                elif source[near] in dying:
                    continue
                else:
                    onward_m, other = distance[near], cut.part(place[source[near]])
                whole_m = way_m + length_m + onward_m
                if part != other and whole_m < cut.cost_m:
                    pair = (part, other) if part < other else (other, part)
                    if pair not in best or (whole_m, edge) < best[pair]:
                        best[pair] = (whole_m, edge)
        return [(whole_m, *pair, edge) for pair, (whole_m, edge) in best.items()]

    def _move(self, cut: _Cut, gain_m: float, chosen: list[int], around: Around) -> Move:
        """Return a move with its new ways followed to the tree on both sides."""
        edges, bases = [], []
        for middle in chosen:
            edges.append(middle)
            ends = []
            for end in self.network.ends[middle].tolist():
                at = end
                while at in around:
                    *_, at, edge = around[at]
                    edges.append(edge)
                while self.before[at] >= 0:
                    edges.append(self.back[at])
                    at = self.before[at]
                ends.append(at)
            bases.append((ends[0], ends[1]))
        return Move(gain_m, cut.gone, cut.fork, tuple(edges), tuple(bases))


def _top(joined: list[int], part: int) -> int:
    """Return what a part has been joined into."""
    while joined[part] != part:
        part = joined[part]
    return part


def together(skeleton: Skeleton, moves: list[Move]) -> list[Move]:
    """Return moves that can be made at once, taken in order.

    Two moves go together where neither takes out a path on the circle that a new way of the other closes in
    the tree, nor the node at which such a way ends: then they change the tree independently.
    """
    gone: set[int] = set()
    spanned: set[int] = set()
    forks: set[int] = set()
    held: set[int] = set()
    taken = []
    for move in moves:
        mine = set(move.gone)
        ends = {node for pair in move.bases for node in pair}
        if mine & gone or mine & spanned or move.fork in held or ends & forks:
            continue
        circles = {path for pair in move.bases for path in _circle(skeleton, *pair)} - mine
        if circles & gone:
            continue
        gone |= mine
        spanned |= circles
        held |= ends
        forks.add(move.fork)
        taken.append(move)
    return taken


def _circle(skeleton: Skeleton, one: int, other: int) -> Iterable[int]:
    """Give the key paths between two nodes of a tree, those on which the nodes themselves lie included."""
    low, up, first, last = skeleton.low, skeleton.up, skeleton.first, skeleton.last
    for node in (one, other):
        if low[node] != node:
            yield low[node]
    one, other = low[one], low[other]
    while one != other:
        if first[one] <= first[other] <= last[one]:
            one, other = other, one
        yield one
        one = up[one]


def improved(network: Network, edges: Rows, terminals: Rows, passes: int) -> Rows:
    """Return a tree after at most so many rounds of local search; never a longer one.

    ``edges`` is a tree that connects the ``terminals``. Each round makes all moves that go together, best
    first, and then takes the shortest tree on the nodes that are left.
    """
    for _ in range(passes):
        if len(edges) < 2:
            break
        search = Search(network, edges, terminals)
        moves = together(search.skeleton, search.moves())
        if not moves:
            break
        away = {edge for move in moves for path in move.gone for edge in search.skeleton.path_edges[path]}
        come = [edge for move in moves for edge in move.edges]
        left = np.setdiff1d(edges, np.array(sorted(away), dtype=np.int64))
        shorter = tidied(network, np.union1d(left, np.array(come, dtype=np.int64)), terminals)
        if network.total_m(shorter) >= network.total_m(edges) * (1 - SAME_SHARE):
            break
        edges = shorter
    return edges
