"""Streets that are wrong are refused with every mistake; those that can be mended are, and it is listed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.access.joining import joints
from sim.access.streets import check, grounded
from sim.access.tile import Streets, Tile
from sim.errors import DataError


def tile(node_m, edges, building_m, length_m=None, entry_m=(0.0, 0.0), homes=None):
    nodes, ends = np.array(node_m, dtype=float).reshape(-1, 2), np.array(edges, dtype=np.int64).reshape(-1, 2)
    if length_m is None:
        length_m = np.hypot(*(nodes[ends[:, 0]] - nodes[ends[:, 1]]).T)
    bare = np.zeros(len(ends), dtype=bool)
    places = np.array(building_m, dtype=float).reshape(-1, 2)
    count = np.ones(len(places), dtype=np.int64) if homes is None else np.array(homes)
    return Tile(
        "tile",
        places,
        count,
        np.ones(len(places), dtype=np.int64),
        Streets(nodes, ends, np.array(length_m, dtype=float), bare, bare),
        np.array(entry_m, dtype=float),
    )


def ground(given, apart=None, limit_m=50.0):
    return grounded(given, np.zeros(len(given.homes), dtype=bool) if apart is None else apart, limit_m)


def whats(found):
    return {repair.what: (repair.count, repair.added_m) for repair in found.repairs}


STREET = ([[0, 0], [100, 0]], [[0, 1]])


def test_buildings_are_led_in_to_the_nearest_point_of_a_street():
    found = ground(tile(*STREET, [[30, 5], [30, -7], [80, 10], [100, 3]]))
    assert found.lead_m == pytest.approx([5, 7, 10, 3])
    assert found.node[0] == found.node[1]
    assert found.streets.node_m[found.node] == pytest.approx(np.array([[30, 0], [30, 0], [80, 0], [100, 0]]))
    assert found.node[3] == 1
    assert found.streets.length_m.sum() == pytest.approx(100)
    assert not found.repairs


def test_cut_streets_keep_their_length_and_plant():
    """A street longer than its straight line is cut in proportion."""
    given = tile(*STREET, [[25, 1], [75, 1]], length_m=[140.0])
    duct = replace(given.streets, duct=np.array([True]))
    found = ground(replace(given, streets=duct))
    assert sorted(found.streets.length_m) == pytest.approx([35, 35, 70])
    assert found.streets.duct.all()


def test_far_and_large_buildings_get_a_node_of_their_own():
    given = tile(*STREET, [[50, 60], [20, 8], [20, 8]])
    found = ground(given, apart=np.array([False, True, True]))
    assert found.lead_m.tolist() == [0, 0, 0]
    assert found.node[1] == found.node[2]  # on the same spot, one way in
    assert found.streets.length_m.sum() == pytest.approx(100 + 60 + 8)
    assert whats(found) == {"buildings on no street": (1, 60.0)}


def test_entry_outside_is_led_in_and_listed():
    found = ground(tile(*STREET, [[50, 5]], entry_m=(-300.0, 400.0)))
    assert whats(found) == {"entry away from the streets": (1, 500.0)}
    assert found.streets.node_m[found.entry].tolist() == [-300, 400]


def test_separate_pieces_with_buildings_are_joined_at_their_nearest_nodes():
    given = tile(
        [[0, 0], [100, 0], [160, 0], [260, 0], [900, 900], [950, 900]],
        [[0, 1], [2, 3], [4, 5]],
        [[50, 5], [200, 5]],
    )
    found = ground(given)
    assert whats(found) == {"streets of separate pieces joined": (1, 60.0)}  # no building needs the third


def test_mended_streets_are_listed():
    nodes = [[0, 0], [0, 0], [100, 0]]
    edges = [[0, 1], [0, 2], [1, 2], [2, 2], [2, 0]]
    found = ground(tile(nodes, edges, [[50, 5]], length_m=[0, 100, 120, 30, 100]))
    assert whats(found) == {
        "edges of no length contracted": (1, 0.0),
        "edges that end where they start left out": (1, 0.0),
        "double edges left out": (2, 0.0),
    }
    assert found.streets.length_m.sum() == pytest.approx(100)


def test_plant_of_doubles_of_one_length_serves():
    given = tile([[0, 0], [100, 0]], [[0, 1], [1, 0]], [[50, 5]])
    plant = replace(given.streets, duct=np.array([False, True]), poles=np.array([True, False]))
    found = ground(replace(given, streets=plant))
    assert found.streets.duct.all()
    assert found.streets.poles.all()


def test_no_streets_at_all():
    found = ground(tile([], [], [[0, 30], [40, 30], [40, 0]]))
    assert whats(found) == {"no streets: buildings joined by straight lines": (3, pytest.approx(100.0))}
    assert found.lead_m.tolist() == [0, 0, 0]


def test_one_building_at_the_entry_without_streets():
    found = ground(tile([], [], [[0, 0]]))
    assert found.node.tolist() == [found.entry]
    assert not found.repairs


def test_buildings_without_homes_need_nothing():
    found = ground(tile(*STREET, [[50, 5000], [50, 5]], homes=[0, 1]))
    assert not found.repairs


def test_every_mistake_is_named_at_once():
    given = tile(
        [[0, 0], [100, np.nan]],
        [[0, 1], [0, 7]],
        [[np.nan, 5], [1, 1]],
        length_m=[-5.0, np.nan],
        homes=[1, -2],
    )
    given = replace(given, floors=np.array([0, 1]), entry_m=np.array([np.inf, 0.0]))
    with pytest.raises(DataError) as caught:
        check(given)
    keys = [problem.key for problem in caught.value.problems]
    assert keys == [
        "building_m",
        "streets.node_m",
        "entry_m",
        "homes",
        "floors",
        "streets.edges",
        "streets.length_m",
    ]
    assert "row 1" in str(caught.value.problems[3])


def test_rows_that_do_not_match_are_named():
    given = tile(*STREET, [[1, 1]], homes=[1, 1])
    with pytest.raises(DataError, match="has 2 rows, 1 are needed"):
        check(given)


@pytest.mark.parametrize("seed", range(5))
def test_joints_are_the_shortest_tree_between_pieces(seed):
    """Pieces of one node each: the spanning tree of all points, of any other choice no shorter."""
    from sim.access.tree import spanning_connection

    points = np.random.default_rng(seed).uniform(0, 1000, (60, 2))
    found = joints(points, np.arange(60))
    length = np.hypot(*(points[found[:, 0]] - points[found[:, 1]]).T).sum()
    assert length == pytest.approx(spanning_connection(points[1:], points[:1]).length_m)


def test_joints_look_past_a_large_piece():
    """Nodes whose neighbours are all of their own piece ask farther."""
    points = np.concatenate([np.random.default_rng(0).uniform(0, 10, (100, 2)), [[500.0, 5.0]]])
    found = joints(points, np.array([0] * 100 + [1]))
    assert found.shape == (1, 2)
    nearest = np.hypot(*(points[:100] - points[100]).T).argmin()
    assert sorted(found[0].tolist()) == [nearest, 100]
