"""Whole shares: exact, in proportion, never a step back."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.geo.shares import largest_remainder, lognormal, partial


def test_largest_remainder_of_a_known_vote():
    votes = np.array([47_000.0, 16_000, 15_900, 12_000, 6_000, 3_100])
    share = largest_remainder(np.array([10]), np.zeros(6, dtype=np.int64), votes)
    assert share.tolist() == [5, 2, 1, 1, 1, 0]


def test_weightless_groups_share_equally_and_ties_go_to_the_first():
    share = largest_remainder(np.array([5, 2]), np.array([0, 0, 0, 1]), np.zeros(4))
    assert share.tolist() == [2, 2, 1, 2]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.floats(0, 1e6)), min_size=5, max_size=60), st.integers(0, 10**7)
)
def test_groups_sum_exactly_and_no_share_strays_by_one(members, total):
    group = np.array([*range(5), *(g for g, _ in members)])
    weights = np.array([1.0] * 5 + [w for _, w in members])
    totals = np.full(5, total)
    share = largest_remainder(totals, group, weights)
    assert (share >= 0).all()
    assert np.bincount(group, share, 5).tolist() == totals.tolist()
    quota = total * weights / np.bincount(group, weights, 5)[group]
    assert (np.abs(share - quota) < 1 + 1e-6).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=50))
def test_partial_steps_are_exact_and_monotone(steps):
    steps = np.array(steps, dtype=np.int64)
    group = np.arange(len(steps)) % 3
    sums = np.bincount(group, steps, 3).astype(np.int64)
    before = np.zeros(len(steps), dtype=np.int64)
    for tenth in range(11):
        wanted = sums * tenth // 10
        done = partial(steps, group, wanted, tenth / 10)
        assert np.bincount(group, done, 3).tolist() == wanted.tolist()
        assert (done >= before).all()
        assert (done <= steps).all()
        before = done
    assert before.tolist() == steps.tolist()


def test_lognormal_weights_are_cut_at_three_deviations():
    weights = lognormal(np.array([-9.0, 0.0, 9.0]), np.full(3, 0.5))
    assert weights.tolist() == [round(float(np.exp(-1.5)), 9), 1.0, round(float(np.exp(1.5)), 9)]
