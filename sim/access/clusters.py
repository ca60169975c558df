"""Homes grouped to access boxes along a tree of routes: so many a box, none farther than a drop is long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.access.exchanges import Arcs, exchanged
from sim.access.rooted import Floats, Rooted, Rows


@dataclass(frozen=True, eq=False)
class Demand:
    """Buildings that drops lead to."""

    vertex: Rows
    """Vertex of the tree at each building, shape (b,)."""
    lead_m: Floats
    """Cable between vertex and building, shape (b,) [m]."""
    homes: Rows
    """Homes in each building, at least 1, shape (b,)."""

    def __len__(self) -> int:
        return len(self.vertex)


@dataclass(frozen=True, eq=False)
class Grouping:
    """Boxes at vertices of a tree, and the box of each building."""

    vertex: Rows
    """Vertex of each box, shape (p,)."""
    box: Rows
    """Box of each building, shape (b,)."""
    drop_m: Floats
    """Cable between each building and its box, shape (b,) [m]."""

    def total_m(self, demand: Demand) -> float:
        """Return the drops of all homes together [m]."""
        return float((self.drop_m * demand.homes).sum())


def grouped(tree: Rooted, demand: Demand, capacity: int, longest_m: float) -> Grouping:
    """Return boxes for buildings: at most ``capacity`` homes a box, no drop beyond ``longest_m``.

    Buildings have no more homes than a box, leads no longer than half of ``longest_m``, and the edges of
    the tree are at most a quarter of it long: then every group that is less than 7/4 of the longest drop
    across has a vertex from which all of it is in reach.

    The start cuts the tree from its ends: what hangs on a vertex stays one group while it fits, and the
    fullest branch (or the one that reaches farthest) becomes a group of its own where it does not. Then
    boxes move to the middle of their homes, and homes to nearer boxes with room or in exchange for others,
    by turns until nothing gains. ``vertex`` may be empty.

    References
    ----------
    Kundu and Misra, SIAM Journal on Computing 6 (1977) 151-154 (the cuts).
    """
    if not len(demand):
        none = np.zeros(0, dtype=np.int64)
        return Grouping(none, none, np.zeros(0))
    box = cut_from_the_ends(tree, demand, capacity, REACH * 2.0 * longest_m)
    vertex = centres(tree, demand, box)
    return settled(tree, demand, Grouping(vertex, box, np.zeros(len(demand))), (capacity, longest_m))


def settled(tree: Rooted, demand: Demand, found: Grouping, limits: tuple[int, float]) -> Grouping:
    """Return the grouping after boxes and homes have moved by turns until nothing gains.

    Boxes move to the middle of their homes, homes to nearer boxes with room or in exchange for others.
    ``limits`` are the homes of a box and the longest drop [m], which ``found`` keeps.
    """
    capacity, longest_m = limits
    box, vertex = found.box, middles(tree, demand, found.box, found.vertex, longest_m)
    for _ in range(ROUNDS):
        before = vertex
        arcs = nearest(within_reach(tree, demand, vertex, longest_m), box)
        used = np.bincount(box, weights=demand.homes, minlength=len(vertex)).astype(np.int64)
        box = exchanged(arcs, demand.homes, box, capacity - used)
        vertex = middles(tree, demand, box, vertex, longest_m)
        if np.array_equal(vertex, before):
            break
    return Grouping(vertex, box, drops_m(tree, demand, vertex[box]))


REACH = 0.875
"""Half of a group's width over the longest drop: the middle of an edge lies an eighth from its end."""
CHOICES = 6
"""Boxes nearest to a home between which it may change, beside its own."""
ROUNDING = 1e-9
"""A drop this share too long is of rounding."""
ROUNDS = 12
"""Turns of moving boxes and homes; most groupings stand still earlier."""


def within_reach(tree: Rooted, demand: Demand, vertex: Rows, longest_m: float) -> Arcs:
    """Return which boxes are in reach of which buildings."""
    limit_m = longest_m * (1.0 + ROUNDING)
    row, at, far = reached(tree, vertex, limit_m)
    order = np.argsort(demand.vertex, kind="stable")
    first = np.searchsorted(demand.vertex[order], at, side="left")
    many = np.searchsorted(demand.vertex[order], at, side="right") - first
    ends = np.cumsum(many)
    building = order[np.arange(int(many.sum())) + np.repeat(first - (ends - many), many)]
    pair = np.repeat(np.arange(len(at)), many)
    drop = far[pair] + demand.lead_m[building]
    keep = drop <= limit_m
    building, box, drop = building[keep], row[pair[keep]], drop[keep]
    order = np.lexsort((box, building))
    return Arcs(building[order], box[order], drop[order])


