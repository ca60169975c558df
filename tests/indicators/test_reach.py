import numpy as np
import pytest

from sim.indicators.reach import first_month_within, monthly_share


def test_first_month_is_that_of_the_earliest_site_within_the_radius():
    rng = np.random.default_rng(3)
    targets, sites = rng.uniform(0, 50, (200, 2)), rng.uniform(0, 50, (60, 2))
    month = rng.integers(-1, 9, 60).astype(np.int32)
    found = first_month_within(targets, sites, month, 8, 6.0)
    near = np.hypot(*(targets[:, None] - sites[None]).transpose(2, 0, 1)) <= 6.0
    expected = np.where(near, month, 8).min(axis=1, initial=8)
    assert found.tolist() == np.minimum(expected, 8).tolist()


def test_the_radius_itself_is_within():
    found = first_month_within(
        np.zeros((1, 2)), np.array([[5000.0, 0.0]]), np.array([2], dtype=np.int32), 4, 5000.0
    )
    assert found.tolist() == [2]


def test_nothing_stands_nothing_is_reached():
    found = first_month_within(np.zeros((2, 2)), np.zeros((0, 2)), np.zeros(0, dtype=np.int32), 4, 1.0)
    assert found.tolist() == [4, 4]


def test_monthly_share_counts_from_the_start_and_leaves_never_out():
    share = monthly_share(np.array([-1, 0, 2, 3], dtype=np.int32), np.array([1.0, 1.0, 2.0, 4.0]), 3)
    assert share.tolist() == pytest.approx([0.25, 0.25, 0.5])
    assert np.isnan(monthly_share(np.array([0], dtype=np.int32), np.zeros(1), 3)).all()
