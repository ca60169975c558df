"""How far the plan of one release is from the best that the same money could do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, vstack

from benchmarks.registry import Bench
from benchmarks.smoke import SMALL
from sim.planning.base import Question
from sim.planning.pots import Pot
from sim.planning.projects import own_prices
from sim.planning.worth import MICRO, Values, value_rows

MOST_MISSED = {"greedy": 0.03, "search": 0.01}
"""Largest share of the bound that a plan by each method may miss."""
MOST_LOOSE = 0.04
"""Largest share by which the bound that every choice comes with may exceed that of the programme."""


def rows(pairs: list[tuple[int, int, float]], count: int, width: int) -> coo_array:
    """Return a sparse matrix from (row, column, value)."""
    row, column, value = (np.array(part) for part in zip(*pairs, strict=True)) if pairs else ([], [], [])
    return coo_array((value, (row, column)), shape=(count, width))


def bound(question: Question, values: Values) -> float:
    """Return an upper bound on the worth of any plan: the choice as a mixed-integer programme.

    Columns: candidates, assets, service rows. A row of service counts where its candidate is chosen, a
    key (homes or point) counts once, a candidate needs its assets, and there is one pot.
    """
    proposal = question.proposal
    candidates, assets = len(proposal.candidates), len(proposal.assets)
    served = np.flatnonzero(values.value > 0)
    owner = np.repeat(np.arange(candidates), np.diff(values.starts))[served]
    width = candidates + assets + len(served)
    first = candidates + assets
    chosen = [(k, first + k, 1.0) for k in range(len(served))] + [
        (k, int(j), -1.0) for k, j in enumerate(owner)
    ]
    key = np.unique(values.key[served], return_inverse=True)[1]
    once = [(int(k), first + n, 1.0) for n, k in enumerate(key)]
    place = {name: n for n, name in enumerate(proposal.candidates["project_id"])}
    asset = {name: n for n, name in enumerate(proposal.assets["asset_id"])}
    pairs = list(zip(proposal.needed["project_id"], proposal.needed["asset_id"], strict=True))
    needed = [(n, place[c], 1.0) for n, (c, _) in enumerate(pairs)]
    needed += [(n, candidates + asset[a], -1.0) for n, (_, a) in enumerate(pairs)]
    price = np.zeros(width)
    price[:candidates] = own_prices(proposal.candidates).sum(axis=1)
    price[candidates:first] = own_prices(proposal.assets).sum(axis=1)
    money = float(sum(question.funds_fen.values()))
    late = proposal.candidates["available_month"].to_numpy() > question.situation.month
    upper = np.ones(width)
    upper[:candidates][late] = 0.0
    matrix = vstack(
        [
            rows(chosen, len(served), width),
            rows(once, int(key.max()) + 1, width),
            rows(needed, len(pairs), width),
            coo_array(price[None, :] / money),
        ]
    )
    limit = np.concatenate([np.zeros(len(served)), np.ones(int(key.max()) + 1), np.zeros(len(pairs)), [1.0]])
    worth = np.zeros(width)
    worth[first:] = values.value[served] / MICRO
    whole = np.zeros(width)
    whole[:first] = 1
    found = milp(
        -worth,
        constraints=LinearConstraint(matrix.tocsr(), -np.inf, limit),
        bounds=Bounds(0.0, upper),
        integrality=whole,
        options={"node_limit": 2_000, "mip_rel_gap": 1e-3},
    )
    return float(-found.mip_dual_bound)


@SMALL
@pytest.mark.parametrize("money_share", [0.1, 0.4])
@pytest.mark.parametrize("method", list(MOST_MISSED))
def test_a_plan_is_near_the_bound(bench: Bench, method, money_share):
    asked = bench.question
    proposal = asked.proposal
    everything = int(own_prices(proposal.candidates).sum() + own_prices(proposal.assets).sum())
    budget = asked.budget.model_copy(update={"pots": {"one": Pot()}})
    question = replace(asked, budget=budget, funds_fen={"one": round(everything * money_share)})
    planner = bench.loaded.scenario.planning.model_copy(update={"method": method})
    values = value_rows(proposal, question.needs, question.situation, question.kinds, planner.weights)
    choice = planner.choose(question)
    best = np.zeros(values.keys, dtype=np.int64)
    for chosen in choice.chosen:
        mine = slice(values.starts[chosen.row], values.starts[chosen.row + 1])
        np.maximum.at(best, values.key[mine], values.value[mine])
    worth, limit = best.sum() / MICRO, bound(question, values)
    assert worth == pytest.approx(choice.worth)
    assert worth <= min(limit, choice.bound) * (1.0 + 1e-6)
    assert worth >= limit * (1.0 - MOST_MISSED[method]), f"the plan reaches {worth / limit:.1%} of the bound"
    # the programme's nodes are limited: its own bound may lie above what prices prove
    assert choice.bound >= worth
    assert choice.bound <= limit * (1.0 + MOST_LOOSE), f"prices prove {choice.bound / limit:.1%} of the bound"
