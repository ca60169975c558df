"""Two-way cable: the cheapest way for a zone, what it costs, and the boxes that traffic adds."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from sim.access.coax import segments_for_traffic
from sim.clock import Horizon
from sim.tables.layers import CATV, CATV_DIGITAL
from sim.tables.plan import ASSETS, CAPACITY, NEEDED, TELEVISION
from sim.technologies.base import design_homes
from sim.technologies.cable import WAYS
from tests.world import load, price_fen, simulate, world


@pytest.fixture
def cable():
    return world().technologies["cable"]


def changed(cable, **values):
    return cable.model_copy(update=values)


def propose(cable, busy=1.0, **plant):
    """Return what would be built at the given multiple of the busy hour's traffic, in other plant."""
    world_ = world()
    demand = replace(world_.prepared.demand, fixed_busy_mbps=world_.prepared.demand.fixed_busy_mbps * busy)
    standing = replace(world_.plant_of_others(cable), **plant)
    return cable.propose(world_.area, demand, standing, world_.loaded.scenario.clock)


def share(name=CATV):
    return world().prepared.ground.standing_share[name]


def conversions(proposal):
    return proposal.candidates[proposal.candidates["use"] == TELEVISION].reset_index(drop=True)


def test_every_zone_with_cable_television_has_one_conversion(cable):
    frame = conversions(propose(cable))
    rows = np.flatnonzero(share() > 0)
    assert frame["zone"].tolist() == rows.tolist()
    assert frame["project_id"].tolist() == [f"cable:{world().area.zones['zone_id'][row]}" for row in rows]
    assert set(frame["build"]) <= set(WAYS)
    assert (frame["requires"] == "").all()


def test_without_cable_television_nothing_can_be_converted(cable):
    proposal = propose(cable, homes_share={"ftth": share("ftth")})
    assert len(proposal.candidates) == len(proposal.service) == len(proposal.needed) == 0


def test_price_of_a_village_by_hand(cable):
    """Segments of its settlements, boxes of its homes, and fibre of its own where television has none."""
    area = world().area
    frame = conversions(propose(changed(cable, docsis_price=1e9, lan_price=1e9), routes=None))
    dark = cable.without_fibre(area, share() > 0)
    for row in frame.index[~area.urban[frame["zone"]]]:
        mine, zone = frame.iloc[row], int(frame["zone"].iloc[row])
        homes = design_homes(area.zones)[zone] * share()[zone]
        points = area.points[(area.points["zone"] == zone) & (area.points["homes"] > 0)]
        units = sum(math.ceil(count * share()[zone] / 64 - 1e-9) for count in points["homes"])
        assert mine["build"] == "EoC"
        assert mine["quantity"] == units
        assert mine["active_fen"] == pytest.approx(100 * units * cable.eoc_price, abs=1)
        analogue = homes * (1 - share(CATV_DIGITAL)[zone] / share()[zone])
        assert mine["terminal_fen"] == pytest.approx(100 * analogue * cable.box_price, abs=2)
        metres = area.zones["pop_route_m"][zone] * dark[zone]
        assert mine["backhaul_fen"] == pytest.approx(100 * metres * cable.feeder_price, abs=1)
        days = units * cable.fitting_days + analogue * cable.box_days + metres / 1000 / cable.feeder_pace
        assert mine["field_days"] == pytest.approx(days, abs=0.01)
        total = price_fen(frame)[row]
        assert mine["opex_fen_per_year"] == pytest.approx(total * cable.opex_share, abs=2)


def test_the_cheapest_way_is_chosen_everywhere(cable):
    """Against each way priced alone: none is cheaper than the one chosen."""
    area = world().area
    plans = cable.plan(area, world().prepared.demand, share(), world().loaded.scenario.clock)
    every = np.maximum(
        cable.units_by_reach(area, share()),
        cable.units_by_traffic(area, plans.homes, float(world().prepared.demand.fixed_busy_mbps[36])),
    )
    yuan = cable.equipment_yuan(every, plans.homes)
    assert (plans.yuan <= yuan.min(axis=0) + 1e-9).all()
    assert (plans.units == every[plans.way, np.arange(area.n_zones)]).all()


@pytest.mark.parametrize("way", WAYS)
def test_each_way_is_chosen_where_the_others_are_dear(cable, way):
    dear = {f"{other.lower()}_price": 1e9 for other in WAYS if other != way}
    urban = world().area.urban
    dense = changed(cable, lan_reach=10_000.0, **dear)
    frame = conversions(propose(dense))
    assert set(frame["build"][urban[frame["zone"]]]) == {way}


def test_thin_homes_have_no_building_lan(cable):
    """A hundred metres of twisted pair find no 24 homes in a village."""
    frame = conversions(propose(changed(cable, eoc_price=1e9, docsis_price=1e9)))
    assert "LAN" not in set(frame["build"][~world().area.urban[frame["zone"]]])


def test_a_rate_that_segments_cannot_keep_needs_another_way(cable):
    """300 Mbit/s are more than an EoC segment shares; a DOCSIS node of 400 Mbit/s keeps them."""
    frame = conversions(propose(changed(cable, kept_rate_urban=300.0, kept_rate_rural=300.0)))
    assert "EoC" not in set(frame["build"])
    with pytest.raises(ValidationError, match="kept_rate_urban: no segment"):
        type(cable).model_validate(cable.model_dump() | {"kept_rate_urban": 400.0})


