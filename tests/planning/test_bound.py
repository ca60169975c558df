from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.planning.bound import bound_of
from sim.planning.guide import greedy, guide_of
from sim.planning.market import rounded
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


@given(seeds, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_any_prices_claims_payments_and_buyers_bound_every_choice(seed, random):
    problem = cases.small_case(seed, 7)
    own, draw = Relaxation(problem), np.random.default_rng(random.getrandbits(32))
    dear = own.everything / max(float(problem.funds.sum()), 1.0)
    buyer = draw.random(len(own.sharer)) < 0.5
    for first in own.share_starts.tolist():
        buyer[first] = True
    found = own.at(
        dear * draw.random(len(problem.pots)) * draw.integers(0, 4),
        own.most * draw.random(own.keys),
        draw.random(problem.count) * 10.0,
        buyer,
    )
    assert found.bound * (1.0 + 1e-9) + 1.0 >= best_choice(problem)


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


@pytest.mark.parametrize(("share", "overlapping"), [(0.1, False), (0.3, True), (0.6, True)])
def test_where_coverages_overlap_and_lines_are_shared_little_is_missed(share, overlapping):
    problem = cases.large_case(4000, 0, share, overlapping)
    solution, bound = greedy(problem), bound_of(problem)
    assert verify(problem, solution) == []
    assert 1.0 - worth_of_solution(problem, solution) / bound.worth < 0.03


def test_the_same_problem_gives_the_same_bound_and_choice():
    one, two = cases.large_case(1500, 2), cases.large_case(1500, 2)
    assert bound_of(one).worth == bound_of(two).worth
    assert bound_of(one).pot_prices.tolist() == bound_of(two).pot_prices.tolist()
    assert greedy(one) == greedy(two)


def test_who_shares_a_trunk_is_tried_together():
    """Alone no village is worth the trunk; together they are worth more than all that fits beside it."""
    worth = [{k: 100 * MICRO} for k in range(10)] + [{10 + k: 80 * MICRO} for k in range(11)]
    problem = cases.problem(
        [10] * 10 + [100] * 11, worth, needs=[(k, 0) for k in range(10)], asset_fen=[1000], funds=[1100]
    )
    assert worth_of_solution(problem, greedy(problem)) == 1000 * MICRO
    guide = guide_of(problem, bound_of(problem))
    assert set(guide.order.tolist()) >= set(range(10))


def test_needs_are_paid_level_by_level():
    own = Relaxation(cases.large_case(600, 1))
    assert own.levels
    for by, _, starts, sizes in own.levels:
        assert len(np.unique(by)) == len(by), "within a level nobody needs two things"
        assert sizes.sum() == len(by)
        assert (np.diff(starts) == sizes[:-1]).all()


def test_prices_are_rounded_to_digits_of_the_largest():
    assert rounded(np.array([1.23456789, 0.000123456789])).tolist() == pytest.approx(
        [1.23457, 0.00012], rel=1e-12
    )
    assert rounded(np.zeros(2)).tolist() == [0.0, 0.0]
