"""The one writer of files (temporary name, fsync, rename) and the content-hash cache.

Text tables that the project itself ships are read here too; every file of geography or of a
user's data comes in through ``sim.geo.read``.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.errors import DataError, Problem, StoreError


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def digest_of(value: object) -> str:
    """Return the SHA-256 of a JSON-able value, independent of key order."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file so that its final name never shows half of it.

    Raises ``StoreError`` naming the path where the disk refuses.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from error


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text file atomically."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: object) -> None:
    """Write JSON with sorted keys; NaN is refused."""
    write_text(path, json.dumps(value, sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def write_csv(path: Path, header: list[str], rows: Iterator[list[Any]] | list[list[Any]]) -> None:
    """Write a CSV file; a text that a spreadsheet would run as a formula gets a leading quote."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    write_text(path, buffer.getvalue())


def _harmless(cell: Any) -> Any:
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(cell):
        return "'" + cell
    return cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def write_parquet(path: Path, frame: Any) -> None:
    """Write a pandas frame as Parquet (zstd); the same frame gives the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False)
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd", compression_level=3)
    write_bytes(path, buffer.getvalue().to_pybytes())


def write_cog(path: Path, array: Any, grid: Any, crs: str, *, nodata: float | None = None) -> None:
    """Write a raster as Cloud-Optimised GeoTIFF with overviews; the same raster gives the same bytes.

    Parameters
    ----------
    path
        The file.
    array
        Shape (rows, columns), or (bands, rows, columns).
    grid
        Where the pixels lie (a ``sim.geo.grid.Grid`` of that shape).
    crs
        Coordinate system of the grid.
    nodata
        The value that stands for nothing.
    """
    import numpy as np
    from rasterio import Affine
    from rasterio.io import MemoryFile

    bands = np.asarray(array)
    if bands.ndim == 2:
        bands = bands[None]
    profile = {
        "driver": "COG",
        "dtype": bands.dtype.name,
        "count": len(bands),
        "height": bands.shape[1],
        "width": bands.shape[2],
        "crs": crs,
        "transform": Affine(grid.pixel_m, 0.0, grid.west_m, 0.0, -grid.pixel_m, grid.north_m),
        "nodata": nodata,
        "compress": "DEFLATE",
        "predictor": "YES",
        "blocksize": 256,
        "overviews": "IGNORE_EXISTING",
        "overview_resampling": "NEAREST" if bands.dtype.kind in "iu" else "AVERAGE",
        "num_threads": 1,
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(bands)
        write_bytes(path, bytes(memory.getbuffer()))


def write_geopackage(path: Path, layers: Mapping[str, Any]) -> None:
    """Write GeoDataFrames as the layers of one GeoPackage; no layer may be empty of columns.

    Its time stamps are fixed, so that the same layers give the same bytes.
    """
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"})
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / path.name
        for name, frame in layers.items():
            pyogrio.write_dataframe(frame, target, layer=name, driver="GPKG", append=target.exists())
        write_bytes(path, target.read_bytes())
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def read_parquet(path: Path) -> Any:
    """Return a Parquet file written by this package as a pandas frame."""
    import pandas as pd

    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise StoreError(f"cannot read {path}: {error}") from error


def shipped(kind: str) -> Path:
    """Return the folder ``scenarios`` or ``geodata`` that came with the package.

    A wheel carries them inside the package; in a checkout they stand beside it.
    """
    package = Path(__file__).resolve().parent
    inside = package / "shipped" / kind
    return inside if inside.is_dir() else package.parent / kind


def read_bytes(path: Path, limit: int) -> bytes:
    """Return the content of a regular file of at most ``limit`` bytes; else raise ``DataError``."""
    try:
        if path.exists() and not path.is_file():
            raise DataError((Problem(str(path), "", "is no regular file"),))
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except FileNotFoundError:
        raise DataError((Problem(str(path), "", "there is no such file"),)) from None
    except (OSError, ValueError) as error:
        raise DataError((Problem(str(path), "", f"cannot be read: {error}"),)) from error
    if len(data) > limit:
        raise DataError((Problem(str(path), "", f"is larger than the {limit // 1024} KiB allowed"),))
    return data


def read_text(path: Path) -> str:
    """Return a UTF-8 text file; ``DataError`` where it is absent or not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError((Problem(str(path), "", "there is no such file"),)) from None
    except OSError as error:
        raise DataError((Problem(str(path), "", f"cannot be read: {error.strerror or error}"),)) from error
    except UnicodeDecodeError as error:
        raise DataError((Problem(str(path), "", f"is not UTF-8 text (byte {error.start})"),)) from error


def read_csv_rows(path: Path, required: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a CSV file with the line each ends on.

    Raises ``DataError`` naming every required column that is missing and every row with too many
    or too few cells.
    """
    reader = csv.DictReader(io.StringIO(read_text(path)), restkey="\0extra", restval="\0missing")
    missing = [name for name in required if name not in (reader.fieldnames or [])]
    if missing:
        message = f"lacks the column(s) {', '.join(missing)}; it needs {', '.join(required)}"
        raise DataError((Problem(str(path), "", message, 1),))
    rows, problems = [], []
    for row in reader:
        if "\0extra" in row or "\0missing" in row.values():
            problems.append(Problem(str(path), "", "has not as many cells as the header", reader.line_num))
            continue
        rows.append((reader.line_num, {name: text.strip() for name, text in row.items()}))
    if problems:
        raise DataError(tuple(problems))
    return rows


def cache_root() -> Path:
    """Return the folder of cached geography: ``ROLLOUT_CACHE``, else the user's cache folder."""
    chosen = os.environ.get("ROLLOUT_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rollout-planner"


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder that takes the place of ``path`` when the block ends well."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp"))
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from error
    try:
        yield work
        work.chmod(0o755)
        old = path.with_name(f".{path.name}.old.tmp")
        shutil.rmtree(old, ignore_errors=True)
        if path.exists():
            path.rename(old)
        work.rename(path)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def cached_folder(kind: str, key: str, build: Callable[[Path], None]) -> tuple[Path, bool]:
    """Return the cached folder of this content key, built on first need, and whether it was there."""
    folder = cache_root() / kind / key
    if (folder / "DONE").is_file():
        return folder, True
    with new_folder(folder) as work:
        build(work)
        write_text(work / "DONE", key + "\n")
    return folder, False
