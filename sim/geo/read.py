"""The only door through which a file of geography or of a user's data comes in.

Every file is checked in the same order: the path (a regular file, no network or virtual file
system name, no way out of its folder), the first bytes, the driver named outright, the size from
the header, then coordinate system and validity of what was read.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sim.errors import DataError, Problem
from sim.files import read_csv_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# GDAL must never follow a file into another one or onto the network. It reads these only when it
# is loaded, hence before pyogrio and rasterio, which are imported only by the functions below.
_FORBIDDEN_DRIVERS = (
    "VRT OGR_VRT WMS WMTS WCS WFS HTTP OAPIF OGCAPI PLMOSAIC PLSCENES NGW DAAS EEDA EEDAI STACIT STACTA GTI "
    "Elasticsearch Carto AmigoCloud CSW MongoDBv3 PostgreSQL MySQL ODBC DERIVED TileDB Zarr"
)
os.environ["GDAL_SKIP"] = f"{os.environ.get('GDAL_SKIP', '')} {_FORBIDDEN_DRIVERS}".strip()
os.environ.setdefault("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR")
os.environ.setdefault("CPL_VSIL_CURL_ALLOWED_EXTENSIONS", ".none")
# GDAL grumbles on standard error about every driver that a build lacks.
os.environ.setdefault("CPL_LOG", os.devnull)

WGS84 = "EPSG:4326"
_MAGIC = {
    "gpkg": (b"SQLite format 3\x00",),
    "tif": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    "parquet": (b"PAR1",),
    "json": (b"{", b"["),
}
_SUFFIXES = {
    ".gpkg": "gpkg",
    ".tif": "tif",
    ".tiff": "tif",
    ".parquet": "parquet",
    ".json": "json",
    ".geojson": "json",
}
MOST_BYTES = 1 << 30
MOST_PIXELS = 200_000_000
MOST_FEATURES = 5_000_000
_LON, _LAT = (-180.0, 180.0), (-90.0, 90.0)


def refuse(path: Path | str, message: str, key: str = "") -> DataError:
    """Return the error that names a file, the feature or column, and the cure."""
    return DataError((Problem(str(path), key, message),))


def check_file(path: Path | str, root: Path | None = None) -> Path:
    """Return the resolved path of a regular file that may be opened.

    Raises ``DataError`` for a name that GDAL would fetch from elsewhere, for anything but a regular
    file, for a link that leads out of ``root``, for wrong first bytes and for a file too large.
    """
    text = str(path)
    if "://" in text or "/vsi" in text.replace("\\", "/").lower() or "\0" in text:
        raise refuse(text, "is not a plain file name; copy the file here and give its path")
    try:
        real = Path(text).resolve(strict=True)
        size = real.stat().st_size
    except (OSError, RuntimeError) as error:
        reason = (
            "there is no such file" if isinstance(error, FileNotFoundError) else f"cannot be opened: {error}"
        )
        raise refuse(text, reason) from None
    if not real.is_file():
        raise refuse(text, "is not a regular file")
    if root is not None and not real.is_relative_to(root.resolve()):
        raise refuse(text, f"leads out of {root}; put the file itself there instead of a link")
    if size > MOST_BYTES:
        raise refuse(text, f"has {size >> 20} MiB; at most {MOST_BYTES >> 20} MiB are read")
    _check_magic(real, text)
    return real


def _check_magic(real: Path, text: str) -> None:
    kind = _SUFFIXES.get(Path(text).suffix.lower())
    if kind is None:
        return
    with real.open("rb") as stream:
        head = stream.read(64)
    if kind == "json":
        head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(_MAGIC[kind]):
        raise refuse(text, f"does not begin as a {kind} file does; its content is of another format")


def read_text(path: Path | str, root: Path | None = None) -> str:
    """Return a UTF-8 text file."""
    real = check_file(path, root)
    try:
        return real.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise refuse(path, f"is not UTF-8 text (byte {error.start})") from None


def read_json(path: Path | str, root: Path | None = None) -> Any:
    """Return what a JSON file holds."""
    try:
        return json.loads(read_text(path, root))
    except (json.JSONDecodeError, RecursionError) as error:
        raise refuse(path, f"is not valid JSON: {error}") from None


def read_geojson_geometry(path: Path | str) -> Any:
    """Return the (multi)polygon that a GeoJSON file of one bare geometry holds, coordinates as they stand."""
    text = read_text(path)
    try:
        geometry = shapely.from_geojson(text)
    except shapely.errors.GEOSException as error:
        raise refuse(path, f"is not a GeoJSON geometry: {error}") from None
    check_geometry(path, [geometry], ("Polygon", "MultiPolygon"), degrees=True)
    return geometry


def read_vector(path: Path | str, root: Path | None = None, layer: str | None = None) -> gpd.GeoDataFrame:
    """Return one layer of a GeoPackage in WGS-84, checked.

    Raises ``DataError`` naming file, feature and cure where a layer, the coordinate system or a
    coordinate is missing or wrong.
    """
    import pyogrio

    real = check_file(path, root)
    if real.suffix.lower() != ".gpkg":
        raise refuse(path, "is no GeoPackage (.gpkg); convert it, for example with ogr2ogr")
    try:
        info = pyogrio.read_info(real, layer=layer)
        if info["driver"] != "GPKG":
            raise refuse(path, f"is read as {info['driver']}, not as a GeoPackage")
        if info["features"] > MOST_FEATURES:
            raise refuse(path, f"has {info['features']} features; at most {MOST_FEATURES} are read")
        frame = pyogrio.read_dataframe(real, layer=layer)
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.GeometryError,
    ) as error:
        raise refuse(path, f"cannot be read as a GeoPackage: {error}") from None
    if not isinstance(frame, gpd.GeoDataFrame):
        raise refuse(path, "has no geometry column")
    if frame.crs is None:
        raise refuse(path, "has no coordinate system; set it, for example ogr2ogr -a_srs EPSG:4326")
    if not frame.crs.equals(WGS84, ignore_axis_order=True):
        frame = frame.to_crs(WGS84)
    check_geometry(path, frame.geometry.array, (), degrees=True)
    return frame


def check_geometry(path: Path | str, geometries: Any, kinds: tuple[str, ...], *, degrees: bool) -> None:
    """Raise ``DataError`` naming the features that are empty, not finite, out of range or of a wrong kind."""
    shapes = np.asarray(geometries, dtype=object)
    bounds = shapely.bounds(shapes)
    problems: list[Problem] = []
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    _report(problems, path, empty, "is empty; remove the feature or give it a geometry")
    finite = np.isfinite(bounds).all(axis=1)
    _report(problems, path, ~finite & ~empty, "has a coordinate that is not a finite number")
    if degrees:
        good = finite & (bounds[:, 0] >= _LON[0]) & (bounds[:, 2] <= _LON[1])
        good &= (bounds[:, 1] >= _LAT[0]) & (bounds[:, 3] <= _LAT[1])
        cure = "lies outside longitude -180..180, latitude -90..90: are the axes swapped or the units metres?"
        _report(problems, path, ~good & finite & ~empty, cure)
    if kinds:
        names = [geometry.geom_type if geometry is not None else "" for geometry in shapes]
        wrong = ~np.isin(names, kinds) & ~empty
        _report(problems, path, wrong, f"is not a {' or '.join(kinds)}")
    if problems:
        raise DataError(tuple(problems))


def _report(problems: list[Problem], path: Path | str, bad: NDArray[np.bool_], message: str) -> None:
    rows = np.flatnonzero(bad)
    problems += [Problem(str(path), f"feature {row}", message) for row in rows[:5]]
    if len(rows) > 5:
        problems.append(Problem(str(path), f"and {len(rows) - 5} more features", message))


def read_table(path: Path | str, required: Iterable[str], root: Path | None = None) -> pd.DataFrame:
    """Return a Parquet table; ``DataError`` names the columns it lacks."""
    real = check_file(path, root)
    if real.suffix.lower() != ".parquet":
        raise refuse(path, "is no Parquet file (.parquet)")
    try:
        frame = pd.read_parquet(real)
    except (OSError, ValueError, KeyError) as error:
        raise refuse(path, f"cannot be read as Parquet: {error}") from None
    missing = [name for name in required if name not in frame.columns]
    if missing:
        raise refuse(path, f"lacks the column(s) {', '.join(missing)}")
    return frame


@dataclass(frozen=True)
class Raster:
    """A window of a raster in degrees of WGS-84, north up."""

    cells: NDArray[Any]
    """Values, shape (rows, columns)."""
    west: float
    north: float
    step_x: float
    step_y: float
    nodata: float | None

    def rows_columns(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[Any, Any]:
        """Return the row and column of each position, held inside the window."""
        rows, columns = self.cells.shape
        row = np.clip(((self.north - lat) / self.step_y).astype(np.int64), 0, rows - 1)
        column = np.clip(((lon - self.west) / self.step_x).astype(np.int64), 0, columns - 1)
        return row, column

    def sample(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[Any]:
        """Return the value of the cell under each position, same shape."""
        return np.asarray(self.cells[self.rows_columns(lon, lat)])


def read_raster(
    path: Path | str,
    bounds: tuple[float, float, float, float],
    root: Path | None = None,
    *,
    relabel: bool = False,
) -> Raster:
    """Return the part of a one-band GeoTIFF inside bounds (west, south, east, north in degrees).

    ``relabel`` takes the grid for WGS-84 degrees whatever its label says, for a source whose label is
    known to be wrong.
    """
    import rasterio

    real = check_file(path, root)
    if real.suffix.lower() not in (".tif", ".tiff"):
        raise refuse(path, "is no GeoTIFF (.tif); convert it, for example with gdal_translate")
    try:
        with rasterio.open(real, driver="GTiff") as source:
            if source.width * source.height > MOST_PIXELS or source.count > 16:
                size = f"{source.width} x {source.height} x {source.count}"
                raise refuse(path, f"is {size} cells by its header; at most {MOST_PIXELS} are read")
            if not relabel and (source.crs is None or source.crs.to_epsg() != 4326):
                raise refuse(path, "is not in EPSG:4326; warp it, for example gdalwarp -t_srs EPSG:4326")
            if source.transform.b or source.transform.d or source.transform.e >= 0:
                raise refuse(path, "is not north up; warp it with gdalwarp")
            west, north, step_x, step_y = (float(source.transform[i]) for i in (2, 5, 0, 4))
            columns = _span((bounds[0] - west) / step_x, (bounds[2] - west) / step_x, source.width)
            rows = _span((bounds[3] - north) / step_y, (bounds[1] - north) / step_y, source.height)
            if columns[0] >= columns[1] or rows[0] >= rows[1]:
                raise refuse(path, f"does not cover the study area (west, south, east, north = {bounds})")
            values = source.read(1, window=(rows, columns))
            return Raster(
                values, west + columns[0] * step_x, north + rows[0] * step_y, step_x, -step_y, source.nodata
            )
    except rasterio.errors.RasterioError as error:
        raise refuse(path, f"cannot be read as GeoTIFF: {error}") from None


@dataclass(frozen=True, eq=False)
class Heights:
    """A raster of heights in a coordinate system of its own."""

    cells: NDArray[np.float32]
    """Heights, NaN where unknown, shape (rows, columns) [m]."""
    transform: tuple[float, float, float, float, float, float]
    """From column and row to position: x = a column + b row + c, y = d column + e row + f."""
    crs: str


def read_heights(path: Path | str) -> Heights:
    """Return the first band of a GeoTIFF in any coordinate system, its gaps as NaN."""
    import rasterio

    real = check_file(path)
    if real.suffix.lower() not in (".tif", ".tiff"):
        raise refuse(path, "is no GeoTIFF (.tif); convert it, for example with gdal_translate")
    try:
        with rasterio.open(real, driver="GTiff") as source:
            if source.width * source.height > MOST_PIXELS:
                size = f"{source.width} x {source.height}"
                raise refuse(path, f"is {size} cells by its header; at most {MOST_PIXELS} are read")
            if source.crs is None:
                raise refuse(
                    path, "has no coordinate system; set it, for example gdal_edit.py -a_srs EPSG:4326"
                )
            if source.transform.is_degenerate or source.transform.is_identity:
                raise refuse(path, "has no position on the ground; set it: gdal_edit.py -a_ullr")
            cells = source.read(1).astype(np.float32)
            if source.nodata is not None:
                cells[cells == np.float32(source.nodata)] = np.nan
            a, b, c, d, e, f = (float(step) for step in source.transform[:6])
            return Heights(cells, (a, b, c, d, e, f), source.crs.to_wkt())
    except rasterio.errors.RasterioError as error:
        raise refuse(path, f"cannot be read as GeoTIFF: {error}") from None


def _span(first: float, last: float, length: int) -> tuple[int, int]:
    """Return the cells from one fractional position to another, held inside the raster."""
    return max(int(np.floor(first + 1e-6)), 0), min(int(np.ceil(last - 1e-6)), length)


def read_csv(path: Path | str, required: Sequence[str], root: Path | None = None) -> pd.DataFrame:
    """Return a CSV table as text columns; ``DataError`` names what it lacks."""
    real = check_file(path, root)
    rows = [row for _, row in read_csv_rows(real, tuple(required))]
    return pd.DataFrame(rows, columns=list(rows[0]) if rows else list(required), dtype="str")


def read_csv_lines(path: Path | str, root: Path | None = None) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return a CSV table as text columns, whatever they are, and the line on which each row ends."""
    real = check_file(path, root)
    found = read_csv_rows(real, ())
    frame = pd.DataFrame([row for _, row in found], dtype="str")
    return frame, np.array([line for line, _ in found], dtype=np.int64)
