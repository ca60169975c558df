"""Random steps of a search: leave out a part of a choice, force something in, fill what is left."""

from __future__ import annotations

from numpy.random import Generator

from sim.planning.moves import NOBODY, Moves

_LEFT_OUT = (0.05, 0.5)
"""Least and largest share of the chosen rows that are left out at once."""
_FAVOUR, _WAYS = 2.0, 30.0
"""By how much luck may multiply or divide the worth per money of a row, and multiply the price of a way."""
_REMAKE, _ONE_IN, _TWO_IN, _TO_FRONT = 0.8, 0.9, 0.95, 0.97
"""Up to which number below 1 each step is taken; above the last all of one pot goes out."""
_ALSO_IN, _VARIED = 0.5, 0.7
"""Shares of the steps that also force one in, and of those that fill by changed scores."""


class Shuffle:
    """Steps on the draft of some moves; ``luck`` alone decides which."""

    def __init__(self, moves: Moves, luck: Generator) -> None:
        self.moves, self.luck = moves, luck

    def step(self) -> None:
        """Change a part of the choice and fill the money left; the pots may be overdrawn if that failed."""
        moves = self.moves
        moves.draft.weighed += 1
        if not self._change(self.luck.random()):
            return
        if self.luck.random() < _VARIED:
            self._vary()
            moves.fill()
            moves.calm()
        moves.fill()

    def all_anew(self) -> None:
        """Leave out all that may go, and fill by changed scores."""
        draft = self.moves.draft
        mark = draft.mark()
        if not self.moves.force_out(self.moves.chosen()):
            draft.undo(mark)
        self._vary()
        self.moves.fill()
        self.moves.calm()
        self.moves.fill()

    def _change(self, number: float) -> bool:
        if number < _REMAKE:
            return self._part_out() and (self.luck.random() >= _ALSO_IN or self._one_in())
        if number < _ONE_IN:
            return self._one_in()
        if number < _TWO_IN:
            return self._one_in() and self._one_in()
        if number < _TO_FRONT:
            return self._one_to_front()
        return self._pot_out()

    def _some(self, rows: list[int]) -> int:
        """One of some rows."""
        return rows[int(self.luck.random() * len(rows))]

    def _part_out(self) -> bool:
        """Leave out a share of what is chosen; what stays whatever happens may be paid otherwise."""
        moves, draft, luck = self.moves, self.moves.draft, self.luck
        rows = moves.chosen()
        share = luck.uniform(*_LEFT_OUT)
        out = [row for row, u in zip(rows, luck.random(len(rows)).tolist(), strict=True) if u < share]
        if not moves.force_out(out):
            return False
        for row in sorted(moves.kept):
            mark = draft.mark()
            draft.pay_by(row, self._some(draft.ways(row)))
            if not draft.feasible():
                draft.undo(mark)
        return True

    def _pot_out(self) -> bool:
        """Leave out all that one pot pays."""
        draft = self.moves.draft
        pot = int(self.luck.random() * len(draft.left))
        return self.moves.force_out([row for row in self.moves.chosen() if draft.touches(row, pot)])

    def _one_in(self) -> bool:
        """Force in a row that is not chosen by one of its ways."""
        rows = [row for row in self.moves.unchosen() if self.moves.draft.keys(row)]
        if not rows:
            return False
        row = self._some(rows)
        return self.moves.force_in([row], self._some(self.moves.draft.ways(row)))

    def _one_to_front(self) -> bool:
        """Let a row buy what it shares with others."""
        draft = self.moves.draft
        rows = [row for row in self.moves.chosen() if draft.assets(row)]
        if not rows:
            return False
        draft.to_front(self._some(rows))
        return self.moves.relieve(NOBODY)

    def _vary(self) -> None:
        """Let luck change scores and the order of ways for the next filling."""
        moves, pool = self.moves, self.moves.pool
        favour = (1.0 / _FAVOUR + (_FAVOUR - 1.0 / _FAVOUR) * self.luck.random(len(pool))).tolist()
        u = self.luck.random((len(pool), len(moves.price)))
        price = (1.0 + (_WAYS - 1.0) * u * u).tolist()
        for row, factor, of_way in zip(pool, favour, price, strict=True):
            moves.vary(row, factor, of_way)
