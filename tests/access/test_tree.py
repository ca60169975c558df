"""The shortest connections of points and of nodes of a graph."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial.distance import cdist

from benchmarks.quality.steiner_exact import even_grid, grid, optimum, random_graph, roads, symmetric
from sim.access.exchange import improved
from sim.access.steiner import mehlhorn, network_of
from sim.access.tree import Tree, spanning_connection, steiner_tree
from sim.errors import DataError


def graph_of(nodes: int, *edges: tuple[int, int, float]) -> csr_array:
    one, other, length_m = (np.array(part) for part in zip(*edges, strict=True))
    return symmetric(nodes, one, other, length_m.astype(float))


def check_tree(tree: Tree, graph: csr_array, terminals: np.ndarray) -> None:
    """A tree on the graph's edges that connects the terminals, with no leaf that is none."""
    nodes = np.unique(np.concatenate([tree.edges.ravel(), terminals]))
    assert len(tree.edges) == len(nodes) - 1
    joined = csr_array((np.ones(len(tree.edges)), tree.edges.T), shape=graph.shape)
    assert len(set(connected_components(joined, directed=False)[1][nodes])) == 1
    leaves = np.flatnonzero(np.bincount(tree.edges.ravel(), minlength=graph.shape[0]) == 1)
    assert set(leaves) <= set(terminals.tolist())
    lengths = {(int(a), int(b)): float(w) for a, b, w in zip(*graph.tocoo().coords, graph.data, strict=True)}
    assert tree.edge_m.tolist() == [lengths[pair] for pair in map(tuple, tree.edges.tolist())]
    assert tree.length_m == pytest.approx(tree.edge_m.sum())


def test_a_star_needs_its_middle():
    tree = steiner_tree(graph_of(4, (0, 1, 2.0), (0, 2, 2.0), (0, 3, 2.0)), [1, 2, 3])
    assert tree.length_m == pytest.approx(6.0)
    assert tree.edges.tolist() == [[0, 1], [0, 2], [0, 3]]


def test_local_search_finds_the_fork_that_mehlhorn_misses():
    """Pairs of terminals are 1.9 apart; over the middle all three are joined by 3 instead of 3.8."""
    graph = graph_of(4, (0, 1, 1.0), (0, 2, 1.0), (0, 3, 1.0), (1, 2, 1.9), (2, 3, 1.9), (1, 3, 1.9))
    assert steiner_tree(graph, [1, 2, 3], passes=0).length_m == pytest.approx(3.8)
    assert steiner_tree(graph, [1, 2, 3]).length_m == pytest.approx(3.0)


@pytest.mark.parametrize("make", [grid, even_grid], ids=["grid", "even"])
@pytest.mark.parametrize("seed", range(4))
def test_trees_on_grids_are_trees_and_near_the_optimum(make, seed):
    made = make(7, 8, seed)
    tree = steiner_tree(made.graph, made.terminals)
    check_tree(tree, made.graph, made.terminals)
    assert 1 - 1e-9 <= tree.length_m / optimum(made) <= 1.04


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 25), st.sampled_from(["roads", "random"]))
def test_local_search_never_lengthens_a_tree(seed, count, kind):
    made = roads(40, count, seed) if kind == "roads" else random_graph(40, count, seed)
    network, terminals = network_of(made.graph), np.unique(made.terminals)
    edges = mehlhorn(network, terminals)
    lengths = [network.total_m(improved(network, edges, terminals, passes)) for passes in (0, 1, 2, 10)]
    assert all(later <= earlier * (1 + 1e-12) for earlier, later in pairwise(lengths))
    check_tree(steiner_tree(made.graph, terminals), made.graph, terminals)


def test_every_node_a_terminal_is_the_spanning_tree():
    made = roads(60, 5, 1)
    every = np.arange(60)
    exact = float(minimum_spanning_tree(made.graph).sum())
    assert steiner_tree(made.graph, every).length_m == pytest.approx(exact)


def test_two_terminals_are_the_shortest_way():
    from scipy.sparse.csgraph import dijkstra

    made = grid(15, 2, 3)
    exact = dijkstra(made.graph, indices=made.terminals[0])[made.terminals[1]]
    assert steiner_tree(made.graph, made.terminals).length_m == pytest.approx(exact)


def test_edges_of_no_length_count_as_edges():
    tree = steiner_tree(
        graph_of(5, (0, 1, 0.0), (1, 2, 0.0), (2, 3, 0.0), (0, 3, 5.0), (3, 4, 1.0)), [0, 3, 4]
    )
    assert tree.length_m == 1.0
    assert tree.edges.tolist() == [[0, 1], [1, 2], [2, 3], [3, 4]]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_graphs_with_many_edges_of_no_length_are_connected(seed):
    made = random_graph(30, 8, seed)
    graph = made.graph.copy()
    graph.data = np.where(graph.data <= 5, 0.0, graph.data)
    check_tree(steiner_tree(graph, made.terminals), graph, made.terminals)


