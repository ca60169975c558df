"""Loss by terrain around sites as windows of a raster: one byte a pixel, in half decibels.

A window is what the coverage kernel takes: the square of pixels within a site's radius, cut at the raster's
edge. Beyond the radius, in the square's corners, the loss at the radius goes on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError, Problem
from sim.geo.dem import Dem
from sim.geo.grid import Grid
from sim.radio.diffraction import Floats
from sim.radio.sweep import (
    LANE_CELLS,
    Horizons,
    Link,
    Polar,
    bilinear,
    flat_ground_db,
    ground_of_lanes,
    horizons,
    loss_db,
)
from sim.radio.terrain import above_zero, delta_bullington_db

HALF_DB = 2.0
"""Steps of a byte in a decibel."""
LINEAR_FACTOR = (10.0 ** (-np.arange(256) / HALF_DB / 10.0)).astype(np.float32)
"""What power is multiplied by for each byte of a window."""
RAY_GAP_PIXELS = 1.5
"""Rays lie no farther apart than so many pixels, at the radius."""
MOST_BYTES = 3_000_000_000
"""The windows of one network take no more."""
_PROFILE_CELLS = 1 << 20
Window = tuple[slice, slice]


class Masts(Protocol):
    """Where antennas stand: what is asked of a table of sites here."""

    @property
    def x_m(self) -> NDArray[np.float64]:
        """Easting, shape (N,) [m]."""

    @property
    def y_m(self) -> NDArray[np.float64]:
        """Northing, shape (N,) [m]."""

    @property
    def height_m(self) -> NDArray[np.float64]:
        """Antenna above ground, shape (N,) [m]."""

    @property
    def radius_m(self) -> NDArray[np.float64]:
        """Pixels farther off are not computed, shape (N,) [m]."""


@dataclass(frozen=True, eq=False)
class TerrainWindows:
    """One window of bytes for each of N sites."""

    grid: Grid
    top: NDArray[np.int32]
    """First row of each window, shape (N,)."""
    left: NDArray[np.int32]
    """First column, shape (N,)."""
    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    first: NDArray[np.int64]
    """Where each window begins in ``values``, shape (N + 1,)."""
    values: NDArray[np.uint8]
    """All windows, row by row, one after the other [0.5 dB]."""

    def __len__(self) -> int:
        """Return how many sites there are."""
        return len(self.top)

    def window(self, site: int) -> tuple[slice, slice, NDArray[np.uint8]]:
        """Return rows and columns of the raster, and the loss on them [0.5 dB]."""
        top, left, rows, columns = (int(of[site]) for of in (self.top, self.left, self.rows, self.columns))
        values = self.values[self.first[site] : self.first[site + 1]]
        return slice(top, top + rows), slice(left, left + columns), values.reshape(rows, columns)

    def loss_db(self, site: NDArray[np.integer], x_m: Any, y_m: Any) -> NDArray[np.float32]:
        """Return the loss from sites to points, pair by pair, at the nearest pixel of the window [dB].

        0 where a site has no window because the raster does not reach it.
        """
        grid = self.grid
        row = np.floor((grid.north_m - np.asarray(y_m)) / grid.pixel_m).astype(np.int64)
        column = np.floor((np.asarray(x_m) - grid.west_m) / grid.pixel_m).astype(np.int64)
        row = np.clip(row - self.top[site], 0, np.maximum(self.rows[site] - 1, 0))
        column = np.clip(column - self.left[site], 0, np.maximum(self.columns[site] - 1, 0))
        empty = self.first[site] == self.first[np.asarray(site) + 1]
        if len(self.values) == 0:
            return np.zeros(row.shape, dtype=np.float32)
        at = np.where(empty, 0, self.first[site] + row * self.columns[site] + column)
        return np.asarray(np.where(empty, 0, self.values[at]) / np.float32(HALF_DB), dtype=np.float32)

    @classmethod
    def of(cls, grid: Grid, places: list[Window], values: NDArray[np.uint8]) -> TerrainWindows:
        """Return windows whose bytes follow one another."""
        edges = np.array(
            [(r.start, c.start, r.stop - r.start, c.stop - c.start) for r, c in places], dtype=np.int32
        )
        top, left, rows, columns = edges.reshape(-1, 4).T
        first = np.concatenate([[0], np.cumsum(rows.astype(np.int64) * columns)])
        return cls(grid, top, left, rows, columns, first, values)


def check_masts(dem: Dem, masts: Masts, link: Link) -> None:
    """Raise ``DataError`` naming sites off the height model and every value that no formula holds for."""
    problems = above_zero(
        frequency_mhz=link.frequency_mhz,
        terminal_height_m=link.terminal_height_m,
        base_height_m=masts.height_m,
        radius_m=masts.radius_m,
    )
    lost = np.flatnonzero(~dem.covers(masts.x_m, masts.y_m))
    problems += [
        Problem(
            "terrain",
            f"site {row}",
            f"at {masts.x_m[row]:g}, {masts.y_m[row]:g} m lies outside the height model; "
            "name a larger one (geodata.dem) or leave the site out",
        )
        for row in lost[:5]
    ]
    if len(lost) > 5:
        problems.append(Problem("terrain", "", f"and {len(lost) - 5} more sites outside the height model"))
    if problems:
        raise DataError(tuple(problems))


def check_size(windows: TerrainWindows) -> None:
    """Raise ``DataError`` where the windows of all sites would not fit into memory."""
    wanted = int(windows.first[-1])
    if wanted > MOST_BYTES:
        message = (
            f"{windows.grid.pixel_m:g} m makes windows of {wanted / 1e9:.1f} GB around {len(windows)} sites; "
            f"take {windows.grid.pixel_m * (wanted / MOST_BYTES) ** 0.5:.3g} m or more, or a smaller radius"
        )
        raise DataError((Problem("terrain", "terrain_pixel", message),))


def place_of(grid: Grid, masts: Masts) -> list[Window]:
    """Return each site's window on the raster."""
    return [
        grid.window(x, y, radius)
        for x, y, radius in zip(masts.x_m.tolist(), masts.y_m.tolist(), masts.radius_m.tolist(), strict=True)
    ]


