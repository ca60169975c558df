"""What points receive month by month: all sites once, sorted into the months from which they radiate.

The powers are those by which sites are planned (``sim.radio.pairs``), so that a point that a plan counts as
covered is covered here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.radio.law import NEAREST_M
from sim.radio.link import milliwatt
from sim.radio.pairs import PointTerrain, loss_of_pairs_db, reach_of_sites_m
from sim.radio.receivers import Points
from sim.radio.scattered import by_square
from sim.radio.sites import Sites

Floats = NDArray[np.float64]
_BLOCK = 4096
"""Points taken at once: bounds memory, changes no result."""
_DECIMALS = 2
_LOWEST_DBM = 1000.0
"""Powers are counted from so far below 1 mW."""
_SECTORS = 1 << 24
_DEAF_DBM = -400.0
_LEVEL_DB = 4.0
"""Points that hear alike within so much are searched together."""


@dataclass(frozen=True, eq=False)
class PointSeries:
    """What P points receive in each of M months."""

    best_dbm: NDArray[np.float32]
    """Median power of the strongest sector outdoors, minus infinity without any, shape (M, P) [dBm]."""
    server: NDArray[np.int32]
    """That sector's row, -1 without any, shape (M, P)."""
    total_mw: NDArray[np.float32]
    """Sum over all sectors, shape (M, P) [mW]."""

    @classmethod
    def empty(cls, months: int, points: int) -> PointSeries:
        """Return a series in which nothing is received."""
        shape = (months, points)
        return cls(
            np.full(shape, -np.inf, dtype=np.float32),
            np.full(shape, -1, dtype=np.int32),
            np.zeros(shape, dtype=np.float32),
        )


def point_series(
    sites: Sites,
    on_air: NDArray[np.integer],
    points: Points,
    months: int,
    *,
    terrain: PointTerrain | None = None,
    silent_dbm: Floats | float = -np.inf,
) -> PointSeries:
    """Return what the points receive in each month.

    ``on_air`` is the month from which each site radiates, before 0 from the start; sites of month ``months``
    or later never do. Powers are rounded to a hundredth of a decibel; of two equal sectors the first serves.
    Sites that would be weaker than ``silent_dbm`` (one figure, or one a point) even on their boresight and
    over flat land may be left out there.
    """
    out = PointSeries.empty(months, len(points))
    mine = np.flatnonzero(on_air < months)
    if len(mine) == 0 or len(points) == 0 or months == 0:
        return out
    silent = np.broadcast_to(np.asarray(silent_dbm, dtype=np.float64), (len(points),))
    # Points that hear alike together: what hears little is searched near the sites alone.
    level = np.floor(np.maximum(silent, _DEAF_DBM) / _LEVEL_DB).astype(np.int64)
    along = by_square(points)
    for heard in np.unique(level):
        rows = along[level[along] == heard]
        reach_m = reach_of_sites_m(sites, max(float(silent[rows].min()), _DEAF_DBM))
        near = cKDTree(np.column_stack([sites.x_m[mine], sites.y_m[mine]]))
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            pairs = _pairs(points.take(block), near, float(reach_m[mine].max()))
            site, point = mine[pairs["j"]], pairs["i"]
            kept = pairs["v"] <= reach_m[site]
            site, point = site[kept], point[kept]
            x_m, y_m = points.x_m[block[point]], points.y_m[block[point]]
            loss = loss_of_pairs_db(sites, site, pairs["v"][kept])
            if terrain is not None:
                loss = loss + terrain.loss_db(site, x_m, y_m)
            best, sector, total = _sectors(sites, site, (x_m, y_m), loss)
            slot = np.maximum(on_air[site], 0).astype(np.int64) * len(block) + point
            _sort_in(out, block, slot, (best, sector, total))
    return out


def _pairs(points: Points, sites: cKDTree, reach_m: float) -> NDArray[np.void]:
    """Return point, site and distance of all pairs within reach."""
    here = cKDTree(np.column_stack([points.x_m, points.y_m]))
    return np.asarray(here.sparse_distance_matrix(sites, reach_m, output_type="ndarray"))


def _sectors(
    sites: Sites, site: NDArray[np.int64], at_m: tuple[Floats, Floats], loss_db: Floats
) -> tuple[Floats, NDArray[np.int32], Floats]:
    """Return the best sector's power, its row, and the sum over the sectors of each pair's site."""
    dx, dy = at_m[0] - sites.x_m[site], at_m[1] - sites.y_m[site]
    azimuth = np.degrees(np.arctan2(dx, dy))
    ground = np.maximum(np.hypot(dx, dy), NEAREST_M)
    depression = np.degrees(np.arctan2(sites.height_m[site] - sites.terminal_height_m, ground))
    first, count = sites.first_sector[site], np.diff(sites.first_sector)[site]
    best, total = np.full(len(site), -np.inf), np.zeros(len(site))
    sector = np.full(len(site), -1, dtype=np.int32)
    alike = len(count) > 0 and count.min() == count.max()
    for number in range(int(count.max(initial=0))):
        row = first + number if alike else np.where(number < count, first + number, 0)
        above = sites.downtilt_deg[row] - depression
        gain = sites.pattern.relative_db(azimuth - sites.azimuth_deg[row], above)
        power = np.round(sites.eirp_dbm[row] + gain - loss_db, _DECIMALS)
        if not alike:
            power[number >= count] = -np.inf
        np.copyto(sector, row.astype(np.int32), where=power > best)
        np.maximum(best, power, out=best)
        total += milliwatt(power)
    return best, sector, total


def _sort_in(
    out: PointSeries,
    rows: NDArray[np.int64],
    slot: NDArray[np.int64],
    heard: tuple[Floats, NDArray[np.int32], Floats],
) -> None:
    """Put the pairs of a block of points, by month and point, into the series."""
    best, sector, power = heard
    months, count = len(out.best_dbm), len(rows)
    # Power in hundredths and the sector in one number: the largest is the strongest, of equal ones the first.
    code = np.rint((best + _LOWEST_DBM) * 100.0).astype(np.int64) * _SECTORS + (_SECTORS - 1 - sector)
    strongest = np.full(months * count, -1, dtype=np.int64)
    np.maximum.at(strongest, slot, code)
    strongest = np.maximum.accumulate(strongest.reshape(months, count), axis=0)
    hundredths, last = np.divmod(strongest, _SECTORS)
    heard_any = strongest >= 0
    out.best_dbm[:, rows] = np.where(heard_any, hundredths / 100.0 - _LOWEST_DBM, -np.inf)
    out.server[:, rows] = np.where(heard_any, _SECTORS - 1 - last, -1)
    total = np.bincount(slot, power, minlength=months * count).reshape(months, count)
    out.total_mw[:, rows] = np.cumsum(total, axis=0)
