"""How far the coverage kernel in single precision is from plain broadcasting in double."""

import numpy as np
import pytest

from benchmarks.jobs_coverage import JOBS, errors, sample, some_points, uneven
from sim.geo.grid import Grid
from sim.radio.coverage import coverage
from tests.radio.coverage_twin import grid_points, twin

WITHIN_DB = 0.01
SAME_SERVER = 0.999


def assert_right(found):
    assert max(found[name] for name in ("best_db", "second_db", "total_db")) <= WITHIN_DB
    assert found["same_server"] >= SAME_SERVER


@pytest.fixture(scope="module")
def job_a():
    return JOBS["a"].make()


@pytest.mark.parametrize("make", [lambda sites: sites, uneven], ids=["even", "uneven"])
def test_the_raster_of_job_a(job_a, make):
    grid, sites = job_a[0], make(job_a[1])
    x_m, y_m = grid_points(grid)
    rows = np.random.default_rng(0).choice(len(x_m), 2000, replace=False)
    assert_right(errors(sample(coverage(grid, sites), rows), twin(x_m[rows], y_m[rows], sites)))


@pytest.mark.parametrize("make", [lambda sites: sites, uneven], ids=["even", "uneven"])
def test_the_points_of_job_a(job_a, make):
    grid, sites = job_a[0], make(job_a[1])
    points = some_points(grid, 3000)
    assert_right(errors(coverage(points, sites), twin(points.x_m, points.y_m, sites)))


def test_pixels_of_a_metre_within_35_m_of_sites(job_a):
    _, sites = job_a
    for site in (100, 700):
        x_m, y_m = sites.x_m[site], sites.y_m[site]
        grid = Grid(x_m - 25.2, y_m + 25.4, 1.0, 50, 50)
        everyone = np.arange(2500)
        found = errors(sample(coverage(grid, sites), everyone), twin(*grid_points(grid), sites))
        assert_right(found)


def test_pixels_near_any_site_of_job_a(job_a):
    """Where the map's own pixels lie within 35 m of one of its sites."""
    grid, sites = job_a
    x_m, y_m = grid_points(grid)
    _, columns = grid.shape
    row = np.floor((grid.north_m - sites.y_m) / grid.pixel_m).astype(int)
    pixel = row * columns + np.floor((sites.x_m - grid.west_m) / grid.pixel_m).astype(int)
    near = np.unique(pixel[np.hypot(x_m[pixel] - sites.x_m, y_m[pixel] - sites.y_m) <= 35.0])
    assert len(near) > 200
    assert_right(errors(sample(coverage(grid, sites), near), twin(x_m[near], y_m[near], sites)))
