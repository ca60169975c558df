"""Fibre to villages without it at the start of shipped scenarios, held against what programmes paid.

Programmes are stated in yuan of their own years, 2016 and 2017; scenarios in yuan of their price year, 2015.
The totals lie within the amounts as these were published, and as moved to 2015 by the price index, 2 to 4 %
less.
"""

from __future__ import annotations

from functools import cache

import pytest

from benchmarks.quality.village_costs import village_costs
from tests.world import area_of, load

pytestmark = pytest.mark.packages
VILLAGE_LOW = ("village_fibre_total_cost_universal_service_national", "low")
VILLAGE_HIGH = ("village_fibre_capex_per_admin_village", "high")
PORT = "ftth_capex_per_port_rural_sichuan"
PROVINCES = ("yunnan-2017", "sichuan-2020")
"""The provinces whose land is that of the programmes: mountains."""


@cache
def costs(name):
    loaded = load(scenario=name)
    return village_costs(loaded, area_of(loaded)), loaded.lookup


def published(row, edge, lookup):
    """Return an amount as published."""
    return getattr(lookup.rows[row], edge)


def moved(row, edge, lookup):
    """Return an amount in yuan of the price year."""
    found = lookup.rows[row]
    return lookup.money.to_price_year(getattr(found, edge), found.unit, found.first_year)


def test_the_programmes_are_those_of_the_table():
    _, lookup = costs(PROVINCES[0])
    assert published(*VILLAGE_LOW, lookup) == 230_000
    assert published(*VILLAGE_HIGH, lookup) == 320_000
    assert (published(PORT, "low", lookup), published(PORT, "high", lookup)) == (812, 876)
    assert lookup.money.price_year == 2015


@pytest.mark.parametrize("name", PROVINCES)
def test_a_village_costs_what_programmes_in_mountains_paid_for_one(name):
    """230 to 320 thousand yuan as published; 226 to 309 thousand in yuan of 2015."""
    cost, lookup = costs(name)
    assert cost.villages > 10_000
    assert published(*VILLAGE_LOW, lookup) <= cost.per_village <= published(*VILLAGE_HIGH, lookup)
    assert moved(*VILLAGE_LOW, lookup) == pytest.approx(225_500, abs=500)
    assert moved(*VILLAGE_HIGH, lookup) == pytest.approx(308_800, abs=500)
    assert cost.per_village <= moved(*VILLAGE_HIGH, lookup)


@pytest.mark.parametrize("name", PROVINCES)
def test_a_port_costs_what_it_did_in_the_country(name):
    """812 and 876 yuan in Rong county, Sichuan, in 2017, so 810 to 880; 784 to 845 in yuan of 2015."""
    cost, lookup = costs(name)
    assert 810 <= cost.per_port <= 880
    assert moved(PORT, "low", lookup) <= cost.per_port <= moved(PORT, "high", lookup)


def test_ports_per_home_are_those_of_the_lines_expected():
    """Take-up foreseen in 2014 was half of that foreseen in 2018, so half as many ports are provided."""
    yunnan, sichuan = (costs(name)[0].ports_per_home for name in PROVINCES)
    assert 0.45 <= yunnan <= 0.6
    assert 0.9 <= sichuan <= 1.0


@pytest.mark.parametrize("name", PROVINCES)
def test_the_total_is_that_of_its_parts(name):
    cost, _ = costs(name)
    assert cost.per_village * cost.villages == pytest.approx(cost.own_yuan + cost.route_yuan + cost.room_yuan)
    assert cost.per_port * cost.ports == pytest.approx(cost.per_village * cost.villages)
    assert cost.cheap_village < cost.median_village < cost.per_village
    # most is paid inside the village, routes come second, the shared room is little
    assert cost.own_yuan > cost.route_yuan > cost.room_yuan > 0