def test_what_is_built_keeps_its_rate_at_the_busy_hour_of_the_design(cable):
    proposal = propose(cable, busy=20.0)
    frame, area = conversions(proposal), world().area
    service = proposal.service.set_index("project_id").loc[frame["project_id"]]
    busy = 20.0 * world().prepared.demand.fixed_busy_mbps[36]
    zone = frame["zone"].to_numpy()
    users = design_homes(area.zones)[zone] * share()[zone] * cable.take_up
    left = service["capacity_mbps"].to_numpy() - users / frame["quantity"].to_numpy() * busy
    kept = np.where(area.urban[zone], cable.kept_rate_urban, cable.kept_rate_rural)
    assert (left >= kept - 1e-3).all()


def test_traffic_adds_boxes_that_require_the_conversion(cable):
    """Boxes come in the first month whose traffic the conversion cannot carry, and all lines move to them."""
    proposal = propose(cable, busy=60.0)
    frame = proposal.candidates
    more, first = frame[frame["use"] == CAPACITY], conversions(proposal).set_index("project_id")
    assert len(more) > 0
    demand, area = world().prepared.demand, world().area
    rates = dict(zip(WAYS, cable.unit_rates(), strict=True))
    price = {"EoC": cable.eoc_price, "DOCSIS": cable.docsis_price, "LAN": cable.lan_price}
    for row in more.to_dict("records"):
        before = first.loc[row["requires"]]
        way = str(before["build"])
        assert row["build"] == f"{way} split"
        assert row["quantity"] > before["quantity"]
        added = row["quantity"] - before["quantity"]
        assert row["active_fen"] == pytest.approx(100 * added * price[way], abs=1)
        users = design_homes(area.zones)[row["zone"]] * share()[row["zone"]] * cable.take_up
        kept = cable.kept_rate_urban if area.urban[row["zone"]] else cable.kept_rate_rural
        needed = [
            float(
                segments_for_traffic(np.array([users]), rates[way], np.array([kept]), 60.0 * float(busy))[0]
            )
            for busy in demand.fixed_busy_mbps
        ]
        month = row["available_month"]
        assert needed[month] > before["quantity"]
        assert max(needed[36:month]) <= before["quantity"]
        assert row["quantity"] == max(needed)


def test_little_traffic_adds_none(cable):
    assert set(propose(cable, busy=0.01).candidates["use"]) == {TELEVISION}


def test_shared_routes_lead_to_villages_without_fibre(cable):
    """With routes planned no own feeder is priced, and every village without fibre needs its route."""
    area = world().area
    asked = {}

    class Routes(SimpleNamespace):
        def needed(self, ids, zones):
            asked.update(zip(ids, zones, strict=True))
            return NEEDED.frame(project_id=ids, asset_id=[f"route:{zone % 3}" for zone in zones])

        def assets(self):
            prices = {name: 0 for name in ASSETS.names if name.endswith("_fen")}
            return ASSETS.frame(
                asset_id=[f"route:{n}" for n in range(9)], kind="route", life_years=20.0, **prices
            )

    proposal = propose(cable, routes=Routes())
    assert sorted(asked.values()) == np.flatnonzero(cable.without_fibre(area, share() > 0)).tolist()
    assert set(proposal.assets["asset_id"]) == set(proposal.needed["asset_id"])
    assert (proposal.candidates["backhaul_fen"] == 0).all()


def test_the_farthest_villages_lack_fibre(cable):
    area = world().area
    dark = cable.without_fibre(area, share() > 0)
    villages = np.flatnonzero((share() > 0) & ~area.urban)
    assert dark.sum() == round(cable.new_feeder_share * len(villages))
    route = area.zones["pop_route_m"].to_numpy()
    assert route[dark].min() >= route[np.setdiff1d(villages, np.flatnonzero(dark))].max()


def test_a_new_subscriber_costs_modem_and_visit(cable):
    assert cable.connect_yuan() == cable.modem_price + cable.fitting_price
    assert 200 < cable.connect_yuan() < 350


def test_planning_beyond_the_horizon_stops_at_its_end(cable):
    """A design life that outlasts the months known is cut to them, and no box is added then."""
    horizon = Horizon("2014-01", "2014-06")
    demand = world().prepared.demand
    short = replace(demand, fixed_busy_mbps=demand.fixed_busy_mbps[:6] * 20)
    plans = cable.plan(world().area, short, share(), horizon)
    assert (plans.later == plans.units).all()


def test_price_of_conversion_is_near_what_operators_reported(cable):
    """85 yuan a home for segments of 64 homes; thin settlements need more, no zone a fifth less."""
    lookup = world().loaded.lookup
    per_home = lookup.value("cable_eoc_price", "yuan/unit") / 64
    plans = cable.plan(world().area, world().prepared.demand, share(), world().loaded.scenario.clock)
    urban = world().area.urban & (plans.homes > 0)
    assert (plans.yuan[urban] / plans.homes[urban]).min() >= 0.8 * per_home
    assert plans.yuan[urban].sum() / plans.homes[urban].sum() <= 2.0 * per_home


def test_a_run_without_cable_as_a_technology_still_counts_what_stands():
    done = simulate(load(("technologies.cable", "null"), ("budget.pots.cable.share", "0.0"), zones=20))
    table = done.indicators.set_index(["month", "indicator", "breakdown"])["value"]
    assert "cable" not in set(done.candidates["technology"])
    assert table[0, "cable_homes_passed", "all"] > 0
    covered = done.states[0].covered_share[:, done.states[0].technology("cable")]
    assert (covered == covered[0]).all(), "what stands stays, and nothing is added"
    assert (covered[0] > 0).any()


def test_a_run_without_cable_television_measures_none_of_it():
    done = simulate(load(("standing.cable", "null"), zones=20))
    assert "cable" not in set(done.candidates["technology"])
    shares = done.indicators[done.indicators["indicator"] == "cable_two_way_share"]
    assert len(shares) == 0
    assert isinstance(done.scorecard, pd.DataFrame)
