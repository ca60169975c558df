"""LTE: ranges from link budgets, sites for coverage or load, prices by way of building."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sim.tables.layers import CITY, TOWN, VILLAGE
from sim.technologies.base import Plant
from tests.world import price_fen, world


@pytest.fixture
def lte():
    return world().technologies["lte"]


def with_demand(**changes):
    """Return the candidates of LTE under another demand."""
    now = world()
    demand = replace(now.prepared.demand, **changes)
    return now.technologies["lte"].propose(now.area, demand, now.plant, now.loaded.scenario.clock)


def test_range_of_a_village_site_by_hand(lte):
    """61 dBm over 1200 resource elements against -110 dBm, less a margin for 75 % at the edge.

    EIRP per element 61 - 30.79 = 30.21 dBm, so 140.21 dB; less 0.6745 x 8 = 5.40 dB: 134.81 dB outdoors
    on flat land. COST 231-Hata in the open at 1880 MHz, 30 m: 136.87 - 32.38 dB at 1 km, 35.22 a decade.
    """
    log_f = math.log10(1880)
    terminal = (1.1 * log_f - 0.7) * 1.5 - (1.56 * log_f - 0.8)
    at_1_km = 46.3 + 33.9 * log_f - 13.82 * math.log10(30) - terminal
    at_1_km += -4.78 * log_f**2 + 18.33 * log_f - 40.94
    loss = 61 - 10 * math.log10(1200) + 110 - 0.67449 * 8
    wanted = 1000 * 10 ** ((loss - at_1_km) / (44.9 - 6.55 * math.log10(30)))
    assert lte.cell_range_m(VILLAGE, np.zeros(1))[0] == pytest.approx(wanted, rel=1e-4)
    assert 4_000 < wanted < 9_000


def test_ranges_fall_from_the_country_to_the_city_and_with_rough_land(lte):
    flat = np.zeros(1)
    village, town, city = (lte.cell_range_m(kind, flat)[0] for kind in (VILLAGE, TOWN, CITY))
    assert village > town >= city > 100
    rough = lte.cell_range_m(VILLAGE, np.array([0.0, 50.0, 100.0, 300.0, 1000.0]))
    assert (np.diff(rough[:4]) < 0).all()
    assert rough[3] == rough[4], "roughness costs 15 dB at most"


def test_indoor_cover_costs_range(lte):
    indoors = lte.model_copy(update={"indoor_village": True})
    assert indoors.cell_range_m(VILLAGE, np.zeros(1)) < lte.cell_range_m(VILLAGE, np.zeros(1))


def test_a_wider_carrier_carries_more_and_reaches_less_with_the_same_power(lte):
    narrow = lte.model_copy(update={"bandwidth": 10.0})
    assert lte.unit_mbps() == pytest.approx(2 * narrow.unit_mbps())
    assert narrow.cell_range_m(VILLAGE, np.zeros(1)) > lte.cell_range_m(VILLAGE, np.zeros(1))


def test_capacity_of_a_site_by_hand(lte):
    """Three sectors of 20 MHz, 75 % downlink, 1.6 bit/s/Hz, loaded to 70 %."""
    assert lte.capacity_mbps() == pytest.approx(3 * 20 * 0.75 * 1.6 * 0.7)
    assert lte.unit_mbps() == pytest.approx(16.8)


@pytest.mark.parametrize("busy", [1, 5, 50])
def test_sites_are_the_larger_of_coverage_and_busy_hour(lte, busy):
    """Carriers are added first; a site holds a number of them, then another is built."""
    now = world()
    area, demand, horizon = now.area, now.prepared.demand, now.loaded.scenario.clock
    month = min(horizon.index(lte.design_month), horizon.months - 1)
    heavy = replace(demand, mobile_busy_mbps=demand.mobile_busy_mbps * busy)
    cells = lte.cells(area)
    load = np.zeros(len(cells.locations))
    for point, cell in enumerate(cells.home_cell):
        if cell >= 0:
            zone = area.points["zone"][point]
            users = area.points["population"][point] * heavy.lte_ready[month]
            users *= heavy.mobile_willing[month, heavy.zone_kind[zone]]
            load[cell] += users * heavy.mobile_busy_mbps[month]
    carriers = np.maximum(1, np.ceil(load / lte.capacity_mbps()))
    proposal = lte.propose(area, heavy, now.plant, horizon)
    found = proposal.candidates
    assert found["quantity"].tolist() == np.ceil(carriers / lte.carriers_per_site).tolist()
    wanted = carriers[proposal.service_owner] * lte.capacity_mbps()
    assert proposal.service["capacity_mbps"].to_numpy() == pytest.approx(wanted)
    sites = found["quantity"].to_numpy()
    active = sites * lte.base_station_price + (carriers - sites) * lte.carrier_price
    assert found["active_fen"].to_numpy() == pytest.approx(100 * active, abs=1)
    assert (carriers.max() > 1) == (busy > 1), "traffic decides the dense cells only when there is much of it"


def test_more_traffic_never_needs_fewer_sites():
    busy = world().prepared.demand.mobile_busy_mbps
    one, ten = with_demand(mobile_busy_mbps=busy), with_demand(mobile_busy_mbps=busy * 10)
    assert (ten.candidates["quantity"] >= one.candidates["quantity"]).all()
    assert (price_fen(ten.candidates) >= price_fen(one.candidates)).all()
    assert (ten.service["capacity_mbps"] >= one.service["capacity_mbps"]).all()


def test_prices_by_way_of_building(lte):
    now = world()
    area = now.area
    frame = now.propose("lte").candidates
    single = frame[frame["active_fen"] == round(100 * lte.base_station_price)]
    standing = area.locations["standing"].to_numpy()[single["location"]]
    assert standing.any()
    assert not standing.all()
    assert (single["build"].to_numpy()[standing] == "co-location").all()
    assert (single["build"].to_numpy()[~standing] == "new site").all()
    both = price_fen(single)
    assert set(both[standing]) == {round(100 * lte.base_station_price) + round(100 * lte.co_location_price)}
    mast = single[~standing & (area.locations["kind"].to_numpy()[single["location"]] == "mast")]
    way = np.minimum(area.zones["pop_route_m"].to_numpy()[mast["zone"]], lte.backhaul_limit)
    wanted = lte.base_station_price + lte.mast_price + lte.power_price
    wanted = wanted + way * lte.backhaul_new_share * lte.backhaul_price
    assert price_fen(mast) == pytest.approx(100 * wanted, abs=4)
    assert price_fen(mast).min() > both[standing].max(), "a new site costs more than a shared one"


def test_a_second_site_at_a_standing_place_is_a_new_one(lte):
    """A rooftop's price holds its power; a mast pays for it beside."""
    area = world().area
    kinds, standing = area.locations["kind"].to_numpy(), area.locations["standing"].to_numpy()
    for kind, price, power in (
        ("rooftop", lte.rooftop_price, 0.0),
        ("mast", lte.mast_price, lte.power_price),
    ):
        place = np.flatnonzero(standing & (kinds == kind))[:1].astype(np.int32)
        one, two = (lte._prices(area, place, np.array([n]), np.array([n])) for n in (1.0, 2.0))
        assert one["tower"][0] == lte.co_location_price
        assert one["power"][0] == 0
        assert two["tower"][0] == lte.co_location_price + price
        assert two["power"][0] == power


