"""Feeders that are full: branches of a tree that hang on one root are moved to others that have room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.access.feeders import Rooted, demand_at, fibres_on_edges, from_roots
from sim.access.steiner import Network, Rows, network_of, pruned, regions, ways_back, wrong
from sim.access.tree import Tree


@dataclass(frozen=True, eq=False)
class Relieved:
    """A forest in which no root carries more than it can."""

    tree: Tree
    load: Rows
    """Fibres at each root, shape (len(roots),), in the order of the sorted roots."""
    moved: tuple[tuple[int, int, int], ...]
    """Branches that were moved: their uppermost node, the root they left and the root they went to."""
    left_over: tuple[tuple[int, int], ...]
    """Roots that still carry too much, and by how many fibres."""


def relieved(graph: Any, tree: Tree, roots: Any, fibres: Any, most_fibres: Any) -> Relieved:
    """Return a forest in which branches of overloaded roots hang on other roots that have room.

    Parameters
    ----------
    graph
        Symmetric sparse array of lengths, shape (N, N) [m], over whose edges branches may be joined.
    tree
        The forest, one root in each part.
    roots
        Nodes where feeders start.
    fibres
        Fibres that start at each node, shape (N,).
    most_fibres
        Most fibres at a root: one number, or one for each of the sorted roots.

    While a root carries too much, the branch is moved that saves most overload for its metres (the metres
    that come less those that go), over the shortest edge that joins a node of the branch to a part with
    room for all of it; of equally good ones the smallest. What cannot be moved is listed. That is a
    heuristic: the capacitated tree is NP-hard (Papadimitriou, Networks 8, 1978, 217-230).
    """
    return _Relief(network_of(graph), tree, roots, fibres, most_fibres).run()


class _Relief:
    """A forest while its branches are moved."""

    def __init__(self, network: Network, tree: Tree, roots: Any, fibres: Any, most_fibres: Any) -> None:
        self.network = network
        self.roots = np.unique(np.asarray(roots, dtype=np.int64))
        most = np.asarray(most_fibres)
        if most.dtype.kind not in "iu" or most.shape not in {(), self.roots.shape} or (most < 0).any():
            raise wrong("most_fibres", "must be one whole number of 0 or more, or one for each root")
        self.most = np.full(network.nodes, np.iinfo(np.int64).max)
        self.most[self.roots] = most
        self.edges = np.sort(network.edge_between(tree.edges[:, 0], tree.edges[:, 1]))
        known = np.minimum(self.edges, len(network.ends) - 1)
        if not np.array_equal(network.ends[known], tree.edges[np.lexsort(tree.edges.T[::-1])]):
            raise wrong("tree", "has edges that the graph has not; pass the graph it was made on")
        self.demand = demand_at(from_roots(tree, network.nodes, self.roots), fibres)

    def run(self) -> Relieved:
        """Move branches until no root carries too much or nothing can be moved."""
        moved, stuck = [], set()
        while True:
            rooted = self._rooted()
            passing = fibres_on_edges(rooted, self.demand, len(self.edges))
            load = self._load(rooted)
            over = [
                root for root in self.roots.tolist() if load[root] > self.most[root] and root not in stuck
            ]
            if not over:
                break
            full = max(over, key=lambda root: (load[root] - self.most[root], -root))
            move = self._best(full, rooted, passing, load)
            if move is None:
                stuck.add(full)
                continue
            branch, goal, bridge = move
            gone = self.edges[rooted.edge[branch]]
            way = np.append(ways_back(self.network, self.near, self.network.ends[bridge]), bridge)
            kept = np.union1d(self.edges[self.edges != gone], way)
            needed = np.union1d(np.flatnonzero(self.demand), self.roots)
            self.edges = pruned(self.network, kept, needed)
            moved.append((branch, full, goal))
        left = [(root, int(load[root] - self.most[root])) for root in sorted(stuck)]
        return Relieved(
            self._tree(),
            load[self.roots],
            tuple(moved),
            tuple((root, over_by) for root, over_by in left if over_by > 0),
        )

    def _tree(self) -> Tree:
        network = self.network
        return Tree(network.total_m(self.edges), network.ends[self.edges], network.length_m[self.edges])

    def _rooted(self) -> Rooted:
        return from_roots(self._tree(), self.network.nodes, self.roots)

    def _load(self, rooted: Rooted) -> Rows:
        """Return the fibres at each root, by node."""
        inside = rooted.root >= 0
        load = np.zeros(self.network.nodes, dtype=np.int64)
        np.add.at(load, rooted.root[inside], self.demand[inside])
        return load

    def _best(self, full: int, rooted: Rooted, passing: Rows, load: Rows) -> tuple[int, int, int] | None:
        """Return branch, new root and joining edge of the move that relieves a root most for its metres."""
        network = self.network
        self.near = regions(network, np.flatnonzero(rooted.root >= 0))
        source = self.near.source[network.ends]
        part = np.where(source >= 0, rooted.root[source], -1)
        joining = np.flatnonzero(((part == full).sum(axis=1) == 1) & (part >= 0).all(axis=1))
        way_m = self.near.distance_m[network.ends[joining]].sum(axis=1) + network.length_m[joining]
        best: tuple[float, int, int, int] | None = None
        chosen: tuple[int, int, int] | None = None
        over_by = int(load[full] - self.most[full])
        for bridge, length_m in zip(joining.tolist(), way_m.tolist(), strict=True):
            mine = 0 if part[bridge, 0] == full else 1
            goal = int(part[bridge, 1 - mine])
            room = int(self.most[goal] - load[goal])
            branch = int(source[bridge, mine])
            while rooted.above[branch] >= 0 and (fibres := int(passing[rooted.edge[branch]])) <= room:
                saved_m = float(network.length_m[self.edges[rooted.edge[branch]]])
                if fibres:
                    rank = ((length_m - saved_m) / min(fibres, over_by), fibres, branch, bridge)
                    if best is None or rank < best:
                        best, chosen = rank, (branch, goal, bridge)
                branch = int(rooted.above[branch])
        return chosen
