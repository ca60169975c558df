"""Trees of least length: the cheapest connection of settlements to what already stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.access.exchange import improved
from sim.access.spanning import candidate_pairs
from sim.access.steiner import (
    MOST_NAMED,
    SAME_SHARE,
    Network,
    checked_terminals,
    mehlhorn,
    network_of,
    parts,
    spanning,
    tidied,
    unreached,
)
from sim.errors import DataError, Problem

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

PASSES = 10
"""Rounds of local search unless told otherwise; most networks need fewer."""
MOST_STARTS = 5
STARTED_NODES = 4000
"""Unless told otherwise a graph is searched from one start and one more for each time its nodes go into this
number, at most from ``MOST_STARTS``: small graphs, where a single search errs most, are searched best."""
WEYL = 0.6180339887498949
"""Steps of this length, whole numbers left out, spread evenly over 0 to 1 (the golden section)."""
TURN = 0.7548776662466927
"""The same for the starts, in no simple relation to the other (1 over the plastic number)."""


@dataclass(frozen=True, eq=False)
class Tree:
    """Edges without a cycle: a tree, or a forest where it says so."""

    length_m: float
    """Summed length of the edges [m]."""
    edges: Rows
    """Nodes at both ends of each edge, the lower first, shape (m, 2), sorted."""
    edge_m: Floats
    """Length of each edge, shape (m,) [m]."""
    unreached: tuple[int, ...] = ()
    """Terminals that no edge could reach, where that was allowed."""

    @property
    def nodes(self) -> Rows:
        """Return the nodes that edges touch, sorted."""
        return np.unique(self.edges)


def spanning_connection(points_m: Any, roots_m: Any) -> Tree:
    """Return the shortest straight connection of points to roots: each part of the forest holds one root.

    That is the minimum spanning tree of all with the roots drawn together into one node. It is exact.

    Parameters
    ----------
    points_m
        Positions to connect, shape (n, 2) [m].
    roots_m
        Positions that are connected already, shape (k, 2) [m], at least one.

    Nodes 0 to n - 1 of the tree are the points, n to n + k - 1 the roots; there are n edges. Raises
    ``DataError`` for other shapes, for coordinates that are no numbers and where there is no root.
    """
    points, roots = _positions(points_m, "points_m"), _positions(roots_m, "roots_m")
    if not len(roots):
        raise _refused("roots_m", "is empty: there is nothing to connect to; give at least one root")
    count = len(points)
    everything = np.concatenate([points, roots])
    pairs = candidate_pairs(everything)
    pairs = pairs[pairs[:, 0] < count]
    length_m = np.hypot(*(everything[pairs[:, 0]] - everything[pairs[:, 1]]).T)
    drawn = np.minimum(pairs, count)
    order = np.lexsort((pairs[:, 1], length_m, drawn[:, 1], drawn[:, 0]))
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(drawn[order], axis=0) != 0).any(axis=1)
    best = order[fresh]
    network = Network(count + 1, drawn[best], length_m[best])
    chosen = best[spanning(network, np.arange(len(best)))]
    chosen = chosen[np.lexsort(pairs[chosen].T[::-1])]
    return Tree(float(length_m[chosen].sum()), pairs[chosen], length_m[chosen])


def _positions(given: Any, name: str) -> Floats:
    """Return positions of shape (n, 2); raise ``DataError`` for anything else."""
    result = np.asarray(given, dtype=float)
    if result.size == 0:
        return np.empty((0, 2))
    if result.ndim != 2 or result.shape[1] != 2:
        raise _refused(name, f"has the shape {result.shape}; pass one row of x and y for each place")
    bad = np.flatnonzero(~np.isfinite(result).all(axis=1))
    if len(bad):
        raise _refused(
            name, f"has coordinates that are no numbers in the rows {_listed(bad)}; mend or drop them"
        )
    return result


def _refused(name: str, message: str) -> DataError:
    return DataError((Problem("connection", name, message),))


def _listed(rows: Rows) -> str:
    return ", ".join(map(str, rows[:MOST_NAMED])) + (", ..." if len(rows) > MOST_NAMED else "")


def steiner_tree(
    graph: Any, terminals: Any, *, passes: int = PASSES, starts: int | None = None, forest: bool = False
) -> Tree:
    """Return a short tree that connects some nodes of a graph.

    The tree of Mehlhorn's method, then at most ``passes`` rounds of local search (0 for none), then the same
    again from other starts. The same graph and terminals always give the same tree.

    Parameters
    ----------
    graph
        Symmetric sparse array of the lengths of the edges [m], shape (N, N), 0 or more. A stored 0 is an
        edge of length 0.
    terminals
        Numbers of the nodes to connect; repetitions count once.
    passes
        Most rounds of local search. Every round takes time that grows little faster than the graph; the
        gain of the first is the largest.
    starts
        From how many trees the search starts, the first included; by default 5 in graphs of up to 1,000
        nodes, fewer in larger ones, 1 above 4,000.
    forest
        Whether terminals that cannot be reached are allowed: then the terminals of each component are
        connected among themselves, and those outside the component with most of them are listed.

    Raises ``DataError`` for a graph that is not symmetric or has lengths below 0, for terminals that are no
    nodes, and for terminals that cannot be reached, each named.
    """
    network = network_of(graph)
    wanted = checked_terminals(network, terminals)
    part = parts(network)
    lost = unreached(part, wanted)
    if len(lost) and not forest:
        raise _refused(
            "terminals",
            f"{len(lost)} of {len(wanted)} cannot be reached from the others: {_listed(lost)}; "
            "join the components of the graph, or ask for a forest",
        )
    edges = mehlhorn(network, wanted)
    if starts is None:
        starts = min(MOST_STARTS, 1 + STARTED_NODES // network.nodes)
    found = []
    for component in np.unique(part[wanted]):
        mine = edges[part[network.ends[edges, 0]] == component]
        found.append(_searched(network, mine, wanted[part[wanted] == component], passes, starts))
    edges = np.sort(np.concatenate(found))
    return Tree(network.total_m(edges), network.ends[edges], network.length_m[edges], tuple(lost.tolist()))


def _searched(network: Network, edges: Rows, terminals: Rows, passes: int, starts: int) -> Rows:
    """Return the shortest tree found from several starts.

    Each start after the first is the tree that would be built if edges cost up to twice as much, each by
    another share: in turn those of the best tree known, and all.
    """
    best = improved(network, edges, terminals, passes)
    if not passes or len(best) < 2:
        return best
    number = np.arange(len(network.length_m))
    for start in range(1, starts):
        dearer_m = network.length_m.copy()
        raised = best if start % 2 else number
        dearer_m[raised] *= 1.0 + (number[raised] * WEYL + start * TURN) % 1.0
        other = mehlhorn(Network(network.nodes, network.ends, dearer_m), terminals)
        mine = improved(network, tidied(network, other, terminals), terminals, passes)
        if network.total_m(mine) < network.total_m(best) * (1 - SAME_SHARE):
            best = mine
    return best
