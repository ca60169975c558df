"""Diffraction over terrain for every cell around many sites: rays swept outwards, not a profile a pixel.

Along each ray the base's horizon is a prefix maximum, the smooth Earth comes from prefix sums, and the
terminal's horizon from a scan backwards: near steps one by one, far ones by the peak of each block.
Heights are relative to the ground at the site, in float32, and rays of many sites lie side by side as lanes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.radio.diffraction import (
    MEDIAN_EARTH_RADIUS_M,
    Floats,
    knife_edge_db,
    smooth_earth_db,
    wavelength_m,
    with_rest_of_path,
)

Mode = Literal["full", "excess"]

NEAR_STEPS = 32
"""So many steps before the terminal are looked at one by one."""
BLOCK_STEPS = 16
"""Farther back, a block of so many steps is represented by its highest point."""
NONE = np.float32(-1e9)
"""Where nothing was seen: below every slope and height."""
LANE_CELLS = 1 << 15
"""Cells worked on at once, so that the dozen arrays of a sweep stay in the cache."""


@dataclass(frozen=True)
class Link:
    """What all paths of a sweep have in common."""

    frequency_mhz: float
    """Carrier frequency [MHz]."""
    terminal_height_m: float
    """Terminal above ground [m]."""
    mode: Mode = "full"
    """The whole loss by diffraction, or what it exceeds that of flat ground under the same antennas by."""
    earth_radius_m: float = MEDIAN_EARTH_RADIUS_M
    """Radius of the Earth on which rays are straight [m]."""
    compiled: bool = False
    """Whether the scan is compiled, which needs the extra ``fast``."""


@dataclass(frozen=True)
class Polar:
    """How a site's surroundings are cut into rays and steps."""

    rays: int
    """Rays, evenly around from north clockwise."""
    steps: int
    """Steps along a ray, the site's own being step 0."""
    step_m: float
    """Length of a step [m]."""

    @classmethod
    def around(cls, radius_m: float, step_m: float, gap_m: float) -> Polar:
        """Return rays no farther apart at the radius than a gap, and steps out to the radius."""
        steps = max(math.ceil(radius_m / step_m - 1e-9), 3)
        rays = max(math.ceil(2.0 * math.pi * radius_m / gap_m / 8.0) * 8, 64)
        return cls(rays, steps + 1, radius_m / steps)


@dataclass(frozen=True, eq=False)
class Horizons:
    """What the loss follows from, each of shape (steps, lanes); slopes are rises per metre."""

    ground_m: Floats
    """Ground over the site's ground [m]."""
    base_slope: Floats
    """Steepest slope from the base's antenna to the ground before the terminal, over the curved Earth."""
    base_chord: Floats
    """The same over a flat Earth."""
    terminal_over: Floats
    """Steepest slope back from the terminal's antenna over the straight line to the base, curved Earth."""
    terminal_chord: Floats
    """The same over a flat Earth."""
    above_m: Floats
    """Highest ground over the straight line between the antennas, flat Earth [m]."""
    clear: Floats
    """Greatest diffraction parameter of a point, times the root of half the wavelength."""


def ground_of_lanes(
    heights: NDArray[np.float32], start: tuple[Floats, Floats], turn: Floats, steps: int, step_pixels: float
) -> NDArray[np.float32]:
    """Return the ground along lanes by bilinear interpolation, shape (steps, lanes) [m].

    Beyond the raster the ground of its edge goes on.

    Parameters
    ----------
    heights
        Raster, row 0 in the north, shape (rows, columns) [m].
    start
        Row and column of each lane's site, pixel middles being whole numbers, shape (lanes,).
    turn
        Azimuth of each lane, shape (lanes,) [radian].
    steps
        How many, the first at the site.
    step_pixels
        Length of a step in pixels of the raster.
    """
    rows, columns = heights.shape
    along = (np.arange(steps, dtype=np.float32) * np.float32(step_pixels))[:, None]
    row = start[0].astype(np.float32) - along * np.cos(turn).astype(np.float32)
    column = start[1].astype(np.float32) + along * np.sin(turn).astype(np.float32)
    return bilinear(heights, row, column, rows, columns)


