"""The folder that keeps the layers of an area between runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from sim.files import read_parquet, write_json, write_parquet
from sim.geo.catalog import LayerNote
from sim.geo.read import read_json
from sim.tables.layers import LOCATIONS, PLACES, POINTS, ROADS, ZONES

TABLES = {"zones": ZONES, "points": POINTS, "places": PLACES, "roads": ROADS, "locations": LOCATIONS}


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
