"""A coverage map that follows its network: a change is computed where it is felt and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError, Problem
from sim.geo.grid import Grid
from sim.radio.masts import OCTAVES_PER_DB, Mast, Masts
from sim.radio.raster import STRIP_ROWS, Raster, Task
from sim.radio.receivers import Coverage, Points, Terrain
from sim.radio.scattered import Scattered
from sim.radio.sites import Sites

Touched = tuple[slice, slice] | NDArray[np.int64]
"""Where a map may have changed: rows and columns of a raster, or rows of points, ascending."""


class LiveCoverage:
    """What the active ones of a table of sites give, on a raster or at points.

    A site that is added is painted over what is there; where one is removed or changed, its window is
    painted anew from the sites that reach it, since sums do not subtract back. The map equals one made
    afresh to 0.01 dB with the same servers. Of sites at one place with equal powers the order in which
    they were ranked at first stays, whatever changes later.
    """

    def __init__(
        self,
        receivers: Grid | Points,
        sites: Sites,
        *,
        active: NDArray[np.bool_] | None = None,
        terrain: Terrain | None = None,
    ) -> None:
        self.sites = sites
        self.active = np.zeros(len(sites), dtype=bool)
        self._map: _LiveRaster | _LivePoints = (
            _LivePoints(receivers, sites, terrain, self.active)
            if isinstance(receivers, Points)
            else _LiveRaster(receivers, sites, terrain, self.active)
        )
        if active is not None:
            self.add(np.flatnonzero(active))

    def add(self, rows: Iterable[int]) -> Touched:
        """Switch sites on; return where the map may have changed. Those on already stay as they are."""
        new = [row for row in self._checked(rows) if not self.active[row]]
        self.active[new] = True
        return self._map.add(new)

    def remove(self, rows: Iterable[int]) -> Touched:
        """Switch sites off; return where the map may have changed."""
        gone = [row for row in self._checked(rows) if self.active[row]]
        reach: Any = self._map.reach(gone)
        self.active[gone] = False
        return self._map.again(reach, [])

    def retune(self, sites: Sites, rows: Iterable[int]) -> Touched:
        """Take some sites' figures from a table like the first; return where the map may have changed.

        The table must hold the same number of sites with the same sectors; other rows than those named
        must not differ.
        """
        if not np.array_equal(sites.first_sector, self.sites.first_sector):
            raise DataError((Problem("sites", "first_sector", "a retuned table must keep all sectors"),))
        changed = self._checked(rows)
        felt = [row for row in changed if self.active[row]]
        before: Any = self._map.reach(felt)
        self._map.replace(sites, changed)
        self.sites = sites
        return self._map.again(before, felt)

    def gain_if_added(self, row: int, threshold_dbm: float, weight: NDArray[np.floating]) -> float:
        """Return the weight that a site would lift to a threshold, changing nothing.

        ``weight`` has the map's shape; powers are compared to a hundredth of a dB.
        """
        (row,) = self._checked([row])
        return 0.0 if self.active[row] else self._map.gain(row, threshold_dbm, weight)

    def coverage(self, place: Touched | None = None) -> Coverage:
        """Return a copy of the map, or of the part of it that was touched."""
        return self._map.coverage(place)

    def _checked(self, rows: Iterable[int]) -> list[int]:
        """Return rows ascending, each once; ``DataError`` for those that are not in the table."""
        every = sorted({int(row) for row in rows})
        wrong = [row for row in every if not 0 <= row < len(self.sites)]
        if wrong:
            raise DataError((Problem("sites", f"row {wrong[0]}", f"there are {len(self.sites)} sites"),))
        return every


Reach = dict[int, tuple[int, int]]
"""Columns, from and to, by strip."""


class _LiveRaster:
    """A raster kept as strips."""

    def __init__(self, grid: Grid, sites: Sites, terrain: Terrain | None, active: NDArray[np.bool_]) -> None:
        self.task = Task(grid, sites, terrain, STRIP_ROWS)
        self.masts = Masts(sites)
        self.raster = Raster(self.task, self.masts)
        self.active = active
        self.strips = [self.raster.new_strip() for _ in range(self.raster.strips)]
        self._known: dict[int, Mast] = {}

    def add(self, rows: list[int]) -> Touched:
        """Paint sites over what is there."""
        order = sorted(rows, key=self.masts.rank.__getitem__)
        for row in order:
            mast = self._mast(row)
            for strip, (first, last) in self.reach([row]).items():
                self.raster.paint(self.strips[strip], strip, mast, slice(first, last), late=True)
        return self._box(self.reach(rows))

    def again(self, reach: Reach, rows: list[int]) -> Touched:
        """Paint columns anew from all that reach them; ``rows`` are sites whose reach is new."""
        for strip, (first, last) in self.reach(rows).items():
            known = reach.get(strip, (first, last))
            reach[strip] = min(known[0], first), max(known[1], last)
        for strip, (first, last) in reach.items():
            self.strips[strip].clear(slice(first, last))
            reaching = self.raster.reaching(strip)
            for row in reaching[self.active[reaching]].tolist():
                self.raster.paint(self.strips[strip], strip, self._mast(row), slice(first, last))
        return self._box(reach)

    def reach(self, rows: list[int]) -> Reach:
        """Return the columns of each strip that sites reach."""
        reach: Reach = {}
        for row in rows:
            mast, top, bottom = self._mast(row), self.raster.top[row], self.raster.bottom[row]
            for strip in range(top // self.raster.strip_rows, -(-bottom // self.raster.strip_rows)):
                columns = self.raster.columns(mast, strip)
                if columns.start < columns.stop:
                    known = reach.get(strip, (columns.start, columns.stop))
                    reach[strip] = min(known[0], columns.start), max(known[1], columns.stop)
        return reach

    def replace(self, sites: Sites, rows: list[int]) -> None:
        """Take the figures of sites from another table; the order stays."""
        self.task = Task(self.task.grid, sites, self.task.terrain, self.task.strip_rows)
        self.masts = Masts(sites, order=self.masts.order)
        self.raster = Raster(self.task, self.masts)
        for row in rows:
            self._known.pop(row, None)

    def gain(self, row: int, threshold_dbm: float, weight: NDArray[np.floating]) -> float:
        """Return the weight lifted to a threshold."""
        mast, raster = self._mast(row), self.raster
        # half a hundredth: to the nearest hundredth, as decisions compare
        wanted = np.float32((threshold_dbm - 0.005) * OCTAVES_PER_DB)
        gain = 0.0
        for strip, (first, last) in self.reach([row] if mast.bearing else []).items():
            rows = raster.rows(strip)
            heard = raster.hear(strip, mast, slice(first, last))
            count = rows.stop - rows.start
            shape = (last - first, raster.strip_rows)
            best = self.strips[strip].planes[0].reshape(-1, raster.strip_rows)[first:last, :count]
            lifted = (heard.best.reshape(shape)[:, :count] >= wanted) & (best < wanted)
            gain += float(weight[rows, first:last][lifted.T].sum(dtype=np.float64))
        return gain

    def coverage(self, place: Any) -> Coverage:
        """Return a copy of a part of the map."""
        rows, columns = place if place is not None else (slice(0, self.task.grid.rows), slice(None))
        columns = slice(*columns.indices(self.task.grid.columns))
        part = Coverage.empty((rows.stop - rows.start, columns.stop - columns.start))
        height = self.raster.strip_rows
        for number in range(rows.start // height, -(-rows.stop // height)):
            on = self.raster.rows(number)
            first, last = max(on.start, rows.start), min(on.stop, rows.stop)
            planes = self.raster.planes(self.strips[number], number, columns)
            cut = tuple(plane[first - on.start : last - on.start] for plane in planes)
            part.fill(slice(first - rows.start, last - rows.start), cut, self.masts.owner)
        return part

    def _mast(self, row: int) -> Mast:
        if row not in self._known:
            self._known[row] = self.masts.mast(row)
        return self._known[row]

    def _box(self, reach: Reach) -> tuple[slice, slice]:
        """Return the rows and columns around all strips reached."""
        if not reach:
            return slice(0, 0), slice(0, 0)
        rows = slice(self.raster.rows(min(reach)).start, self.raster.rows(max(reach)).stop)
        return rows, slice(min(first for first, _ in reach.values()), max(last for _, last in reach.values()))


class _LivePoints:
    """Points; all that a change touches is computed anew."""

    def __init__(
        self, points: Points, sites: Sites, terrain: Terrain | None, active: NDArray[np.bool_]
    ) -> None:
        self.points, self.terrain, self.active = points, terrain, active
        self.scattered = Scattered(Masts(sites), terrain)
        self.now = Coverage.empty((len(points),))

    def reach(self, rows: list[int]) -> NDArray[np.int64]:
        """Return the points that sites reach."""
        sites = self.scattered.masts.sites
        near = np.zeros(len(self.points), dtype=bool)
        for row in rows:
            away = (self.points.x_m - sites.x_m[row]) ** 2 + (self.points.y_m - sites.y_m[row]) ** 2
            near |= away <= (sites.radius_m[row] * (1.0 + 1e-6)) ** 2
        return np.flatnonzero(near)

    def add(self, rows: list[int]) -> Touched:
        """Compute anew what new sites reach."""
        return self.again(self.reach(rows), [])

    def again(self, touched: NDArray[np.int64], rows: list[int]) -> Touched:
        """Compute points anew, and those that sites reach."""
        touched = np.union1d(touched, self.reach(rows))
        part = self.scattered.cover(self.points.take(touched), self.active)
        for name in ("best_dbm", "server", "second_dbm", "total_mw"):
            getattr(self.now, name)[touched] = getattr(part, name)
        return touched

    def replace(self, sites: Sites, rows: list[int]) -> None:
        """Take the figures of sites from another table."""
        self.scattered = Scattered(Masts(sites, order=self.scattered.masts.order), self.terrain)

    def gain(self, row: int, threshold_dbm: float, weight: NDArray[np.floating]) -> float:
        """Return the weight lifted to a threshold."""
        touched = self.reach([row])
        alone = np.zeros(len(self.active), dtype=bool)
        alone[row] = True
        heard = self.scattered.cover(self.points.take(touched), alone).best_dbm
        wanted = threshold_dbm - 0.005
        lifted = (heard >= wanted) & (self.now.best_dbm[touched] < wanted)
        return float(weight[touched[lifted]].sum(dtype=np.float64))

    def coverage(self, place: Any) -> Coverage:
        """Return a copy of a part of the map."""
        return self.now.copy(... if place is None else place)
