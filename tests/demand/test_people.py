"""Handsets by vintage, cards and persons."""

import numpy as np
import pytest

from sim.clock import Horizon
from sim.demand import estimate_demand
from sim.demand.people import all_cards, broadband_cards, turnover
from tests.world import load

HORIZON = Horizon("2014-01", "2019-12")
KINDS = np.array(["city", "town", "village"])


@pytest.fixture(scope="module")
def options():
    return load().scenario.demand


def demand(options, horizon=HORIZON, **changes):
    return estimate_demand(KINDS, options.model_copy(update=changes), horizon)


def test_without_a_ramp_handsets_turn_over_exponentially():
    age = np.linspace(-1.0, 8.0, 50)
    assert turnover(age, 2.3, 0.0) == pytest.approx(1.0 - np.exp(-np.maximum(age, 0.0) / 2.3))


@pytest.mark.parametrize(("life", "ramp"), [(2.3, 3.7), (1.5, 2.0), (3.0, 0.0), (2.0, 5.8)])
def test_the_stock_is_the_sum_of_vintages(life, ramp):
    """Cohorts sold in each short step, those that know the generation in use as far as they still live."""
    step, age = 0.001, 5.0
    sold = np.arange(-30.0, age, step) + step / 2
    alive = np.exp(-(age - sold) / life) * step / life
    knows = np.clip(sold / ramp, 0.0, 1.0) if ramp else (sold > 0).astype(float)
    assert turnover(np.array([age]), life, ramp)[0] == pytest.approx(float((alive * knows).sum()), abs=1e-4)


def test_a_ramp_delays_and_never_falls():
    age = np.linspace(0.0, 15.0, 200)
    quick, slow = turnover(age, 2.3, 1.0), turnover(age, 2.3, 4.0)
    assert (slow <= quick + 1e-12).all()
    assert (np.diff(slow) >= 0).all()
    assert slow[-1] == pytest.approx(1.0, abs=0.02)


def test_nobody_has_a_handset_before_it_is_sold(options):
    found = demand(options, Horizon("2013-06", "2016-12"))
    assert found.lte_ready[:6].tolist() == [0.0] * 6
    assert (np.diff(found.lte_ready) >= 0).all()
    assert found.nr_ready.max() == 0.0


def test_handsets_of_a_generation_are_a_share_of_all_cards(options):
    """The nation's LTE cards are its handsets that know LTE, in the hands of those who want broadband."""
    found = demand(options)
    years = HORIZON.middle_years() - (2013 + 11.5 / 12)
    stock = turnover(years, options.handset_life_years, options.handset_ramp_years)
    cards = stock * all_cards(options, HORIZON)[:, 0]
    broadband = broadband_cards(options, HORIZON)[:, 0]
    assert found.lte_ready * found.mobile_willing[:, 0] == pytest.approx(np.minimum(cards, broadband))


def test_levels_are_those_counted_at_their_months(options):
    there = Horizon(options.mobile_reference_month, options.mobile_reference_month)
    assert demand(options, there).mobile_willing[0] == pytest.approx([options.mobile_willing] * 3)
    there = Horizon(options.cards_reference_month, options.cards_reference_month)
    assert demand(options, there).mobile_cards[0] == pytest.approx([options.mobile_cards] * 3)


def test_cards_exceed_residents_and_persons_do_not(options):
    late = demand(options, Horizon("2040-01", "2040-01"))
    assert late.mobile_cards.min() > 1.0
    assert late.mobile_cards.max() / late.cards_per_person <= options.mobile_ceiling
    single = demand(options, Horizon("2040-01", "2040-01"), cards_per_person=1.0)
    assert single.mobile_cards.max() <= options.mobile_ceiling


def test_mobile_broadband_needs_handsets(options):
    """However quickly it is wanted: no more cards than are in handsets of 3G or later."""
    eager = demand(options, mobile_growth_per_year=5.0)
    years = HORIZON.middle_years() - (2010 + 5.5 / 12)
    known = turnover(years, options.handset_life_years, options.handset_ramp_years)
    assert eager.mobile_willing == pytest.approx(known[:, None] * eager.mobile_cards)
    assert (demand(options).mobile_willing <= eager.mobile_willing + 1e-12).all()
