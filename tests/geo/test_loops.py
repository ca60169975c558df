"""Copper by its length: the table, what lies between, and the loops of zones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.geo.loops import CopperOptions, copper_lines, loops_m, medians_by_zone
from sim.geo.points import on_road
from tests.world import world


@pytest.fixture
def copper():
    return world().loaded.scenario.standing.copper


def test_the_table_holds_at_whole_kilometres(copper):
    """24 Mbit/s at the exchange, 18 at 2 km, 8 at 3 km, 4 at 4 km, of which full cables bear 45 %."""
    rate = copper.rate_mbps(np.array([0.0, 2000.0, 3000.0, 4000.0, 6000.0, 6001.0]))
    assert rate / 0.45 == pytest.approx([24, 18, 8, 4, 0.5, 0])
    assert copper.rate_mbps(np.array([2500.0]))[0] == pytest.approx(0.45 * 13)


def test_at_two_kilometres_a_line_bears_what_is_said_of_one(copper):
    """The row of ADSL2+ at 2 km: 8 Mbit/s, of 4 to 16."""
    lookup = world().loaded.lookup
    assert copper.rate_mbps(np.array([2000.0]))[0] == pytest.approx(
        lookup.value("adsl2plus_rate_2km", "Mbps"), abs=0.2
    )


@given(st.lists(st.floats(0, 8000), min_size=2, max_size=40))
def test_a_longer_loop_is_never_faster(lengths):
    rate = world().loaded.scenario.standing.copper.rate_mbps(np.sort(np.array(lengths)))
    assert (np.diff(rate) <= 0).all()
    assert (rate >= 0).all()


def test_a_table_that_rises_is_refused(copper):
    with pytest.raises(ValidationError, match="rate_3km is above rate_2km"):
        CopperOptions.model_validate(copper.model_dump() | {"rate_3km": 19.0})


def test_towns_hang_on_the_exchange_and_villages_on_a_unit_at_the_committee(copper):
    area = world().area
    loop, points, zones = loops_m(area, copper), area.points, area.zones
    assert np.isinf(loop[on_road(points)]).all()
    for row in np.flatnonzero(~on_road(points))[::7]:
        zone = zones.iloc[int(points["zone"].iloc[row])]
        x, y = points[["x_m", "y_m"]].iloc[row]
        pop = area.places.iloc[int(zone["pop_place"])]
        far = np.hypot(x - pop["x_m"], y - pop["y_m"])
        near = np.hypot(x - zone["x_m"], y - zone["y_m"])
        village = zone["kind"] == "village"
        expected = 1.4 * min(far, near) if village else min(1.4 * far, 1000.0 * copper.longest_urban_loop)
        assert loop[row] == pytest.approx(expected)


def test_medians_count_homes_not_points():
    zone = np.array([0, 0, 0, 1, 1], dtype=np.int32)
    rate = np.array([1.0, 5.0, 9.0, 2.0, 4.0])
    homes = np.array([10.0, 10.0, 21.0, 5.0, 5.0])
    assert medians_by_zone(zone, rate, homes, 3).tolist() == [9.0, 2.0, 0.0]


def test_medians_agree_with_homes_written_out_one_by_one():
    draw = np.random.default_rng(3)
    zone = draw.integers(0, 20, 200).astype(np.int32)
    rate, homes = draw.uniform(0, 10, 200), draw.integers(0, 30, 200)
    found = medians_by_zone(zone, rate, homes.astype(float), 20)
    for row in range(20):
        every = np.sort(np.repeat(rate[zone == row], homes[zone == row]))
        assert found[row] == every[(len(every) - 1) // 2]


def test_longer_ways_leave_fewer_homes_in_reach_and_no_faster_lines(copper):
    area = world().area
    rate, within = copper_lines(area, copper)
    longer = copper.model_copy(update={"route_factor": 4.0})
    slower, fewer = copper_lines(area, longer)
    assert ((within >= 0) & (within <= 1)).all()
    assert (fewer <= within).all()
    assert fewer.sum() < within.sum()
    assert (slower[fewer == within] <= rate[fewer == within]).all()
