"""Chains of moves: a home goes to the next box, one of that box to the one after, until one has room."""

from __future__ import annotations

import numpy as np

from sim.access.rooted import Floats, Rows

HOPS = 12
"""Moves of a chain at most."""


def best_moves(source: Rows, target: Rows, cost: Floats) -> Rows:
    """Return the cheapest of the moves for each pair of boxes, sorted by target, the first at a tie."""
    order = np.lexsort((np.arange(len(source)), cost, source, target))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(target[order]) != 0) | (np.diff(source[order]) != 0)
    result: Rows = order[first]
    return result


def gainful_cycles(source: Rows, target: Rows, cost: Floats, least: float) -> list[list[int]]:
    """Return rounds of moves without a box in common that together cost less than ``-least``.

    Moves (rows of the arguments) are sorted by target. Distances shrink from nothing along the moves; where
    the moves by which they last shrank run in a circle its cost is negative.

    References
    ----------
    Klein, Management Science 14 (1967) 205-220 (assignments are shortest where no such circle is left);
    Cherkassky and Goldberg, Mathematical Programming 85 (1999) 277-311 (the search).
    """
    if not len(source):
        return []
    nodes = int(max(source.max(), target.max())) + 1
    distance, by = np.zeros(nodes), np.full(nodes, -1, dtype=np.int64)
    start = np.flatnonzero(np.concatenate([[True], target[1:] != target[:-1]]))
    ends = target[start]
    length = np.diff(np.append(start, len(target)))
    for _ in range(HOPS):
        reached = distance[source] + cost
        best = np.minimum.reduceat(reached, start)
        shorter = best < distance[ends] - least
        if not shorter.any():
            return []
        hit = reached <= np.repeat(best, length)
        row = np.flatnonzero(hit)
        first = row[np.searchsorted(row, start)]  # every target has a move that is its best
        distance[ends[shorter]], by[ends[shorter]] = best[shorter], first[shorter]
        found = _circles(by, source)
        if found:
            return [circle for circle in found if cost[circle].sum() < -least]
    return []


def _circles(by: Rows, source: Rows) -> list[list[int]]:
    """Return the circles of moves in which every node was reached last, as rows of moves."""
    move, origin = by.tolist(), source.tolist()
    seen = [0] * len(move)
    found = []
    for node in range(len(move)):
        at, walk = node, []
        while seen[at] == 0 and move[at] >= 0:
            seen[at] = node + 1
            walk.append(at)
            at = origin[move[at]]
        if walk and seen[at] == node + 1 and move[at] >= 0:
            found.append([move[step] for step in walk[walk.index(at) :]])
        for step in walk:
            seen[step] = node + 1
    return found
