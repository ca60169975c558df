"""Fibre to the home: what is built, what it needs, what it costs and how long it takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.access.curves import read_curves
from sim.access.features import farthest_m
from sim.access.quantities import priced
from sim.errors import DataError
from sim.tables.layers import VILLAGE
from sim.technologies.base import WORKING_DAYS_PER_MONTH
from tests.world import load, prepare, price_fen, simulate, world


@pytest.fixture
def ftth():
    return world().technologies["ftth"]


@pytest.fixture
def plant(ftth):
    return world().plant_of_others(ftth)


def later(technology, **values):
    """Return a technology with other options of 10G PON."""
    later = technology.ten_gigabit.model_copy(update=values)
    return technology.model_copy(update={"ten_gigabit": later})


def propose(technology, plant, area=None):
    horizon = world().loaded.scenario.clock
    return technology.propose(area or world().area, world().prepared.demand, plant, horizon)


def split(proposal):
    """Return the candidates of fibre itself and those of 10G PON."""
    tenfold = (proposal.candidates["build"] == "10g").to_numpy()
    return proposal.candidates[~tenfold], proposal.candidates[tenfold]


def by_zone(proposal):
    """Return the price of fibre itself in each zone, shape (Z,) [fen]; 0 where none is proposed."""
    first, _ = split(proposal)
    result = np.zeros(world().area.n_zones)
    result[first["zone"]] = price_fen(first)
    return result


def network(ftth, plant):
    area, demand = world().area, world().prepared.demand
    copper = plant.homes_share["dsl"] > 0
    features = ftth.features(area, demand, copper, plant.routes.route_m)
    return features, ftth.network(features)


# -- candidates ---------------------------------------------------------------------------------------


def test_every_zone_with_homes_has_one_candidate(ftth, plant):
    area = world().area
    candidates, _ = split(propose(ftth, plant))
    assert candidates["zone"].tolist() == list(range(area.n_zones))
    assert candidates["project_id"].tolist() == [f"ftth:{zone}" for zone in area.zones["zone_id"]]
    assert (candidates["build"] == np.where(area.urban, "town", "village")).all()


def test_no_homes_no_candidate(ftth, plant):
    zones, points = world().area.zones.copy(), world().area.points.copy()
    zones.loc[3, ["homes_2010", "homes_2020"]] = 0
    bare = replace(world().area, zones=zones, points=points)
    candidates = propose(ftth, plant, bare).candidates
    assert 3 not in set(candidates["zone"])
    assert len(split(propose(ftth, plant, bare))[0]) == len(zones) - 1


def test_zones_passed_already_have_no_candidate_and_half_passed_ones_half_the_price(ftth, plant):
    share = np.zeros(world().area.n_zones)
    share[2], share[5] = 1.0, 0.5
    part = replace(plant, homes_share={**plant.homes_share, "ftth": share})
    whole, left = by_zone(propose(ftth, plant)), by_zone(propose(ftth, part))
    assert left[2] == 0 < whole[2]
    assert left[5] == pytest.approx(whole[5] / 2, abs=3)
    others = np.delete(np.arange(len(share)), [2, 5])
    assert (left[others] == whole[others]).all()


def test_beyond_the_reach_of_the_optics_fewer_homes_are_served_and_then_none(ftth, plant):
    """Without routes the way to the point of presence is that of the zones table."""
    most = farthest_m(ftth.odn)
    zones = world().area.zones.copy()
    zones.loc[0, "pop_route_m"] = most + 1.0
    zones.loc[1, "pop_route_m"] = most - 1.0
    area, own = replace(world().area, zones=zones), replace(plant, routes=None)
    features = ftth.features(
        area, world().prepared.demand, plant.homes_share["dsl"] > 0, zones["pop_route_m"].to_numpy()
    )
    homes = zones[["homes_2010", "homes_2020"]].max(axis=1).to_numpy()
    assert features.served[0] == 0
    assert features.served[1] <= homes[1]
    assert (features.served[2:] == homes[2:]).all()
    proposed = split(propose(ftth, own, area))[0]["zone"].tolist()
    assert 0 not in proposed
    assert (1 in proposed) == (features.served[1] > 0)


# -- quantities and prices ----------------------------------------------------------------------------


def test_ports_are_the_lines_expected_and_a_reserve_and_never_more_than_homes(ftth):
    demand = world().prepared.demand
    ports = ftth.ports_per_home(demand)
    for kind, expected in enumerate(demand.fixed_design):
        at = demand.zone_kind == kind
        assert ports[at] == pytest.approx(min(1.0, expected * (1 + ftth.port_reserve)))
    plenty = ftth.model_copy(update={"port_reserve": 50.0})
    assert (plenty.ports_per_home(demand) == 1.0).all()


def test_feeder_fibres_are_the_ports_of_the_largest_split(ftth):
    zones, demand = world().area.zones, world().prepared.demand
    homes = zones[["homes_2010", "homes_2020"]].max(axis=1).to_numpy()
    expected = np.ceil(homes * ftth.ports_per_home(demand) / 64)
    assert (ftth.feeder_fibres(world().area, demand) == expected).all()


def test_ports_of_homes_are_those_of_homes_in_reach_rounded_up_in_each_settlement_and_building(ftth, plant):
    features, found = network(ftth, plant)
    least = features.served * ftth.ports_per_home(world().prepared.demand)
    assert (found.home_ports >= least * 0.999).all()
    assert (found.home_ports <= least * 1.1).all()
    assert (found.line_ports * 64 >= least).all()


def test_the_price_is_that_of_the_curves_quantities_item_by_item(ftth, plant):
    share = np.linspace(0.0, 0.9, world().area.n_zones)
    proposal = propose(ftth, replace(plant, homes_share={**plant.homes_share, "ftth": share}))
    features, _ = network(ftth, plant)
    quantities = read_curves(Path(ftth.curves)).quantities(features)
    total = priced(quantities, ftth.odn, features.kind != VILLAGE)
    candidates, _ = split(proposal)
    for item in ("active", "passive", "civil"):
        expected = 100.0 * total["build", item] * (1.0 - share)
        assert candidates[f"{item}_fen"].to_numpy() == pytest.approx(expected, abs=0.51)
    for item in ("tower", "power", "backhaul", "terminal"):
        assert (candidates[f"{item}_fen"] == 0).all()


def test_running_costs_follow_the_price_with_its_part_of_the_routes(ftth, plant):
    candidates, _ = split(propose(ftth, plant))
    expected = (price_fen(candidates) + plant.routes.share_fen[candidates["zone"]]) * ftth.opex_share
    assert candidates["opex_fen_per_year"].to_numpy() == pytest.approx(expected, abs=2)


def test_field_days_are_metres_at_the_pace_of_crews(ftth, plant):
    """New routes and this zone's part of the feeder are dug or hung; cable on what stands is hung."""
    _, found = network(ftth, plant)
    new_km = (found.bare_m + plant.routes.share_m) / 1000.0
    pace = np.where(world().area.urban, ftth.trench_pace, ftth.aerial_pace)
    expected = new_km / pace + found.plant_m / 1000.0 / ftth.aerial_pace
    candidates, _ = split(propose(ftth, plant))
    assert candidates["field_days"].to_numpy() == pytest.approx(expected, abs=0.006)
    half = np.full(world().area.n_zones, 0.5)
    less, _ = split(propose(ftth, replace(plant, homes_share={**plant.homes_share, "ftth": half})))
    assert less["field_days"].to_numpy() == pytest.approx(expected / 2, abs=0.006)


