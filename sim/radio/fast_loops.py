"""The compiled loops over the pixels of a tile: one site's loss, its sectors, and the best of what came.

Powers are octaves (log2 of milliwatts), angles turns, lengths metres; all in single precision. Each loop
has no branch and works on one array, so that the compiler turns it into vector instructions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.radio.fast_math import compiled, exp2, exp2_small, log2, turns, whole, wide_vectors, wrapped

WIDTH = 16
"""Pixels across: one or two vectors of float32."""
HEIGHT = 64
CELLS = WIDTH * HEIGHT

# One array holds all that a tile works on: with one array each the compiler would have to ask before every
# loop which of them overlap, and gives the vectors up beyond eight questions.
EAST, NORTH, LOSS, AZIMUTH, DIP, LEAN, SPARE, BEST, SECOND, TOTAL = (index * CELLS for index in range(10))
SURE, NEXT, SUM = (index * CELLS for index in range(10, 13))
SCRATCH = 13 * CELLS

R2, RISE2, A0, B0, A1, B1, A2, B2, LINEAR, END, ABOVE, FAR_A, FAR_B, FAR_ABOVE = range(14)
"""Columns of the table of sites."""
SITE_COLUMNS = 14
TURN, TILT, POWER = range(3)
"""Columns of the table of sectors."""
ACROSS, MOST, UPRIGHT, FLOOR = range(4)
"""Entries of the pattern: curvature [per turn squared] and cap in azimuth, then in elevation."""

_F = np.float32
_OUT = _F(1000.0)
"""Loss beyond a site's radius: so much that nothing is received."""
_NEAREST2 = _F(1.0)
_HALF = _F(0.5)
_ZERO, _ONE = _F(0.0), _F(1.0)
_DEGREES = _F(360.0)


@compiled
def near_loss(tile: Any, east: Any, north: Any, sites: Any, i: int) -> None:
    """Write a site's loss at each pixel, and the direction and the dip at which the site sees it."""
    f, server = tile
    wide_vectors()
    r2, rise2, above = sites[i, R2], sites[i, RISE2], sites[i, ABOVE]
    a0, b0, a1, b1, a2, b2 = (
        sites[i, A0],
        sites[i, B0],
        sites[i, A1],
        sites[i, B1],
        sites[i, A2],
        sites[i, B2],
    )
    per_m, end = sites[i, LINEAR], sites[i, END]
    for k in range(len(server)):
        dx = f[k + EAST] - east
        dy = f[k + NORTH] - north
        ground = dx * dx + dy * dy
        d2 = max(ground, _NEAREST2) + rise2
        log = log2(d2)
        value = max(a0 + b0 * log, a1 + b1 * log) + per_m * min(np.sqrt(d2), end)
        f[k + LOSS] = max(value, a2 + b2 * log) if ground <= r2 else _OUT
        f[k + AZIMUTH] = turns(dx, dy)
        f[k + DIP] = turns(above, np.sqrt(ground))


@compiled
def far_loss(tile: Any, east: Any, north: Any, sites: Any, i: int) -> None:
    """Do the same where one straight piece of the loss is left and the dip is height over distance."""
    f, server = tile
    wide_vectors()
    r2, rise2, above, a, b = (
        sites[i, R2],
        sites[i, RISE2],
        sites[i, FAR_ABOVE],
        sites[i, FAR_A],
        sites[i, FAR_B],
    )
    for k in range(len(server)):
        dx = f[k + EAST] - east
        dy = f[k + NORTH] - north
        ground = dx * dx + dy * dy
        log = log2(ground + rise2)
        f[k + LOSS] = a + b * log if ground <= r2 else _OUT
        f[k + AZIMUTH] = turns(dx, dy)
        f[k + DIP] = above * exp2(-_HALF * log)


@compiled
def lean(tile: Any, tilt: Any, pattern: Any) -> None:
    """Write what a sector of this tilt loses by elevation."""
    f, server = tile
    wide_vectors()
    upright, floor = pattern[UPRIGHT], pattern[FLOOR]
    for k in range(len(server)):
        down = f[k + DIP] - tilt
        f[k + LEAN] = min(upright * down * down, floor)


