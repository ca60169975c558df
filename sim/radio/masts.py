"""Sites made ready for the coverage kernel: checked, put in one order, turned into its units.

Inside the kernel powers are octaves (log2 of milliwatts), angles are turns and lengths are metres
relative to the site. One order of sites and sectors, by where they stand and what they radiate, makes the
maps independent of the order in which the rows came.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError, Problem
from sim.radio.antenna import FULL_TURN_DEG, MeasuredPattern, SectorPattern
from sim.radio.checks import check_sites
from sim.radio.law import PIECES
from sim.radio.nearfield import far_pieces
from sim.radio.sites import Sites

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Single = NDArray[np.float32]

RIM = 1.0 - 2e-6
"""Part of the squared radius that is computed: single precision must not reach past the rows and columns
that double precision cuts out, else a strip's height would decide what lies on the rim (15 mm in 15 km)."""
OCTAVES_PER_DB = math.log2(10.0) / 10.0
DB_PER_OCTAVE = 1.0 / OCTAVES_PER_DB
SILENT = -95.0
"""Power that counts as none [octaves over 1 mW]: -286 dBm, still a normal number in single precision."""
TURN = 2.0 * math.pi
LEAST_M = 1e-6
"""A row through the site itself counts as so far off: bearings and logarithms stay defined."""
_SAME_TURN = 1e-9
"""Bearings no farther apart count as equal [turns]."""
_MOST_CODES = 1 << 24
"""Whole numbers that single precision holds exactly."""


@dataclass(frozen=True, eq=False)
class Law:
    """Power of one site, or of many as columns, over distance: octaves for octaves of squared distance."""

    power: Any
    """Strongest sector's radiated power [octaves]."""
    height_m: Any
    """Antenna over receiver [m]."""
    rise2: Any
    near: tuple[tuple[Any, Any], ...]
    """Intercept and slope of the pieces to which the linear term belongs."""
    last: tuple[tuple[Any, Any], ...]
    """The one that it does not belong to; none where it is not used."""
    linear: Any
    """Octaves for each metre; None without a linear term."""
    linear_end_m: Any


@dataclass(frozen=True, eq=False, slots=True)
class Mast:
    """One site in the kernel's units."""

    row: int
    """Row of the site as it came."""
    x_m: float
    y_m: float
    radius_m: float
    near_m: float
    """Half the side of the square in which the exact formulas hold; infinite: everywhere."""
    law: Law
    code: int
    """Code of the first sector."""
    bearing: tuple[float, ...]
    """Of each sector [turns, 0 to 1]."""
    tilt: tuple[float, ...]
    """Of each sector [turns]."""
    below: tuple[float, ...]
    """How much weaker than the strongest each sector is, 0 or more [octaves]."""
    even: bool
    """Whether the sectors are alike and evenly spread over the turn."""
    along_most: float
    """Bound on the attenuation by elevation beyond ``near_m`` before its floor [octaves]."""
    far: Far


class Far(NamedTuple):
    """A mast's figures beyond its near field, as arrays of no dimension: numpy takes them the fastest."""

    radius2: Single
    """Squared radius between the antennas [m2]."""
    rise2: Single
    fall: Single
    """What power changes by for each octave of squared distance [octaves]."""
    power: Single
    """Power at 1 m [octaves]."""
    dip: Single
    """Scaled angle below the horizon times distance."""
    tilt: Single
    """Scaled tilt of the first sector."""
    north: Single
    """Bearing of the first sector in widths of a sector."""
    south: Single
    """The same, less half a turn."""
    code: Single


@dataclass(frozen=True, eq=False)
class Pattern:
    """The one antenna pattern in octaves for turns."""

    across: float
    """Octaves for each squared turn of azimuth, 0 without direction."""
    along: float
    """Octaves for each squared turn of elevation, 0 without direction."""
    most_along: float
    most: float
    across_table: NDArray[np.float32] | None = None
    """Octaves at each whole degree and its step to the next, shape (2, 360); None: by beamwidths."""
    along_table: NDArray[np.float32] | None = None

    @classmethod
    def of(cls, pattern: SectorPattern) -> Pattern:
        """Return the pattern in the kernel's units."""
        if isinstance(pattern, MeasuredPattern):
            tables = [
                (np.stack([table, np.roll(table, -1) - table]) * OCTAVES_PER_DB).astype(np.float32)
                for table in (np.array(pattern.horizontal_db), np.array(pattern.vertical_db))
            ]
            deepest = max(*pattern.horizontal_db, *pattern.vertical_db) * OCTAVES_PER_DB
            return cls(1.0, 1.0, deepest, deepest, tables[0], tables[1])
        floor = pattern.vertical_floor_db * OCTAVES_PER_DB
        most = pattern.front_to_back_db * OCTAVES_PER_DB
        across = _curvature(pattern.beamwidth_deg) if most > 0.0 else 0.0
        along = _curvature(pattern.vertical_beamwidth_deg) if min(floor, most) > 0.0 else 0.0
        return cls(across, along, floor, most)

    @property
    def angle_scale(self) -> float:
        """What angles of elevation are multiplied by: squared they are attenuation, or degrees of a table."""
        return FULL_TURN_DEG if self.measured else math.sqrt(self.along)

    @property
    def measured(self) -> bool:
        """Whether tables give the gain."""
        return self.across_table is not None


