"""Which candidates are nearest to the margin: hardly worth their money, or hardly not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.planning.problem import Problem, Solution, best_of
from sim.planning.worth import per_candidate


def nearest_rows(
    problem: Problem, solution: Solution, pot_prices: NDArray[np.float64], count: int
) -> list[int]:
    """Return at most so many rows that can be chosen and paid, in row order.

    Where there are more, those whose worth is nearest to what their money is worth in the cheapest pot
    that may pay: half of them chosen, half not. What an open row is worth counts beside the choice; an
    asset counts by its price over those who share it.
    """
    payable = ~problem.shut & problem.may.any(axis=0)
    rows = np.flatnonzero(payable)
    if len(rows) <= count:
        return list(map(int, rows))
    chosen = np.zeros(problem.count, dtype=bool)
    chosen[list(solution.rows)] = True
    distance = _distances(problem, solution, pot_prices, chosen)
    found = []
    for side in (payable & chosen, payable & ~chosen & np.isfinite(distance)):
        mine = np.flatnonzero(side)
        found.append(mine[np.lexsort((problem.id_rank[mine], distance[mine]))][: count // 2])
    return list(map(int, np.sort(np.concatenate(found))))


def _distances(
    problem: Problem, solution: Solution, pot_prices: NDArray[np.float64], chosen: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return by which factor each row's worth and the worth of its money differ; infinite without either."""
    values, links = problem.values, problem.links
    owner = np.repeat(np.arange(problem.count), np.diff(values.starts))
    had = np.where(chosen[owner], 0, best_of(problem, solution.rows)[values.key])
    worth = per_candidate(np.maximum(values.value - had, 0), values.starts).astype(np.float64)
    price = problem.own_fen.astype(np.float64)
    sharers = np.diff(links.sharers.starts)
    part = np.where(problem.bought, 0.0, problem.asset_fen / np.maximum(sharers, 1))
    price += np.bincount(links.left, part[links.right], minlength=problem.count)
    of_way = np.array(
        [
            pot_prices[way.pot]
            + (way.share * (pot_prices[way.matching] - pot_prices[way.pot]) if way.matching >= 0 else 0.0)
            for way in problem.ways
        ]
    )
    cheapest = np.where(problem.may, of_way[:, None], np.inf).min(axis=0)
    costs = price * cheapest
    both = (worth > 0) & (costs > 0)
    ratio = np.divide(worth, costs, out=np.ones(problem.count), where=both)
    return np.where(both, np.maximum(ratio, 1.0 / ratio), np.inf)
