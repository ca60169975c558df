"""Chains of moves: circles found are gainful, and without one left the assignment is the shortest."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from sim.access.chains import best_moves, gainful_cycles
from sim.access.exchanges import Arcs, exchanged


def test_a_circle_is_found_and_costs_less_than_nothing():
    source, target = np.array([2, 0, 1, 0]), np.array([0, 1, 2, 2])
    cost = np.array([1.0, -4.0, 2.0, 5.0])
    assert [sorted(circle) for circle in gainful_cycles(source, target, cost, 1e-9)] == [[0, 1, 2]]
    assert gainful_cycles(source, target, cost + 1.0, 1e-9) == []  # it costs 2 now
    assert gainful_cycles(source[:0], target[:0], cost[:0], 1e-9) == []


def test_the_cheapest_move_of_each_pair_of_boxes():
    moves = best_moves(np.array([0, 0, 1, 0]), np.array([1, 1, 0, 2]), np.array([3.0, 2.0, 5.0, 1.0]))
    assert moves.tolist() == [2, 1, 3]


@pytest.mark.parametrize("seed", range(15))
def test_homes_are_assigned_as_short_as_can_be(seed):
    """Single homes to boxes of four, from a poor start: the optimum of the assignment problem."""
    draw = np.random.default_rng(seed)
    homes, boxes, room = 26, 8, 4
    drop = draw.uniform(1.0, 100.0, (homes, boxes))
    start = np.arange(homes) % boxes
    building, box = (axis.ravel() for axis in np.meshgrid(np.arange(homes), np.arange(boxes), indexing="ij"))
    one = np.ones(homes, dtype=np.int64)
    free = room - np.bincount(start, minlength=boxes)
    found = exchanged(Arcs(building, box, drop.ravel()), one, start, free)
    assert np.bincount(found, minlength=boxes).max() <= room
    row, column = linear_sum_assignment(np.repeat(drop, room, axis=1))
    assert drop[np.arange(homes), found].sum() == pytest.approx(drop[row, column // room].sum(), rel=1e-6)


@pytest.mark.parametrize("seed", range(10))
def test_buildings_of_several_homes_keep_to_the_room(seed):
    draw = np.random.default_rng(seed)
    homes = draw.integers(1, 4, 30)
    drop = draw.uniform(1.0, 100.0, (30, 10))
    start = np.arange(30) % 10
    building, box = (axis.ravel() for axis in np.meshgrid(np.arange(30), np.arange(10), indexing="ij"))
    used = np.bincount(start, weights=homes, minlength=10).astype(np.int64)
    room = int(used.max()) + 1
    found = exchanged(Arcs(building, box, drop.ravel()), homes, start, room - used)
    assert np.bincount(found, weights=homes, minlength=10).max() <= room
    before, after = (drop[np.arange(30), where] @ homes for where in (start, found))
    assert after < before
