"""Sites made ready for the coverage kernel: checked, put in one order, turned into its units.

Inside the kernel powers are octaves (log2 of milliwatts), angles are turns and lengths are metres
relative to the site. One order of sites and sectors, by where they stand and what they radiate, makes the
maps independent of the order in which the rows came.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError, Problem
from sim.radio.antenna import FULL_TURN_DEG, MeasuredPattern, SectorPattern
from sim.radio.law import NEAREST_M, PIECES, LossLaw
from sim.radio.sites import Sites

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

OCTAVES_PER_DB = math.log2(10.0) / 10.0
DB_PER_OCTAVE = 1.0 / OCTAVES_PER_DB
SILENT = -95.0
"""Power that counts as none [octaves over 1 mW]: -286 dBm, still a normal number in single precision."""
_MOST_CODES = 1 << 24
"""Whole numbers that single precision holds exactly."""
_FLAT = 32.0
"""From so many antenna heights on, the angle below the horizon is height over distance (to 0.0006 degree)."""
_WHOLE_SHARE = 0.4
"""A site whose near field is a larger share of its radius is computed exactly everywhere."""
_SAMPLES = 160
_BLOCK = 2048


@dataclass(frozen=True, eq=False, slots=True)
class Mast:
    """One site in the kernel's units; the law's figures are octaves for each octave of squared distance."""

    row: int
    """Row of the site as it came."""
    x_m: float
    y_m: float
    radius_m: float
    height_m: float
    """Antenna over receiver [m]."""
    rise2: float
    near_m: float
    """Half the side of the square in which the exact formulas hold; infinite: everywhere."""
    power: float
    """Strongest sector's radiated power [octaves]."""
    far: tuple[float, float]
    """Intercept and slope of the one piece of the law that holds beyond ``near_m``."""
    pieces: tuple[tuple[float, float], ...]
    """Intercepts and slopes of the law; the linear term belongs to all but the last."""
    linear: float
    linear_end_m: float
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
    def measured(self) -> bool:
        """Whether tables give the gain."""
        return self.across_table is not None


