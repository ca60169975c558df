"""The segments of a tree of feeder routes: what lies between branchings, with names that stay."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.access.balance import Rooted
from sim.access.roadgraph import ROOT, RoadGraph

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Paths:
    """Rows of segments for each of Z zones, one after the other, from the zone to its point of presence."""

    starts: Rows
    """Where each zone's segments begin, shape (Z + 1,)."""
    segment: Rows
    """The segments, shape (pairs,)."""

    @cached_property
    def zone(self) -> Rows:
        """The zone of each row, shape (pairs,)."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def of(self, zone: int) -> Rows:
        """Return the segments of one zone."""
        return self.segment[self.starts[zone] : self.starts[zone + 1]]

    def rows(self, zones: Rows) -> Rows:
        """Return the places in ``segment`` of several zones, one zone after the other."""
        counts = (self.starts[1:] - self.starts[:-1])[zones]
        offset = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        rows: Rows = np.repeat(self.starts[zones], counts) + offset
        return rows

    def total(self, value: NDArray[Any]) -> Floats:
        """Return the sum of a value of the segments on each zone's path, shape (Z,)."""
        return _sums(self.zone, value[self.segment], len(self.starts) - 1)

    def behind(self, value: NDArray[Any], segments: int) -> Floats:
        """Return the sum of a value of the zones behind each segment, shape (S,)."""
        return _sums(self.segment, value[self.zone], segments)


@dataclass(frozen=True, eq=False)
class Segments:
    """S segments: the pieces of a tree between branchings and zones."""

    name: NDArray[np.str_]
    """Name of each, shape (S,): that of the zone at its lower end; of a branching without a zone, those
    of the first zones on two of its branches, which no other branching has."""
    length_m: Floats
    """Length, shape (S,) [m]."""
    above: Rows
    """The segment that each goes on to, shape (S,); -1 at a point of presence."""
    pop: Rows
    """Row of the point of presence (among the places) that each hangs from, shape (S,)."""
    paths: Paths
    """The segments of each zone."""
    owner: Rows
    """The segment of the edge from each node to the one above it, shape (N,); -1 without one."""

    def sums(self, value: Floats) -> Floats:
        """Return the sum of a value of the edges above nodes, shape (S,)."""
        inside = self.owner >= 0
        return _sums(self.owner[inside], value[inside], len(self.name))


def _sums(group: Rows, value: NDArray[Any], groups: int) -> Floats:
    return np.bincount(group, weights=value, minlength=groups).astype(np.float64)


def segments_of(graph: RoadGraph, tree: Rooted, zone_ids: NDArray[np.str_]) -> Segments:
    """Return the segments of a tree over the zones of a graph."""
    above = tree.above
    inside = above >= 0
    stop = np.bincount(above[inside], minlength=len(above)) > 1
    stop[graph.zone_node] = True
    stop &= inside
    lower = np.flatnonzero(stop)
    number = np.full(len(above), -1, dtype=np.int64)
    number[lower] = np.arange(len(lower))
    owner = np.where(inside, number[_lower_ends(above, stop)], -1)
    upper = np.flatnonzero(inside & (stop[above] | (above == ROOT)))  # the upmost node below a segment's end
    goes_on = np.empty(len(lower), dtype=np.int64)
    goes_on[owner[upper]] = number[above[upper]]
    roots = upper[above[upper] == ROOT]
    pop = np.full(len(lower), -1, dtype=np.int64)
    pop[owner[roots]] = graph.pop[graph.network.edge_between(roots, np.zeros(len(roots), dtype=np.int64))]
    way_m = tree.way_m[lower]
    paths = _paths(number[graph.zone_node], goes_on)
    return Segments(
        name=_names(graph, zone_ids, lower, goes_on, paths),
        length_m=way_m - np.where(goes_on >= 0, way_m[goes_on], 0.0),
        above=goes_on,
        pop=pop[_last(goes_on)],
        paths=paths,
        owner=owner,
    )


def _lower_ends(above: Rows, stop: Flags) -> Rows:
    """Return the stop at the lower end of the chain that each node of the tree lies on, shape (N,)."""
    down = np.arange(len(above))
    plain = np.flatnonzero((above >= 0) & ~stop[above])
    down[above[plain]] = plain  # a node that is no stop has one node below it
    down[stop] = np.flatnonzero(stop)
    return _last(np.where(down == np.arange(len(down)), -1, down))


def _last(following: Rows) -> Rows:
    """Return where one ends that goes from each to the following one until there is none (-1)."""
    at = np.where(following >= 0, following, np.arange(len(following)))
    while True:
        further = at[at]
        if (further == at).all():
            return at
        at = further


def _paths(first: Rows, above: Rows) -> Paths:
    """Return the segments from each zone up; ``first`` is -1 for a zone without one."""
    steps, at = [], first
    while (at >= 0).any():
        steps.append(at)
        at = np.where(at >= 0, above[at], -1)
    table = np.stack(steps, axis=1) if steps else np.empty((len(first), 0), dtype=np.int64)
    used = table >= 0
    return Paths(np.concatenate([[0], np.cumsum(used.sum(axis=1))]), table[used])


def _names(
    graph: RoadGraph, zone_ids: NDArray[np.str_], lower: Rows, above: Rows, paths: Paths
) -> NDArray[np.str_]:
    order = np.argsort(zone_ids, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    own = np.full(len(graph.node_m), len(order), dtype=np.int64)
    np.minimum.at(own, graph.zone_node, rank)
    behind = np.full(len(lower), len(order), dtype=np.int64)
    np.minimum.at(behind, paths.segment, rank[paths.zone])
    below = np.lexsort((behind, above))[int((above < 0).sum()) :]  # by the segment they go on to
    start = np.searchsorted(above[below], np.arange(len(lower)))
    names = []
    for segment, one in enumerate(own[lower].tolist()):
        two = behind[below[start[segment] : start[segment] + 2]].tolist() if one == len(order) else [one]
        names.append("+".join(str(zone_ids[order[number]]) for number in two))
    return np.array(names, dtype=np.str_)
