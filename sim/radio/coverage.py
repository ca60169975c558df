"""What a network's sectors give on a raster or at points: best server, next best and total power."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError, Problem
from sim.geo.grid import Grid
from sim.radio.masts import DB_PER_OCTAVE, SILENT, Mast, Masts
from sim.radio.sites import Sites
from sim.radio.window import Planes, Window

STRIP_ROWS = 64
"""Rows computed at a time: the strip of the map and the buffers stay in the second-level cache."""


class Terrain(Protocol):
    """Losses over terrain that a map takes into account."""

    def window(self, site: int) -> tuple[slice, slice, NDArray[np.uint8]]:
        """Return rows and columns of the grid around a site and the loss there in half decibels."""

    def loss_db(self, site: NDArray[np.integer], x_m: Any, y_m: Any) -> NDArray[np.float64]:
        """Return the loss between sites and points, pair by pair [dB]."""


@dataclass(frozen=True, eq=False)
class Coverage:
    """A map of received power; shape of the grid, or (P,) for points."""

    best_dbm: NDArray[np.float32]
    """Power of the strongest sector, minus infinity where none is in reach [dBm]."""
    server: NDArray[np.int32]
    """Row of the strongest sector as the sites came, -1 where none is in reach."""
    second_dbm: NDArray[np.float32]
    """Strongest power of any other sector, of the same site too; minus infinity where none is [dBm]."""
    total_mw: NDArray[np.float32]
    """Sum over all sectors in reach, the best one included [mW]."""


@dataclass(frozen=True, eq=False)
class Points:
    """Receivers at places of their own."""

    x_m: NDArray[np.float64]
    """Easting, shape (P,) [m]."""
    y_m: NDArray[np.float64]
    """Northing, shape (P,) [m]."""

    def __len__(self) -> int:
        """Return how many points there are."""
        return len(self.x_m)


class Raster:
    """A grid being painted: where its rows and columns lie, and what of a site falls into a strip."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.x_m, self.y_m = grid.eastings_m(), grid.northings_m()

    def columns(self, mast: Mast, rows: slice) -> slice:
        """Return the columns that a site reaches in any of these rows."""
        offset = self.y_m[rows.start] - mast.y_m, self.y_m[rows.stop - 1] - mast.y_m
        nearest = 0.0 if offset[0] >= 0.0 >= offset[1] else min(abs(offset[0]), abs(offset[1]))
        half = math.sqrt(max(mast.radius_m**2 - nearest**2, 0.0))
        return self.grid.window(mast.x_m, mast.y_m, half)[1]

    def paint(
        self, planes: Planes, window: Window, mast: Mast, rows: slice, top: int, loss: Any = None
    ) -> None:
        """Add a site to rows of the planes, whose first row is row ``top`` of the grid."""
        columns = self.columns(mast, rows)
        if columns.start >= columns.stop:
            return
        dx = (self.x_m[columns] - mast.x_m).astype(np.float32)
        dy = (self.y_m[rows] - mast.y_m).astype(np.float32)
        heard = window.hear(mast, dx, dy, loss)
        planes.add(heard, slice(rows.start - top, rows.stop - top), columns)


def coverage(grid: Grid, sites: Sites, *, terrain: Any = None, workers: int = 1, strip_rows: int = STRIP_ROWS, method: str = "numpy") -> Coverage:
    masts = Masts(sites)
    raster = Raster(grid)
    planes = Planes(grid.shape)
    spans = [grid.window(m.x_m, m.y_m, m.radius_m)[0] for m in masts.all]
    start = np.array([s.start for s in spans]); stop = np.array([s.stop for s in spans])
    widest = int(max(2 * m.radius_m for m in masts.all) / grid.pixel_m) + 2
    window = Window(masts.pattern, strip_rows * min(widest, grid.columns))
    for top in range(0, grid.rows, strip_rows):
        bottom = min(top + strip_rows, grid.rows)
        for rank in np.flatnonzero((start < bottom) & (stop > top)):
            rows = slice(max(int(start[rank]), top), min(int(stop[rank]), bottom))
            raster.paint(planes, window, masts.all[rank], rows, 0)
    return finish(planes, masts)


def finish(planes, masts):
    none = planes.best <= SILENT
    server = masts.owner[planes.code.astype(np.int32)]
    server[none] = -1
    planes.best *= np.float32(DB_PER_OCTAVE)
    planes.second[planes.second <= SILENT] = -np.inf
    planes.second *= np.float32(DB_PER_OCTAVE)
    planes.best[none] = -np.inf
    planes.total[none] = 0
    return Coverage(planes.best, server, planes.second, planes.total)
