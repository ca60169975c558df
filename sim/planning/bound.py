"""How much any choice could be worth at most, and what a fen more is worth in each pot.

The relaxation (``relaxation.py``) is valid for any prices, claims, payments and buyers; here they are
moved for a fixed number of rounds towards those that make it least. Prices clear the market that each
round tells more of (``market.py``). Claims rise where several of the wanted serve a key and fall where
none does. Payments shift to those that keep something, and assets are bought by sharers that are wanted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sim.planning.market import Market, rounded
from sim.planning.problem import Problem
from sim.planning.relaxation import Floats, Relaxation, Round

ROUNDS, SMALL, MORE_ROUNDS = 12, 2000, 24
"""Rounds after which the bound hardly falls any more; up to so many candidates, more rounds."""
_FEWEST, _STILL, _STILL_SHARE = 5, 4, 3e-4
"""Rounds made at least, of a small problem ``ROUNDS``; they end when so many lower the bound by less than a
share."""
_LEVELS = (2.0, 1.5, 1.25, 1.12, 1.06, 1.03, 1.0, 0.97)
"""Multiples of the prices at which it is asked who would still be wanted."""
_CLAIM_STEP, _CALM = 0.3, 0.3
"""By how much of its largest value a claim moves in the first round, and how soon less."""
_STRIDE, _LONGER, _SHORTER, _STRIDES, _WEIGHTS = 0.3, 1.2, 0.5, (0.02, 1.0), (1e-3, 1e3)
"""By what share a weight rises where something is kept and falls where nothing is: at first, longer while it
goes on, shorter when it turns, and the ranges."""
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
    tiers: tuple[Round, ...] = ()
    """What is wanted at prices from well above those to just below, the dearest first, as far as the money
    reaches for all that is wanted."""


def bound_of(problem: Problem, rounds: int | None = None) -> Bound:
    """Return an upper bound on the worth of every choice that ``verify`` accepts.

    The number of rounds is a limit on work, by default larger for small problems; more rounds never
    loosen the bound. That of the default is made once for a problem.
    """
    if rounds is not None:
        return _Descent(problem).bound(rounds)
    if problem not in _KNOWN:
        _KNOWN[problem] = _Descent(problem).bound(ROUNDS if problem.count > SMALL else MORE_ROUNDS)
    return _KNOWN[problem]


_KNOWN: WeakKeyDictionary[Problem, Bound] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class _State:
    """What a round is evaluated at."""

    price: Floats
    claim: Floats
    weight: Floats
    buyer: NDArray[np.bool_]
    stride: Floats
    rose: NDArray[np.bool_]


class _Descent:
    """Prices, claims, payments and buyers on their way to the least bound."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.relaxation = Relaxation(problem)

    def bound(self, rounds: int) -> Bound:
        """Return the least bound of so many rounds."""
        own, nothing = self.relaxation, np.zeros(len(self.problem.pots))
        if self.problem.shut.all() or not self.problem.ways:
            return Bound(0, nothing)
        market = Market(own)
        state = _State(
            market.prices(),
            np.zeros(own.keys),
            np.ones(self.problem.count),
            np.ones(len(own.sharer), dtype=bool),
            np.full(self.problem.count, _STRIDE),
            np.zeros(self.problem.count, dtype=bool),
        )
        least, best, course = math.inf, state, list[float]()
        for turn in range(rounds):
            found = self._at(state)
            if found.bound < least:
                least, best = found.bound, state
            course.append(least)
            if self._settled(course):
                break
            market.learn(state.price, found.spent_fen, 1.0 if turn < _TRUSTED else _LATER_TRUST)
            step = _CLAIM_STEP / (1.0 + _CALM * turn)
            claim = state.claim + step * own.most * np.clip(found.served - 1.0, -1.0, 1.0)
            price = state.price + (market.prices() - state.price) / (1.0 + _HASTE * turn)
            state = replace(
                self._moved(state, found), price=rounded(price), claim=np.clip(claim, 0.0, own.most)
            )
        tiers = self._tiers(best)
        worth = math.ceil(min(least, own.everything) * (1.0 + _SAFE)) + 1
        return Bound(worth, nothing if own.everything <= least else best.price, tiers)

    def _settled(self, course: list[float]) -> bool:
        """Return whether more rounds would hardly lower the bound."""
        fewest = _FEWEST if self.problem.count > SMALL else ROUNDS
        return len(course) > fewest and course[-1] > course[-_STILL] * (1.0 - _STILL_SHARE)

    def _at(self, state: _State) -> Round:
        return self.relaxation.at(state.price, state.claim, state.weight, state.buyer)

    def _moved(self, state: _State, found: Round) -> _State:
        """Return a state whose payments and buyers fit what was found better."""
        rises = found.earning
        factor = 1.0 + state.stride
        return replace(
            state,
            weight=np.clip(state.weight * np.where(rises, factor, 1.0 / factor), *_WEIGHTS),
            buyer=self.relaxation.buyers(found.wanted, state.buyer),
            stride=np.clip(state.stride * np.where(rises == state.rose, _LONGER, _SHORTER), *_STRIDES),
            rose=rises,
        )

    def _tiers(self, state: _State) -> tuple[Round, ...]:
        """Return what is wanted at falling multiples of the prices, as far as there is money for it."""
        rounds = []
        for level in _LEVELS:
            found = self._at(replace(state, price=state.price * level))
            if found.spent_fen.sum() > self.problem.funds.sum():
                break
            state = self._moved(state, found)
            rounds.append(found)
        return tuple(rounds)
