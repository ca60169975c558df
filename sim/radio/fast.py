"""Coverage of a raster by compiled loops (extra ``fast``): what ``sim.radio.coverage`` asks of Numba.

The loops are compiled on their first use, in seconds, so that they pay on a large raster or on many. Each
tile of the raster is worked out on its own, its sites in an order that follows from the sites alone: the
result is the same, to the bit, for any number of threads and any order of the input rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.geo.grid import Grid
from sim.radio import fast_levels as levels
from sim.radio import fast_loops as loops
from sim.radio.antenna import FULL_TURN_DEG, MeasuredPattern, SectorPattern
from sim.radio.fast_tiles import direct
from sim.radio.law import NEAREST_M
from sim.radio.masts import DB_PER_OCTAVE, Masts
from sim.radio.sites import Sites

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]
Rasters = tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]

NEVER_DB = -1e6
"""Intercept of a piece of the loss that is not used: float32 arithmetic on it stays finite."""
SAME_TURN = 1e-9
"""Bearings no farther apart count as equal [turns]."""
FLAT = 32.0
"""From so many antenna heights on, the dip is height over distance (to 0.0006 degree)."""


class Windows(Protocol):
    """Losses over terrain around sites, in half dB on the grid."""

    def window(self, site: int) -> tuple[slice, slice, NDArray[np.uint8]]:
        """Return the rows and columns of the grid that a site's losses are for, and the losses."""


@dataclass(frozen=True, eq=False)
class _Tables:
    """Sites and sectors as the loops take them, sites from west to east."""

    sites: tuple[Any, ...]
    sectors: tuple[Any, ...]
    order: NDArray[np.int64]
    """Row of each site in the input."""