def test_every_zone_within_reach_of_its_own_location_is_served(lte):
    area, service = world().area, world().propose("lte").service
    assert len(set(service["zone"])) > 0.9 * area.n_zones


def test_the_design_month_is_held_inside_the_horizon(lte):
    late = lte.model_copy(update={"design_month": "2099-12"})
    assert world().propose(late).candidates.equals(world().propose(lte).candidates)
    early = lte.model_copy(update={"design_month": "1999-12"})
    assert (
        world().propose(early).candidates["quantity"] <= world().propose(lte).candidates["quantity"]
    ).all()


def test_candidates_do_not_depend_on_what_lte_stands_already(lte):
    now = world()
    plant = Plant(
        {**now.plant.site_locations, "lte": np.arange(5, dtype=np.int32)}, now.plant.homes_share, {}
    )
    horizon = now.loaded.scenario.clock
    again = lte.propose(now.area, now.prepared.demand, plant, horizon)
    assert again.candidates.equals(now.propose("lte").candidates)


def test_tasks_of_new_and_shared_sites(lte):
    new = lte.tasks({"build": "new site", "field_days": 6.0})
    shared = lte.tasks({"build": "co-location", "field_days": 6.0})
    assert sum(task.days for task in new if not task.skill) == pytest.approx(lte.new_site_lead_time)
    assert lte.new_site_lead_time > lte.equipment_lead_time > lte.co_location_lead_time
    assert sum(task.days for task in shared if not task.skill) == pytest.approx(lte.equipment_lead_time)
    assert shared[0].days == pytest.approx(lte.co_location_lead_time)
    assert {task.skill for task in new} == {"", "civil", "radio"}
    assert all(task.days == 6.0 for task in new if task.skill)
