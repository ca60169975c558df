"""The jobs that terrain is measured on: one site over mountains, and the windows of a province's sites."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sim.geo.dem import Dem
from sim.geo.grid import Grid
from sim.radio.sweep import Link
from sim.radio.windows import TerrainWindows, exact_db, sweep_windows

CRS = "+proj=laea +lat_0=25 +lon_0=102 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"
LINK = Link(frequency_mhz=900.0, terminal_height_m=1.5)
SIDE_M, PIXEL_M = 100_000.0, 90.0


@dataclass(frozen=True, eq=False)
class Masts:
    """Sites of a job."""

    x_m: np.ndarray
    y_m: np.ndarray
    height_m: np.ndarray
    radius_m: np.ndarray


def mountains(pixels: int, pixel_m: float, *, std_m: float = 700.0, seed: int = 7) -> Dem:
    """Return made-up mountains: heights whose spectrum falls with the wave number to the power -2.2.

    That leaves a mean slope of about 4 degrees over 90 m; real ranges are steeper but smoother at the pixel.
    """
    random = np.random.default_rng(seed)
    wave = np.hypot(np.fft.fftfreq(pixels)[:, None], np.fft.rfftfreq(pixels)[None])
    wave[0, 0] = 1.0
    spectrum = wave**-2.2 * np.exp(2j * np.pi * random.random(wave.shape))
    spectrum[0, 0] = 0.0
    height = np.fft.irfft2(spectrum, (pixels, pixels))
    grid = Grid(0.0, pixels * pixel_m, pixel_m, pixels, pixels)
    return Dem(grid, (2000.0 + height / height.std() * std_m).astype(np.float32), CRS)


def job_b(dem: Dem | None = None) -> tuple[Dem, Masts]:
    """Return 100 x 100 km of mountains at 90 m (1.23e6 cells) and one site in the middle that reaches all."""
    ground = dem or mountains(int(SIDE_M / PIXEL_M), PIXEL_M)
    grid = ground.grid
    half = 0.5 * grid.pixel_m * np.array([grid.columns, grid.rows])
    middle = np.array([grid.west_m + half[0]]), np.array([grid.north_m - half[1]])
    return ground, Masts(*middle, np.array([30.0]), np.array([1.5 * half.max()]))


def job_province(count: int, radius_m: float = 15_000.0, *, seed: int = 3) -> tuple[Dem, Grid, Masts]:
    """Return mountains at 460 m over 400 x 400 km, a raster of 500 m and sites spread over it."""
    dem = mountains(870, 460.0)
    side = dem.grid.pixel_m * dem.grid.columns
    random = np.random.default_rng(seed)
    return (
        dem,
        Grid.around((0.0, 0.0, side, side), 500.0),
        Masts(
            random.uniform(0.05 * side, 0.95 * side, count),
            random.uniform(0.05 * side, 0.95 * side, count),
            np.full(count, 35.0),
            np.full(count, radius_m),
        ),
    )


def best_of(work: Callable[[], TerrainWindows], times: int = 3) -> tuple[float, TerrainWindows]:
    """Return the shortest of some runs after one that warms up, and what they return [s]."""
    found, seconds = work(), []
    for _ in range(times):
        start = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - start)
    return min(seconds), found


def run_job_b(*, compiled: bool = False, dem: Dem | None = None, samples: int = 4000) -> dict[str, float]:
    """Return seconds, cells and the error of the sweep against a profile of its own for a sample of cells."""
    ground, masts = job_b(dem)
    link = replace(LINK, compiled=compiled)
    seconds, windows = best_of(lambda: sweep_windows(ground, ground.grid, masts, link))
    error = error_db(ground, ground.grid, masts, windows, samples)
    slope = np.degrees(np.arctan(np.hypot(*np.gradient(ground.heights_m, ground.grid.pixel_m))))
    return {
        "seconds": seconds,
        "cells": float(windows.values.size),
        "rmse_db": float(np.sqrt((error**2).mean())),
        "bias_db": float(error.mean()),
        "mean_slope_deg": float(slope.mean()),
    }


def run_province(count: int = 200, *, compiled: bool = False) -> dict[str, float]:
    """Return the milliseconds that a site's window takes among many."""
    dem, grid, masts = job_province(count)
    link = replace(LINK, mode="excess", compiled=compiled)
    seconds, windows = best_of(lambda: sweep_windows(dem, grid, masts, link))
    return {"ms_per_site": 1000.0 * seconds / count, "pixels_per_site": windows.values.size / count}


def error_db(dem: Dem, grid: Grid, masts: Masts, windows: TerrainWindows, samples: int) -> np.ndarray:
    """Return what the windows of the first site are off at random pixels within its radius [dB]."""
    rows, columns, values = windows.window(0)
    random = np.random.default_rng(0)
    row, column = random.integers(0, values.shape[0], samples), random.integers(0, values.shape[1], samples)
    x, y = grid.eastings_m()[columns][column], grid.northings_m()[rows][row]
    inside = np.hypot(x - masts.x_m[0], y - masts.y_m[0]) <= masts.radius_m[0]
    at = float(masts.x_m[0]), float(masts.y_m[0]), float(masts.height_m[0])
    exact = exact_db(dem, at, x[inside], y[inside], LINK)
    return values[row, column][inside] / 2.0 - np.minimum(exact, 127.5)


if __name__ == "__main__":
    for compiled in (False, True):
        name = "numba" if compiled else "numpy"
        print(name, "job B", run_job_b(compiled=compiled))
        print(name, "province", run_province(compiled=compiled))
