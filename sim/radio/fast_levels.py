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
def _harvest(tile: Any, place: Any, limits: Any, steep: Any, store: Any) -> None:
    """Store how strong a site may be around each node and what it gives there; raise what is surely had.

    ``SURE`` and ``NEXT`` hold the two greatest powers that every pixel around a node has at least.
    """
    wide_vectors()
    f, server = tile
    east, north = place
    r2, radius, reach = limits
    slope, dip, linear = steep
    for k in range(len(server)):
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
def _survey(scratch: Any, where: Any, sites: Any, sectors: Any, found: Any) -> int:
    """Compute all sites at the nodes of a column of blocks; return how many reach it."""
    f, server = scratch
    middle, down, pixel, start, stop = where
    east, south, radius, near, _, rows, steep = sites
    store, slots = found
    half_wide, reach = 0.5 * (SIDE - 1) * pixel, FARTHEST * pixel
    count = 0
    for i in range(start, stop):
        x, y = east[i] - middle, south[i] - down
        aside = max(abs(x) - half_wide, 0.0)
        first, last = _blocks_within(aside, y, radius[i], pixel)
        if first >= last:
            continue
        begin, end = first * NODES, last * NODES
        tile = f[begin:], server[begin:end]
        clear(tile[0], tile[1])
        along = max(abs(y) - 0.5 * SIDE * BLOCKS * pixel, 0.0)
        hear(tile, (x, -y), aside * aside + along * along > near[i] * near[i], rows, i)
        add_site(tile, sectors[0], i, sectors[1])
        limits = _F(radius[i] * radius[i]), _F(radius[i]), _F(reach)
        _harvest(tile, (_F(x), _F(-y)), limits, (steep[i, 0], steep[i, 1], steep[i, 2]), store[count, begin:])
        slots[count, 0], slots[count, 1], slots[count, 2] = i, first, last
        count += 1
    return count


@compiled
def _sort_out(f: Any, where: Any, sites: Any, found: Any, count: int, near: Any) -> None:
    """List for each block the sites to be computed at every pixel; sum up the others at its nodes."""
    middle, down, pixel, _, _ = where
    store, slots = found
    lists, many = near
    half = 0.5 * SIDE * pixel
    for slot in range(count):
        i = slots[slot, 0]
        x, radius = abs(sites[0][i] - middle) + half, sites[2][i]
        for block in range(slots[slot, 1], slots[slot, 2]):
            y = abs(sites[1][i] - down - (block + 0.5 - 0.5 * BLOCKS) * SIDE * pixel) + half
            margin = MARGIN if x * x + y * y <= radius * radius else AT_EDGE
            if _matters(f[block * NODES :], store[slot, block * NODES :], margin):
                lists[block, many[block]] = i
                many[block] += 1
            else:
                _sum_up(f[block * NODES :], store[slot, block * NODES :])


@compiled
def _matters(f: Any, upper: Any, margin: Any) -> bool:
    wide_vectors()
    hit = 0
    for k in range(NODES):
        hit |= upper[k] >= f[k + loops.NEXT] - margin
    return hit != 0


@compiled
def _sum_up(f: Any, store: Any) -> None:
    wide_vectors()
    for k in range(NODES):
        f[k + loops.SUM] += store[k + loops.CELLS]


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
def _block(scratch: Any, where: Any, sites: Any, sectors: Any, near: Any) -> None:
    """Compute a block's near sites at every pixel."""
    middle, down, pixel = where
    half = 0.5 * (SIDE - 1) * pixel
    # The tile is laid out around the middle of its full height; a block is its upper end.
    offset = (0.5 * loops.HEIGHT - 0.5 * SIDE) * pixel
    for i in near:
        x, y = sites[0][i] - middle, sites[1][i] - down
        aside, along = max(abs(x) - half, 0.0), max(abs(y) - half, 0.0)
        far = aside * aside + along * along > sites[3][i] * sites[3][i]
        hear(scratch, (x, offset - y), far, sites[4], i)
        add_site(scratch, sectors[0], i, sectors[1])


@compiled
def two_level(strip: int, pixel: float, sites: Any, sectors: Any, out: Any) -> int:
    """Compute a strip of columns; return how many pairs of block and site were computed at every pixel."""
    tables, pattern, names, per_octave = sectors
    f, server = np.empty(loops.SCRATCH, np.float32), np.empty(loops.CELLS, np.int32)
    nodes, nobody = np.empty(loops.SCRATCH, np.float32), np.empty(loops.CELLS, np.int32)
    f[loops.LEAN : loops.LEAN + loops.CELLS] = _ZERO
    nodes[loops.LEAN : loops.LEAN + loops.CELLS] = _ZERO
    lay_out(f, pixel)
    _lay_out_nodes(nodes, pixel)
    middle = (strip + 0.5) * SIDE * pixel
    reach = sites[2].max() + SIDE * pixel
    start, stop = (
        np.searchsorted(sites[0], middle - reach),
        np.searchsorted(sites[0], middle + reach, "right"),
    )
    store = np.empty((stop - start, 2 * loops.CELLS), np.float32)
    slots, lists = np.empty((stop - start, 3), np.int64), np.empty((BLOCKS, stop - start), np.int64)
    exact = 0
    for top in range(0, out[0].shape[0], SIDE * BLOCKS):
        nodes[loops.SURE : loops.SUM] = NOTHING
        nodes[loops.SUM : loops.SUM + loops.CELLS] = _ZERO
        where = middle, (top + 0.5 * SIDE * BLOCKS) * pixel, pixel, start, stop
        count = _survey((nodes, nobody), where, sites, (tables, pattern), (store, slots))
        many = np.zeros(BLOCKS, np.int64)
        _sort_out(nodes, where, sites, (store, slots), count, (lists, many))
        for block in range(min(BLOCKS, (out[0].shape[0] - top + SIDE - 1) // SIDE)):
            tile, row = (f, server[: SIDE * SIDE]), top + block * SIDE
            clear(*tile)
            place = middle, (row + 0.5 * SIDE) * pixel, pixel
            _block(tile, place, sites, (tables, pattern), lists[block, : many[block]])
            _add_far(nodes[block * NODES :], f)
            hand_over(f, server[: SIDE * SIDE], (row, strip * SIDE), names, per_octave, out)
            exact += many[block]
    return exact
