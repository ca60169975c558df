"""Major roads and railways: the edges of the area, the distance to them, samples and sites along them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.tables.layers import ROADS

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_SAMPLE_M = 500.0


def county_of(x: Floats, y: Floats, polygons: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the row of the polygon each position lies in, -1 outside all; the first where they overlap."""
    tree = shapely.STRtree(polygons)
    point, polygon = tree.query(shapely.points(x, y), predicate="intersects")
    result = np.full(len(x), len(polygons), dtype=np.int64)
    np.minimum.at(result, point, polygon)
    return np.where(result == len(polygons), -1, result)


def roads_table(edges: pd.DataFrame, polygons: NDArray[np.object_], codes: list[str]) -> pd.DataFrame:
    """Return the contract table of the edges whose middle lies in one of the counties.

    Nodes are numbered anew from 0, roads and railways apart.
    """
    middle_x = (edges["x0_m"].to_numpy() + edges["x1_m"].to_numpy()) / 2
    middle_y = (edges["y0_m"].to_numpy() + edges["y1_m"].to_numpy()) / 2
    county = county_of(middle_x, middle_y, polygons)
    kept = edges[county >= 0]
    keys = np.concatenate([kept["u"].to_numpy(), kept["v"].to_numpy()]).astype(np.int64) * 2
    keys += np.tile((kept["kind"] == "rail").to_numpy(), 2)
    nodes = np.unique(keys, return_inverse=True)[1].reshape(2, -1)
    return ROADS.frame(
        from_node=nodes[0],
        to_node=nodes[1],
        kind=kept["kind"].to_numpy(dtype=str),
        road_class=kept["road_class"].to_numpy(),
        tunnel=kept["tunnel"].to_numpy(dtype=bool),
        length_m=kept["length_km"].to_numpy() * 1000.0,
        county=np.array(codes, dtype=object)[county[county >= 0]],
        **{name: kept[name].to_numpy() for name in ("x0_m", "y0_m", "x1_m", "y1_m")},
    )


def distance_to(edges: pd.DataFrame, x: Floats, y: Floats) -> Floats:
    """Return the distance to the nearest edge [m], to within half the sampling step of 500 m."""
    if edges.empty:
        return np.full(len(x), np.inf)
    x0, y0, x1, y1 = (edges[name].to_numpy() for name in ("x0_m", "y0_m", "x1_m", "y1_m"))
    counts = np.ceil(np.hypot(x1 - x0, y1 - y0) / _SAMPLE_M).astype(np.int64) + 1
    edge, step = _serials(counts)
    share = step / np.maximum(counts - 1, 1)[edge]
    samples = np.column_stack([x0[edge] + share * (x1 - x0)[edge], y0[edge] + share * (y1 - y0)[edge]])
    return np.asarray(cKDTree(samples).query(np.column_stack([x, y]))[0], dtype=np.float64)


def _serials(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each of so many members of each group its group and its number in it, from 0."""
    group = np.repeat(np.arange(len(counts)), counts)
    return group, np.arange(len(group)) - np.repeat(np.cumsum(counts) - counts, counts)


def road_samples(edges: pd.DataFrame, polygons: NDArray[np.object_], step_m: float) -> pd.DataFrame:
    """Return samples along roads and railways outside tunnels, one in the middle of each equal piece.

    An edge is cut into pieces no longer than ``step_m``; a piece whose middle lies outside all of the
    counties is left out. Columns: county (row of the polygon), kind, road_class, length_m, x_m, y_m,
    in the order of county and edge.
    """
    open_air = edges[~edges["tunnel"].to_numpy(dtype=bool)]
    length = open_air["length_km"].to_numpy(dtype=np.float64) * 1000.0
    pieces = np.maximum(np.ceil(length / step_m - 1e-9), 1).astype(np.int64)
    edge, number = _serials(pieces)
    part = (number + 0.5) / pieces[edge]
    start, end = (open_air[[f"x{n}_m", f"y{n}_m"]].to_numpy(dtype=np.float64)[edge] for n in (0, 1))
    at = np.round(start + part[:, None] * (end - start), 1)
    county = county_of(at[:, 0], at[:, 1], polygons)
    samples = pd.DataFrame(
        {
            "county": county,
            "kind": open_air["kind"].to_numpy(dtype=object)[edge],
            "road_class": open_air["road_class"].to_numpy()[edge],
            "length_m": np.round((length / pieces)[edge], 3),
            "x_m": at[:, 0],
            "y_m": at[:, 1],
        }
    )
    return samples[county >= 0].sort_values("county", kind="stable", ignore_index=True)


def nearest_in_county(at: Floats, county: Rows, places: Floats, place_county: Rows) -> tuple[Rows, Floats]:
    """Return the nearest place of the same county and the distance to it [m]; -1 and infinity without one."""
    nearest, distance = np.full(len(at), -1, dtype=np.int64), np.full(len(at), np.inf)
    for row in np.unique(county):
        mine, there = np.flatnonzero(county == row), np.flatnonzero(place_county == row)
        if len(there):
            length, index = cKDTree(places[there]).query(at[mine])
            nearest[mine], distance[mine] = there[index], length
    return nearest, distance


def roadside(samples: pd.DataFrame, zones: pd.DataFrame, spacing_m: float) -> Rows:
    """Return the samples where a site by the roadside could stand, ascending.

    Within a county no two are closer than the spacing and none is closer than half of it to the middle
    of a zone, where the zone's own site would stand; every sample lies so near to one or the other.
    They are taken one by one in the order of the samples.
    """
    at, county = samples[["x_m", "y_m"]].to_numpy(), samples["county"].to_numpy()
    own = nearest_in_county(at, county, zones[["x_m", "y_m"]].to_numpy(), zones["county_row"].to_numpy())[1]
    chosen = []
    for row in np.unique(county):
        rows = np.flatnonzero((county == row) & (own > spacing_m / 2))
        tree = cKDTree(at[rows])
        free = np.ones(len(rows), dtype=bool)
        for place in range(len(rows)):
            if free[place]:
                chosen.append(rows[place])
                free[tree.query_ball_point(at[rows[place]], spacing_m)] = False
    return np.array(chosen, dtype=np.int64)
