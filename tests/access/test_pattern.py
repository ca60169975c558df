"""Modelled homes and streets: every home once, one piece of street graph, lengths as drawn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sim.access.blocks import homes_in_building, streets_each_way
from sim.access.lanes import compact, compact_lanes, joined, neighbours, ribbon, scattered, wandering
from sim.access.pattern import tile_of
from sim.access.settlements import settlements_of, zone_homes
from tests.access.towns import PATTERN, land

AREA = land(30)
COPPER = np.ones(30, dtype=bool)
TILES = [tile_of(AREA, row, PATTERN, COPPER) for row in range(30)]
VILLAGES = np.flatnonzero(AREA.zones["kind"] == "village")
CITIES = np.flatnonzero(AREA.zones["kind"] == "city")
TOWNS = np.flatnonzero(AREA.zones["kind"] == "town")


@pytest.mark.parametrize("row", range(30))
def test_every_home_stands_once_on_one_piece_of_streets(row):
    tile, streets = TILES[row], TILES[row].streets
    assert tile.name == AREA.zones["zone_id"][row]
    assert tile.home_count == zone_homes(AREA)[row]
    assert len(tile.building_m) == len(tile.homes) == len(tile.floors)
    assert tile.homes.min() >= 1
    assert tile.floors.min() >= 1
    count = len(streets.node_m)
    graph = coo_array((np.ones(len(streets.edges)), streets.edges.T), shape=(count, count))
    assert connected_components(graph, directed=False)[0] == 1
    straight = np.hypot(*(streets.node_m[streets.edges[:, 0]] - streets.node_m[streets.edges[:, 1]]).T)
    assert (streets.length_m >= straight - 1e-6).all()
    middle = AREA.zones[["x_m", "y_m"]].to_numpy()[row]
    assert np.abs(tile.entry_m - middle).max() <= (PATTERN.block_city / 2 + 20 if tile.built_up else 0.0)
    assert (streets.node_m == tile.entry_m).all(axis=1).any()
    assert tile.upstream_m == AREA.zones["pop_route_m"][row]
    assert tile.built_up == (AREA.zones["kind"][row] != "village")


def test_a_tile_does_not_depend_on_other_zones():
    other = land(30)
    other.zones.loc[1:, "roughness_m"] = 5.0
    same = tile_of(other, 0, PATTERN, COPPER)
    assert np.array_equal(same.building_m, TILES[0].building_m)
    assert np.array_equal(same.streets.length_m, TILES[0].streets.length_m)
    fresh = tile_of(AREA, 0, PATTERN.model_copy(update={"seed": 2}), COPPER)
    assert not np.array_equal(fresh.streets.duct, TILES[0].streets.duct) or not np.array_equal(
        fresh.building_m, TILES[0].building_m
    )


def test_a_village_is_its_settlements_and_tracks():
    for row in VILLAGES:
        there = settlements_of(AREA, np.array([row]), PATTERN, COPPER)
        tile = TILES[row]
        assert tile.homes.tolist() == [1] * tile.home_count
        assert not tile.streets.duct.any()
        starts = np.cumsum(there.homes) - there.homes
        for number, (start, homes) in enumerate(zip(starts, there.homes, strict=True)):
            own = tile.building_m[start : start + homes]
            away = np.hypot(*(own - there.where_m[number]).T)
            assert away.max(initial=0.0) < 3.0 * np.sqrt(homes * there.plot_m2[number]) + 60.0
        assert tile.streets.length_m.sum() > there.track_m.sum()


def test_poles_stand_in_villages_with_copper_only():
    for row in VILLAGES:
        poles = TILES[row].streets.poles
        assert poles.any()
        assert not poles.all()
        assert not tile_of(AREA, row, PATTERN, ~COPPER).streets.poles.any()


@pytest.mark.parametrize(("rows", "block_m", "share"), [(CITIES, 150, 0.7), (TOWNS, 120, 0.5)])
def test_a_town_is_a_square_of_streets(rows, block_m, share):
    ducted = total = 0.0
    for row in rows:
        streets, land_m2 = TILES[row].streets, AREA.zones["area_km2"][row] * 1e6
        count = streets_each_way(np.array([land_m2]), np.array([block_m]))[0]
        assert streets.length_m.sum() == pytest.approx(2 * count * np.sqrt(land_m2))
        assert not streets.poles.any()
        ducted += streets.length_m[streets.duct].sum()
        total += streets.length_m.sum()
        middle = AREA.zones[["x_m", "y_m"]].to_numpy()[row]
        assert np.abs(TILES[row].building_m - middle).max() <= np.sqrt(land_m2) / 2 + 3 * PATTERN.setback
    assert ducted / total == pytest.approx(share, abs=0.12)


def test_buildings_of_a_city_are_blocks_and_towers():
    assert homes_in_building(PATTERN, city=True) == (36, 108)
    assert homes_in_building(PATTERN, city=False) == (16, 16)
    floors = np.concatenate([TILES[row].floors for row in CITIES])
    homes = np.concatenate([TILES[row].homes for row in CITIES])
    assert set(floors) == {6, 18}
    assert (floors == 18).mean() == pytest.approx(PATTERN.tower_share, abs=0.06)
    assert homes[floors == 6].max() <= 36
    assert homes.max() <= 108
    assert {floor for row in TOWNS for floor in TILES[row].floors.tolist()} == {4}


def test_lanes_are_as_long_as_the_plots_on_them():
    draw = np.random.default_rng(1)
    patch = ribbon(60, 625.0, draw, 60)
    assert _length(patch) == pytest.approx(30 * 25.0)
    square = compact(100, 625.0, draw)
    lanes = compact_lanes(np.array([100]))[0]
    assert lanes == 5
    assert _length(square) == pytest.approx(50 * 25.0 + (lanes - 1) * 50.0)
    across = np.ptp(square.building_m, axis=0)
    assert across == pytest.approx([250.0, 250.0], rel=0.15)


def test_farmsteads_keep_their_distance():
    patch = scattered(200, 2500.0, np.random.default_rng(1))
    assert len(patch.building_m) == len(patch.node_m) == 200
    radius = np.hypot(*patch.node_m.T).max()
    assert radius == pytest.approx(np.sqrt(200 * 2500.0 / np.pi), rel=0.1)
    assert 0.6 * 50.0 < _length(patch) / 200 < 1.2 * 50.0


@pytest.mark.parametrize("homes", [1, 2, 3, 4, 7])
def test_the_smallest_settlements(homes):
    for draw in (compact, scattered, lambda h, p, g: ribbon(h, p, g, 60)):
        patch = draw(homes, 600.0, np.random.default_rng(0))
        assert len(patch.building_m) == homes
        assert patch.edges.size == 0 or patch.edges.max() < len(patch.node_m)


def test_a_turned_patch_stands_where_it_is_wanted():
    patch = compact(30, 600.0, np.random.default_rng(0))
    there = patch.turned(np.pi / 2, np.array([1000.0, 2000.0]))
    assert there.node_m[0].tolist() == [1000.0, 2000.0]
    assert _length(there) == pytest.approx(_length(patch))
    east = patch.node_m[1] - patch.node_m[0]
    north = there.node_m[1] - there.node_m[0]
    assert north == pytest.approx([-east[1], east[0]])


@pytest.mark.parametrize("phase", [0.1, 0.4, 0.6, 0.9])
def test_a_track_swings_about_as_much_as_it_is_longer(phase):
    start, end = np.array([0.0, 0.0]), np.array([3000.0, 4000.0])
    points = np.vstack([start, wandering(start, end, 1.32, 50.0, phase), end])
    drawn = np.hypot(*np.diff(points, axis=0).T).sum() / 5000.0
    assert 1.15 < drawn <= 1.32
    assert len(wandering(start, end * 0.001, 1.32, 50.0, phase)) == 0


def test_neighbours_hold_a_tree_even_of_points_on_a_line():
    line = np.column_stack([np.arange(6.0), np.zeros(6)])
    assert neighbours(line).tolist() == [[n, n + 1] for n in range(5)]
    assert len(joined(line, 0.5)) == 5
    assert len(neighbours(np.zeros((1, 2)))) == 0
    some = np.random.default_rng(2).uniform(size=(40, 2))
    assert len(joined(some, 0.0)) == 39
    assert len(joined(some, 0.2)) == 39 + 8


def _length(patch):
    return np.hypot(*(patch.node_m[patch.edges[:, 0]] - patch.node_m[patch.edges[:, 1]]).T).sum()
