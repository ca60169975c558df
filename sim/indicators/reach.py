"""From when a place is within reach: the geometry of the coverage rules."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.geo.points import on_road
from sim.indicators.base import ALL, Evidence
from sim.tables.layers import ROAD_GROUPS

CORRIDORS = "expressway and railway"
"""Breakdown: roads of class 1 and railways."""
_FAR_M = 1e9
"""Apart of zones in the third direction of a search that must stay within a zone."""


def first_month_within(
    targets: NDArray[np.float64],
    sites: NDArray[np.float64],
    site_month: NDArray[np.int32],
    months: int,
    radius_m: float,
) -> NDArray[np.int32]:
    """Return the month from which a site stands within the radius of each target, shape (N,).

    ``targets`` (N, 2) and ``sites`` (S, 2) are positions in metres; -1 means from the start and
    ``months`` never.
    """
    first = np.full(len(targets), months, dtype=np.int32)
    for month in np.unique(site_month[site_month < months]):
        open_rows = np.flatnonzero(first == months)
        if len(open_rows) == 0:
            break
        tree = cKDTree(sites[site_month == month])
        distance, _ = tree.query(targets[open_rows], distance_upper_bound=np.nextafter(radius_m, np.inf))
        first[open_rows[np.isfinite(distance)]] = month
    return first


def monthly_share(first: NDArray[np.int32], weights: NDArray[np.float64], months: int) -> NDArray[np.float64]:
    """Return by month the share of the weight whose first month has come, shape (M,)."""
    total = weights.sum()
    if total <= 0:
        return np.full(months, np.nan)
    reached = np.bincount(first.astype(np.int64) + 1, weights, months + 2)[: months + 1].cumsum()
    return np.asarray(reached[1:] / total)


def on_air(evidence: Evidence, *names: str) -> NDArray[np.int32]:
    """Return the month from which a location carries any of the technologies, shape (locations,)."""
    first = np.full(len(evidence.area.locations), evidence.months, dtype=np.int32)
    for name in names:
        if name in evidence.state.site_month:
            first = np.minimum(first, evidence.state.site_month[name])
    return first


def signal_month(evidence: Evidence, *names: str) -> NDArray[np.int32]:
    """Return the month from which a point has signal of any of the technologies, shape (points,)."""
    first = np.full(len(evidence.area.points), evidence.months, dtype=np.int32)
    for name in names:
        if name in evidence.state.point_month:
            first = np.minimum(first, evidence.state.point_month[name])
    return first


def positions(frame: object, rows: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    """Return the positions in a frame with columns x_m and y_m, shape (N, 2) [m]."""
    xy: NDArray[np.float64] = frame[["x_m", "y_m"]].to_numpy(dtype=np.float64)  # type: ignore[index]  # any frame with positions
    return xy if rows is None else xy[rows]


def village_site_month(evidence: Evidence) -> NDArray[np.int32]:
    """Return by the site rule the month from which each zone has 4G, shape (Z,)."""
    return first_month_within(
        positions(evidence.area.zones),
        positions(evidence.area.locations),
        on_air(evidence, "lte"),
        evidence.months,
        1000 * evidence.options.village_site_radius,
    )


def village_point_month(evidence: Evidence) -> NDArray[np.int32]:
    """Return by the point rule the month from which each zone has 4G, shape (Z,).

    Committee, school, clinic and every settlement of the stated homes must have signal; a place has
    it when the nearest of the settlements and buildings of its zone has.
    """
    area, months = evidence.area, evidence.months
    served = evidence.state.point_month.get("lte")
    first = np.full(len(area.zones), -1, dtype=np.int32)
    if served is None or len(area.points) == 0:
        return np.full(len(area.zones), months, dtype=np.int32)
    home = ~on_road(area.points)
    point_zone, served = area.points["zone"].to_numpy(dtype=np.int64)[home], served[home]
    large = area.points["homes"].to_numpy()[home] >= evidence.options.settlement_homes
    np.maximum.at(first, point_zone[large], served[large])
    named = area.places[area.places["kind"].isin(("school", "clinic"))]
    zone = np.concatenate([np.arange(len(area.zones)), named["zone"].to_numpy(dtype=np.int64)])
    where = np.concatenate([positions(area.zones), positions(named)])
    tree = cKDTree(np.column_stack([positions(area.points, home), point_zone * _FAR_M]))
    _, nearest = tree.query(np.column_stack([where, zone * _FAR_M]))
    own = point_zone[nearest] == zone
    np.maximum.at(first, zone, np.where(own, served[nearest], months).astype(np.int32))
    return first


def road_length(evidence: Evidence, first: NDArray[np.int32] | None) -> dict[str, NDArray[np.float64]]:
    """Return the metres of roads and railways outside tunnels by group and month, shape (M,).

    Those whose ``first`` month has come (by point), or all of them.
    """
    samples = evidence.area.points[on_road(evidence.area.points)]
    kind, road_class = samples["kind"].to_numpy(dtype=object), samples["road_class"].to_numpy()
    length = samples["length_m"].to_numpy(dtype=np.float64)
    slot = np.zeros(len(samples), dtype=np.int64)
    if first is not None:
        slot = np.maximum(first[on_road(evidence.area.points)], 0).astype(np.int64)
    result = {}
    for name, (of_kind, worst) in ROAD_GROUPS.items():
        counted = np.where((kind == of_kind) & (road_class <= worst), length, 0.0)
        result[name] = np.bincount(slot, counted, evidence.months + 1)[: evidence.months].cumsum()
    fast = result["road 1"] + result["rail"]
    return {ALL: result["road"] + result["rail"], **result, CORRIDORS: fast}