class Masts:
    """All sites in the kernel's order and units.

    ``order`` keeps the order of a table that was changed since. Raises ``DataError`` that names every
    wrong figure.
    """

    def __init__(self, sites: Sites, order: Integers | None = None) -> None:
        _check(sites)
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
        self._first_code = most // 4 + 2
        self.codes = self._first_code + most + 2
        """Codes of each site; a bearing may be counted part of a turn beyond either end."""
        if self.codes * len(sites) > _MOST_CODES:
            limit = f"more than {_MOST_CODES // self.codes} sites: map them in parts"
            raise DataError((Problem("sites", "", limit),))

    def __len__(self) -> int:
        """Return how many sites there are."""
        return len(self.sites)

    @cached_property
    def _far_field(self) -> tuple[Floats, Integers]:
        # made on first need: the compiled loops want the order alone
        return _far_pieces(self.sites)

    @cached_property
    def all(self) -> list[Mast]:
        """All sites in the kernel's order."""
        return [self.mast(int(row)) for row in self.order]

    @cached_property
    def owner(self) -> NDArray[np.int32]:
        """Row of the sector that each code means, -1 for codes that mean none."""
        counts = np.diff(self.sites.first_sector)[self.order][:, None]
        starts = self.sites.first_sector[:-1][self.order][:, None]
        slot = np.arange(self.codes)[None] - self._first_code
        taken = np.broadcast_to(counts > 0, (len(self), self.codes))
        at = (starts + slot % np.maximum(counts, 1))[taken]
        owner = np.full(taken.shape, -1, dtype=np.int32)
        owner[taken] = self.sectors[at]
        return owner.ravel()

    def _along_most(self, row: int, tilt_deg: Floats) -> float:
        """Return the most that elevation takes beyond the near field, with room for rounding [octaves]."""
        near, height = float(self._far_field[0][row]), self.sites.height_m[row] - self.sites.terminal_height_m
        if math.isinf(near) or self.pattern.measured or not len(tilt_deg):
            return math.inf
        turns = tilt_deg / FULL_TURN_DEG
        nearest = height / near / (2.0 * math.pi)
        return float(self.pattern.along * (np.abs([turns, turns - nearest]).max() + 1e-6) ** 2 * 1.001)

    def mast(self, row: int) -> Mast:
        """Return one site by its row as it came."""
        sites, law = self.sites, self.sites.law
        first, last = int(sites.first_sector[row]), int(sites.first_sector[row + 1])
        sectors = self.sectors[first:last]
        power = sites.eirp_dbm[sectors]
        strongest = float(power.max()) if len(power) else 0.0
        bearing = self.bearing[sectors]
        piece = int(self._far_field[1][row])
        scale = OCTAVES_PER_DB * math.log(2.0)
        pieces = tuple(
            (float(law.intercept_db[row, k]) * OCTAVES_PER_DB, float(law.slope_db[row, k]) * scale)
            for k in range(PIECES)
        )
        end = float(law.linear_end_m[row])
        linear = float(law.linear_db_per_m[row]) * OCTAVES_PER_DB
        far = pieces[piece]
        if linear and piece < PIECES - 1:
            far = far[0] + linear * end, far[1]
        return Mast(
            row=row,
            x_m=float(sites.x_m[row]),
            y_m=float(sites.y_m[row]),
            radius_m=float(sites.radius_m[row]),
            height_m=float(sites.height_m[row]) - sites.terminal_height_m,
            rise2=float(law.rise_m[row]) ** 2,
            near_m=float(self._far_field[0][row]),
            power=strongest * OCTAVES_PER_DB,
            far=far,
            pieces=pieces,
            linear=linear,
            linear_end_m=end,
            code=int(self.rank[row]) * self.codes + self._first_code,
            bearing=tuple(bearing.tolist()),
            tilt=tuple((sites.downtilt_deg[sectors] / FULL_TURN_DEG).tolist()),
            below=tuple(((strongest - power) * OCTAVES_PER_DB).tolist()),
            even=_evenly(bearing, sites.downtilt_deg[sectors], power),
            along_most=self._along_most(row, sites.downtilt_deg[sectors]),
        )


def _curvature(beamwidth_deg: float) -> float:
    """Return 12 (angle / beamwidth)^2 as octaves for each squared turn, 0 without direction."""
    if beamwidth_deg >= FULL_TURN_DEG:
        return 0.0
    return 12.0 * (FULL_TURN_DEG / beamwidth_deg) ** 2 * OCTAVES_PER_DB


def _evenly(bearing: Floats, tilt_deg: Floats, power: Floats) -> bool:
    """Return whether ascending bearings divide the turn evenly and the sectors are alike otherwise."""
    if len(bearing) == 0:
        return False
    alike = np.ptp(tilt_deg) == 0.0 and np.ptp(power) == 0.0
    even = bearing[0] + np.arange(len(bearing)) / len(bearing)
    return bool(alike and np.abs(bearing - even).max() < 1e-9)


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


def _far_pieces(sites: Sites) -> tuple[Floats, Integers]:
    """Return for each site where its near field ends and which piece of the law holds beyond.

    The law is a maximum of straight lines, so that beyond their last crossing one of them is left. The
    near field is a square, large enough too for the small-angle form of the elevation.
    """
    near, far = np.zeros(len(sites)), np.zeros(len(sites), dtype=np.int64)
    for start in range(0, len(sites), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(sites)))
        near[rows], far[rows] = _crossings(sites.law.take(rows), sites.radius_m[rows])
    height = np.abs(sites.height_m - sites.terminal_height_m)
    near = np.maximum(near, np.maximum(_FLAT * height, 2.0 * NEAREST_M))
    return np.where(near > _WHOLE_SHARE * sites.radius_m, np.inf, near), far


