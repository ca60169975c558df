"""Local search: a choice improved by swaps, bundles, other ways of paying and path re-linking.

Parts of the choice are left out, others forced in, and the money is filled again: at random, but always
with the same luck. A change is kept where it makes the choice no worse. Where many in a row help nothing,
the search goes on from another good choice, or from the best on the way between two. In the end every
single move is tried until none helps.

The work is limited in changes weighed, never by a clock: the same problem gives the same choice on every
machine.

References
----------
R. Ruiz and T. Stuetzle, A simple and effective iterated greedy algorithm, European Journal of Operational
Research 177, 2007. F. Glover, M. Laguna and R. Marti, Fundamentals of scatter search and path relinking,
Control and Cybernetics 39, 2000.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated

from pydantic import Field

from sim.options import Options
from sim.parameters import Quantity
from sim.planning.bound import bound_of
from sim.planning.draft import Draft, kept_rows
from sim.planning.margin import nearest_rows
from sim.planning.moves import NOBODY, Moves
from sim.planning.problem import Problem, Solution, worth_of_solution
from sim.planning.shuffle import Shuffle
from sim.randomness import Streams

Merit = tuple[int, int]
_Move = Callable[[], bool]
_PATIENCE = 25
"""Shuffles in a row that help nothing, after which the search goes elsewhere."""
_PLACES = ("another", "between", "anew")
"""Where it goes, in turn."""
_SHUFFLING = 0.85
"""Share of the work that is given to random steps; what is left tries every single move."""
_ENOUGH = 1e-4
"""Share of the bound that a choice may miss without more being tried."""


class SearchOptions(Options):
    """How long and how widely is searched."""

    weighings: Annotated[int, Field(ge=0), Quantity("1")]
    """Changes that are weighed before the search ends [1]."""
    near: Annotated[int, Field(ge=1), Quantity("1")]
    """Candidates that are moved: those nearest to the margin between what is worth its money and not [1]."""
    good: Annotated[int, Field(ge=1), Quantity("1")]
    """Good choices that are kept and linked by paths [1]."""


def search(problem: Problem, options: SearchOptions, start: Solution) -> Solution:
    """Return the best choice found from ``start``; what ``start`` commits to in advance stays chosen."""
    if not start.rows and (problem.shut.all() or not len(problem.ways)):
        return start
    found = Search(problem, options, start).run()
    return max((start, found), key=lambda one: worth_of_solution(problem, one))


class Search:
    """One search on one problem."""

    def __init__(self, problem: Problem, options: SearchOptions, start: Solution) -> None:
        self.options = options
        self.draft = Draft(problem)
        self.kept = kept_rows(problem, start)
        self.draft.put_all(start, self.kept)
        bound = bound_of(problem)
        self.enough = int(bound.worth * (1.0 - _ENOUGH))
        pool = nearest_rows(problem, start, bound.pot_prices, options.near)
        self.moves = Moves(self.draft, pool, self.kept)
        self.moves.follow(bound.pot_prices.tolist())
        self.shuffle = Shuffle(self.moves, Streams(0, 0).generator("planning/search"))
        self.good: list[tuple[Merit, Solution]] = []

    def merit(self) -> Merit:
        """Return what is compared: worth in millionths, then money left [fen]."""
        return self.draft.worth, sum(self.draft.left)

    def done(self) -> bool:
        """Return whether the work limit is reached, or nothing is left to gain."""
        return self.draft.weighed >= self.options.weighings or self.draft.worth >= self.enough

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
        """Improve until no single move helps or the work is done."""
        better = True
        while better:
            better = False
            for steps in (self._in, self._out, self._bundles):
                for move, banned in steps():
                    if self.done():
                        return
                    better |= self.try_one(move, banned)

    def _in(self) -> Iterator[tuple[_Move, frozenset[int]]]:
        """One row in by each of its ways, the best worth per money first."""
        moves, draft = self.moves, self.draft
        for row in moves.best_first():
            ways = draft.ways(row)
            for way in (-1, *ways) if len(ways) > 1 else (-1,):
                if row not in draft.way:
                    yield partial(moves.force_in, [row], way), NOBODY

    def _out(self) -> Iterator[tuple[_Move, frozenset[int]]]:
        """One row out, or paid otherwise."""
        moves, draft = self.moves, self.draft
        for row in moves.chosen():
            if row in draft.way:
                yield partial(moves.force_out, [row]), frozenset((row,))
            for way in draft.ways(row):
                if row in draft.way and way != draft.way[row]:
                    yield partial(moves.pay_by, row, way), NOBODY

    def _bundles(self) -> Iterator[tuple[_Move, frozenset[int]]]:
        """All who share an asset in or out together."""
        moves, draft = self.moves, self.draft
        for asset, sharers in moves.sharers.items():
            users = draft.users(asset)
            if users:
                yield partial(moves.force_out, users), frozenset(sharers)
            if len(users) < len(sharers):
                yield partial(moves.force_in, sharers), NOBODY

    def keep(self) -> None:
        """Remember the draft if it is among the best and unlike those remembered."""
        merit = self.merit()
        full = len(self.good) == self.options.good
        if any(merit == other for other, _ in self.good) or (full and merit < self.good[-1][0]):
            return
        self.good.append((merit, self.draft.solution()))
        self.good.sort(key=lambda one: one[0], reverse=True)
        del self.good[self.options.good :]

    def link(self, target: Solution) -> None:
        """Walk from the draft towards a choice row by row; go on from the best on the way."""
        moves, draft = self.moves, self.draft
        best: Merit | None = None
        found: Solution | None = None
        wanted = set(target.rows)
        for row, way in zip(target.rows, target.ways, strict=True):
            if self.done():
                break
            if row in draft.way:
                continue
            mark = draft.mark()
            if not moves.force_in([row], way):
                draft.undo(mark)
                continue
            aside = draft.mark()
            moves.fill()
            if (best is None or self.merit() > best) and draft.way.keys() != wanted:
                best, found = self.merit(), draft.solution()
            draft.undo(aside)
        if found is not None:
            draft.restore(found, self.kept)

    def run(self) -> Solution:
        """Return the best choice found."""
        self.moves.fill()
        self._shuffle_until(int(self.options.weighings * _SHUFFLING))
        self.draft.restore(self.good[0][1], self.kept)
        self.climb()
        self.keep()
        return self.good[0][1]

    def _shuffle_until(self, weighed: int) -> None:
        """Take random steps until so many changes are weighed, from one good choice or another."""
        failed, turns = 0, 0
        while not self.done() and self.draft.weighed < weighed:
            before, mark = self.merit(), self.draft.mark()
            self.shuffle.step()
            failed = 0 if self.merit() > before else failed + 1
            if self.merit() < before or not self.draft.feasible():
                self.draft.undo(mark)
            if failed == _PATIENCE:
                self.keep()
                failed, turns = 0, turns + 1
                self._elsewhere(turns)
        self.keep()

    def _elsewhere(self, turns: int) -> None:
        """Go to the best between two good choices, begin anew, or go on from another good one, in turn."""
        count, turn = turns // len(_PLACES), _PLACES[turns % len(_PLACES)]
        start = 0 if turn == "between" else count % len(self.good)
        self.draft.restore(self.good[start][1], self.kept)
        if turn == "between" and len(self.good) > 1:
            self.link(self.good[1 + count % (len(self.good) - 1)][1])
        elif turn == "anew":
            self.shuffle.all_anew()