class Masts:
    """All sites in the kernel's order and units.

    ``order`` keeps the order of a table that was changed since. Raises ``DataError`` that names every
    wrong figure.
    """

    def __init__(self, sites: Sites, order: Integers | None = None) -> None:
        check_sites(sites)
        self.sites = sites
        self.pattern = Pattern.of(sites.pattern)
        counts = np.diff(sites.first_sector)
        self._site_of = np.repeat(np.arange(len(sites)), counts)
        self.bearing: Floats = sites.azimuth_deg / FULL_TURN_DEG - np.floor(sites.azimuth_deg / FULL_TURN_DEG)
        self.sectors = np.lexsort((sites.eirp_dbm, sites.downtilt_deg, self.bearing, self._site_of))
        self.order = _order(sites, self.sectors, self.bearing) if order is None else order
        """Rows of the sites as they came, in the kernel's order."""
        self.rank = np.empty(len(sites), dtype=np.int64)
        self.rank[self.order] = np.arange(len(sites))
        most = int(counts.max()) if len(counts) else 0
        self.first_code = most // 4 + 2
        self.codes = self.first_code + most + 2
        """Codes of each site; a bearing may be counted part of a turn beyond either end."""
        if self.codes * len(sites) > _MOST_CODES:
            limit = f"more than {_MOST_CODES // self.codes} sites: map them in parts"
            raise DataError((Problem("sites", "", limit),))

    def __len__(self) -> int:
        """Return how many sites there are."""
        return len(self.sites)

    @cached_property
    def owner(self) -> NDArray[np.int32]:
        """Row of the sector that each code means, -1 for codes that mean none."""
        counts = np.diff(self.sites.first_sector)[self.order][:, None]
        starts = self.sites.first_sector[:-1][self.order][:, None]
        slot = np.arange(self.codes)[None] - self.first_code
        taken = np.broadcast_to(counts > 0, (len(self), self.codes))
        at = (starts + slot % np.maximum(counts, 1))[taken]
        owner = np.full(taken.shape, -1, dtype=np.int32)
        owner[taken] = self.sectors[at]
        return owner.ravel()

    @cached_property
    def _columns(self) -> _Columns:
        return _Columns(self, *far_pieces(self.sites))

    def laws(self, rows: Integers) -> Law:
        """Return the laws of sites as columns, by their rows as they came."""
        of, at = self._columns, (rows, None)
        used = [bool(np.isfinite(of.intercept[rows, k]).any()) for k in range(PIECES)]
        pieces = [((of.intercept[:, k][at], of.slope[:, k][at]),) if used[k] else () for k in range(PIECES)]
        linear = of.linear[at]
        return Law(
            power=of.power[at],
            height_m=of.height[at],
            rise2=of.rise2[at],
            near=sum(pieces[:-1], ()),
            last=pieces[-1],
            linear=linear if linear.any() else None,
            linear_end_m=of.linear_end[at],
        )

    def _law(self, row: int) -> Law:
        """Return the law of one site."""
        of = self._columns
        pieces = list(zip(of.intercept[row].tolist(), of.slope[row].tolist(), strict=True))
        return Law(
            power=of.power[row],
            height_m=of.height[row],
            rise2=of.rise2[row],
            near=tuple(piece for piece in pieces[:-1] if piece[0] > -math.inf),
            last=tuple(piece for piece in pieces[-1:] if piece[0] > -math.inf),
            linear=of.linear[row] or None,
            linear_end_m=of.linear_end[row],
        )

    def mast(self, row: int) -> Mast:
        """Return one site by its row as it came."""
        of, sites = self._columns, self.sites
        first, last = sites.first_sector[row], sites.first_sector[row + 1]
        return Mast(
            row=row,
            x_m=float(sites.x_m[row]),
            y_m=float(sites.y_m[row]),
            radius_m=float(sites.radius_m[row]),
            near_m=float(of.near_m[row]),
            law=self._law(row),
            code=int(of.code[row]),
            bearing=tuple(of.bearing[first:last].tolist()),
            tilt=tuple(of.tilt[first:last].tolist()),
            below=tuple(of.below[first:last].tolist()),
            even=bool(of.even[row]),
            along_most=float(of.along_most[row]),
            far=Far(*(of.far[row, number, ...] for number in range(len(Far._fields)))),
        )


