"""Made-up ground for tests of terrain: hills from a seed, sites on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.geo.dem import Dem
from sim.geo.grid import Grid

CRS = "+proj=laea +lat_0=25 +lon_0=102 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"


@dataclass(frozen=True, eq=False)
class Sites:
    x_m: np.ndarray
    y_m: np.ndarray
    height_m: np.ndarray
    radius_m: np.ndarray


def sites_at(*places: tuple[float, float], height_m: float = 30.0, radius_m: float = 5000.0) -> Sites:
    x, y = np.array(places, dtype=np.float64).reshape(-1, 2).T
    return Sites(x, y, np.full(len(x), height_m), np.full(len(x), radius_m))


def hills(
    pixels: int = 200, pixel_m: float = 90.0, std_m: float = 150.0, seed: int = 1, roughness: float = 2.0
) -> Dem:
    """Hills whose spectrum falls as a power of the wave number: the greater, the smoother."""
    rng = np.random.default_rng(seed)
    wave = np.hypot(np.fft.fftfreq(pixels)[:, None], np.fft.rfftfreq(pixels)[None])
    wave[0, 0] = 1.0
    spectrum = wave**-roughness * np.exp(2j * np.pi * rng.random(wave.shape))
    spectrum[0, 0] = 0.0
    height = np.fft.irfft2(spectrum, (pixels, pixels))
    side = pixels * pixel_m
    grid = Grid(-side / 2, side / 2, pixel_m, pixels, pixels)
    return Dem(grid, (1500.0 + height / height.std() * std_m).astype(np.float32), CRS)


def flat(pixels: int = 100, pixel_m: float = 90.0, height_m: float = 100.0) -> Dem:
    side = pixels * pixel_m
    grid = Grid(-side / 2, side / 2, pixel_m, pixels, pixels)
    return Dem(grid, np.full(grid.shape, height_m, dtype=np.float32), CRS)
