"""Groups of homes: limits kept, middles exact, and lengths against exact optima and the lower bound."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from sim.access.bound import drop_bound_m
from sim.access.clusters import Demand, drops_m, medians, middles, reached
from sim.access.clusters import grouped as cut
from sim.access.reseat import reseated
from sim.access.rooted import rooted


def grouped(tree, demand, capacity, longest_m):
    return reseated(tree, demand, cut(tree, demand, capacity, longest_m), (capacity, longest_m))


def random_case(seed: int, count: int = 40, buildings: int = 25, most: int = 1):
    """A random tree with short edges and buildings on it."""
    draw = np.random.default_rng(seed)
    ends = np.array([[max(0, node - draw.integers(1, 5)), node] for node in range(1, count)])
    tree, _, _ = rooted(ends, draw.uniform(2.0, 20.0, count - 1), root=0, count=count)
    vertex = draw.integers(0, count, buildings)
    return tree, Demand(vertex, draw.uniform(0.0, 15.0, buildings), draw.integers(1, most + 1, buildings))


def shortest_m(tree, demand, boxes, capacity, longest_m):
    """The exact optimum: boxes at any vertices, by integer programming."""
    count, sites = len(demand), len(tree)
    one, at = (axis.ravel() for axis in np.meshgrid(np.arange(count), np.arange(sites), indexing="ij"))
    drop = demand.lead_m[one] + tree.distance_m(demand.vertex[one], at)
    kept = drop <= longest_m * (1 + 1e-9)
    one, at, drop = one[kept], at[kept], drop[kept]
    arcs = len(one)
    cost = np.concatenate([drop * demand.homes[one], np.zeros(sites)])
    served = coo_array((np.ones(arcs), (one, np.arange(arcs))), shape=(count, arcs + sites))
    rows = np.concatenate([at, np.arange(sites)])
    columns = np.arange(arcs + sites)
    filled = coo_array(
        (np.concatenate([demand.homes[one], np.full(sites, -float(capacity))]), (rows, columns)),
        shape=(sites, arcs + sites),
    )
    opened = coo_array(
        (np.ones(sites), (np.zeros(sites, dtype=int), arcs + np.arange(sites))), shape=(1, arcs + sites)
    )
    found = milp(
        cost,
        constraints=[
            LinearConstraint(served, 1, 1),
            LinearConstraint(filled, -np.inf, 0),
            LinearConstraint(opened, 0, boxes),
        ],
        integrality=np.ones(arcs + sites),
        bounds=Bounds(0, 1),
    )
    assert found.success
    return found.fun


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    ("capacity", "longest_m", "most"), [(6, 120.0, 1), (8, 80.0, 3), (100, 85.0, 1), (3, 400.0, 2)]
)
def test_limits_are_kept(seed, capacity, longest_m, most):
    tree, demand = random_case(seed, count=120, buildings=90, most=most)
    found = grouped(tree, demand, capacity, longest_m)
    filled = np.bincount(found.box, weights=demand.homes, minlength=len(found.vertex))
    assert filled.max() <= capacity
    assert filled.min() > 0
    assert found.drop_m == pytest.approx(drops_m(tree, demand, found.vertex[found.box]))
    assert found.drop_m.max() <= longest_m * (1 + 1e-9)
    again = grouped(tree, demand, capacity, longest_m)
    assert (again.box == found.box).all()
    assert (again.vertex == found.vertex).all()


def test_exact_optimum_lies_between_bound_and_grouping():
    """On small cases: the bound is valid, and grouping is near the optimum."""
    over, under = [], []
    for seed in range(12):
        tree, demand = random_case(seed, most=1 + seed % 3)
        found = grouped(tree, demand, 6, 100.0)
        best = shortest_m(tree, demand, len(found.vertex), 6, 100.0)
        length = found.total_m(demand)
        bound = drop_bound_m(tree, demand, found, (6, 100.0), 100)
        assert bound <= best + 1e-6
        assert best <= length + 1e-6
        over.append(length / best - 1.0)
        under.append(1.0 - bound / best)
    assert np.mean(over) <= 0.03
    assert max(over) <= 0.06
    assert np.mean(under) <= 0.08


def test_better_places_are_never_longer_and_gain_where_the_cut_is_poor():
    cuts, moved = [], []
    for seed in range(10):
        tree, demand = random_case(seed, count=300, buildings=200, most=2)
        start = cut(tree, demand, 8, 90.0)
        found = reseated(tree, demand, start, (8, 90.0))
        assert len(found.vertex) == len(start.vertex)
        cuts.append(start.total_m(demand))
        moved.append(found.total_m(demand))
    assert all(after <= before for before, after in zip(cuts, moved, strict=True))
    assert sum(moved) < 0.98 * sum(cuts)


def test_bound_rises_with_rounds_and_is_left_out_with_none():
    tree, demand = random_case(3, count=200, buildings=150)
    found = grouped(tree, demand, 8, 100.0)
    bounds = [drop_bound_m(tree, demand, found, (8, 100.0), rounds) for rounds in (0, 1, 10, 100)]
    assert bounds[0] == 0.0
    assert bounds == sorted(bounds)
    assert bounds[-1] > 0.8 * found.total_m(demand)


@pytest.mark.parametrize("seed", range(8))
def test_medians_are_those_of_trying_every_vertex(seed):
    tree, demand = random_case(seed, most=4)
    box = np.random.default_rng(seed).integers(0, 4, len(demand))
    box[:4] = range(4)
    chosen = medians(tree, demand, box, 4)
    held = middles(tree, demand, box, demand.vertex[:4], 60.0)
    for group in range(4):
        mine = np.flatnonzero(box == group)
        part = Demand(demand.vertex[mine], demand.lead_m[mine], demand.homes[mine])
        every = np.array([drops_m(tree, part, np.full(len(mine), at)) for at in range(len(tree))])
        total = (every * part.homes).sum(axis=1)
        assert total[chosen[group]] == pytest.approx(total.min())
        near = every.max(axis=1) <= 60.0
        if near[demand.vertex[group]]:  # a start within reach ends at the best within reach
            assert total[held[group]] == pytest.approx(total[near].min())


def test_every_vertex_within_a_radius_is_found_once():
    tree, _ = random_case(5, count=80)
    source = np.array([3, 40, 3])
    row, vertex, far = reached(tree, source, 45.0)
    every = tree.distance_m(np.repeat(source, 80), np.tile(np.arange(80), 3)).reshape(3, 80)
    assert sorted(zip(row.tolist(), vertex.tolist(), strict=True)) == list(
        zip(*np.nonzero(every <= 45.0), strict=True)
    )
    assert far == pytest.approx(every[row, vertex])


def test_a_street_of_homes_is_cut_into_full_boxes():
    """Twelve homes 10 m apart, four a box: boxes of four in a row, 40 m of drops each."""
    tree, _, _ = rooted(np.column_stack([np.arange(11), np.arange(1, 12)]), np.full(11, 10.0), 0, 12)
    demand = Demand(np.arange(12), np.zeros(12), np.ones(12, dtype=np.int64))
    found = grouped(tree, demand, 4, 100.0)
    assert len(found.vertex) == 3
    assert found.total_m(demand) == pytest.approx(120.0)
    assert drop_bound_m(tree, demand, found, (4, 100.0), 100) == pytest.approx(120.0, rel=0.02)


def test_nothing_to_group():
    tree, _ = random_case(0)
    none = np.zeros(0, dtype=np.int64)
    demand = Demand(none, np.zeros(0), none)
    found = grouped(tree, demand, 4, 100.0)
    assert len(found.vertex) == 0
    assert drop_bound_m(tree, demand, found, (4, 100.0), 10) == 0.0
