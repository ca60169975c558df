"""What a network's sectors give on a raster or at points: best server, next best and total power.

Each site is computed where it reaches and nowhere else. The bits of a map do not depend on the order of the
sites' rows, on the size of the strips or on the number of workers.
"""

from __future__ import annotations

import numpy as np

from sim.errors import DataError, Problem
from sim.geo.grid import Grid
from sim.radio.masts import Masts
from sim.radio.raster import STRIP_ROWS, Task, paint_alone, paint_together
from sim.radio.receivers import Coverage, Points, Terrain
from sim.radio.scattered import Scattered
from sim.radio.sites import Sites

__all__ = ["METHODS", "MOST_PIXELS", "STRIP_ROWS", "Coverage", "Points", "Terrain", "coverage"]

METHODS = ("numpy", "fast", "two_level")
"""How a raster is computed: by numpy, or by compiled loops (extra ``fast``) exactly or in two levels."""
MOST_PIXELS = 400_000_000
"""A map has no more: its four planes take 6.4 GB."""


def coverage(
    receivers: Grid | Points,
    sites: Sites,
    *,
    terrain: Terrain | None = None,
    workers: int = 1,
    strip_rows: int = STRIP_ROWS,
    method: str = "numpy",
) -> Coverage:
    """Return what the receivers hear of the sites within their radii.

    A table without sites or sectors gives a map on which nothing is heard, no points an empty one.
    ``workers`` are processes (threads for the compiled loops) on bands of a raster's rows. Raises
    ``DataError`` that names every wrong figure of the sites.
    """
    _check(receivers, workers, strip_rows, method)
    if isinstance(receivers, Points):
        if not len(receivers):
            Masts(sites)
            return Coverage.empty((0,))
        return Scattered(Masts(sites), terrain).cover(receivers)
    if not sites.sectors:
        Masts(sites)
        return Coverage.empty(receivers.shape)
    if method != "numpy":
        from sim.radio.fast import fast_coverage

        two_level = method == "two_level"
        return Coverage(
            *fast_coverage(receivers, sites, terrain=terrain, two_level=two_level, threads=workers)
        )
    task = Task(receivers, sites, terrain, strip_rows)
    return paint_alone(task) if workers == 1 else paint_together(task, workers)


def _check(receivers: Grid | Points, workers: int, strip_rows: int, method: str) -> None:
    problems = []
    if isinstance(receivers, Grid):
        problems += [Problem("grid", "", message) for message in _wrong_grid(receivers)]
    if workers < 1:
        problems.append(Problem("coverage", "workers", "must be 1 or more"))
    if strip_rows < 1:
        problems.append(Problem("coverage", "strip_rows", "must be 1 or more"))
    if method not in METHODS:
        problems.append(Problem("coverage", "method", f"{method!r} is none of {', '.join(METHODS)}"))
    if problems:
        raise DataError(tuple(problems))


def _wrong_grid(grid: Grid) -> list[str]:
    """Return why nothing can be painted on a raster."""
    edges = np.isfinite((grid.west_m, grid.north_m, grid.pixel_m))
    if not (edges.all() and grid.pixel_m > 0 and min(grid.shape) > 0):
        return ["needs rows, columns, edges that are numbers and a pixel above 0 m"]
    count = grid.rows * grid.columns
    if count > MOST_PIXELS:
        return [f"has {count:,} pixels, more than {MOST_PIXELS:,}; take larger ones or paint it in parts"]
    return []