def sweep_windows(dem: Dem, grid: Grid, masts: Masts, link: Link) -> TerrainWindows:
    """Return the loss by terrain around each site, swept along rays."""
    check_masts(dem, masts, link)
    places = place_of(grid, masts)
    windows = TerrainWindows.of(grid, places, np.zeros(0, dtype=np.uint8))
    check_size(windows)
    values = np.zeros(int(windows.first[-1]), dtype=np.uint8)
    for sites, polar in _batches(dem, grid, masts, places):
        reach = np.full(len(sites) * polar.rays, (polar.steps - 1) * polar.step_m)
        if len(sites) == 1:
            reach = _reach_m(grid, masts, int(sites[0]), places[sites[0]], polar)
        loss = _polar_loss(dem, masts, sites, link, (polar, reach))
        for number, site in enumerate(sites.tolist()):
            around = loss[:, number * polar.rays : (number + 1) * polar.rays]
            closed = np.concatenate([around, around[:, :1]], axis=1)
            at = float(masts.x_m[site]), float(masts.y_m[site])
            part = values[windows.first[site] : windows.first[site + 1]]
            _fill(part, closed, at, (grid, places[site]), polar.step_m)
    return TerrainWindows.of(grid, places, values)


def _batches(
    dem: Dem, grid: Grid, masts: Masts, places: list[Window]
) -> Iterator[tuple[NDArray[np.int64], Polar]]:
    """Give sites whose rays reach equally far, as many as are worked on at once."""
    corner = np.array(
        [
            max(
                math.hypot(x - grid.west_m - edge_x * grid.pixel_m, grid.north_m - y - edge_y * grid.pixel_m)
                for edge_x in (columns.start, columns.stop)
                for edge_y in (rows.start, rows.stop)
            )
            for (rows, columns), x, y in zip(places, masts.x_m.tolist(), masts.y_m.tolist(), strict=True)
        ]
    )
    seen = np.array([rows.stop > rows.start and columns.stop > columns.start for rows, columns in places])
    far = np.minimum(corner, masts.radius_m)
    for reach in np.unique(far[seen]) if len(far) else ():
        polar = Polar.around(float(reach), dem.grid.pixel_m, RAY_GAP_PIXELS * grid.pixel_m)
        sites = np.flatnonzero(seen & (far == reach))
        size = max(LANE_CELLS // (polar.steps * polar.rays), 1)
        for start in range(0, len(sites), size):
            yield sites[start : start + size], polar


def _reach_m(grid: Grid, masts: Masts, site: int, place: Window, polar: Polar) -> Floats:
    """Return how far each ray of a site is needed: to the edge of its window, shape (rays,) [m]."""
    turn = np.arange(polar.rays) * (2.0 * np.pi / polar.rays)
    longest = (polar.steps - 1) * polar.step_m
    rows, columns = place
    x, y = masts.x_m[site] - grid.west_m, grid.north_m - masts.y_m[site]
    sides = (columns.stop * grid.pixel_m - x, x - columns.start * grid.pixel_m,
             rows.stop * grid.pixel_m - y, y - rows.start * grid.pixel_m)  # fmt: skip
    if min(sides) < 0.0:  # the site itself lies outside its window
        return np.full(polar.rays, longest)
    reach = np.full(polar.rays, longest)
    for side, along in zip(sides, (np.sin(turn), -np.sin(turn), -np.cos(turn), np.cos(turn)), strict=True):
        reach = np.minimum(reach, side / np.maximum(along, 1e-6))
    neighbours = np.maximum(np.roll(reach, 1), np.roll(reach, -1))
    return np.asarray(np.minimum(np.maximum(reach, neighbours) + 2.0 * polar.step_m, longest))


def _polar_loss(
    dem: Dem, masts: Masts, sites: NDArray[np.int64], link: Link, cut: tuple[Polar, Floats]
) -> Floats:
    """Return the loss along all rays of some sites, shape (steps, sites x rays) [dB]."""
    polar, reach = cut
    scan = _scan_of(link)
    lane_site = np.repeat(sites, polar.rays)
    turn = np.tile(np.arange(polar.rays) * (2.0 * np.pi / polar.rays), len(sites))
    steps = np.ceil(reach / polar.step_m).astype(np.int64) + 1
    row, column = dem.rows_columns(masts.x_m[lane_site], masts.y_m[lane_site])
    own = dem.sample(masts.x_m[lane_site], masts.y_m[lane_site]).astype(np.float32)
    base = masts.height_m[lane_site].astype(np.float32)
    found = np.zeros((polar.steps, len(turn)), dtype=np.float32)
    lanes = max(LANE_CELLS // polar.steps // 64 * 64, 64)
    if len(sites) > 1:
        lanes = len(turn)
    for first in range(0, len(turn), lanes):
        part = slice(first, first + lanes)
        longest = min(int(steps[part].max()), polar.steps)
        ground = ground_of_lanes(
            dem.heights_m, (row[part], column[part]), turn[part], longest, polar.step_m / dem.grid.pixel_m
        )
        ground -= own[part]
        seen = scan(ground, base[part], link, polar.step_m)
        found[:longest, part] = loss_db(seen, base[part], link, polar.step_m)
    return found


def _scan_of(link: Link) -> Callable[[NDArray[np.float32], Floats, Link, float], Horizons]:
    """Return the scan in numpy, or the compiled one; ``DataError`` where that is not installed."""
    if not link.compiled:
        return horizons
    try:
        from sim.radio.fast_sweep import fast_horizons
    except ImportError:
        message = "needs numba; install the extra fast or leave the compiled scan off"
        raise DataError((Problem("terrain", "compiled", message),)) from None
    return fast_horizons


def _fill(
    values: NDArray[np.uint8],
    loss: Floats,
    at_m: tuple[float, float],
    where: tuple[Grid, Window],
    step_m: float,
) -> None:
    """Write the loss of each pixel of a window, by bilinear interpolation between rays and steps."""
    grid, (rows, columns) = where
    steps, rays = loss.shape
    east = grid.west_m + (np.arange(columns.start, columns.stop) + 0.5) * grid.pixel_m - at_m[0]
    north = grid.north_m - (np.arange(rows.start, rows.stop) + 0.5) * grid.pixel_m - at_m[1]
    dx, dy = east.astype(np.float32)[None], north.astype(np.float32)[:, None]
    strip = max(LANE_CELLS // max(len(east), 1), 1)
    for first in range(0, len(north), strip):
        down = dy[first : first + strip]
        turn = np.arctan2(dx, down)
        turn *= np.float32(0.5 / np.pi)
        turn -= np.floor(turn)
        turn *= rays - 1
        out = np.sqrt(dx * dx + down * down)
        out *= np.float32(1.0 / step_m)
        decibels = bilinear(loss, out, turn, steps, rays)
        decibels *= np.float32(HALF_DB)
        np.minimum(np.rint(decibels, out=decibels), 255.0, out=decibels)
        begin = first * len(east)
        values[begin : begin + decibels.size] = decibels.ravel()


def exact_db(dem: Dem, site: tuple[float, float, float], x_m: Any, y_m: Any, link: Link) -> Floats:
    """Return the loss by terrain of each point from a profile of its own, shape (points,) [dB].

    ``site`` is easting, northing and height of the antenna above ground. Profiles are cut into even steps of
    a pixel of the height model at most. A point at the site has no loss.
    """
    x0, y0, base = site
    x, y = (np.atleast_1d(np.asarray(of, dtype=np.float64)) for of in (x_m, y_m))
    distance = np.hypot(x - x0, y - y0)
    step_m = dem.grid.pixel_m
    steps = np.ceil(distance / step_m - 1e-6).astype(np.int64)
    found = np.zeros(len(x))
    for count in np.unique(steps[steps > 0]).tolist():
        points = np.flatnonzero(steps == count)
        size = max(_PROFILE_CELLS // (count + 1), 1)
        for start in range(0, len(points), size):
            part = points[start : start + size]
            along = np.tile(np.arange(count + 1) * step_m, (len(part), 1))
            along[:, -1] = distance[part]
            share = along / distance[part, None]
            ground = dem.sample(x0 + (x[part] - x0)[:, None] * share, y0 + (y[part] - y0)[:, None] * share)
            found[part] = delta_bullington_db(
                along,
                ground,
                base_height_m=base,
                terminal_height_m=link.terminal_height_m,
                frequency_mhz=link.frequency_mhz,
                effective_earth_radius_m=link.earth_radius_m,
            )
    if link.mode == "excess":
        away = np.flatnonzero(distance > 0)
        found[away] -= flat_ground_db(distance[away, None], np.array([base]), link)[:, 0]
    return np.maximum(found, 0.0)


def exact_windows(dem: Dem, grid: Grid, masts: Masts, link: Link) -> TerrainWindows:
    """Return the loss by terrain around each site with one profile a pixel: slow, for validation."""
    check_masts(dem, masts, link)
    places = place_of(grid, masts)
    parts = [np.zeros(0, dtype=np.uint8)]
    check_size(TerrainWindows.of(grid, places, parts[0]))
    for site, (rows, columns) in enumerate(places):
        x, y = np.meshgrid(grid.eastings_m()[columns], grid.northings_m()[rows])
        at = float(masts.x_m[site]), float(masts.y_m[site]), float(masts.height_m[site])
        loss = exact_db(dem, at, x.ravel(), y.ravel(), link)
        parts.append(np.minimum(np.rint(loss * HALF_DB), 255.0).astype(np.uint8))
    return TerrainWindows.of(grid, places, np.concatenate(parts))