def test_a_longer_way_costs_no_less(ftth, plant):
    """More loss means smaller splits and better optics; the way itself is paid with the routes."""
    own = replace(plant, routes=None)
    zones = world().area.zones.copy()
    before = by_zone(propose(ftth, own))
    for factor in (1.2, 1.5, 2.0):
        zones["pop_route_m"] = world().area.zones["pop_route_m"] * factor
        after = by_zone(propose(ftth, own, replace(world().area, zones=zones)))
        there = after > 0
        assert (after[there] >= before[there] - 1).all()


def test_towns_pay_for_risers_and_villages_do_not(ftth, plant):
    dearer = ftth.odn.model_copy(update={"riser_price": ftth.odn.riser_price + 10.0})
    more = by_zone(propose(ftth.model_copy(update={"odn": dearer}), plant)) - by_zone(propose(ftth, plant))
    assert (more[world().area.urban] > 0).all()
    assert (more[~world().area.urban] == 0).all()


# -- what is shared -----------------------------------------------------------------------------------


def test_one_equipment_room_for_all_zones_of_a_point_of_presence(ftth, plant):
    proposal, area = propose(ftth, plant), world().area
    rooms = proposal.assets[proposal.assets["kind"] == "olt room"]
    assert (price_fen(rooms) == round(100 * ftth.olt_room_price)).all()
    assert len(rooms) == len(np.unique(plant.routes.pop)) < area.n_zones
    housed = proposal.needed[proposal.needed["asset_id"].str.startswith("olt:")]
    places = area.places["place_id"].to_numpy()[plant.routes.pop]
    first, _ = split(proposal)
    assert housed["project_id"].tolist() == first["project_id"].tolist()
    assert housed["asset_id"].tolist() == [f"olt:{place}" for place in places]


