"""Smoke run and timing of the coverage kernel on a small job: a raster, points, sectors of their own."""

import numpy as np
import pytest

from benchmarks.jobs_coverage import JOBS, sector_pairs, some_points, uneven
from sim.radio.coverage import coverage
from sim.radio.live import LiveCoverage


@pytest.mark.parametrize("kind", ["raster", "points", "uneven"])
def test_coverage(benchmark, kind):
    receivers, sites = JOBS["small"].make()
    if kind == "points":
        receivers = some_points(receivers, 5000)
    sites = uneven(sites) if kind == "uneven" else sites
    cover = benchmark(coverage, receivers, sites)
    benchmark.extra_info["sector_pairs"] = sector_pairs(receivers, sites)
    assert (cover.server >= 0).mean() > 0.95


def test_change(benchmark):
    grid, sites = JOBS["small"].make()
    live = LiveCoverage(grid, sites, active=np.arange(40) > 0)

    def there_and_back():
        live.remove([7])
        live.add([7])

    before = live.coverage()
    benchmark(there_and_back)
    assert np.array_equal(before.server, live.coverage().server)