def test_one_terminal_and_repeated_ones():
    graph = graph_of(3, (0, 1, 1.0), (1, 2, 1.0))
    assert steiner_tree(graph, [1]).edges.shape == (0, 2)
    assert steiner_tree(graph, [0, 2, 0, 2]).length_m == 2.0


def test_terminals_out_of_reach_are_named_or_left_in_a_forest():
    graph = graph_of(7, (0, 1, 1.0), (1, 2, 1.0), (3, 4, 1.0))
    with pytest.raises(DataError, match=r"2 of 4 cannot be reached from the others: 3, 4"):
        steiner_tree(graph, [0, 2, 3, 4])
    tree = steiner_tree(graph, [0, 2, 3, 4], forest=True)
    assert (tree.length_m, tree.unreached) == (3.0, (3, 4))


@pytest.mark.parametrize(
    ("graph", "terminals", "message"),
    [
        (csr_array(np.array([[0, 1.0], [2.0, 0]])), [0, 1], "two lengths, between the nodes 0 and 1"),
        (csr_array(np.array([[0, 1.0], [0, 0]])), [0, 1], "stored one way only"),
        (csr_array(np.array([[0, -1.0], [-1.0, 0]])), [0, 1], "negative or no numbers"),
        (csr_array(np.array([[0, np.nan], [np.nan, 0]])), [0, 1], "negative or no numbers"),
        (csr_array(np.ones((2, 3))), [0, 1], "no square sparse array"),
        (np.ones((2, 2)), [0, 1], "no square sparse array"),
        (csr_array(np.array([[0, 1.0], [1.0, 0]])), [0, 2], "names no nodes of the graph: 2"),
        (csr_array(np.array([[0, 1.0], [1.0, 0]])), [], "is empty"),
        (csr_array(np.array([[0, 1.0], [1.0, 0]])), [0.5], "float64"),
    ],
)
def test_wrong_graphs_and_terminals_are_named(graph, terminals, message):
    with pytest.raises(DataError, match=message):
        steiner_tree(graph, terminals)


def test_the_same_question_gets_the_same_tree():
    made = even_grid(20, 60, 0)
    one, other = (steiner_tree(made.graph, terminals) for terminals in (made.terminals, made.terminals[::-1]))
    assert np.array_equal(one.edges, other.edges)


def test_never_longer_than_networkx():
    networkx = pytest.importorskip("networkx")
    for seed in range(3):
        made = grid(12, 20, seed)
        twin = networkx.approximation.steiner_tree(
            networkx.from_scipy_sparse_array(made.graph), made.terminals.tolist(), method="mehlhorn"
        )
        assert steiner_tree(made.graph, made.terminals).length_m <= twin.size(weight="weight") * (1 + 1e-12)


def shortest_by_all_pairs(points: np.ndarray, standing: np.ndarray) -> float:
    """The spanning tree of all pairs with the roots drawn together; 1 is added to keep lengths of 0."""
    count = len(points)
    every = np.zeros((count + 1, count + 1))
    every[:count, :count] = np.triu(cdist(points, points) + 1.0, 1)
    every[:count, count] = cdist(points, standing).min(axis=1) + 1.0
    return float(minimum_spanning_tree(every).sum()) - count


coordinate = st.one_of(st.integers(-3, 3).map(float), st.floats(-1000, 1000, width=32))
places = st.tuples(coordinate, coordinate)


@settings(deadline=None, max_examples=150)
@given(st.lists(places, max_size=25), st.lists(places, min_size=1, max_size=6))
def test_connections_of_points_are_as_short_as_can_be(points, standing):
    points, standing = np.array(points).reshape(-1, 2), np.array(standing)
    tree = spanning_connection(points, standing)
    exact = shortest_by_all_pairs(points, standing) if len(points) else 0.0
    assert tree.length_m == pytest.approx(exact, abs=1e-6)
    assert tree.edges.shape == (len(points), 2)
    nodes = len(points) + len(standing)
    joined = csr_array((np.ones(len(tree.edges)), tree.edges.T), shape=(nodes, nodes))
    part = connected_components(joined, directed=False)[1]
    assert len(set(part[len(points) :])) == len(standing)
    assert set(part[: len(points)]) <= set(part[len(points) :])


def test_points_go_to_their_nearest_root():
    tree = spanning_connection([[1.0, 0.0], [9.0, 0.0], [3.0, 0.0]], [[0.0, 0.0], [10.0, 0.0]])
    assert tree.length_m == pytest.approx(4.0)
    assert tree.edges.tolist() == [[0, 2], [0, 3], [1, 4]]


@pytest.mark.parametrize(
    ("points", "standing", "message"),
    [
        ([[0, 0]], [], "there is nothing to connect to"),
        ([[0, 0, 0]], [[0, 0]], "one row of x and y"),
        ([[np.nan, 0]], [[0, 0]], "in the rows 0"),
    ],
)
def test_wrong_positions_are_named(points, standing, message):
    with pytest.raises(DataError, match=message):
        spanning_connection(points, standing)
