"""Sites and sectors as the compiled loops take them: tables in one order, octaves and turns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.geo.grid import Grid
from sim.radio import fast_loops as loops
from sim.radio.antenna import FULL_TURN_DEG, MeasuredPattern, SectorPattern
from sim.radio.law import NEAREST_M
from sim.radio.masts import DB_PER_OCTAVE, RIM, Masts
from sim.radio.sites import Sites

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]

NEVER_DB = -1e6
"""Intercept of a piece of the loss that is not used: float32 arithmetic on it stays finite."""
SAME_TURN = 1e-9
"""Bearings no farther apart count as equal [turns]."""
FLAT = 32.0
"""From so many antenna heights on, the dip is height over distance (to 0.0006 degree)."""
MOST_CODES = 1 << 24
"""Whole numbers that single precision holds exactly."""


@dataclass(frozen=True, eq=False)
class Network:
    """All sites from west to east, in an order that does not depend on that of the input."""

    order: Integers
    """Row of each site in the input."""
    places: tuple[Floats, Floats, Floats]
    """Metres east of the grid's western edge, metres south of its northern edge, and radius [m]."""
    tables: tuple[Any, ...]
    """Sites, sectors, tables of a measured pattern, the sector that each code means, and dB per octave."""

    @classmethod
    def of(cls, grid: Grid, sites: Sites) -> Network:
        """Return the tables; ``DataError`` names every wrong figure of the sites."""
        order = Masts(sites).order
        count = np.diff(sites.first_sector)
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        turn = np.mod(sites.azimuth_deg, FULL_TURN_DEG) / FULL_TURN_DEG
        tilt = sites.downtilt_deg / FULL_TURN_DEG
        by_site = np.lexsort((sites.eirp_dbm, tilt, turn, np.repeat(rank, count)))
        sectors = np.column_stack([turn, tilt, sites.eirp_dbm / DB_PER_OCTAVE])[by_site]
        first = np.concatenate([[0], np.cumsum(count[order])])
        table = _site_table(sites)[order]
        table[:, loops.FIRST], table[:, loops.LAST] = first[:-1], first[1:]
        lead = np.minimum(first[:-1], len(sectors) - 1)
        table[:, [loops.LEAD_TURN, loops.LEAD_TILT, loops.LEAD_POWER]] = sectors[lead]
        even = _even(sectors, first, table) & (not isinstance(sites.pattern, MeasuredPattern))
        table[:, loops.EVEN] = np.where(even, count[order], 0)
        table[:, loops.CODE], names = _codes(by_site, first, even)
        return cls(
            order,
            (sites.x_m[order] - grid.west_m, grid.north_m - sites.y_m[order], sites.radius_m[order] * 1.0),
            (
                table.astype(np.float32),
                sectors.astype(np.float32),
                _measured(sites.pattern),
                names,
                np.float32(DB_PER_OCTAVE),
            ),
        )

    def wider(self, by_m: float) -> Singles:
        """Return the table of sites with radii that are so much larger."""
        table: Singles = self.tables[0].copy()
        table[:, loops.R2] = (self.places[2] + by_m) ** 2
        return table


def _even(sectors: Floats, first: Integers, table: Floats) -> NDArray[np.bool_]:
    """Return whether a site's sectors are alike, divide the turn evenly and, but for two, are at the cap."""
    count = np.diff(first)
    start, many = np.repeat(first[:-1], count), np.repeat(count, count)
    even = sectors[start, 0] + (np.arange(len(sectors)) - start) / np.maximum(many, 1)
    alike = (np.abs(sectors[:, 0] - even) < SAME_TURN) & (sectors[:, 1:] == sectors[start, 1:]).all(axis=1)
    different = np.concatenate([[0], np.cumsum(~alike)])
    capped = (count > 2) & (table[:, loops.ACROSS] >= table[:, loops.MOST] * count**2)
    few_codes = 3 * len(sectors) < MOST_CODES
    return np.asarray((different[first[1:]] == different[first[:-1]]) & (capped | (count == 2)) & few_codes)


def _codes(by_site: Integers, first: Integers, even: NDArray[np.bool_]) -> tuple[Integers, Singles]:
    """Return each site's first code and the sector that each code means, three turns where they are even.

    Both are whole numbers that single precision holds.
    """
    count = np.diff(first)
    length = np.where(even, 3 * count, count)
    start = np.concatenate([[0], np.cumsum(length)])
    slot = np.arange(start[-1]) - np.repeat(start[:-1], length)
    names = by_site[np.repeat(first[:-1], length) + slot % np.repeat(np.maximum(count, 1), length)]
    return start[:-1], names.astype(np.float32)


