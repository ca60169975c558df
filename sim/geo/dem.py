"""Heights of the ground on a raster in the area's metres: what radio's terrain is computed on."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError, Problem
from sim.files import digest_of, write_cog
from sim.geo.grid import Grid
from sim.geo.read import MOST_PIXELS, WGS84, Heights, Raster, read_heights

if TYPE_CHECKING:
    from sim.geo.layers import Sources

MARGIN_M = 10_000.0
"""The raster reaches so far beyond the counties, so that hills across the border throw their shadow."""
PIXELS_PER_SOURCE = 2.0
"""Pixels of the raster to one of the source: bilinear resampling then keeps its ridges."""
SEA_RIM_M = 5.0
"""A gap whose rim comes down to this is sea."""
_METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, eq=False)
class Dem:
    """Heights above sea level on the pixels of a grid, without gaps."""

    grid: Grid
    heights_m: NDArray[np.float32]
    """Row 0 in the north, shape (rows, columns) [m]."""
    crs: str
    """The coordinate system of the grid, in metres."""

    def __post_init__(self) -> None:
        """Refuse heights of another shape than the grid's, and gaps."""
        problem = ""
        if self.heights_m.shape != self.grid.shape:
            problem = f"has the shape {self.heights_m.shape}, its grid {self.grid.shape}"
        elif min(self.grid.shape) < 2:
            problem = "needs two rows and two columns at least"
        elif not np.isfinite(self.heights_m).all():
            problem = "holds NaN or infinity; fill its gaps first (fill_gaps)"
        if problem:
            raise DataError((Problem("height model", "heights_m", problem),))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of heights, grid and coordinate system."""
        content = hashlib.sha256(np.ascontiguousarray(self.heights_m, dtype="<f4").data).hexdigest()
        return digest_of([content, asdict(self.grid), self.crs])

    def rows_columns(self, x_m: Any, y_m: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return fractional rows and columns, whole numbers being the middles of pixels."""
        grid = self.grid
        row = (grid.north_m - np.asarray(y_m, dtype=np.float64)) / grid.pixel_m - 0.5
        column = (np.asarray(x_m, dtype=np.float64) - grid.west_m) / grid.pixel_m - 0.5
        return row, column

    def covers(self, x_m: Any, y_m: Any) -> NDArray[np.bool_]:
        """Return whether each position lies on the raster, same shape; a position of NaN does not."""
        row, column = self.rows_columns(x_m, y_m)
        rows, columns = self.grid.shape
        return np.asarray((row >= -0.5) & (row <= rows - 0.5) & (column >= -0.5) & (column <= columns - 0.5))

    def sample(self, x_m: Any, y_m: Any) -> NDArray[np.float64]:
        """Return heights by bilinear interpolation, same shape; beyond the raster its edge goes on [m]."""
        row, column = self.rows_columns(x_m, y_m)
        rows, columns = self.grid.shape
        row, column = np.clip(row, 0.0, rows - 1.0), np.clip(column, 0.0, columns - 1.0)
        top = np.minimum(row.astype(np.int64), rows - 2)
        left = np.minimum(column.astype(np.int64), columns - 2)
        down, right = row - top, column - left
        flat, at = self.heights_m.ravel(), top * columns + left
        upper = flat[at] * (1.0 - right) + flat[at + 1] * right
        lower = flat[at + columns] * (1.0 - right) + flat[at + columns + 1] * right
        return np.asarray(upper * (1.0 - down) + lower * down)

    def profile(
        self, start_m: tuple[Any, Any], end_m: tuple[Any, Any], points: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return distances and heights of paths cut into evenly spaced points, shape (..., points) [m]."""
        x0, y0, x1, y1 = np.broadcast_arrays(*start_m, *end_m)
        share = np.linspace(0.0, 1.0, points)
        x = x0[..., None] + (x1 - x0)[..., None] * share
        y = y0[..., None] + (y1 - y0)[..., None] * share
        distance = np.hypot(x1 - x0, y1 - y0)[..., None] * share
        return distance, self.sample(x, y)

    def write_to(self, path: Path) -> None:
        """Write the heights as a Cloud-Optimised GeoTIFF."""
        write_cog(path, self.heights_m, self.grid, self.crs)


def load_dem(path: Path, crs: str) -> Dem:
    """Return the heights that ``Dem.write_to`` wrote."""
    heights = read_heights(path)
    step = heights.transform
    grid = Grid(step[2], step[5], step[0], *heights.cells.shape)
    return Dem(grid, heights.cells.astype(np.float32), crs)


def dem_of(sources: Sources, path: str | None = None) -> Dem | None:
    """Return the heights of an area on its own grid; ``None`` where no source has any.

    A user's GeoTIFF, in any coordinate system, takes the place of the source's heights. Both are brought
    into the area's metres by bilinear resampling on pixels half as large as the source's.

    Raises
    ------
    DataError
        Where the user's file has no coordinate system, leaves a county out or is too fine for memory.
    """
    if path is not None:
        given = read_heights(path)
    elif sources.height is not None:
        given = _in_degrees(sources.height)
    else:
        return None
    crs = sources.projection.crs
    _check_cover(given, sources, path)
    west, south, east, north = (float(edge) for edge in sources.counties.total_bounds)
    grid = Grid.around(
        (west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M), _pixel_m(given)
    )
    if grid.rows * grid.columns > MOST_PIXELS:
        message = (
            f"makes {grid.rows} x {grid.columns} pixels of the area, more than {MOST_PIXELS:,}; "
            "thin it, for example gdalwarp -tr with pixels twice as large"
        )
        raise DataError((Problem(str(path), "geodata.dem", message),))
    return Dem(grid, fill_gaps(_reprojected(given, grid, crs)), crs)


def fill_gaps(heights: NDArray[Any]) -> NDArray[np.float32]:
    """Return heights without NaN: 0 m where a gap's rim comes down to the sea, else the nearest height.

    Raises ``DataError`` where nothing is known at all.
    """
    from scipy.ndimage import binary_dilation, distance_transform_edt, find_objects, label

    filled = np.array(heights, dtype=np.float32)
    missing = ~np.isfinite(filled)
    if not missing.any():
        return filled
    if missing.all():
        raise DataError((Problem("height model", "", "holds no height at all inside the area"),))
    nearest = distance_transform_edt(missing, return_distances=False, return_indices=True)
    known = filled[tuple(nearest)]
    gaps, _ = label(missing)
    for number, place in enumerate(find_objects(gaps), start=1):
        around = tuple(slice(max(part.start - 1, 0), part.stop + 1) for part in place)
        gap = gaps[around] == number
        rim = binary_dilation(gap) & ~missing[around]
        sea = rim.any() and filled[around][rim].min() <= SEA_RIM_M
        filled[around] = np.where(gap, 0.0 if sea else known[around], filled[around])
    return filled


def _in_degrees(raster: Raster) -> Heights:
    """Return a window in degrees as heights with NaN for gaps."""
    cells = raster.cells.astype(np.float32)
    if raster.nodata is not None:
        cells[raster.cells == raster.nodata] = np.nan
    transform = (raster.step_x, 0.0, raster.west, 0.0, -raster.step_y, raster.north)
    return Heights(cells, transform, WGS84)


def _pixel_m(given: Heights) -> float:
    """Return the side of a pixel: half the source's, to two figures [m]."""
    from pyproj import CRS

    a, b, d, e = (given.transform[place] for place in (0, 1, 3, 4))
    step = float(np.hypot(b, e)) if (b or e) else float(np.hypot(a, d))
    crs = CRS.from_user_input(given.crs)
    if crs.is_geographic:
        step *= _METRES_PER_DEGREE
    else:
        step *= crs.axis_info[0].unit_conversion_factor
    return float(f"{step / PIXELS_PER_SOURCE:.2g}")


def _check_cover(given: Heights, sources: Sources, path: str | None) -> None:
    """Raise ``DataError`` naming the counties that a user's file leaves out."""
    import shapely
    from pyproj import Transformer
    from rasterio import Affine

    if path is None:
        return
    points, county = shapely.get_coordinates(sources.counties.geometry.to_numpy(), return_index=True)
    to_file = Transformer.from_crs(sources.projection.crs, given.crs, always_xy=True)
    x, y = to_file.transform(points[:, 0], points[:, 1])
    back = ~Affine(*given.transform)
    column, row = back.a * x + back.b * y + back.c, back.d * x + back.e * y + back.f
    rows, columns = given.cells.shape
    outside = ~((row >= 0) & (row <= rows) & (column >= 0) & (column <= columns))
    lost = sources.counties["county"].to_numpy()[np.unique(county[outside])]
    if len(lost):
        names = ", ".join(str(code) for code in lost[:5])
        message = f"does not cover {len(lost)} counties, such as {names}; name a file that covers the area"
        raise DataError((Problem(str(path), "geodata.dem", message),))


def _reprojected(given: Heights, grid: Grid, crs: str) -> NDArray[np.float32]:
    """Return heights on a grid, NaN where the source knows none."""
    from rasterio import Affine
    from rasterio.warp import Resampling, reproject

    found = np.full(grid.shape, np.nan, dtype=np.float32)
    reproject(
        given.cells,
        found,
        src_transform=Affine(*given.transform),
        src_crs=given.crs,
        src_nodata=np.nan,
        dst_transform=Affine(grid.pixel_m, 0.0, grid.west_m, 0.0, -grid.pixel_m, grid.north_m),
        dst_crs=crs,
        dst_nodata=np.nan,
        resampling=Resampling.bilinear,
    )
    return found
