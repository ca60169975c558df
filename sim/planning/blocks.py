"""A choice too large for one integer program, improved block by block.

A block is a group of candidates near the margin, with all that they require and that requires them. What is
chosen outside it stays: it is put first, buys what it needs, and has served what it serves. Inside the best
choice is found with the money that is left, where money not spent counts at the price of its pot, so that a
block gives up what others can use better. In the end what is left is filled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.planning.bound import bound_of
from sim.planning.draft import Draft, kept_rows
from sim.planning.margin import nearest_rows
from sim.planning.moves import Moves
from sim.planning.problem import (
    Problem,
    Solution,
    best_of,
    edges_of,
    payments,
    spent_by_pot,
    verify,
    worth_of_solution,
)
from sim.planning.projects import Links, Pairs
from sim.planning.solver import ExactOptions, Proven, solve_whole
from sim.planning.worth import Values

_PRICED = (0.7, 0.0)
"""Shares of the pots' prices at which money not spent counts in one round over all blocks after another: the
first frees what others can use better, the last uses all there is."""


def solve_blocks(problem: Problem, options: ExactOptions, start: Solution) -> Proven:
    """Return what blocks make of a choice, never worth less, with the bound of the whole problem."""
    bound = bound_of(problem)
    near = nearest_rows(problem, start, bound.pot_prices, options.near)
    found = start
    family = _connected(problem, [_chains(problem)])
    for share in _PRICED:
        prices = (share * bound.pot_prices).tolist()
        for block in blocks_of(problem, near, options.block):
            rows = without_buyers_for_others(problem, found, block, family)
            if len(rows):
                part = _Part(problem, found, rows)
                found = part.joined(solve_whole(part.problem, options, part.start, prices).solution)
    found = _filled(problem, found, near)
    best = max((start, found), key=lambda one: worth_of_solution(problem, one))
    return Proven(best, bound.worth, f"more than {options.block} candidates were chosen block by block")


def blocks_of(problem: Problem, near: list[int], most: int) -> Iterator[NDArray[np.int64]]:
    """Return groups of at most so many candidates, neighbours together, in row order within each.

    Candidates that require one another stay together; such a family that is larger is left as it is.
    """
    family = _connected(problem, [_chains(problem)])
    neighbours = _connected(problem, [_chains(problem), *_shared(problem)])
    wanted = np.unique(family[near])
    mine = np.flatnonzero(np.isin(family, wanted) & ~problem.shut & problem.may.any(axis=0))
    order = mine[np.lexsort((problem.id_rank[mine], family[mine], neighbours[mine]))]
    group: list[int] = []
    for rows in np.split(order, np.flatnonzero(np.diff(family[order])) + 1):
        if len(rows) > most:
            continue
        if len(group) + len(rows) > most:
            yield np.sort(np.array(group, dtype=np.int64))
            group = []
        group += rows.tolist()
    if group:
        yield np.sort(np.array(group, dtype=np.int64))


def without_buyers_for_others(
    problem: Problem, solution: Solution, rows: NDArray[np.int64], family: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return a block without the families that bought an asset which somebody chosen outside needs.

    So what is outside pays as before when it is put first.
    """
    paid = payments(problem, solution)
    starts, needs = problem.links.assets.starts, problem.links.assets.to
    while len(rows):
        inside = set(rows.tolist())
        outside = {
            asset
            for row in solution.rows
            if row not in inside
            for asset in needs[starts[row] : starts[row + 1]].tolist()
        }
        out = [one.row for one in paid if one.row in inside and not outside.isdisjoint(one.assets)]
        if not out:
            break
        rows = rows[~np.isin(family[rows], family[out])]
    return rows


def _chains(problem: Problem) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    row = np.flatnonzero(problem.links.parent >= 0)
    return row, problem.links.parent[row]


def _shared(problem: Problem) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of candidates that are next to each other among the users of an asset, or at a key."""
    links, values = problem.links, problem.values
    user = np.repeat(np.arange(problem.count), np.diff(links.assets.starts))
    server = np.repeat(np.arange(problem.count), np.diff(values.starts))
    for of, row in ((links.assets.to, user), (values.key, server)):
        order = np.argsort(of, kind="stable")
        same = np.flatnonzero(np.diff(of[order]) == 0)
        yield row[order[same]], row[order[same + 1]]


def _connected(
    problem: Problem, pairs: list[tuple[NDArray[np.int64], NDArray[np.int64]]]
) -> NDArray[np.int64]:
    """Return the number of the group of each candidate, shape (N,)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    left, right = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    graph = coo_array((np.ones(len(left)), (left, right)), shape=(problem.count, problem.count))
    label: NDArray[np.int64] = connected_components(graph, directed=False)[1].astype(np.int64)
    return label


