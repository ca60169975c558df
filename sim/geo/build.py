"""From sources to the layers of an area."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from sim.geo.layers import Sources
from sim.geo.options import GeodataOptions
from sim.geo.places import nearest_pop, places_table
from sim.geo.points import locations_table, points_table
from sim.geo.roads import nearest_in_county, road_samples, roads_table, roadside
from sim.geo.settle import settle
from sim.randomness import Streams
from sim.tables.layers import ZONES

Progress = Callable[[str, float], None]
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
    samples = _samples(sources, zones, options)
    points = points_table(zones, samples, options.settle, streams)
    places, pops = places_table(zones, settled.townships, sources.edges, options.places, streams)
    pop_place, pop_route = nearest_pop(zones, settled.townships, pops, options.settle)
    masts = samples.iloc[roadside(samples, zones, options.roads.mast_spacing_m)]
    locations = locations_table(zones, masts, options.settle)
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


def _samples(sources: Sources, zones: pd.DataFrame, options: GeodataOptions) -> pd.DataFrame:
    """Return the samples along roads with the nearest zone of their county, however far it is."""
    polygons = np.asarray(sources.counties.geometry.array, dtype=object)
    samples = road_samples(sources.edges, polygons, options.roads.sample_m)
    at, places = samples[["x_m", "y_m"]].to_numpy(), zones[["x_m", "y_m"]].to_numpy()
    zone, _ = nearest_in_county(at, samples["county"].to_numpy(), places, zones["county_row"].to_numpy())
    return samples.assign(zone=zone)
