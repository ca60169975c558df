"""How far the compiled loops are from double precision, and the interpolated interference from all pairs."""

from __future__ import annotations

import time

import numpy as np
import pytest

pytest.importorskip("numba", reason="the compiled loops need numba (extra fast)")

from benchmarks.jobs_coverage import job
from sim.geo.grid import Grid
from sim.radio.coverage import coverage
from tests.radio.coverage_twin import grid_points, twin

MOST_DB, MOST_FAR_DB = 0.01, 0.1
LEAST_PER_S, LEAST_GAIN = 1.5e9, 10_000
REPEATS = 9


@pytest.fixture(scope="module")
def network():
    """The grid and the sites of the job."""
    return job()


@pytest.fixture(scope="module")
def direct(network):
    return coverage(*network, method="fast")


@pytest.fixture(scope="module")
def two_level(network):
    return coverage(*network, method="two_level")


def near_sites(grid, sites, within_m=35.0):
    """Return the flat index of the pixels whose middle lies so near to a site."""
    x, y = grid_points(grid)
    row = np.floor((grid.north_m - sites.y_m) / grid.pixel_m).astype(int).clip(0, grid.rows - 1)
    column = np.floor((sites.x_m - grid.west_m) / grid.pixel_m).astype(int).clip(0, grid.columns - 1)
    at = row * grid.columns + column
    return at[np.hypot(x[at] - sites.x_m, y[at] - sites.y_m) <= within_m]


def interference_dbm(best_dbm, total_mw):
    best_mw = 10.0 ** (np.asarray(best_dbm, dtype=np.float64) / 10.0)
    return 10.0 * np.log10(np.asarray(total_mw, dtype=np.float64) - best_mw)


@pytest.mark.parametrize("where", ["everywhere", "near sites"])
@pytest.mark.parametrize("method", ["direct", "two_level"])
def test_the_best_server_is_that_of_double_precision(network, where, method, request):
    grid, sites = network
    x, y = grid_points(grid)
    rows = np.arange(0, len(x), 997) if where == "everywhere" else near_sites(grid, sites)
    assert len(rows) > 100
    wanted, found = twin(x[rows], y[rows], sites), request.getfixturevalue(method)
    assert np.abs(found.best_dbm.ravel()[rows] - wanted.best_dbm).max() <= MOST_DB
    assert np.abs(found.second_dbm.ravel()[rows] - wanted.second_dbm).max() <= MOST_DB
    assert (found.server.ravel()[rows] == wanted.server).mean() >= 0.999


def test_the_sum_of_all_pairs_is_that_of_double_precision(network, direct):
    grid, sites = network
    x, y = grid_points(grid)
    rows = np.arange(0, len(x), 997)
    ratio = direct.total_mw.ravel()[rows] / twin(x[rows], y[rows], sites).total_mw
    assert np.abs(10.0 * np.log10(ratio)).max() <= MOST_DB


def test_interpolated_interference_is_near_that_of_all_pairs_at_every_pixel(direct, two_level):
    assert np.mean(direct.server == two_level.server) >= 0.99999
    exact = interference_dbm(direct.best_dbm, direct.total_mw)
    off = np.abs(interference_dbm(two_level.best_dbm, two_level.total_mw) - exact)
    assert off.max() <= MOST_FAR_DB


def test_far_networks_keep_their_figures_in_single_precision():
    """The same network a thousand kilometres to the north and east: coordinates are rounded last."""
    grid, sites = job(300, 90)
    moved = Grid(grid.west_m + 1e6, grid.north_m + 1e6, grid.pixel_m, grid.rows, grid.columns)
    sites_moved = type(sites)(**{**vars(sites), "x_m": sites.x_m + 1e6, "y_m": sites.y_m + 1e6})
    here, there = coverage(grid, sites, method="fast"), coverage(moved, sites_moved, method="fast")
    assert np.abs(here.best_dbm - there.best_dbm).max() < 0.001


def least_seconds(work):
    """Return the least time of several repeats [s]."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def test_speed(network, direct, two_level, request):
    """Sector-pairs per second of all pairs, and how many times plain broadcasting the two levels are."""
    if not request.config.getoption("benchmark_enable"):
        pytest.skip("times are taken with --benchmark-enable, on a machine that does nothing else")
    grid, sites = network
    x, y = grid_points(grid)
    pairs = 0
    for row in range(len(sites)):
        rows, columns = grid.window(sites.x_m[row], sites.y_m[row], sites.radius_m[row])
        dx, dy = grid.eastings_m()[columns] - sites.x_m[row], grid.northings_m()[rows] - sites.y_m[row]
        pairs += 3 * int((np.add.outer(dy**2, dx**2) <= sites.radius_m[row] ** 2).sum())
    start = time.perf_counter()
    twin(x[::50], y[::50], sites)
    plain_s = 50 * (time.perf_counter() - start)
    direct_s = least_seconds(lambda: coverage(grid, sites, method="fast"))
    levels_s = least_seconds(lambda: coverage(grid, sites, method="two_level"))
    print(f"direct {direct_s:.4f} s, {pairs / direct_s:.3g} sector-pairs/s, {plain_s / direct_s:.0f} x plain")
    print(f"two levels {levels_s:.4f} s, {plain_s / levels_s:.0f} x plain ({plain_s:.0f} s)")
    assert pairs / direct_s >= LEAST_PER_S
    assert plain_s / levels_s >= LEAST_GAIN