def nearest(arcs: Arcs, box: Rows) -> Arcs:
    """Return of the boxes that could serve a building its own and the nearest few."""
    order = np.lexsort((arcs.box, arcs.drop_m, arcs.building))
    rank = np.arange(len(order)) - np.searchsorted(arcs.building, arcs.building)
    kept = np.sort(order[(rank < CHOICES) | (arcs.box[order] == box[arcs.building[order]])])
    return Arcs(arcs.building[kept], arcs.box[kept], arcs.drop_m[kept])


def drops_m(tree: Rooted, demand: Demand, vertex: Rows) -> Floats:
    """Return the drop of each building to a vertex, shape (b,) [m]."""
    return demand.lead_m + tree.distance_m(demand.vertex, vertex)


def cut_from_the_ends(tree: Rooted, demand: Demand, capacity: int, widest_m: float) -> Rows:
    """Return the group of each building: joined parts of the tree, numbered in the order of the walk."""
    order = np.lexsort((np.arange(len(demand)), demand.vertex))
    starts = np.searchsorted(demand.vertex[order], np.arange(len(tree) + 1)).tolist()
    buildings, homes, lead = order.tolist(), demand.homes.tolist(), demand.lead_m.tolist()
    parent, length = tree.parent.tolist(), tree.length_m.tolist()
    waiting: list[list[_Open]] = [[] for _ in range(len(tree))]
    closed: list[list[int]] = []
    for vertex in range(len(tree) - 1, -1, -1):
        here = waiting[vertex]
        for building in buildings[starts[vertex] : starts[vertex + 1]]:
            here.append(_Open(homes[building], lead[building], [building]))
        waiting[vertex] = []
        if not here:
            continue
        left = _fitted(here, capacity, widest_m, closed)
        left.deepest_m += length[vertex]
        if vertex == 0 or left.deepest_m >= widest_m:
            closed.append(left.buildings)
        else:
            waiting[parent[vertex]].append(left)
    box = np.empty(len(demand), dtype=np.int64)
    for number, members in enumerate(reversed(closed)):
        box[members] = number
    return box


class _Open:
    """A group that may still grow: its homes, and how far its farthest building is from where it hangs."""

    __slots__ = ("buildings", "deepest_m", "homes")

    def __init__(self, homes: int, deepest_m: float, buildings: list[int]) -> None:
        self.homes, self.deepest_m, self.buildings = homes, deepest_m, buildings


def _fitted(here: list[_Open], capacity: int, widest_m: float, closed: list[list[int]]) -> _Open:
    """Return groups at one vertex as one; those that do not fit are closed, the fullest first."""
    total = sum(group.homes for group in here)
    here.sort(key=lambda group: (group.deepest_m, group.buildings[0]))
    while len(here) > 1:
        if here[-1].deepest_m + here[-2].deepest_m > widest_m:
            out = len(here) - 1
        elif total > capacity:
            out = max(range(len(here)), key=lambda at: (here[at].homes, here[at].deepest_m))
        else:
            break
        total -= here[out].homes
        closed.append(here.pop(out).buildings)
    left = here[-1]
    for group in here[:-1]:
        left.homes += group.homes
        left.buildings += group.buildings
    return left


def centres(tree: Rooted, demand: Demand, box: Rows) -> Rows:
    """Return a vertex of each group from which its farthest building is least far, shape (p,)."""
    count = int(box.max()) + 1
    far = _farthest(tree, demand, box, demand.vertex[_first_of(box, count)])
    across = _farthest(tree, demand, box, demand.vertex[far])
    return _halfway(tree, demand, far, across)


def _first_of(box: Rows, count: int) -> Rows:
    first = np.full(count, len(box), dtype=np.int64)
    np.minimum.at(first, box, np.arange(len(box)))
    return first


def _farthest(tree: Rooted, demand: Demand, box: Rows, source: Rows) -> Rows:
    """Return the building of each group that is farthest from a vertex."""
    metres = drops_m(tree, demand, source[box])
    order = np.lexsort((np.arange(len(box)), -metres, box))
    sorted_box = box[order]
    result: Rows = order[np.concatenate([[True], sorted_box[1:] != sorted_box[:-1]])]
    return result


def _halfway(tree: Rooted, demand: Demand, one: Rows, other: Rows) -> Rows:
    """Return the vertex of the path between buildings that is nearest to its middle."""
    start, goal = demand.vertex[one], demand.vertex[other]
    length = tree.distance_m(start, goal) + demand.lead_m[one] + demand.lead_m[other]
    deeper = tree.depth_m[start] + demand.lead_m[one] >= tree.depth_m[goal] + demand.lead_m[other]
    start, lead = np.where(deeper, start, goal), np.where(deeper, demand.lead_m[one], demand.lead_m[other])
    left = np.maximum(length / 2.0 - lead, 0.0)
    at = start
    for step in tree.ancestors[::-1]:
        higher = step[at]
        at = np.where(tree.depth_m[start] - tree.depth_m[higher] <= left, higher, at)
    above = tree.parent[at]
    under = left - (tree.depth_m[start] - tree.depth_m[at])
    over = tree.depth_m[start] - tree.depth_m[above] - left
    return np.where(over < under, above, at)


