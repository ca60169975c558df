"""Steps that a search tries on a draft: fill what money is left, make room, force in, force out."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from sim.planning.draft import Draft
from sim.planning.packing import repack

_NODES = 200
"""Assignments of rows to ways that are tried before a split of the pots is given up."""
_LEAST_PRICE = 0.01
"""What a fen counts at least in a pot that has money to spare, beside the dearest."""
NOBODY: frozenset[int] = frozenset()
_DROP, _TO_FRONT = -1, -2
_Step = tuple[float, float, int, int]
"""Worth lost for the money given back, how far that is from what is wanted, the row, its new way or fate."""


class Moves:
    """Changes of a draft that keep precedence; every one may be taken back by the draft's ``undo``."""

    def __init__(self, draft: Draft, pool: Sequence[int], kept: AbstractSet[int]) -> None:
        self.draft = draft
        self.pool = sorted(pool)
        """Candidates that a search may put in or leave out."""
        self.kept = kept
        """Rows that stay whatever happens: those committed to in advance."""
        sharers = draft.problem.links.sharers
        inside = set(self.pool)
        assets = sorted({a for row in self.pool for a in draft.assets(row)})
        self.sharers = {a: [row for row in sharers.of_row(a).tolist() if row in inside] for a in assets}
        """Candidates of the pool whose bundle holds an asset."""
        self.price = [1.0] * len(draft.problem.ways)
        """What a fen counts by each way of paying."""
        self._cheapest: dict[int, float] = {}
        self._favour: dict[int, float] = {}
        self._order: dict[int, list[int]] = {}
        self._guide: dict[int, list[int]] = {}

    def follow(self, pot_prices: Sequence[float]) -> None:
        """Let worth per money and the order of ways follow what a fen is worth in each pot."""
        most = max(pot_prices, default=0.0)
        price = [max(one / most, _LEAST_PRICE) if most > 0 else 1.0 for one in pot_prices]
        self.price = [
            price[way.pot]
            + (way.share * (price[way.matching] - price[way.pot]) if way.matching >= 0 else 0.0)
            for way in self.draft.problem.ways
        ]
        for row in self.pool:
            ways = self.draft.ways(row)
            self._cheapest[row] = 1.0 / min(self.price[k] for k in ways)
            self._guide[row] = sorted(ways, key=lambda k: (self.price[k], k))
        self.calm()

    def vary(self, row: int, favour: float, factors: Sequence[float]) -> None:
        """Multiply a row's worth per money, and the price of each way for it, until ``calm``."""
        self._favour[row] = self._cheapest.get(row, 1.0) * favour
        if len(self.draft.ways(row)) > 1:
            self._order[row] = sorted(self.draft.ways(row), key=lambda k: (self.price[k] * factors[k], k))

    def calm(self) -> None:
        """Take back what ``vary`` changed."""
        self._favour.update(self._cheapest)
        self._order.update(self._guide)

    def chosen(self) -> list[int]:
        """Return the rows of the pool that are chosen and may be left out."""
        draft, kept = self.draft, self.kept
        return [row for row in self.pool if row in draft.way and row not in kept]

    def payers(self) -> list[int]:
        """Return the rows that may be paid otherwise: the chosen of the pool, also those that stay."""
        draft = self.draft
        return [row for row in self.pool if row in draft.way]

    def unchosen(self, banned: AbstractSet[int] = NOBODY) -> list[int]:
        """Return the rows of the pool that are not chosen."""
        draft = self.draft
        return [row for row in self.pool if row not in draft.way and row not in banned]

    def room(self, row: int) -> int:
        """Return an upper limit of what a row may cost to be paid in any way [fen]."""
        draft = self.draft
        ways, left = draft.problem.ways, draft.left
        most = -1
        for number in draft.ways(row):
            way = ways[number]
            most = max(most, left[way.pot] + (left[way.matching] if way.matching >= 0 else 0))
        return most

    def pay(self, rows: Iterable[int]) -> bool:
        """Choose rows in order, each by the first way that reaches; False, and nothing, where none does."""
        draft = self.draft
        mark = draft.mark()
        for row in rows:
            price = draft.open_price(row)
            ways = self._order.get(row) or draft.ways(row)
            way = next((k for k in ways if draft.reaches(row, k, price)), -1)
            if way < 0:
                draft.undo(mark)
                return False
            draft.add(row, way)
        return True

    def score(self, row: int, banned: AbstractSet[int]) -> float:
        """Return the worth per money that a row with whatever it requires would add; 0 if it cannot be."""
        bundle = self.draft.bundle(row)
        if len(bundle) > 1 and banned and not banned.isdisjoint(bundle):
            return 0.0
        worth, price = self.draft.gain(bundle)
        if not price:
            return float("inf") if worth else 0.0
        return worth / price * self._favour.get(row, 1.0)

    def fill(self, banned: AbstractSet[int] = NOBODY) -> None:
        """Choose the best worth per money that the money left reaches, until there is none."""
        draft = self.draft
        heap = []
        for row in self.unchosen(banned):
            if draft.own[row] <= self.room(row):
                score = self.score(row, banned)
                if score > 0:
                    heap.append((-score, draft.rank[row], row))
        heapq.heapify(heap)
        while heap:
            stale, rank, row = heapq.heappop(heap)
            if row in draft.way or draft.own[row] > self.room(row):
                continue
            score = self.score(row, banned)
            if score <= 0:
                continue
            if score != -stale:
                heapq.heappush(heap, (-score, rank, row))
                continue
            bundle = draft.bundle(row)
            new = [a for one in bundle for a in draft.assets(one)]
            if self.pay(bundle) or self._squeeze(bundle):
                self._cheaper(heap, new, banned)

    def _squeeze(self, bundle: list[int]) -> bool:
        """Choose rows by paying others in other ways; False, and nothing done, where that does not help."""
        draft = self.draft
        if len(draft.left) < 2 or sum(draft.left) < sum(draft.own[row] for row in bundle):
            return False
        mark = draft.mark()
        for row in bundle:
            draft.add(row, self._roomiest(row))
        if repack(draft, self.kept, _NODES):
            return True
        draft.undo(mark)
        return False

    def _roomiest(self, row: int) -> int:
        """Return the way of a row whose pot has the most money left."""
        draft = self.draft
        return max(draft.ways(row), key=lambda k: (draft.left[draft.problem.ways[k].pot], -k))

    def _cheaper(
        self, heap: list[tuple[float, int, int]], assets: list[int], banned: AbstractSet[int]
    ) -> None:
        """Queue anew what shares assets just bought."""
        draft = self.draft
        again = sorted({row for a in assets for row in self.sharers.get(a, ())} - banned)
        for row in again:
            if row not in draft.way and draft.own[row] <= self.room(row):
                heapq.heappush(heap, (-self.score(row, banned), draft.rank[row], row))

    def relieve(self, spared: AbstractSet[int]) -> bool:
        """Make room in overdrawn pots by paying rows otherwise or leaving them out; False if that fails.

        Always taken is the step that costs least worth for the money that it gives back.
        """
        draft = self.draft
        while not draft.feasible():
            if sum(draft.left) >= 0 and repack(draft, self.kept, _NODES):
                return True
            best = self._best_relief(spared)
            if best is None:
                return False
            _, _, row, number = best
            if number >= 0:
                draft.pay_by(row, number)
            elif number == _TO_FRONT:
                draft.to_front(row)
            else:
                for one in draft.above(row):
                    draft.drop(one)
        return True

    def _best_relief(self, spared: AbstractSet[int]) -> _Step | None:
        """The step that costs least worth for the money that it gives back to the pot most overdrawn."""
        draft = self.draft
        pot = min(range(len(draft.left)), key=draft.left.__getitem__)
        steps = [
            step
            for row in self.payers()
            if draft.touches(row, pot)
            for step in self._options(row, pot, spared)
        ]
        return min(steps, default=None)

    def _options(self, row: int, pot: int, spared: AbstractSet[int]) -> list[_Step]:
        """Ways to get money back from a row: what each costs, what it leaves over, the row, the new way."""
        draft = self.draft
        options = []
        for number in draft.ways(row):
            if number != draft.way[row]:
                options += self._weighed(draft.freed_by_paying(row, number), 0, pot, (row, number))
        for other in draft.heirs(row):
            if other not in self.kept:
                mark, left = draft.mark(), list(draft.left)
                draft.to_front(other)
                freed = [new - old for new, old in zip(draft.left, left, strict=True)]
                draft.undo(mark)
                options += self._weighed(freed, 0, pot, (other, _TO_FRONT))
        over = draft.above(row)
        if spared.isdisjoint(over) and self.kept.isdisjoint(over):
            freed, loss = draft.freed_by_dropping(over)
            options += self._weighed(freed, loss, pot, (row, _DROP))
        return options

    def _weighed(self, freed: list[int], loss: int, pot: int, step: tuple[int, int]) -> list[_Step]:
        """What a step costs for the money it gives back to a pot; nothing if it does not help."""
        left = self.draft.left
        given, wanted = freed[pot], -left[pot]
        if given <= 0:
            return []
        for k, fen in enumerate(freed):
            if fen < 0 and left[k] + fen < 0:
                return []
        return [(loss / min(given, wanted), abs(given - wanted) / wanted, *step)]

    def force_in(self, rows: Iterable[int], way: int = -1) -> bool:
        """Choose rows with whatever they require, whoever has to give way for them."""
        draft = self.draft
        spared = set[int]()
        for row in rows:
            if row in draft.way:
                spared.add(row)
                continue
            for one in draft.bundle(row):
                ways = draft.ways(one)
                price = draft.open_price(one)
                number = way if way in ways else next((k for k in ways if draft.reaches(one, k, price)), -1)
                if number < 0:
                    number = self._roomiest(one)
                draft.add(one, number)
                spared.add(one)
        for row in sorted(spared):
            above = draft.parent[row]
            while above >= 0 and above in draft.way:
                spared.add(above)
                above = draft.parent[above]
        return self.relieve(spared)

    def pay_by(self, row: int, way: int) -> bool:
        """Pay a chosen row by another way, whoever has to give way for it."""
        self.draft.pay_by(row, way)
        return self.relieve(frozenset((row,)))

    def best_first(self) -> list[int]:
        """Return the rows not chosen that add something, the best worth per money first."""
        scored = [(-self.score(row, NOBODY), self.draft.rank[row], row) for row in self.unchosen()]
        return [row for score, _, row in sorted(scored) if score < 0]

    def force_out(self, rows: Iterable[int]) -> bool:
        """Leave out rows and what hangs on them; False if one of them has to stay.

        What they paid for others falls to those, who may then have to be paid otherwise or go as well.
        """
        draft = self.draft
        for row in rows:
            if row in draft.way:
                over = draft.above(row)
                if not self.kept.isdisjoint(over):
                    return False
                for one in over:
                    draft.drop(one)
        return self.relieve(NOBODY)
