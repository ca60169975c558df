import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.planning.problem import Way
from sim.planning.relaxation import Relaxation
from tests.planning import cases
from tests.planning.every_choice import best_choice

seeds = st.integers(0, 10_000)


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


def test_needs_are_paid_level_by_level():
    own = Relaxation(cases.large_case(600, 1))
    assert own.levels
    for by, _, starts, sizes in own.levels:
        assert len(np.unique(by)) == len(by), "within a level nobody needs two things"
        assert sizes.sum() == len(by)
        assert (np.diff(starts) == sizes[:-1]).all()


def everyone(own):
    return np.ones(len(own.sharer), dtype=bool)


def test_at_prices_of_nothing_everything_is_wanted_and_bounds():
    problem = cases.small_case(5, 12)
    own = Relaxation(problem)
    found = own.at(np.zeros(len(problem.pots)), np.zeros(own.keys), np.ones(problem.count), everyone(own))
    assert found.bound >= own.everything
    assert found.earning.sum() == (own.alone + np.bincount(own.by, own.value, problem.count) > 0).sum()


def test_two_who_share_an_asset_pay_for_it_together():
    """Each earns 60 - 10 and the asset costs 80: 20 are left, however the 80 are split."""
    problem = cases.problem([10, 10], [{0: 60}, {1: 60}], needs=[(0, 0), (1, 0)], asset_fen=[80], funds=[0])
    own = Relaxation(problem)
    for weight in ([1.0, 1.0], [9.0, 1.0], [0.1, 5.0]):
        found = own.at(np.ones(1), np.zeros(0), np.array(weight), everyone(own))
        assert found.bound == 20.0
        assert found.cost.sum() == 100.0
        assert found.spent_fen.tolist() == [0.0, 100.0]


def test_what_is_required_and_earns_nothing_is_paid_by_those_that_require_it():
    problem = cases.problem([100, 10, 10], [{}, {0: 70}, {1: 70}], parent=[-1, 0, 0], funds=[0])
    own = Relaxation(problem)
    found = own.at(np.ones(1), np.zeros(0), np.ones(3), everyone(own))
    assert found.bound == 20.0
    assert found.wanted.all()
    assert not found.earning[0]


def test_a_claim_takes_from_both_who_serve_a_key():
    problem = cases.problem([0, 0], [{0: 50}, {0: 30}], funds=[0])
    own = Relaxation(problem)
    bounds = [
        own.at(np.ones(1), np.array([claim]), np.ones(2), everyone(own)).bound for claim in (0.0, 30.0, 50.0)
    ]
    assert bounds == [80.0, 50.0, 50.0]


def test_a_matching_pot_makes_a_project_cheaper_where_its_money_is_cheap():
    way = (Way(0, 1, 0.5, 0.0), Way(0))
    problem = cases.problem([100], [{0: 500}], funds=[100, 100], ways=way, may=np.ones((2, 1)))
    own = Relaxation(problem)
    cost = [
        own.cheapest(np.array(price), everyone(own))[0][0] for price in ([1.0, 1.0], [1.0, 0.0], [1.0, 4.0])
    ]
    assert cost[0] == 100.0
    assert 48.0 <= cost[1] <= 50.0, "half the price, and two fen of rounding"
    assert cost[2] == 100.0
