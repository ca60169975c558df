"""Steiner tree instances made from seeds, and their exact optimum as a mixed-integer programme."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array
from scipy.spatial import Delaunay

from sim.access.steiner import network_of


@dataclass(frozen=True, eq=False)
class Instance:
    """A graph and the nodes to connect."""

    name: str
    graph: Any
    terminals: np.ndarray


def symmetric(nodes: int, one: np.ndarray, other: np.ndarray, length_m: np.ndarray) -> csr_array:
    """Return the sparse array of undirected edges."""
    row, column = np.concatenate([one, other]), np.concatenate([other, one])
    return csr_array((np.concatenate([length_m, length_m]), (row, column)), shape=(nodes, nodes))


def grid(side: int, count: int, seed: int, longest: float = 10.0) -> Instance:
    """Return a square grid with random lengths from 1."""
    random = np.random.default_rng([1, side, count, seed])
    at = np.arange(side * side).reshape(side, side)
    one = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()])
    other = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()])
    graph = symmetric(side * side, one, other, random.uniform(1.0, longest, len(one)))
    return Instance(f"grid-{side}-{count}-{seed}", graph, chosen(random, side * side, count))


def even_grid(side: int, count: int, seed: int) -> Instance:
    """Return a square grid whose edges are all equally long: most trees tie."""
    made = grid(side, count, seed, 1.0)
    return Instance(f"even-{made.name}", made.graph, made.terminals)


def roads(nodes: int, count: int, seed: int) -> Instance:
    """Return roads between random places: half of a Delaunay triangulation, bent by up to 40 %."""
    random = np.random.default_rng([2, nodes, count, seed])
    place = random.random((nodes, 2)) * 10_000.0
    corners = Delaunay(place).simplices
    pairs = np.unique(
        np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1), axis=0
    )
    straight_m = np.hypot(*(place[pairs[:, 0]] - place[pairs[:, 1]]).T)
    length_m = straight_m * random.uniform(1.0, 1.4, len(pairs))
    kept = np.zeros(len(pairs), dtype=bool)
    kept[random.choice(len(pairs), len(pairs) // 2, replace=False)] = True
    kept |= _spanning(nodes, pairs, length_m)
    graph = symmetric(nodes, *pairs[kept].T, length_m[kept])
    return Instance(f"roads-{nodes}-{count}-{seed}", graph, chosen(random, nodes, count))


def random_graph(nodes: int, count: int, seed: int) -> Instance:
    """Return a random graph of mean degree 5 with whole lengths from 1 to 10, as the OR-Library has."""
    random = np.random.default_rng([3, nodes, count, seed])
    order = random.permutation(nodes)
    ring = np.column_stack([order[1:], order[:-1]])
    more = random.integers(0, nodes, (nodes * 2, 2))
    pairs = np.concatenate([ring, more[more[:, 0] != more[:, 1]]])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    length = random.integers(1, 11, len(pairs)).astype(float)
    return Instance(
        f"random-{nodes}-{count}-{seed}", symmetric(nodes, *pairs.T, length), chosen(random, nodes, count)
    )


def chosen(random: np.random.Generator, nodes: int, count: int) -> np.ndarray:
    """Return nodes to connect."""
    return np.sort(random.choice(nodes, count, replace=False))


def _spanning(nodes: int, pairs: np.ndarray, length_m: np.ndarray) -> np.ndarray:
    """Return which edges belong to a spanning tree, which keeps roads in one piece."""
    from scipy.sparse.csgraph import minimum_spanning_tree

    tree = minimum_spanning_tree(csr_array((length_m, pairs.T), shape=(nodes, nodes))).tocoo()
    return np.isin(pairs @ [nodes, 1], np.column_stack([tree.row, tree.col]) @ [nodes, 1])


def instances(seeds: range) -> Iterator[Instance]:
    """Give instances of every kind, of few and of many terminals."""
    for seed in seeds:
        yield grid(8, 10, seed)
        yield grid(10, 30, seed)
        yield grid(12, 12, seed)
        yield even_grid(8, 12, seed)
        yield roads(80, 12, seed)
        yield roads(120, 40, seed)
        yield random_graph(60, 10, seed)
        yield random_graph(80, 25, seed)


def optimum(instance: Instance) -> float:
    """Return the length of the shortest tree."""
    terminals = np.unique(instance.terminals)
    flows = _Flows(instance.graph, terminals[0], terminals[1:])
    return -flows.most(np.zeros(len(terminals) - 1), np.inf, everything=True)


def most_prize(instance: Instance, root: int, prizes: np.ndarray, budget_m: float) -> float:
    """Return the most prize that a tree from the root of at most so many metres collects."""
    goals = np.setdiff1d(np.flatnonzero(prizes > 0), [root])
    return float(prizes[root]) + _Flows(instance.graph, root, goals).most(prizes[goals], budget_m)


class _Flows:
    """A tree as flows of one unit from a root to each node that it reaches.

    Columns: whether each direction of each edge is in the tree, whether each goal is reached, then the flow
    to each goal over each direction.

    References
    ----------
    Wong, A dual ascent approach for Steiner tree problems on a directed graph, Mathematical Programming 28
    (1984) 271-287 (the multi-commodity formulation).
    """

    def __init__(self, graph: Any, root: int, goals: np.ndarray) -> None:
        network = network_of(graph)
        self.length_m = np.tile(network.length_m, 2)
        self.goals = len(goals)
        arcs = np.concatenate([network.ends, network.ends[:, ::-1]])
        self.arcs = count = len(arcs)
        number, one = np.arange(count), np.ones(count)
        first = count + self.goals
        row, column, value, high = [], [], [], []
        start = 0
        for place, goal in enumerate(goals):
            flow = first + count * place + number
            # what leaves a node less what comes is 1 at the root and -1 at the goal if it is reached
            row += [arcs[:, 0] + start, arcs[:, 1] + start, start + np.array([root, goal])]
            column += [flow, flow, np.full(2, count + place)]
            value += [one, -one, np.array([-1.0, 1.0])]
            # and flows only over what is in the tree
            start += network.nodes
            row += [number + start, number + start]
            column += [flow, number]
            value += [one, -one]
            high += [np.zeros(network.nodes), np.full(count, np.inf)]
            start += count
        parts = (np.concatenate(value), (np.concatenate(row), np.concatenate(column)))
        self.matrix = coo_array(parts, shape=(start, first + count * self.goals)).tocsr()
        self.equal = np.concatenate(high) == 0

    def most(self, prizes: np.ndarray, budget_m: float, *, everything: bool = False) -> float:
        """Return the most prize within a budget, or for ``everything`` the least length, negative."""
        width = self.matrix.shape[1]
        price, whole, least = np.zeros(width), np.zeros(width), np.zeros(width)
        whole[: self.arcs + self.goals] = 1
        length = np.zeros(width)
        length[: self.arcs] = self.length_m
        if everything:
            price = length
            least[self.arcs : self.arcs + self.goals] = 1.0
        else:
            price[self.arcs : self.arcs + self.goals] = -prizes
        rules = [LinearConstraint(self.matrix, np.where(self.equal, 0.0, -np.inf), 0.0)]
        if np.isfinite(budget_m):
            rules.append(LinearConstraint(csr_array(length[None, :]), -np.inf, budget_m))
        found = milp(
            price,
            constraints=rules,
            bounds=Bounds(least, 1.0),
            integrality=whole,
            options={"mip_rel_gap": 1e-9},
        )
        assert found.status == 0, found.message
        return float(-found.fun)
