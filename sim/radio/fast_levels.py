"""The two-level walk: sectors that may matter are computed at every pixel, the others at nodes of a block.

A block is square and has four by four nodes. At the nodes every site is computed; how much power can
change from a node to the pixels around it is bounded by the steepness of the loss and of the pattern. A
site that by this bound may be best or second at any pixel of the block is computed at all of them, so that
best server, best power and second power are those of the direct walk. What the other sites give in sum is
smooth: its logarithm is interpolated by cubics between the nodes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.radio import fast_loops as loops
from sim.radio.fast_math import compiled, exp2, log2, wide_vectors
from sim.radio.fast_tiles import NOTHING, add_site, clear, hand_over, hear, lay_out

SIDE = loops.WIDTH
"""Pixels along the side of a block."""
PLACES = (0, 5, 10, 15)
"""Rows and columns of a block's nodes."""
NODES = 16
BLOCKS = loops.CELLS // NODES
"""Blocks one below the other whose nodes are computed together."""
FARTHEST = 2.0 * 2.0**0.5
"""From a pixel to the nearest node [pixels]."""

_F = np.float32
_ZERO = _F(0.0)
_SURELY = _F(1000.0)
_FLOOR = _F(20.0)
"""Octaves below the second power at which a sum no longer matters."""
AT_EDGE = _F(8.0)
"""Octaves below the second power under which a site may be cut off within a block."""
MARGIN = _F(0.5)
"""Octaves below the second power under which a site is left to the nodes: what is near it is less smooth."""


def _cubics() -> NDArray[np.float32]:
    """Return the weight of each node for each pixel of a line, shape (nodes, pixels)."""
    pixel = np.arange(SIDE, dtype=np.float64)
    weights = [
        np.prod([(pixel - other) / (own - other) for other in PLACES if other != own], axis=0)
        for own in PLACES
    ]
    return np.array(weights, dtype=np.float32)


_CUBIC = _cubics()
_PLACE = np.array(PLACES, dtype=np.float64)
_ACROSS = len(PLACES)


