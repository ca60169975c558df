"""The optical budget by hand, and cable lengths against real trees."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

from sim.access.odn import largest_split, tree_length_m

SPLITS, LOSS_DB = (32, 64), (17.0, 20.25)


def split(km, budget_db=28.0, other_db=2.0, splits=SPLITS, loss_db=LOSS_DB):
    return largest_split(
        np.atleast_1d(km) * 1000.0,
        splits,
        loss_db,
        budget_db=budget_db,
        fibre_db_per_km=0.35,
        other_db=other_db,
    ).tolist()


@pytest.mark.parametrize(
    ("km", "wanted"),
    [
        (0.0, 64),
        (16.0, 64),  # 2 + 20.25 + 16 x 0.35 = 27.85 dB of 28
        (16.5, 32),  # 28.03 dB: too much for 1:64
        (25.7, 32),  # 2 + 17 + 25.7 x 0.35 = 27.995 dB
        (25.8, 0),
    ],
)
def test_class_b_plus(km, wanted):
    assert split(km) == [wanted]


def test_class_c_plus_carries_further():
    """32 dB: 1:64 to (32 - 22.25) / 0.35 = 27.86 km, 1:32 to 37.14 km."""
    assert split(np.array([27.8, 27.9, 37.1, 37.2]), budget_db=32.0) == [64, 32, 32, 0]


def test_larger_margins_allow_smaller_splits():
    assert split(16.0, other_db=3.5) == [32]


def test_the_order_of_the_splits_does_not_matter():
    assert split(16.0, splits=(64, 32), loss_db=(20.25, 17.0)) == split(16.0)


def test_split_never_grows_with_distance():
    found = split(np.linspace(0, 60, 500))
    assert found == sorted(found, reverse=True)
    assert set(found) == {64, 32, 0}


@pytest.mark.parametrize(("count", "tolerance"), [(200, 0.10), (1000, 0.06), (5000, 0.03)])
def test_tree_length_is_that_of_spanning_trees_over_random_points(count, tolerance):
    """The constant is that of many points; the edge of the area lengthens the tree of few by some percent."""
    area_m2, lengths = 4e6, []
    for seed in range(5):
        points = np.random.default_rng(seed).uniform(0, np.sqrt(area_m2), (count, 2))
        corners = Delaunay(points).simplices
        ends = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
        ends = np.unique(np.sort(ends, axis=1), axis=0)
        metres = np.hypot(*(points[ends[:, 0]] - points[ends[:, 1]]).T)
        graph = coo_array((metres, (ends[:, 0], ends[:, 1])), shape=(count, count))
        lengths.append(minimum_spanning_tree(graph.tocsr()).sum())
    found = tree_length_m(np.array([float(count)]), np.array([area_m2]))[0]
    assert np.mean(lengths) == pytest.approx(found, rel=tolerance)


def test_tree_length_scales_with_the_root_of_count_and_area():
    lengths = tree_length_m(np.array([0.0, 100.0, 400.0, 100.0]), np.array([1e6, 1e6, 1e6, 4e6]))
    assert lengths[0] == 0
    assert lengths[2:] == pytest.approx(2 * lengths[1])
    assert lengths[1] == pytest.approx(6331)
