"""Settlements of many zones at once, against each zone alone and against other trees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from sim.access.settlements import PATTERNS, PatternOptions, settlements_of, zone_homes
from tests.access.towns import PATTERN, land

AREA = land(60)
ROWS = np.arange(60)
COPPER = ROWS % 2 == 0
EVERY = settlements_of(AREA, ROWS, PATTERN, COPPER)


def test_homes_sum_to_those_of_the_zones():
    assert np.array_equal(np.bincount(EVERY.zone, EVERY.homes), zone_homes(AREA))
    assert np.array_equal(zone_homes(AREA), AREA.zones["homes_2020"])


def test_a_zone_is_the_same_whichever_others_are_asked_for():
    rows = np.array([41, 5, 20])
    some = settlements_of(AREA, rows, PATTERN, COPPER)
    for number, row in enumerate(rows):
        mine, its = slice(*some.first[number : number + 2]), slice(*EVERY.first[row : row + 2])
        for name in ("homes", "where_m", "pattern", "plot_m2", "track_m", "poles"):
            assert np.array_equal(getattr(some, name)[mine], getattr(EVERY, name)[its]), name
        parent, other = some.parent[mine], EVERY.parent[its]
        assert np.array_equal(parent[1:] - some.first[number], other[1:] - EVERY.first[row])
        assert parent[0] == other[0] == -1


def test_tracks_are_a_shortest_tree_of_each_village():
    for row in np.flatnonzero(AREA.zones["kind"] == "village"):
        mine = slice(*EVERY.first[row : row + 2])
        shortest = minimum_spanning_tree(cdist(EVERY.where_m[mine], EVERY.where_m[mine])).sum()
        assert EVERY.track_m[mine].sum() == pytest.approx(PATTERN.track_sinuosity * shortest)
    assert not EVERY.track_m[(AREA.zones["kind"] != "village").to_numpy()[EVERY.zone]].any()


def test_poles_stand_from_the_committee_on_until_copper_has_its_homes():
    village = (AREA.zones["kind"] == "village").to_numpy()
    assert not EVERY.poles[~(COPPER & village)[EVERY.zone]].any()
    for row in np.flatnonzero(village & COPPER):
        mine = np.arange(*EVERY.first[row : row + 2])
        reached = mine[EVERY.poles[mine]]
        assert EVERY.poles[EVERY.parent[reached[EVERY.parent[reached] >= 0]]].all()
        homes = EVERY.homes[reached].sum()
        assert homes >= PATTERN.copper_homes * zone_homes(AREA)[row]
        assert homes - EVERY.homes[reached].max() < PATTERN.copper_homes * zone_homes(AREA)[row]


def test_street_patterns_follow_their_shares():
    many = land(900, seed=8)
    rough = many.zones["roughness_m"].to_numpy()
    there = settlements_of(many, np.arange(900), PATTERN, np.zeros(900, dtype=bool))
    village = (many.zones["kind"] == "village").to_numpy()[there.zone]
    assert set(there.pattern[~village]) == {PATTERNS.index("blocks")}
    of_village = there.pattern[village]
    assert (of_village == 0).mean() == pytest.approx(PATTERN.ribbon_share, abs=0.02)
    hills = of_village[rough[there.zone[village]] >= PATTERN.hills_roughness]
    assert (hills == 2).mean() == pytest.approx(PATTERN.scattered_share_hills, abs=0.03)


def test_plots_shrink_where_there_is_little_land():
    tight = replace(AREA, zones=AREA.zones.assign(area_km2=0.01))
    there = settlements_of(tight, ROWS, PATTERN, COPPER)
    village = np.flatnonzero(AREA.zones["kind"] == "village")
    settled = np.bincount(there.zone, there.homes * there.plot_m2)
    assert settled[village] == pytest.approx(10_000.0 * PATTERN.most_settled)
    wide = settlements_of(AREA, ROWS, PATTERN, COPPER)
    assert set(np.round(wide.plot_m2[wide.pattern < 2], 6)) == {600.0}


def test_a_zone_without_points_has_one_settlement_at_its_middle():
    bare = replace(AREA, points=AREA.points[AREA.points["zone"] != 2].reset_index(drop=True))
    there = settlements_of(bare, np.array([1, 2]), PATTERN, COPPER)
    assert there.homes[there.zone == 1].tolist() == [AREA.zones["homes_2020"][2]]
    assert there.where_m[there.zone == 1].tolist() == [AREA.zones.loc[2, ["x_m", "y_m"]].tolist()]


def test_shares_beyond_all_settlements_are_refused():
    with pytest.raises(ValueError, match="more than all settlements"):
        PatternOptions(**(PATTERN.model_dump() | {"ribbon_share": 0.7}))
