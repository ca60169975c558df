"""Least cost that meets targets: a covering problem over homes, persons, villages and kilometres.

A goal wants so many units newly served. A set of candidates serves the sum over keys of the best that
any of the set gives there, so that each goal is a monotone submodular function of the set and meeting
goals at least cost is a submodular cover problem. Greedy choice by units toward what is still open per
money costs at most a logarithmic factor more than the optimum; candidates that turn out to be needless
are left out again at the end, the last chosen first.

References
----------
Wolsey, L. A., An analysis of the greedy algorithm for the submodular set covering problem,
Combinatorica 2 (1982), 385-393.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.planning.problem import Problem

Ints = NDArray[np.int64]
UNLIMITED = 1 << 62
"""More units than there are; sums of a few still are 64-bit integers."""


@dataclass(frozen=True, eq=False)
class Goal:
    """Units that are to be newly served, and what each of N candidates would serve of them."""

    name: str
    wanted: int
    """Units still missing, in millionths; nothing is wanted at 0 or below."""
    starts: Ints
    """First entry of each candidate and the end, shape (N + 1,)."""
    key: Ints
    """Zone, point or road served."""
    amount: Ints
    """Units there, in millionths."""
    most: int = UNLIMITED
    """Units that may be asked for at most, in millionths."""

    @classmethod
    def of(cls, name: str, wanted: int, owner: Ints, served: tuple[Ints, Ints], count: int) -> Goal:
        """Return a goal from entries of keys and amounts with the candidate that owns each."""
        order = np.argsort(owner, kind="stable")
        starts = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=count)))).astype(np.int64)
        return cls(name, wanted, starts, served[0][order], served[1][order])

    @cached_property
    def _pairs(self) -> list[tuple[int, int]]:
        return list(zip(self.key.tolist(), self.amount.tolist(), strict=True))

    @cached_property
    def _first(self) -> list[int]:
        first: list[int] = self.starts.tolist()
        return first

    def entries(self, row: int) -> list[tuple[int, int]]:
        """Return key and amount of what a candidate serves."""
        return self._pairs[self._first[row] : self._first[row + 1]]


@dataclass(frozen=True, slots=True)
class Covered:
    """The outcome of a search for least cost."""

    rows: tuple[int, ...]
    """Candidates chosen, the required before what requires them."""
    price_fen: int
    """What they cost together with the assets nobody has bought [fen]."""
    open: tuple[int, ...]
    """Units of each goal that stay missing, in millionths; all 0 where the goals are met."""

    @property
    def met(self) -> bool:
        """Whether every goal is met."""
        return not any(self.open)


class Cover:
    """A growing set of candidates, and what it still misses of each goal."""

    def __init__(
        self,
        problem: Problem,
        goals: Sequence[Goal],
        chosen: Iterable[int] = (),
        asset_fen: Sequence[float] | None = None,
    ) -> None:
        self.problem, self.goals = problem, tuple(goals)
        self.own: list[int] = problem.own_fen.tolist()
        self.asset_fen = problem.asset_fen.tolist() if asset_fen is None else list(asset_fen)
        self.parent: list[int] = problem.links.parent.tolist()
        self.bought: set[int] = set(np.flatnonzero(problem.bought).tolist())
        self.chosen: dict[int, None] = {}
        self.best: list[dict[int, int]] = [{} for _ in self.goals]
        self.missing = [max(goal.wanted, 0) for goal in self.goals]
        for row in chosen:
            self.own_already(row, count=False)
        self.before = len(self.chosen)

    def bundle(self, row: int) -> list[int]:
        """Return a candidate and whatever it requires that is not chosen, the required first."""
        rows = [row]
        while (above := self.parent[rows[-1]]) >= 0 and above not in self.chosen:
            rows.append(above)
        return rows[::-1]

    def price(self, rows: Sequence[int]) -> float:
        """Return what candidates cost with the assets that nobody has bought [fen]."""
        links = self.problem.links
        assets: set[int] = {asset for row in rows for asset in links.assets.of_row(row).tolist()}
        return sum(self.own[row] for row in rows) + sum(
            self.asset_fen[asset] for asset in assets - self.bought
        )

    def gain(self, rows: Sequence[int]) -> float:
        """Return what candidates add toward the goals that are still open, each goal counting as 1."""
        total = 0.0
        for goal, best, missing in zip(self.goals, self.best, self.missing, strict=True):
            if missing > 0:
                reached: dict[int, int] = {}
                for row in rows:
                    for key, amount in goal.entries(row):
                        reached[key] = max(amount, reached.get(key, 0))
                added = sum(max(0, amount - best.get(key, 0)) for key, amount in reached.items())
                total += min(added, missing) / goal.wanted
        return total

    def score(self, row: int) -> float:
        """Return the gain per fen of a candidate with whatever it still requires."""
        rows = self.bundle(row)
        gain, price = self.gain(rows), self.price(rows)
        return gain / price if price else (float("inf") if gain else 0.0)

    def take(self, row: int) -> list[int]:
        """Choose a candidate with what it requires; return those whose price fell with it."""
        links, cheaper = self.problem.links, dict[int, None]()
        for one in self.bundle(row):
            new = [asset for asset in links.assets.of_row(one).tolist() if asset not in self.bought]
            self.own_already(one, count=True)
            for rows in (links.descendants.of_row(one), *(links.sharers.of_row(asset) for asset in new)):
                cheaper.update(dict.fromkeys(rows.tolist()))
        return [one for one in cheaper if one not in self.chosen]

    def own_already(self, row: int, *, count: bool) -> None:
        """Choose a candidate alone; ``count`` says whether what it serves is taken off what is missing."""
        self.chosen[row] = None
        self.bought.update(self.problem.links.assets.of_row(row).tolist())
        for number, (goal, best) in enumerate(zip(self.goals, self.best, strict=True)):
            for key, amount in goal.entries(row):
                more = amount - best.get(key, 0)
                if more > 0:
                    best[key] = amount
                    if count:
                        self.missing[number] = max(0, self.missing[number] - more)


def cover(problem: Problem, goals: Sequence[Goal], chosen: Iterable[int] = ()) -> Covered:
    """Return candidates of nearly least cost that meet goals, whatever money there is.

    ``chosen`` are built anyway: what they serve is not counted again and their assets are bought. Where
    all candidates together miss a goal, what they miss stays open.

    Greedy choice is taken twice: once as if whoever needs an asset first paid all of it, once as if all
    who may need it shared its price. The former never starts on what many share, the latter does so too
    easily; the cheaper outcome counts.
    """
    already = tuple(chosen)
    outcomes = [
        covered(problem, goals, already, needed(problem, goals, already, rows))
        for rows in greedy_covers(problem, goals, already, ())
    ]
    return min(outcomes, key=lambda one: (sum(one.open), one.price_fen, len(one.rows)))


def greedy_covers(
    problem: Problem, goals: Sequence[Goal], already: Sequence[int], begun: Sequence[int]
) -> list[list[int]]:
    """Return covers that add to what is begun, by each price of assets; begun rows count and come first."""
    states = []
    state = Cover(problem, goals, already)
    for row in begun:
        state.own_already(row, count=True)
    useful = _useful(problem, goals, state)
    for fen in _prices_of_assets(problem, useful):
        state = Cover(problem, goals, already, fen)
        for row in begun:
            state.own_already(row, count=True)
        states.append(_greedy(state, useful))
    return states


def _prices_of_assets(problem: Problem, useful: Mapping[int, None]) -> tuple[list[float], ...]:
    """Return what assets are reckoned at: whole, and shared among the useful that need them [fen]."""
    whole: list[float] = problem.asset_fen.astype(np.float64).tolist()
    if not whole:
        return (whole,)
    sharers = problem.links.sharers
    users = [sum(row in useful for row in sharers.of_row(asset).tolist()) for asset in range(len(whole))]
    return whole, [fen / max(count, 1) for fen, count in zip(whole, users, strict=True)]


def _greedy(state: Cover, useful: Mapping[int, None]) -> list[int]:
    """Return what is chosen by gain per money until nothing is missing or nothing left helps, in order."""
    rank = state.problem.id_rank
    heap = [(-score, int(rank[row]), row) for row in useful if (score := state.score(row)) > 0]
    heapq.heapify(heap)
    while heap and any(state.missing):
        was, place, row = heapq.heappop(heap)
        if row in state.chosen:
            continue
        score = state.score(row)
        if score < -was:
            if score > 0:
                heapq.heappush(heap, (-score, place, row))
            continue
        for other in state.take(row):
            if other in useful and (risen := state.score(other)) > 0:
                heapq.heappush(heap, (-risen, int(rank[other]), other))
    return list(state.chosen)[state.before :]


def covered(problem: Problem, goals: Sequence[Goal], already: Iterable[int], rows: list[int]) -> Covered:
    """Return a set of candidates with its price and what it misses."""
    state = Cover(problem, goals, already)
    price = round(state.price(rows))
    for row in rows:
        state.take(row)
    return Covered(tuple(rows), price, tuple(state.missing))


def _useful(problem: Problem, goals: Sequence[Goal], state: Cover) -> dict[int, None]:
    """Return the candidates that serve an open goal and may be chosen."""
    serves = np.zeros(len(problem.ids), dtype=bool)
    for goal, missing in zip(goals, state.missing, strict=True):
        if missing > 0:
            serves |= np.diff(goal.starts) > 0
    rows = np.flatnonzero(serves & ~problem.shut).tolist()
    return dict.fromkeys(row for row in rows if row not in state.chosen)


def needed(problem: Problem, goals: Sequence[Goal], already: Iterable[int], rows: list[int]) -> list[int]:
    """Return the candidates without which a goal would be missed, the last chosen tried first.

    A candidate that another one requires stays as long as that one does.
    """
    counted = [_Counted(goal, already, rows) for goal in goals]
    parent = problem.links.parent
    hanging: dict[int, int] = {}
    for row in rows:
        hanging[int(parent[row])] = hanging.get(int(parent[row]), 0) + 1
    kept = dict.fromkeys(rows)
    for row in reversed(rows):
        if hanging.get(row, 0) == 0 and all(one.may_lose(row) for one in counted):
            for one in counted:
                one.lose(row)
            hanging[int(parent[row])] -= 1
            del kept[row]
    return list(kept)


class _Counted:
    """What a set serves of one goal, by key and candidate, so that one can be left out."""

    def __init__(self, goal: Goal, already: Iterable[int], rows: Sequence[int]) -> None:
        self.goal = goal
        self.base: dict[int, int] = {}
        for row in already:
            for key, amount in goal.entries(row):
                self.base[key] = max(amount, self.base.get(key, 0))
        self.by_key: dict[int, dict[int, int]] = {}
        for row in rows:
            for key, amount in goal.entries(row):
                self.by_key.setdefault(key, {})[row] = amount
        self.spare = sum(max(0, self._best(key) - self.base.get(key, 0)) for key in self.by_key)
        # where a goal is missed altogether, nothing of it is to spare
        self.spare -= min(self.spare, max(goal.wanted, 0))

    def _best(self, key: int, without: int = -1) -> int:
        return max((v for row, v in self.by_key[key].items() if row != without), default=0)

    def _loss(self, row: int) -> int:
        loss = 0
        for key, _ in self.goal.entries(row):
            floor = self.base.get(key, 0)
            loss += max(self._best(key), floor) - max(self._best(key, row), floor)
        return loss

    def may_lose(self, row: int) -> bool:
        """Return whether the goal stays as it is without a candidate."""
        return self._loss(row) <= self.spare

    def lose(self, row: int) -> None:
        """Leave a candidate out."""
        self.spare -= self._loss(row)
        for key, _ in self.goal.entries(row):
            del self.by_key[key][row]
