"""GCJ-02, the shifted coordinates of Chinese map services, and the way back to WGS-84.

The shift is the commonly published approximation; its inverse is found by iteration and is good
to less than a millimetre, so that what remains is the error of the source.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_AXIS = 6378245.0  # Krasovsky 1940
_ECCENTRICITY2 = 0.00669342162296594323


def _waves(x: Array, pairs: tuple[tuple[float, float], ...]) -> Array:
    return (
        sum((amplitude * np.sin(np.pi * x / divisor) for amplitude, divisor in pairs), np.zeros_like(x))
        * 2
        / 3
    )


def shift(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Return the shift in degrees (east, north) from WGS-84 to GCJ-02 at WGS-84 positions."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = _waves(x, ((20, 1 / 6), (20, 1 / 2)))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north = north + _waves(y, ((20, 1), (40, 3), (160, 12), (320, 30)))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east = east + _waves(x, ((20, 1), (40, 3), (150, 12), (300, 30)))
    phi = np.radians(lat)
    magic = 1 - _ECCENTRICITY2 * np.sin(phi) ** 2
    north = np.degrees(north * magic * np.sqrt(magic) / (_AXIS * (1 - _ECCENTRICITY2)))
    east = np.degrees(east * np.sqrt(magic) / (_AXIS * np.cos(phi)))
    return east, north


def to_wgs84(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Return WGS-84 longitudes and latitudes of GCJ-02 ones [degree], same shape."""
    true_lon, true_lat = lon.copy(), lat.copy()
    for _ in range(6):
        east, north = shift(true_lon, true_lat)
        true_lon, true_lat = lon - east, lat - north
    return true_lon, true_lat
