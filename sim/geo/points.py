"""Settlement and building points inside zones, and where radio equipment could stand."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.geo.options import SettleOptions
from sim.geo.shares import largest_remainder, lognormal
from sim.randomness import Streams
from sim.tables.layers import LOCATIONS, POINTS, VILLAGE

_FEWEST_BUILDINGS = 2
_MOST_BUILDINGS = 12


def points_table(zones: pd.DataFrame, options: SettleOptions, streams: Streams) -> pd.DataFrame:
    """Return the points of all zones: natural villages of rural zones, building points of urban ones.

    The first point of a zone is its committee; the others lie within ``settlement_reach`` of the
    radius of the zone's land. Their homes and people sum to the zone's of 2020.
    """
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
    return POINTS.frame(
        zone=zone,
        kind=np.where(rural[zone], "settlement", "building"),
        homes=largest_remainder(homes, zone, weights),
        population=largest_remainder(zones["population_2020"].to_numpy(dtype=np.int64), zone, weights),
        x_m=np.round(zones["x_m"].to_numpy()[zone] + reach * np.cos(angle), 1),
        y_m=np.round(zones["y_m"].to_numpy()[zone] + reach * np.sin(angle), 1),
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


def locations_table(zones: pd.DataFrame, options: SettleOptions) -> pd.DataFrame:
    """Return one possible site for each zone: a mast in a village, a rooftop in a town or city."""
    rural = (zones["kind"] == VILLAGE).to_numpy()
    return LOCATIONS.frame(
        location_id=("site:" + zones["zone_id"].astype(str)).to_numpy(dtype=str),
        zone=np.arange(len(zones)),
        kind=np.where(rural, "mast", "rooftop"),
        standing=np.zeros(len(zones), dtype=bool),
        height_m=np.where(rural, options.mast_height_m, options.rooftop_height_m),
        x_m=zones["x_m"].to_numpy(),
        y_m=zones["y_m"].to_numpy(),
        modelled=np.ones(len(zones), dtype=bool),
    )
