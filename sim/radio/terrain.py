"""Loss by diffraction over terrain: the delta-Bullington method for a general path.

Lengths are in metres, frequencies in MHz; heights are above sea level unless a name says
otherwise. Arrays of many paths go in and come out whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.errors import DataError, Problem
from sim.radio.diffraction import (
    LAND,
    MEDIAN_EARTH_RADIUS_M,
    Floats,
    Ground,
    edge_parameter,
    knife_edge_db,
    spherical_earth_db,
    wavelength_m,
    with_rest_of_path,
)


@dataclass(frozen=True, eq=False)
class Path:
    """Profiles of one or many paths with as many points each, and the heights of both ends."""

    distance_m: Floats
    """From the base, ascending from 0, shape (n,) or (batch, n) [m]."""
    height_m: Floats
    """Ground above sea level, shape (n,) or (batch, n) [m]."""
    base_height_m: Floats
    """Antenna of the base above ground, a scalar or shape (batch,) [m]."""
    terminal_height_m: Floats
    """Antenna of the terminal above ground, a scalar or shape (batch,) [m]."""

    @classmethod
    def of(cls, distance_m: ArrayLike, height_m: ArrayLike, base: ArrayLike, terminal: ArrayLike) -> Path:
        """Return checked paths as float64; ``DataError`` names every input that no formula holds for."""
        distance, height, base_height, terminal_height = (
            np.asarray(values, dtype=np.float64) for values in (distance_m, height_m, base, terminal)
        )
        problems = []
        if distance.ndim == 0 or height.ndim == 0 or distance.shape[-1] != height.shape[-1]:
            problems.append(_bad("profile_height_m", "needs one height for each distance"))
        elif distance.shape[-1] < 2 or not np.all(np.diff(distance) > 0):
            problems.append(_bad("profile_distance_m", "must ascend, from the base to the terminal"))
        if not (np.isfinite(height).all() and np.isfinite(distance).all()):
            problems.append(_bad("profile_height_m", "holds NaN or infinity; fill gaps of the terrain first"))
        problems += above_zero(base_height_m=base_height, terminal_height_m=terminal_height)
        if problems:
            raise DataError(tuple(problems))
        return cls(distance - distance[..., :1], height, base_height, terminal_height)


@dataclass(frozen=True, eq=False)
class DiffractionTerms:
    """What delta-Bullington is made of, each of shape () or (batch,) [dB]."""

    bullington_db: Floats
    """Bullington's loss over the actual profile."""
    smooth_bullington_db: Floats
    """Bullington's loss over the smooth Earth that fits the profile, with effective antenna heights."""
    spherical_db: Floats
    """Loss of that smooth Earth by the first term of the residue series."""
    base_over_smooth_m: Floats
    """Effective height of the base's antenna over the smooth Earth [m]."""
    terminal_over_smooth_m: Floats
    """Effective height of the terminal's antenna over the smooth Earth [m]."""

    @property
    def loss_db(self) -> Floats:
        """The loss by diffraction: what the terrain adds stands over what a smooth Earth would cost."""
        return np.asarray(self.bullington_db + np.maximum(self.spherical_db - self.smooth_bullington_db, 0.0))


def _bad(key: str, message: str) -> Problem:
    return Problem("terrain", key, message)


def above_zero(**values: ArrayLike) -> list[Problem]:
    """Return a problem for each value that is not finite and above zero everywhere."""
    wrong = {
        name: np.asarray(value)[~(np.isfinite(value) & (np.asarray(value) > 0))]
        for name, value in values.items()
    }
    return [
        _bad(name, f"must be above 0, but {len(found)} of them are not, the first {found[0]:g}")
        for name, found in wrong.items()
        if len(found)
    ]


def bullington_db(path: Path, frequency_mhz: float, radius_m: ArrayLike) -> Floats:
    """Return the loss of the one edge in which the horizons of both ends meet [dB].

    A path without a point between its ends has no obstacle: 0 dB.

    References
    ----------
    ITU-R P.526-15, section 4.5.1, equations 52 to 60.
    """
    ends_m = (
        path.height_m[..., 0] + path.base_height_m,
        path.height_m[..., -1] + path.terminal_height_m,
    )
    d_m, inner = path.distance_m[..., -1], slice(1, -1)
    return _bullington_db(
        path.distance_m[..., inner], path.height_m[..., inner], d_m, ends_m, (frequency_mhz, radius_m)
    )


def _bullington_db(
    at_m: Floats, height_m: Floats, d_m: Floats, ends_m: tuple[Floats, Floats], wave: tuple[float, ArrayLike]
) -> Floats:
    hts, hrs = (np.asarray(end)[..., None] for end in ends_m)
    wavelength, radius = wavelength_m(wave[0]), np.asarray(wave[1])
    if at_m.shape[-1] == 0:
        return np.zeros(np.broadcast_shapes(np.shape(d_m), np.shape(ends_m[0])))
    d = np.asarray(d_m)[..., None]
    left = d - at_m
    top = height_m + at_m * left / (2.0 * np.asarray(radius)[..., None])
    slope_base = ((top - hts) / at_m).max(axis=-1)
    slope_terminal = ((top - hrs) / left).max(axis=-1)
    hts, hrs = hts[..., 0], hrs[..., 0]
    line = (hts[..., None] * left + hrs[..., None] * at_m) / d
    nu_clear = ((top - line) * np.sqrt(2.0 / wavelength * (1.0 / at_m + 1.0 / left))).max(axis=-1)
    d = d[..., 0]
    blocked = slope_base >= (hrs - hts) / d
    slopes = np.where(blocked, slope_base + slope_terminal, 1.0)
    meet = np.where(blocked, (hrs - hts + slope_terminal * d) / slopes, 0.5 * d)
    rise = hts + slope_base * meet - (hts * (d - meet) + hrs * meet) / d
    nu = np.where(blocked, edge_parameter(rise, meet, d - meet, wavelength), nu_clear)
    return with_rest_of_path(knife_edge_db(nu), d)


