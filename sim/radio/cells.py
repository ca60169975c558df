"""Which locations carry a site, and which points each of them reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.geo.points import by_roadside

if TYPE_CHECKING:
    from sim.geo.area import Area

NEAREST = 6
"""Cells that a point keeps, nearest first."""
Pairs = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Cells:
    """Chosen locations and what they reach; ``cell`` and ``point`` are parallel (sparse pairs)."""

    locations: NDArray[np.int32]
    """Rows of the chosen locations, ascending, shape (C,)."""
    cell: NDArray[np.int32]
    """Index into ``locations`` of each pair, shape (pairs,)."""
    point: NDArray[np.int32]
    """Row of the point reached, shape (pairs,)."""
    home_cell: NDArray[np.int32]
    """Nearest cell that reaches each point, -1 where none does, shape (P,)."""


def cover_points(
    area: Area,
    radius_m: NDArray[np.float64],
    allowed: NDArray[np.int32] | None = None,
    wanted: NDArray[np.bool_] | None = None,
) -> Cells:
    """Return a thinned set of locations that reaches every point which all of them together would.

    A square's own site may miss what lies at the far side of one that it stands for: a location comes
    back where it is the nearest to reach a point left out. So a longer range never reaches less. Points
    that are not ``wanted``, shape (P,), are not served.
    """
    chosen = thin_locations(area, radius_m, allowed)
    pairs = _pairs(area, chosen, radius_m, wanted)
    left_out = np.ones(len(area.points), dtype=bool) if wanted is None else wanted.copy()
    left_out[pairs[1]] = False
    rows = np.arange(len(area.locations)) if allowed is None else np.unique(allowed)
    rest = np.setdiff1d(rows, chosen).astype(np.int32)
    again = _nearest_reaching(area, rest, np.flatnonzero(left_out), radius_m)
    if len(again) == 0:
        return _cells(area, chosen, pairs)
    every = np.union1d(chosen, again).astype(np.int32)
    more = _pairs(area, again, radius_m, wanted)
    cell = np.concatenate([np.searchsorted(every, chosen)[pairs[0]], np.searchsorted(every, again)[more[0]]])
    order = np.argsort(cell, kind="stable")
    point, distance = (
        np.concatenate([first, second])[order] for first, second in zip(pairs[1:], more[1:], strict=True)
    )
    return _cells(area, every, (cell[order].astype(np.int32), point, distance))


def _nearest_reaching(
    area: Area, locations: NDArray[np.int32], points: NDArray[np.int64], radius_m: NDArray[np.float64]
) -> NDArray[np.int32]:
    """Return those of the locations that are the nearest to reach one of the points, ascending."""
    if len(locations) == 0 or len(points) == 0:
        return np.empty(0, dtype=np.int32)
    zone = area.points["zone"].to_numpy()[points]
    point, site, distance = _within(
        area.points[["x_m", "y_m"]].to_numpy()[points],
        radius_m[zone],
        area.locations[["x_m", "y_m"]].to_numpy()[locations],
    )
    reached = distance <= radius_m[area.locations["zone"].to_numpy()[locations[site]]]
    point, site, distance = point[reached], site[reached], np.round(distance[reached], 3)
    order = np.lexsort((site, distance, point))
    first = np.ones(len(order), dtype=bool)
    first[1:] = point[order][1:] != point[order][:-1]
    return np.unique(locations[site[order][first]]).astype(np.int32)


def thin_locations(
    area: Area, radius_m: NDArray[np.float64], allowed: NDArray[np.int32] | None = None
) -> NDArray[np.int32]:
    """Return locations spaced so that each reaches its whole square of the grid, ascending.

    ``radius_m`` is the range in each zone, shape (Z,). A square's diagonal is the range (rounded down
    to a half octave, so that neighbours share a grid); of the locations in a square the one in the
    most populous zone is kept, a standing site before a new one. People count for a zone's own site alone,
    not for one by the roadside that is nearest to it.
    """
    rows = np.arange(len(area.locations)) if allowed is None else np.unique(allowed)
    if len(rows) == 0:
        return np.empty(0, dtype=np.int32)
    zone = area.locations["zone"].to_numpy()[rows]
    octave = np.floor(2.0 * np.log2(np.maximum(radius_m[zone], 1.0) / np.sqrt(2.0)))
    side_m = 2.0 ** (octave / 2.0)
    column = np.floor(area.locations["x_m"].to_numpy()[rows] / side_m)
    row = np.floor(area.locations["y_m"].to_numpy()[rows] / side_m)
    people = area.zones["population_2020"].to_numpy()[zone] * ~by_roadside(area.locations)[rows]
    standing = area.locations["standing"].to_numpy()[rows]
    order = np.lexsort((rows, -people, ~standing, row, column, octave))
    keys = np.stack([octave, column, row], axis=1)[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = np.any(keys[1:] != keys[:-1], axis=1)
    return np.sort(rows[order[first]]).astype(np.int32)


def serve_points(area: Area, locations: NDArray[np.int32], radius_m: NDArray[np.float64]) -> Cells:
    """Return the points within range of each location.

    The range is that of the point's own zone where it is shorter than the site's: a mast on the hill
    does not reach indoors in the town below as far as it reaches the open field.
    """
    return _cells(area, locations, _pairs(area, locations, radius_m))


def _pairs(
    area: Area,
    locations: NDArray[np.int32],
    radius_m: NDArray[np.float64],
    wanted: NDArray[np.bool_] | None = None,
) -> Pairs:
    """Return cell, point and distance of all pairs in range, by cell and point."""
    points, sites = area.points, area.locations
    if len(locations) == 0 or len(points) == 0:
        empty = np.empty(0, dtype=np.int32)
        return empty, empty, np.empty(0)
    reach = radius_m[sites["zone"].to_numpy()[locations]]
    cell, point, distance = _within(
        sites[["x_m", "y_m"]].to_numpy()[locations], reach, points[["x_m", "y_m"]].to_numpy()
    )
    inside = distance <= radius_m[points["zone"].to_numpy()[point]]
    if wanted is not None:
        inside &= wanted[point]
    return cell[inside], point[inside], np.round(distance[inside], 3)


def _cells(area: Area, locations: NDArray[np.int32], pairs: Pairs) -> Cells:
    """Return the pairs with the nearest cell of each point, ties to the first.

    A point keeps its nearest cells alone: one further off hardly ever decides whether it is served, while
    the pairs would grow with the square of the range.
    """
    cell, point, distance = pairs
    order = np.lexsort((cell, distance, point))
    ordered = point[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(order) else order
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    home_cell = np.full(len(area.points), -1, dtype=np.int32)
    home_cell[ordered[starts]] = cell[order][starts]
    kept = np.sort(order[rank < NEAREST])
    return Cells(locations, cell[kept], point[kept], home_cell)


def _within(sites: NDArray[np.float64], reach_m: NDArray[np.float64], points: NDArray[np.float64]) -> Pairs:
    """Return sites, points and distances of all pairs in reach, by site and point.

    Sites are taken in classes of one octave of reach, so that one tree search serves a class.
    """
    from scipy.spatial import cKDTree

    tree = cKDTree(points)
    octave = np.floor(np.log2(np.maximum(reach_m, 1.0)))
    found = []
    for level in np.unique(octave):
        mine = np.flatnonzero(octave == level)
        pairs = cKDTree(sites[mine]).sparse_distance_matrix(tree, reach_m[mine].max(), output_type="ndarray")
        pairs = pairs[pairs["v"] <= reach_m[mine][pairs["i"]]]
        found.append((mine[pairs["i"]], pairs["j"], pairs["v"]))
    cell, point, distance = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((point, cell))
    return cell[order].astype(np.int32), point[order].astype(np.int32), distance[order]
