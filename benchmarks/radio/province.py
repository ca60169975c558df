"""A province: 18 million cells and 10,000 sites on two cores, its memory, and ten times the sites."""

from __future__ import annotations

import numpy as np

from benchmarks.jobs_coverage import JOBS, CoverageJob, errors, sample, sector_pairs
from benchmarks.radio.maps import prefixed, rates
from benchmarks.radio.memory import peak_mb
from benchmarks.rows import Figures, Limit, Row, Size, timed
from sim.geo.grid import Grid
from sim.radio.coverage import Coverage, coverage
from sim.radio.sites import Sites
from tests.radio.coverage_twin import grid_points, twin

WORKERS = 2
SMALL, SMALL_MORE = CoverageJob(300, 60, 6_000.0), CoverageJob(300, 600, 6_000.0)
AT_ONCE = 100
"""Pixels broadcast at once: against 30,000 sectors an intermediate result fills 24 MB."""


def province(size: Size) -> Figures:
    """Return time, memory and errors of a province, and how its time grows with the sites."""
    few = SMALL if size.small else JOBS["province"]
    many = SMALL_MORE if size.small else JOBS["province-sites-10"]
    grid, sites = few.make()
    figures: Figures = {"pixels": grid.rows * grid.columns, "sites": len(sites)}
    figures["peak_mb"] = peak_mb(lambda: coverage(grid, sites, workers=WORKERS))
    spent, cover = timed(lambda: coverage(grid, sites, workers=WORKERS), size.times)
    pairs = sector_pairs(grid, sites)
    figures |= {"sector_pairs": pairs, **spent, **rates(pairs, spent)}
    figures |= sampled_errors(grid, sites, cover, 1000)
    del cover
    more = many.make()[1]
    longer, _ = timed(lambda: coverage(grid, more, workers=WORKERS), size.times)
    return {
        **figures,
        **prefixed("sites_10", longer),
        "sites_10_times": longer["s"] / spent["s"],
        "sites_10_times_processor": longer["processor_s"] / spent["processor_s"],
    }


def sampled_errors(grid: Grid, sites: Sites, cover: Coverage, count: int) -> Figures:
    """Return errors against broadcasting at some pixels."""
    rows = np.sort(np.random.default_rng(0).choice(grid.rows * grid.columns, count, replace=False))
    x_m, y_m = grid_points(grid)
    parts = [twin(x_m[part], y_m[part], sites) for part in np.array_split(rows, max(count // AT_ONCE, 1))]
    names = ("best_dbm", "server", "second_dbm", "total_mw")
    exact = Coverage(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
    return errors(sample(cover, rows), exact)


PROVINCE = Row(
    "province",
    "18 million cells of 100 m, 10,000 sites of three sectors, radius 15 km: numpy, two cores",
    province,
    (
        Limit("s", most=10.0, timed=True),
        Limit("peak_mb", most=1024.0, timed=True),
        Limit("sites_10_times", most=11.0, timed=True, processor="sites_10_times_processor"),
        Limit("best_db", most=0.01),
        Limit("same_server", least=0.999),
    ),
)