def _crossings(law: LossLaw, radius_m: Floats) -> tuple[Floats, Integers]:
    """Return the distance beyond the last crossing, infinite if a slanting piece is left, and its piece."""
    steps = np.linspace(0.0, 1.0, _SAMPLES)
    distance = NEAREST_M * (np.maximum(radius_m, 2.0 * NEAREST_M)[:, None] / NEAREST_M) ** steps
    squared = distance**2 + law.rise_m[:, None] ** 2
    loss = law.intercept_db[..., None] + law.slope_db[..., None] * np.log(squared)[:, None]
    linear = law.linear_db_per_m[:, None] * np.minimum(np.sqrt(squared), law.linear_end_m[:, None])
    loss[:, :-1] += linear[:, None]
    far = loss[:, :, -1].argmax(axis=1)
    mine = np.take_along_axis(loss, far[:, None, None], axis=1)[:, 0]
    other = (loss.max(axis=1) > mine).cumsum(axis=1)
    crossing = np.minimum((other < other[:, -1:]).sum(axis=1) + (other[:, -1] > 0), _SAMPLES - 1)
    near = np.where(other[:, -1] > 0, distance[np.arange(len(distance)), crossing], 0.0)
    slanting = (far < PIECES - 1) & (law.linear_db_per_m != 0.0)
    ends = np.where(law.linear_end_m <= radius_m, law.linear_end_m, np.inf)
    return np.where(slanting, np.maximum(near, ends), near), far


def _check(sites: Sites) -> None:
    problems = [*_lengths(sites)] or [*_figures(sites)]
    if problems:
        raise DataError(tuple(problems))


def _lengths(sites: Sites) -> list[Problem]:
    """Return what is wrong with the shapes of the tables."""
    problems = []
    for name in ("y_m", "height_m", "radius_m"):
        if len(getattr(sites, name)) != len(sites):
            problems.append(Problem("sites", name, f"needs one figure for each of {len(sites)} sites"))
    if sites.law.intercept_db.shape != (len(sites), PIECES):
        problems.append(Problem("sites", "law", f"needs one row for each of {len(sites)} sites"))
    for name in ("downtilt_deg", "eirp_dbm"):
        if len(getattr(sites, name)) != sites.sectors:
            problems.append(Problem("sites", name, f"needs one figure for each of {sites.sectors} sectors"))
    first = sites.first_sector
    if (
        len(first) != len(sites) + 1
        or first[0] != 0
        or first[-1] != sites.sectors
        or (np.diff(first) < 0).any()
    ):
        message = f"must rise from 0 to the {sites.sectors} sectors, one figure more than sites"
        problems.append(Problem("sites", "first_sector", message))
    return problems


def _figures(sites: Sites) -> list[Problem]:
    """Return what is wrong with the figures, the first row of each kind."""
    height, radius = sites.height_m, sites.radius_m
    law = sites.law
    finite_law = np.isfinite(law.slope_db).all(axis=1) & ~np.isnan(law.intercept_db).any(axis=1)
    finite_law &= (law.intercept_db < np.inf).all(axis=1) & np.isfinite(law.intercept_db).any(axis=1)
    finite_law &= np.isfinite(law.linear_db_per_m) & ~np.isnan(law.linear_end_m) & np.isfinite(law.rise_m)
    checks = (
        ("x_m", np.isfinite(sites.x_m), "is no position"),
        ("y_m", np.isfinite(sites.y_m), "is no position"),
        ("height_m", np.isfinite(height) & (height > 0.0), "must be above 0 m"),
        ("radius_m", np.isfinite(radius) & (radius > 0.0), "must be above 0 m"),
        ("law", finite_law, "is no path loss"),
        ("azimuth_deg", np.isfinite(sites.azimuth_deg), "is no angle"),
        ("downtilt_deg", np.isfinite(sites.downtilt_deg), "is no angle"),
        ("eirp_dbm", np.isfinite(sites.eirp_dbm), "is no power"),
    )
    problems = []
    for name, good, message in checks:
        wrong = np.flatnonzero(~good)
        if len(wrong):
            more = f" (and {len(wrong) - 1} more rows)" if len(wrong) > 1 else ""
            problems.append(Problem("sites", f"{name}[{wrong[0]}]", message + more))
    return problems
