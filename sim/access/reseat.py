"""Better places for access boxes: given up where they are missed least, opened where most is saved."""

from __future__ import annotations

import numpy as np

from sim.access.clusters import Demand, Grouping, drops_m, settled, within_reach
from sim.access.rooted import Rooted, Rows
from sim.access.sites import Sites

LEAST_SHARE = 1e-4
"""A turn must shorten the drops by this share, else the places stay."""
TRIES = 10
"""Sets of moves that are tried at most."""


def reseated(tree: Rooted, demand: Demand, found: Grouping, limits: tuple[int, float]) -> Grouping:
    """Return a grouping to as many boxes whose drops are no longer in all.

    Every turn pairs the places where one box more would save most with the boxes whose homes lose least by
    going to others, as long as the one exceeds the other. All pairs move at once; where that makes drops
    longer, every other pair does, and so on. ``limits`` are the homes of a box and the longest drop [m].

    References
    ----------
    Teitz and Bart, Operations Research 16 (1968) 955-961 (exchange of one place for another).
    """
    if len(found.vertex) <= 1 or found.drop_m.max() <= 0.0:
        return found
    sites = Sites(tree, demand, float(found.drop_m.max()))
    tries = TRIES
    while tries:
        before = found
        waiting = [_pairs(tree, demand, found, limits, sites)]
        while waiting and tries:
            pairs = waiting.pop(0)
            if not pairs:
                continue
            tries -= 1
            tried = _moved(tree, demand, found, limits, (sites, pairs))
            if tried is not None and tried.total_m(demand) < found.total_m(demand) * (1.0 - LEAST_SHARE):
                found = tried
                break
            if len(pairs) > 1:
                waiting += [pairs[0::2], pairs[1::2]]
        if found is before:
            break
    return found


def _pairs(
    tree: Rooted, demand: Demand, found: Grouping, limits: tuple[int, float], sites: Sites
) -> list[tuple[int, int]]:
    """Return boxes to give up with the vertices to open in their stead, the most gainful first."""
    capacity, longest_m = limits
    boxes = len(found.vertex)
    used = np.bincount(found.box, weights=demand.homes, minlength=boxes)
    arcs = within_reach(tree, demand, found.vertex, longest_m)
    room = demand.homes[arcs.building] <= (capacity - used)[arcs.box]
    roomy = room & (arcs.box != found.box[arcs.building])
    other = np.full(len(demand), np.inf)
    np.minimum.at(other, arcs.building[roomy], arcs.drop_m[roomy])
    loss = np.bincount(found.box, weights=(other - found.drop_m) * demand.homes, minlength=boxes)
    given = np.argsort(loss, kind="stable")
    given = given[np.isfinite(loss[given])].tolist()
    gain = sites.savings(found.drop_m, capacity)
    taken = np.zeros(len(demand), dtype=bool)
    pairs: list[tuple[int, int]] = []
    for vertex in np.argsort(-gain, kind="stable").tolist():
        if len(pairs) == len(given) or gain[vertex] <= loss[given[len(pairs)]]:
            break
        savers = sites.savers(vertex, found.drop_m)
        if not taken[savers].any():
            taken[savers] = True
            pairs.append((given[len(pairs)], vertex))
    return pairs


def _moved(
    tree: Rooted,
    demand: Demand,
    found: Grouping,
    limits: tuple[int, float],
    change: tuple[Sites, list[tuple[int, int]]],
) -> Grouping | None:
    """Return the grouping after boxes changed places; None where a home finds no box with room."""
    sites, pairs = change
    vertex, box = found.vertex.copy(), found.box.copy()
    for old, new in pairs:
        vertex[old] = new
        box[box == old] = -1
    free = limits[0] - np.bincount(box[box >= 0], weights=demand.homes[box >= 0], minlength=len(vertex))
    for old, new in pairs:
        for building in sites.savers(new, found.drop_m).tolist():
            if demand.homes[building] > free[old]:
                break
            if box[building] >= 0:
                free[box[building]] += demand.homes[building]
            box[building] = old
            free[old] -= demand.homes[building]
    if not _housed(tree, demand, vertex, (box, free), limits[1]):
        return None
    return settled(tree, demand, Grouping(vertex, box, drops_m(tree, demand, vertex[box])), limits)


def _housed(tree: Rooted, demand: Demand, vertex: Rows, state: tuple[Rows, Rows], longest_m: float) -> bool:
    """Give every building without a box the nearest one with room, in place; return whether all got one."""
    box, free = state
    arcs = within_reach(tree, demand, vertex, longest_m)
    rows = np.flatnonzero(box[arcs.building] < 0)
    rows = rows[np.lexsort((arcs.box[rows], arcs.building[rows], arcs.drop_m[rows]))]
    for row in rows.tolist():
        building, target = arcs.building[row], arcs.box[row]
        if box[building] < 0 and demand.homes[building] <= free[target]:
            box[building] = target
            free[target] -= demand.homes[building]
    return bool((box >= 0).all())
