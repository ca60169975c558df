"""The lazy choice of sites against the eager one and against the best of all choices."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.radio.pairs import Pairs
from sim.radio.siting import choose_sites


def pairs_of(reach: np.ndarray) -> Pairs:
    """Return the pairs of a table of sites by points."""
    site, point = np.nonzero(reach)
    return Pairs(site.astype(np.int32), point.astype(np.int32), np.zeros(len(site), dtype=np.float32))


def eager(reach, weight, price, covered, least):
    """Return the greedy choice, every gain computed anew at every step."""
    open_, order, gains = ~covered, [], []
    while True:
        gain = np.array([weight[row & open_].sum() for row in reach])
        gain[gain <= least] = 0.0
        best = int(np.argmax(gain / price))
        if gain[best] <= 0:
            return order, gains
        order.append(best)
        gains.append(gain[best])
        open_ = open_ & ~reach[best]


@given(st.integers(0, 10_000), st.sampled_from([0.0, 40.0]))
@settings(max_examples=60, deadline=None)
def test_lazy_is_eager(seed, least):
    draw = np.random.default_rng(seed)
    reach = draw.random((12, 40)) < 0.2
    weight = draw.integers(0, 50, 40).astype(float)
    price = draw.choice([1.0, 2.0, 5.0], 12)
    covered = draw.random(40) < 0.2
    choice = choose_sites(pairs_of(reach), weight, price, covered=covered, least_gain=least)
    order, gains = eager(reach, weight, price, covered, least)
    assert choice.sites.tolist() == order
    assert choice.gain.tolist() == gains


@pytest.mark.parametrize("seed", range(5))
def test_near_the_best_of_all_choices(seed):
    draw = np.random.default_rng(seed)
    reach, weight = draw.random((10, 60)) < 0.15, draw.integers(1, 30, 60).astype(float)
    choice = choose_sites(pairs_of(reach), weight, np.ones(10))
    best = max(weight[np.any(reach[list(some)], axis=0)].sum() for some in combinations(range(10), 4))
    assert choice.gain[:4].sum() >= (1 - 1 / np.e) * best
    assert choice.gain.sum() == weight[reach.any(axis=0)].sum(), "all that can be covered is"


def test_nothing_to_cover():
    choice = choose_sites(pairs_of(np.zeros((3, 4), dtype=bool)), np.ones(4), np.ones(3))
    assert len(choice.sites) == 0
