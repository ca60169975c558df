from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.planning import linear
from sim.planning.bound import bound_of
from sim.planning.guide import greedy
from sim.planning.linear import linear_bound, tightest_bound
from sim.planning.problem import worth_of_solution
from tests.planning import cases
from tests.planning.every_choice import best_choice
from tests.planning.test_bound import knapsack


@given(st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_no_choice_is_worth_more_than_the_linear_program(seed):
    problem = cases.small_case(seed, 8)
    found = linear_bound(problem)
    if found is not None:
        assert best_choice(problem) <= found
    tightest = tightest_bound(problem)
    assert best_choice(problem) <= tightest.worth <= bound_of(problem).worth
    assert tightest.pot_prices is bound_of(problem).pot_prices


def test_without_anything_shared_it_is_the_fractional_optimum():
    problem, optimum = knapsack(500, 0.3)
    assert linear_bound(problem) == pytest.approx(optimum, rel=1e-5)
    assert linear_bound(problem) >= optimum


def test_a_route_that_many_need_is_not_given_away():
    """Ten candidates that need one dear asset, and money for half of it: nobody can be served."""
    asked = cases.problem(
        [10] * 10, [{k: 1_000_000} for k in range(10)], funds=[500],
        asset_fen=[1000], needs=[(k, 0) for k in range(10)],
    )  # fmt: skip
    assert greedy(asked).rows == ()
    # half the asset, hence half of each: what whole numbers forbid
    assert linear_bound(asked) == pytest.approx(10_000_000 * 500 / 1100, rel=1e-5)
    assert linear_bound(replace(asked, funds=np.array([1100]))) == pytest.approx(10_000_000, rel=1e-5)
    assert worth_of_solution(asked, greedy(asked)) == 0


def test_many_candidates_are_left_to_prices(monkeypatch):
    problem, _ = knapsack(60, 0.3)
    monkeypatch.setattr(linear, "FEW", 59)
    assert linear_bound(problem) is None
    assert tightest_bound(problem) is bound_of(problem)
