"""Cellular networks: what a site reaches, sites for coverage, growth for load, prices by way of building."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sim.tables.layers import CITY, TOWN, VILLAGE, ZONE_KINDS
from sim.tables.plan import CAPACITY, MOBILE
from sim.technologies.base import Plant
from sim.technologies.rent import tenants_at
from tests.world import price_fen, world


@pytest.fixture
def lte():
    return world().technologies["lte"]


def propose(technology, demand=None, standing=()):
    """Return what a technology proposes under another demand, or where sites of it stand."""
    now = world()
    sites = {technology.name: np.array(standing, dtype=np.int32)} if len(standing) else {}
    plant = Plant({**now.plant.site_locations, **sites}, now.plant.homes_share, {}, sites)
    return technology.propose(now.area, demand or now.prepared.demand, plant, now.loaded.scenario.clock)


def busier(factor):
    demand = world().prepared.demand
    return replace(demand, mobile_busy_mbps=demand.mobile_busy_mbps * factor)


def test_reach_of_a_village_site_by_hand(lte):
    """46 dBm over 1200 resource elements, 0.5 dB of jumper, 17 dBi, against -110 dBm and a margin for 75 %.

    COST 231-Hata in the open at 1890 MHz from 30 m, as in the formula's own words.
    """
    carrier = lte.carriers[lte.coverage]
    log_f = math.log10(carrier.frequency)
    terminal = (1.1 * log_f - 0.7) * 1.5 - (1.56 * log_f - 0.8)
    at_1_km = 46.3 + 33.9 * log_f - 13.82 * math.log10(30) - terminal
    at_1_km += -4.78 * log_f**2 + 18.33 * log_f - 40.94
    bears = 46 - 10 * math.log10(1200) - 0.5 + 17 + 110 - 0.67449 * 8
    wanted = 1000 * 10 ** ((bears - at_1_km) / (44.9 - 6.55 * math.log10(30)))
    found = lte.layer().radii_m[ZONE_KINDS.index(VILLAGE)]
    assert found == pytest.approx(wanted, rel=0.02), "the radius is taken from a list of distances"
    assert 6_000 < wanted < 10_000


def test_terminals_in_town_receive_less_than_in_the_open(lte):
    losses = lte.layer().corrections_db
    assert losses[CITY] == 0.0
    log_f = math.log10(lte.carriers[lte.coverage].frequency)
    assert losses[TOWN] == pytest.approx(-2 * (log_f - math.log10(28)) ** 2 - 5.4)
    assert losses[VILLAGE] == pytest.approx(-4.78 * log_f**2 + 18.33 * log_f - 40.94)


def test_what_is_wanted_outdoors_holds_margin_and_building(lte):
    area, layer = world().area, lte.layer()
    wanted = lte.wanted_dbm(area, layer)
    points = area.points
    kinds = area.zones["kind"].to_numpy()[points["zone"]]
    road = points["length_m"].to_numpy() > 0
    rough = area.zones["roughness_m"].to_numpy()[points["zone"]]
    hills = np.minimum(lte.roughness_margin * rough, lte.roughness_limit)
    base = lte.received_threshold + 0.67449 * 8 + hills
    city = (kinds == CITY) & ~road
    assert wanted[city] == pytest.approx((base + lte.penetration_urban)[city], abs=1e-3)
    village = kinds == VILLAGE
    assert wanted[village] == pytest.approx((base + layer.corrections_db[VILLAGE])[village], abs=1e-3)
    indoors = lte.model_copy(update={"indoor_village": True}).wanted_dbm(area, layer)
    assert (indoors - wanted)[village & ~road] == pytest.approx(lte.penetration_rural)
    assert (indoors == wanted)[road].all(), "nobody lives on a road"


def test_capacity_of_a_site_by_hand(lte):
    """Three sectors of 20 MHz, 75 % downlink, 1.6 bit/s/Hz, loaded to 70 %."""
    assert lte.carrier_mbps(lte.coverage) == pytest.approx(3 * 20 * 0.75 * 1.6 * 0.7)
    assert lte.unit_mbps() == pytest.approx(16.8)


def test_sites_together_cover_all_that_any_location_would(lte):
    """A site is left out only where it would add no more than ``least_people``."""
    area = world().area
    everywhere = lte.served_points(area, np.arange(len(area.locations), dtype=np.int32))
    frame = propose(lte).candidates
    sites = frame[(frame["use"] == MOBILE) & (frame["build"] != "carrier")]
    chosen = lte.served_points(area, sites["location"].to_numpy(dtype=np.int32))
    assert not (chosen & ~everywhere).any()
    weight = lte.point_weight(area)
    assert len(sites) < 0.7 * len(area.locations)
    left = weight[everywhere & ~chosen].sum()
    assert left <= lte.least_people * (len(area.locations) - len(sites))
    assert left < 0.01 * weight.sum()


@pytest.mark.parametrize("busy", [4, 20, 200])
def test_growth_carries_the_busy_hour(lte, busy):
    """What is proposed at a location carries the busy hour of the design month, if anything can."""
    now, demand = world(), busier(busy)
    area, horizon = now.area, now.loaded.scenario.clock
    cells = lte.cells(area, np.empty(0, dtype=np.int32))
    month = min(horizon.index(lte.design_month), horizon.months - 1)
    per_person = demand.mobile_willing[month] * demand.lte_ready[month] * demand.mobile_busy_mbps[month]
    load = np.zeros(len(cells.locations))
    inside = cells.home_cell >= 0
    zone = area.points["zone"].to_numpy()[inside]
    np.add.at(
        load,
        cells.home_cell[inside],
        area.points["population"].to_numpy()[inside] * per_person[demand.zone_kind[zone]],
    )
    proposal = propose(lte, demand)
    growth = proposal.candidates[proposal.candidates["use"] == CAPACITY]
    assert len(growth) > (20 if busy > 4 else 0)
    first = proposal.service.drop_duplicates("project_id").set_index("project_id")["capacity_mbps"]
    adds = growth.groupby("location")["project_id"].apply(lambda ids: first[ids].sum())
    carries = lte.carrier_mbps(lte.coverage) + adds.reindex(cells.locations).fillna(0.0).to_numpy()
    steps = growth.groupby("location").size().reindex(cells.locations).fillna(0).to_numpy()
    every = sum(step.from_month <= month for step in lte._steps(horizon))
    assert ((carries >= load - 1e-3) | (steps == every)).all()
    assert ((carries - lte.carrier_mbps(lte.coverage)) * (load <= lte.carrier_mbps(lte.coverage)) == 0).all()
    assert set(growth["requires"]) <= set(proposal.candidates["project_id"])


def test_more_traffic_never_needs_less(lte):
    one, ten = propose(lte), propose(lte, busier(20))
    assert set(one.candidates["project_id"]) < set(ten.candidates["project_id"])
    assert price_fen(ten.candidates).sum() > price_fen(one.candidates).sum()


def test_prices_by_way_of_building(lte):
    area, proposal = world().area, propose(lte)
    frame = proposal.candidates[proposal.candidates["build"].isin(("new site", "co-location"))]
    standing = area.locations["standing"].to_numpy()[frame["location"]]
    assert standing.any()
    assert not standing.all()
    assert (frame["build"].to_numpy() == np.where(standing, "co-location", "new site")).all()
    own = price_fen(frame)
    shared = lte.base_station_price + lte.co_location_price
    assert own[standing] == pytest.approx(100 * shared, abs=1)
    assert own[~standing] == pytest.approx(100 * lte.base_station_price, abs=1)
    needs = proposal.needed.set_index("project_id")["asset_id"]
    assert set(needs.index) == set(frame["project_id"][~standing]), (
        "a new site needs a mast, a shared one none"
    )
    masts = dict(zip(proposal.assets["asset_id"], price_fen(proposal.assets), strict=True))
    new = frame[~standing & (area.locations["kind"].to_numpy()[frame["location"]] == "mast")]
    way = np.minimum(area.zones["pop_route_m"].to_numpy()[new["zone"]], lte.backhaul_limit)
    wanted = lte.mast_price + lte.power_price + way * lte.backhaul_new_share * lte.backhaul_price
    assert [masts[needs[name]] for name in new["project_id"]] == pytest.approx(100 * wanted, abs=4)


def test_networks_share_a_mast(lte):
    """The mast of one location is one asset, at one price, whoever needs it."""
    nr = world().technologies["nr"]
    ours, theirs = propose(lte).assets, propose(nr).assets
    both = ours.merge(theirs, on="asset_id", suffixes=("", "_nr"))
    for item in ("tower_fen", "power_fen", "backhaul_fen"):
        assert (both[item] == both[f"{item}_nr"]).all()


def test_the_more_networks_stand_on_a_mast_the_less_rent_each_pays(lte):
    frame = propose(lte).candidates
    frame = frame[frame["build"].isin(("new site", "co-location"))]
    tenants = tenants_at(world().area, world().plant, frame["location"].to_numpy(), "lte")
    assert set(tenants) >= {1, 2}
    assert frame["opex_fen_per_year"].tolist() == np.rint(100 * lte.rent.yuan(tenants)).tolist()
    by_tenants = frame.groupby(tenants)["opex_fen_per_year"].first()
    assert (np.diff(by_tenants) < 0).all()


def test_a_site_that_stands_is_not_built_again_but_grows(lte):
    demand = busier(200)
    location = int(propose(lte, demand).candidates["location"].iloc[0])
    name = world().area.locations["location_id"][location]
    frame = propose(lte, demand, standing=[location]).candidates.set_index("project_id")
    assert frame["available_month"][f"lte:{name}"] >= world().loaded.scenario.clock.months, "never offered"
    mine = frame[(frame["location"] == location) & (frame["use"] == CAPACITY)]
    assert (mine["requires"] == "").sum() >= 1
    assert f"lte:{name}" not in set(frame["requires"])


def test_a_network_that_may_not_be_built_on_proposes_nothing():
    gsm = world().technologies["gsm"].model_copy(update={"build": False})
    assert len(propose(gsm).candidates) == len(propose(gsm).service) == 0


def test_the_overlay_covers_what_no_site_does_on_its_own(lte):
    """A lower carrier is added where it reaches further, on sites that come first."""
    weak = lte.model_copy(update={"received_threshold": lte.received_threshold + 12.0})
    proposal = propose(weak)
    frame = proposal.candidates
    own = frame[frame["build"].isin(("new site", "co-location"))]
    more = frame[(frame["use"] == MOBILE) & (frame["build"] == "carrier")]
    assert len(more) > 0
    assert set(more["requires"]) <= set(own["project_id"])
    by = proposal.service.groupby("project_id")["point"].apply(set)
    covered = set().union(*by[own["project_id"]])
    assert set().union(*by[more["project_id"]]) - covered


def test_an_unknown_carrier_is_named(lte):
    for key in ("coverage", "overlay"):
        with pytest.raises(ValueError, match=f"{key}: there is no carrier 'b99'; the carriers are b39_cmcc"):
            type(lte).model_validate({**lte.model_dump(), key: "b99"})


def test_the_design_month_is_held_inside_the_horizon(lte):
    late = lte.model_copy(update={"design_month": "2099-12"})
    assert propose(late).candidates.equals(propose(lte).candidates)


def test_tasks_of_new_and_shared_sites(lte):
    new = lte.tasks({"build": "new site", "field_days": 6.0})
    shared = lte.tasks({"build": "co-location", "field_days": 6.0})
    assert sum(task.days for task in new if not task.skill) == pytest.approx(lte.new_site_lead_time)
    assert lte.new_site_lead_time > lte.equipment_lead_time > lte.co_location_lead_time
    assert sum(task.days for task in shared if not task.skill) == pytest.approx(lte.equipment_lead_time)
    assert shared[0].days + shared[1].days == pytest.approx(lte.co_location_lead_time)
    assert [task.phase for task in new] == ["survey", "permit", "procure", "build", "build", "test"]
    assert {task.skill for task in new} == {"", "civil", "radio", "software"}
    carrier = lte.tasks({"build": "carrier", "field_days": 6.0})
    assert [task.skill for task in carrier] == ["", "radio", "software"], "nothing is built"
