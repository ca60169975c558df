"""What the prices behind a bound say of a choice: what to try first, and from which pots to pay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.planning.bound import ROUNDS, SMALL, Bound, bound_of
from sim.planning.greedy import Guide, greedy_by
from sim.planning.problem import Problem, Solution, ratio, worth_of_solution

PLAIN = 50_000
"""Candidates above which the plain rule is tried only where the guided one misses much."""
_ENOUGH, _ENOUGH_OF_MANY = 0.005, 0.04
"""Share of the bound that a choice may miss without another being tried; of many candidates, without the
plain rule."""


def greedy(problem: Problem) -> Solution:
    """Return the best of what the greedy rule chooses by itself and as prices guide it.

    A small problem is also tried by prices found in fewer rounds, whose order differs. Ties go to what is
    tried first.
    """
    bound = bound_of(problem)
    tried: dict[int, Solution] = {}

    def try_out(guide: Guide | None, share: float) -> None:
        if max(tried, default=-1) < bound.worth * (1.0 - share):
            found = greedy_by(problem, guide)
            tried.setdefault(worth_of_solution(problem, found), found)

    if problem.count <= SMALL or not bound.tiers:
        try_out(None, 0.0)
    try_out(guide_of(problem, bound), _ENOUGH)
    if problem.count <= SMALL:
        try_out(guide_of(problem, bound_of(problem, ROUNDS)), _ENOUGH)
    else:
        try_out(None, _ENOUGH if problem.count <= PLAIN else _ENOUGH_OF_MANY)
    return tried[max(tried)]


def guide_of(problem: Problem, bound: Bound) -> Guide:
    """Return what the prices of a bound say; without prices nobody is tried first.

    First come the candidates that earn something, after payments for what they need, when money is
    dearest, then those that join them as it gets cheaper; each time by worth above the claims for what
    that costs at the pots' prices. Who would buy an asset with dear money waits for one with cheaper.
    """
    last = len(bound.tiers)
    tier = np.full(problem.count, last)
    score, cost = np.zeros(problem.count), np.zeros(problem.count)
    for number, found in enumerate(bound.tiers):
        new = found.joined & (tier == last)
        tier[new] = number
        score[new] = ratio(found.gain[new], found.cost[new])
        cost[new] = found.cost[new]
    rows = np.flatnonzero(tier < last)
    order = rows[np.lexsort((problem.id_rank[rows], -score[rows], tier[rows]))]
    price = bound.pot_prices.tolist()
    of_way = [
        price[way.pot] + (way.share * (price[way.matching] - price[way.pot]) if way.matching >= 0 else 0.0)
        for way in problem.ways
    ]
    ways = tuple(sorted(range(len(of_way)), key=lambda number: (of_way[number], number)))
    if bound.tiers:
        order = _cheap_buyers_first(problem, order, bound.tiers[-1].rate)
    return Guide(order, cost, ways)


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
