"""The shortest connections of points and of nodes of a graph."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from sim.access.tree import spanning_connection, steiner_tree


def test_a_star_needs_its_middle():
    one, other = np.array([0, 0, 0]), np.array([1, 2, 3])
    graph = csr_array((np.full(6, 2.0), (np.r_[one, other], np.r_[other, one])), shape=(4, 4))
    tree = steiner_tree(graph, [1, 2, 3])
    assert tree.length_m == pytest.approx(6.0)
    assert tree.edges.tolist() == [[0, 1], [0, 2], [0, 3]]


def test_points_go_to_their_nearest_root():
    tree = spanning_connection([[1.0, 0.0], [9.0, 0.0], [3.0, 0.0]], [[0.0, 0.0], [10.0, 0.0]])
    assert tree.length_m == pytest.approx(4.0)
    assert tree.edges.tolist() == [[0, 2], [0, 3], [1, 4]]
