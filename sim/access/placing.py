"""Access boxes of one size on a tree of routes, and the cabinets that feed them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.access.clusters import Demand, Grouping, cut_from_the_ends, grouped, middles
from sim.access.options import OdnOptions
from sim.access.reseat import reseated
from sim.access.rooted import Floats, Rows
from sim.access.tile import Tile
from sim.access.tiletree import TileTree

WHOLE = 1e-9
"""A quotient this close to a whole number is one: 8 ports at 0.8 a home are for 10 homes."""


@dataclass(frozen=True, eq=False)
class Residents:
    """The homes that are designed for, by building, shape (H,) each."""

    building: Rows
    """Row of the building."""
    number: Rows
    """Number of the home within its building, from 0."""
    shared: NDArray[np.bool_]
    """Whether it lies in a shared building."""
    floor: Rows
    """Storey from 0."""
    riser_m: Floats
    """Vertical cable to it, 0 outside shared buildings [m]."""


def residents(tile: Tile, shared: NDArray[np.bool_], storey_m: float) -> Residents:
    """Return the homes of a tile, storeys filled from below; ``shared`` says which buildings, shape (B,)."""
    building = np.repeat(np.arange(len(tile.homes)), tile.homes)
    number = np.arange(len(building)) - np.repeat(np.cumsum(tile.homes) - tile.homes, tile.homes)
    floor = number * tile.floors[building] // np.maximum(tile.homes[building], 1)
    riser = np.where(shared[building], floor * storey_m, 0.0)
    return Residents(building, number, shared[building], floor, riser)


def homes_a_box(size: int, ports_per_home: float) -> int:
    """Return how many homes a box of so many ports passes."""
    return math.floor(size / ports_per_home + WHOLE)


def ports_for(homes: Rows, ports_per_home: float) -> Rows:
    """Return the ports provided for so many homes behind one box."""
    ports: Rows = np.ceil(homes * ports_per_home - WHOLE).astype(np.int64)
    return ports


@dataclass(frozen=True, eq=False)
class Placed:
    """Boxes of one size, p of them, for H homes."""

    size: int
    """Ports that a box has room for."""
    vertex: Rows
    """Vertex of each box, shape (p,)."""
    homes: Rows
    """Homes that each passes, shape (p,)."""
    ports: Rows
    """Ports provided in each, shape (p,)."""
    home_box: Rows
    """Box of each home, -1 for those left out, shape (H,)."""
    home_rank: Rows
    """Number of the home among those of its box, from 0, shape (H,)."""
    drop_m: Floats
    """Cable between box and home, shape (H,) [m]."""
    demand: Demand
    """Buildings with drops."""
    grouping: Grouping
    """Boxes of these buildings: the first of all boxes."""


def placed(
    tree: TileTree, who: Residents, wanted: NDArray[np.bool_], size: int, options: OdnOptions
) -> Placed:
    """Return boxes for the homes of the buildings wanted, shape (B,)."""
    capacity = homes_a_box(size, options.ports_per_home)
    count = np.bincount(who.building, minlength=len(wanted))
    single = wanted & (count > 0)
    single[who.building[who.shared]] = False
    small = np.flatnonzero(single)
    demand = Demand(tree.building[small], tree.lead_m[small], count[small])
    limits = capacity, options.longest_drop
    grouping = reseated(tree.tree, demand, grouped(tree.tree, demand, *limits), limits)
    of_building = np.full(len(wanted), -1, dtype=np.int64)
    of_building[small] = grouping.box
    lead = np.zeros(len(wanted))
    lead[small] = grouping.drop_m
    box, drop = of_building[who.building], lead[who.building] + who.riser_m
    large = np.flatnonzero(wanted & (count > 0) & ~single)
    boxes = -(-count[large] // capacity)
    first = len(grouping.vertex) + np.cumsum(boxes) - boxes
    of_building[large] = first
    inside = np.zeros(len(wanted), dtype=np.int64)
    inside[large] = boxes
    mine = who.shared & wanted[who.building]
    spread = who.number * inside[who.building] // np.maximum(count[who.building], 1)
    box = np.where(mine, of_building[who.building] + spread, box)
    vertex = np.concatenate([grouping.vertex, np.repeat(tree.building[large], boxes)])
    homes = np.bincount(box[box >= 0], minlength=len(vertex))
    ports = ports_for(homes, options.ports_per_home)
    return Placed(size, vertex, homes, ports, box, _ranks(box), drop, demand, grouping)


def _ranks(group: Rows) -> Rows:
    order = np.argsort(group, kind="stable")
    first = np.searchsorted(group[order], group[order], side="left")
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - first
    return rank


def cabinets(tree: TileTree, vertex: Rows, fibres: Rows, most: int) -> tuple[Rows, Rows]:
    """Return the cabinet of each box and the vertex of each cabinet: at most so many fibres leave one.

    A cabinet stands in the middle of its boxes, weighed by their fibres. Boxes have no more fibres than
    a cabinet has room for.
    """
    demand = Demand(vertex, np.zeros(len(vertex)), fibres)
    if fibres.sum() <= most:
        group = np.zeros(len(vertex), dtype=np.int64)
    else:
        group = cut_from_the_ends(tree.tree, demand, most, np.inf)
    start = np.full(int(group.max()) + 1, len(tree.tree), dtype=np.int64)
    np.minimum.at(start, group, vertex)
    return group, middles(tree.tree, demand, group, start, np.inf)
