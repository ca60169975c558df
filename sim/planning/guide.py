"""What the prices behind a bound say of a choice: what to try first, and from which pots to pay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.planning.bound import ROUNDS, SMALL, Bound, bound_of
from sim.planning.greedy import Guide, greedy_by
from sim.planning.problem import Problem, Solution, ratio, worth_of_solution

PLAIN = 50_000
"""Candidates up to which the plain rule is tried beside the guided one."""
_ENOUGH = 1e-4
"""Share of the bound that a choice may miss without another being tried."""


def greedy(problem: Problem) -> Solution:
    """Return the better of what the greedy rule chooses alone and what it chooses as prices guide it.

    A small problem is also tried by prices found in fewer rounds, whose order of choice differs. Ties go
    to the plain rule.
    """
    bound = bound_of(problem)
    tried = [greedy_by(problem)] if problem.count <= PLAIN or not bound.tiers else []
    guides = [bound] if problem.count > SMALL else [bound, bound_of(problem, ROUNDS)]
    for one in guides:
        if one.tiers and not any(_is_enough(problem, found, bound) for found in tried):
            tried.append(greedy_by(problem, guide_of(problem, one)))
    return max(tried, key=lambda found: worth_of_solution(problem, found))


def _is_enough(problem: Problem, solution: Solution, bound: Bound) -> bool:
    return worth_of_solution(problem, solution) >= bound.worth * (1.0 - _ENOUGH)


def guide_of(problem: Problem, bound: Bound) -> Guide | None:
    """Return what the prices of a bound say; none where nothing can be chosen.

    First come the candidates that keep something after they have paid for what they need when money is
    dearest, then those that join them as it gets cheaper; each time by worth above the claims for what
    that costs at the pots' prices. Who would buy an asset with dear money waits for one with cheaper.
    """
    if not bound.tiers:
        return None
    tier = np.full(problem.count, len(bound.tiers))
    score, least = np.zeros(problem.count), np.zeros(problem.count)
    for number, found in enumerate(bound.tiers):
        new = found.joined & (tier == len(bound.tiers))
        tier[new] = number
        score[new] = ratio(found.gain[new], found.cost[new])
        least[new] = found.cost[new]
    rows = np.flatnonzero(tier < len(bound.tiers))
    order = rows[np.lexsort((problem.id_rank[rows], -score[rows], tier[rows]))]
    price = bound.pot_prices.tolist()
    of_way = [
        price[way.pot] + (way.share * (price[way.matching] - price[way.pot]) if way.matching >= 0 else 0.0)
        for way in problem.ways
    ]
    ways = tuple(sorted(range(len(of_way)), key=lambda number: (of_way[number], number)))
    return Guide(_cheap_buyers_first(problem, order, bound.tiers[-1].rate), least, ways)


def _cheap_buyers_first(
    problem: Problem, order: NDArray[np.int64], rate: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the order with everyone after the first that pays less for an asset which he needs too."""
    links, turn = problem.links, np.full(problem.count, np.inf)
    turn[order] = np.arange(len(order))
    owner = np.repeat(np.arange(problem.count), np.diff(links.assets.starts))
    kept = np.isfinite(turn[owner]) & ~problem.bought[links.assets.to]
    by, asset = owner[kept], links.assets.to[kept]
    cheapest = np.full(len(problem.asset_fen), np.inf)
    np.minimum.at(cheapest, asset, rate[by])
    cheap = rate[by] <= cheapest[asset]
    first = np.full(len(problem.asset_fen), np.inf)
    np.minimum.at(first, asset[cheap], turn[by[cheap]])
    later = turn.copy()
    np.maximum.at(later, by[~cheap], first[asset[~cheap]] + 0.5)
    return order[np.lexsort((turn[order], later[order]))]
