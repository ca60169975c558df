"""What the prices behind a bound say of a choice: what to try first, and from which pots to pay."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from sim.planning.bound import LEVELS, ROUNDS, SMALL, Bound, bound_of
from sim.planning.greedy import Guide, greedy_by
from sim.planning.problem import Problem, Solution, ratio, worth_of_solution

PLAIN = 50_000
"""Candidates up to which the plain rule is always tried beside the guided ones."""
_ENOUGH, _PLAIN_HELPS = 0.005, 0.03
"""Shares of the bound that a choice may miss without another guide, or the plain rule, being tried."""


def greedy(problem: Problem) -> Solution:
    """Return the best of what the greedy rule chooses as prices guide it, in several ways, and by itself.

    One guide has its own order, another weighs again what is still added; a small problem is also tried by
    prices found in fewer rounds, whose order differs. Ties go to what is tried first.
    """
    bound = bound_of(problem)
    if not bound.tiers:
        return Solution((), ())
    tried: dict[int, Solution] = {}

    def try_out(guide: Guide | None) -> None:
        found = greedy_by(problem, guide)
        tried.setdefault(worth_of_solution(problem, found), found)

    def misses(share: float) -> bool:
        return max(tried, default=-1) < bound.worth * (1.0 - share)

    if problem.count <= PLAIN:
        try_out(None)
    sources = [bound] if problem.count > SMALL else [bound, bound_of(problem, ROUNDS)]
    for source, again in product(sources, (False, True)):
        if misses(_ENOUGH):
            try_out(guide_of(problem, source, weigh_again=again))
    if problem.count > PLAIN and misses(_PLAIN_HELPS):
        try_out(None)
    return tried[max(tried)]


def guide_of(problem: Problem, bound: Bound, *, weigh_again: bool = False) -> Guide:
    """Return what the prices of a bound say; without prices nobody is tried first.

    First come the candidates that keep something after they have paid for what they need when money is
    dearest, then those that join them as it gets cheaper; each time by worth above the claims for what
    that costs at the pots' prices. Who would buy an asset with dear money waits for one with cheaper.
    """
    levels = sum(level >= 1.0 for level in LEVELS) if weigh_again else len(LEVELS)
    tier = np.full(problem.count, levels)
    score, cost = np.zeros(problem.count), np.zeros(problem.count)
    for number, found in enumerate(bound.tiers[:levels]):
        new = found.joined & (tier == levels)
        tier[new] = number
        score[new] = ratio(found.gain[new], found.cost[new])
        cost[new] = found.cost[new] / (LEVELS[number] if weigh_again else 1.0)
    rows = np.flatnonzero(tier < levels)
    order = rows[np.lexsort((problem.id_rank[rows], -score[rows], tier[rows]))]
    price = bound.pot_prices.tolist()
    of_way = [
        price[way.pot] + (way.share * (price[way.matching] - price[way.pot]) if way.matching >= 0 else 0.0)
        for way in problem.ways
    ]
    ways = tuple(sorted(range(len(of_way)), key=lambda number: (of_way[number], number)))
    if bound.tiers and not weigh_again:
        order = _cheap_buyers_first(problem, order, bound.tiers[-1].rate)
    return Guide(order, cost, ways, weigh_again)


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
