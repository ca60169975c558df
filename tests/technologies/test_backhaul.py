from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.access.routes import plan_routes
from sim.planning.projects import join
from sim.technologies.backhaul import Rule, along_routes, backhaul
from sim.technologies.base import Plant
from tests.access.small_area import OPTIONS, area
from tests.world import world

RULE = Rule(limit_m=3000.0, yuan_per_m=10.0, hop_m=20_000.0, yuan_per_hop=200_000.0, hop_mbps=400.0)


def chain(*locations):
    """Return three zones in a line before a point of presence, and sites as (zone, x, y)."""
    given = area([(0, 0), (10_000, 0), (50_000, 0)], [(2, 51_000, 0)])
    given.locations = pd.DataFrame(locations, columns=["zone", "x_m", "y_m"])
    return given


def routes_of(given, standing=()):
    zones = np.arange(len(given.zones))
    return plan_routes(given, OPTIONS, np.isin(zones, standing), np.full(len(zones), 2))


def test_fibre_within_the_limit_of_standing_cable_and_microwave_beyond():
    given = chain((2, 50_000, 100), (1, 10_000, 0), (0, 0, 0))
    found = backhaul(given, routes_of(given), RULE)
    assert found.fibre.tolist() == [True, False, False]
    # 100 m of its own at 1.4; 41 and 51 km in a straight line are three hops of 20 km
    assert found.own_yuan == pytest.approx([1400.0, 600_000.0, 600_000.0])
    assert found.most_mbps.tolist() == [np.inf, 400.0, 400.0]
    assert found.shared_yuan[1:].tolist() == [0.0, 0.0]


def test_standing_cable_brings_fibre_near():
    given = chain((2, 50_000, 100), (1, 10_000, 0), (0, 0, 0))
    found = backhaul(given, routes_of(given, standing=[1]), RULE)
    assert found.fibre.tolist() == [True, True, False]
    assert found.shared_yuan.tolist() == [0.0, 0.0, 0.0]
    given = chain((1, 10_000, 2200))  # 3,080 m of its own
    assert not backhaul(given, routes_of(given, standing=[1]), RULE).fibre.any()


def test_a_hop_at_least_even_beside_the_point_of_presence():
    given = chain((2, 51_000, 0))
    nothing = replace(RULE, limit_m=1.0)
    assert backhaul(given, routes_of(given), nothing).own_yuan.tolist() == [200_000.0]


def test_sites_need_the_segments_of_their_zone():
    given = chain((0, 0, 0))
    routes = routes_of(given, standing=[2])
    assets, needed = along_routes(routes, np.array(["lte:a", "lte:b"]), np.array([1, 0], dtype=np.int32))
    assert sorted(assets["asset_id"]) == ["route:530101.0000", "route:530101.0001"]
    assert needed.to_numpy().tolist() == [
        ["lte:a", "route:530101.0001"],
        ["lte:b", "route:530101.0000"],
        ["lte:b", "route:530101.0001"],
    ]
    assets, needed = along_routes(routes, np.array([], dtype=np.str_), np.array([], dtype=np.int32))
    assert len(assets) == len(needed) == 0


@pytest.fixture(scope="module")
def lte():
    """Return LTE, its world and the routes of that world, with nothing standing."""
    made = world()
    zones = len(made.area.zones)
    fibres = np.full(zones, 4.0)
    routes = plan_routes(made.area, made.loaded.scenario.routes, np.zeros(zones, dtype=bool), fibres)
    return made.technologies["lte"], made, routes


def asked(lte, world_of, routes):
    plant = Plant(site_locations={}, homes_share={}, units={}, routes=routes)
    return lte.propose(world_of.area, world_of.prepared.demand, plant, world_of.loaded.scenario.clock)


def test_new_masts_need_their_routes_and_standing_ones_do_not(lte):
    technology, made, routes = lte
    proposal = asked(technology, made, routes)
    way = proposal.needed[proposal.needed["asset_id"].str.startswith("route:")]
    assert len(way)
    sites = proposal.candidates.set_index("project_id")
    zones = sites.loc[way["project_id"].unique(), "zone"].to_numpy()
    assert (sites.loc[way["project_id"].unique(), "build"] == "new site").all()
    wanted = routes.needed(way["project_id"].unique(), zones)
    assert wanted.to_numpy().tolist() == way.to_numpy().tolist()
    assert set(way["asset_id"]) == set(proposal.assets["asset_id"]) - set(
        proposal.assets.loc[proposal.assets["kind"] == "mast", "asset_id"]
    )


def test_microwave_bounds_what_a_site_carries(lte):
    technology, made, routes = lte
    slow = technology.model_copy(update={"backhaul_limit": 1e-3, "microwave_rate": 5.0})
    proposal = asked(slow, made, routes)
    assert not proposal.assets["kind"].eq("route").any()
    new = proposal.candidates.loc[proposal.candidates["build"] == "new site", "project_id"]
    at_new = proposal.service["project_id"].isin(new)
    assert (proposal.service.loc[at_new, "capacity_mbps"] == 5.0).all()
    masts = proposal.assets.loc[proposal.assets["kind"] == "mast", "backhaul_fen"]
    hops = masts / (slow.microwave_price * 100.0)
    assert np.abs(hops - np.rint(hops)).max() < 1e-6
    assert np.rint(hops).min() >= 1


def test_a_route_is_one_asset_for_every_technology(lte):
    technology, made, routes = lte
    both = join([asked(technology, made, routes), asked(made.technologies["umts"], made, routes)])
    assert both.assets["asset_id"].is_unique


def test_without_routes_the_share_of_the_way_is_priced_as_before(lte):
    technology, made, _ = lte
    proposal = asked(technology, made, None)
    assert not proposal.assets["kind"].eq("route").any()


def test_a_site_requires_the_uplink_behind_its_zone_and_things_do_not(lte):
    technology, made, routes = lte
    behind = np.array([f"transport:up.{zone % 3}" if zone % 3 else "" for zone in range(made.area.n_zones)])
    plant = replace(made.plant_of_others(technology), behind=behind.astype(object), routes=routes)
    horizon = made.loaded.scenario.clock
    frame = technology.propose(made.area, made.prepared.demand, plant, horizon).candidates
    sites = frame[frame["build"].isin(("new site", "co-location"))]
    assert len(sites) > 3
    assert sites["requires"].tolist() == behind[sites["zone"]].tolist()
    assert plant.required(np.array([0, 1])).tolist() == ["", "transport:up.1"]
    assert Plant({}, {}, {}).required(np.array([0, 1])).tolist() == ["", ""]
