"""Transport: what is proposed when, what requires what, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sim.access.nodes import nodes_of
from sim.access.uplinks import BACKUP, EGRESS, IPV6, RING, UPLINK, busy_load_mbps
from sim.clock import Horizon
from sim.demand import estimate_demand
from sim.tables import plan
from tests.world import busy, price_fen, run, world


@pytest.fixture
def transport():
    return world().technologies["transport"]


def clock():
    return world().loaded.scenario.clock


def propose(transport, demand=None, area=None, horizon=None):
    return transport.propose(
        area or world().area, demand or world().prepared.demand, world().plant, horizon or clock()
    )


def of_kind(proposal, kind):
    return proposal.candidates[proposal.candidates["build"] == kind].reset_index(drop=True)


def capacity(proposal):
    """Return the capacity of each project, which is the same in all its zones [Mbit/s]."""
    groups = proposal.service.groupby("project_id")["capacity_mbps"]
    assert (groups.min() == groups.max()).all()
    return groups.first()


# ---- what is proposed


def test_the_five_kinds_have_uses_of_their_own_where_they_may_gain_beside_each_other(transport):
    candidates = propose(transport, busy(50)).candidates
    uses = candidates.groupby("build")["use"].unique().str[0].to_dict()
    own = {EGRESS: plan.EGRESS, IPV6: plan.IPV6, BACKUP: plan.BACKUP}
    assert uses == {UPLINK: plan.TRANSPORT, RING: plan.TRANSPORT} | own


def test_a_project_serves_the_zones_behind_its_node(transport):
    area, proposal = world().area, propose(transport, busy(50))
    nodes = nodes_of(area)
    zones = proposal.service.groupby("project_id")["zone"].agg(set)
    place = area.places["place_id"].to_numpy()[nodes.place]
    county = area.counties["county"].to_numpy()
    for project, served in zones.items():
        kind, _, name = project.removeprefix("transport:").partition(".")
        if kind == EGRESS:
            wanted = set(range(area.n_zones))
        elif kind in (UPLINK, BACKUP):
            node = next(k for k, one in enumerate(place) if name.startswith(one))
            wanted = set(np.flatnonzero(nodes.of_zone == node))
        else:
            row = next(k for k, one in enumerate(county) if name.startswith(one))
            wanted = set(np.flatnonzero(nodes.county_of_zone == row))
        assert served == wanted, project


@pytest.mark.parametrize("factor", [1, 20, 50, 300])
def test_a_later_step_requires_the_one_before_and_is_larger(transport, factor):
    proposal = propose(transport, busy(factor))
    size = capacity(proposal)
    known = set(proposal.candidates["project_id"])
    month = proposal.candidates.set_index("project_id")["available_month"]
    for row in proposal.candidates.to_dict("records"):
        before = row["requires"]
        if not before:
            continue
        assert before in known
        assert month[before] <= month[row["project_id"]]
        if row["build"] == UPLINK and before.startswith(f"transport:{RING}"):
            assert month[row["project_id"]] <= 0, "only what is outgrown from the start waits for its ring"
        else:
            assert size[before] < size[row["project_id"]]
            assert before.split(".")[0] == row["project_id"].split(".")[0]


def test_uplinks_wait_for_a_ring_that_is_too_small_too(transport):
    candidates = propose(transport, busy(50)).candidates.set_index("project_id")
    nodes = nodes_of(world().area)
    codes = world().area.counties["county"].to_numpy()
    place = world().area.places["place_id"].to_numpy()[nodes.place]
    first = [name for name in candidates.index if name in {f"transport:up.{one}" for one in place}]
    assert first
    for name in first:
        county = codes[nodes.county[list(place).index(name.removeprefix("transport:up."))]]
        assert candidates.loc[name, "requires"] == f"transport:ring.{county}"


def test_without_traffic_only_ipv6_and_backups_are_left_to_do(transport):
    proposal = propose(transport, busy(0))
    assert set(proposal.candidates["build"]) == {IPV6, BACKUP}


def test_growth_of_nothing_builds_only_what_is_too_full_at_the_start(transport):
    demand = busy(1)
    flat = replace(
        demand,
        fixed_busy_mbps=np.full_like(demand.fixed_busy_mbps, demand.fixed_busy_mbps[0] * 20),
        mobile_busy_mbps=np.full_like(demand.mobile_busy_mbps, demand.mobile_busy_mbps[0]),
        fixed_willing=np.repeat(demand.fixed_willing[:1], len(demand.fixed_willing), axis=0),
        mobile_willing=np.repeat(demand.mobile_willing[:1], len(demand.mobile_willing), axis=0),
    )
    zones = world().area.zones
    still = {f"{what}_2020": zones[f"{what}_2010"] for what in ("homes", "population")}
    candidates = propose(transport, flat, replace(world().area, zones=zones.assign(**still))).candidates
    uplinks = candidates[candidates["build"] == UPLINK]
    assert len(uplinks) > 0
    assert (uplinks["available_month"] <= 0).all()
    assert not uplinks["project_id"].str.fullmatch(r".*\.\d{3}\.2").any()


@cache
def twenty_years():
    horizon = Horizon("2014-01", "2033-12")
    kinds = world().area.zones["kind"].to_numpy(dtype=str)
    return horizon, estimate_demand(kinds, world().loaded.scenario.demand, horizon)


def test_twenty_years_of_growth_are_borne_by_many_interfaces_in_parallel(transport):
    horizon, demand = twenty_years()
    area = world().area
    nodes = nodes_of(area)
    proposal = propose(transport, demand, horizon=horizon)
    load = busy_load_mbps(area, demand, horizon, nodes.of_zone, len(nodes.place))[-1]
    size = capacity(proposal)
    for node, name in enumerate(area.places["place_id"].to_numpy()[nodes.place]):
        steps = [one for one in size.index if one.startswith(f"transport:up.{name}")]
        assert max(size[steps]) * transport.usable_load >= load[node]
        assert max(size[steps]) % (transport.large_rate * 1000) == 0
    assert size[[one for one in size.index if ".egress" in one or ":egress" in one]].max() * (
        transport.usable_load
    ) >= load.sum() * transport.egress_share * (1 - 1e-6)


# ---- egress and its goal


def test_egress_rises_evenly_to_the_goal_of_a_policy(transport):
    """Twice what stands by the end of the second year, with next to no traffic."""
    quiet = busy(0.001)
    wanted = transport.egress_per_resident * 2
    changed = transport.model_copy(
        update={"egress_goal": wanted, "egress_goal_month": "2015-12", "ahead": 0.0, "egress_lasts": 5.0}
    )
    proposal = propose(changed, quiet)
    steps = of_kind(proposal, EGRESS)
    standing = changed.standing(world().area).egress_mbps
    size = capacity(proposal)[steps["project_id"]].to_numpy()
    first = np.maximum(steps["available_month"].to_numpy(), 0)
    # the path of month m is standing x (1 + (m + 1) / 24); a step bears it for five months more
    assert size == pytest.approx(standing * (1 + np.minimum(first + 6, 24) / 24), rel=1e-6)
    assert size[-1] == pytest.approx(2 * standing, rel=1e-6)
    assert first.tolist() == [0, 6, 12, 18]
    assert len(of_kind(propose(transport.model_copy(update={"egress_goal": 0.0}), quiet), EGRESS)) == 0


def test_a_goal_that_stands_already_asks_for_nothing(transport):
    met = transport.model_copy(update={"egress_goal": transport.egress_per_resident})
    assert len(of_kind(propose(met, busy(0.001)), EGRESS)) == 0


def test_egress_is_paid_by_its_size(transport):
    proposal = propose(transport, busy(50))
    steps = of_kind(proposal, EGRESS)
    size = np.concatenate(
        ([transport.standing(world().area).egress_mbps], capacity(proposal)[steps["project_id"]])
    )
    assert price_fen(steps) == pytest.approx(np.diff(size) / 1000 * transport.egress_price * 100, rel=1e-5)


# ---- prices by hand


def test_an_uplink_is_priced_by_its_ends_and_its_route(transport):
    """Ten gigabit replace one: two ends, and a line as long as the route."""
    area = world().area
    nodes = nodes_of(area)
    chosen = transport.model_copy(
        update={"urban_uplink": 1.0, "rural_uplink": 1.0, "county_ring": 1e6, "most_links": 1}
    )
    demand = world().prepared.demand
    load = busy_load_mbps(area, demand, clock(), nodes.of_zone, len(nodes.place)) / chosen.usable_load
    factor = 5_000.0 / load.max()
    proposal = propose(chosen, busy(factor))
    steps = of_kind(proposal, UPLINK).set_index("project_id")
    place = list(area.places["place_id"].to_numpy()[nodes.place])
    assert len(steps)
    for name, row in steps.iterrows():
        node = place.index(name.removeprefix("transport:up."))
        wanted = 2 * chosen.medium_price + nodes.uplink_m[node] * chosen.route_factor * chosen.line_price
        assert row["active_fen"] == pytest.approx(wanted * 100, abs=1)
        assert row["opex_fen_per_year"] == pytest.approx(wanted * 100 * chosen.opex_share, abs=1)


def test_links_of_the_same_interface_stay_and_others_are_replaced(transport):
    from sim.access.uplinks import Ladder

    had = np.array([10_000.0, 10_000.0, 20_000.0, 200_000.0])
    need = np.array([15_000.0, 150_000.0, 20_000.1, 650_000.0])
    steps = Ladder(*(np.zeros(4, dtype=np.int64),) * 3, had, need, need)
    links, price = transport.model_copy(update={"most_links": 2})._links(steps)
    assert links.tolist() == [1, 2, 1, 5]
    assert price.tolist() == [transport.medium_price, *[transport.large_price] * 3]


def test_the_first_ring_of_a_county_with_one_path_lays_the_second(transport):
    proposal = propose(transport, busy(50))
    standing = transport.standing(world().area)
    nodes = nodes_of(world().area)
    rings = of_kind(proposal, RING).set_index("project_id")
    for county, code in enumerate(world().area.counties["county"]):
        metres = nodes.spur_m[county] * transport.route_factor * transport.path_new_share
        wanted = 0.0 if standing.diverse[county] else metres * transport.path_price * 100
        row = rings.loc[f"transport:ring.{code}"]
        assert row["passive_fen"] + row["civil_fen"] == pytest.approx(wanted, abs=2)
        if f"transport:ring.{code}.2" in rings.index:
            assert rings.loc[f"transport:ring.{code}.2", "civil_fen"] == 0


# ---- IPv6


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_ipv6_is_left_for_the_counties_that_lack_it(transport, share):
    chosen = transport.model_copy(update={"ipv6_share": share})
    area = world().area
    left = of_kind(propose(chosen), IPV6)
    ready = chosen.standing(area).ipv6
    nodes = nodes_of(area)
    codes = area.counties["county"].to_numpy()[~ready]
    assert left["project_id"].tolist() == [f"transport:ipv6.{code}" for code in codes]
    count = np.bincount(nodes.county, minlength=len(ready))[~ready]
    assert left["quantity"].tolist() == (count + 1).tolist()
    wanted = count * chosen.ipv6_node_price + chosen.ipv6_county_price
    assert price_fen(left) == pytest.approx(wanted * 100, abs=1)


# ---- backup links


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_a_backup_link_is_for_points_that_one_failure_cuts_off(transport, share):
    chosen = transport.model_copy(update={"diverse_share": share, "backup_hop": 2.0, "backup_price": 1000.0})
    area = world().area
    left, nodes = of_kind(propose(chosen), BACKUP), nodes_of(area)
    alone = np.flatnonzero(~chosen.standing(area).diverse[nodes.county])
    places = area.places["place_id"].to_numpy()[nodes.place[alone]]
    assert left["project_id"].tolist() == [f"transport:backup.{place}" for place in places]
    hops = [max(int(np.ceil(m / 2000.0)), 1) for m in nodes.uplink_m[alone]]
    assert left["quantity"].tolist() == hops
    assert price_fen(left) == pytest.approx(np.array(hops) * 1000.0 * 100, abs=1)


# ---- areas at the edge, whole runs


def test_an_area_without_points_of_presence_still_has_rings_and_egress(transport):
    area = world().area
    bare = replace(area, zones=area.zones.assign(pop_place=-1))
    kinds = set(propose(transport, busy(50), bare).candidates["build"])
    assert kinds == {RING, EGRESS, IPV6}


def test_a_single_zone_is_an_area_too(transport):
    area = world().area
    one = replace(area, zones=area.zones.iloc[:1])
    demand = replace(busy(3_000), zone_kind=world().prepared.demand.zone_kind[:1])
    proposal = propose(transport, demand, one)
    assert set(proposal.service["zone"]) == {0}
    assert set(proposal.candidates["zone"]) == {0}


def test_nothing_is_built_without_money():
    made = run(("budget.scale", "0.0"))
    carried = made.states[0].transport
    assert (carried.uplink_mbps == carried.uplink_mbps[0]).all()
    assert (carried.egress_gbps == carried.egress_gbps[0]).all()
    assert not (made.decisions["chosen"] & (made.decisions["technology"] == "transport")).any()


def test_without_transport_nothing_is_required_and_nothing_is_carried():
    made = run(("technologies.transport", "null"))
    assert made.states[0].transport is None
    assert made.states[0].uplink_mbps is None
    assert not made.candidates["requires"].str.startswith("transport:").any()


def test_links_are_enlarged_while_the_traffic_grows():
    carried = run().states[0].transport
    assert (np.diff(carried.uplink_mbps, axis=0) >= 0).all()
    assert (np.diff(carried.ring_mbps, axis=0) >= 0).all()
    assert carried.egress_gbps[-1] > carried.egress_gbps[0]
    assert "transport" not in run().states[0].technologies
