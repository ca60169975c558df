"""The greedy rule: the best worth per money first, re-weighed whenever a choice changes it.

Scores are taken lazily: a candidate's score can only fall as others take the homes it would
serve, so the one on top is weighed again and either still leads or goes back into the queue. A
score can rise only where an asset or a requirement was bought meanwhile; those are queued anew.
What cannot be paid is passed over, never a reason to stop.

References
----------
M. Minoux, Accelerated greedy algorithms for maximizing submodular set functions, Optimization
Techniques, 1978. S. Khuller, A. Moss and J. Naor, The budgeted maximum coverage problem, Information
Processing Letters 70, 1999.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.planning.problem import Problem, Solution, ratio
from sim.planning.worth import per_candidate

OPEN, OVER_BUDGET, CHOSEN, SHUT = range(4)
"""States of a candidate: still in question, beyond the money left, chosen, not to be had."""
_ROUNDING = 1e-9

Paid = list[tuple[int, list[int]]]
"""Way of paying and assets bought of each project of a bundle."""


@dataclass(frozen=True, eq=False)
class Guide:
    """Whom to try first, what that costs him, and how to pay."""

    order: NDArray[np.int64]
    """Rows to be tried first, best first."""
    cost: NDArray[np.float64]
    """What each candidate costs with his part of what several need, shape (N,) [millionths]."""
    ways: tuple[int, ...]
    """Every way of paying, the cheapest first; ways of one price in the order of the problem."""


def greedy_by(problem: Problem, guide: Guide | None = None) -> Solution:
    """Return what the rule chooses; with a guide, what it wants is tried first and in its order.

    Either way candidates committed to in advance come before all others, and what the money left still
    reaches comes last, by worth per money.
    """
    release = _Release(problem, guide.ways if guide else tuple(range(len(problem.ways))))
    release.commit()
    if guide:
        release.follow(guide)
    release.run()
    return Solution(tuple(release.rows), tuple(release.ways))


class _Release:
    """One release of choosing; hot, so that what is read one by one lies in lists."""

    def __init__(self, problem: Problem, turns: tuple[int, ...]) -> None:
        self.problem = problem
        self.payers = _payers(problem, turns)
        self.own: list[int] = problem.own_fen.tolist()
        self.opex: list[int] = problem.opex_fen.tolist()
        self.asset_fen: list[int] = problem.asset_fen.tolist()
        self.bought: list[bool] = problem.bought.tolist()
        self.parent: list[int] = problem.links.parent.tolist()
        self.asset_starts = problem.links.assets.starts
        self.assets: list[int] = problem.links.assets.to.tolist()
        self.funds: list[int] = problem.funds.tolist()
        self.state = np.where(problem.shut, SHUT, OPEN)
        self.rows: list[int] = []
        self.ways: list[int] = []
        self.heap: list[tuple[float, int, int]] = []
        self.id_rank: list[int] = problem.id_rank.tolist()
        self._split_values()

    def _split_values(self) -> None:
        """Part what each candidate alone serves, which is a number, from what several serve."""
        values, open_rows = self.problem.values, ~self.problem.shut
        owner = np.repeat(np.arange(self.problem.count), np.diff(values.starts))
        counts = open_rows[owner] & (values.value > 0)
        users = np.bincount(values.key[counts], minlength=values.keys)
        contested = counts & (users[values.key] > 1)
        self.lone_worth = per_candidate(np.where(counts & ~contested, values.value, 0), values.starts)
        edges = np.flatnonzero(contested)
        self.edge_starts = np.zeros(self.problem.count + 1, dtype=np.int64)
        self.edge_starts[1:] = np.cumsum(np.bincount(owner[edges], minlength=self.problem.count))
        self.edge_key = (np.cumsum(users > 1) - 1)[values.key[edges]]
        self.edge_value = values.value[edges]
        self.lone: list[int] = self.lone_worth.tolist()
        self.starts: list[int] = self.edge_starts.tolist()
        self.key: list[int] = self.edge_key.tolist()
        self.value: list[int] = self.edge_value.tolist()
        self.best = [0] * int((users > 1).sum())

    # -- what comes first ---------------------------------------------------------------------

    def commit(self) -> None:
        """Choose what is committed to in advance, as far as the money reaches."""
        for row in self.problem.forced.tolist():
            if self.state[row] == OPEN:
                self._try(self._bundle(row))

    def follow(self, guide: Guide) -> None:
        """Choose what the guide wants, where it still adds what it costs."""
        cost = (guide.cost * (1.0 - _ROUNDING)).tolist()
        for row in guide.order.tolist():
            if self.state[row] == OPEN:
                bundle = self._bundle(row)
                if self._adds(bundle) >= cost[row]:
                    self._try(bundle)

    def _try(self, bundle: list[int]) -> None:
        """Choose a bundle if it can be paid."""
        paid = self._pay(bundle)
        if paid is not None:
            self._take(bundle, paid)

    # -- the rule -----------------------------------------------------------------------------

    def run(self) -> None:
        """Choose by worth per money until nothing that is worth anything can be paid."""
        self._score_all()
        rows = np.flatnonzero(
            (self.state == OPEN) & (self.score > 0) & (self.problem.own_fen <= self._most())
        )
        order = rows[np.lexsort((self.problem.id_rank[rows], -self.score[rows]))]
        turn, keys, ranks = (
            order.tolist(),
            (-self.score[order]).tolist(),
            self.problem.id_rank[order].tolist(),
        )
        cheapest = np.minimum.accumulate(self.problem.own_fen[order][::-1])[::-1].tolist()
        heap, state, score, cost = self.heap, self.state, self.score, self.cost
        position, count, most = 0, len(turn), self._most()
        while True:
            if heap and (position == count or heap[0][:2] <= (keys[position], ranks[position])):
                key, _, row = heapq.heappop(heap)
            elif position < count:
                key, row = keys[position], turn[position]
                position += 1
            else:
                return
            if state[row] != OPEN or score[row] != -key:
                continue
            if cost[row] > most:
                state[row] = OVER_BUDGET
                if not heap and position < count and cheapest[position] > most:
                    return
            elif self._consider(row):
                most = self._most()

    def _most(self) -> int:
        """Return all money left, which no bundle can exceed [fen]."""
        return sum(self.funds)

    def _score_all(self) -> None:
        """Weigh every candidate with what it still requires: at most its worth, exactly its price."""
        problem, links = self.problem, self.problem.links
        had = np.array(self.best, dtype=np.int64)[self.edge_key]
        alone = self.lone_worth + per_candidate(np.maximum(self.edge_value - had, 0), self.edge_starts)
        worth, cost = alone.copy(), problem.own_fen.copy()
        left = np.repeat(np.arange(problem.count), np.diff(links.ancestors.starts))
        still = self.state[links.ancestors.to] != CHOSEN
        left, over = left[still], links.ancestors.to[still]
        np.add.at(worth, left, alone[over])
        np.add.at(cost, left, problem.own_fen[over])
        unbought = ~np.array(self.bought, dtype=bool)[links.right]
        np.add.at(cost, links.left[unbought], problem.asset_fen[links.right[unbought]])
        self.worth, self.cost, self.score = worth, cost, ratio(worth, cost)

    def _consider(self, row: int) -> bool:
        """Weigh the leading candidate again; choose it, and return so, if it still leads and can be paid."""
        bundle = self._bundle(row)
        score = self._weigh(bundle)
        if score != self.score[row]:
            self._queue(row, score)
            return False
        paid = self._pay(bundle)
        if paid is None:
            self.state[row] = OVER_BUDGET
            return False
        self._requeue(self._take(bundle, paid), bundle)
        return True

    def _queue(self, row: int, score: float) -> None:
        """Put a candidate back with a new score."""
        self.score[row] = score
        if score > 0:
            heapq.heappush(self.heap, (-score, self.id_rank[row], row))

    def _weigh(self, bundle: list[int]) -> float:
        """Return worth per money of a bundle as things stand now; its price is kept up to date."""
        row = bundle[-1]
        worth, cost = self._adds(bundle), int(self.cost[row])
        self.worth[row] = worth
        return worth / cost if cost else (float("inf") if worth else 0.0)

    def _requeue(self, assets: list[int], bundle: list[int]) -> None:
        """Make cheaper, and queue anew, what needs assets just bought or requires what was just chosen."""
        links, state = self.problem.links, self.state
        for row in bundle:
            below = links.descendants.of_row(row)
            if len(below):
                self.cost[below] -= self.own[row]
        for asset in assets:
            self.cost[links.sharers.of_row(asset)] -= self.asset_fen[asset]
        for row in bundle:
            for below in links.descendants.of_row(row).tolist():
                if state[below] in (OPEN, OVER_BUDGET):
                    state[below] = OPEN
                    self._queue(below, self._weigh(self._bundle(below)))
        if assets:
            parts = [links.sharers.of_row(asset) for asset in assets]
            risen = parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))
            risen = risen[state[risen] <= OVER_BUDGET]
            state[risen] = OPEN
            score = ratio(self.worth[risen], self.cost[risen])
            self.score[risen] = score
            for each, row in zip(score.tolist(), risen.tolist(), strict=True):
                if each > 0:
                    heapq.heappush(self.heap, (-each, self.id_rank[row], row))

    # -- bundles ------------------------------------------------------------------------------

    def _bundle(self, row: int) -> list[int]:
        """Return a candidate and whatever it still requires, the required first."""
        above = self.parent[row]
        if above < 0 or self.state[above] == CHOSEN:
            return [row]
        rows = [row]
        while above >= 0 and self.state[above] != CHOSEN:
            rows.append(above)
            above = self.parent[above]
        return rows[::-1]

    def _adds(self, bundle: list[int]) -> int:
        """Return what a bundle adds: what two of it serve counts once, at the better one."""
        if len(bundle) > 1:
            return self._add_together(bundle)
        row, best = bundle[0], self.best
        worth, first, end = self.lone[row], self.starts[row], self.starts[row + 1]
        if first < end:
            for key, value in zip(self.key[first:end], self.value[first:end], strict=True):
                if value > best[key]:
                    worth += value - best[key]
        return worth

    def _add_together(self, bundle: list[int]) -> int:
        worth, best = 0, dict[int, int]()
        for row in bundle:
            worth += self.lone[row]
            first, end = self.starts[row], self.starts[row + 1]
            for key, value in zip(self.key[first:end], self.value[first:end], strict=True):
                had = best.get(key, self.best[key])
                if value > had:
                    worth += value - had
                    best[key] = value
        return worth

    def _pay(self, bundle: list[int]) -> Paid | None:
        """Return way of paying and assets of each project of a bundle; none if money is short."""
        funds, seen, paid = list(self.funds), set[int](), []
        for row in bundle:
            price, assets = self.own[row], []
            for asset in self.assets[self.asset_starts[row] : self.asset_starts[row + 1]]:
                if not self.bought[asset] and asset not in seen:
                    price += self.asset_fen[asset]
                    assets.append(asset)
            for number, pot, matching in self.payers[row]:
                part = self.problem.ways[number].matched(price, self.opex[row]) if matching >= 0 else 0
                if funds[pot] >= price - part and (not part or funds[matching] >= part):
                    break
            else:
                return None
            funds[pot] -= price - part
            if part:
                funds[matching] -= part
            seen.update(assets)
            paid.append((number, assets))
        self._left = funds
        return paid

    def _take(self, bundle: list[int], paid: Paid) -> list[int]:
        """Book a bundle that was just paid; return the assets bought."""
        self.funds, everything = self._left, []
        for row, (way, assets) in zip(bundle, paid, strict=True):
            first, end = self.starts[row], self.starts[row + 1]
            for key, value in zip(self.key[first:end], self.value[first:end], strict=True):
                self.best[key] = max(self.best[key], value)
            self.state[row] = CHOSEN
            self.rows.append(row)
            self.ways.append(way)
            for asset in assets:
                self.bought[asset] = True
            everything += assets
        return everything


def _payers(problem: Problem, turns: tuple[int, ...]) -> list[list[tuple[int, int, int]]]:
    """Return who may pay for each candidate, in turn: way, its pot and its matching pot."""
    if not turns:
        return [[] for _ in range(problem.count)]
    power = 1 << np.arange(len(turns), dtype=np.int64)
    kinds, group = np.unique(power @ problem.may.astype(np.int64), return_inverse=True)
    ways = [
        [(way, problem.ways[way].pot, problem.ways[way].matching) for way in turns if kind >> way & 1]
        for kind in kinds.tolist()
    ]
    return [ways[one] for one in group.reshape(-1).tolist()]
