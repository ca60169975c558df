"""The compiled walk over the tiles of a raster: which sites reach each, and what is written of it.

A tile is so narrow that a circle's edge leaves little idle work, and so small that it stays in the first
cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.radio import fast_loops as loops
from sim.radio.fast_math import compiled, wide_vectors
from sim.radio.masts import SILENT

_F = np.float32
_SILENT = _F(SILENT)
NOTHING = _F(-1000.0)
_NONE = _F(-np.inf)
_NOBODY = _F(-1.0)


@compiled
def lay_out(f: Any, pixel: float) -> None:
    """Write where each pixel of a tile lies from the tile's middle."""
    for k in range(loops.CELLS):
        f[loops.EAST + k] = (k % loops.WIDTH - 0.5 * (loops.WIDTH - 1)) * pixel
        f[loops.NORTH + k] = (0.5 * (loops.HEIGHT - 1) - k // loops.WIDTH) * pixel


@compiled
def clear(f: Any, count: int) -> None:
    """Forget what was received at the first pixels of a tile."""
    for k in range(count):
        f[k + loops.BEST] = NOTHING
        f[k + loops.SECOND] = NOTHING
        f[k + loops.TOTAL] = _F(0.0)
        f[k + loops.SERVER] = _F(0.0)


@compiled
def rows_within(aside: float, south: float, radius: float, pixel: float) -> Any:
    """Return the first and the last row + 1 of a tile that a circle may touch.

    ``aside`` is how far to the side of the tile the circle's middle lies, ``south`` how far south of the
    tile's own middle.
    """
    if aside > radius:
        return 0, 0
    half = np.sqrt(radius * radius - aside * aside)
    middle = 0.5 * (loops.HEIGHT - 1)
    # A row more on each side: the loop itself judges pixels at the edge.
    top = np.floor((south - half) / pixel + middle)
    bottom = np.ceil((south + half) / pixel + middle) + 1.0
    return int(max(top, 0.0)), int(max(min(bottom, float(loops.HEIGHT)), 0.0))


@compiled
def _add_terrain(f: Any, corner: Any, span: Any, window: Any, losses: Any, scale: Any) -> None:
    """Add a site's window of losses over terrain to the rows of a tile; none outside the window."""
    first_row, first_column, rows, columns, start = window[0], window[1], window[2], window[3], window[4]
    left, right = max(corner[1], first_column), min(corner[1] + loops.WIDTH, first_column + columns)
    top, bottom = max(corner[0] + span[0], first_row), min(corner[0] + span[1], first_row + rows)
    for row in range(top, bottom):
        source = start + (row - first_row) * columns - first_column
        target = loops.LOSS + (row - corner[0]) * loops.WIDTH - corner[1]
        for column in range(left, right):
            f[target + column] += scale * _F(losses[source + column])


@compiled
def _finish(f: Any, count: int, names: Any, per_octave: Any) -> None:
    """Turn octaves into dBm and codes into rows of sectors, in place."""
    wide_vectors()
    for k in range(count):
        best, second = f[k + loops.BEST], f[k + loops.SECOND]
        who = names[int(f[k + loops.SERVER])]
        f[k + loops.SERVER] = who if best > _SILENT else _NOBODY
        f[k + loops.TOTAL] = f[k + loops.TOTAL] if best > _SILENT else _F(0.0)
        f[k + loops.BEST] = best * per_octave if best > _SILENT else _NONE
        f[k + loops.SECOND] = second * per_octave if second > _SILENT else _NONE


@compiled
def hand_over(f: Any, corner: Any, rows: int, naming: Any, out: Any) -> None:
    """Write the first rows of a finished tile into the raster: dBm, row of the sector, dBm, mW."""
    best, server, second, total = out
    top, left = corner
    _finish(f, rows * loops.WIDTH, naming[0], naming[1])
    wide = min(loops.WIDTH, best.shape[1] - left)
    for row in range(min(rows, best.shape[0] - top)):
        k = row * loops.WIDTH
        for column in range(wide):
            best[top + row, left + column] = f[k + column + loops.BEST]
        for column in range(wide):
            server[top + row, left + column] = np.int32(f[k + column + loops.SERVER])
        for column in range(wide):
            second[top + row, left + column] = f[k + column + loops.SECOND]
        for column in range(wide):
            total[top + row, left + column] = f[k + column + loops.TOTAL]


@compiled
def hear(count: int, f: Any, place: Any, sites: Any, i: int) -> None:
    """Write loss, directions and dips of a site; its place is east and north of the middle and how near."""
    x, y, nearest2 = place
    if nearest2 > sites[i, loops.NEAR2]:
        loops.far_loss(count, f, (_F(x), _F(y)), sites, i)
    else:
        loops.near_loss(count, f, (_F(x), _F(y)), sites, i)


@compiled
def add_site(count: int, f: Any, sites: Any, i: int, sectors: Any, measured: Any) -> None:
    """Add the sectors of a site whose loss, directions and dips are there."""
    if sites[i, loops.EVEN] > _F(0.0):
        loops.even(count, f, sites, i)
        return
    tilt = _F(np.inf)
    for s in range(int(sites[i, loops.FIRST]), int(sites[i, loops.LAST])):
        turned = sectors[s, loops.TILT] != tilt
        tilt = sectors[s, loops.TILT]
        if len(measured):
            if turned:
                loops.measured_lean(count, f, tilt, measured[1])
            loops.measured_bearing(count, f, sectors[s, loops.TURN], measured[0])
            loops.measured_sector(count, f, sites, i, sectors, s)
            continue
        if turned and sites[i, loops.UPRIGHT] > _F(0.0):
            loops.lean(count, f, tilt, sites, i)
        loops.sector(count, f, sites, i, sectors, s)


@compiled
def direct(strip: int, pixel: float, places: Any, network: Any, terrain: Any, out: Any) -> None:
    """Compute a strip of columns, tile by tile: every pair of pixel and sector within the radius."""
    east, south, radius = places
    sites, sectors, measured, names, per_octave = network
    windows, losses = terrain
    f = np.empty(loops.SCRATCH, np.float32)
    lay_out(f, pixel)
    f[loops.LEAN : loops.LEAN + loops.CELLS] = _F(0.0)
    half_wide, half_high = 0.5 * (loops.WIDTH - 1) * pixel, 0.5 * (loops.HEIGHT - 1) * pixel
    middle = (strip + 0.5) * loops.WIDTH * pixel
    reach = radius.max() + half_wide
    start, stop = np.searchsorted(east, middle - reach), np.searchsorted(east, middle + reach, "right")
    for top in range(0, out[0].shape[0], loops.HEIGHT):
        corner, down = (top, strip * loops.WIDTH), (top + 0.5 * loops.HEIGHT) * pixel
        clear(f, loops.CELLS)
        for i in range(start, stop):
            x, y = east[i] - middle, south[i] - down
            aside, along = max(abs(x) - half_wide, 0.0), max(abs(y) - half_high, 0.0)
            span = rows_within(aside, y, radius[i], pixel)
            if span[0] >= span[1]:
                continue
            count, part = (span[1] - span[0]) * loops.WIDTH, f[span[0] * loops.WIDTH :]
            hear(count, part, (x, -y, _F(aside * aside + along * along)), sites, i)
            if len(windows):
                _add_terrain(f, corner, span, windows[i], losses, _F(0.5) / per_octave)
            add_site(count, part, sites, i, sectors, measured)
        hand_over(f, corner, loops.HEIGHT, (names, per_octave), out)
