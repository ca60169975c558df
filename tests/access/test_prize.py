"""What a budget of metres connects."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from benchmarks.quality.steiner_exact import grid, most_prize, random_graph, roads, symmetric
from sim.access.prize import prize_collecting_tree
from sim.errors import DataError

LINE = symmetric(4, np.array([0, 1, 2]), np.array([1, 2, 3]), np.array([1.0, 1.0, 5.0]))


@pytest.mark.parametrize(
    ("budget_m", "nodes"),
    [(0.0, []), (0.99, []), (1.0, [1]), (2.5, [1, 2]), (7.0, [1, 2, 3]), (99.0, [1, 2, 3])],
)
def test_a_line_is_bought_from_its_root(budget_m, nodes):
    found = prize_collecting_tree(LINE, [0], [0.0, 1.0, 1.0, 1.0], budget_m)
    assert found.nodes.tolist() == nodes
    assert found.prize == len(nodes)
    assert found.tree.length_m <= budget_m


def test_roots_cost_nothing_and_their_prize_is_theirs():
    found = prize_collecting_tree(LINE, [0, 3], [2.0, 1.0, 1.0, 4.0], 1.0)
    assert (found.prize, found.nodes.tolist()) == (7.0, [0, 1, 3])


def test_what_no_way_reaches_is_listed():
    graph = symmetric(4, np.array([0, 2]), np.array([1, 3]), np.array([1.0, 1.0]))
    found = prize_collecting_tree(graph, [0], [0.0, 1.0, 0.0, 1.0], 100.0)
    assert (found.nodes.tolist(), found.unreached) == ([1], (3,))


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.lists(st.floats(0, 1.3), min_size=1, max_size=4))
def test_never_over_the_budget_and_more_buys_no_less(seed, shares):
    made = roads(40, 10, seed) if seed % 2 else random_graph(30, 8, seed)
    prizes = np.zeros(made.graph.shape[0])
    prizes[made.terminals] = np.random.default_rng(seed).integers(1, 50, len(made.terminals))
    standing = np.array([0, 1])
    last = -1.0
    for share in sorted(shares):
        budget_m = share * float(made.graph.sum()) / 10.0
        found = prize_collecting_tree(made.graph, standing, prizes, budget_m)
        assert found.tree.length_m <= budget_m
        assert found.prize == prizes[found.nodes].sum() >= last
        joined = csr_array((np.ones(len(found.tree.edges)), found.tree.edges.T), shape=made.graph.shape)
        part = connected_components(joined, directed=False)[1]
        assert set(part[found.nodes]) <= set(part[standing])
        assert len(found.tree.edges) == made.graph.shape[0] - len(set(part))
        last = found.prize


@pytest.mark.parametrize("seed", range(3))
def test_near_the_most_that_the_budget_can_collect(seed):
    made = grid(6, 8, seed)
    prizes = np.zeros(36)
    prizes[made.terminals] = np.random.default_rng(seed).integers(10, 100, 8)
    best = most_prize(made, 0, prizes, 25.0)
    assert 0.95 * best <= prize_collecting_tree(made.graph, [0], prizes, 25.0).prize <= best + 1e-9


@pytest.mark.parametrize(
    ("roots", "prizes", "budget_m", "message"),
    [
        ([], [0.0] * 4, 1.0, "roots: is empty"),
        ([9], [0.0] * 4, 1.0, "names no nodes"),
        ([0], [0.0] * 3, 1.0, "one prize for each of the 4 nodes"),
        ([0], [0.0, -1.0, 0.0, 0.0], 1.0, "at the nodes 1"),
        ([0], [0.0] * 4, -1.0, "budget_m: is -1.0"),
        ([0], [0.0] * 4, np.nan, "budget_m: is nan"),
    ],
)
def test_wrong_questions_are_named(roots, prizes, budget_m, message):
    with pytest.raises(DataError, match=message):
        prize_collecting_tree(LINE, roots, prizes, budget_m)