class _Part:
    """A block as a problem of its own, all else chosen as it is."""

    def __init__(self, whole: Problem, solution: Solution, rows: NDArray[np.int64]) -> None:
        self.whole, self.rows = whole, rows
        inside = set(rows.tolist())
        pairs = list(zip(solution.rows, solution.ways, strict=True))
        others = [pair for pair in pairs if pair[0] not in inside]
        mine = [pair for pair in pairs if pair[0] in inside]
        self.others = Solution(tuple(row for row, _ in others), tuple(way for _, way in others))
        place = {row: k for k, row in enumerate(rows.tolist())}
        self.start = Solution(tuple(place[row] for row, _ in mine), tuple(way for _, way in mine))
        kept = [place[row] for row in sorted(kept_rows(whole, solution)) if row in place]
        self.before = solution
        self.problem = self._problem(np.array(kept, dtype=np.int64))

    def _problem(self, forced: NDArray[np.int64]) -> Problem:
        whole, rows = self.whole, self.rows
        paid = payments(whole, self.others)
        bought = whole.bought.copy()
        bought[[asset for one in paid for asset in one.assets]] = True
        used = _pairs(whole.links.assets, rows)
        return replace(
            whole,
            ids=whole.ids[rows],
            id_rank=np.argsort(np.argsort(whole.id_rank[rows], kind="stable"), kind="stable"),
            own_fen=whole.own_fen[rows],
            opex_fen=whole.opex_fen[rows],
            shut=whole.shut[rows],
            links=_links(whole, rows, used),
            bought=bought,
            values=_values(whole, rows, self.others.rows),
            funds=whole.funds - spent_by_pot(whole, paid),
            may=whole.may[:, rows],
            forced=forced,
        )

    def joined(self, inside: Solution) -> Solution:
        """Return the whole choice with another one inside the block."""
        rows = tuple(int(self.rows[row]) for row in inside.rows)
        found = Solution((*self.others.rows, *rows), (*self.others.ways, *inside.ways))
        return self.before if verify(self.whole, found) else found


def _pairs(relation: Pairs, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the neighbours of some rows as two columns: place among the rows, and neighbour."""
    starts = np.asarray(relation.starts, dtype=np.int64)
    sizes = starts[rows + 1] - starts[rows]
    return np.repeat(np.arange(len(rows)), sizes), relation.to[edges_of(starts, rows)]


def _links(
    whole: Problem, rows: NDArray[np.int64], used: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> Links:
    """Return how the rows of a block hang together; all that they require is among them."""
    links, count, assets = whole.links, len(rows), len(whole.asset_fen)
    place = np.full(whole.count, -1, dtype=np.int64)
    place[rows] = np.arange(count)
    parent = np.where(links.parent[rows] >= 0, place[links.parent[rows]], links.parent[rows])
    below, above = _pairs(links.ancestors, rows)
    above = place[above]
    left, right = _pairs(links.bundle, rows)
    return Links(
        parent=parent,
        ancestors=Pairs.of(below, above, count),
        descendants=Pairs.of(above, below, count),
        assets=Pairs.of(*used, count),
        bundle=Pairs.of(left, right, count),
        sharers=Pairs.of(right, left, assets),
        left=left,
        right=right,
    )


def _values(whole: Problem, rows: NDArray[np.int64], others: tuple[int, ...]) -> Values:
    """Return what the rows of a block add to what is chosen outside."""
    values = whole.values
    edges = edges_of(values.starts, rows)
    key = values.key[edges]
    value = np.maximum(values.value[edges] - best_of(whole, others)[key], 0)
    sizes = values.starts[rows + 1] - values.starts[rows]
    number = np.unique(key, return_inverse=True)[1].reshape(-1)
    return replace(
        values,
        starts=np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(sizes))),
        key=number,
        value=value,
        parts=values.parts[:, edges],
        gained=values.gained[edges],
        road=values.road[edges],
        keys=int(number.max(initial=-1)) + 1,
    )


def _filled(problem: Problem, solution: Solution, near: list[int]) -> Solution:
    """Return a choice with the money left filled from the candidates near the margin."""
    draft = Draft(problem)
    kept = kept_rows(problem, solution)
    draft.put_all(solution, kept)
    Moves(draft, near, kept).fill()
    return draft.solution()
