"""Local search: a greedy choice improved by swaps, bundles, other ways of paying and path re-linking.

The work is limited in changes weighed, never by a clock: the same problem gives the same choice on every
machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Annotated

import numpy as np
from numpy.random import Generator
from pydantic import Field

from sim.options import Options
from sim.parameters import Quantity
from sim.planning.bound import bound_of
from sim.planning.draft import Draft
from sim.planning.moves import NOBODY, Moves
from sim.planning.problem import Problem, Solution
from sim.randomness import Streams

Merit = tuple[int, int]
_Move = Callable[[], bool]


class SearchOptions(Options):
    """How long and how widely is searched."""

    weighings: Annotated[int, Field(ge=0), Quantity("1")]
    """Changes weighed before the search ends [1]."""
    near: Annotated[int, Field(ge=1), Quantity("1")]
    """Candidates that are moved: those whose worth per money is nearest to what money buys at the margin [1]."""
    pairs: Annotated[int, Field(ge=0), Quantity("1")]
    """Up to how many rows are forced in or out two at a time [1]."""
    good: Annotated[int, Field(ge=1), Quantity("1")]
    """Good solutions that are kept and linked by paths [1]."""


class Search:
    """One search on one problem."""

    def __init__(
        self, problem: Problem, options: SearchOptions, start: Solution, kept: frozenset[int]
    ) -> None:
        self.problem, self.options = problem, options
        self.draft = Draft(problem)
        self.draft.put_all(start, kept)
        self.moves = Moves(self.draft, self._pool(), kept)
        self.good: list[tuple[Merit, Solution]] = []

    def _pool(self) -> list[int]:
        shut = self.problem.shut.tolist()
        return [row for row in range(len(shut)) if not shut[row] and self.draft.ways(row)]

    def merit(self) -> Merit:
        """Return what is compared: worth in millionths, then money left [fen]."""
        return self.draft.worth, sum(self.draft.left)

    def done(self) -> bool:
        """Return whether the work limit is reached."""
        return self.draft.weighed >= self.options.weighings

    def try_one(self, move: _Move, banned: frozenset[int] = NOBODY) -> bool:
        """Make a move and fill what it leaves; keep it if that is better than before, else take it back."""
        before, mark = self.merit(), self.draft.mark()
        if move():
            self.moves.fill(banned)
            if self.merit() > before:
                self.moves.fill()
                return True
        self.draft.undo(mark)
        return False

    def climb(self, widely: bool = False) -> None:
        """Improve until no move helps or the work limit is reached; ``widely`` two rows at a time as well."""
        self.moves.fill()
        while not self.done() and (self._round(self._single()) or (widely and self._round(self._double()))):
            pass

    def _round(self, steps: Iterator[tuple[_Move, frozenset[int]]]) -> bool:
        better = False
        for move, banned in steps:
            if self.done():
                break
            better |= self.try_one(move, banned)
        return better

    def _single(self) -> Iterator[tuple[_Move, frozenset[int]]]:
        """One row in by each way, one row out, all sharers of an asset in or out, one row paid otherwise."""
        moves, draft = self.moves, self.draft
        for row in self._best_first():
            if row not in draft.way:
                for way in (-1, *draft.ways(row)) if len(draft.ways(row)) > 1 else (-1,):
                    yield lambda row=row, way=way: row not in draft.way and moves.force_in([row], way), NOBODY
        for row in moves.chosen():
            if row in draft.way:
                yield lambda row=row: moves.force_out([row]), frozenset((row,))
        for asset, sharers in moves.sharers.items():
            users = draft.users(asset)
            if users:
                yield lambda users=users: moves.force_out(users), frozenset(sharers)
            if len(users) < len(sharers) <= self.options.pairs:
                yield lambda sharers=sharers: moves.force_in(sharers), NOBODY
        for row in moves.chosen():
            for way in draft.ways(row):
                if row in draft.way and way != draft.way[row]:
                    yield lambda row=row, way=way: self._pay_by(row, way), NOBODY

    def _pay_by(self, row: int, way: int) -> bool:
        self.draft.pay_by(row, way)
        return self.moves.relieve(frozenset((row,)))

    def _double(self) -> Iterator[tuple[_Move, frozenset[int]]]:
        """Two rows in, or two rows out."""
        moves, draft = self.moves, self.draft
        for pair in combinations(self._best_first()[: self.options.pairs], 2):
            if not any(row in draft.way for row in pair):
                yield lambda pair=pair: moves.force_in(pair), NOBODY
        for pair in combinations(moves.chosen()[: self.options.pairs], 2):
            if all(row in draft.way for row in pair):
                yield lambda pair=pair: moves.force_out(pair), frozenset(pair)

    def _best_first(self) -> list[int]:
        """Rows not chosen that add something, the best worth per money first."""
        scored = [(-self.moves.score(row, NOBODY), self.draft.rank[row], row) for row in self.moves.open()]
        return [row for score, _, row in sorted(scored) if score < 0]

    def keep(self) -> None:
        """Remember the draft among the good solutions, if it is among the best and unlike them."""
        merit, solution = self.merit(), self.draft.solution()
        if all(merit != other for other, _ in self.good):
            self.good.append((merit, solution))
            self.good.sort(key=lambda one: one[0], reverse=True)
            del self.good[self.options.good :]

    def link(self, target: Solution) -> None:
        """Walk from the draft toward a solution, row by row, and climb from the best choice on the way."""
        moves, draft = self.moves, self.draft
        wanted = set(target.rows)
        best: tuple[Merit, Solution] | None = None
        for row, way in zip(target.rows, target.ways, strict=True):
            if self.done():
                break
            if row not in draft.way:
                mark = draft.mark()
                if not moves.force_in([row], way):
                    draft.undo(mark)
                    continue
                aside = draft.mark()
                moves.fill()
                found = self.merit(), draft.solution()
                if set(found[1].rows) != wanted and (best is None or found[0] > best[0]):
                    best = found
                draft.undo(aside)
        if best is not None:
            draft.restore(best[1])
            self.climb()

    def kick(self, step: int, offset: int) -> None:
        """Leave out every so many chosen rows, keep them out for one filling, and climb again."""
        out = frozenset(self.moves.chosen()[offset::step])
        for row in sorted(out):
            mark = self.draft.mark()
            if not self.moves.force_out([row]):
                self.draft.undo(mark)
        self.moves.fill(out)
        self.climb()

    def begin_with(self, row: int, way: int) -> bool:
        """Leave out all that may go, put in a row by a way, and fill; False if it cannot be paid."""
        moves, draft = self.moves, self.draft
        for one in moves.chosen():
            if one in draft.way and self.moves.kept.isdisjoint(over := draft.above(one)):
                for each in over:
                    draft.drop(each)
        if not draft.feasible() and not moves.relieve(NOBODY):
            return False
        if row not in draft.way and not moves.force_in([row], way):
            return False
        moves.fill()
        return True

    def begin_anew(self) -> None:
        """Begin with every row by each of its ways, and climb from the best of these beginnings."""
        begun: dict[Merit, Solution] = {}
        for row in self._worthy():
            for way in self.draft.ways(row):
                if self.done():
                    break
                mark = self.draft.mark()
                if self.begin_with(row, way):
                    begun.setdefault(self.merit(), self.draft.solution())
                self.draft.undo(mark)
        best = sorted(begun, reverse=True)[: 2 * self.options.good]
        for merit in best:
            if not self.done():
                self.draft.restore(begun[merit])
                self.climb()
                self.keep()

    def _worthy(self) -> list[int]:
        """Rows that serve anybody, in row order."""
        return [row for row in self.moves.pool if row not in self.moves.kept and self.draft.keys(row)]

    def shake(self) -> None:
        """Leave out every so many of the best choice's rows, and link the good choices by paths."""
        for step in (2, 3, 4, 5):
            for offset in range(step):
                if not self.done():
                    self.draft.restore(self.good[0][1])
                    self.kick(step, offset)
                    self.keep()
        for first, second in combinations(list(self.good), 2):
            for start, target in ((first, second), (second, first)):
                if not self.done():
                    self.draft.restore(start[1])
                    self.link(target[1])
                    self.keep()

    def _some(self, rows: list[int]) -> int:
        """One of some rows, by luck."""
        return rows[int(self.luck.random() * len(rows))]

    def _remake(self) -> bool:
        """Leave out a part of what is chosen; pay what stays whatever happens otherwise, if it can be."""
        moves, draft, luck = self.moves, self.draft, self.luck
        rows = moves.chosen()
        share = luck.uniform(*_LEFT_OUT)
        out = [row for row, u in zip(rows, luck.random(len(rows)).tolist(), strict=True) if u < share]
        if not moves.force_out(out):
            return False
        for row in sorted(moves.kept):
            mark, ways = draft.mark(), draft.ways(row)
            draft.pay_by(row, self._some(ways))
            if not draft.feasible():
                draft.undo(mark)
        return True

    def _empty_pot(self) -> bool:
        pot = int(self.luck.random() * len(self.draft.left))
        draft = self.draft
        rows = [
            r
            for r in self.moves.chosen()
            if pot in (draft.problem.ways[draft.way[r]].pot, draft.problem.ways[draft.way[r]].matching)
        ]
        return self.moves.force_out(rows)

    def _swap_in(self, count: int = 1) -> bool:
        """Force in a row that is not chosen by one of its ways."""
        for _ in range(count):
            open_rows = [row for row in self.moves.open() if self.draft.keys(row)]
            if not open_rows:
                return False
            row = self._some(open_rows)
            if not self.moves.force_in([row], self._some(self.draft.ways(row))):
                return False
        return True

    def _reorder(self) -> bool:
        rows = [r for r in self.moves.chosen() if self.draft.assets(r)]
        if not rows:
            return False
        self.draft.to_front(self._some(rows))
        return self.moves.relieve(NOBODY)

    def _guide(self) -> None:
        """Let scores and ways follow what money is worth in each pot."""
        price = bound_of(self.problem).pot_prices
        most = float(price.max(initial=0.0)) or 1.0
        price = np.maximum(price / most, _LEAST_PRICE)
        self.unit = [
            float(price[w.pot] + (w.share * (price[w.matching] - price[w.pot]) if w.matching >= 0 else 0.0))
            for w in self.problem.ways
        ]
        moves, draft = self.moves, self.draft
        self.base = {row: 1.0 / min(self.unit[k] for k in draft.ways(row)) for row in moves.pool}
        moves.favour.update(self.base)
        for row in moves.pool:
            moves.order[row] = sorted(draft.ways(row), key=lambda k: (self.unit[k], k))

    def _vary(self) -> None:
        """Let luck change scores and ways for the next filling."""
        moves, draft = self.moves, self.draft
        u = (_FAVOUR ** (2.0 * self.luck.random(len(moves.pool)) - 1.0)).tolist()
        unit = [one * _WAYS ** f for one, f in zip(self.unit, self.luck.random(len(self.unit)).tolist(), strict=True)]
        for row, favour in zip(moves.pool, u, strict=True):
            ways = draft.ways(row)
            moves.favour[row] = self.base[row]*favour
            if len(ways) > 1:
                if RW: unit = [one * _WAYS ** f for one, f in zip(self.unit, self.luck.random(len(self.unit)).tolist(), strict=True)]
                moves.order[row] = sorted(ways, key=lambda k: (unit[k], k))

    def _calm(self) -> None:
        self.moves.favour.update(self.base)
        
    def step(self) -> None:
        moves = self.moves
        u = self.luck.random()
        ok = (
            self._remake()
            if u < P[0]
            else self._swap_in()
            if u < P[1]
            else self._swap_in(2)
            if u < P[2]
            else self._reorder()
            if u < P[3]
            else self._empty_pot()
        )
        if not ok:
            return
        if self.luck.random() < PV:
            self._vary()
            moves.fill()
            self._calm()
        moves.fill()

    def run(self) -> Solution:
        """Return the best choice found."""
        self.luck = Streams(0, 0).generator("planning/search")
        self._guide()
        self.climb()
        self.keep()
        failed = 0
        while not self.done():
            best, here = self.good[0][0], self.merit()
            mark = self.draft.mark()
            self.step()
            if not self.draft.feasible():
                self.draft.undo(mark)
                continue
            self.keep()
            failed = 0 if self.good[0][0] > best else failed + 1
            if self.merit()[0] < here[0] * (1 - DELTA * self.luck.random()):
                self.draft.undo(mark)
            if failed % BACK == BACK - 1:
                self.draft.restore(self.good[(failed // BACK) % len(self.good)][1], self.moves.kept)
        return self.good[0][1]


_LEFT_OUT = (0.1, 0.7)
_FAVOUR = 2.0
RW = True
_WAYS = 30.0
_LEAST_PRICE = 1e-2
P = (0.4, 0.7, 0.85, 0.93)
PV = 0.7
DELTA = 0.0
BACK = 50