def _site_table(sites: Sites) -> Floats:
    """Return the radius, loss, height and pattern of each site; an octave of d2 is ln 2 of its logarithm."""
    law = sites.law
    near_m, far_intercept, far_slope = _far(sites)
    height = sites.height_m - sites.terminal_height_m
    table = np.zeros((len(sites), loops.SITE_COLUMNS))
    table[:, loops.R2] = sites.radius_m**2 * RIM
    table[:, loops.RISE2] = law.rise_m**2
    table[:, [loops.A0, loops.A1, loops.A2]] = np.maximum(law.intercept_db, NEVER_DB) / DB_PER_OCTAVE
    table[:, [loops.B0, loops.B1, loops.B2]] = law.slope_db * (math.log(2.0) / DB_PER_OCTAVE)
    table[:, loops.LINEAR] = law.linear_db_per_m / DB_PER_OCTAVE
    table[:, loops.END] = law.linear_end_m
    table[:, loops.ABOVE] = height
    table[:, loops.FAR_A] = far_intercept / DB_PER_OCTAVE
    table[:, loops.FAR_B] = far_slope * (math.log(2.0) / DB_PER_OCTAVE)
    table[:, loops.FAR_ABOVE] = height / (2.0 * math.pi)
    table[:, loops.NEAR2] = np.maximum(near_m, FLAT * np.abs(height)) ** 2
    pattern = sites.pattern
    around, upright = (_curvature(beam) for beam in (pattern.beamwidth_deg, pattern.vertical_beamwidth_deg))
    table[:, loops.ACROSS], table[:, loops.UPRIGHT] = around / DB_PER_OCTAVE, upright / DB_PER_OCTAVE
    table[:, loops.MOST], table[:, loops.FLOOR] = (
        _most_db(pattern) / DB_PER_OCTAVE,
        pattern.vertical_floor_db / DB_PER_OCTAVE,
    )
    radial = 2.0 * law.slope_db.max(axis=1)
    across_db, along_db = (
        _steepest(pattern, plane) / (2.0 * math.pi) for plane in ("horizontal", "vertical")
    )
    table[:, loops.SLOPE] = np.hypot(radial, across_db) / DB_PER_OCTAVE
    table[:, loops.DIP_SLOPE] = along_db * np.abs(height) / DB_PER_OCTAVE
    table[:, loops.LINEAR_SLOPE] = np.abs(law.linear_db_per_m) / DB_PER_OCTAVE
    return table


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


def _measured(pattern: SectorPattern) -> Singles:
    """Return the two tables of a measured pattern, none for one by beamwidths [octaves].

    A table begins half a turn back and ends a degree after its first figure, which the loops may touch.
    """
    if not isinstance(pattern, MeasuredPattern):
        return np.zeros((0, 1), np.float32)
    tables = np.array([pattern.horizontal_db, pattern.vertical_db])[:, np.arange(-180, 182) % 360]
    return (tables / DB_PER_OCTAVE).astype(np.float32)


def _most_db(pattern: SectorPattern) -> float:
    """Return the cap on the attenuation of both planes together."""
    if isinstance(pattern, MeasuredPattern):
        return max(*pattern.horizontal_db, *pattern.vertical_db)
    return pattern.front_to_back_db


def _steepest(pattern: SectorPattern, plane: str) -> float:
    """Return how much a pattern changes in a plane at most [dB per turn]."""
    if isinstance(pattern, MeasuredPattern):
        table = np.array(pattern.horizontal_db if plane == "horizontal" else pattern.vertical_db)
        return float(FULL_TURN_DEG * np.abs(np.diff(table, append=table[:1])).max())
    if plane == "horizontal":
        return 2.0 * math.sqrt(_curvature(pattern.beamwidth_deg) * pattern.front_to_back_db)
    return 2.0 * math.sqrt(_curvature(pattern.vertical_beamwidth_deg) * pattern.vertical_floor_db)


def _curvature(beamwidth_deg: float) -> float:
    """Return the dB per turn squared off a beam's middle; none without direction."""
    return 12.0 * (FULL_TURN_DEG / beamwidth_deg) ** 2 if beamwidth_deg < FULL_TURN_DEG else 0.0
