"""Rooted trees against shortest paths."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from sim.access.rooted import rooted


def random_tree(count: int, seed: int):
    draw = np.random.default_rng(seed)
    ends = np.array([[draw.integers(0, node), node] for node in range(1, count)]).reshape(-1, 2)
    names = draw.permutation(count)
    return names[ends], draw.uniform(1.0, 10.0, count - 1)


@pytest.mark.parametrize("seed", range(6))
def test_distances_loads_and_sums_are_those_of_paths(seed):
    count = 40
    ends, length = random_tree(count, seed)
    tree, order, edge = rooted(ends, length, root=7, count=count)
    assert order[0] == 7
    assert sorted(order) == list(range(count))
    assert (tree.parent[1:] < np.arange(1, count)).all()
    assert sorted(edge[1:]) == list(range(count - 1))
    graph = coo_array((length, tuple(ends.T)), shape=(count, count)).tocsr()
    metres, before = dijkstra(graph, directed=False, return_predecessors=True)
    one, other = np.divmod(np.arange(count**2), count)
    assert tree.distance_m(one, other) == pytest.approx(metres[order[one], order[other]])
    assert tree.depth_m == pytest.approx(metres[7, order])
    place = np.argsort(order)
    above = np.array([-1 if at == 7 else place[before[7, at]] for at in order])
    assert (tree.parent[1:] == above[1:]).all()
    values = np.random.default_rng(seed).uniform(size=count)
    for vertex in range(count):
        branch = [v for v in range(count) if tree.holds(np.array(vertex), np.array(v))]
        assert tree.branch_sum(values)[vertex] == pytest.approx(values[branch].sum())
    pairs = np.random.default_rng(seed).integers(0, count, (15, 2))
    used = np.zeros(count)
    for start, goal in pairs:
        at = goal
        while at != start:  # the edge on the way back to the start, by its lower vertex
            back = place[before[order[start], order[at]]]
            used[max(at, back)] += 3
            at = back
    assert (tree.carried(pairs[:, 0], pairs[:, 1], np.full(15, 3.0)) == used).all()


def test_what_the_root_does_not_reach_is_left_out():
    tree, order, edge = rooted(np.array([[0, 1], [2, 3]]), np.array([2.0, 5.0]), root=1, count=5)
    assert order.tolist() == [1, 0]
    assert edge.tolist() == [-1, 0]
    assert tree.depth_m.tolist() == [0.0, 2.0]


def test_a_root_alone():
    tree, order, _ = rooted(np.zeros((0, 2), dtype=np.int64), np.zeros(0), root=2, count=3)
    assert order.tolist() == [2]
    assert tree.distance_m(np.array([0]), np.array([0])).tolist() == [0.0]