@compiled
def sector(tile: Any, sectors: Any, s: int, pattern: Any, code: Any) -> None:
    """Add one sector to a tile."""
    f, server = tile
    wide_vectors()
    turn, power, across, most = sectors[s, TURN], sectors[s, POWER], pattern[ACROSS], pattern[MOST]
    for k in range(len(server)):
        off = wrapped(f[k + AZIMUTH] - turn)
        received = (power - f[k + LOSS]) - min(f[k + LEAN] + across * off * off, most)
        best = f[k + BEST]
        f[k + SECOND] = max(f[k + SECOND], min(best, received))
        server[k] = code if received > best else server[k]
        f[k + BEST] = max(best, received)
        f[k + TOTAL] += exp2(received)


@compiled
def measured_lean(tile: Any, tilt: Any, table: Any) -> None:
    """Write what a sector of this tilt loses by elevation, of a measured pattern."""
    f, server = tile
    for k in range(len(server)):
        f[k + LEAN] = _between(table, wrapped(f[k + DIP] - tilt))


@compiled
def measured_bearing(tile: Any, turn: Any, table: Any) -> None:
    """Add to that what a sector loses by direction, of a measured pattern."""
    f, server = tile
    for k in range(len(server)):
        f[k + SPARE] = f[k + LEAN] + _between(table, wrapped(f[k + AZIMUTH] - turn))


@compiled
def measured_sector(tile: Any, power: Any, most: Any, code: Any) -> None:
    """Add one sector of a measured pattern to a tile."""
    f, server = tile
    wide_vectors()
    for k in range(len(server)):
        received = (power - f[k + LOSS]) - min(f[k + SPARE], most)
        best = f[k + BEST]
        f[k + SECOND] = max(f[k + SECOND], min(best, received))
        server[k] = code if received > best else server[k]
        f[k + BEST] = max(best, received)
        f[k + TOTAL] += exp2(received)


@compiled
def _between(table: Any, off: Any) -> Any:
    """Return a table of whole degrees, begun half a turn back, between its figures."""
    place = (off + _HALF) * _DEGREES
    below = int(place)
    return table[below] + (place - _F(below)) * (table[below + 1] - table[below])


@compiled
def even(tile: Any, sectors: Any, i: int, pattern: Any) -> None:
    """Add all sectors of a site where they are alike and divide the turn: the two nearest by direction.

    The others are off by more than the pattern's cap, so that one power stands for them.
    """
    f, server = tile
    wide_vectors()
    first, codes, _, table = sectors
    turn, tilt, power = table[first[i], TURN], table[first[i], TILT], table[first[i], POWER]
    many = _F(first[i + 1] - first[i])
    most, upright, floor = pattern[MOST], pattern[UPRIGHT], pattern[FLOOR]
    across = pattern[ACROSS] / (many * many)
    behind = (many - _F(2.0)) * exp2(-most)
    # A direction may lie up to one and a half turns before the first sector.
    code = codes[i] + 2 * np.int32(many)
    for k in range(len(server)):
        place = (f[k + AZIMUTH] - turn) * many
        nearest = whole(place)
        off = abs(place - nearest)
        other = _ONE - off
        down = f[k + DIP] - tilt
        leaning = min(upright * down * down, floor)
        weaker = min(leaning + across * off * off, most)
        weakest = min(leaning + across * other * other, most)
        boresight = power - f[k + LOSS]
        received = boresight - weaker
        best = f[k + BEST]
        f[k + SECOND] = max(f[k + SECOND], min(best, received), boresight - weakest)
        # Where all are at the cap, under the mast, all are as strong: the first by bearing counts.
        which = nearest if weaker < most else _ZERO
        server[k] = code + np.int32(which) if received > best else server[k]
        f[k + BEST] = max(best, received)
        f[k + TOTAL] += exp2(boresight) * (exp2_small(-weaker) + exp2_small(-weakest) + behind)
