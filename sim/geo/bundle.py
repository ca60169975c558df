"""A data bundle: a folder of real layers that takes the place of modelled ones, read as it is.

The folder of a province holds ``counties.gpkg``, ``settlements.parquet``, ``villages_2016.parquet``,
``roads_osm_graph.gpkg``, ``rails_osm_graph.gpkg``, ``geonames_places.gpkg``, ``dem_dted0_30s.tif`` and
``landcover_mcd12c1_2019_005deg.tif``. County totals come from the project's own census table.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sim.errors import DataError, Problem
from sim.files import digest_of, sha256
from sim.geo.catalog import LayerNote, layer_note
from sim.geo.layers import (
    MARGIN_DEGREES,
    MODELLED,
    Bounds,
    Projection,
    Sources,
    bounds_of,
    clean_edges,
    project_edges,
    project_towns,
    projected_crs,
)
from sim.geo.read import check_file, read_raster, read_table, read_vector, refuse

COUNTIES, SETTLEMENTS, VILLAGES = "counties.gpkg", "settlements.parquet", "villages_2016.parquet"
ROADS, RAILS, TOWNS = "roads_osm_graph.gpkg", "rails_osm_graph.gpkg", "geonames_places.gpkg"
HEIGHT, LAND_COVER = "dem_dted0_30s.tif", "landcover_mcd12c1_2019_005deg.tif"
FILES = (COUNTIES, SETTLEMENTS, VILLAGES, ROADS, RAILS, TOWNS, HEIGHT, LAND_COVER)
_URBAN, _CITY = "1", "11"  # how the statistical urban-rural code of an urban and of a city committee begins


def find_folder(path: str, province: str) -> Path:
    """Return the folder of a province: the path itself, or the folder of that name in it.

    Raises ``DataError`` listing every file of the bundle that is missing.
    """
    given = Path(path)
    folder = given / province.lower() if (given / province.lower()).is_dir() else given
    if not folder.is_dir():
        raise refuse(path, f"is not a folder; geodata.bundle names the folder that holds {province.lower()}/")
    missing = tuple(
        Problem(str(folder / name), "", "is missing from the bundle")
        for name in FILES
        if not (folder / name).exists()
    )
    if missing:
        raise DataError(missing)
    return folder


def fingerprint(path: str, province: str) -> str:
    """Return a digest of the content of all files of the bundle."""
    folder = find_folder(path, province)
    return digest_of([sha256(check_file(folder / name, folder)) for name in FILES])


def read_sources(path: str, province: str, census: pd.DataFrame, census_note: LayerNote) -> Sources:
    """Return the raw layers of a province from a bundle."""
    folder = find_folder(path, province)
    projection = Projection(projected_crs(province))
    counties = _counties(folder, census)
    bounds = bounds_of(counties, MARGIN_DEGREES)
    townships, codes = _townships(folder, census, projection)
    sha = {name: sha256(folder / name) for name in FILES}
    notes = (
        census_note,
        layer_note("counties_bundle", sha256=sha[COUNTIES]),
        layer_note("roads_bundle", sha256=digest_of([sha[ROADS], sha[RAILS]])),
        layer_note("settlements_bundle", sha256=digest_of([sha[SETTLEMENTS], sha[VILLAGES]])),
        layer_note("towns_bundle", sha256=sha[TOWNS]),
        layer_note("height_bundle", sha256=sha[HEIGHT]),
        layer_note("land_cover_bundle", sha256=sha[LAND_COVER]),
        *(layer_note(key) for key in MODELLED),
    )
    return Sources(
        projection=projection,
        census=census,
        counties=counties.to_crs(projection.crs),
        towns=project_towns(_towns(folder), projection),
        edges=_edges(folder, bounds, projection),
        committees=_committees(folder, census, codes, projection),
        townships=townships,
        land_cover=read_raster(folder / LAND_COVER, bounds, folder),
        height=read_raster(folder / HEIGHT, bounds, folder),
        notes=notes,
    )


def _vector(folder: Path, name: str, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    frame = read_vector(folder / name, folder)
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise refuse(folder / name, f"lacks the column(s) {', '.join(missing)}")
    return frame


def _counties(folder: Path, census: pd.DataFrame) -> gpd.GeoDataFrame:
    frame = _vector(folder, COUNTIES, ("adcode",)).rename(columns={"adcode": "county"})
    frame = frame[["county", "geometry"]].astype({"county": str}).set_index("county")
    lost = [code for code in census["county"] if code not in frame.index]
    if lost or frame.index.has_duplicates:
        what = f"has no county {', '.join(lost[:5])}" if lost else "has a county code twice"
        raise refuse(folder / COUNTIES, f"{what}; every county of the census stands in it once", "adcode")
    frame = frame.loc[census["county"].tolist()].reset_index()
    shapes = frame.geometry.to_numpy()
    repaired = np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes))
    return gpd.GeoDataFrame({"county": frame["county"]}, geometry=repaired, crs=frame.crs)


def _edges(folder: Path, bounds: Bounds, projection: Projection) -> pd.DataFrame:
    parts = []
    for kind, name in (("road", ROADS), ("rail", RAILS)):
        frame = _vector(folder, name, ("u", "v", "length_km"))
        ends = shapely.get_coordinates(frame.geometry.to_numpy())
        if len(ends) != 2 * len(frame):
            raise refuse(folder / name, "has lines of more than two points; an edge is one straight line")
        ends = ends.reshape(-1, 4)
        edges = pd.DataFrame(ends, columns=["lon0", "lat0", "lon1", "lat1"]).assign(
            u=frame["u"].to_numpy(), v=frame["v"].to_numpy(), length_km=frame["length_km"].to_numpy()
        )
        for column in ("road_class", "tunnel"):
            if column in frame.columns:
                edges[column] = frame[column].to_numpy()
        west, south, east, north = bounds
        near = edges["lon0"].between(west, east) & edges["lat0"].between(south, north)
        near |= edges["lon1"].between(west, east) & edges["lat1"].between(south, north)
        parts.append(project_edges(clean_edges(edges[near]), kind, projection))
    return pd.concat(parts, ignore_index=True)


def _towns(folder: Path) -> pd.DataFrame:
    frame = _vector(folder, TOWNS, ("geonameid", "name", "population"))
    place = shapely.get_coordinates(frame.geometry.to_numpy())
    towns = pd.DataFrame(frame[["geonameid", "name"]])
    return towns.assign(population=frame["population"].fillna(0.0), lon=place[:, 0], lat=place[:, 1])


def _townships(folder: Path, census: pd.DataFrame, projection: Projection) -> tuple[pd.DataFrame, list[str]]:
    """Return the seats of all township-level units (county row, x_m, y_m), and their codes, sorted."""
    columns = ("code", "adcode", "lon", "lat", "is_partition")
    frame = read_table(folder / SETTLEMENTS, columns, folder)
    frame = frame[frame["is_partition"].to_numpy(dtype=bool)].astype({"adcode": str})
    county = _rows(frame["adcode"], census)
    frame = frame.assign(county=county)[county >= 0].sort_values(["county", "code"], ignore_index=True)
    _every_county(frame, census, folder / SETTLEMENTS, "township")
    x, y = _positions(frame, folder / SETTLEMENTS, projection)
    return pd.DataFrame({"county": frame["county"], "x_m": x, "y_m": y}), frame["code"].astype(str).tolist()


def _committees(folder: Path, census: pd.DataFrame, codes: list[str], projection: Projection) -> pd.DataFrame:
    """Return the committees of the bundle by county: urban ones first, then by code."""
    columns = ("code", "name", "adcode", "township_code", "ur_code", "lon", "lat")
    frame = read_table(folder / VILLAGES, columns, folder).astype({"adcode": str, "township_code": str})
    kind = frame["ur_code"].astype(str)
    frame = frame.assign(
        county=_rows(frame["adcode"], census),
        urban=kind.str.startswith(_URBAN),
        city=kind.str.startswith(_CITY),
    )
    order = ["county", "urban", "code"]
    frame = frame[frame["county"] >= 0].sort_values(order, ascending=[True, False, True], ignore_index=True)
    _every_county(frame, census, folder / VILLAGES, "committee")
    if frame["code"].duplicated().any():
        twice = frame["code"][frame["code"].duplicated()].iloc[0]
        raise refuse(folder / VILLAGES, f"has {twice} twice; remove one", "code")
    township = pd.Series(np.arange(len(codes)), index=codes).reindex(frame["township_code"]).fillna(-1)
    x, y = _positions(frame, folder / VILLAGES, projection)
    return pd.DataFrame(
        {
            "county": frame["county"],
            "urban": frame["urban"].to_numpy(dtype=bool),
            "city": frame["city"].to_numpy(dtype=bool),
            "name": frame["name"].fillna("").to_numpy(dtype=object),
            "township": township.to_numpy(dtype=np.int64),
            "x_m": x,
            "y_m": y,
        }
    )


def _every_county(frame: pd.DataFrame, census: pd.DataFrame, path: Path, what: str) -> None:
    lost = census["county"][~census.index.isin(frame["county"])]
    if len(lost):
        raise refuse(path, f"has no {what} of county {', '.join(lost[:5])}; every county needs one", "adcode")


def _rows(codes: pd.Series, census: pd.DataFrame) -> np.ndarray:
    """Return the county row of each code, -1 for a county not asked for."""
    rows = pd.Series(np.arange(len(census)), index=census["county"])
    return rows.reindex(codes).fillna(-1).to_numpy(dtype=np.int64)


def _positions(frame: pd.DataFrame, path: Path, projection: Projection) -> tuple[np.ndarray, np.ndarray]:
    """Return positions in metres, nan where the source has none."""
    lon, lat = (frame[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ("lon", "lat"))
    known = ~np.isnan(lon) & ~np.isnan(lat)
    wrong = np.flatnonzero(known & ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90)))
    if len(wrong):
        code = frame["code"].iloc[wrong[0]]
        raise refuse(
            path, "lies outside longitude -180..180, latitude -90..90; are the columns swapped?", str(code)
        )
    x, y = np.full(len(frame), np.nan), np.full(len(frame), np.nan)
    x[known], y[known] = projection.to_metres(lon[known], lat[known])
    return x, y
