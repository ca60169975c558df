"""Crews and paces of the shipped parameters, held against sourced build rates where money does not bind."""

from functools import cache

import pytest

from benchmarks.quality.build_rates import (
    GUIZHOU,
    GUIZHOU_BATCH,
    batch_months,
    crews_of,
    rates,
    road_months,
    simulated,
)
from benchmarks.quality.build_works import Figures

pytestmark = pytest.mark.packages
FITTED = [rate for rate in rates() if rate.fitted]


@cache
def found(name):
    rate = next(rate for rate in rates() if rate.name == name)
    return simulated(rate, Figures.shipped()) / rate.wanted


@pytest.mark.parametrize("rate", FITTED, ids=lambda rate: rate.name)
def test_shipped_crews_build_as_fast_as_sources_say(rate):
    """Within 10 % for totals of provinces and of the nation, 30 % where one county stands for many."""
    assert found(rate.name) == pytest.approx(1.0, abs=0.1 if rate.spread < 0.2 else 0.3)


def test_the_two_readings_of_villages_lie_on_both_sides():
    pilot, guizhou = (found(rate.name) for rate in FITTED if rate.kind == "village")
    assert pilot < 1.0 < guizhou


def test_a_village_batch_takes_one_to_two_years():
    assert 12.0 <= batch_months(Figures.shipped(), GUIZHOU_BATCH / GUIZHOU) <= 24.0


def test_sites_on_plateau_roads_take_from_half_a_year_to_a_year_and_a_half():
    middle, last = road_months(Figures.shipped())
    assert 5.0 <= middle <= 9.0, "7 months to the first batch"
    assert 9.0 <= last <= 19.0, "19 to the second"


def test_rates_follow_crews():
    figures = Figures.shipped()
    sites = next(rate for rate in FITTED if rate.kind == "radio")
    twice = crews_of(figures) | {"radio": 2 * figures.radio}
    assert simulated(sites, figures, twice) == pytest.approx(2 * found(sites.name) * sites.wanted, rel=0.05)
