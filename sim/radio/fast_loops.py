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
EAST, NORTH, LOSS, AZIMUTH, DIP, LEAN, SPARE = (index * CELLS for index in range(7))
BEST, SECOND, TOTAL, SERVER = (index * CELLS for index in range(7, 11))
SURE, NEXT, SUM = (index * CELLS for index in range(11, 14))
SCRATCH = 14 * CELLS

# One table holds all that is known of a site, for the like reason: handing over an array costs a count of
# its users, as much as the work on some ten pixels.
R2, RISE2, ABOVE, A0, B0, A1, B1, A2, B2, LINEAR, END = range(11)
"""Squared radius and rise, height over the receiver, pieces of the loss, and its linear term."""
NEAR2, FAR_A, FAR_B, FAR_ABOVE = range(11, 15)
"""Squared distance beyond which one straight piece is left, that piece, and the height in turns."""
FIRST, LAST, CODE, EVEN, LEAD_TURN, LEAD_TILT, LEAD_POWER = range(15, 22)
"""Rows and first code of its sectors; how many if they are even, else 0; the first of them."""
ACROSS, MOST, UPRIGHT, FLOOR = range(22, 26)
"""The pattern: curvature [per turn squared] and cap in azimuth, then in elevation."""
SLOPE, DIP_SLOPE, LINEAR_SLOPE = range(26, 29)
"""How steeply power changes at most: times the distance, times its square, and for each metre."""
SITE_COLUMNS = 29
TURN, TILT, POWER = range(3)
"""Columns of the table of sectors."""

_F = np.float32
_OUT = _F(1000.0)
"""Loss beyond a site's radius: so much that nothing is received."""
_NEAREST2 = _F(1.0)
_HALF = _F(0.5)
_ZERO, _ONE = _F(0.0), _F(1.0)
_DEGREES = _F(360.0)


@compiled
def near_loss(count: int, f: Any, place: Any, sites: Any, i: int) -> None:
    """Write a site's loss at each pixel, and the direction and the dip at which the site sees it."""
    wide_vectors()
    east, north = place
    r2, rise2, above = sites[i, R2], sites[i, RISE2], sites[i, ABOVE]
    a0, b0, a1, b1 = sites[i, A0], sites[i, B0], sites[i, A1], sites[i, B1]
    a2, b2 = sites[i, A2], sites[i, B2]
    per_m, end = sites[i, LINEAR], sites[i, END]
    for k in range(count):
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
def far_loss(count: int, f: Any, place: Any, sites: Any, i: int) -> None:
    """Do the same where one straight piece of the loss is left and the dip is height over distance."""
    wide_vectors()
    east, north = place
    r2, rise2, above = sites[i, R2], sites[i, RISE2], sites[i, FAR_ABOVE]
    a, b = sites[i, FAR_A], sites[i, FAR_B]
    for k in range(count):
        dx = f[k + EAST] - east
        dy = f[k + NORTH] - north
        ground = dx * dx + dy * dy
        log = log2(ground + rise2)
        f[k + LOSS] = a + b * log if ground <= r2 else _OUT
        f[k + AZIMUTH] = turns(dx, dy)
        f[k + DIP] = above * exp2(-_HALF * log)


@compiled
def lean(count: int, f: Any, tilt: Any, sites: Any, i: int) -> None:
    """Write what a sector of this tilt loses by elevation."""
    wide_vectors()
    upright, floor = sites[i, UPRIGHT], sites[i, FLOOR]
    for k in range(count):
        down = f[k + DIP] - tilt
        f[k + LEAN] = min(upright * down * down, floor)


@compiled
def sector(count: int, f: Any, sites: Any, i: int, sectors: Any, s: int) -> None:
    """Add one sector to a tile."""
    wide_vectors()
    turn, power, across, most = sectors[s, TURN], sectors[s, POWER], sites[i, ACROSS], sites[i, MOST]
    code = sites[i, CODE] + (_F(s) - sites[i, FIRST])
    for k in range(count):
        off = wrapped(f[k + AZIMUTH] - turn)
        received = (power - f[k + LOSS]) - min(f[k + LEAN] + across * off * off, most)
        best = f[k + BEST]
        f[k + SECOND] = max(f[k + SECOND], min(best, received))
        f[k + SERVER] = code if received > best else f[k + SERVER]
        f[k + BEST] = max(best, received)
        f[k + TOTAL] += exp2(received)


@compiled
def measured_lean(count: int, f: Any, tilt: Any, table: Any) -> None:
    """Write what a sector of this tilt loses by elevation, of a measured pattern."""
    for k in range(count):
        f[k + LEAN] = _between(table, wrapped(f[k + DIP] - tilt))


@compiled
def measured_bearing(count: int, f: Any, turn: Any, table: Any) -> None:
    """Add to that what a sector loses by direction, of a measured pattern."""
    for k in range(count):
        f[k + SPARE] = f[k + LEAN] + _between(table, wrapped(f[k + AZIMUTH] - turn))


@compiled
def measured_sector(count: int, f: Any, sites: Any, i: int, sectors: Any, s: int) -> None:
    """Add one sector of a measured pattern to a tile."""
    wide_vectors()
    power, most, code = sectors[s, POWER], sites[i, MOST], sites[i, CODE] + (_F(s) - sites[i, FIRST])
    for k in range(count):
        received = (power - f[k + LOSS]) - min(f[k + SPARE], most)
        best = f[k + BEST]
        f[k + SECOND] = max(f[k + SECOND], min(best, received))
        f[k + SERVER] = code if received > best else f[k + SERVER]
        f[k + BEST] = max(best, received)
        f[k + TOTAL] += exp2(received)


@compiled
def _between(table: Any, off: Any) -> Any:
    """Return a table of whole degrees, begun half a turn back, between its figures."""
    place = (off + _HALF) * _DEGREES
    below = int(place)
    return table[below] + (place - _F(below)) * (table[below + 1] - table[below])


@compiled
def even(count: int, f: Any, sites: Any, i: int) -> None:
    """Add all sectors of a site where they are alike and divide the turn: the two nearest by direction.

    The others are off by more than the pattern's cap, so that one power stands for them.
    """
    wide_vectors()
    turn, tilt, power, many = sites[i, LEAD_TURN], sites[i, LEAD_TILT], sites[i, LEAD_POWER], sites[i, EVEN]
    most, upright, floor = sites[i, MOST], sites[i, UPRIGHT], sites[i, FLOOR]
    across = sites[i, ACROSS] / (many * many)
    behind = (many - _F(2.0)) * exp2(-most)
    # A direction may lie up to one and a half turns before the first sector.
    code = sites[i, CODE] + _F(2.0) * many
    for k in range(count):
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
        f[k + SERVER] = code + which if received > best else f[k + SERVER]
        f[k + BEST] = max(best, received)
        f[k + TOTAL] += exp2(boresight) * (exp2_small(-weaker) + exp2_small(-weakest) + behind)
