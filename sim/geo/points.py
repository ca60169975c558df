"""Receivers of radio in zones and along roads, and where radio equipment could stand."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.geo.options import SettleOptions
from sim.geo.shares import largest_remainder, lognormal
from sim.randomness import Streams
from sim.tables.layers import LOCATIONS, POINTS, ROAD_KINDS, VILLAGE

_FEWEST_BUILDINGS = 2
_MOST_BUILDINGS = 12
_ROADSIDE = "road:"
_FAR_M = 1e9
"""Apart of zones in the third direction of a search that must stay within a zone."""


def on_road(points: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which points are samples along roads and railways rather than homes, shape (P,)."""
    return points["kind"].isin(ROAD_KINDS).to_numpy(dtype=bool)


def by_roadside(locations: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which locations are sites by the roadside; a zone has its own besides, shape (locations,)."""
    return locations["location_id"].str.startswith(_ROADSIDE).to_numpy(dtype=bool)


def nearest_home_point(points: pd.DataFrame, places: pd.DataFrame) -> NDArray[np.int32]:
    """Return for each place the nearest settlement or building of its own zone, -1 where it has none.

    The answer is a row of the points; of two equally near the first. Columns of both: zone, x_m, y_m.
    """
    home = np.flatnonzero(~on_road(points))
    result = np.full(len(places), -1, dtype=np.int32)
    if len(home) == 0 or len(places) == 0:
        return result
    zone = places["zone"].to_numpy(dtype=np.int64)
    where = np.column_stack([places[["x_m", "y_m"]].to_numpy(dtype=np.float64), zone * _FAR_M])
    here = points.iloc[home]
    own = here["zone"].to_numpy(dtype=np.int64)
    tree = cKDTree(np.column_stack([here[["x_m", "y_m"]].to_numpy(dtype=np.float64), own * _FAR_M]))
    # A place on top of another's committee is as near to both: the two nearest settle it by row.
    distance, found = tree.query(where, k=min(2, len(home)))
    distance, found = distance.reshape(len(places), -1), found.reshape(len(places), -1)
    equal = distance == distance[:, :1]
    nearest = np.where(equal, found, len(home)).min(axis=1)
    mine = own[nearest] == zone
    result[mine] = home[nearest[mine]]
    return result


def points_table(
    zones: pd.DataFrame, samples: pd.DataFrame, options: SettleOptions, streams: Streams
) -> pd.DataFrame:
    """Return the points of all zones, then the samples along roads (columns as of ``road_samples``, zone).

    They are natural villages in rural zones and building points in urban ones. The first point of a zone
    is its committee; the others lie within ``settlement_reach`` of the radius of the zone's land. Their
    homes and people sum to the zone's of 2020. A sample has neither.
    """
    homes = _home_points(zones, options, streams).assign(length_m=0.0, road_class=0)
    roads = samples.assign(homes=0, population=0)
    frame = pd.concat([homes[POINTS.names], roads[POINTS.names]], ignore_index=True)
    return POINTS.frame(**{name: frame[name].to_numpy() for name in POINTS.names})


def _home_points(zones: pd.DataFrame, options: SettleOptions, streams: Streams) -> pd.DataFrame:
    """Return settlements and building points in the order of their zones."""
    rural = (zones["kind"] == VILLAGE).to_numpy()
    homes = zones["homes_2020"].to_numpy(dtype=np.int64)
    settlements = np.clip(
        np.ceil(homes / options.homes_per_settlement),
        options.settlements_per_village,
        options.most_settlements,
    )
    buildings = np.clip(np.ceil(homes / options.homes_per_building_point), _FEWEST_BUILDINGS, _MOST_BUILDINGS)
    counts = np.where(rural, settlements, buildings).astype(np.int64)
    zone = np.repeat(np.arange(len(zones)), counts)
    draw, normal = _draws(zones, counts, streams)
    first = np.diff(zone, prepend=-1) > 0
    radius = np.sqrt(zones["area_km2"].to_numpy() / np.pi) * 1000.0 * options.settlement_reach
    reach = radius[zone] * np.sqrt(draw[:, 0]) * ~first
    angle = 2 * np.pi * draw[:, 1]
    spread = np.where(rural, options.settlement_spread, 0.0)[zone]
    weights = lognormal(normal, spread)
    people = zones["population_2020"].to_numpy(dtype=np.int64)
    return pd.DataFrame(
        {
            "zone": zone,
            "kind": np.where(rural[zone], "settlement", "building").astype(object),
            "homes": largest_remainder(homes, zone, weights),
            "population": largest_remainder(people, zone, weights),
            "x_m": np.round(zones["x_m"].to_numpy()[zone] + reach * np.cos(angle), 1),
            "y_m": np.round(zones["y_m"].to_numpy()[zone] + reach * np.sin(angle), 1),
        }
    )


def _draws(
    zones: pd.DataFrame, counts: NDArray[np.int64], streams: Streams
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return two uniforms and a normal of each point, drawn county by county."""
    rows = zones["county_row"].to_numpy()
    totals = np.bincount(rows, counts).astype(np.int64)
    codes = zones["county"].to_numpy(dtype=object)[np.searchsorted(rows, np.arange(len(totals)))]
    uniform, normal = [], []
    for code, total in zip(codes, totals, strict=True):
        generator = streams.generator("geo/point", str(code))
        uniform.append(generator.random((int(total), 2)))
        normal.append(generator.standard_normal(int(total)))
    return np.concatenate(uniform), np.concatenate(normal)


def locations_table(zones: pd.DataFrame, masts: pd.DataFrame, options: SettleOptions) -> pd.DataFrame:
    """Return the possible sites: one for each zone in the order of zones, then masts by the roadside.

    A zone has a mast in a village, a rooftop in a town or city. ``masts`` holds the chosen samples, by
    county; a mast belongs to the zone of its sample.
    """
    rural = (zones["kind"] == VILLAGE).to_numpy()
    county = zones["county"].to_numpy(dtype=object)[masts["zone"]]
    serial = np.arange(len(masts)) - np.searchsorted(masts["county"], masts["county"]) + 1
    own = ("site:" + zones["zone_id"].astype(str)).to_numpy(dtype=object)
    along = [f"{_ROADSIDE}{code}.{number:04d}" for code, number in zip(county, serial, strict=True)]
    kind = np.concatenate([np.where(rural, "mast", "rooftop"), np.full(len(masts), "mast")])
    count = len(zones) + len(masts)
    return LOCATIONS.frame(
        location_id=np.concatenate([own, np.array(along, dtype=object)]),
        zone=np.concatenate([np.arange(len(zones)), masts["zone"].to_numpy()]),
        kind=kind,
        standing=np.zeros(count, dtype=bool),
        height_m=np.where(kind == "mast", options.mast_height_m, options.rooftop_height_m),
        x_m=np.concatenate([zones["x_m"].to_numpy(), masts["x_m"].to_numpy()]),
        y_m=np.concatenate([zones["y_m"].to_numpy(), masts["y_m"].to_numpy()]),
        modelled=np.ones(count, dtype=bool),
    )
