"""The compiled walk over the tiles of a raster: which sites reach each, and what is written of it.

A tile is so narrow that a circle's edge leaves little idle work, and so small that it stays in the first
cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.radio import fast_loops as loops
from sim.radio.fast_math import compiled
from sim.radio.masts import SILENT

_F = np.float32
_SILENT = _F(SILENT)
NOTHING = _F(-1000.0)
_NONE = _F(-np.inf)


@compiled
def lay_out(f: Any, pixel: float) -> None:
    """Write where each pixel of a tile lies from the tile's middle."""
    for k in range(loops.CELLS):
        f[loops.EAST + k] = (k % loops.WIDTH - 0.5 * (loops.WIDTH - 1)) * pixel
        f[loops.NORTH + k] = (0.5 * (loops.HEIGHT - 1) - k // loops.WIDTH) * pixel


@compiled
def clear(f: Any, server: Any) -> None:
    """Forget what the first pixels of a tile hold, as many as there are servers."""
    for k in range(len(server)):
        f[loops.BEST + k] = NOTHING
        f[loops.SECOND + k] = NOTHING
        f[loops.TOTAL + k] = _F(0.0)
        server[k] = -1


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
def hand_over(f: Any, server: Any, corner: Any, names: Any, per_octave: Any, out: Any) -> None:
    """Write a finished tile into the raster: dBm, row of the sector, dBm, mW."""
    wide = min(loops.WIDTH, out[0].shape[1] - corner[1])
    for row in range(min(len(server) // loops.WIDTH, out[0].shape[0] - corner[0])):
        k = row * loops.WIDTH
        place = corner[0] + row, slice(corner[1], corner[1] + wide)
        strongest, weaker, power = f[loops.BEST + k :], f[loops.SECOND + k :], f[loops.TOTAL + k :]
        best, name, second, total = out[0][place], out[1][place], out[2][place], out[3][place]
        for column in range(wide):
            heard = strongest[column] > _SILENT
            best[column] = strongest[column] * per_octave if heard else _NONE
            name[column] = names[server[k + column]] if heard else -1
        for column in range(wide):
            second[column] = weaker[column] * per_octave if weaker[column] > _SILENT else _NONE
            total[column] = power[column] if strongest[column] > _SILENT else _F(0.0)


@compiled
def hear(tile: Any, place: Any, far: bool, rows: Any, i: int) -> None:
    """Write loss, directions and dips of a site that stands at a place east and north of the middle."""
    if far:
        loops.far_loss(tile, _F(place[0]), _F(place[1]), rows, i)
    else:
        loops.near_loss(tile, _F(place[0]), _F(place[1]), rows, i)


@compiled
def add_site(tile: Any, sectors: Any, i: int, pattern: Any) -> None:
    """Add the sectors of a site whose loss, directions and dips are there."""
    first, codes, regular, table = sectors
    figures, measured = pattern
    if regular[i]:
        loops.even(tile, sectors, i, figures)
        return
    tilt = _F(np.inf)
    for s in range(first[i], first[i + 1]):
        code, turned = codes[i] + np.int32(s - first[i]), table[s, loops.TILT] != tilt
        tilt = table[s, loops.TILT]
        if measured.shape[1] > 1:
            if turned:
                loops.measured_lean(tile, tilt, measured[1])
            loops.measured_bearing(tile, table[s, loops.TURN], measured[0])
            loops.measured_sector(tile, table[s, loops.POWER], figures[loops.MOST], code)
            continue
        if turned and figures[loops.UPRIGHT] > _F(0.0):
            loops.lean(tile, tilt, figures)
        loops.sector(tile, table, s, figures, code)


@compiled
def direct(strip: int, pixel: float, sites: Any, sectors: Any, terrain: Any, out: Any) -> None:
    """Compute a strip of columns, tile by tile: every pair of pixel and loops.sector within the radius."""
    east, south, radius, near, rows = sites
    tables, pattern, names, per_octave = sectors
    windows, losses = terrain
    f, server = np.empty(loops.SCRATCH, np.float32), np.empty(loops.CELLS, np.int32)
    lay_out(f, pixel)
    f[loops.LEAN : loops.LEAN + loops.CELLS] = _F(0.0)
    half_wide, half_high = 0.5 * (loops.WIDTH - 1) * pixel, 0.5 * (loops.HEIGHT - 1) * pixel
    middle = (strip + 0.5) * loops.WIDTH * pixel
    reach = radius.max() + half_wide
    start, stop = np.searchsorted(east, middle - reach), np.searchsorted(east, middle + reach, "right")
    for top in range(0, out[0].shape[0], loops.HEIGHT):
        corner, down = (top, strip * loops.WIDTH), (top + 0.5 * loops.HEIGHT) * pixel
        clear(f, server)
        for i in range(start, stop):
            x, y = east[i] - middle, south[i] - down
            aside, along = max(abs(x) - half_wide, 0.0), max(abs(y) - half_high, 0.0)
            span = rows_within(aside, y, radius[i], pixel)
            if span[0] >= span[1]:
                continue
            begin, end = span[0] * loops.WIDTH, span[1] * loops.WIDTH
            tile = f[begin:], server[begin:end]
            hear(tile, (x, -y), aside * aside + along * along > near[i] * near[i], rows, i)
            if len(windows):
                _add_terrain(f, corner, span, windows[i], losses, _F(0.5) / per_octave)
            add_site(tile, tables, i, pattern)
        hand_over(f, server, corner, names, per_octave, out)
