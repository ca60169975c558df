"""Steps that a search tries on a draft: fill what money is left, make room, force in, force out."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from sim.planning.draft import Draft

NOBODY: frozenset[int] = frozenset()
_DROP, _TO_FRONT = -1, -2
_Step = tuple[float, float, int, int]
"""Worth lost for the money given back, how far that is from what is wanted, the row, its new way or what is done with it."""


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
        self.favour: dict[int, float] = {}
        """By what a row's worth per money is multiplied when it is its turn; 1 where nothing is said."""
        self.order: dict[int, list[int]] = {}
        """Ways of paying of a row in the order in which they are tried, where it is not that of the problem."""

    def chosen(self) -> list[int]:
        """Return the rows of the pool that are chosen and may be left out."""
        draft, kept = self.draft, self.kept
        return [row for row in self.pool if row in draft.way and row not in kept]

    def payers(self) -> list[int]:
        """Return the rows that may be paid otherwise: the chosen of the pool, also those that stay."""
        draft = self.draft
        return [row for row in self.pool if row in draft.way]

    def open(self, banned: AbstractSet[int] = NOBODY) -> list[int]:
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
        """Choose rows in order, each by the first way that reaches; False, and nothing done, if one is not."""
        draft = self.draft
        mark = draft.mark()
        for row in rows:
            price = draft.open_price(row)
            ways = self.order.get(row) or draft.ways(row)
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
        return worth / price * self.favour.get(row, 1.0)

    def fill(self, banned: AbstractSet[int] = NOBODY) -> None:
        """Choose the best worth per money that the money left reaches, until there is none."""
        draft = self.draft
        heap = []
        for row in self.open(banned):
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
            if self.pay(bundle):
                self._cheaper(heap, new, banned)

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
            pot = min(range(len(draft.left)), key=draft.left.__getitem__)
            best: _Step | None = None
            for row in self.payers():
                way = draft.problem.ways[draft.way[row]]
                if pot in (way.pot, way.matching):
                    for option in self._options(row, pot, spared):
                        if best is None or option < best:
                            best = option
            if best is None:
                return False
            row, number = best[2], best[3]
            if number >= 0:
                draft.pay_by(row, number)
            elif number == _TO_FRONT:
                draft.to_front(row)
            else:
                for one in draft.above(row):
                    draft.drop(one)
        return True

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
                    number = max(ways, key=lambda k: (draft.left[draft.problem.ways[k].pot], -k))
                draft.add(one, number)
                spared.add(one)
        for row in sorted(spared):
            above = draft.parent[row]
            while above >= 0 and above in draft.way:
                spared.add(above)
                above = draft.parent[above]
        return self.relieve(spared)

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
