"""What the sources of geography have in common: the raw layers that ``settle`` works on."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Transformer

from sim.geo.catalog import LayerNote
from sim.geo.read import WGS84, Raster

Floats = NDArray[np.float64]
Bounds = tuple[float, float, float, float]
"""West, south, east, north [degree]."""

MARGIN_DEGREES = 0.1
"""Roads, land cover and heights are read so far beyond the counties (about 10 km)."""
MODELLED = ("zones_modelled", "points_modelled", "places_modelled", "locations_modelled")
"""Catalogue entries of the layers that are always placed by rule."""

CLASS_WITHOUT_SOURCE = 3
"""Where a source names no class, what it holds are major roads, read here as class 3 of 4."""
LONGEST_EDGE_KM = 60.0
"""Longer straight edges of the sources are ferries and errors."""
_CENTRES = {
    "Yunnan": (25, 102),
    "Sichuan": (30, 103),
    "Shandong": (36, 119),
    "Hunan": (27, 112),
    "synthetic": (25, 102),
}


def projected_crs(province: str) -> str:
    """Return the one projected coordinate system of an area, in metres.

    An equal-area azimuthal projection about the province's middle: areas are exact and lengths right
    to 0.2 % anywhere in the province, better than a transverse Mercator zone over its width.
    """
    lat, lon = _CENTRES[province]
    return f"+proj=laea +lat_0={lat} +lon_0={lon} +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"


@dataclass(frozen=True)
class Projection:
    """The way between degrees and the area's metres."""

    crs: str

    def to_metres(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Return eastings and northings [m], rounded to a millimetre."""
        x, y = Transformer.from_crs(WGS84, self.crs, always_xy=True).transform(lon, lat)
        return np.round(x, 3), np.round(y, 3)

    def to_degrees(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return longitudes and latitudes [degree]."""
        lon, lat = Transformer.from_crs(self.crs, WGS84, always_xy=True).transform(x, y)
        return np.asarray(lon), np.asarray(lat)


@dataclass(frozen=True, eq=False)
class Sources:
    """The layers as read, in the area's projection."""

    projection: Projection
    census: pd.DataFrame
    """One row a county, by code."""
    counties: gpd.GeoDataFrame
    """Columns county, geometry; same rows as the census."""
    towns: pd.DataFrame
    """Populated places: x_m, y_m, population; largest first."""
    edges: pd.DataFrame
    """Roads and railways in and around: u, v, kind, road_class, tunnel, length_km, x0_m, y0_m, x1_m, y1_m."""
    committees: pd.DataFrame
    """Committees by county: county (row), urban, city, name, township (row or -1), x_m, y_m (nan where
    unknown)."""
    townships: pd.DataFrame | None
    """Township seats: county (row), x_m, y_m; ``None`` where they are modelled."""
    land_cover: Raster | None
    height: Raster | None
    """Heights [m]; ``None`` where relief is modelled."""
    notes: tuple[LayerNote, ...]
    split_urban: bool = True
    """Whether large urban committees become several zones."""


def modelled_committees(census: pd.DataFrame) -> pd.DataFrame:
    """Return the committees of the counties when only their numbers are known: urban ones first."""
    urban = (census["committees"] - census["rural_committees"]).to_numpy()
    rural = census["rural_committees"].to_numpy()
    counts = np.column_stack([urban, rural]).ravel()
    county = np.repeat(np.repeat(np.arange(len(census)), 2), counts)
    is_urban = np.repeat(np.tile([True, False], len(census)), counts)
    district = census["name"].str.endswith("区").to_numpy()
    blank = np.full(len(county), np.nan)
    return pd.DataFrame(
        {
            "county": county,
            "urban": is_urban,
            "city": is_urban & district[county],
            "name": np.full(len(county), "", dtype=object),
            "township": np.full(len(county), -1),
            "x_m": blank,
            "y_m": blank,
        }
    )


def project_edges(edges: pd.DataFrame, kind: str, projection: Projection) -> pd.DataFrame:
    """Return edges in degrees as edges in metres, with their kind, class and tunnel."""
    x0, y0 = projection.to_metres(edges["lon0"].to_numpy(), edges["lat0"].to_numpy())
    x1, y1 = projection.to_metres(edges["lon1"].to_numpy(), edges["lat1"].to_numpy())
    kept = edges[["u", "v", "length_km"]]
    road_class = edges.get("road_class", CLASS_WITHOUT_SOURCE)
    tunnel = edges.get("tunnel", False)
    return kept.assign(kind=kind, road_class=road_class, tunnel=tunnel, x0_m=x0, y0_m=y0, x1_m=x1, y1_m=y1)


def project_towns(towns: pd.DataFrame, projection: Projection) -> pd.DataFrame:
    """Return places in metres, the most populous first, ties by their number in the source."""
    x, y = projection.to_metres(towns["lon"].to_numpy(), towns["lat"].to_numpy())
    frame = towns.assign(x_m=x, y_m=y).sort_values(["population", "geonameid"], ascending=[False, True])
    return frame[["name", "population", "x_m", "y_m"]].reset_index(drop=True)


def bounds_of(counties: gpd.GeoDataFrame, margin: float) -> Bounds:
    """Return the bounds of counties in degrees, widened by a margin."""
    west, south, east, north = (float(edge) for edge in counties.total_bounds)
    return west - margin, south - margin, east + margin, north + margin


def clean_edges(edges: pd.DataFrame) -> pd.DataFrame:
    """Return edges without loops and without those too long to be one road."""
    good = (edges["u"] != edges["v"]) & (edges["length_km"] > 0) & (edges["length_km"] <= LONGEST_EDGE_KM)
    return edges[good].reset_index(drop=True)
