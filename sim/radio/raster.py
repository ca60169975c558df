"""A raster painted strip by strip, by one process or by several over bands of rows."""

from __future__ import annotations

import math
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError, Problem
from sim.geo.grid import Grid
from sim.radio.masts import Mast, Masts
from sim.radio.receivers import Coverage, Terrain
from sim.radio.sites import Sites
from sim.radio.strip import Heard, Strip
from sim.radio.window import Window

_KINDS = (np.float32, np.int32, np.float32, np.float32)
"""What the planes of a map hold: best, server, second, total."""
STRIP_ROWS = 64
"""Rows painted at a time: the strip and the buffers stay in the second-level cache."""


@dataclass(frozen=True, eq=False)
class Task:
    """What to paint."""

    grid: Grid
    sites: Sites
    terrain: Terrain | None
    strip_rows: int


class Raster:
    """A grid cut into strips of rows, and what each site gives to a strip."""

    def __init__(self, task: Task, masts: Masts) -> None:
        self.grid, self.terrain, self.masts = task.grid, task.terrain, masts
        self.strip_rows = min(task.strip_rows, task.grid.rows)
        self._x_m = task.grid.eastings_m()
        # the last strip may end beyond the grid
        rows = self.strips * self.strip_rows
        self._y_m = task.grid.north_m - (np.arange(rows) + 0.5) * task.grid.pixel_m
        sites, pixel = task.sites, task.grid.pixel_m
        down, reach = (task.grid.north_m - sites.y_m) / pixel - 0.5, sites.radius_m / pixel
        self.top = np.maximum(np.ceil(down - reach), 0).astype(np.int64)
        """First row that each site reaches, shape (N,)."""
        self.bottom = np.minimum(np.floor(down + reach) + 1, task.grid.rows).astype(np.int64)
        """Row after the last that each site reaches, shape (N,)."""
        widest = math.ceil(2.0 * float(reach.max(initial=0.0))) + 1
        self.window = Window(masts.pattern, min(widest, task.grid.columns), self.strip_rows)

    @property
    def strips(self) -> int:
        """How many strips there are."""
        return -(-self.grid.rows // self.strip_rows)

    def rows(self, strip: int) -> slice:
        """Return the rows of a strip that lie on the grid."""
        top = strip * self.strip_rows
        return slice(top, min(top + self.strip_rows, self.grid.rows))

    def new_strip(self) -> Strip:
        """Return a strip on which nothing is heard."""
        return Strip(self.grid.columns, self.strip_rows)

    def reaching(self, strip: int) -> NDArray[np.int64]:
        """Return the rows of the sites that reach a strip, in the kernel's order."""
        rows = self.rows(strip)
        order = self.masts.order
        return np.asarray(order[(self.top[order] < rows.stop) & (self.bottom[order] > rows.start)])

    def columns(self, mast: Mast, strip: int) -> slice:
        """Return the columns that a site reaches in any row of a strip, empty where there are none."""
        top = strip * self.strip_rows
        above = self._y_m[top] - mast.y_m
        under = self._y_m[top + self.strip_rows - 1] - mast.y_m
        nearest = 0.0 if above >= 0.0 >= under else min(abs(above), abs(under))
        half = math.sqrt(max(mast.radius_m**2 - nearest**2, 0.0))
        west, pixel = mast.x_m - self.grid.west_m, self.grid.pixel_m
        first = max(math.ceil((west - half) / pixel - 0.5), 0)
        last = min(math.floor((west + half) / pixel - 0.5), self.grid.columns - 1)
        return slice(first, max(last + 1, first))

    def paint(self, into: Strip, strip: int, mast: Mast, limit: slice, *, late: bool = False) -> None:
        """Add what a site gives to the columns of a strip within a limit."""
        columns = self.columns(mast, strip)
        columns = slice(max(columns.start, limit.start), min(columns.stop, limit.stop))
        if columns.start < columns.stop and mast.bearing:
            into.add(self.hear(strip, mast, columns), columns.start, late=late)

    def hear(self, strip: int, mast: Mast, columns: slice) -> Heard:
        """Return what a site gives to columns of a strip, valid until the next call."""
        top = strip * self.strip_rows
        dx = (self._x_m[columns] - mast.x_m).astype(np.float32)
        dy = (self._y_m[top : top + self.strip_rows] - mast.y_m).astype(np.float32)
        loss = None if self.terrain is None else self._loss(self.terrain, mast, strip, columns)
        return self.window.hear(mast, dx, dy, loss)

    def _loss(self, terrain: Terrain, mast: Mast, strip: int, columns: slice) -> NDArray[np.uint8]:
        """Return the terrain's loss on columns of a strip, column by column."""
        on_rows, on_columns, half_db = terrain.window(mast.row)
        rows = self.rows(strip)
        needed = slice(max(rows.start, self.top[mast.row]), min(rows.stop, self.bottom[mast.row]))
        inside = on_rows.start <= needed.start and needed.stop <= on_rows.stop
        if not (inside and on_columns.start <= columns.start and columns.stop <= on_columns.stop):
            raise DataError(
                (Problem("terrain", f"site {mast.row}", "its window is smaller than its radius"),)
            )
        loss = np.zeros((columns.stop - columns.start, self.strip_rows), dtype=np.uint8)
        part = half_db[
            needed.start - on_rows.start : needed.stop - on_rows.start,
            columns.start - on_columns.start : columns.stop - on_columns.start,
        ]
        loss[:, needed.start - rows.start : needed.stop - rows.start] = part.T
        return loss

    def paint_all(self, out: Coverage, strips: range) -> None:
        """Paint strips with every site into a map whose first row is the first strip's."""
        into, masts = self.new_strip(), self.masts
        everywhere = slice(0, self.grid.columns)
        first = self.rows(strips.start).start if len(strips) else 0
        known: dict[int, Mast] = {}
        for strip in strips:
            into.clear(everywhere)
            reaching = self.reaching(strip).tolist()
            known = {row: known.get(row) or masts.mast(row) for row in reaching}
            for mast in known.values():
                self.paint(into, strip, mast, everywhere)
            rows = self.rows(strip)
            out.fill(slice(rows.start - first, rows.stop - first), self.planes(into, strip), masts.owner)

    def planes(
        self, strip: Strip, number: int, columns: slice | None = None
    ) -> tuple[NDArray[np.float32], ...]:
        """Return best, second, total and code of a strip's rows on the grid, row by row."""
        rows = self.rows(number)
        shaped = (plane.reshape(self.grid.columns, self.strip_rows) for plane in strip.planes)
        cut = (plane[columns or slice(None), : rows.stop - rows.start] for plane in shaped)
        return tuple(np.ascontiguousarray(plane.T) for plane in cut)


def paint_alone(task: Task) -> Coverage:
    """Return the map, painted by this process."""
    raster = Raster(task, Masts(task.sites))
    out = Coverage.empty(task.grid.shape)
    raster.paint_all(out, range(raster.strips))
    return out


def paint_together(task: Task, workers: int) -> Coverage:
    """Return the map, painted by several processes, each a band of rows, into memory that they share."""
    bands = _bands(Raster(task, Masts(task.sites)), workers)
    size = task.grid.rows * task.grid.columns * np.dtype(np.float32).itemsize
    memory = [SharedMemory(create=True, size=size) for _ in _KINDS]
    try:
        names = tuple(plane.name for plane in memory)
        with ProcessPoolExecutor(len(bands), mp_context=get_context("spawn")) as pool:
            done = [pool.submit(_paint_band, task, names, band) for band in bands]
            for band in done:
                band.result()
        # plane by plane, so that the map is held twice for one of them only
        return Coverage(*(_taken(plane, task.grid, kind) for plane, kind in zip(memory, _KINDS, strict=True)))
    finally:
        for plane in memory:
            plane.close()
            plane.unlink()


def _taken(memory: SharedMemory, grid: Grid, kind: Any) -> Any:
    """Return a copy of a plane in shared memory and let go of the memory."""
    copy = np.ndarray(grid.shape, dtype=kind, buffer=memory.buf).copy()
    memory.close()
    return copy


def _bands(raster: Raster, workers: int) -> list[range]:
    """Return ranges of strips with about the same number of sites to paint in each."""
    work = np.array([len(raster.reaching(strip)) for strip in range(raster.strips)], dtype=np.float64) + 1.0
    done = np.cumsum(work) / work.sum()
    edges = [0, *(int(np.searchsorted(done, share / workers)) + 1 for share in range(1, workers)), len(work)]
    edges = np.minimum.accumulate(np.array(edges)[::-1])[::-1].tolist()
    return [range(first, last) for first, last in pairwise(edges) if first < last]


def _paint_band(task: Task, names: tuple[str, ...], band: range) -> None:
    """Paint a band into shared memory."""
    memory = [SharedMemory(name=name) for name in names]
    try:
        _paint_rows(Raster(task, Masts(task.sites)), memory, band)
    finally:
        for plane in memory:
            plane.close()


def _paint_rows(raster: Raster, memory: list[SharedMemory], band: range) -> None:
    rows = slice(raster.rows(band.start).start, raster.rows(band.stop - 1).stop)
    planes: list[Any] = [
        np.ndarray(raster.grid.shape, dtype=kind, buffer=plane.buf)[rows]
        for plane, kind in zip(memory, _KINDS, strict=True)
    ]
    raster.paint_all(Coverage(*planes), band)
