"""Which locations carry a radio layer, and which points each of them serves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.radio.network import Layer
from sim.radio.pairs import Pairs, pairs_above
from sim.radio.sites import Sites
from sim.radio.siting import choose_sites

if TYPE_CHECKING:
    from sim.geo.area import Area

STRONGEST = 6
"""Cells that a point keeps, strongest first: one weaker hardly ever decides whether it is served."""
Floats = NDArray[np.float64]
Rows = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Cells:
    """Locations and what they serve; ``cell``, ``point`` and ``received_dbm`` are parallel (sparse pairs)."""

    locations: Rows
    """Rows of the locations table, shape (C,)."""
    cell: Rows
    """Index into ``locations`` of each pair, shape (pairs,)."""
    point: Rows
    """Row of the point served, shape (pairs,)."""
    received_dbm: NDArray[np.float32]
    """Median power of each pair outdoors, before losses at the terminal, shape (pairs,) [dBm]."""
    home_cell: Rows
    """Strongest cell that serves each point, -1 where none does, shape (P,)."""


def reached(area: Area, layer: Layer, sites: Sites, wanted_dbm: Floats) -> Pairs:
    """Return what sites of the layer would serve: pairs of site and point.

    ``wanted_dbm`` is the median power outdoors that each point needs, shape (P,).
    """
    x_m, y_m = (area.points[name].to_numpy(dtype=np.float64) for name in ("x_m", "y_m"))
    return pairs_above(sites, x_m, y_m, wanted_dbm, layer.terrain(area, sites))


def serve(area: Area, layer: Layer, locations: Rows, wanted_dbm: Floats) -> Cells:
    """Return what the layer serves from all of these locations."""
    pairs = reached(area, layer, layer.sites(area, locations), wanted_dbm)
    return cells_of(locations, pairs, len(area.points))


@dataclass(frozen=True, eq=False)
class Goal:
    """What a choice of sites is after."""

    weight: Floats
    """What covering each point counts, shape (P,)."""
    price: Floats
    """What each candidate costs, shape (candidates,)."""
    least_gain: float = 0.0
    """A site that would newly cover no more is left out."""
    covered: NDArray[np.bool_] | None = None
    """Points that count for nothing, shape (P,)."""


def cover(area: Area, layer: Layer, candidates: Rows, wanted_dbm: Floats, goal: Goal) -> Cells:
    """Return the candidates that together serve what all of them would, best weight for their price first."""
    pairs = reached(area, layer, layer.sites(area, candidates), wanted_dbm)
    chosen = choose_sites(
        pairs, goal.weight, goal.price, covered=goal.covered, least_gain=goal.least_gain
    ).sites
    rows = np.sort(chosen)
    place = np.full(len(candidates), -1, dtype=np.int32)
    place[rows] = np.arange(len(rows))
    kept = place[pairs.site] >= 0
    mine = replace(
        pairs,
        site=place[pairs.site[kept]],
        point=pairs.point[kept],
        received_dbm=pairs.received_dbm[kept],
    )
    return cells_of(candidates[rows], mine, len(area.points))


def cells_of(locations: Rows, pairs: Pairs, points: int) -> Cells:
    """Return the strongest pairs of each point with its strongest cell, ties to the first."""
    order = np.lexsort((pairs.site, -pairs.received_dbm, pairs.point))
    ordered = pairs.point[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(first)
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    home_cell = np.full(points, -1, dtype=np.int32)
    home_cell[ordered[starts]] = pairs.site[order][starts]
    kept = np.sort(order[rank < STRONGEST])
    return Cells(
        locations.astype(np.int32),
        pairs.site[kept],
        pairs.point[kept],
        pairs.received_dbm[kept],
        home_cell,
    )
