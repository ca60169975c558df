"""The nodes behind access: where they stand, and which of them are most urban."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.access.nodes import most_urban, nodes_of
from tests.world import world


def test_every_zone_hangs_on_its_point_of_presence_and_that_on_its_county():
    area = world().area
    nodes = nodes_of(area)
    zones, places = area.zones, area.places
    assert (nodes.place[nodes.of_zone] == zones["pop_place"].to_numpy()).all()
    assert (places["kind"].to_numpy()[nodes.place] == "pop").all()
    assert (area.county_rows[nodes.zone] == nodes.county).all()
    assert (nodes.county[nodes.of_zone] == nodes.county_of_zone).all(), "zones hang inside their county"
    assert (nodes.urban == area.urban[nodes.zone]).all()


def test_a_county_has_its_node_in_its_largest_urban_zone_and_the_province_in_the_largest_of_all():
    area = world().area
    nodes = nodes_of(area)
    people = area.zones["population_2010"].to_numpy()
    for county, seat in enumerate(nodes.seat):
        mine = np.flatnonzero(nodes.county_of_zone == county)
        urban = mine[area.urban[mine]]
        assert seat in mine
        assert people[seat] == people[urban if len(urban) else mine].max()
    assert people[nodes.core] == people[area.urban].max()


def test_distances_are_straight_lines():
    area = world().area
    nodes = nodes_of(area)
    at = area.zones[["x_m", "y_m"]].to_numpy()
    core = at[nodes.seat] - at[nodes.core]
    assert nodes.ring_m == pytest.approx(np.hypot(core[:, 0], core[:, 1]))
    for county, seat in enumerate(nodes.seat):
        others = [np.hypot(*(at[seat] - at[other])) for k, other in enumerate(nodes.seat) if k != county]
        assert nodes.spur_m[county] == pytest.approx(min(others))


def test_a_single_zone_and_an_area_without_points_of_presence_are_areas_too():
    area = world().area
    one = replace(area, zones=area.zones.iloc[:1])
    nodes = nodes_of(one)
    assert nodes.core == 0
    assert (nodes.seat >= 0).sum() == 1
    assert (nodes.spur_m == 0).all()
    bare = nodes_of(replace(area, zones=area.zones.assign(pop_place=-1)))
    assert len(bare.place) == 0
    assert (bare.of_zone == -1).all()
    assert (bare.seat >= 0).all()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 1.0])
def test_the_most_urban_counties_hold_no_more_than_the_share(share):
    area = world().area
    nodes = nodes_of(area)
    count = np.bincount(nodes.county, minlength=len(nodes.seat))
    chosen = most_urban(area, nodes, count, share)
    assert count[chosen].sum() <= share * count.sum() + 1e-9
    people = np.where(area.urban, area.zones["population_2010"], 0)
    urban = np.bincount(nodes.county_of_zone, people, len(nodes.seat))
    if chosen.any() and not chosen.all():
        assert urban[chosen].min() >= urban[~chosen].max()
    assert chosen.all() == (share == 1.0)
