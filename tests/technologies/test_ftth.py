"""Fibre to the home: what is built, what it costs and how long it takes, worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sim.geo.points import on_road
from sim.technologies.base import WORKING_DAYS_PER_MONTH
from tests.world import price_fen, world


@pytest.fixture
def ftth():
    return world().technologies["ftth"]


def changed(ftth, **values):
    return ftth.model_copy(update=values)


def test_every_zone_with_homes_has_one_candidate(ftth):
    area, candidates = world().area, world().propose("ftth").candidates
    assert candidates["zone"].tolist() == list(range(area.n_zones))
    assert candidates["project_id"].tolist() == [f"ftth:{zone}" for zone in area.zones["zone_id"]]
    villages = ~area.urban
    assert (candidates["build"].to_numpy()[villages] == "village").all()
    assert (candidates["build"].to_numpy()[area.urban] == "town").all()


def test_no_homes_no_candidate(ftth):
    zones = world().area.zones.copy()
    zones.loc[3, ["homes_2010", "homes_2020"]] = 0
    candidates = world().propose(ftth, replace(world().area, zones=zones)).candidates
    assert 3 not in set(candidates["zone"])
    assert len(candidates) == len(zones) - 1


def test_beyond_the_optical_budget_nothing_is_proposed(ftth):
    """32 dB less 2 dB less 17 dB of a 1:32 splitter leave 13 dB: 37.1 km at 0.35 dB/km."""
    zones = world().area.zones.copy()
    zones.loc[0, "pop_route_m"] = 37_100.0
    zones.loc[1, "pop_route_m"] = 37_200.0
    proposed = set(world().propose(ftth, replace(world().area, zones=zones)).candidates["zone"])
    assert 0 in proposed
    assert 1 not in proposed


def test_split_follows_the_optical_budget(ftth):
    """28 dB less 2 dB of connectors leave 26 dB: 1:64 (20.25 dB) reaches 16.43 km and 1:32 (17 dB) 25.71 km.

    Beyond, the better optics of 32 dB reach 27.86 km with 1:64 and 37.14 km with 1:32.
    """
    metres = np.array([0, 16_400, 16_500, 25_700, 25_800, 27_800, 27_900, 37_100, 37_200], dtype=float)
    assert ftth.split_ratio(metres).tolist() == [64, 64, 32, 32, 64, 64, 32, 32, 0]


def test_price_of_a_village_by_hand(ftth):
    area, candidates = world().area, world().propose("ftth").candidates
    row = int(np.flatnonzero(~area.urban)[0])
    zone = area.zones.iloc[row]
    homes = max(zone["homes_2010"], zone["homes_2020"])
    settlements = int((area.points["zone"] == row)[~on_road(area.points)].sum())
    ports = math.ceil(homes / 64)
    tree = 0.6331 * math.sqrt(settlements * zone["area_km2"] * 1e6)
    tree += 0.6331 * math.sqrt(homes * homes * ftth.village_plot)
    cable_m = zone["pop_route_m"] * ftth.new_route_share + tree
    cable = cable_m * ftth.aerial_price
    cabinets = math.ceil(homes / ftth.homes_per_cabinet) * ftth.cabinet_price
    mine = candidates.iloc[row]
    assert mine["quantity"] == ports
    assert mine["active_fen"] == pytest.approx(100 * ports * ftth.olt_port_price, abs=1)
    assert mine["civil_fen"] == pytest.approx(100 * cable * ftth.civil_share, abs=1)
    passive = ports * ftth.splitter_price + cabinets + cable * (1 - ftth.civil_share)
    assert mine["passive_fen"] == pytest.approx(100 * passive, abs=1)
    assert mine["field_days"] == pytest.approx(cable_m / 1000 / ftth.aerial_pace, abs=0.01)
    total = price_fen(candidates)[row]
    assert mine["opex_fen_per_year"] == pytest.approx(total * ftth.opex_share, abs=2)


def test_towns_pay_for_ducts_and_buildings_and_have_no_trees_between_settlements(ftth):
    area = world().area
    row = int(np.flatnonzero(area.urban)[0])
    homes = np.maximum(area.zones["homes_2010"], area.zones["homes_2020"]).to_numpy(dtype=float)
    feeder, tree = ftth.cable_m(area, homes, ~area.urban)
    assert tree[row] == pytest.approx(0.6331 * homes[row] * math.sqrt(ftth.town_plot))
    before = world().propose(ftth).candidates
    after = world().propose(changed(ftth, building_price=ftth.building_price + 1)).candidates
    more = price_fen(after) - price_fen(before)
    assert more[row] == pytest.approx(100 * homes[row], abs=2)
    assert (more[~area.urban] == 0).all()
    assert (feeder == area.zones["pop_route_m"].to_numpy() * ftth.new_route_share).all()


def test_one_equipment_room_for_all_zones_of_a_point_of_presence(ftth):
    proposal, area = world().propose("ftth"), world().area
    assert len(proposal.needed) == area.n_zones
    assert proposal.assets["asset_id"].is_unique
    assert len(proposal.assets) == area.zones["pop_place"].nunique() < area.n_zones
    assert (price_fen(proposal.assets) == round(100 * ftth.olt_room_price)).all()
    places = area.places["place_id"].to_numpy()[area.zones["pop_place"]]
    assert proposal.needed["asset_id"].tolist() == [f"olt:{place}" for place in places]


def test_a_longer_way_costs_no_less(ftth):
    zones = world().area.zones.copy()
    zones["pop_route_m"] *= 1.5
    before = price_fen(world().propose(ftth).candidates)
    after = price_fen(world().propose(ftth, replace(world().area, zones=zones)).candidates)
    away = world().area.zones["pop_route_m"].to_numpy() > 0
    assert (after[away] > before[away]).all()
    assert (after >= before).all()


def test_a_shared_port_carries_what_framing_leaves(ftth):
    assert ftth.unit_mbps() == pytest.approx(2488 * 0.92)
    service = world().propose("ftth").service
    assert (service["peak_mbps"] == ftth.capability).all()
    assert service["capacity_mbps"].to_numpy() == pytest.approx(ftth.unit_mbps())


def test_a_new_subscriber_costs_drop_and_terminal(ftth):
    assert ftth.connect_yuan() == ftth.drop_price + ftth.terminal_price
    assert 300 < ftth.connect_yuan() < 500


def test_lead_times_are_the_sourced_ones(ftth):
    """19 months from contract to service in villages, 8 in towns; one draw delays all papers."""
    for build, months in (("village", 19), ("town", 8)):
        lead = months * WORKING_DAYS_PER_MONTH
        for field_days, waits in ((10.0, lead - 12.0), (1.0, lead - 2.0), (500.0, 0.85 * lead)):
            tasks = ftth.tasks({"build": build, "field_days": field_days})
            waiting = [task for task in tasks if not task.skill]
            assert sum(task.days for task in waiting) == pytest.approx(waits)
            assert len({task.stream for task in waiting}) == 1
    assert round(12 * WORKING_DAYS_PER_MONTH) == 261


def test_crews_of_villages_and_towns(ftth):
    village = ftth.tasks({"build": "village", "field_days": 10.0})
    town = ftth.tasks({"build": "town", "field_days": 10.0})
    assert [task.skill for task in village][-2:] == ["fibre", "install"]
    assert [task.skill for task in town][-2:] == ["civil", "install"]
    assert [task.name for task in village if task.outdoor] == ["cable"]
