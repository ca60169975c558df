"""Coverage at points that lie anywhere: settlements, places, samples of roads.

Points are sorted by small squares and taken in blocks of neighbours; a block against the sites that reach it
is a dense table, worked on by the same formulas as the raster's near field.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.radio.antenna import FULL_TURN_DEG
from sim.radio.masts import OCTAVES_PER_DB, RIM, SILENT, Masts
from sim.radio.receivers import Coverage, Points, Terrain
from sim.radio.window import from_table, radial

Floats = NDArray[np.float32]
BLOCK = 128
"""Points taken together."""
_SQUARE_M = 1000.0
_BITS = 20
_single = np.float32


def by_square(points: Points) -> NDArray[np.int64]:
    """Return the points' rows sorted along a Z-shaped curve through small squares."""
    key = np.zeros(len(points), dtype=np.int64)
    for axis, place in enumerate((points.x_m, points.y_m)):
        square = np.floor((place - place.min(initial=0.0)) / _SQUARE_M).astype(np.int64)
        for bit in range(_BITS):
            key |= ((square >> bit) & 1) << (2 * bit + axis)
    return np.argsort(key, kind="stable")


class Scattered:
    """Sites as columns of numbers, ready for tables of sites against points."""

    def __init__(self, masts: Masts, terrain: Terrain | None) -> None:
        self.masts, self.terrain = masts, terrain
        sites = masts.sites
        self.count = np.diff(sites.first_sector)
        self.most = int(self.count.max(initial=0))
        strongest = np.full(len(sites), -np.inf)
        np.maximum.at(strongest, np.repeat(np.arange(len(sites)), self.count), sites.eirp_dbm)
        self.strongest_dbm = np.where(self.count > 0, strongest, 0.0)

    def cover(self, points: Points, active: NDArray[np.bool_] | None = None) -> Coverage:
        """Return what the points hear of the active sites (all, if not given)."""
        out = Coverage.empty((len(points),))
        order = self.masts.order if active is None else self.masts.order[active[self.masts.order]]
        order = order[self.count[order] > 0]
        along = by_square(points)
        for start in range(0, len(points), BLOCK):
            self._block(points, along[start : start + BLOCK], order, out)
        return out

    def _block(
        self, points: Points, mine: NDArray[np.int64], order: NDArray[np.int64], out: Coverage
    ) -> None:
        """Fill in a block of points."""
        sites = self.masts.sites
        x_m, y_m = points.x_m[mine], points.y_m[mine]
        aside = np.maximum(np.maximum(x_m.min() - sites.x_m, sites.x_m - x_m.max()), 0.0)
        ahead = np.maximum(np.maximum(y_m.min() - sites.y_m, sites.y_m - y_m.max()), 0.0)
        near = order[(aside**2 + ahead**2 <= sites.radius_m**2)[order]]
        if len(near):
            lobes = self._lobes(near, x_m, y_m)
            out.fill(mine, _ranked(lobes), self._owner(near))

    def _owner(self, near: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the sector of each row of a table of sectors."""
        slot = np.minimum(np.arange(self.most)[None], self.count[near][:, None] - 1)
        rows = (self.masts.sites.first_sector[near][:, None] + slot).ravel()
        return np.asarray(self.masts.sectors[rows], dtype=np.int32)

    def _lobes(self, near: NDArray[np.int64], x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> Floats:
        """Return the power of each sector at each point, by site, sector and point [octaves]."""
        sites = self.masts.sites
        dx = (x_m[None] - sites.x_m[near][:, None]).astype(np.float32)
        dy = (y_m[None] - sites.y_m[near][:, None]).astype(np.float32)
        ground2 = dx * dx + dy * dy
        power, angle = radial(ground2, self.masts.laws(near))
        beyond = ground2 > _single(sites.radius_m[near][:, None] ** 2 * RIM)
        if self.terrain is not None:
            site, point = np.nonzero(~beyond)
            loss = self.terrain.loss_db(near[site], x_m[point], y_m[point])
            power[site, point] -= (np.asarray(loss) * OCTAVES_PER_DB).astype(np.float32)
        np.copyto(power, _single(SILENT), where=beyond)
        turns = np.arctan2(dx, dy)
        turns *= _single(0.5 / math.pi)
        lobes = np.full((len(near), self.most, len(x_m)), SILENT, dtype=np.float32)
        for number in range(self.most):
            has = np.flatnonzero(self.count[near] > number)
            everywhere: Any = slice(None) if len(has) == len(near) else has
            sector = self.masts.sectors[sites.first_sector[near[has]] + number]
            lobe = self._lobe(sector, turns[everywhere], angle[everywhere])
            weaker = (self.strongest_dbm[near[has]] - sites.eirp_dbm[sector]) * OCTAVES_PER_DB
            lobe += weaker[:, None].astype(np.float32)
            lobes[everywhere, number] = power[everywhere] - lobe
        return lobes

    def _lobe(self, sector: NDArray[np.int64], turns: Floats, angle: Floats) -> Floats:
        """Return the attenuation of one sector of each site [octaves]."""
        sites, pattern = self.masts.sites, self.masts.pattern
        azimuth = (self.masts.bearing[sector])[:, None].astype(np.float32)
        tilt = (sites.downtilt_deg[sector] / FULL_TURN_DEG)[:, None].astype(np.float32)
        across = turns - azimuth
        across -= np.rint(across)
        below = angle - tilt
        if pattern.across_table is not None and pattern.along_table is not None:
            across = from_table(pattern.across_table, across * _single(FULL_TURN_DEG))
            across += from_table(pattern.along_table, below * _single(FULL_TURN_DEG))
        else:
            across *= across * _single(pattern.across)
            below *= below * _single(pattern.along)
            across += np.minimum(below, _single(pattern.most_along), out=below)
        return np.asarray(np.minimum(across, _single(pattern.most), out=across))


def _ranked(lobes: Floats) -> tuple[Floats, ...]:
    """Return best, second, total and the row of the best in a table by site and sector."""
    table = lobes.reshape(-1, lobes.shape[-1])
    everyone = np.arange(table.shape[1])
    first = table.argmax(axis=0)
    best = table[first, everyone]
    powers = np.exp2(table)
    # one row after the other, whatever the block's width: a sum over one column would go pairwise
    total = np.zeros(len(best), dtype=np.float32)
    for row in powers:
        total += row
    table[first, everyone] = SILENT
    return best, table.max(axis=0), total, first.astype(np.float32)