def test_route_segments_are_needed_by_all_behind_them_and_bought_once(ftth, plant):
    routes, proposal = plant.routes, propose(ftth, plant)
    assert proposal.assets["asset_id"].is_unique
    segments = proposal.assets[proposal.assets["kind"] == "route"].set_index("asset_id")
    fen = dict(zip(segments.index, price_fen(segments), strict=True))
    new = {name for name, stands in zip(routes.asset_id, routes.standing, strict=True) if not stands}
    assert set(segments.index) == new
    shared = proposal.needed["asset_id"].value_counts()
    assert shared[shared.index.str.startswith("route:")].max() > 1
    names = np.array([f"ftth:{zone}" for zone in world().area.zones["zone_id"]])
    for row, name in enumerate(names):
        mine = proposal.needed.loc[proposal.needed["project_id"] == name, "asset_id"]
        mine = {asset for asset in mine if asset.startswith("route:")}
        on_the_way = {routes.asset_id[step] for step in way(routes, row)}
        assert mine == on_the_way & new
        # in equal parts among all behind, the segments cost what the routes say
        assert sum(fen[asset] / shared[asset] for asset in mine) == pytest.approx(routes.share_fen[row])


def way(routes, row):
    """Return the segments from a zone to its point of presence, walked one after the other."""
    starts = routes.paths.starts
    step, found = (routes.paths.segment[starts[row]] if starts[row] < starts[row + 1] else -1), []
    while step >= 0:
        found.append(step)
        step = routes.above[step]
    return found


def test_without_routes_only_rooms_are_shared(ftth, plant):
    proposal = propose(ftth, replace(plant, routes=None))
    assert set(proposal.assets["kind"]) == {"olt room"}
    assert len(proposal.assets) == world().area.zones["pop_place"].nunique()


def test_it_requires_what_is_behind_the_zone(ftth, plant):
    behind = np.full(world().area.n_zones, "", dtype=object)
    behind[4] = "transport:somewhere"
    candidates, _ = split(propose(ftth, replace(plant, behind=behind)))
    assert candidates["requires"].to_numpy()[4] == "transport:somewhere"
    assert (np.delete(candidates["requires"].to_numpy(), 4) == "").all()
    assert (split(propose(ftth, plant))[0]["requires"] == "").all()


# -- service, connections -----------------------------------------------------------------------------


