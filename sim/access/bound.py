"""A length of drops that no grouping to as many boxes can undercut."""

from __future__ import annotations

import numpy as np

from sim.access.clusters import Demand, Grouping
from sim.access.rooted import Floats, Rooted
from sim.access.sites import Sites


def drop_bound_m(
    tree: Rooted, demand: Demand, grouping: Grouping, limits: tuple[int, float], rounds: int
) -> float:
    """Return a lower bound of the drops of all homes to at most as many boxes as the grouping has [m].

    Boxes may stand at any vertex of the tree; ``limits`` are the homes of a box and the longest drop [m].

    With c_ij the drop from building i with w_i homes to a box at vertex j and x_ij the homes that it serves,
    any multipliers u give

        sum_i w_i u_i + sum over the p most negative v_j,  v_j = min sum_i (c_ij - u_i) x_ij
                                                              with sum_i x_ij <= capacity, 0 <= x_ij <= w_i

    which is at most the least length: in the best grouping the x_ij of a building sum to w_i, so that the
    terms with u cancel there, and each box's part is no less than its v_j. Homes of one building may part
    in it and it is solved exactly by filling a box with the homes of the most negative c_ij - u_i. Arcs with
    c_ij >= u_i never fill anything, so u is kept below the radius to which arcs are listed. u is raised where
    homes are served too rarely and lowered where too often.

    References
    ----------
    Geoffrion, Mathematical Programming Study 2 (1974) 82-114 (the relaxation); Held, Wolfe and Crowder,
    Mathematical Programming 6 (1974) 62-88 (the steps).
    """
    if not rounds or not len(demand):
        return 0.0
    capacity, longest_m = limits
    goal = grouping.total_m(demand)
    if goal <= 0.0:
        return 0.0
    radius = min(longest_m, float(grouping.drop_m.max()))
    table = Sites(tree, demand, radius * (1.0 + ROUNDING))
    price = np.minimum(_start(demand, grouping), radius)
    best, step, stale = -np.inf, 1.0, 0
    best_price = price
    for _ in range(rounds):
        value, served = table.relaxed(price, capacity, len(grouping.vertex))
        value += float((demand.homes * price).sum())
        if value > best + LEAST_RISE * goal:
            best, best_price, stale = value, price, 0
        else:
            stale += 1
            if stale == PATIENCE:
                step, stale, price = step / 2.0, 0, best_price
        missing = demand.homes - served
        square = float((missing * missing).sum())
        if square <= ROUNDING or step < LEAST_STEP:
            break
        price = np.minimum(price + step * max(goal - value, goal * LEAST_RISE) / square * missing, radius)
    return float(min(max(best, 0.0), goal))


ROUNDING = 1e-9
"""A share this small is of rounding."""
LEAST_RISE = 1e-4
"""A round raises the bound where it does by more than this share of the drops."""
LEAST_STEP = 1e-3
"""Step below which multipliers hardly move."""
PATIENCE = 4
"""Rounds without a rise after which the step is halved, from the best multipliers so far."""


def _start(demand: Demand, grouping: Grouping) -> Floats:
    """Return the first multipliers: half way from its own drop to the worst of its box."""
    worst = np.zeros(len(grouping.vertex))
    np.maximum.at(worst, grouping.box, grouping.drop_m)
    return (worst[grouping.box] + grouping.drop_m) / 2.0
