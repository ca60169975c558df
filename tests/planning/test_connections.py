"""Who pays for connecting new subscribers, and how many of them the money reaches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.clock import Horizon
from sim.planning.connections import Purse, charge_connections
from sim.planning.places import Places
from sim.planning.pots import Budget, Pot
from sim.planning.price_paths import PricePaths
from tests.planning.small import budget
from tests.world import world

YEARS = Horizon("2014-01", "2015-12")
POTS = {
    "fixed": Pot(technologies=("ftth",)),
    "mobile": Pot(share=0.2, technologies=("lte",)),
    "villages": Pot(share=0.1, kinds=("village",)),
}


@pytest.fixture(scope="module")
def ftth():
    return world().technologies["ftth"]


def purse(money, horizon=YEARS):
    """Return the money as three zones see it: a village, a town and a city."""
    places = Places(
        kind=np.array(["village", "town", "city"], dtype=object),
        county=np.array(["530102", "530102", "530103"], dtype=object),
        prefecture=np.array(["Kunming"] * 3, dtype=object),
        zone_id=np.array(["530102.1", "530102.2", "530103.1"], dtype=object),
        poor=np.array([True, True, False]),
    )
    return Purse(money, horizon, places)


def ringed():
    return Budget(annual_investment=1, province_share=1, access_share=1, connection_margin=0, pots=POTS)


def test_enough_money_connects_everybody(ftth):
    funds = {"all": 10**9}
    charges, share = charge_connections(ftth, {"village": 10.0, "town": 20.0}, purse(budget()), funds)
    assert share == 1.0
    fen = round(ftth.connect_yuan() * 100)
    assert sum(charge.quantity for charge in charges) == 30
    assert sum(charge.amount_fen for charge in charges) == pytest.approx(30 * fen, abs=30), (
        "the price is rounded once, not by home"
    )
    assert funds["all"] == 10**9 - sum(charge.amount_fen for charge in charges)


def test_half_the_money_connects_half(ftth):
    fen = ftth.connect_yuan() * 100
    funds = {"all": round(15 * fen)}
    charges, share = charge_connections(ftth, {"village": 10.0, "town": 20.0}, purse(budget()), funds)
    assert share == pytest.approx(0.5, abs=1e-5)
    assert funds["all"] >= 0
    assert {charge.share for charge in charges} == {share}


@pytest.mark.parametrize("held", [0, -5])
def test_no_money_connects_nobody_and_says_so(ftth, held):
    funds = {"all": held}
    charges, share = charge_connections(ftth, {"village": 10.0, "town": 0.0}, purse(budget()), funds)
    assert share == 0.0
    assert [(charge.amount_fen, charge.quantity, charge.share) for charge in charges] == [(0, 0, 0.0)]
    assert funds == {"all": held}


def test_nobody_waiting_costs_nothing(ftth):
    charges, share = charge_connections(ftth, {"village": 0.0, "town": 0.0}, purse(budget()), {"all": 5})
    assert (charges, share) == ((), 1.0)


# ---- pots of which some are open to villages alone and some to another technology


def test_villages_leave_to_towns_the_pot_that_towns_need(ftth):
    fen = round(ftth.connect_yuan() * 1000)
    funds = {"fixed": fen, "mobile": 0, "villages": fen}
    charges, share = charge_connections(ftth, {"village": 10.0, "town": 10.0}, purse(ringed()), funds)
    assert share == 1.0
    assert {charge.pot: charge.amount_fen for charge in charges} == {"villages": fen, "fixed": fen}


def test_money_for_another_technology_connects_nobody(ftth):
    fen = round(ftth.connect_yuan() * 1000)
    funds = {"fixed": fen, "mobile": 100 * fen, "villages": 0}
    charges, share = charge_connections(ftth, {"village": 10.0, "town": 10.0}, purse(ringed()), funds)
    assert share == pytest.approx(0.5, abs=1e-6)
    assert sum(charge.amount_fen for charge in charges) == pytest.approx(fen, abs=3)
    assert funds["mobile"] == 100 * fen


@given(
    st.fixed_dictionaries({pot: st.integers(-10, 10**7) for pot in POTS}),
    st.floats(0, 500),
    st.floats(0, 500),
)
def test_every_subscriber_counted_is_paid_for_and_no_pot_is_overdrawn(held, village, town):
    technology = world().technologies["ftth"]
    funds = dict(held)
    charges, share = charge_connections(
        technology, {"village": village, "town": town}, purse(ringed()), funds
    )
    fen = technology.connect_yuan() * 100
    paid = sum(charge.amount_fen for charge in charges)
    assert paid == pytest.approx((village + town) * fen * share, abs=4)
    assert all(funds[pot] >= min(held[pot], 0) for pot in POTS)
    assert sum(held.values()) - sum(funds.values()) == paid


# ---- pots that may not pay everywhere, and money that is not yet there


def test_a_pot_pays_only_for_groups_of_which_it_may_serve_every_zone():
    pots = {
        "rest": Pot(),
        "kunming": Pot(share=0.1, places=("Kunming",)),
        "poor": Pot(share=0.1, poor=True),
        "towns": Pot(share=0.1, kinds=("town",)),
        "fund": Pot(yearly=1e6, matching={"share": 0.3}),
    }
    money = Budget(annual_investment=1, province_share=1, access_share=1, connection_margin=0, pots=pots)
    seen = purse(money)
    assert seen.payers("ftth", "village") == ["kunming", "poor", "rest"]
    assert seen.payers("ftth", "town") == ["kunming", "rest"], "a city is no town, and not poor"


def test_money_that_only_matches_connects_nobody(ftth):
    pots = {"own": Pot(share=0.5), "fund": Pot(yearly=1e6, matching={"share": 1.0})}
    money = Budget(annual_investment=1, province_share=1, access_share=1, connection_margin=0, pots=pots)
    charges, share = charge_connections(ftth, {"village": 9.0}, purse(money), {"own": 0, "fund": 10**9})
    assert [(charge.pot, charge.amount_fen) for charge in charges] == [("own", 0)]
    assert share == 0.0


def test_connections_are_paid_from_money_on_hand_not_from_advances():
    pots = {"a": Pot(share=0.5, advance_months=3), "b": Pot()}
    money = Budget(annual_investment=8, province_share=1, access_share=1, connection_margin=0, pots=pots)
    seen = purse(money)
    assert seen.cash(0, {"a": 250, "b": 100}) == {"a": 150, "b": 100}
    assert seen.cash(0, {"a": 60, "b": 100}) == {"a": 0, "b": 100}, "committed ahead of its releases"
    assert seen.cash(21, {"a": 250}) == {"a": 250}, "nothing is released after the last quarter"


def test_the_price_of_a_connection_follows_its_path(ftth):
    paths = {"items": {"connection": {"per_year": -0.5}}}
    money = budget().model_copy(update={"price_paths": PricePaths.model_validate(paths)})
    seen = purse(money)
    assert seen.price_fen(ftth, 11) == pytest.approx(ftth.connect_yuan() * 100)
    assert seen.price_fen(ftth, 12) == pytest.approx(ftth.connect_yuan() * 50)
    funds = {"all": 10**9}
    charge_connections(ftth, {"village": 10.0}, seen, funds, month=12)
    assert 10**9 - funds["all"] == round(ftth.connect_yuan() * 500)


def test_money_is_to_last_until_the_next_release():
    seen = purse(budget())
    assert list(seen.until(0)) == [1, 2]
    assert list(seen.until(2)) == []
    assert list(seen.until(21)) == [22, 23]