def test_a_shared_port_carries_what_framing_leaves(ftth, plant):
    assert ftth.unit_mbps() == pytest.approx(2488 * 0.92)
    proposal = propose(ftth, plant)
    service = proposal.service[~proposal.service["project_id"].str.endswith(":10g")]
    assert (service["peak_mbps"] == ftth.capability).all()
    assert service["capacity_mbps"].to_numpy() == pytest.approx(ftth.unit_mbps())


def test_ports_of_the_line_terminal_are_whole(ftth, plant):
    _, found = network(ftth, plant)
    candidates, _ = split(propose(ftth, plant))
    assert (candidates["quantity"] == np.maximum(np.ceil(found.line_ports), 1)).all()


def test_a_new_subscriber_costs_drop_and_terminal(ftth):
    assert ftth.connect_yuan() == ftth.drop_price + ftth.terminal_price
    assert 300 < ftth.connect_yuan() < 500


# -- 10G PON ------------------------------------------------------------------------------------------


def test_ten_gigabit_puts_a_new_port_in_the_place_of_each(ftth, plant):
    area = world().area
    asked = later(ftth, available_from="2016-07", kinds=("city", "town"))
    proposal = propose(asked, plant)
    first, tenfold = split(proposal)
    names = area.zones["zone_id"].to_numpy()[area.urban]
    assert tenfold["project_id"].tolist() == [f"ftth:{name}:10g" for name in names]
    assert tenfold["requires"].tolist() == [f"ftth:{name}" for name in names]
    assert (tenfold["quantity"].to_numpy() == first["quantity"].to_numpy()[area.urban]).all()
    price = ftth.odn.optics[ftth.ten_gigabit.optics].port_price
    assert tenfold["active_fen"].to_numpy() == pytest.approx(100 * tenfold["quantity"] * price, abs=1)
    assert (price_fen(tenfold) == tenfold["active_fen"]).all()
    month = world().loaded.scenario.clock.index("2016-07")
    assert (tenfold["available_month"] == month).all()
    assert not set(proposal.needed["project_id"]) & set(tenfold["project_id"])
    service = proposal.service[proposal.service["project_id"].isin(tenfold["project_id"])]
    assert (service["peak_mbps"] == ftth.ten_gigabit.capability).all()
    expected = ftth.ten_gigabit.pon_rate * 1000 * ftth.pon_efficiency
    assert service["capacity_mbps"].to_numpy() == pytest.approx(expected)


def test_ten_gigabit_follows_the_kinds_it_is_offered_to(ftth, plant):
    _, tenfold = split(propose(later(ftth, kinds=("village",)), plant))
    assert tenfold["zone"].tolist() == np.flatnonzero(~world().area.urban).tolist()


def test_where_fibre_stands_everywhere_ten_gigabit_requires_nothing(ftth, plant):
    share = np.zeros(world().area.n_zones)
    row = int(np.flatnonzero(world().area.urban)[0])
    share[row] = 1.0
    part = replace(plant, homes_share={**plant.homes_share, "ftth": share})
    first, tenfold = split(propose(ftth, part))
    assert row not in set(first["zone"])
    requires = dict(zip(tenfold["zone"], tenfold["requires"], strict=True))
    assert requires[row] == ""
    assert all(requires[zone] for zone in requires if zone != row)


@pytest.mark.parametrize("never", ["null", "after the horizon"])
def test_no_ten_gigabit_where_it_is_left_out_or_comes_too_late(ftth, plant, never):
    asked = (
        ftth.model_copy(update={"ten_gigabit": None})
        if never == "null"
        else later(ftth, available_from="2035-01")
    )
    first, tenfold = split(propose(asked, plant))
    assert len(tenfold) == 0
    assert first.equals(split(propose(ftth, plant))[0])


# -- work ---------------------------------------------------------------------------------------------


