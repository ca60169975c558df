"""Which settlements are worth their metres: the tree of most prize that a budget of length pays for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.access.candidates import Candidates
from sim.access.steiner import Network, checked_terminals, network_of, parts, wrong
from sim.access.tree import Tree

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

PASSES = 3
"""Rounds of local search for each tree that is tried."""


@dataclass(frozen=True, eq=False)
class Collected:
    """What a budget connects."""

    tree: Tree
    """A forest; each part holds a root."""
    nodes: Rows
    """The nodes with a prize that it connects, sorted."""
    prize: float
    """Their summed prize."""
    unreached: tuple[int, ...]
    """Nodes with a prize that no way joins to a root."""


def prize_collecting_tree(
    graph: Any, roots: Any, prizes: Any, budget_m: float, *, passes: int = PASSES
) -> Collected:
    """Return the tree from the roots that collects much prize and is no longer than the budget.

    Parameters
    ----------
    graph
        Symmetric sparse array of lengths, shape (N, N) [m], or of prices, in the unit of the budget.
    roots
        Nodes that stand already and are joined with one another at no cost.
    prizes
        What connecting each node is worth, shape (N,), 0 or more.
    budget_m
        Most length of the tree [m], 0 or more.
    passes
        Rounds of local search for each tree that is tried.

    Which trees are tried does not depend on the budget, which only picks the best that it pays for: more
    budget never collects less. Raises ``DataError`` for a wrong graph, for roots that are no nodes, for
    prizes and budgets below 0 or that are no numbers.

    References
    ----------
    Johnson, Minkoff and Phillips, The prize collecting Steiner tree problem, SODA 2000, 760-769 (cutting a
    tree back by dynamic programming, the budget through the price of prize).
    """
    base = network_of(graph)
    standing = checked_terminals(base, roots, "roots")
    worth = _prizes(prizes, base.nodes)
    if not (np.isfinite(budget_m) and budget_m >= 0):
        raise wrong("budget_m", f"is {budget_m}; give a length of 0 m or more")
    network = _with_root(base, standing)
    part = parts(network)
    valued = np.flatnonzero(worth > 0)
    lost = valued[part[valued] != part[base.nodes]]
    worth[lost] = 0.0
    search = Candidates(network, standing, np.append(worth, 0.0), passes)
    edges = search.best(float(budget_m))
    built = edges[network.ends[edges, 1] < base.nodes]
    nodes = search.collected(edges)
    length_m = network.length_m[built]
    tree = Tree(math.fsum(length_m), network.ends[built], length_m)
    return Collected(tree, nodes, math.fsum(worth[nodes]), tuple(lost.tolist()))


def _prizes(given: Any, nodes: int) -> Floats:
    worth = np.array(given, dtype=float)
    if worth.shape != (nodes,):
        raise wrong("prizes", f"has the shape {worth.shape}; give one prize for each of the {nodes} nodes")
    bad = np.flatnonzero(~(np.isfinite(worth) & (worth >= 0)))
    if len(bad):
        raise wrong("prizes", f"is below 0 or no number at the nodes {', '.join(map(str, bad[:10]))}")
    return worth


def _with_root(base: Network, roots: Rows) -> Network:
    """Return the network with one node more, joined to every root by an edge of length 0."""
    ends = np.concatenate([base.ends, np.column_stack([roots, np.full(len(roots), base.nodes)])])
    length_m = np.concatenate([base.length_m, np.zeros(len(roots))])
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    return Network(base.nodes + 1, ends[order], length_m[order])
