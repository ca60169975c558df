"""Sourced totals bound the prices that are assumed: what a village, a home or a site comes to in Yunnan.

Sourced amounts are moved to the price year of the run by the same rule as every price.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.world import price_fen, world

pytestmark = pytest.mark.packages
PROGRAMME = 0.05
"""Programme totals may or may not hold the equipment room and connections: 5 % either way."""


@pytest.fixture(scope="module")
def yunnan():
    return world(scenario="yunnan-2017")


def shared_fen(yunnan, proposal):
    """Return by project the price of its assets: all of a mast or roof, equal parts of what is shared [fen].

    Segments of routes are shared by all zones behind them, equipment rooms by all that need them.
    """
    needed, routes = proposal.needed, yunnan.prepared.routes
    behind = np.bincount(routes.paths.segment, minlength=len(routes.asset_id))
    users = needed["asset_id"].value_counts()
    segment = pd.Series(behind, index=routes.asset_id)
    users = segment.reindex(needed["asset_id"]).fillna(users.reindex(needed["asset_id"])).to_numpy()
    bought = pd.Series(price_fen(proposal.assets), index=proposal.assets["asset_id"].to_numpy())
    part = bought.reindex(needed["asset_id"]).to_numpy() / users
    return pd.Series(part, index=needed["project_id"].to_numpy()).groupby(level=0).sum()


@cache
def ftth_yuan():
    """Return the price of fibre to each zone without it, its homes, and whether it is a village.

    Each with its equal parts of the equipment room and of the feeder segments that it shares [yuan].
    """
    yunnan = world(scenario="yunnan-2017")
    ftth = yunnan.technologies["ftth"]
    plant = replace(yunnan.plant, sectors=None, routes=yunnan.prepared.routes)
    proposal = ftth.propose(yunnan.area, yunnan.prepared.demand, plant, yunnan.loaded.scenario.clock)
    candidates = proposal.candidates[proposal.candidates["build"] != "10g"]
    extra = candidates["project_id"].map(shared_fen(yunnan, proposal)).fillna(0.0).to_numpy()
    rows = candidates["zone"].to_numpy()
    open_ = 1.0 - plant.homes_share["ftth"][rows]
    homes = yunnan.area.zones[["homes_2010", "homes_2020"]].max(axis=1).to_numpy()[rows] * open_
    return (price_fen(candidates) + extra) / 100.0, homes, ~yunnan.area.urban[rows]


@pytest.fixture
def sourced(yunnan):
    """Return a row of the parameter table in yuan of the price year."""
    lookup = yunnan.loaded.lookup

    def value(name):
        return lookup.value(name, lookup.rows[name.partition("@")[0]].unit)

    return value


def test_amounts_are_of_2015(yunnan):
    assert yunnan.loaded.scenario.money.price_year == 2015


def test_the_median_village_costs_what_programmes_paid_for_one(sourced):
    """228 thousand yuan in Guizhou, 244 in Shanxi, 265 in Rong county, 302 and 317 elsewhere."""
    yuan, _, village = ftth_yuan()
    low = sourced("village_fibre_total_cost_universal_service_guizhou")
    high = sourced("village_fibre_total_cost_universal_service_national")
    assert 215_000 < low < high < 320_000
    assert low * (1 - PROGRAMME) <= np.median(yuan[village]) <= high * (1 + PROGRAMME)


def test_few_villages_cost_less_than_the_cheapest_programme(sourced):
    """85 thousand yuan a village in Shaoyang county, in easier land than Yunnan's."""
    yuan, _, village = ftth_yuan()
    low = sourced("village_fibre_capex_per_admin_village@low")
    assert np.percentile(yuan[village], 10) >= low


def test_a_home_in_town_costs_what_a_home_passed_did(sourced):
    """545 to 1,000 yuan in the mean of Sichuan; dense streets take less and sparse towns more than a mean.

    Half of the least mean and half as much again as the highest bound the single zones.
    """
    yuan, homes, village = ftth_yuan()
    low, high = (sourced(f"ftth_capex_per_home_passed_sichuan{edge}") for edge in ("@low", ""))
    assert low == pytest.approx(545 * 114.755 / 110.952)
    assert 545 <= low <= yuan[~village].sum() / homes[~village].sum() <= high
    per_home = (yuan / homes)[~village]
    assert np.percentile(per_home, 1) >= low / 2
    assert np.percentile(per_home, 99) <= high * 1.5


def lte_sites(yunnan):
    """Return the candidates that are sites, their prices [yuan] and whether each is a new mast."""
    proposal = yunnan.propose("lte")
    frame = proposal.candidates[proposal.candidates["build"].isin(("new site", "co-location"))]
    mast = yunnan.area.locations["kind"].to_numpy()[frame["location"]] == "mast"
    shared = frame["project_id"].map(shared_fen(yunnan, proposal)).fillna(0.0).to_numpy()
    return frame, (price_fen(frame) + shared) / 100.0, mast & (frame["build"] == "new site").to_numpy()


def test_a_remote_new_site_costs_half_a_million_or_more(yunnan, sourced):
    """616 thousand yuan in the mean on Sichuan's plateau roads; 600 to 700 with six years of running.

    A site beyond the reach of fibre has a microwave hop; a few have two.
    """
    frame, yuan, new = lte_sites(yunnan)
    route = yunnan.area.zones["pop_route_m"].to_numpy()
    remote = new & (route[frame["zone"]] > np.percentile(route, 75))
    assert remote.sum() > 100
    assert yuan[remote].min() >= 500_000
    assert np.percentile(yuan[remote], 90) <= 710_000
    assert yuan[remote].mean() == pytest.approx(sourced("rural_4g_site_total_cost_mountain_roads"), rel=0.15)


def test_the_mean_site_costs_what_a_programme_of_many_did(yunnan, sourced):
    """208,500 yuan a base station in 2013, transport and part of the sites included."""
    _, yuan, _ = lte_sites(yunnan)
    added = yunnan.propose("lte").candidates
    added = price_fen(added[added["build"].isin(("carrier", "sectors", "second site"))]).sum() / 100.0
    mean = (yuan.sum() + added) / len(yuan)
    assert mean == pytest.approx(sourced("tdlte_site_capex_2013"), rel=0.4)


def test_a_shared_site_costs_less_than_the_mean_and_more_than_the_tower_share(yunnan, sourced):
    frame, yuan, _ = lte_sites(yunnan)
    shared = yuan[(frame["build"] == "co-location").to_numpy()]
    assert sourced("china_tower_investment_per_project@low") < shared.min()
    assert np.median(shared) < sourced("tdlte_site_capex_2013")


def test_a_board_costs_30_to_50_thousand(yunnan):
    frame = yunnan.propose("nbiot").candidates
    yuan = price_fen(frame[frame["build"] == "board"]) / 100.0
    assert len(yuan) > 1000
    assert yuan.min() >= 30_000
    assert yuan.max() <= 50_000
