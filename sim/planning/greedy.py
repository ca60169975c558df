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
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.planning.problem import Problem, Solution
from sim.planning.worth import per_candidate

if TYPE_CHECKING:
    from collections.abc import Sequence

OPEN, OVER_BUDGET, CHOSEN, SHUT = range(4)
"""States of a candidate: still in question, beyond the money left, chosen, not to be had."""


def greedy_by(problem: Problem, rate: NDArray[np.int64], turns: Sequence[Sequence[int]]) -> Solution:
    """Return what the rule chooses when a fen of each candidate counts ``rate``, shape (N,).

    ``turns`` holds, for each group of candidates (``groups_of``), the ways of paying in the order in which
    they are tried.
    """
    release = _Release(problem, rate, turns)
    release.commit()
    release.run()
    return Solution(tuple(release.rows), tuple(release.ways))


def groups_of(problem: Problem) -> tuple[NDArray[np.int64], list[list[int]]]:
    """Return the group of each candidate, shape (N,), and the ways that may pay for each group."""
    if not len(problem.ways):
        return np.zeros(problem.count, dtype=np.int64), [[]]
    bits = (1 << np.arange(len(problem.ways), dtype=np.int64)) @ problem.may.astype(np.int64)
    kinds, group = np.unique(bits, return_inverse=True)
    every = [[way for way in range(len(problem.ways)) if kind >> way & 1] for kind in kinds.tolist()]
    return group.reshape(-1), every


