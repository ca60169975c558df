"""How much any choice could be worth at most, and what a fen more is worth in each pot.

The relaxation (``relaxation.py``) is valid for any prices, claims, payments and buyers; here they are
moved for a fixed number of rounds towards those that make it least. Prices clear the market that each
round tells more of (``market.py``). Claims rise where several of the wanted serve a key and fall where
none does. Payments shift to those that keep something, and assets are bought by sharers that are wanted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.planning.market import Market, rounded
from sim.planning.problem import Problem
from sim.planning.relaxation import Floats, Relaxation, Round

ROUNDS = 12
"""Rounds after which the bound hardly falls any more."""
_CLAIM_STEP, _CALM = 0.3, 0.3
"""By how much of its largest value a claim moves in the first round, and how soon less."""
_KEEPS, _GIVES, _WEIGHTS = 1.3, 0.7, (1e-3, 1e3)
"""How the weight of one that keeps something and of one that keeps nothing changes, and its range."""
_TRUSTED, _LATER_TRUST, _HASTE = 3, 0.5, 0.15
"""Rounds whose spending is trusted whole, the trust in later ones, and how soon prices move less."""
_SAFE = 1e-9
"""What the bound is raised by, as a share, for the rounding of sums."""


@dataclass(frozen=True, eq=False)
class Bound:
    """What no choice can exceed, and the prices that prove it."""

    worth: int
    """No choice is worth more [millionths]."""
    pot_prices: Floats
    """Worth of one more fen in each pot, shape (Q,) [millionths per fen]."""
    best: Round | None = None
    """The evaluation that gave the bound; none where nothing can be chosen."""


def bound_of(problem: Problem, rounds: int = ROUNDS) -> Bound:
    """Return an upper bound on the worth of every choice that ``verify`` accepts.

    The number of rounds is a limit on work; more rounds never loosen the bound.
    """
    nothing = np.zeros(len(problem.pots))
    if problem.shut.all() or not problem.ways:
        return Bound(0, nothing)
    relaxation = Relaxation(problem)
    market = Market(relaxation)
    claim, weight = np.zeros(relaxation.keys), np.ones(problem.count)
    buyer = np.ones(len(relaxation.sharer), dtype=bool)
    price, best, best_price = market.prices(), None, nothing
    for turn in range(rounds):
        found = relaxation.at(price, claim, weight, buyer)
        if best is None or found.bound < best.bound:
            best, best_price = found, price
        weight = np.clip(weight * np.where(found.earning, _KEEPS, _GIVES), *_WEIGHTS)
        step = _CLAIM_STEP / (1.0 + _CALM * turn)
        claim = claim + step * relaxation.most * np.clip(found.served - 1.0, -1.0, 1.0)
        claim = np.clip(claim, 0.0, relaxation.most)
        buyer = relaxation.buyers(found.wanted, buyer)
        market.learn(price, found.spent_fen, 1.0 if turn < _TRUSTED else _LATER_TRUST)
        price = rounded(price + (market.prices() - price) / (1.0 + _HASTE * turn))
    assert best is not None
    if relaxation.everything <= best.bound:
        best_price = nothing
    least = min(best.bound, relaxation.everything)
    return Bound(math.ceil(least * (1.0 + _SAFE)) + 1, best_price, best)