def fast_coverage(
    grid: Grid, sites: Sites, *, terrain: Windows | None = None, two_level: bool = False, threads: int = 1
) -> Rasters:
    """Return best power [dBm], its sector, the second power [dBm] and the sum [mW], each the grid's shape.

    Where nothing is received the powers are minus infinity, the sector is -1 and the sum 0. With
    ``two_level`` only sectors that may be best or second somewhere near are computed at every pixel; the
    rest is computed at a few nodes of each block and interpolated.
    """
    if not len(sites) or not sites.sectors:
        return _silent(grid)
    best, second, total = (np.empty(grid.shape, np.float32) for _ in range(3))
    out = best, np.empty(grid.shape, np.int32), second, total
    tables = _tables(grid, sites)
    ground = _windows(terrain, tables.order)
    both = (*tables.sites, *_for_nodes(grid, sites, tables)) if two_level else ()

    def strip(index: int) -> None:
        if two_level and terrain is None:
            levels.two_level(index, grid.pixel_m, both, tables.sectors, out)
        else:
            direct(index, grid.pixel_m, tables.sites, tables.sectors, ground, out)

    _each(strip, range(-(-grid.columns // loops.WIDTH)), threads)
    return out


def _for_nodes(grid: Grid, sites: Sites, tables: _Tables) -> tuple[Singles, Singles]:
    """Return the sites with a radius that holds pixels around a node, and how steeply their power changes.

    The latter is in octaves: times the distance, times its square, and for each metre.
    """
    rows = tables.sites[4].copy()
    rows[:, loops.R2] = (tables.sites[2] + levels.FARTHEST * grid.pixel_m) ** 2
    around, upright = (
        _steepest(sites.pattern, plane) / DB_PER_OCTAVE for plane in ("horizontal", "vertical")
    )
    law, turn = sites.law, 2.0 * math.pi
    radial = 2.0 * law.slope_db.max(axis=1) / DB_PER_OCTAVE
    steep = [
        np.hypot(radial, around / turn),
        upright / turn * np.abs(sites.height_m - sites.terminal_height_m),
        np.abs(law.linear_db_per_m) / DB_PER_OCTAVE,
    ]
    return rows, np.column_stack(steep)[tables.order].astype(np.float32)


def _steepest(pattern: SectorPattern, plane: str) -> float:
    """Return how much a pattern changes in a plane at most [dB per turn]."""
    if isinstance(pattern, MeasuredPattern):
        table = np.array(pattern.horizontal_db if plane == "horizontal" else pattern.vertical_db)
        return float(FULL_TURN_DEG * np.abs(np.diff(table, append=table[:1])).max())
    if plane == "horizontal":
        return 2.0 * math.sqrt(_curvature(pattern.beamwidth_deg) * pattern.front_to_back_db)
    return 2.0 * math.sqrt(_curvature(pattern.vertical_beamwidth_deg) * pattern.vertical_floor_db)


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


def _tables(grid: Grid, sites: Sites) -> _Tables:
    """Return sites and sectors in an order that does not depend on the order of the input."""
    order = Masts(sites).order
    count = np.diff(sites.first_sector)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    turn = np.mod(sites.azimuth_deg, FULL_TURN_DEG) / FULL_TURN_DEG
    tilt = sites.downtilt_deg / FULL_TURN_DEG
    by_site = np.lexsort((sites.eirp_dbm, tilt, turn, np.repeat(rank, count)))
    table = np.column_stack([turn, tilt, sites.eirp_dbm / DB_PER_OCTAVE])[by_site]
    first = np.concatenate([[0], np.cumsum(count[order])])
    pattern = _pattern(sites.pattern)
    regular = _regular(table, first, pattern[0])
    if isinstance(sites.pattern, MeasuredPattern):
        regular[:] = False
    codes, names = _codes(by_site, first, regular)
    near_m, rows = _site_rows(sites)
    return _Tables(
        (
            sites.x_m[order] - grid.west_m,
            grid.north_m - sites.y_m[order],
            sites.radius_m[order].astype(np.float64),
            near_m[order],
            rows[order],
        ),
        ((first, codes, regular, table.astype(np.float32)), pattern, names, np.float32(DB_PER_OCTAVE)),
        order,
    )


def _regular(table: Floats, first: Integers, pattern: Singles) -> NDArray[np.bool_]:
    """Return whether a site's sectors are alike, divide the turn evenly and, but for two, are at the cap."""
    count = np.diff(first)
    many = np.repeat(count, count)
    lead = table[np.repeat(first[:-1], count)]
    even = lead[:, 0] + (np.arange(len(table)) - np.repeat(first[:-1], count)) / np.maximum(many, 1)
    alike = (np.abs(table[:, 0] - even) < SAME_TURN) & (table[:, 1:] == lead[:, 1:]).all(axis=1)
    different = np.concatenate([[0], np.cumsum(~alike)])
    capped = (count == 2) | ((count > 2) & (pattern[loops.ACROSS] >= pattern[loops.MOST] * count**2))
    return np.asarray((different[first[1:]] == different[first[:-1]]) & capped)


def _codes(by_site: Integers, first: Integers, regular: NDArray[np.bool_]) -> tuple[NDArray[np.int32], ...]:
    """Return each site's first code and the sector that each code means, three turns for a regular site."""
    count = np.diff(first)
    length = np.where(regular, 3 * count, count)
    start = np.concatenate([[0], np.cumsum(length)])
    slot = np.arange(start[-1]) - np.repeat(start[:-1], length)
    names = by_site[np.repeat(first[:-1], length) + slot % np.repeat(np.maximum(count, 1), length)]
    return start[:-1].astype(np.int32), names.astype(np.int32)


def _site_rows(sites: Sites) -> tuple[Floats, NDArray[np.float32]]:
    """Return how far each site's near field goes, and its radius, loss and height as the loops take them."""
    law = sites.law
    near_m, far_intercept, far_slope = _far(sites)
    height = sites.height_m - sites.terminal_height_m
    table = np.zeros((len(sites), loops.SITE_COLUMNS))
    table[:, loops.R2] = sites.radius_m**2
    table[:, loops.RISE2] = law.rise_m**2
    # An octave of d2 is ln 2 of its logarithm. A piece that is not used stays finite in float32.
    table[:, [loops.A0, loops.A1, loops.A2]] = np.maximum(law.intercept_db, NEVER_DB) / DB_PER_OCTAVE
    table[:, [loops.B0, loops.B1, loops.B2]] = law.slope_db * (math.log(2.0) / DB_PER_OCTAVE)
    table[:, loops.LINEAR] = law.linear_db_per_m / DB_PER_OCTAVE
    table[:, loops.END] = law.linear_end_m
    table[:, loops.ABOVE] = height
    table[:, loops.FAR_A] = far_intercept / DB_PER_OCTAVE
    table[:, loops.FAR_B] = far_slope * (math.log(2.0) / DB_PER_OCTAVE)
    table[:, loops.FAR_ABOVE] = height / (2.0 * math.pi)
    return np.maximum(near_m, FLAT * np.abs(height)), table.astype(np.float32)


def _far(sites: Sites) -> tuple[Floats, Floats, Floats]:
    """Return beyond which distance one straight piece of the loss is left, its intercept and its slope.

    Where the linear term has ended every piece is straight in ln d2, and beyond their last crossing the one
    that is greatest at the radius is greatest everywhere.
    """
    law = sites.law
    linear = np.where(law.linear_db_per_m != 0.0, law.linear_db_per_m * law.linear_end_m, 0.0)
    intercept = np.maximum(law.intercept_db, NEVER_DB) + linear[:, None] * np.array([1.0, 1.0, 0.0])
    end = np.log(np.maximum(sites.radius_m, NEAREST_M) ** 2 + law.rise_m**2)
    last = np.argmax(intercept + law.slope_db * end[:, None], axis=1)[:, None]
    far_intercept, far_slope = (np.take_along_axis(of, last, axis=1) for of in (intercept, law.slope_db))
    steeper = far_slope > law.slope_db
    crossing = np.divide(
        intercept - far_intercept,
        far_slope - law.slope_db,
        out=np.full_like(intercept, -np.inf),
        where=steeper,
    )
    # A flatter greatest piece has its crossing beyond the radius.
    ends = np.where(law.linear_db_per_m != 0.0, law.linear_end_m, NEAREST_M)
    near = np.maximum(np.exp(0.5 * np.minimum(crossing.max(axis=1), end)), np.maximum(ends, NEAREST_M))
    return near, far_intercept[:, 0], far_slope[:, 0]


def _pattern(pattern: SectorPattern) -> tuple[Singles, Singles]:
    """Return the figures of a pattern by beamwidths and the tables of a measured one, in octaves for turns.

    A table begins half a turn back and ends a degree after its first figure, which the loops may touch.
    """
    tables, most = np.zeros((2, 1)), pattern.front_to_back_db
    if isinstance(pattern, MeasuredPattern):
        tables = np.array([pattern.horizontal_db, pattern.vertical_db])[:, np.arange(-180, 182) % 360]
        most = float(tables.max())
    figures = [
        _curvature(pattern.beamwidth_deg),
        most,
        _curvature(pattern.vertical_beamwidth_deg) if pattern.vertical_floor_db > 0.0 else 0.0,
        pattern.vertical_floor_db,
    ]
    return (np.array(figures) / DB_PER_OCTAVE).astype(np.float32), (tables / DB_PER_OCTAVE).astype(np.float32)


def _curvature(beamwidth_deg: float) -> float:
    """Return the dB per turn squared off a beam's middle; none without direction."""
    return 12.0 * (FULL_TURN_DEG / beamwidth_deg) ** 2 if beamwidth_deg < FULL_TURN_DEG else 0.0


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
