"""Defects that published planning models were found to have: each has a test that would catch it here."""

from __future__ import annotations

import numpy as np
import pytest

from sim.errors import DataError
from sim.sweeps import result_digest
from sim.tables.layers import ZONES
from sim.tables.plan import ADDED_TO_SITES
from tests.planning.small import GREEDY, needs, proposal, question, reasons
from tests.world import load, run, simulate, world

RICH = ("budget.scale", "30")
SIX_YEARS = ("horizon.last", "2019-12")


@pytest.fixture(scope="module")
def long():
    """Six years, so that what is bought in one year could be bought again in the next."""
    return run(SIX_YEARS, RICH)


# ---- the same carrier was bought anew every year (14 % of all money)


def test_nothing_that_stands_or_was_bought_is_bought_again(long):
    events = long.events
    for kind, what in (("funded", "project_id"), ("bought", "task"), ("activated", "project_id")):
        mine = events.loc[events["event"] == kind, what]
        assert len(mine) > 20
        assert not mine.duplicated().any()


def test_no_carrier_comes_twice_to_a_location(long):
    active = long.events.loc[long.events["event"] == "activated", "project_id"]
    sites = active[active.str.startswith("lte:")]
    # a project of one more carrier is named by location and carrier
    assert sites.str.contains("+", regex=False).any()
    assert not sites.duplicated().any()
    decided = long.decisions[long.decisions["chosen"]]
    assert not decided["project_id"].duplicated().any()
    months = decided.groupby("release")["price_fen"].sum()
    assert len(months) > 1


# ---- an upgrade was paid for that added no capacity


def test_every_upgrade_adds_capacity():
    proposed = world(SIX_YEARS).propose("lte")
    upgrade = proposed.candidates["build"].isin(ADDED_TO_SITES).to_numpy()
    assert upgrade.any()
    capacity = np.zeros(len(upgrade))
    np.maximum.at(capacity, proposed.service_owner, proposed.service["capacity_mbps"].to_numpy())
    price = proposed.candidates[[c for c in proposed.candidates if c.endswith("_fen")]].sum(axis=1)
    assert (capacity[upgrade] > 0).all()
    assert (price.to_numpy()[upgrade] > 0).all()


# ---- scenarios of low and high traffic gave files alike to the byte


def test_traffic_growth_changes_results():
    base = load(SIX_YEARS)
    row = base.lookup.rows[base.resolved["demand"]["traffic_growth_per_year"]]
    assert row.low < row.high
    low, high = (
        simulate(load(SIX_YEARS, (f"parameters.values.{row.name}", str(value))))
        for value in (row.low, row.high)
    )
    assert result_digest(low) != result_digest(high)
    rate = "busy_hour"
    ends = []
    for made in (low, high):
        last = made.indicators[made.indicators["month"] == made.horizon.months - 1]
        ends.append(last[last["indicator"].str.contains(rate)]["value"].sum())
    assert ends[0] != ends[1]


# ---- what an obligation built was not seen by the choice of the same year; missing people were passed over


def test_what_is_committed_in_advance_counts_for_the_rest_of_the_same_release():
    rows = [
        {"id": "fwa:a", "technology": "fwa", "zone": 0, "civil_fen": 50},
        {"id": "ftth:a", "technology": "ftth", "zone": 0, "civil_fen": 10},
    ]
    asked = proposal(rows, service=[("fwa:a", 0, -1, 100.0), ("ftth:a", 0, -1, 100.0)])
    wanted = needs(("fixed", "village", 20.0, 9, 1.0))
    free = GREEDY.choose(question(asked, [100], 1000, needs=wanted))
    assert [one.project_id for one in free.chosen] == ["ftth:a"]
    made = GREEDY.choose(question(asked, [100], 1000, needs=wanted, forced=("fwa:a",)))
    assert [one.project_id for one in made.chosen] == ["fwa:a"]
    assert reasons(made)["ftth:a"] == "nothing newly served"


def test_zones_without_people_are_an_error_and_no_zero():
    zones = world().area.zones[ZONES.names]
    ZONES.check(zones)
    with pytest.raises(DataError, match="population_2020"):
        ZONES.check(zones.drop(columns="population_2020"))


# ---- the rates of all carriers were multiplied by the width of the last one


def test_a_site_carries_the_sum_of_its_carriers_each_by_its_own_width():
    nr = world(SIX_YEARS).technologies["nr"]
    narrow, wide = sorted(nr.carriers, key=lambda name: nr.carriers[name].bandwidth)[:: len(nr.carriers) - 1]
    carriers = {
        narrow: nr.carriers[narrow].model_copy(update={"bandwidth": 10.0, "downlink_share": 1.0}),
        wide: nr.carriers[wide].model_copy(update={"bandwidth": 50.0, "downlink_share": 0.8}),
    }
    both = nr.model_copy(update={"carriers": carriers, "coverage": narrow, "overlay": ""})
    per_mhz = both.sectors * both.spectral_efficiency * both.usable_load
    assert both.carrier_mbps(narrow) == pytest.approx(10.0 * per_mhz)
    assert both.carrier_mbps(wide) == pytest.approx(40.0 * per_mhz)
    rows = []
    for name in (narrow, wide):
        rows.append({"technology": "nr", "operator": carriers[name].operator, "band": carriers[name].band})
    sectors = (
        world(SIX_YEARS)
        .prepared.ground.standing_sectors.head(2)
        .assign(**{key: [row[key] for row in rows] for key in rows[0]}, location=[3, 3])
    )
    carried = both.carries_mbps(sectors, 5)
    assert carried[3] == pytest.approx(50.0 * per_mhz)
    assert carried[0] == pytest.approx(10.0 * per_mhz)


# ---- shares and counts were mixed: with fibre everywhere the average rate was 0


def test_with_fibre_everywhere_coverage_is_whole_and_the_rate_that_of_fibre(long):
    state = long.states[0]
    fibre = state.technology("ftth")
    share = state.homes_passed[-1, fibre].sum() / state.homes[-1].sum()
    assert 0.95 < share <= 1.0
    last = long.indicators[long.indicators["month"] == long.horizon.months - 1].set_index(
        ["indicator", "breakdown"]
    )["value"]
    assert last["ftth_homes_passed_share", "all"] == pytest.approx(share, abs=0.01)
    offered = state.peak_mbps[-1, fibre] * state.homes_passed[-1, fibre]
    assert offered.sum() > 0
    mean = offered.sum() / state.homes[-1].sum()
    assert last["access_capability_mbps", "all"] == pytest.approx(mean, rel=0.05)
    shares = long.indicators[long.indicators["unit"] == "share"]["value"].dropna()
    assert shares.between(0.0, 1.0 + 1e-6).all()


def test_a_home_that_fibre_passes_keeps_its_rate_when_more_is_built(long):
    state = long.states[0]
    fibre = state.technology("ftth")
    rate = state.peak_mbps[:, fibre]
    assert (np.diff(rate, axis=0) >= -1e-4).all()