class _Release:
    """One release of choosing; hot, so that what is read one by one lies in lists."""

    def __init__(self, problem: Problem, rate: NDArray[np.int64], turns: Sequence[Sequence[int]]) -> None:
        self.problem, self.turns = problem, turns
        self.group: list[int] = groups_of(problem)[0].tolist()
        self.rate: list[int] = rate.tolist()
        self.own: list[int] = problem.own_fen.tolist()
        self.opex: list[int] = problem.opex_fen.tolist()
        self.asset_fen: list[int] = problem.asset_fen.tolist()
        self.bought: list[bool] = problem.bought.tolist()
        self.parent: list[int] = problem.links.parent.tolist()
        self.asset_starts = problem.links.assets.starts
        self.assets: list[int] = problem.links.assets.to.tolist()
        self.funds: list[int] = problem.funds.tolist()
        self.state: list[int] = np.where(problem.shut, SHUT, OPEN).tolist()
        self.rows: list[int] = []
        self.ways: list[int] = []
        self._split_values()
        self.worth, self.cost = self._bundles(rate)
        self.score = ratio(self.worth, self.cost)
        self.id_rank: list[int] = problem.id_rank.tolist()
        self.heap: list[tuple[float, int, int]] = []

    def _split_values(self) -> None:
        """Part what each candidate alone serves, which is a number, from what several serve."""
        values, open_rows = self.problem.values, ~self.problem.shut
        owner = np.repeat(np.arange(self.problem.count), np.diff(values.starts))
        counts = open_rows[owner] & (values.value > 0)
        users = np.bincount(values.key[counts], minlength=values.keys)
        contested = counts & (users[values.key] > 1)
        self.lone_worth = per_candidate(np.where(counts & ~contested, values.value, 0), values.starts)
        self.whole_worth = per_candidate(np.where(counts, values.value, 0), values.starts)
        edges = np.flatnonzero(contested)
        starts = np.zeros(self.problem.count + 1, dtype=np.int64)
        starts[1:] = np.cumsum(np.bincount(owner[edges], minlength=self.problem.count))
        number = np.cumsum(users > 1) - 1
        self.lone: list[int] = self.lone_worth.tolist()
        self.starts: list[int] = starts.tolist()
        self.key: list[int] = number[values.key[edges]].tolist()
        self.value: list[int] = values.value[edges].tolist()
        self.best = [0] * int((users > 1).sum())

    def _bundles(self, rate: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return at most what each candidate with all that it requires is worth, and what that costs."""
        problem, links = self.problem, self.problem.links
        worth, own = self.whole_worth.copy(), problem.own_fen * rate
        cost = own.copy()
        left = np.repeat(np.arange(problem.count), np.diff(links.ancestors.starts))
        np.add.at(worth, left, self.whole_worth[links.ancestors.to])
        np.add.at(cost, left, own[links.ancestors.to])
        unbought = ~problem.bought[links.right]
        mine, asset = links.left[unbought], links.right[unbought]
        np.add.at(cost, mine, problem.asset_fen[asset] * rate[mine])
        return worth, cost

    def commit(self) -> None:
        """Choose what is committed to in advance, as far as the money reaches."""
        for row in self.problem.forced.tolist():
            if self.state[row] == OPEN:
                bundle = self._bundle(row)
                paid = self._pay(bundle)
                if paid is not None:
                    self._take(bundle, paid)

    def run(self) -> None:
        """Choose until nothing that is worth anything can be paid."""
        rows = np.flatnonzero(~self.problem.shut & (self.score > 0))
        order = rows[np.lexsort((self.problem.id_rank[rows], -self.score[rows]))]
        turn, keys, ranks = (
            order.tolist(),
            (-self.score[order]).tolist(),
            self.problem.id_rank[order].tolist(),
        )
        cheapest = np.minimum.accumulate(self.problem.own_fen[order][::-1])[::-1].tolist()
        heap, state, score, own = self.heap, self.state, self.score, self.own
        position, count = 0, len(turn)
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
            if own[row] > (most := sum(self.funds)):
                state[row] = OVER_BUDGET
                if not heap and position < count and cheapest[position] > most:
                    return
                continue
            self._consider(row)

    def _consider(self, row: int) -> None:
        """Weigh the leading candidate again; choose it if it still leads and can be paid."""
        bundle = self._bundle(row)
        score = self._weigh(bundle)
        if score != self.score[row]:
            self.score[row] = score
            if score > 0:
                heapq.heappush(self.heap, (-score, self.id_rank[row], row))
            return
        paid = self._pay(bundle)
        if paid is None:
            self.state[row] = OVER_BUDGET
        else:
            self._take(bundle, paid)

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

    def _weigh(self, bundle: list[int]) -> float:
        """Return worth per money of a bundle as things stand now."""
        worth, cost, seen = 0, 0, set[int]()
        last = self.rate[bundle[-1]]
        for row in bundle:
            cost += self.own[row] * self.rate[row]
            for asset in self.assets[self.asset_starts[row] : self.asset_starts[row + 1]]:
                if not self.bought[asset] and asset not in seen:
                    cost += self.asset_fen[asset] * last
                    seen.add(asset)
        worth = self._adds(bundle[0]) if len(bundle) == 1 else self._add_together(bundle)
        self.worth[bundle[-1]], self.cost[bundle[-1]] = worth, cost
        return worth / cost if cost else (float("inf") if worth else 0.0)

    def _adds(self, row: int) -> int:
        """Return the worth that one candidate adds."""
        worth, best = self.lone[row], self.best
        first, end = self.starts[row], self.starts[row + 1]
        if first < end:
            for key, value in zip(self.key[first:end], self.value[first:end], strict=True):
                if value > best[key]:
                    worth += value - best[key]
        return worth

    def _add_together(self, bundle: list[int]) -> int:
        """Return what several candidates add: what two of them serve counts once, at the better one."""
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

    def _pay(self, bundle: list[int]) -> list[tuple[int, list[int]]] | None:
        """Return way of paying and assets of each project of a bundle; none if money is short."""
        funds, seen, paid = list(self.funds), set[int](), []
        for row in bundle:
            assets = [
                asset
                for asset in self.assets[self.asset_starts[row] : self.asset_starts[row + 1]]
                if not self.bought[asset] and asset not in seen
            ]
            price = self.own[row] + sum([self.asset_fen[asset] for asset in assets])
            for number in self.turns[self.group[row]]:
                way = self.problem.ways[number]
                part = way.matched(price, self.opex[row])
                if funds[way.pot] >= price - part and (not part or funds[way.matching] >= part):
                    funds[way.pot] -= price - part
                    if part:
                        funds[way.matching] -= part
                    break
            else:
                return None
            seen.update(assets)
            paid.append((number, assets))
        self._left = funds
        return paid

    def _take(self, bundle: list[int], paid: list[tuple[int, list[int]]]) -> None:
        """Book a bundle that was just paid and queue what its choice makes better for the money."""
        self.funds = self._left
        links, risen = self.problem.links, set[int]()
        for row, (way, assets) in zip(bundle, paid, strict=True):
            first, end = self.starts[row], self.starts[row + 1]
            for key, value in zip(self.key[first:end], self.value[first:end], strict=True):
                self.best[key] = max(self.best[key], value)
            self.state[row] = CHOSEN
            self.rows.append(row)
            self.ways.append(way)
            risen.update(links.descendants.of_row(row).tolist())
            for asset in assets:
                self.bought[asset] = True
                risen.update(links.sharers.of_row(asset).tolist())
        for row in sorted(risen):
            if self.state[row] in (OPEN, OVER_BUDGET):
                self.state[row] = OPEN
                score = self._weigh(self._bundle(row))
                self.score[row] = score
                if score > 0:
                    heapq.heappush(self.heap, (-score, self.id_rank[row], row))


def ratio(worth: NDArray[np.int64], cost: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return worth per money; integers divided once, so every machine gives the same number."""
    free = np.where(worth > 0, np.inf, 0.0)
    return np.divide(worth, cost, out=free, where=cost > 0)
