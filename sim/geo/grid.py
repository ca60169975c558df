"""A regular raster in the area's metres: where its cells lie, and windows of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError, Problem


@dataclass(frozen=True)
class Grid:
    """A raster of square pixels; row 0 is the northern edge, as in a GeoTIFF."""

    west_m: float
    """Easting of the western edge [m]."""
    north_m: float
    """Northing of the northern edge [m]."""
    pixel_m: float
    """Side of a pixel [m]."""
    rows: int
    columns: int

    @classmethod
    def around(cls, bounds_m: tuple[float, float, float, float], pixel_m: float) -> Grid:
        """Return the grid of whole pixels that holds west, south, east, north; edges at multiples of a pixel.

        Raises ``DataError`` where an edge is no number or the pixel not above 0 m.
        """
        west, south, east, north = bounds_m
        if not (np.isfinite((*bounds_m, pixel_m)).all() and pixel_m > 0):
            message = f"edges {bounds_m} and a pixel of {pixel_m} m make no raster; the pixel is above 0 m"
            raise DataError((Problem("grid", "pixel_m", message),))
        first, last = np.floor(west / pixel_m), np.ceil(east / pixel_m)
        bottom, top = np.floor(south / pixel_m), np.ceil(north / pixel_m)
        return cls(
            west_m=float(first * pixel_m),
            north_m=float(top * pixel_m),
            pixel_m=pixel_m,
            rows=max(int(top - bottom), 1),
            columns=max(int(last - first), 1),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    def eastings_m(self) -> NDArray[np.float64]:
        """Return the easting of each column's middle, shape (columns,) [m]."""
        return np.asarray(self.west_m + (np.arange(self.columns) + 0.5) * self.pixel_m, dtype=np.float64)

    def northings_m(self) -> NDArray[np.float64]:
        """Return the northing of each row's middle, from north to south, shape (rows,) [m]."""
        return np.asarray(self.north_m - (np.arange(self.rows) + 0.5) * self.pixel_m, dtype=np.float64)

    def window(self, x_m: float, y_m: float, radius_m: float) -> tuple[slice, slice]:
        """Return the rows and columns with middles in the square of a radius; empty where none lie there."""
        first = np.ceil((x_m - radius_m - self.west_m) / self.pixel_m - 0.5)
        last = np.floor((x_m + radius_m - self.west_m) / self.pixel_m - 0.5)
        top = np.ceil((self.north_m - y_m - radius_m) / self.pixel_m - 0.5)
        bottom = np.floor((self.north_m - y_m + radius_m) / self.pixel_m - 0.5)
        return (
            slice(max(int(top), 0), max(min(int(bottom) + 1, self.rows), int(top), 0)),
            slice(max(int(first), 0), max(min(int(last) + 1, self.columns), int(first), 0)),
        )
