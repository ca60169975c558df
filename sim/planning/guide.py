"""What the prices behind a bound say of a choice: what to try first, and from which pots to pay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.planning.bound import Bound
from sim.planning.problem import Problem, ratio


@dataclass(frozen=True, eq=False)
class Guide:
    """Whom to try first, what it must add to be chosen then, and how to pay."""

    order: NDArray[np.int64]
    """Rows to be tried first, best first."""
    least: NDArray[np.float64]
    """What each candidate must add to be chosen then, shape (N,) [millionths]."""
    ways: tuple[int, ...]
    """Every way of paying, the cheapest first; ways of one price in the order of the problem."""


def guide_of(problem: Problem, bound: Bound) -> Guide | None:
    """Return what the prices of a bound say; none where nothing can be chosen.

    First come the candidates that keep something after they have paid for what they need, by worth
    above the claims for what that costs at the pots' prices.
    """
    best = bound.best
    if best is None:
        return None
    rows = np.flatnonzero(best.earning)
    score = ratio(best.gain[rows], best.cost[rows])
    order = rows[np.lexsort((problem.id_rank[rows], -score))]
    price = bound.pot_prices.tolist()
    of_way = [
        price[way.pot] + (way.share * (price[way.matching] - price[way.pot]) if way.matching >= 0 else 0.0)
        for way in problem.ways
    ]
    ways = tuple(sorted(range(len(of_way)), key=lambda number: (of_way[number], number)))
    return Guide(order, best.cost, ways)
