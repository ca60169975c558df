import math

import pytest
from numpy.testing import assert_allclose

from sim.fitting import scores


def test_errors_by_hand():
    simulated, observed = [11.0, 18.0, 33.0], [10.0, 20.0, 30.0]
    assert scores.bias(simulated, observed) == pytest.approx((1 - 2 + 3) / 3)
    assert scores.mean_absolute_error(simulated, observed) == pytest.approx(2.0)
    assert scores.mape(simulated, observed) == pytest.approx(0.1)


def test_observations_of_zero_have_no_relative_error():
    assert scores.mape([1.0, 11.0], [0.0, 10.0]) == pytest.approx(0.1)
    assert math.isnan(scores.mape([1.0], [0.0]))


def test_nothing_has_no_error():
    for score in (scores.bias, scores.mean_absolute_error, scores.mape):
        assert math.isnan(score([], []))
    assert math.isnan(scores.coverage([], [], []))
    assert math.isnan(scores.winkler([], [], []))


def test_edges_of_an_interval_belong_to_it():
    assert scores.coverage([0, 0, 0, 0], [1, 1, 1, 1], [0.0, 1.0, 1.0001, -0.0001]) == 0.5


def test_score_of_an_interval_is_its_width_and_ten_times_the_miss():
    found = scores.interval_scores([2, 2, 2], [4, 4, 4], [3.0, 5.0, 1.5])
    assert_allclose(found, [2.0, 2.0 + 10 * 1.0, 2.0 + 10 * 0.5])
    assert scores.winkler([2, 2, 2], [4, 4, 4], [3.0, 5.0, 1.5]) == pytest.approx(7.0)
    assert_allclose(scores.interval_scores([2], [4], [5.0], level=0.5), [2.0 + 4 * 1.0])


def test_no_other_interval_beats_the_quantiles_in_the_mean():
    """The score is proper: over a uniform law the interval from 0.1 to 0.9 has the least mean."""
    draws = [(i + 0.5) / 1000 for i in range(1000)]
    best = scores.winkler([0.1] * 1000, [0.9] * 1000, draws)
    for low, high in ((0.05, 0.95), (0.2, 0.8), (0.1, 0.8), (0.15, 0.95)):
        assert scores.winkler([low] * 1000, [high] * 1000, draws) > best
