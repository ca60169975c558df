"""Coverage of a raster by compiled loops (extra ``fast``): what ``sim.radio.coverage`` asks of Numba.

The loops are compiled on their first use, in seconds, so that they pay on a large raster or on many. Each
tile of the raster is worked out on its own, its sites in an order that follows from the sites alone: the
result is the same, to the bit, for any number of threads and any order of the input rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError, Problem
from sim.geo.grid import Grid
from sim.radio.sites import Sites

try:
    from sim.radio import fast_levels as levels
    from sim.radio import fast_loops as loops
    from sim.radio.fast_network import Network
    from sim.radio.fast_tiles import direct
except ImportError as missing:
    _CURE = "compiled loops need Numba: pip install 'rollout-planner[fast]', or ask for numpy"
    raise DataError((Problem("coverage", "method", _CURE),)) from missing

Rasters = tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]


class Windows(Protocol):
    """Losses over terrain around sites, in half dB on the grid."""

    def window(self, site: int) -> tuple[slice, slice, NDArray[np.uint8]]:
        """Return the rows and columns of the grid that a site's losses are for, and the losses."""


def fast_coverage(
    grid: Grid, sites: Sites, *, terrain: Windows | None = None, two_level: bool = False, threads: int = 1
) -> Rasters:
    """Return best power [dBm], its sector, the second power [dBm] and the sum [mW], each the grid's shape.

    Where nothing is received the powers are minus infinity, the sector is -1 and the sum 0. With
    ``two_level`` only sectors that may be best or second somewhere near are computed at every pixel; the
    rest is computed at a few nodes of each block and interpolated. Over terrain nothing bounds what a ridge
    does between two nodes: there every pair is computed all the same.

    Raises ``DataError`` that names every wrong figure of the sites.
    """
    if not len(sites) or not sites.sectors:
        return _silent(grid)
    best, second, total = (np.empty(grid.shape, np.float32) for _ in range(3))
    out = best, np.empty(grid.shape, np.int32), second, total
    network = Network.of(grid, sites)
    ground = _windows(terrain, network.order)
    wider = (*network.tables, network.wider(levels.FARTHEST * grid.pixel_m))

    def strip(index: int) -> None:
        if two_level and terrain is None:
            levels.two_level(index, grid.pixel_m, network.places, wider, out)
        else:
            direct(index, grid.pixel_m, network.places, network.tables, ground, out)

    _each(strip, range(-(-grid.columns // loops.WIDTH)), threads)
    return out


def _each(work: Any, items: Sequence[int], threads: int) -> None:
    if threads <= 1:
        for item in items:
            work(item)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, items):
            pass


def _silent(grid: Grid) -> Rasters:
    return (
        np.full(grid.shape, -np.inf, np.float32),
        np.full(grid.shape, -1, np.int32),
        np.full(grid.shape, -np.inf, np.float32),
        np.zeros(grid.shape, np.float32),
    )


def _windows(
    terrain: Windows | None, order: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return where each site's window lies (row, column, rows, columns, start) and all windows end to end."""
    if terrain is None:
        return np.zeros((0, 5), np.int64), np.zeros(0, np.uint8)
    table = np.zeros((len(order), 5), np.int64)
    parts, start = [], 0
    for place, site in enumerate(order):
        rows, columns, half_db = terrain.window(int(site))
        table[place] = rows.start, columns.start, *half_db.shape, start
        parts.append(half_db.ravel())
        start += half_db.size
    return table, np.concatenate(parts)
