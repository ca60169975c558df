"""Thinned sites and the points they reach, against brute force."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.radio.cells import NEAREST, cover_points, serve_points, thin_locations

ZONES, POINTS, SITES = 20, 300, 60


def region(seed, standing=0.2):
    """Return zones with points and locations strewn over 40 km x 40 km."""
    draw = np.random.default_rng(seed)
    spread = {"x_m": (0, 40_000), "y_m": (0, 40_000)}

    def places(count):
        return {axis: draw.uniform(*limits, count) for axis, limits in spread.items()}

    return SimpleNamespace(
        zones=pd.DataFrame({"population_2020": draw.integers(100, 5000, ZONES)}),
        points=pd.DataFrame({"zone": draw.integers(0, ZONES, POINTS)} | places(POINTS)),
        locations=pd.DataFrame(
            {"zone": draw.integers(0, ZONES, SITES), "standing": draw.random(SITES) < standing}
            | places(SITES)
        ),
    )


def radii(seed, low=800.0, high=9_000.0):
    return np.random.default_rng(seed + 1000).uniform(low, high, ZONES)


def reaches(area, radius_m, site, point):
    """Return whether a site reaches a point: within the range of its own zone and of the point's."""
    a, b = area.locations.iloc[site], area.points.iloc[point]
    distance = np.hypot(a["x_m"] - b["x_m"], a["y_m"] - b["y_m"])
    return distance, distance <= min(radius_m[int(a["zone"])], radius_m[int(b["zone"])])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("high", [9_000.0, 30_000.0])
def test_serve_points_against_brute_force(seed, high):
    area, radius_m = region(seed), radii(seed, high=high)
    locations = np.arange(0, SITES, 3, dtype=np.int32)
    cells = serve_points(area, locations, radius_m)
    wanted, nearest, crowded = set(), np.full(POINTS, -1), 0
    for point in range(POINTS):
        inside = []
        for cell, site in enumerate(locations):
            distance, reached = reaches(area, radius_m, site, point)
            if reached:
                inside.append((round(distance, 3), cell))
        inside.sort()
        crowded += len(inside) > NEAREST
        wanted |= {(cell, point) for _, cell in inside[:NEAREST]}
        if inside:
            nearest[point] = inside[0][1]
    assert set(zip(cells.cell.tolist(), cells.point.tolist(), strict=True)) == wanted
    assert len(cells.cell) == len(wanted)
    assert cells.home_cell.tolist() == nearest.tolist()
    assert wanted, "the case must reach something"
    assert (nearest < 0).any(), "and miss something"
    assert (crowded > 0) == (high > 10_000), "and hold points that keep their nearest cells alone"


def test_a_tie_goes_to_the_first_site():
    area = region(0)
    area.locations.loc[[4, 9], ["x_m", "y_m"]] = [20_000.0, 20_000.0]
    area.points.loc[0, ["x_m", "y_m"]] = [20_100.0, 20_000.0]
    cells = serve_points(area, np.array([4, 9], dtype=np.int32), np.full(ZONES, 500.0))
    assert cells.home_cell[0] == 0


@pytest.mark.parametrize("seed", range(3))
def test_every_location_lies_in_range_of_the_one_kept_for_it(seed):
    area = region(seed)
    for radius in (2_000.0, 5_000.0, 20_000.0):
        chosen = thin_locations(area, np.full(ZONES, radius))
        xy = area.locations[["x_m", "y_m"]].to_numpy()
        distance = np.hypot(*(xy[:, None, :] - xy[None, chosen, :]).transpose(2, 0, 1))
        assert (distance.min(axis=1) <= radius).all()
        assert (np.diff(chosen) > 0).all()
    assert len(chosen) < SITES / 2


def test_one_location_a_square_a_standing_one_before_a_new_one_before_a_smaller():
    area = region(5)
    radius = 8_000.0
    chosen = set(thin_locations(area, np.full(ZONES, radius)).tolist())
    side = 2.0 ** (np.floor(2 * np.log2(radius / np.sqrt(2))) / 2)
    sites = area.locations
    squares = {}
    for row in range(SITES):
        key = (sites["x_m"][row] // side, sites["y_m"][row] // side)
        people = area.zones["population_2020"][sites["zone"][row]]
        squares.setdefault(key, []).append((not sites["standing"][row], -people, row))
    assert chosen == {min(members)[2] for members in squares.values()}
    assert len(chosen) < SITES


def test_only_allowed_locations_are_chosen():
    area, radius_m = region(2), radii(2)
    allowed = np.array([3, 3, 17, 30], dtype=np.int32)
    assert set(thin_locations(area, radius_m, allowed)) <= {3, 17, 30}
    nothing = np.empty(0, dtype=np.int32)
    assert len(thin_locations(area, radius_m, nothing)) == 0
    empty = cover_points(area, radius_m, nothing)
    assert len(empty.cell) == 0
    assert (empty.home_cell == -1).all()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("subset", [None, np.arange(0, SITES, 2, dtype=np.int32)])
def test_thinning_loses_no_point(seed, subset):
    area, radius_m = region(seed), radii(seed, high=4_000.0)
    every = serve_points(area, np.arange(SITES, dtype=np.int32) if subset is None else subset, radius_m)
    cells = cover_points(area, radius_m, subset)
    assert set(cells.point) == set(every.point)
    assert set(cells.locations) >= set(thin_locations(area, radius_m, subset))
    again = serve_points(area, cells.locations, radius_m)
    for part in ("cell", "point", "home_cell"):
        assert getattr(cells, part).tolist() == getattr(again, part).tolist()


def test_a_longer_range_never_reaches_less():
    area, radius_m = region(7), radii(7, high=4_000.0)
    before: set[int] = set()
    for factor in np.geomspace(0.5, 6.0, 12):
        reached = set(cover_points(area, radius_m * factor).point.tolist())
        assert reached >= before
        before = reached
    assert len(before) > POINTS * 0.8
