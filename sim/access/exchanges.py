"""Homes that change their access box: to a nearer one with room, or in exchange for another's homes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.access.chains import best_moves, gainful_cycles
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

    ``box`` is where each starts and ``free`` the homes that each box has room for, shape (p,). A building
    moves to a nearer box with room, or some with as many homes go round: each to the box that another
    leaves, or the last to one with room.
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
        if not _chained(arcs, homes, (box, free), gain, least):
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


def _chained(arcs: Arcs, homes: Rows, state: tuple[Rows, Rows], gain: Floats, least: float) -> bool:
    """Move buildings with as many homes round circles of boxes, in place; return whether any moved.

    The last node stands for room: whoever leaves a box makes some, and a box with room may take it.
    """
    box, free = state
    moved, count = False, len(free)
    for size in np.unique(homes).tolist():
        rows = np.flatnonzero((homes[arcs.building] == size) & (arcs.box != box[arcs.building]))
        rows = rows[best_moves(box[arcs.building[rows]], arcs.box[rows], -gain[rows])]
        roomy = np.flatnonzero(free >= size)
        every = np.arange(count)
        source = np.concatenate([box[arcs.building[rows]], np.full(count, count), roomy])
        target = np.concatenate([arcs.box[rows], every, np.full(len(roomy), count)])
        cost = np.concatenate([-gain[rows], np.zeros(count + len(roomy))])
        move = np.concatenate([rows, np.full(count + len(roomy), -1)])
        order = np.argsort(target, kind="stable")
        for circle in gainful_cycles(source[order], target[order], cost[order], least):
            taken = order[circle]
            real = move[taken][move[taken] >= 0]
            went = arcs.building[real]
            np.add.at(free, box[went], size)
            np.subtract.at(free, arcs.box[real], size)
            box[went] = arcs.box[real]
            moved = True
        if moved:
            break  # what other buildings gain has changed
    return moved


def _first(values: Rows) -> NDArray[np.bool_]:
    return np.concatenate([[True], values[1:] != values[:-1]])[: len(values)]
