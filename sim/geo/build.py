"""From sources to the layers of an area, and the folder that caches them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sim.files import read_parquet, write_json, write_parquet
from sim.geo.catalog import LayerNote
from sim.geo.layers import Sources
from sim.geo.options import GeodataOptions
from sim.geo.places import nearest_pop, places_table
from sim.geo.points import locations_table, points_table
from sim.geo.read import read_json
from sim.geo.roads import roads_table
from sim.geo.settle import settle
from sim.randomness import Streams
from sim.tables.layers import LOCATIONS, PLACES, POINTS, ROADS, ZONES

Progress = Callable[[str, float], None]
TABLES = {"zones": ZONES, "points": POINTS, "places": PLACES, "roads": ROADS, "locations": LOCATIONS}
COUNTY_COLUMNS = (
    "county", "name", "prefecture", "homes_2010", "homes_2020", "population_2010", "population_2020",
)  # fmt: skip


def build_layers(sources: Sources, options: GeodataOptions, progress: Progress) -> dict[str, Any]:
    """Return every layer of the area as a contract table, with its counties."""
    streams = Streams(options.seed)
    progress("placing homes", 0.3)
    settled = settle(sources, options.settle, streams)
    zones = settled.zones
    progress("points and places", 0.7)
    points = points_table(zones, options.settle, streams)
    places, pops = places_table(zones, settled.townships, sources.edges, options.places, streams)
    pop_place, pop_route = nearest_pop(zones, settled.townships, pops, options.settle)
    locations = locations_table(zones, options.settle)
    progress("roads", 0.85)
    polygons = np.asarray(sources.counties.geometry.array, dtype=object)
    codes = sources.census["county"].tolist()
    counties = gpd.GeoDataFrame(
        {name: sources.census[name].to_numpy() for name in COUNTY_COLUMNS},
        geometry=polygons,
        crs=sources.projection.crs,
    )
    values = {name: zones[name].to_numpy() for name in ZONES.names if name in zones.columns}
    return {
        "counties": counties,
        "zones": ZONES.frame(**values, pop_place=pop_place, pop_route_m=pop_route),
        "points": points,
        "places": places,
        "roads": roads_table(sources.edges, polygons, codes),
        "locations": locations,
    }


def save_layers(
    folder: Path, layers: Mapping[str, Any], meta: Mapping[str, Any], notes: tuple[LayerNote, ...]
) -> None:
    """Write the layers into a cache folder."""
    counties = pd.DataFrame(layers["counties"].drop(columns="geometry"))
    counties["geometry"] = shapely.to_wkb(layers["counties"].geometry.to_numpy())
    write_parquet(folder / "counties.parquet", counties)
    for name in TABLES:
        write_parquet(folder / f"{name}.parquet", layers[name])
    write_json(folder / "area.json", {**meta, "layers": [asdict(note) for note in notes]})


def load_layers(folder: Path) -> tuple[dict[str, Any], dict[str, Any], tuple[LayerNote, ...]]:
    """Return the layers of a cache folder, what was said of the area, and the notes of its layers."""
    meta = read_json(folder / "area.json")
    notes = tuple(LayerNote(**note) for note in meta.pop("layers"))
    layers = {name: read_parquet(folder / f"{name}.parquet") for name in TABLES}
    counties = read_parquet(folder / "counties.parquet")
    shapes = shapely.from_wkb(counties.pop("geometry").to_numpy())
    layers["counties"] = gpd.GeoDataFrame(counties, geometry=shapes, crs=meta["crs"])
    return layers, meta, notes