def bilinear(cells: Floats, row: Floats, column: Floats, rows: int, columns: int) -> NDArray[np.float32]:
    """Return a raster at fractional rows and columns, held inside it; both are overwritten."""
    np.clip(row, 0.0, rows - 1.001, out=row)
    np.clip(column, 0.0, columns - 1.001, out=column)
    top, left = row.astype(np.int32), column.astype(np.int32)
    row -= top
    column -= left
    at = (top * np.int32(columns) + left).astype(np.intp)
    flat = cells.ravel()
    upper = flat.take(at)
    upper += column * (flat.take(at + 1) - upper)
    at += columns
    lower = flat.take(at)
    lower += column * (flat.take(at + 1) - lower)
    upper += row * (lower - upper)
    return upper


def horizons(ground: NDArray[np.float32], base_m: Floats, link: Link, step_m: float) -> Horizons:
    """Return what the loss of each cell of a sweep follows from.

    ``ground`` is relative to the ground at the site, shape (steps, lanes); ``base_m`` holds the base's
    antenna of each lane, shape (lanes,).
    """
    d = np.arange(len(ground), dtype=np.float32)[:, None] * np.float32(step_m)
    flat = ground - base_m.astype(np.float32)
    curved = flat - d * d * np.float32(0.5 / link.earth_radius_m)
    slope = steepest_from_base(curved, d)
    scan = _Scan(curved, link, d)
    scan.look_back(slope)
    return Horizons(ground, slope, steepest_from_base(flat, d), *scan.found)


def steepest_from_base(height: Floats, d: Floats) -> Floats:
    """Return the steepest slope from the base to the steps before each step."""
    steepest = np.full_like(height, NONE)
    np.maximum.accumulate(height[1:-1] / d[1:-1], axis=0, out=steepest[2:])
    return steepest


class _Scan:
    """What each terminal sees on its way back to the base, against the straight line between the antennas.

    ``curved`` is the ground against the base's antenna, bent down by the Earth's curve.
    """

    def __init__(self, curved: Floats, link: Link, d: Floats) -> None:
        self.curved, self.d = curved, d
        self.line = (curved + np.float32(link.terminal_height_m)) / np.maximum(d, d[1])
        self.bulge = np.float32(0.5 / link.earth_radius_m)
        self.found = tuple(np.full_like(curved, NONE) for _ in range(4))
        self._over, self._out = np.empty_like(curved), np.empty_like(curved)

    def look_back(self, base_slope: Floats) -> None:
        """Fill ``found``: slopes to the terminal's horizon, height over the line, clearance."""
        steps, far = len(self.d), NEAR_STEPS + 2
        for offset in range(1, min(NEAR_STEPS, steps - 2) + 1):
            seen = slice(1, steps - offset)
            self._obstacle(self.curved[seen], self.d[seen], 1 + offset)
        if steps <= far:
            return
        for first in range(1, steps - far + 1, BLOCK_STEPS):
            peak = self.curved[first : first + BLOCK_STEPS].argmax(axis=0)[None] + first
            self._obstacle(np.take_along_axis(self.curved, peak, axis=0), self.d[:, 0][peak], first + far - 1)
        # what hides a terminal from the base need be no peak: a slope that falls away from the base
        new = base_slope[2:] > base_slope[1:-1]
        step = np.maximum.accumulate(np.arange(1, steps - 1, dtype=np.int32)[:, None] * new, axis=0)
        at = step[far - 2 :].astype(np.float32) * self.d[1]
        self._obstacle(base_slope[far:] * at, at, far)

    def _obstacle(self, y: Floats, at: Floats, first: int) -> None:
        """Let the terminals from a step on see one obstacle each, at a distance from the base."""
        over, out, d = self._over[first:], self._out[first:], self.d[first:]
        slope, chord, above, clear = (best[first:] for best in self.found)
        left = d - at
        back = np.float32(1.0) / left
        np.multiply(self.line[first:], at, out=over)
        np.subtract(y, over, out=over)
        np.multiply(over, back, out=out)
        np.maximum(slope, out, out=slope)
        out -= self.bulge * at
        np.maximum(chord, out, out=chord)
        np.subtract(over, self.bulge * at * left, out=out)
        np.maximum(above, out, out=above)
        over *= np.sqrt(d * back / at)
        np.maximum(clear, over, out=clear)


