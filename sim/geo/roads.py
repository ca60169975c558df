"""Major roads and railways: the edges of the area and the distance to them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.tables.layers import ROADS

Floats = NDArray[np.float64]

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
    edge = np.repeat(np.arange(len(edges)), counts)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = step / np.maximum(counts - 1, 1)[edge]
    samples = np.column_stack([x0[edge] + share * (x1 - x0)[edge], y0[edge] + share * (y1 - y0)[edge]])
    return np.asarray(cKDTree(samples).query(np.column_stack([x, y]))[0], dtype=np.float64)
