"""How far the swept loss by terrain is from a profile for each pixel, on made-up and on real mountains."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from benchmarks.jobs_terrain import error_db, job_b, mountains, run_job_b
from sim.geo.dem import Dem, dem_of
from sim.geo.grid import Grid
from sim.geo.sources import read_sources
from sim.radio.sweep import Link
from sim.radio.windows import sweep_windows
from tests.geo.checks import ROOT, options_with

BUNDLE = Path(os.environ.get("ROLLOUT_BUNDLE") or ROOT.parent / "shared" / "geodata")
MOST_RMSE_DB = 1.2


@pytest.mark.parametrize("height_m", [15.0, 30.0, 60.0])
def test_the_sweep_is_near_exact_profiles_on_made_up_mountains(height_m):
    dem, masts = job_b(mountains(500, 90.0))
    masts.height_m[:] = height_m
    windows = sweep_windows(dem, dem.grid, masts, Link(900.0, 1.5))
    error = error_db(dem, dem.grid, masts, windows, 3000)
    assert np.sqrt((error**2).mean()) < MOST_RMSE_DB
    assert abs(error.mean()) < 0.25


@pytest.mark.skipif(not BUNDLE.is_dir(), reason="the data bundle is not beside the checkout")
@pytest.mark.parametrize("corner", [(-260_000.0, 200_000.0), (-50_000.0, -100_000.0)])
def test_the_sweep_is_near_exact_profiles_on_the_mountains_of_yunnan(corner):
    """The real ground, 30 arc seconds, drawn smoothly on a 90 m grid."""
    real = dem_of(read_sources("Yunnan", options_with(bundle=str(BUNDLE))))
    grid = Grid(corner[0], corner[1] + 99_990.0, 90.0, 1111, 1111)
    x, y = np.meshgrid(grid.eastings_m(), grid.northings_m())
    heights = map_coordinates(real.heights_m, real.rows_columns(x, y), order=3)
    found = run_job_b(dem=Dem(grid, heights.astype(np.float32), real.crs), samples=2000)
    assert found["rmse_db"] < MOST_RMSE_DB
    assert found["cells"] == 1111 * 1111