def test_lead_times_in_towns_are_the_sourced_ones(ftth):
    """8 months from contract to service; one draw delays all papers."""
    lead = 8 * WORKING_DAYS_PER_MONTH
    for field_days, waits in ((10.0, lead - 12.0), (1.0, lead - 2.0), (500.0, 0.85 * lead)):
        waiting = [task for task in ftth.tasks({"build": "town", "field_days": field_days}) if not task.skill]
        assert sum(task.days for task in waiting) == pytest.approx(waits)
        assert len({task.stream for task in waiting}) == 1
        assert not any(task.of_batch for task in waiting)
    assert round(12 * WORKING_DAYS_PER_MONTH) == 261


def test_the_villages_of_a_contract_have_the_same_papers(ftth):
    """Their part of the 19 months that a batch takes, whatever a village's own work."""
    small, large = (ftth.tasks({"build": "village", "field_days": days})[:3] for days in (1.0, 500.0))
    assert small == large
    assert all(task.of_batch for task in small)
    assert [task.phase for task in small] == ["survey", "permit", "procure"]
    assert sum(task.days for task in small) == pytest.approx(
        19 * WORKING_DAYS_PER_MONTH * ftth.batch_waiting_share
    )


def test_crews_of_villages_and_towns(ftth):
    village = ftth.tasks({"build": "village", "field_days": 10.0})
    town = ftth.tasks({"build": "town", "field_days": 10.0})
    assert [task.skill for task in village][-2:] == ["fibre", "install"]
    assert [task.skill for task in town][-2:] == ["civil", "install"]
    assert [task.name for task in village if task.outdoor] == ["cable"]


def test_ten_gigabit_is_delivered_and_fitted_indoors(ftth):
    days = ftth.ten_gigabit.fitting_days
    tasks = ftth.tasks({"build": "10g", "field_days": days})
    assert tasks[0].days == ftth.ten_gigabit.lead_time
    assert sum(task.days for task in tasks[1:]) == pytest.approx(days)
    assert [task.skill for task in tasks] == ["", "install", "software"]
    assert not any(task.outdoor for task in tasks)
    assert sum(task.share for task in tasks) == pytest.approx(1.0)


# -- what may be wrong --------------------------------------------------------------------------------


def test_a_missing_table_of_curves_is_named(ftth, plant, tmp_path):
    lost = ftth.model_copy(update={"curves": str(tmp_path / "nowhere.csv")})
    with pytest.raises(DataError, match=r"nowhere\.csv"):
        propose(lost, plant)


def test_a_bad_table_of_curves_is_named_with_its_lines(ftth, plant, tmp_path):
    lines = Path(ftth.curves).read_text(encoding="utf-8").splitlines()
    names = lines[0].split(",")
    bad = lines[1].split(",")
    bad[names.index("coefficient")] = "-4"
    strange = lines[2].split(",")
    strange[names.index("kind")] = "hamlet"
    table = tmp_path / "curves.csv"
    table.write_text("\n".join([lines[0], ",".join(bad), ",".join(strange)]) + "\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        propose(ftth.model_copy(update={"curves": str(table)}), plant)
    assert "below 0" in str(caught.value)
    assert "hamlet" in str(caught.value)


def test_a_table_without_curves_of_a_kind_says_how_to_make_them(ftth, plant, tmp_path):
    lines = Path(ftth.curves).read_text(encoding="utf-8").splitlines()
    column = lines[0].split(",").index("kind")
    table = tmp_path / "curves.csv"
    kept = [line for line in lines if line.split(",")[column] != "village"]
    table.write_text("\n".join(kept) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="rollout calibrate"):
        propose(ftth.model_copy(update={"curves": str(table)}), plant)


def test_a_scenario_without_fibre_runs():
    loaded = load(("technologies.ftth", "null"), zones=12)
    assert "ftth" not in loaded.scenario.technologies.chosen()
    routes = prepare(loaded).routes
    assert len(routes.route_m) == prepare(loaded).area.n_zones
    run = simulate(loaded)
    assert "ftth" not in set(run.decisions["technology"])
