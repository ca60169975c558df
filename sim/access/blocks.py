"""Streets and blocks of flats of a city or town zone: a square of parallel streets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.access.lanes import Patch
from sim.access.settlements import PatternOptions
from sim.geo.shares import largest_remainder
from sim.randomness import Streams

if TYPE_CHECKING:
    from sim.geo.area import Area

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_GOLDEN = 0.6180339887498949
_CLEAR = 1.2
"""Blocks of flats keep this many setbacks away from the middle of a cross street."""


_CLEAR_SHARE = 0.25
"""But no farther than this part of a block, so that small ones have room too."""


@dataclass(frozen=True, eq=False)
class Quarter:
    """Streets and buildings of a zone in a city or town."""

    patch: Patch
    homes: Rows
    """Homes in each building, shape (B,)."""
    floors: Rows
    """Storeys of each building, shape (B,)."""
    duct: NDArray[np.bool_]
    """Whether a duct with room lies along each street edge, shape (E,)."""


def streets_each_way(land_m2: Floats, block_m: Floats) -> Floats:
    """Return how many streets run each way through squares of land, at least one, same shape."""
    return np.maximum(np.round(np.sqrt(land_m2) / block_m), 1.0)


def duct_starts(area: Area, rows: Rows, options: PatternOptions) -> Floats:
    """Return the draw of some zones that says which of their streets have ducts, shape of the rows."""
    streams = Streams(options.seed)
    return streams.uniforms("access/duct", area.zones["zone_id"].to_numpy(dtype=str)[rows].tolist())


def has_duct(start: Floats, street: Rows, share: Floats) -> NDArray[np.bool_]:
    """Return whether streets have a duct, at steps of the golden ratio from a start; shape by broadcast."""
    return np.asarray((start + street * _GOLDEN) % 1.0 < share)


def homes_in_building(options: PatternOptions, *, city: bool) -> tuple[int, int]:
    """Return the homes of a walk-up block and of a tower; in towns both are the same."""
    if not city:
        flats = max(round(options.floors_town * options.homes_per_floor_town), 1)
        return flats, flats
    floors = (options.floors_city, options.floors_tower)
    walk_up, tower = (max(round(number * options.homes_per_floor_city), 1) for number in floors)
    return walk_up, tower


@dataclass(frozen=True)
class Square:
    """The land of a zone in a city or town."""

    land_m2: float
    """Land of the zone [m2]."""
    city: bool
    """Whether it lies in a city."""
    duct_start: float
    """The zone's draw of ``duct_starts``."""


def quarter(
    square: Square,
    centre_homes: Rows,
    centre_m: Floats,
    options: PatternOptions,
    generator: np.random.Generator,
) -> Quarter:
    """Return streets and buildings on a square of land around the origin.

    Parameters
    ----------
    centre_homes
        Homes of each of the zone's neighbourhoods, shape (n,).
    centre_m
        Their middles, shape (n, 2) [m]; the buildings of one stand evenly along the streets nearest to it.
    """
    land_m2, city = square.land_m2, square.city
    block_m = options.block_city if city else options.block_town
    count = int(streets_each_way(np.array([land_m2]), np.array([block_m]))[0])
    side_m = float(np.sqrt(land_m2))
    node_m, edges, line = _streets(side_m, count)
    lots, outward = _lots(side_m, count, options)
    homes, floors, centre = _buildings(centre_homes, options, generator.uniform(), city=city)
    building_m = _placed(centre, len(centre_homes), centre_m, lots, outward * options.setback)
    share = options.duct_share_city if city else options.duct_share_town
    duct = has_duct(np.array(square.duct_start), line, np.array(share))
    return Quarter(Patch(node_m, edges, building_m), homes, floors, duct)


