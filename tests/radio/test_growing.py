"""A raster on which a network grows."""

from __future__ import annotations

import numpy as np

from sim.geo.grid import Grid
from sim.radio.coverage import coverage
from sim.radio.growing import grow_raster
from tests.radio.small_network import network
from tests.radio.test_series import some

GRID = Grid(west_m=-2000.0, north_m=22_000.0, pixel_m=200.0, rows=110, columns=115)
MONTHS = 5


def test_first_months_are_those_of_the_maps_of_each_month():
    sites = network(count=30)
    on_air = np.random.default_rng(5).integers(-1, MONTHS + 1, 30)
    needed = np.stack([np.full(GRID.shape, -95.0), np.full(GRID.shape, -85.0)]).astype(np.float32)
    found, first = grow_raster(GRID, sites, on_air, needed, MONTHS)
    for question in range(2):
        for month in range(-1, MONTHS):
            now, _ = some(sites, np.flatnonzero(on_air <= month))
            reached = coverage(GRID, now).best_dbm >= needed[question]
            agree = (first[question] <= month) == reached
            assert agree.mean() > 0.9999  # a pixel at the very edge may round either way
    last, sectors = some(sites, np.flatnonzero(on_air < MONTHS))
    wanted = coverage(GRID, last)
    np.testing.assert_allclose(found.best_dbm, wanted.best_dbm, atol=0.01)
    np.testing.assert_allclose(found.total_mw, wanted.total_mw, rtol=1e-4)
    heard = wanted.server >= 0
    assert (found.server[heard] == sectors[wanted.server[heard]]).mean() > 0.999


def test_without_sites_nothing_is_ever_reached():
    needed = np.full((1, *GRID.shape), -95.0, dtype=np.float32)
    found, first = grow_raster(GRID, some(network(), np.empty(0, int))[0], np.empty(0, int), needed, MONTHS)
    assert (first == MONTHS).all()
    assert (found.server == -1).all()
