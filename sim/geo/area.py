"""The study area: the frozen bundle of its layers in one projected coordinate system."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.clock import Horizon
from sim.errors import DataError, Problem, ScenarioError
from sim.files import cached_folder, digest_of, sha256
from sim.geo.catalog import LayerNote
from sim.geo.census import PROVINCES
from sim.geo.grid import Grid
from sim.geo.kept import load_layers, save_layers
from sim.geo.months import by_month
from sim.geo.options import GeodataOptions
from sim.geo.sources import fingerprint, read_sources
from sim.tables.layers import URBAN_KINDS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from sim.geo.dem import Dem

log = logging.getLogger(__name__)

SYNTHETIC = "synthetic"
DEM_FILE = "dem.tif"
MOST_PIXELS = 100_000_000
"""A raster over the area has no more: its maps would take several gigabytes."""


@dataclass(frozen=True, eq=False)
class Area:
    """All layers of a study area; positions in metres of ``crs``."""

    name: str
    crs: str
    counties: gpd.GeoDataFrame
    """Columns county, name, prefecture, homes and population of 2010 and 2020, geometry."""
    zones: pd.DataFrame
    points: pd.DataFrame
    places: pd.DataFrame
    roads: pd.DataFrame
    locations: pd.DataFrame
    layers: tuple[LayerNote, ...]
    dem_file: Path | None = None
    """Where the heights are kept; ``None`` where there is no height model."""

    @cached_property
    def dem(self) -> Dem | None:
        """Heights of the ground, read on first need; ``None`` where relief is modelled."""
        from sim.geo.dem import load_dem

        return None if self.dem_file is None else load_dem(self.dem_file, self.crs)

    @property
    def n_zones(self) -> int:
        """How many zones there are."""
        return len(self.zones)

    @property
    def n_points(self) -> int:
        """How many points there are."""
        return len(self.points)

    @cached_property
    def urban(self) -> NDArray[np.bool_]:
        """Whether each zone is urban, shape (zones,)."""
        return self.zones["kind"].isin(URBAN_KINDS).to_numpy()

    @cached_property
    def prefectures(self) -> list[str]:
        """The prefectures in the documents' years, in order of their first county."""
        return list(dict.fromkeys(self.counties["prefecture"].tolist()))

    @cached_property
    def county_rows(self) -> NDArray[np.int64]:
        """The row of each zone's county, shape (zones,)."""
        codes = self.counties["county"].to_numpy(dtype=str)
        return np.searchsorted(codes, self.zones["county"].to_numpy(dtype=str)).astype(np.int64)

    def grid(self, pixel_m: float) -> Grid:
        """Return the raster that holds the counties, its edges at whole pixels.

        Raises ``DataError`` where it would not fit into memory.
        """
        west, south, east, north = (float(edge) for edge in self.counties.total_bounds)
        grid = Grid.around((west, south, east, north), pixel_m)
        if grid.rows * grid.columns > MOST_PIXELS:
            least = pixel_m * (grid.rows * grid.columns / MOST_PIXELS) ** 0.5
            message = (
                f"{pixel_m:g} m makes {grid.rows} x {grid.columns} pixels of {self.name}, more than "
                f"{MOST_PIXELS:,}; take {least:.0f} m or more"
            )
            raise DataError((Problem("raster", "terrain_pixel", message),))
        return grid

    def homes(self, horizon: Horizon) -> NDArray[np.int32]:
        """Return the homes of each zone at the middle of each month, shape (months, zones).

        Linear between the censuses of 2010-11-01 and 2020-11-01 and held before and after; a
        county's total is the rounded interpolation and its zones sum to it exactly.
        """
        return self._by_month(horizon, "homes")

    def population(self, horizon: Horizon) -> NDArray[np.int32]:
        """Return the residents of each zone at the middle of each month, as ``homes`` does."""
        return self._by_month(horizon, "population")

    def _by_month(self, horizon: Horizon, what: str) -> NDArray[np.int32]:
        first, second = (self.zones[f"{what}_{year}"].to_numpy(dtype=np.int64) for year in (2010, 2020))
        return by_month(horizon.middle_years(), (first, second), self.county_rows)


def _code() -> list[str]:
    """Return the hashes of the package's own modules: code that places homes otherwise builds anew."""
    return [np.__version__, *(sha256(module) for module in sorted(Path(__file__).parent.glob("*.py")))]


def _quiet(stage: str, share: float) -> None:
    log.debug("%s (%.0f %%)", stage, 100 * share)


def read_area(
    province: str, options: GeodataOptions, on_progress: Callable[[str, float], None] | None = None
) -> tuple[Area, bool]:
    """Return the area of a province and whether it came from the cache.

    Parameters
    ----------
    province
        One of the provinces of the census table, or ``synthetic``.
    options
        Where the layers come from and how homes are placed.
    on_progress
        Called with the name of each step and the share of the work done before it.

    Raises
    ------
    ScenarioError
        Where province and options do not fit together.
    DataError
        Where a package, a file or a figure is missing or wrong; it names the cure.
    """
    _check(province, options)
    progress = on_progress or _quiet
    progress("looking for the data", 0.0)
    key = digest_of([_code(), province, options.model_dump(mode="json"), fingerprint(province, options)])

    def build(folder: Path) -> None:
        from sim.geo.build import build_layers  # a cached area needs none of their imports
        from sim.geo.dem import dem_of

        progress("reading the sources", 0.05)
        sources = read_sources(province, options)
        layers = build_layers(sources, options, progress)
        progress("keeping the layers", 0.95)
        dem = dem_of(sources, options.dem)
        if dem is not None:
            dem.write_to(folder / DEM_FILE)
        save_layers(folder, layers, {"name": province, "crs": sources.projection.crs}, sources.notes)

    folder, cached = cached_folder("area", key[:32], build)
    layers, meta, notes = load_layers(folder)
    progress("done", 1.0)
    log.info("area %s: %d zones, %d points", province, len(layers["zones"]), len(layers["points"]))
    dem_file = folder / DEM_FILE
    heights = dem_file if dem_file.is_file() else None
    return Area(**meta, **layers, layers=notes, dem_file=heights), cached


def _check(province: str, options: GeodataOptions) -> None:
    problem = ""
    if province not in (*PROVINCES, SYNTHETIC):
        problem = (
            f"{province!r} is no province this can be asked of; allowed: {', '.join(PROVINCES)}, {SYNTHETIC}"
        )
    elif province == SYNTHETIC and options.synthetic is None:
        problem = "a synthetic province needs geodata.synthetic"
    elif province != SYNTHETIC and options.synthetic is not None:
        problem = (
            f"geodata.synthetic makes up a region, but the province is {province}; write province: synthetic"
        )
    elif options.bundle is not None and options.synthetic is not None:
        problem = "geodata.bundle and geodata.synthetic exclude each other"
    if problem:
        raise ScenarioError((Problem("geodata", "province", problem),))
