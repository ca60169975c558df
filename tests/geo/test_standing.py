"""What stands in month 0 by rule: ranks and shares worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.geo.standing import FIXED_STANDING, RADIO_STANDING, infer_standing
from sim.tables.layers import STANDING
from tests.world import world


@pytest.fixture
def area():
    return world().area


@pytest.fixture
def options():
    return world().loaded.scenario.standing


def infer(area, options, **changes):
    return infer_standing(area, options.model_copy(update=changes))


def shares(area, found, technology):
    part = found.table[found.table["technology"] == technology]
    share = np.zeros(area.n_zones)
    share[part["zone"]] = part["homes_share"]
    return share


def test_the_table_keeps_its_contract(area, options):
    found = infer(area, options)
    STANDING.check(found.table)
    assert set(found.table["technology"]) <= set(FIXED_STANDING)
    assert set(found.site_locations) <= set(RADIO_STANDING)
    assert found.modelled == {"dsl", "ftth", "gsm", "umts", "lte"}
    assert not found.subscribers


def test_copper_stands_in_every_town_and_in_the_villages_nearest_to_a_point_of_presence(area, options):
    share = shares(area, infer(area, options), "dsl")
    villages = np.flatnonzero(~area.urban)
    assert (share[area.urban] == 1).all()
    served = villages[share[villages] > 0]
    assert len(served) == round(options.dsl_villages * len(villages))
    assert share[served] == pytest.approx(options.dsl_village_homes)
    route = area.zones["pop_route_m"].to_numpy()
    missed = np.setdiff1d(villages, served)
    assert route[served].max() <= route[missed].min()


def test_fibre_passes_its_share_of_homes_cities_first(area, options):
    found = infer(area, options, ftth_villages=0.0)
    share = shares(area, found, "ftth")
    homes = area.zones["homes_2010"].to_numpy()
    urban_share = homes[area.urban].sum() / homes.sum()
    wanted = min(options.ftth_homes, urban_share)
    assert (share * homes).sum() / homes.sum() == pytest.approx(wanted, abs=1e-6)
    kinds = area.zones["kind"].to_numpy()
    if (share[kinds == "town"] > 0).any():
        assert (share[kinds == "city"] == 1).all()
    assert ((share > 0) & (share < 1)).sum() <= 1, "one zone is passed in part"


def test_villages_with_fibre_are_counted(area, options):
    share = shares(area, infer(area, options, ftth_villages=0.2), "ftth")
    assert (share[~area.urban] == 1).sum() == round(0.2 * (~area.urban).sum())


def test_3g_covers_the_densest_zones_until_its_share_of_people(area, options):
    found = infer(area, options, umts_population=0.5)
    people = area.zones["population_2010"].to_numpy()
    covered = np.zeros(area.n_zones, dtype=bool)
    covered[area.points["zone"].to_numpy()[found.covered_points["umts"]]] = True
    total = people[covered].sum() / people.sum()
    assert 0.5 <= total < 0.5 + people.max() / people.sum()
    dense = people / area.zones["area_km2"].to_numpy()
    assert dense[covered].min() >= dense[~covered].max() - 1e-3
    sites = area.locations["zone"].to_numpy()[found.site_locations["umts"]]
    assert set(sites) == set(np.flatnonzero(covered))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_nothing_and_all(area, options, share):
    found = infer(area, options, umts_population=share, lte_population=share, ftth_homes=share)
    for name in ("umts", "lte"):
        assert found.covered_points[name].mean() == share
        assert len(found.site_locations[name]) == share * len(area.locations)


def test_2g_sites_stand_where_most_people_are(area, options):
    found = infer(area, options, gsm_sites=3.0)
    people = area.zones["population_2010"].to_numpy()
    sites = found.site_locations["gsm"]
    assert len(sites) == round(3.0 * people.sum() / 10_000)
    zone = area.locations["zone"].to_numpy()
    rest = np.setdiff1d(np.arange(len(area.locations)), sites)
    assert people[zone[sites]].min() >= people[zone[rest]].max()
    every = infer(area, options, gsm_sites=1e6)
    assert len(every.site_locations["gsm"]) == len(area.locations), "no more sites than places for them"


def test_the_rule_has_no_luck(area, options):
    one, other = infer(area, options), infer(area, options)
    assert one.table.equals(other.table)
    assert all((one.site_locations[name] == other.site_locations[name]).all() for name in one.site_locations)
