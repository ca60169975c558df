"""Fibres and cables along a tree, and branches that move to roots with room."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.quality.steiner_exact import grid, symmetric
from sim.access.feeders import cables_for, fibres_on_edges, from_roots
from sim.access.relief import relieved
from sim.access.steiner import network_of
from sim.access.tree import Tree, steiner_tree
from sim.errors import DataError

# 0 - 1 - 2 - 3 - 4 - 5 with a branch 2 - 6; a metre an edge
GRAPH = symmetric(7, np.array([0, 1, 2, 3, 4, 2]), np.array([1, 2, 3, 4, 5, 6]), np.ones(6))


def forest(*edges: tuple[int, int]) -> Tree:
    return Tree(float(len(edges)), np.array(sorted(edges)), np.ones(len(edges)))


def test_fibres_add_up_towards_the_root():
    tree = forest((0, 1), (1, 2), (2, 3), (2, 6))
    rooted = from_roots(tree, 7, [0])
    fibres = fibres_on_edges(rooted, np.array([5, 1, 0, 10, 0, 0, 100]), 4)
    assert dict(zip(map(tuple, tree.edges.tolist()), fibres.tolist(), strict=True)) == {
        (0, 1): 111, (1, 2): 110, (2, 3): 10, (2, 6): 100,
    }  # fmt: skip
    assert rooted.distance_m.tolist() == [0, 1, 2, 3, np.inf, np.inf, 3]
    assert rooted.root.tolist() == [0, 0, 0, 0, -1, -1, 0]


@pytest.mark.parametrize("roots", [[0, 3], [4], [], [9]])
def test_a_part_has_exactly_one_root(roots):
    with pytest.raises(DataError, match="roots"):
        from_roots(forest((0, 1), (1, 2), (2, 3)), 7, roots)


def test_fibres_outside_the_forest_are_named():
    with pytest.raises(DataError, match="1 nodes outside the forest: 5"):
        fibres_on_edges(from_roots(forest((0, 1)), 7, [0]), np.array([0, 1, 0, 0, 0, 2, 0]), 1)


@settings(max_examples=200)
@given(st.lists(st.integers(0, 2_000), min_size=1, max_size=20))
def test_cables_hold_the_fibres_and_waste_less_than_one_step(fibres):
    sizes = np.array([12, 24, 48, 96, 288])
    count = cables_for(np.array(fibres), sizes.tolist())
    room = count @ sizes
    assert (room >= fibres).all()
    assert (count[:, :-1].sum(axis=1) <= 1).all()
    smaller = np.array(
        [
            (room - sizes[row.nonzero()[0][0]]) if row.any() else room
            for row, room in zip(count, room, strict=True)
        ]
    )
    assert ((smaller < fibres) | (np.array(fibres) == 0)).all()


@pytest.mark.parametrize("sizes", [[], [0, 12], [24, 12], [12.5]])
def test_wrong_cable_sizes_are_named(sizes):
    with pytest.raises(DataError, match="sizes"):
        cables_for(np.array([1]), sizes)


def test_the_cheapest_branch_moves_to_a_root_with_room():
    tree = forest((0, 1), (1, 2), (2, 3), (2, 6))
    found = relieved(GRAPH, tree, [0, 5], np.array([0, 1, 1, 2, 0, 0, 4]), [6, 10])
    assert found.moved == ((3, 0, 5),)
    assert found.load.tolist() == [6, 2]
    assert found.left_over == ()
    assert found.tree.edges.tolist() == [[0, 1], [1, 2], [2, 6], [3, 4], [4, 5]]


def test_what_cannot_move_is_listed():
    tree = forest((0, 1), (1, 2), (2, 3), (2, 6))
    found = relieved(GRAPH, tree, [0, 5], np.array([0, 1, 1, 2, 0, 0, 4]), [3, 1])
    assert (found.moved, found.left_over) == ((), ((0, 5),))


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_relief_keeps_every_fibre_and_overloads_no_other_root(seed):
    made = grid(9, 20, seed)
    random = np.random.default_rng(seed)
    roots = np.sort(random.choice(81, 3, replace=False))
    fibres = np.zeros(81, dtype=np.int64)
    fibres[made.terminals] = random.integers(1, 10, len(made.terminals))
    whole = steiner_tree(made.graph, np.append(made.terminals, roots[0]))
    if np.isin(roots[1:], whole.nodes).any():
        return
    most = np.array([int(fibres.sum()) // 2, 40, 40])
    found = relieved(made.graph, whole, roots, fibres, most)
    rooted = from_roots(found.tree, 81, roots)
    assert (rooted.root[fibres > 0] >= 0).all()
    assert found.load.sum() == fibres.sum()
    over = {root for root, _ in found.left_over}
    assert all(
        load <= limit or root in over for root, load, limit in zip(roots, found.load, most, strict=True)
    )
    assert over <= {int(roots[0])}
    assert found.tree.length_m == pytest.approx(
        network_of(made.graph).total_m(network_of(made.graph).edge_between(*found.tree.edges.T))
    )


def test_a_tree_of_another_graph_is_refused():
    with pytest.raises(DataError, match="has edges that the graph has not"):
        relieved(GRAPH, forest((0, 6)), [0], np.zeros(7, dtype=int), 1)