def _streets(side_m: float, count: int) -> tuple[Floats, Rows, Rows]:
    """Return nodes, edges and the street of each edge; node 0 is the crossing nearest to the middle."""
    at = (np.arange(count) + 0.5) * side_m / count - side_m / 2
    stops = np.concatenate([[-side_m / 2], at, [side_m / 2]])
    grid = np.stack(np.meshgrid(stops, stops, indexing="ij"), axis=-1).reshape(-1, 2)
    number = np.arange((count + 2) ** 2).reshape(count + 2, count + 2)
    inner = number[1:-1]
    along = np.column_stack([inner[:, :-1].ravel(), inner[:, 1:].ravel()])
    inner = number[:, 1:-1]
    across = np.column_stack([inner[:-1].T.ravel(), inner[1:].T.ravel()])
    edges = np.concatenate([along, across])
    line = np.repeat(np.arange(2 * count), count + 1)
    middle = number[1 + count // 2, 1 + count // 2]
    used = np.setdiff1d(np.unique(edges), [middle])
    kept = np.concatenate([[middle], used])
    place = np.full(len(grid), -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    return grid[kept], place[edges], line


def _lots(side_m: float, count: int, options: PatternOptions) -> tuple[Floats, Floats]:
    """Return where on the streets blocks of flats could stand, and to which side; both (L, 2).

    In the order of the streets, so that an even choice of lots is an even choice of places.
    """
    apart_m = side_m / count
    front_m = min(options.frontage, apart_m / 2)
    step = (np.arange(max(int(side_m // front_m), 1)) + 0.5) * front_m
    off_m = np.abs((step % apart_m) - apart_m / 2)
    step = step[off_m >= min(_CLEAR * options.setback, apart_m * _CLEAR_SHARE)] - side_m / 2
    at = (np.arange(count) + 0.5) * apart_m - side_m / 2
    street, along, side = (
        grid.ravel() for grid in np.meshgrid(at, step, np.array([-1.0, 1.0]), indexing="ij")
    )
    none = np.zeros(len(side))
    lots = np.concatenate([np.column_stack([street, along]), np.column_stack([along, street])])
    outward = np.concatenate([np.column_stack([side, none]), np.column_stack([none, side])])
    return lots, outward


def _buildings(
    centre_homes: Rows, options: PatternOptions, start: float, *, city: bool
) -> tuple[Rows, Rows, Rows]:
    """Return homes, storeys and neighbourhood of each building; towers come at steps of the golden ratio."""
    walk_up, tower = homes_in_building(options, city=city)
    low = options.floors_city if city else options.floors_town
    homes, floors, centre, number = [], [], [], 0
    for row, total in enumerate(centre_homes.tolist()):
        most = -(-total // min(walk_up, tower))
        tall = (start + (number + np.arange(most)) * _GOLDEN) % 1.0 < (options.tower_share if city else 0.0)
        room = np.where(tall, tower, walk_up)
        count = int(np.searchsorted(np.cumsum(room), total)) + 1 if total else 0
        number += count
        shares = largest_remainder(
            np.array([total]), np.zeros(count, dtype=np.int64), room[:count].astype(np.float64)
        )
        homes.append(shares if count else np.empty(0, dtype=np.int64))
        floors.append(np.where(tall, options.floors_tower, low)[:count])
        centre.append(np.full(count, row))
    return (
        np.concatenate(homes).astype(np.int64),
        np.concatenate(floors).astype(np.int64),
        np.concatenate(centre).astype(np.int64),
    )


def _placed(centre: Rows, centres: int, centre_m: Floats, lots: Floats, off_m: Floats) -> Floats:
    """Return the position of each building: an even choice of the lots nearest to its neighbourhood.

    Where there are more buildings than lots the others stand behind, in further rows.
    """
    if len(centre) == 0:
        return np.empty((0, 2))
    nearest = np.asarray(cKDTree(centre_m).query(lots)[1], dtype=np.int64)
    result = np.empty((len(centre), 2))
    for row in range(centres):
        mine = np.flatnonzero(centre == row)
        if len(mine) == 0:
            continue
        own = np.flatnonzero(nearest == row)
        if len(own) == 0:
            own = np.asarray(cKDTree(lots).query(centre_m[row], k=1)[1]).reshape(-1)
        rounds, turn = np.divmod(np.arange(len(mine)), len(own))
        in_round = np.minimum(len(mine) - rounds * len(own), len(own))
        chosen = own[((turn + 0.5) * len(own) / in_round).astype(np.int64)]
        result[mine] = lots[chosen] + off_m[chosen] * (1.0 + 2.0 * rounds)[:, None]
    return result
