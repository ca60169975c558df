from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.planning.bound import bound_of
from sim.planning.guide import greedy
from sim.planning.problem import Way, verify, worth_of_solution
from sim.planning.relaxation import Relaxation
from tests.planning import cases
from tests.planning.every_choice import best_choice

MICRO = 1_000_000
seeds = st.integers(0, 10_000)


def knapsack(count, share, seed=0):
    """Candidates that share nothing, one pot, and the worth of the fractional optimum [millionths]."""
    draw = np.random.default_rng(seed)
    own, worth = draw.integers(10, 1000, count), draw.integers(1, 500, count) * MICRO
    funds = int(own.sum() * share)
    order = np.argsort(-worth / own)
    room = np.clip(funds - np.concatenate(([0], np.cumsum(own[order])[:-1])), 0, own[order])
    optimum = float((worth[order] * room / own[order]).sum())
    asked = cases.problem(own, [{k: int(w)} for k, w in enumerate(worth)], funds=[funds])
    return asked, optimum


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_no_choice_is_worth_more_than_the_bound(seed):
    problem = cases.small_case(seed, 8)
    best, solution = best_choice(problem), greedy(problem)
    assert verify(problem, solution) == []
    assert worth_of_solution(problem, solution) <= best <= bound_of(problem).worth
    assert best <= bound_of(problem, 1).worth
    assert bound_of(problem, 12).worth <= bound_of(problem, 3).worth


@pytest.mark.parametrize("share", [0.05, 0.4, 0.9])
def test_without_anything_shared_the_bound_is_the_fractional_optimum(share):
    problem, optimum = knapsack(3000, share)
    bound = bound_of(problem)
    assert optimum <= bound.worth <= optimum * 1.001
    assert worth_of_solution(problem, greedy(problem)) >= optimum * 0.999


def test_the_price_of_a_pot_is_what_one_more_fen_brings():
    problem, optimum = knapsack(3000, 0.3)
    more = replace(problem, funds=problem.funds + 1000)
    _, better = knapsack(3000, 0.3)
    price = bound_of(problem).pot_prices[0]
    own, worth = problem.own_fen, problem.values.value
    order = np.argsort(-worth / own)
    last = order[np.searchsorted(np.cumsum(own[order]), problem.funds[0])]
    assert price == pytest.approx(worth[last] / own[last], rel=0.05)
    assert bound_of(more).worth - bound_of(problem).worth == pytest.approx(1000 * price, rel=0.5)
    assert better == optimum


def test_with_money_for_everything_the_bound_is_the_worth_of_everything():
    problem = cases.small_case(3, 12)
    rich = replace(problem, funds=np.full(len(problem.pots), 10**13), forced=np.zeros(0, dtype=np.int64))
    bound = bound_of(rich)
    assert worth_of_solution(rich, greedy(rich)) <= bound.worth
    assert bound.worth <= Relaxation(rich).everything * (1 + 1e-8) + 2
    assert (bound.pot_prices == 0).all()


def test_nothing_to_choose_or_no_money_bounds_at_nothing():
    problem, _ = knapsack(5, 0.5)
    assert bound_of(replace(problem, shut=np.ones(5, dtype=bool))).worth == 0
    poor = replace(
        problem, pots=(), funds=np.zeros(0, dtype=np.int64), ways=(), may=np.zeros((0, 5), dtype=bool)
    )
    assert bound_of(poor).worth == 0
    assert greedy(poor).rows == ()


def test_a_ring_fenced_pot_with_much_money_has_the_lower_price():
    own, worth = [100] * 40, [{k: (k % 20 + 1) * MICRO} for k in range(40)]
    may = np.array([np.arange(40) < 20, np.ones(40, dtype=bool)])
    problem = cases.problem(own, worth, funds=[1500, 500], ways=(Way(0), Way(1)), may=may)
    prices = bound_of(problem).pot_prices
    assert prices[0] < prices[1]
    assert worth_of_solution(problem, greedy(problem)) >= 0.97 * bound_of(problem).worth