@compiled
def _lay_out_nodes(f: Any, pixel: float) -> None:
    """Write where the nodes of a column of blocks lie from its middle, block by block."""
    for k in range(loops.CELLS):
        block, node = k // NODES, k % NODES
        row, column = SIDE * block + _PLACE[node // _ACROSS], _PLACE[node % _ACROSS]
        f[loops.EAST + k] = (column - 0.5 * (SIDE - 1)) * pixel
        f[loops.NORTH + k] = (0.5 * (SIDE * BLOCKS - 1) - row) * pixel


@compiled
def _blocks_within(aside: float, south: float, radius: float, pixel: float) -> Any:
    """Return the first and the last block + 1 of a column that a circle may touch."""
    if aside > radius:
        return 0, 0
    half = np.sqrt(radius * radius - aside * aside)
    top = np.floor(((south - half) / pixel + 0.5 * SIDE * BLOCKS) / SIDE)
    bottom = np.floor(((south + half) / pixel + 0.5 * SIDE * BLOCKS) / SIDE) + 1.0
    return int(max(top, 0.0)), int(max(min(bottom, float(BLOCKS)), 0.0))


@compiled
def _harvest(count: int, f: Any, place: Any, sites: Any, i: int, store: Any) -> None:
    """Store how strong a site may be around each node and what it gives there; raise what is surely had.

    ``SURE`` and ``NEXT`` hold the two greatest powers that every pixel around a node has at least.
    """
    wide_vectors()
    east, north, radius, reach = place
    slope, dip, linear = sites[i, loops.SLOPE], sites[i, loops.DIP_SLOPE], sites[i, loops.LINEAR_SLOPE]
    r2 = radius * radius
    for k in range(count):
        dx, dy = f[k + loops.EAST] - east, f[k + loops.NORTH] - north
        ground = dx * dx + dy * dy
        distance = np.sqrt(ground)
        inner = max(distance - reach, reach)
        change = reach * ((slope + dip / inner) / inner + linear)
        change = change if distance > reach + reach else _SURELY
        best, second = f[k + loops.BEST], f[k + loops.SECOND]
        store[k] = best + change
        store[k + loops.CELLS] = f[k + loops.TOTAL] if ground <= r2 else _ZERO
        lost = change if distance + reach <= radius else _SURELY
        sure = f[k + loops.SURE]
        f[k + loops.NEXT] = max(f[k + loops.NEXT], min(sure, best - lost), second - lost)
        f[k + loops.SURE] = max(sure, best - lost)


@compiled
def _survey(f: Any, where: Any, places: Any, network: Any, found: Any) -> int:
    """Compute all sites at the nodes of a column of blocks; return how many reach it."""
    middle, down, pixel, start, stop = where
    east, south, radius = places
    _, sectors, measured, _, _, wider = network
    store, slots = found
    half_wide, half_high, reach = 0.5 * (SIDE - 1) * pixel, 0.5 * SIDE * BLOCKS * pixel, FARTHEST * pixel
    count = 0
    for i in range(start, stop):
        x, y = east[i] - middle, south[i] - down
        aside, along = max(abs(x) - half_wide, 0.0), max(abs(y) - half_high, 0.0)
        first, last = _blocks_within(aside, y, radius[i], pixel)
        if first >= last:
            continue
        many, part = (last - first) * NODES, f[first * NODES :]
        clear(part, many)
        hear(many, part, (x, -y, _F(aside * aside + along * along)), wider, i)
        add_site(many, part, wider, i, sectors, measured)
        place = _F(x), _F(-y), _F(radius[i]), _F(reach)
        _harvest(many, part, place, wider, i, store[count, first * NODES :])
        slots[count, 0], slots[count, 1], slots[count, 2] = i, first, last
        count += 1
    return count


@compiled
def _sort_out(f: Any, where: Any, places: Any, found: Any, count: int, near: Any) -> None:
    """List for each block the sites to be computed at every pixel; sum up the others at its nodes."""
    middle, down, pixel, _, _ = where
    east, south, radius = places
    store, slots = found
    lists, many = near
    half = 0.5 * SIDE * pixel
    for slot in range(count):
        i = slots[slot, 0]
        x, r2 = abs(east[i] - middle) + half, radius[i] * radius[i]
        for block in range(slots[slot, 1], slots[slot, 2]):
            y = abs(south[i] - down - (block + 0.5 - 0.5 * BLOCKS) * SIDE * pixel) + half
            margin = MARGIN if x * x + y * y <= r2 else AT_EDGE
            begin = block * NODES
            if _matters(f, store, slot, begin, margin):
                lists[block, many[block]] = i
                many[block] += 1
            else:
                for k in range(begin, begin + NODES):
                    f[k + loops.SUM] += store[slot, k + loops.CELLS]


@compiled
def _matters(f: Any, store: Any, slot: int, begin: int, margin: Any) -> bool:
    """Return whether a site may be as strong as a block's second at any node, less a margin."""
    wide_vectors()
    hit = 0
    for k in range(begin, begin + NODES):
        hit |= store[slot, k] >= f[k + loops.NEXT] - margin
    return hit != 0


@compiled
def _add_far(nodes: Any, f: Any) -> None:
    """Add to each pixel of a block what its nodes have in sum, their logarithms interpolated."""
    wide_vectors()
    octaves = np.empty(NODES, np.float32)
    some = False
    for k in range(NODES):
        some |= nodes[k + loops.SUM] > _ZERO
        octaves[k] = log2(max(nodes[k + loops.SUM], exp2(nodes[k + loops.NEXT] - _FLOOR)))
    if not some:
        return
    for row in range(SIDE):
        a, b, c, d = _ZERO, _ZERO, _ZERO, _ZERO
        for k in range(_ACROSS):
            weight = _CUBIC[k, row]
            a += weight * octaves[_ACROSS * k]
            b += weight * octaves[_ACROSS * k + 1]
            c += weight * octaves[_ACROSS * k + 2]
            d += weight * octaves[_ACROSS * k + 3]
        for column in range(SIDE):
            value = a * _CUBIC[0, column] + b * _CUBIC[1, column] + c * _CUBIC[2, column]
            f[loops.TOTAL + row * SIDE + column] += exp2(value + d * _CUBIC[3, column])


@compiled
def _block(f: Any, where: Any, places: Any, network: Any, near: Any) -> None:
    """Compute a block's near sites at every pixel."""
    middle, down, pixel = where
    east, south, _ = places
    sites, sectors, measured, _, _, _ = network
    half = 0.5 * (SIDE - 1) * pixel
    # The tile is laid out around the middle of its full height; a block is its upper end.
    offset = (0.5 * loops.HEIGHT - 0.5 * SIDE) * pixel
    clear(f, SIDE * SIDE)
    for i in near:
        x, y = east[i] - middle, south[i] - down
        aside, along = max(abs(x) - half, 0.0), max(abs(y) - half, 0.0)
        hear(SIDE * SIDE, f, (x, offset - y, _F(aside * aside + along * along)), sites, i)
        add_site(SIDE * SIDE, f, sites, i, sectors, measured)


@compiled
def two_level(strip: int, pixel: float, places: Any, network: Any, out: Any) -> int:
    """Compute a strip of columns; return how many pairs of block and site were computed at every pixel."""
    f, nodes = np.zeros(loops.SCRATCH, np.float32), np.zeros(loops.SCRATCH, np.float32)
    lay_out(f, pixel)
    _lay_out_nodes(nodes, pixel)
    middle = (strip + 0.5) * SIDE * pixel
    reach, east = places[2].max() + SIDE * pixel, places[0]
    start, stop = np.searchsorted(east, middle - reach), np.searchsorted(east, middle + reach, "right")
    found = np.empty((stop - start, 2 * loops.CELLS), np.float32), np.empty((stop - start, 3), np.int64)
    lists, exact = np.empty((BLOCKS, stop - start), np.int64), 0
    for top in range(0, out[0].shape[0], SIDE * BLOCKS):
        nodes[loops.SURE : loops.SUM] = NOTHING
        nodes[loops.SUM : loops.SUM + loops.CELLS] = _ZERO
        where = middle, (top + 0.5 * SIDE * BLOCKS) * pixel, pixel, start, stop
        count = _survey(nodes, where, places, network, found)
        many = np.zeros(BLOCKS, np.int64)
        _sort_out(nodes, where, places, found, count, (lists, many))
        for block in range(min(BLOCKS, (out[0].shape[0] - top + SIDE - 1) // SIDE)):
            row = top + block * SIDE
            place = middle, (row + 0.5 * SIDE) * pixel, pixel
            _block(f, place, places, network, lists[block, : many[block]])
            _add_far(nodes[block * NODES :], f)
            hand_over(f, (row, strip * SIDE), SIDE, (network[3], network[4]), out)
            exact += many[block]
    return exact
