"""Homes that change their access box: to a nearer one with room, or in exchange for another's homes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.access.rooted import Floats, Rows

ROUNDS = 200
"""Rounds of moves at most; each shortens the drops, so they end by themselves."""
LEAST_GAIN = 1e-9
"""What a move gains at least, as a share of the drops it is about: rounding moves nothing."""


@dataclass(frozen=True, eq=False)
class Arcs:
    """Which boxes could serve which buildings, sorted by building and box."""

    building: Rows
    box: Rows
    drop_m: Floats
    """Drop of a home of the building to the box [m]."""


def exchanged(arcs: Arcs, homes: Rows, box: Rows, free: Rows) -> Rows:
    """Return the box of each building after all moves that shorten the drops, shape (b,).

    ``box`` is where each starts and ``free`` the homes that each box has room for, shape (p,). A home
    moves to a nearer box with room, or two buildings with as many homes change places.
    """
    box, free = box.copy(), free.copy()
    now = np.full(len(box), np.inf)
    for _ in range(ROUNDS):
        own = arcs.box == box[arcs.building]
        now[arcs.building[own]] = arcs.drop_m[own]
        gain = (now[arcs.building] - arcs.drop_m) * homes[arcs.building]
        least = LEAST_GAIN * max(float(arcs.drop_m.max(initial=0.0)), 1.0)
        if _shifted(arcs, homes, box, free, (gain > least) & ~own, gain):
            continue
        if not _swapped(arcs, homes, box, gain, least):
            break
    return box


def _shifted(arcs: Arcs, homes: Rows, box: Rows, free: Rows, better: NDArray[np.bool_], gain: Floats) -> bool:
    """Move buildings to boxes with room, in place; return whether any moved."""
    rows = np.flatnonzero(better & (homes[arcs.building] <= free[arcs.box]))
    if not len(rows):
        return False
    rows = rows[np.lexsort((arcs.box[rows], -gain[rows], arcs.building[rows]))]
    rows = rows[_first(arcs.building[rows])]
    rows = rows[np.lexsort((arcs.building[rows], -gain[rows], arcs.box[rows]))]
    filled = np.cumsum(homes[arcs.building[rows]])
    group = np.cumsum(_first(arcs.box[rows])) - 1
    before = (filled - homes[arcs.building[rows]])[_first(arcs.box[rows])]
    rows = rows[filled - before[group] <= free[arcs.box[rows]]]
    moved = arcs.building[rows]
    np.add.at(free, box[moved], homes[moved])
    np.subtract.at(free, arcs.box[rows], homes[moved])
    box[moved] = arcs.box[rows]
    return True


def _swapped(arcs: Arcs, homes: Rows, box: Rows, gain: Floats, least: float) -> bool:
    """Let pairs of buildings change places, in place, each box in one pair; return whether any did."""
    source, target = box[arcs.building], arcs.box
    rows = np.flatnonzero(source != target)
    count = homes[arcs.building[rows]]
    order = np.lexsort((arcs.building[rows], -gain[rows], count, target[rows], source[rows]))
    rows = rows[order]
    key = _key(source[rows], target[rows], homes[arcs.building[rows]], len(box))
    rows, key = rows[_first(key)], key[_first(key)]
    back = _key(target[rows], source[rows], homes[arcs.building[rows]], len(box))
    at = np.minimum(np.searchsorted(key, back), max(len(key) - 1, 0))
    pair = (key[at] == back) & (source[rows] < target[rows]) if len(key) else np.zeros(0, dtype=bool)
    both = gain[rows] + gain[rows[at]]
    good = np.flatnonzero(pair & (both > least))
    good = good[np.argsort(-both[good], kind="stable")]
    used: set[int] = set()
    for row in good.tolist():
        one, other = int(source[rows[row]]), int(target[rows[row]])
        if one in used or other in used:
            continue
        used |= {one, other}
        box[arcs.building[rows[row]]], box[arcs.building[rows[at[row]]]] = other, one
    return bool(used)


def _first(values: Rows) -> NDArray[np.bool_]:
    return np.concatenate([[True], values[1:] != values[:-1]])[: len(values)]


def _key(one: Rows, other: Rows, homes: Rows, size: int) -> Rows:
    return (one * (size + 1) + other) * (int(homes.max(initial=0)) + 1) + homes