class _Columns:
    """Figures of all sites in the kernel's units, by row as they came; sectors in the kernel's order."""

    def __init__(self, masts: Masts, near_m: Floats, piece: Integers) -> None:
        sites, law, pattern = masts.sites, masts.sites.law, masts.pattern
        every, count = np.arange(len(sites)), np.diff(sites.first_sector)
        site, lead = np.repeat(every, count), np.repeat(sites.first_sector[:-1], count)
        power = sites.eirp_dbm[masts.sectors] * OCTAVES_PER_DB
        self.power = np.full(len(sites), -np.inf)
        np.maximum.at(self.power, site, power)
        self.power[count == 0] = 0.0
        self.bearing, self.below = masts.bearing[masts.sectors], self.power[site] - power
        self.tilt = sites.downtilt_deg[masts.sectors] / FULL_TURN_DEG
        even = self.bearing[lead] + (np.arange(len(site)) - lead) / np.maximum(count, 1)[site]
        alike = (np.abs(self.bearing - even) < _SAME_TURN) & (self.tilt == self.tilt[lead])
        self.even = count > 0
        np.logical_and.at(self.even, site, alike & (self.below == 0.0))
        self.height = sites.height_m - sites.terminal_height_m
        self.rise2 = law.rise_m**2
        self.intercept = law.intercept_db * OCTAVES_PER_DB
        self.slope = law.slope_db * (OCTAVES_PER_DB * math.log(2.0))
        self.linear, self.linear_end = law.linear_db_per_m * OCTAVES_PER_DB, law.linear_end_m
        self.near_m = near_m
        self.code = masts.rank * masts.codes + masts.first_code
        # beyond the near field the linear term has ended
        slanted = (self.linear != 0.0) & (piece < PIECES - 1) & np.isfinite(near_m)
        beyond = self.intercept[every, piece] + np.where(
            slanted, self.linear * np.where(slanted, self.linear_end, 0.0), 0.0
        )
        first = np.zeros(len(sites))
        first[count > 0] = self.bearing[sites.first_sector[:-1][count > 0]]
        tilt = np.zeros(len(sites))
        tilt[count > 0] = self.tilt[sites.first_sector[:-1][count > 0]]
        scale = pattern.angle_scale
        far: dict[str, Floats] = {
            "radius2": sites.radius_m**2 * RIM + self.rise2,
            "rise2": self.rise2 + LEAST_M**2,
            "fall": -self.slope[every, piece],
            "power": self.power - beyond,
            "dip": self.height * (scale / TURN),
            "tilt": tilt * scale,
            "north": count * first,
            "south": count * (first - 0.5),
            "code": self.code.astype(np.float64),
        }
        self.far = np.stack([far[name] for name in Far._fields], axis=1).astype(np.float32)
        self.along_most = self._along_most(pattern, site)

    def _along_most(self, pattern: Pattern, site: Integers) -> Floats:
        """Return the most that elevation takes beyond the near field, with room for rounding [octaves]."""
        with np.errstate(invalid="ignore"):
            nearest = np.where(np.isfinite(self.near_m), self.height / self.near_m / TURN, 0.0)
        steepest = np.zeros(len(self.near_m))
        np.maximum.at(steepest, site, np.maximum(np.abs(self.tilt), np.abs(self.tilt - nearest[site])))
        most = pattern.along * (steepest + 1e-6) ** 2 * 1.001
        return np.where(np.isfinite(self.near_m) & (not pattern.measured), most, np.inf)


def _curvature(beamwidth_deg: float) -> float:
    """Return 12 (angle / beamwidth)^2 as octaves for each squared turn, 0 without direction."""
    if beamwidth_deg >= FULL_TURN_DEG:
        return 0.0
    return 12.0 * (FULL_TURN_DEG / beamwidth_deg) ** 2 * OCTAVES_PER_DB


def _order(sites: Sites, sectors: Integers, bearing: Floats) -> Integers:
    """Return the rows of the sites from west to east; those of one place by all that they radiate."""
    law, first = sites.law, sites.first_sector
    width = int(np.diff(first).max()) if len(sites) else 0
    keys: list[Floats] = []
    for sector in range(width):
        there = first[:-1] + sector < first[1:]
        at = sectors[np.minimum(first[:-1] + sector, max(sites.sectors - 1, 0))]
        keys += [
            np.where(there, value[at], np.inf) for value in (bearing, sites.downtilt_deg, sites.eirp_dbm)
        ]
    keys += [law.linear_db_per_m, law.linear_end_m, law.rise_m, *law.intercept_db.T, *law.slope_db.T]
    keys += [sites.radius_m, sites.height_m, sites.y_m, sites.x_m]
    return np.lexsort(keys)
