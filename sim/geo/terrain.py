"""Height and roughness: sampled from a height model, or a modelled relief with the county's figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from sim.geo.layers import Projection
from sim.geo.options import SettleOptions
from sim.geo.read import Raster
from sim.randomness import Streams

Floats = NDArray[np.float64]

_WAVES = 8
_METRES_PER_DEGREE = 111_195.0


def modelled_relief(
    at: tuple[Floats, Floats, NDArray[np.int64]],
    census: pd.DataFrame,
    options: SettleOptions,
    streams: Streams,
) -> Floats:
    """Return a smooth made-up height with each county's mean, spread and limits [m].

    ``at`` is easting, northing and county row, sorted by county. A sum of waves about
    ``relief_wavelength_m`` long whose directions and phases are drawn for the county; it stands in for
    the relief where there is no height model and says nothing of real hills.
    """
    x, y, county = at
    height = np.empty(len(x))
    starts = np.searchsorted(county, np.arange(len(census) + 1))
    for row, code in enumerate(census["county"]):
        part = slice(starts[row], starts[row + 1])
        draw = streams.generator("geo/relief", code).random((_WAVES, 3))
        length = options.relief_wavelength_m * 4.0 ** (draw[:, 0] - 0.5)
        angle, phase = 2 * np.pi * draw[:, 1], 2 * np.pi * draw[:, 2]
        kx, ky = 2 * np.pi / length * np.cos(angle), 2 * np.pi / length * np.sin(angle)
        waves = np.cos(np.outer(x[part], kx) + np.outer(y[part], ky) + phase).sum(axis=1) * np.sqrt(
            2 / _WAVES
        )
        mean, std = census["elevation_m"][row], census["elevation_std_m"][row]
        height[part] = np.clip(
            mean + std * waves, census["elevation_min_m"][row], census["elevation_max_m"][row]
        )
    return height


def roughness_raster(height: Raster, radius_m: float) -> Raster:
    """Return the standard deviation of the height within a square of this half-width [m]."""
    values = known_heights(height)
    rows = max(round(radius_m / (height.step_y * _METRES_PER_DEGREE)), 1) * 2 + 1
    middle = np.cos(np.radians(height.north - height.step_y * values.shape[0] / 2))
    columns = max(round(radius_m / (height.step_x * _METRES_PER_DEGREE * middle)), 1) * 2 + 1
    mean = uniform_filter(values, (rows, columns), mode="nearest")
    square = uniform_filter(values**2, (rows, columns), mode="nearest")
    spread = np.sqrt(np.maximum(square - mean**2, 0.0))
    return Raster(spread, height.west, height.north, height.step_x, height.step_y, None)


def known_heights(height: Raster) -> Floats:
    """Return the heights as float64, the sea and other gaps at 0."""
    values = height.cells.astype(np.float64)
    return values if height.nodata is None else np.where(values == height.nodata, 0.0, values)


def sample(raster: Raster, projection: Projection, x: Floats, y: Floats) -> Floats:
    """Return the raster's values under positions in metres."""
    lon, lat = projection.to_degrees(x, y)
    return np.asarray(raster.sample(lon, lat), dtype=np.float64)
