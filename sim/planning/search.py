"""Local search: a greedy choice improved by swaps, bundles, other ways of paying and path re-linking.

The work is limited in changes weighed, never by a clock: the same problem gives the same choice on every
machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Annotated

from pydantic import Field

from sim.options import Options
from sim.parameters import Quantity
from sim.planning.draft import Draft
from sim.planning.moves import NOBODY, Moves
from sim.planning.problem import Problem, Solution

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
        self.draft.put_all(start)
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

    def climb(self) -> None:
        """Improve until no move helps or the work limit is reached."""
        self.moves.fill()
        while not self.done() and (self._round(self._single()) or self._round(self._double())):
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

    def run(self) -> Solution:
        """Return the best choice found."""
        self.climb()
        self.keep()
        for step in (2, 3, 4, 5):
            for offset in range(step):
                if self.done():
                    break
                self.draft.restore(self.good[0][1])
                self.kick(step, offset)
                self.keep()
        for first, second in combinations(list(self.good), 2):
            for start, target in ((first, second), (second, first)):
                if not self.done():
                    self.draft.restore(start[1])
                    self.link(target[1])
                    self.keep()
        return self.good[0][1]
