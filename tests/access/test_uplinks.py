"""How links are dimensioned, and which access requires which of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.access.nodes import nodes_of
from sim.access.uplinks import (
    MOST_STEPS,
    UPLINK,
    UplinkOptions,
    busy_load_mbps,
    ladder,
    standing_rings_mbps,
    standing_uplinks_mbps,
    step_ids,
    uplink_ladder,
    uplink_projects,
)
from tests.world import busy, world

OPTIONS = {
    "rural_uplink": 1.0,
    "urban_uplink": 10.0,
    "homes_per_uplink": 20_000.0,
    "county_ring": 20.0,
    "homes_per_ring": 100_000.0,
    "small_rate": 1.0,
    "medium_rate": 10.0,
    "large_rate": 100.0,
    "most_links": 2,
    "usable_load": 0.5,
    "ahead": 6.0,
    "lasts": 12.0,
}


def options(**changes):
    return UplinkOptions(**(OPTIONS | changes))


def horizon():
    return world().loaded.scenario.clock


# ---- sizes


def smallest(need, rates, most):
    """Return the rate and the number of interfaces by trying them one after the other."""
    for rate in rates:
        count = 1
        while count * rate < need * (1 - 1e-12):
            count += 1
            if count > most and rate != rates[-1]:
                break
        if count <= most or rate == rates[-1]:
            return rate, count
    raise AssertionError


@given(st.floats(0.001, 2_000_000.0), st.integers(1, 5))
def test_the_smallest_interface_that_bears_the_need_is_taken(need, most):
    chosen = options(most_links=most)
    row, count = chosen.sized(np.array([need]))
    rate = chosen.rates_mbps[row[0]]
    assert rate * count[0] >= need * (1 - 1e-6)
    assert (rate, count[0]) == smallest(need, chosen.rates_mbps.tolist(), most)


def test_beyond_the_largest_interface_several_work_in_parallel():
    row, count = options().sized(np.array([1_000.0, 2_500.0, 20_001.0, 730_000.0]))
    assert row.tolist() == [0, 1, 2, 2]
    assert count.tolist() == [1, 1, 1, 8]


def test_interfaces_must_ascend():
    with pytest.raises(ValidationError, match="must ascend"):
        options(medium_rate=0.5)


# ---- steps


def by_hand(need, standing, ahead, lasts, chosen):
    """Return the steps of one link by walking through the months."""
    found, has = [], standing
    months = len(need)
    for number in range(1, MOST_STEPS + 1):
        over = [m for m in range(months) if need[m] > has * (1 + 1e-9)]
        if not over:
            break
        first = over[0]
        end = months if number == MOST_STEPS else min(first + lasts + 1, months)
        rate, count = smallest(max(need[first:end]), chosen.rates_mbps.tolist(), chosen.most_links)
        found.append((number, max(first - ahead, 0), has, rate * count))
        has = rate * count
    return found


@settings(max_examples=60)
@given(
    st.lists(st.floats(0.0, 400_000.0), min_size=1, max_size=60),
    st.floats(100.0, 50_000.0),
    st.integers(0, 20),
    st.integers(0, 20),
)
def test_steps_are_those_of_walking_through_the_months(need, standing, ahead, lasts):
    chosen = options(ahead=ahead, lasts=lasts)
    steps = ladder(np.array(need)[:, None], np.array([standing]), chosen)
    found = np.column_stack((steps.step, steps.month, steps.had_mbps, steps.has_mbps))
    wanted = np.array(by_hand(need, standing, ahead, lasts, chosen)).reshape(-1, 4)
    assert found == pytest.approx(wanted)


def test_every_need_is_met_by_the_steps_funded_before_it():
    rng = np.random.default_rng(3)
    need = np.cumsum(rng.exponential(300.0, (48, 30)), axis=0)
    steps = ladder(need, np.full(30, 1_000.0), options())
    capacity = np.full((48, 30), 1_000.0)
    for link, month, has in zip(steps.link, steps.month, steps.has_mbps, strict=True):
        capacity[month:, link] = np.maximum(capacity[month:, link], has)
    assert (capacity >= need * (1 - 1e-9)).all()
    assert (np.diff(steps.link) >= 0).all()
    assert (steps.has_mbps > steps.had_mbps).all()


def test_without_growth_there_is_nothing_to_build():
    assert len(ladder(np.full((48, 3), 900.0), np.full(3, 1_000.0), options()).link) == 0
    assert len(ladder(np.zeros((0, 0)), np.zeros(0), options()).link) == 0


def test_fifty_years_of_growth_end_with_a_step_that_suffices():
    need = (1.66 ** (np.arange(600) / 12.0))[:, None] * 500.0
    steps = ladder(need, np.array([1_000.0]), options(lasts=6.0))
    assert len(steps.link) == MOST_STEPS
    assert steps.has_mbps[-1] >= need.max()


def test_what_comes_in_any_size_is_sized_exactly():
    need = np.linspace(100.0, 200.0, 25)[:, None]
    steps = ladder(need, np.array([150.0]), options(ahead=0.0), exact_for=6.0)
    assert steps.has_mbps.tolist() == pytest.approx([need[19, 0], need[24, 0]])
    assert steps.month.tolist() == [13, 20]


def test_the_first_step_bears_the_bare_name():
    ids = step_ids(UPLINK, np.array(["pop:a", "pop:a"], dtype=object), np.array([1, 2]))
    assert ids.tolist() == ["transport:up.pop:a", "transport:up.pop:a.2"]


# ---- loads


def test_the_load_is_that_of_everybody_who_wants_a_line_or_mobile_broadband():
    area, demand, clock = world().area, world().prepared.demand, horizon()
    nodes = nodes_of(area)
    load = busy_load_mbps(area, demand, clock, nodes.of_zone, len(nodes.place))
    month = clock.months // 2
    homes, people = area.homes(clock)[month], area.population(clock)[month]
    kind = demand.zone_kind
    by_zone = homes * demand.fixed_lines[month][kind] * demand.fixed_busy_mbps[month]
    by_zone = by_zone + people * demand.mobile_willing[month][kind] * demand.mobile_busy_mbps[month]
    wanted = np.bincount(nodes.of_zone, by_zone, len(nodes.place))
    assert load.shape == (clock.months, len(nodes.place))
    assert load[month] == pytest.approx(wanted, rel=0.01), "homes by month are whole numbers there"


def test_zones_without_a_point_of_presence_load_none():
    area = world().area
    zones = area.zones.assign(pop_place=-1)
    bare = replace(area, zones=zones)
    nodes = nodes_of(bare)
    assert len(nodes.place) == 0
    assert busy_load_mbps(bare, world().prepared.demand, horizon(), nodes.of_zone, 0).shape[1] == 0
    assert (uplink_projects(bare, busy(1e4), options(), horizon()) == "").all()


def test_what_stands_grows_with_the_homes_behind_it():
    area = world().area
    nodes = nodes_of(area)
    chosen = options(homes_per_uplink=100.0, homes_per_ring=1_000.0)
    homes = np.bincount(nodes.of_zone, area.zones["homes_2010"], len(nodes.place))
    rate = np.where(nodes.urban, 10_000.0, 1_000.0)
    assert standing_uplinks_mbps(area, nodes, chosen).tolist() == (rate * np.ceil(homes / 100.0)).tolist()
    of_county = np.bincount(nodes.county_of_zone, area.zones["homes_2010"], len(nodes.seat))
    rings = standing_rings_mbps(area, nodes, chosen)
    assert rings.tolist() == (20_000.0 * np.ceil(of_county / 1_000.0)).tolist()
    assert standing_rings_mbps(area, nodes, options()).tolist() == [20_000.0] * len(nodes.seat)


# ---- what access requires


@pytest.mark.parametrize("factor", [0.0, 1.0, 30.0, 1_000.0])
def test_access_requires_the_uplink_that_is_outgrown_soon(factor):
    area, clock, chosen = world().area, horizon(), options()
    nodes = nodes_of(area)
    required = uplink_projects(area, busy(factor), chosen, clock)
    load = busy_load_mbps(area, busy(factor), clock, nodes.of_zone, len(nodes.place))
    full = (load / chosen.usable_load > standing_uplinks_mbps(area, nodes, chosen))[: int(chosen.ahead) + 1]
    place = area.places["place_id"].to_numpy()[nodes.place]
    for zone, project in enumerate(required):
        node = nodes.of_zone[zone]
        assert project == (f"transport:up.{place[node]}" if full[:, node].any() else "")
    if factor in (0.0, 1_000.0):
        assert (required != "").all() == bool(factor)


def test_what_is_required_is_what_transport_proposes_from_the_start():
    area, demand, clock = world().area, busy(100.0), horizon()
    transport = world().technologies["transport"]
    required = uplink_projects(area, demand, transport, clock)
    candidates = transport.propose(area, demand, world().plant, clock).candidates
    now = candidates[candidates["available_month"] <= 0]
    assert set(required) - {""}
    assert set(required) - {""} <= set(now["project_id"])
    steps = uplink_ladder(area, demand, transport, clock, nodes_of(area))
    assert (candidates["build"] == UPLINK).sum() == len(steps.link)
