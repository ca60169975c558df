"""A made-up region from a seed: for tests, the tutorial and benchmarks, 10 to 300,000 zones."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sim.geo.catalog import layer_note
from sim.geo.layers import (
    CLASS_WITHOUT_SOURCE,
    MODELLED,
    Projection,
    Sources,
    modelled_committees,
    projected_crs,
)
from sim.geo.options import SyntheticOptions
from sim.randomness import Streams

SYNTHETIC = "synthetic"
_FIRST_CODE = 990101
_GROWTH = 1.15
"""Homes of 2020 over homes of 2010, about what the four provinces saw."""
_URBAN_GAIN = 0.14
"""Share of the people who moved from village to town between the censuses, likewise."""
_MEAN_HEIGHT_M = 1000.0


def read_sources(options: SyntheticOptions, seed: int) -> Sources:
    """Return the raw layers of a made-up region: a square of counties like a chequer-board."""
    streams = Streams(seed)
    projection = Projection(projected_crs(SYNTHETIC))
    counties = _counties(options)
    census = _census(options, counties.geometry.area.to_numpy() / 1e6, streams)
    middles = shapely.get_coordinates(counties.geometry.centroid.to_numpy())
    side = float(np.sqrt(counties.geometry.area.iloc[0]))
    draw = streams.generator("geo/synthetic/town").random((len(counties), 2))
    towns = middles + (draw - 0.5) * side / 2
    people = census["population_2020"].to_numpy(dtype=np.float64)
    order = np.argsort(-people, kind="stable")
    frame = pd.DataFrame(
        {"name": census["name"], "population": people, "x_m": towns[:, 0], "y_m": towns[:, 1]}
    )
    return Sources(
        projection=projection,
        census=census,
        counties=gpd.GeoDataFrame(
            {"county": census["county"]}, geometry=counties.geometry.array, crs=projection.crs
        ),
        towns=frame.iloc[order].reset_index(drop=True),
        edges=_edges(towns, side),
        committees=modelled_committees(census),
        townships=None,
        land_cover=None,
        height=None,
        notes=(layer_note(SYNTHETIC), *(layer_note(key) for key in MODELLED)),
        split_urban=False,
    )


def _columns(counties: int) -> int:
    return int(np.ceil(np.sqrt(counties)))


def _counties(options: SyntheticOptions) -> gpd.GeoDataFrame:
    n = options.counties
    side = np.sqrt(options.zones / options.zones_per_km2 / n) * 1000.0
    row, column = np.divmod(np.arange(n), _columns(n))
    west, south = np.round(column * side, 1), np.round(row * side, 1)
    return gpd.GeoDataFrame(
        geometry=shapely.box(west, south, np.round(west + side, 1), np.round(south + side, 1))
    )


def _census(options: SyntheticOptions, area: np.ndarray, streams: Streams) -> pd.DataFrame:
    n = options.counties
    zones = np.diff(np.floor(np.arange(n + 1) * options.zones / n)).astype(np.int64)
    urban_zones = np.clip(np.round(zones * options.urban_share).astype(np.int64), 0, zones)
    draw = np.exp(0.2 * streams.generator("geo/synthetic/size").standard_normal(n))
    homes = np.maximum(np.round(zones * options.homes_per_zone * draw), zones).astype(np.int64)
    homes_2010 = np.maximum(np.round(homes / _GROWTH), zones).astype(np.int64)
    share = urban_zones / np.maximum(zones, 1)
    frame = {
        "county": [str(_FIRST_CODE + row) for row in range(n)],
        "name": [f"County {row + 1}" for row in range(n)],
        "prefecture": [f"Prefecture {row * min(options.prefectures, n) // n + 1}" for row in range(n)],
        "province": SYNTHETIC,
        "area_km2": area,
        "elevation_m": _MEAN_HEIGHT_M,
        "elevation_std_m": options.elevation_std_m,
        "elevation_min_m": max(_MEAN_HEIGHT_M - 3 * options.elevation_std_m, 0.0),
        "elevation_max_m": _MEAN_HEIGHT_M + 3 * options.elevation_std_m,
        "townships": np.maximum(np.round(zones / options.committees_per_township), 1).astype(np.int64),
        "committees": zones,
        "rural_committees": zones - urban_zones,
    }
    for year, number, urban in (
        ("2010", homes_2010, np.maximum(share - _URBAN_GAIN, share / 2)),
        ("2020", homes, share),
    ):
        people = np.round(number * options.people_per_home).astype(np.int64)
        frame |= {f"homes_{year}": number, f"population_{year}": people}
        frame |= {f"urban_population_{year}": np.round(people * urban).astype(np.int64)}
    return pd.DataFrame(frame)


def _edges(towns: np.ndarray, side: float) -> pd.DataFrame:
    """Return roads from each town east and north, and a railway along the first row of counties."""
    n = len(towns)
    columns = _columns(n)
    index = np.arange(n)
    east = index[(index % columns < columns - 1) & (index + 1 < n)]
    north = index[index + columns < n]
    u = np.concatenate([east, north, east[east < columns], [0]])
    v = np.concatenate([east + 1, north + columns, east[east < columns] + 1, [n]])
    kind = np.repeat(["road", "rail", "road"], [len(east) + len(north), int((east < columns).sum()), 1])
    ends = np.vstack([towns, towns[0] + side / 10])
    x0, y0, x1, y1 = ends[u, 0], ends[u, 1], ends[v, 0], ends[v, 1]
    length = np.hypot(x1 - x0, y1 - y0) / 1000.0
    return pd.DataFrame(
        {
            "u": u,
            "v": v,
            "length_km": length,
            "kind": kind,
            "road_class": CLASS_WITHOUT_SOURCE,
            "tunnel": False,
        }
    ).assign(x0_m=x0, y0_m=y0, x1_m=x1, y1_m=y1)
