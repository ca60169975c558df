"""Which pixels of a raster are land of the study area, and what surrounds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.geo.grid import Grid
from sim.geo.points import on_road
from sim.tables.layers import VILLAGE, ZONE_KINDS

if TYPE_CHECKING:
    from sim.geo.area import Area

_AROUND = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1))


@dataclass(frozen=True, eq=False)
class Land:
    """A raster over an area."""

    grid: Grid
    inside: NDArray[np.bool_]
    """Whether the middle of a pixel lies in a county, shape of the grid."""
    kind: NDArray[np.int8]
    """Surroundings by the row of the kind in ``ZONE_KINDS``, shape of the grid."""


def land_of(area: Area, pixel_m: float) -> Land:
    """Return the raster of an area and what its pixels are.

    A pixel is city or town where homes of a city or town lie in it or in one of the eight around it, the
    city before the town; all other land is open country.
    """
    grid = area.grid(pixel_m)
    return Land(grid, pixels_inside(area, grid), _kinds(area, grid))


def pixels_inside(area: Area, grid: Grid) -> NDArray[np.bool_]:
    """Return whether the middle of each pixel lies in a county, shape of the grid."""
    from affine import Affine
    from rasterio.features import rasterize

    step = Affine(grid.pixel_m, 0.0, grid.west_m, 0.0, -grid.pixel_m, grid.north_m)
    shapes = area.counties.geometry.to_numpy()
    burnt = rasterize(shapes, out_shape=grid.shape, transform=step, fill=0, default_value=1, dtype="uint8")
    return np.asarray(burnt == 1)


def nearest_zone(area: Area, land: Land) -> NDArray[np.int32]:
    """Return the row of the zone nearest to each pixel, 0 outside the counties, shape of the grid."""
    from scipy.spatial import cKDTree

    grid = land.grid
    nearest = np.zeros(grid.shape, dtype=np.int32)
    rows, columns = np.nonzero(land.inside)
    if len(rows) and len(area.zones):
        at = np.column_stack([grid.eastings_m()[columns], grid.northings_m()[rows]])
        _, nearest[rows, columns] = cKDTree(area.zones[["x_m", "y_m"]].to_numpy(dtype=np.float64)).query(at)
    return nearest


def _kinds(area: Area, grid: Grid) -> NDArray[np.int8]:
    points = area.points[~on_road(area.points)]
    kind_of_zone = area.zones["kind"].to_numpy()[points["zone"].to_numpy()]
    row = np.floor((grid.north_m - points["y_m"].to_numpy()) / grid.pixel_m).astype(np.int64)
    column = np.floor((points["x_m"].to_numpy() - grid.west_m) / grid.pixel_m).astype(np.int64)
    kinds = np.full(grid.shape, ZONE_KINDS.index(VILLAGE), dtype=np.int8)
    for code in reversed(range(len(ZONE_KINDS))):
        mine = kind_of_zone == ZONE_KINDS[code]
        if ZONE_KINDS[code] == VILLAGE:
            continue
        for down, right in _AROUND:
            at_row, at_column = row[mine] + down, column[mine] + right
            on = (at_row >= 0) & (at_row < grid.rows) & (at_column >= 0) & (at_column < grid.columns)
            kinds[at_row[on], at_column[on]] = code
    return kinds
