import numpy as np
import pytest

from sim.planning.market import Market, rounded
from sim.planning.problem import Way
from sim.planning.relaxation import Relaxation
from tests.planning import cases

MICRO = 1_000_000


def test_prices_are_rounded_to_digits_of_the_largest():
    assert rounded(np.array([1.23456789, 0.000123456789])).tolist() == pytest.approx(
        [1.23457, 0.00012], rel=1e-12
    )
    assert rounded(np.zeros(2)).tolist() == [0.0, 0.0]


def market(funds, ways, may):
    """A hundred candidates of 100 fen that are worth 1 to 100."""
    worth = [{k: (k + 1) * MICRO} for k in range(100)]
    problem = cases.problem([100] * 100, worth, funds=funds, ways=ways, may=may)
    return Market(Relaxation(problem))


def test_a_pot_sells_out_at_what_the_last_who_gets_some_would_pay():
    prices = market([3000], (Way(0),), np.ones((1, 100))).prices()
    assert prices[0] == pytest.approx(0.70 * MICRO, rel=0.02)


def test_pots_that_may_pay_for_the_same_have_one_price_and_others_their_own():
    even = np.arange(100) % 2 == 0
    alike = market([1000, 2000], (Way(0), Way(1)), np.ones((2, 100))).prices()
    assert alike[0] == pytest.approx(alike[1])
    assert alike[0] == pytest.approx(0.70 * MICRO, rel=0.02)
    apart = market([1000, 4000], (Way(0), Way(1)), np.array([even, ~even])).prices()
    assert apart[0] == pytest.approx(0.80 * MICRO, rel=0.03)
    assert apart[1] == pytest.approx(0.20 * MICRO, rel=0.1)


def test_money_for_all_costs_nothing():
    assert market([20_000], (Way(0),), np.ones((1, 100))).prices().tolist() == [0.0]


def test_what_was_really_spent_moves_the_price():
    one = market([3000], (Way(0),), np.ones((1, 100)))
    price = one.prices()
    one.learn(price, np.array([0.0, 6000.0]), 1.0)
    assert one.prices()[0] > price[0]
    one.learn(price, np.array([0.0, 1000.0]), 1.0)
    assert one.prices()[0] < price[0]