def smooth_heights_m(path: Path) -> tuple[Floats, Floats]:
    """Return the smooth Earth that fits the profile, at both ends, shape () or (batch,) [m].

    A straight line fitted by least squares, lowered by what stands above the line of sight, never above
    the ground at either end.

    References
    ----------
    ITU-R P.526-15, section 4.5.2, equations 61 to 65 (P.1812-8, attachment 1, section 5.6).
    """
    at, height = path.distance_m, path.height_m
    d, step = at[..., -1], np.diff(at, axis=-1)
    here, before, h_here, h_before = at[..., 1:], at[..., :-1], height[..., 1:], height[..., :-1]
    v1 = (step * (h_here + h_before)).sum(axis=-1)
    v2 = (step * (h_here * (2.0 * here + before) + h_before * (here + 2.0 * before))).sum(axis=-1)
    base, terminal = (2.0 * v1 * d - v2) / d**2, (v2 - v1 * d) / d**2
    if at.shape[-1] > 2:
        hts, hrs = height[..., 0] + path.base_height_m, height[..., -1] + path.terminal_height_m
        inner = at[..., 1:-1]
        left = d[..., None] - inner
        above = height[..., 1:-1] - (hts[..., None] * left + hrs[..., None] * inner) / d[..., None]
        highest = np.maximum(above.max(axis=-1), 0.0)
        to_base, to_terminal = (above / inner).max(axis=-1), (above / left).max(axis=-1)
        both = np.where(highest > 0, to_base + to_terminal, 1.0)
        base, terminal = base - highest * to_base / both, terminal - highest * to_terminal / both
    return np.minimum(base, height[..., 0]), np.minimum(terminal, height[..., -1])


def diffraction_terms(
    path: Path,
    frequency_mhz: float,
    radius_m: ArrayLike = MEDIAN_EARTH_RADIUS_M,
    *,
    ground: Ground = LAND,
    clutter_m: ArrayLike = 0.0,
) -> DiffractionTerms:
    """Return the terms of delta-Bullington, each of shape () or (batch,).

    ``clutter_m`` stands on the ground between the ends and counts as an obstacle alone, as in P.1812; the
    smooth Earth is fitted to the bare ground.

    References
    ----------
    ITU-R P.526-15, section 4.5.2; ITU-R P.1812-8, section 4.3.4.
    """
    problems = above_zero(frequency_mhz=frequency_mhz, effective_earth_radius_m=radius_m)
    if problems:
        raise DataError(tuple(problems))
    base, terminal = smooth_heights_m(path)
    hts = path.height_m[..., 0] + path.base_height_m - base
    hrs = path.height_m[..., -1] + path.terminal_height_m - terminal
    d, inner = path.distance_m[..., -1], path.distance_m[..., 1:-1]
    obstacles = Path(
        path.distance_m,
        np.concatenate([
            path.height_m[..., :1],
            (path.height_m + clutter_m)[..., 1:-1],
            path.height_m[..., -1:],
        ], axis=-1),
        path.base_height_m,
        path.terminal_height_m,
    )  # fmt: skip
    return DiffractionTerms(
        bullington_db=bullington_db(obstacles, frequency_mhz, radius_m),
        smooth_bullington_db=_bullington_db(
            inner, np.zeros_like(inner), d, (hts, hrs), (frequency_mhz, radius_m)
        ),
        spherical_db=spherical_earth_db(d, (hts, hrs), frequency_mhz, radius_m, ground),
        base_over_smooth_m=hts,
        terminal_over_smooth_m=hrs,
    )


def delta_bullington_db(
    profile_distance_m: ArrayLike,
    profile_height_m: ArrayLike,
    *,
    base_height_m: ArrayLike,
    terminal_height_m: ArrayLike,
    frequency_mhz: float,
    effective_earth_radius_m: ArrayLike = MEDIAN_EARTH_RADIUS_M,
) -> Floats:
    """Return the loss by diffraction over free space, shape () or (batch,) [dB].

    Land and horizontal polarisation; ``diffraction_terms`` takes others. Published for 30 MHz and above
    and, as part of P.1812, up to 6 GHz; over inland paths of up to about 70 km it is, on top of free space,
    all that P.1812 says at half of the time.

    Parameters
    ----------
    profile_distance_m
        From the base, ascending, shape (n,) or (batch, n) [m].
    profile_height_m
        Ground above sea level, shape (n,) or (batch, n) [m].
    base_height_m, terminal_height_m
        Antennas above ground, a scalar or shape (batch,) [m].
    frequency_mhz
        Carrier frequency [MHz].
    effective_earth_radius_m
        Radius of the Earth on which rays are straight, a scalar or shape (batch,) [m].

    Raises
    ------
    DataError
        Naming every input that is NaN, not above zero or not ascending.

    References
    ----------
    ITU-R P.526-15, section 4.5.
    """
    path = Path.of(profile_distance_m, profile_height_m, base_height_m, terminal_height_m)
    return diffraction_terms(path, frequency_mhz, effective_earth_radius_m).loss_db