def medians(tree: Rooted, demand: Demand, box: Rows, count: int) -> Rows:
    """Return the vertex of each group, shape (count,), from which its drops together are shortest.

    That is the lowest vertex whose branch holds more than half of the group. In the order of the walk
    the branch is a run that holds the middle home, so the vertex is found above that one.
    """
    order = np.lexsort((demand.vertex, box))
    key = box[order] * len(tree) + demand.vertex[order]
    total = np.concatenate([[0], np.cumsum(demand.homes[order])])
    group = np.arange(count)
    first = total[np.searchsorted(key, group * len(tree))]
    many = total[np.searchsorted(key, (group + 1) * len(tree))] - first
    at = demand.vertex[order[np.searchsorted(total, first + many // 2, side="right") - 1]]

    def minor(vertex: Rows) -> NDArray[np.bool_]:
        low = np.searchsorted(key, group * len(tree) + vertex)
        high = np.searchsorted(key, group * len(tree) + tree.end[vertex])
        return np.asarray(2 * (total[high] - total[low]) <= many)

    if tree.ancestors.any():
        for step in tree.ancestors[::-1]:
            higher = step[at]
            at = np.where(minor(higher), higher, at)
    result: Rows = np.where(minor(at), tree.parent[at], at)
    return result


def middles(tree: Rooted, demand: Demand, box: Rows, vertex: Rows, longest_m: float) -> Rows:
    """Return where boxes have the shortest drops, none beyond the longest; ``vertex`` is where they stand.

    On a tree the summed distance falls along every path towards the median, and where all drops are in
    reach is a connected part: a box whose homes cannot all be reached from the median walks towards it as
    long as they can.
    """
    count = len(vertex)
    goal = medians(tree, demand, box, count)
    moving = _worst_m(tree, demand, box, goal) > longest_m
    vertex = np.where(moving, vertex, goal)
    while moving.any():
        ahead = np.flatnonzero(moving)
        at, aim = vertex[ahead], goal[ahead]
        below = tree.holds(at, aim)
        way = np.where(below, tree.child_towards(aim, at), tree.parent[at])
        tried = vertex.copy()
        tried[ahead] = np.where(at == aim, at, way)
        fits = _worst_m(tree, demand, box, tried) <= longest_m
        moving &= fits & (tried != vertex)
        vertex = np.where(moving, tried, vertex)
    return vertex


def _worst_m(tree: Rooted, demand: Demand, box: Rows, vertex: Rows) -> Floats:
    """Return the longest drop of each box, shape (p,) [m]."""
    worst = np.zeros(len(vertex))
    np.maximum.at(worst, box, drops_m(tree, demand, vertex[box]))
    return worst


def reached(tree: Rooted, source: Rows, radius_m: float) -> tuple[Rows, Rows, Floats]:
    """Return pairs of source row and vertex no farther than a radius, and their distance [m]."""
    start, neighbour, metres = _neighbours(tree)
    row, vertex = np.arange(len(source)), source
    came, far = np.full(len(source), -1, dtype=np.int64), np.zeros(len(source))
    found = [(row, vertex, far)]
    while len(row):
        many = start[vertex + 1] - start[vertex]
        again = np.repeat(np.arange(len(row)), many)
        ends = np.cumsum(many)
        entry = np.arange(int(many.sum())) + np.repeat(start[vertex] - (ends - many), many)
        next_vertex, next_far = neighbour[entry], far[again] + metres[entry]
        kept = (next_vertex != came[again]) & (next_far <= radius_m)
        again = again[kept]
        row, came, vertex, far = row[again], vertex[again], next_vertex[kept], next_far[kept]
        found.append((row, vertex, far))
    rows, vertices, distances = (np.concatenate(part) for part in zip(*found, strict=True))
    return rows, vertices, distances


def _neighbours(tree: Rooted) -> tuple[Rows, Rows, Floats]:
    child = np.arange(1, len(tree))
    one = np.concatenate([child, tree.parent[1:]])
    other = np.concatenate([tree.parent[1:], child])
    metres = np.concatenate([tree.length_m[1:], tree.length_m[1:]])
    order = np.lexsort((other, one))
    start = np.searchsorted(one[order], np.arange(len(tree) + 1))
    return start, other[order], metres[order]