def fitted_line_m(ground: Floats) -> tuple[Floats, Floats]:
    """Return the line fitted to the ground from the site to each step, at the base and at the end [m].

    References
    ----------
    ITU-R P.526-15, section 4.5.2, equations 61 to 63, for even steps.
    """
    step = np.arange(1, len(ground), dtype=np.float32)[:, None]
    sums, moments = np.zeros_like(ground), np.zeros_like(ground)
    here, before = ground[1:], ground[:-1]
    np.cumsum(here + before, axis=0, out=sums[1:])
    np.cumsum(here * (3.0 * step - 1.0) + before * (3.0 * step - 2.0), axis=0, out=moments[1:])
    sums[1:] /= step
    moments[1:] /= step * step
    return 2.0 * sums - moments, moments - sums


def loss_db(seen: Horizons, base_m: Floats, link: Link, step_m: float) -> Floats:
    """Return the loss by diffraction of each cell, shape (steps, lanes), 0 at the site itself [dB].

    References
    ----------
    ITU-R P.526-15, section 4.5: as in ``sim.radio.terrain``, but the smooth Earth's Bullington term in closed
    form (ITU-R P.1812-8, attachment 4).
    """
    ground, base = seen.ground_m[1:], base_m.astype(np.float32)
    d = (np.arange(1, len(seen.ground_m), dtype=np.float32) * np.float32(step_m))[:, None]
    rise = ground + np.float32(link.terminal_height_m) - base
    line = rise / d
    half_wave = math.sqrt(2.0 / wavelength_m(link.frequency_mhz))
    drop = d * np.float32(0.5 / link.earth_radius_m)
    over_base, over_end = seen.base_slope[1:] - (line - drop), seen.terminal_over[1:]
    blocked = np.sqrt(d * np.maximum(over_base * over_end, 0.0))
    nu = half_wave * np.where(over_base >= 0.0, blocked, seen.clear[1:])
    actual = with_rest_of_path(knife_edge_db(nu), d)
    left, right = (part[1:] for part in fitted_line_m(seen.ground_m))
    highest = np.maximum(seen.above_m[1:], 0.0)
    to_base, to_end = seen.base_chord[1:] - line, seen.terminal_chord[1:]
    share = highest / np.where(highest > 0.0, to_base + to_end, 1.0)
    smooth_base = base - np.minimum(left - share * to_base, 0.0)
    smooth_end = rise + base - np.minimum(right - share * to_end, ground)
    spherical, smooth = smooth_earth_db(
        d, (smooth_base, smooth_end), link.frequency_mhz, np.float32(link.earth_radius_m), step_m=step_m
    )
    found = np.zeros_like(seen.ground_m)
    np.add(actual, np.maximum(spherical - smooth, 0.0), out=found[1:])
    if link.mode == "excess":
        found[1:] -= flat_ground_db(d, base, link)
        np.maximum(found, 0.0, out=found)
    return found


def flat_ground_db(distance_m: Floats, base_m: Floats, link: Link) -> Floats:
    """Return the loss over smooth flat ground under the same antennas: what empirical models hold [dB]."""
    terminal = np.asarray(link.terminal_height_m, dtype=base_m.dtype)
    heights, lane = np.unique(base_m, return_inverse=True)
    radius = np.asarray(link.earth_radius_m, dtype=base_m.dtype)
    loss = np.maximum(*smooth_earth_db(distance_m, (heights, terminal), link.frequency_mhz, radius))
    return np.asarray(loss[:, lane])
