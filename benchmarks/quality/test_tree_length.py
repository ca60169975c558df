"""The formula for metres of cable against spanning trees over points that are really placed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import pdist, squareform

from sim.access.odn import tree_length_m


def mean_tree_m(count: int, side_m: float, draws: int = 200) -> float:
    """Return the mean length of the minimum spanning tree of random points on a square."""
    random = np.random.default_rng(count)
    trees = (
        minimum_spanning_tree(squareform(pdist(random.random((count, 2)) * side_m))) for _ in range(draws)
    )
    return float(np.mean([tree.sum() for tree in trees]))


@pytest.mark.parametrize(("count", "most_off"), [(5, 0.25), (10, 0.12), (50, 0.08), (200, 0.06)])
def test_the_formula_is_near_the_mean_of_real_trees(count, most_off):
    side_m = 3_000.0
    formula = float(tree_length_m(np.array([float(count)]), np.array([side_m**2]))[0])
    assert abs(formula / mean_tree_m(count, side_m, draws=100) - 1.0) < most_off
