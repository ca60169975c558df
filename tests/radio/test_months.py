"""The radio networks of a run month by month."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sim import study
from sim.planning.asked import projects_of
from sim.radio.audience import audience_of
from sim.radio.busy import SitesAround, site_weights
from sim.radio.land import land_of
from sim.radio.measures import first_month, planned_month, share_by_month, village_months
from sim.radio.months import NEVER, NOTHING, measure_networks
from sim.radio.onair import NetworkOnAir
from sim.radio.received import cells_of, hear
from sim.rollout.on_air import Built, networks_on_air
from tests import world

ZONES = 150


@cache
def built():
    """Return a prepared world, its first replication and its networks."""
    loaded = world.load(zones=ZONES)
    prepared = world.prepare(loaded)
    outcome = study._replicate(prepared, 0, study.Stages(None), 0.0, 1.0)
    what = Built(outcome.state, outcome.events, projects_of(outcome.plan))
    chosen = loaded.scenario.technologies.chosen()
    networks = networks_on_air(prepared.area, chosen, what, prepared.demand, prepared.standing.sectors)
    return prepared, outcome, networks


def value(table, technology, measure, breakdown, month=-1):
    rows = table[
        (table["technology"] == technology)
        & (table["measure"] == measure)
        & (table["breakdown"] == breakdown)
    ].sort_values("month")
    return rows["value"].to_numpy()[month]


def test_points_covered_here_are_those_that_activated_projects_serve():
    prepared, outcome, networks = built()
    audience = audience_of(prepared.area, 20)
    assert {air.name for air in networks} >= {"lte", "nbiot"}
    for air in networks:
        mine = np.maximum(planned_month(audience, air, hear(prepared.area, audience, air)), 0)
        fold = np.maximum(outcome.state.point_month[air.name], 0)
        # A point keeps its strongest cells alone: a weaker one that came first may serve it earlier.
        assert (mine <= fold).all()
        assert (mine == fold).mean() > 0.98
        assert np.array_equal(mine < air.months, fold < air.months)


def test_hearing_farther_changes_no_cover():
    prepared, _, networks = built()
    audience = audience_of(prepared.area, 20)
    air = next(air for air in networks if air.name == "lte")
    near, far = hear(prepared.area, audience, air), hear(prepared.area, audience, air, -123.0)
    wanted = np.full(len(audience.at), air.network.threshold_dbm() + air.network.margin_db())
    assert np.array_equal(first_month(near.rsrp_dbm, wanted), first_month(far.rsrp_dbm, wanted))
    noise = 10.0**-12.3
    assert (far.other_mw >= near.other_mw * (1 - 1e-5) - 3 * ZONES * noise).all()
    assert (far.other_mw > near.other_mw * 1.01).any()  # what disturbs beyond the radius of cover


def test_shares_lie_between_0_and_1_and_grow():
    _, outcome, _ = built()
    table = outcome.radio.radio
    shares = table[table["unit"] == "share"]
    assert shares["value"].between(0.0, 1.0).all()
    grown = shares[shares["measure"].isin(["population_share", "area_share", "road_share", "place_share"])]
    for _, part in grown.groupby(["technology", "measure", "breakdown"]):
        assert (np.diff(part.sort_values("month")["value"]) >= 0).all()


def test_rooms_are_harder_to_reach_than_the_street_and_basements_than_rooms():
    table = built()[1].radio.radio
    for technology in ("lte", "nbiot", "gsm"):
        street = value(table, technology, "population_share", "outdoor")
        assert street >= value(table, technology, "population_share", "indoor")
    classes = [
        value(table, "nbiot", "coupling_population_share", f"144 dB {where}")
        for where in ("outdoor", "indoor", "deep")
    ]
    assert classes == sorted(classes, reverse=True)
    assert value(table, "nbiot", "coupling_population_share", "164 dB deep") >= classes[2]
    assert value(table, "nbiot", "mean_repetitions", "uplink deep") >= 1.0


def test_a_user_among_others_is_slower_than_alone():
    table = built()[1].radio.radio
    for measure in ("edge_rate_mbps", "median_rate_mbps"):
        assert value(table, "lte", measure, "busy hour") <= value(table, "lte", measure, "alone")
    median = value(table, "lte", "median_rate_mbps", "alone")
    assert value(table, "lte", "edge_rate_mbps", "alone") <= median


def test_cells_hold_the_residents_that_are_covered():
    prepared, outcome, networks = built()
    cells = outcome.radio.cells
    lte = cells[cells["technology"] == "lte"]
    people = prepared.area.points["population"].to_numpy()
    served = outcome.state.point_month["lte"] < outcome.state.homes.shape[0]
    assert lte["residents"].sum() == pytest.approx(people[served].sum())
    assert (lte["load"] >= 0).all()
    air = next(air for air in networks if air.name == "lte")
    assert len(lte) == len(cells_of(air))
    assert np.isfinite(lte["sinr_db"][lte["residents"] > 0]).all()


def test_maps_agree_with_the_table_and_lie_on_land():
    prepared, outcome, networks = built()
    air = next(air for air in networks if air.name == "lte")
    maps = outcome.radio.maps["lte"]
    land = land_of(prepared.area, air.carriers[0].layer.pixel_m)
    covered = maps.first_month != NEVER
    assert not covered[~land.inside].any()
    share = covered[land.inside].mean()
    assert share == pytest.approx(value(outcome.radio.radio, "lte", "area_share", "outdoor"))
    assert (maps.cell[covered] >= 0).all()
    assert np.isfinite(maps.sinr_db[covered & np.isfinite(maps.rsrp_dbm)]).all()
    kept = maps.rasters()
    assert set(kept) == {"rsrp", "server", "overlap", "first_month", "sinr"}
    pixels, nothing = kept["rsrp"]
    assert nothing == NOTHING
    assert np.isfinite(pixels).all()


def test_measuring_twice_gives_the_same():
    prepared, outcome, networks = built()
    again = measure_networks(prepared.area, networks, prepared.scenario.radio)
    assert again.radio.equals(outcome.radio.radio)
    assert again.cells.equals(outcome.radio.cells)
    for name, maps in again.maps.items():
        assert np.array_equal(maps.first_month, outcome.radio.maps[name].first_month)


def test_rasters_may_be_left_out():
    prepared, _, networks = built()
    options = prepared.scenario.radio.model_copy(update={"rasters": False})
    found = measure_networks(prepared.area, networks, options)
    assert found.maps == {}
    assert "area_share" not in set(found.radio["measure"])


def test_more_traffic_makes_users_slower():
    prepared, outcome, networks = built()
    air = next(air for air in networks if air.name == "lte")
    more = replace(air, traffic_mbps=air.traffic_mbps * 3.0)
    options = prepared.scenario.radio.model_copy(update={"rasters": False})
    table = measure_networks(prepared.area, [more], options).radio
    usual = outcome.radio.radio
    assert value(table, "lte", "mean_load", "") > value(usual, "lte", "mean_load", "")
    slower = value(table, "lte", "median_rate_mbps", "busy hour")
    assert slower < value(usual, "lte", "median_rate_mbps", "busy hour")


def test_what_is_added_to_a_site_counts_from_its_month():
    added = (np.array([3, 3], np.int32), np.array([2, 4], np.int32), np.array([1.0, 0.5]))
    air = NetworkOnAir("lte", None, (), added, np.zeros((6, 1)))
    rows = np.array([1, 3], np.int32)
    assert air.capacity(rows, 1).tolist() == [1.0, 1.0]
    assert air.capacity(rows, 2).tolist() == [1.0, 2.0]
    assert air.capacity(rows, 5).tolist() == [1.0, 2.5]


def test_first_months_and_shares_by_hand():
    rsrp = np.array([[-120, -90, -np.inf], [-100, -90, -np.inf], [-100, -80, -np.inf]], dtype=np.float32)
    first = first_month(rsrp, np.full(3, -100.0))
    assert first.tolist() == [1, -1, 3]
    assert share_by_month(first, np.array([1.0, 2.0, 1.0]), 3).tolist() == [0.5, 0.75, 0.75]
    assert np.isnan(share_by_month(first, np.zeros(3), 3)).all()


def test_a_village_waits_for_the_last_of_what_must_have_signal():
    prepared, _, _ = built()
    audience = audience_of(prepared.area, 20)
    first = np.zeros(len(audience.at), dtype=np.int64)
    assert (village_months(audience, first, 9) <= 9).all()
    row = int(np.flatnonzero(audience.must_have)[0])
    first[row] = 7
    assert (village_months(audience, first, 9) == 7).sum() == 1
    assert audience.people.sum() == prepared.area.points["population"].sum()


def test_sites_around_weigh_alike_where_all_are_equally_busy():
    draw = np.random.default_rng(1)
    x, y = draw.uniform(0, 1e4, 12), draw.uniform(0, 1e4, 12)
    on = np.arange(12) < 9
    weights = site_weights(x, y, on)
    assert weights.sum(axis=1)[on] == pytest.approx(np.ones(9))
    assert weights.sum(axis=1)[~on] == pytest.approx(np.zeros(3))
    site = np.repeat(np.arange(12, dtype=np.int32), 3)
    around = SitesAround(np.array([2.0, 4.0]), np.array([0, -1]), site, weights)
    assert around.power_mw(np.full(36, 0.5)) == pytest.approx([1.0, 0.0])
