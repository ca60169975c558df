"""Terrain windows kept between runs: a site that was swept once is not swept again.

What all windows share (heights, raster, link, code) is the key of a folder; each call that meets new sites
adds one file of their windows to it. So a plan with a few sites more computes those alone.
"""

from __future__ import annotations

import hashlib
import io
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError
from sim.files import cache_root, digest_of, read_bytes, sha256, write_bytes
from sim.geo.dem import Dem
from sim.geo.grid import Grid
from sim.radio.sweep import Link
from sim.radio.windows import Masts, TerrainWindows, check_masts, exact_windows, place_of, sweep_windows

log = logging.getLogger(__name__)

Method = Literal["sweep", "exact"]
KIND = "terrain"
"""Folder of the cache."""
_MODULES = ("diffraction", "terrain", "sweep", "fast_sweep", "fast_math", "windows")
_PER_METRE = 1000.0
Keys = NDArray[np.int64]
"""Easting, northing, height and radius of each site [mm], shape (N, 4)."""


@dataclass(frozen=True, eq=False)
class _Rounded:
    """Sites with positions, heights and radii of whole millimetres: what a key says is what is computed."""

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    height_m: NDArray[np.float64]
    radius_m: NDArray[np.float64]

    @classmethod
    def of(cls, keys: Keys) -> _Rounded:
        return cls(*(keys.T / _PER_METRE))


def terrain_windows(
    dem: Dem, grid: Grid, masts: Masts, link: Link, *, method: Method = "sweep", cache: bool = True
) -> TerrainWindows:
    """Return the loss by terrain around each site, from the cache where it was computed before.

    No site gives no window. The same sites give the same bytes, whatever was cached and in whatever order.

    Parameters
    ----------
    dem
        Heights of the ground.
    grid
        The raster that windows are cut from.
    masts
        Sites: ``x_m``, ``y_m``, ``height_m`` and ``radius_m``, each of shape (N,).
    link
        Frequency, terminal and what of the loss is wanted.
    method
        Rays swept outwards, or a profile for each pixel (slow).
    cache
        Whether windows are read from the cache and new ones kept there.

    Raises
    ------
    DataError
        Naming sites outside the height model, and heights, radii or a frequency that are not above zero.
    """
    check_masts(dem, masts, link)
    columns = (masts.x_m, masts.y_m, masts.height_m, masts.radius_m)
    stacked = np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])
    keys = np.round(stacked * _PER_METRE).astype(np.int64).reshape(-1, 4)
    wanted, which = np.unique(keys, axis=0, return_inverse=True)
    compute = sweep_windows if method == "sweep" else exact_windows
    if not cache:
        return compute(dem, grid, _Rounded.of(keys), link)
    code = [sha256(Path(__file__).with_name(f"{name}.py")) for name in _MODULES]
    family = digest_of([code, np.__version__, dem.digest, asdict(grid), asdict(link), method])
    folder = cache_root() / KIND / family[:32]
    parts: list[NDArray[np.uint8] | None] = [None] * len(wanted)
    _read(folder, wanted, parts)
    new = np.array([row for row, part in enumerate(parts) if part is None], dtype=np.int64)
    if len(new):
        windows = compute(dem, grid, _Rounded.of(wanted[new]), link)
        for number, row in enumerate(new.tolist()):
            parts[row] = windows.values[windows.first[number] : windows.first[number + 1]]
        _keep(folder, wanted[new], windows)
    log.info("terrain: %d windows, %d of them computed", len(keys), len(new))
    chosen = [parts[row] for row in which.ravel().tolist()]
    values = np.concatenate([np.zeros(0, np.uint8), *(part for part in chosen if part is not None)])
    return TerrainWindows.of(grid, place_of(grid, _Rounded.of(keys)), values)


def _read(folder: Path, wanted: Keys, parts: list[NDArray[np.uint8] | None]) -> None:
    """Fill in the windows that the folder holds; a file that cannot be read counts as absent."""
    rows = {key.tobytes(): row for row, key in enumerate(wanted)}
    for path in sorted(folder.glob("*.keys")) if folder.is_dir() else ():
        index = _load(path)
        if index is None or index.ndim != 2 or index.shape[1] != 5:
            continue
        ends = np.cumsum(index[:, 4])
        mine = [
            (row, number)
            for number, key in enumerate(np.ascontiguousarray(index[:, :4]))
            if (row := rows.get(key.tobytes())) is not None and parts[row] is None
        ]
        values = _load(path.with_suffix(".values")) if mine else None
        if values is None or len(values) != ends[-1]:
            continue
        for row, number in mine:
            parts[row] = values[ends[number] - index[number, 4] : ends[number]]


def _keep(folder: Path, keys: Keys, windows: TerrainWindows) -> None:
    """Write the windows of some sites, then what says that they are there."""
    index = np.column_stack([keys, np.diff(windows.first)])
    path = folder / f"{hashlib.sha256(keys.tobytes()).hexdigest()[:32]}.keys"
    for target, array in ((path.with_suffix(".values"), windows.values), (path, index)):
        buffer = io.BytesIO()
        np.save(buffer, array)
        write_bytes(target, buffer.getvalue())


def _load(path: Path) -> NDArray[Any] | None:
    try:
        buffer = io.BytesIO(read_bytes(path, path.stat().st_size))
        return np.asarray(np.load(buffer, allow_pickle=False))
    except (DataError, OSError, ValueError, EOFError):
        return None
