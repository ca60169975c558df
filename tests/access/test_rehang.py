import numpy as np
import pytest
from scipy.sparse.csgraph import dijkstra

from sim.access.balance import Bound, balanced
from sim.access.rehang import rehung
from sim.access.roadgraph import ROOT, road_graph
from sim.access.steiner import Network, mehlhorn
from tests.access.small_area import OPTIONS, scattered


def length_m(network, above):
    below = np.flatnonzero(above >= 0)
    return network.length_m[network.edge_between(below, above[below])].sum()


def ways_m(network, above):
    """Return the way of each node of a tree, by walking up (a twin)."""
    ways = np.full(len(above), np.inf)
    ways[ROOT] = 0.0
    for node in np.flatnonzero(above >= 0):
        at, total = node, 0.0
        while at != ROOT:
            total += network.length_m[network.edge_between(np.array([at]), above[[at]])[0]]
            at = above[at]
        ways[node] = total
    return ways


BOUND = Bound(9000.0, 1.2)


def made(seed, rounds):
    graph = road_graph(scattered(seed, zones=60, pops=1), OPTIONS)
    terminals = np.unique(graph.zone_node)
    tree = mehlhorn(graph.network, np.union1d(terminals, [ROOT]))
    return graph.network, terminals, balanced(graph.network, tree, terminals, ROOT, BOUND, rounds)


@pytest.mark.parametrize("seed", range(6))
def test_moves_shorten_the_tree_and_keep_the_bounds(seed):
    network, terminals, before = made(seed, rounds=0)
    after = made(seed, rounds=20)[2]
    assert length_m(network, after.above) <= length_m(network, before.above)
    assert np.array_equal(ways_m(network, after.above), after.way_m)
    shortest_m = dijkstra(network.matrix, indices=ROOT)
    assert (after.way_m[terminals] <= BOUND.limit_m(shortest_m[terminals])).all()
    leaves = np.setdiff1d(np.flatnonzero(after.above >= 0), after.above)
    assert np.isin(leaves, terminals).all()


def test_moves_help_where_ways_had_to_be_cut():
    pairs = [(made(seed, 0), made(seed, 20)) for seed in range(6)]
    assert any(length_m(one[0], one[2].above) > length_m(two[0], two[2].above) for one, two in pairs)


def test_a_branch_goes_to_the_nearer_neighbour_only_within_its_bound():
    # the root 0, a stem 0-1 of 10 m, and a node 2 that hangs on the root by 9 m and is 2 m from 1
    network = Network(3, np.array([[0, 1], [0, 2], [1, 2]]), np.array([10.0, 9.0, 2.0]))
    above, ways = np.array([-1, 0, 0]), np.array([0.0, 10.0, 9.0])
    limits = np.array([np.inf, 20.0, 12.0])
    assert rehung(network, above, ways, limits, 5).tolist() == [
        -1,
        2,
        0,
    ]  # saves 8 m, where the other saves 7
    limits = np.array([np.inf, 10.0, 12.0])
    assert rehung(network, above, ways, limits, 5).tolist() == [-1, 0, 1]
    limits = np.array([np.inf, 10.0, 11.0])
    assert rehung(network, above, ways, limits, 5).tolist() == [-1, 0, 0]
    assert rehung(network, above, ways, np.full(3, 99.0), 0).tolist() == [-1, 0, 0]


def test_what_carried_only_the_branch_goes_with_it():
    # 3 hangs from the root over 1, which is no terminal, and is 1 m from the terminal 2
    network = Network(4, np.array([[0, 1], [0, 2], [1, 3], [2, 3]]), np.array([5.0, 5.0, 4.0, 1.0]))
    above, ways = np.array([-1, 0, 0, 1]), np.array([0.0, 5.0, 5.0, 9.0])
    limits = np.array([np.inf, np.inf, 5.0, 20.0])
    assert rehung(network, above, ways, limits, 5).tolist() == [-1, -1, 0, 2]


@pytest.mark.parametrize("seed", range(6))
def test_no_single_move_is_left(seed):
    """When the rounds end nothing more can be saved: every edge is tried for every branch (a twin)."""
    network, terminals, found = made(seed, rounds=50)
    if not found.moved:
        return
    limit_m = np.full(network.nodes, np.inf)
    limit_m[terminals] = BOUND.limit_m(dijkstra(network.matrix, indices=ROOT)[terminals])
    nodes = np.flatnonzero(found.above >= 0)
    chains = {int(node): chain(found.above, node) for node in [*nodes, ROOT]}
    for one, other, new_m in zip(*network.ends.T.tolist(), network.length_m, strict=True):
        for top, onto in ((one, other), (other, one)):
            if found.above[top] < 0 or onto not in chains or top in chains[onto]:
                continue
            branch = [node for node in chains if top in chains[node]]
            longer_m = found.way_m[onto] + new_m - found.way_m[top]
            saves = new_m < found.way_m[top] - found.way_m[found.above[top]]
            assert not saves or (found.way_m[branch] + longer_m > limit_m[branch]).any()


def chain(above, node):
    """Return a node and all nodes above it."""
    seen = {int(node)}
    while above[node] >= 0:
        node = int(above[node])
        seen.add(node)
    return seen
