"""A plan that is fixed beforehand: its works are funded in their order as the pots release money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.tables.plan import Progress, Step, Work

if TYPE_CHECKING:
    from sim.planning.subscribers import Subscribers


@dataclass(eq=False)
class FixedPlan:
    """The plan step of works that were chosen beforehand.

    Connections have the first call on the money, as in a rolling plan. Then the works are funded in
    their order. One that its pot cannot pay yet holds back all later ones of that pot, so that small
    works do not eat up what a large one waits for; where the money of a pot lapses, waiting would lose
    it and later works come first. A work that waits for a licence or for what it requires holds nobody
    back.
    """

    works: tuple[Work, ...]
    subscribers: Subscribers
    earliest: Mapping[str, int]
    """First month in which each project may be funded; from the start where it is left out."""
    lapsing: frozenset[str] = frozenset()
    """Pots whose money lapses."""
    funded: dict[str, int] = field(default_factory=dict)
    """Projects funded so far, in order, with the month of it."""

    def __post_init__(self) -> None:
        """Tell the subscribers which homes the works will pass."""
        self._open = list(self.works)

    def __call__(self, month: int, progress: Progress, funds_fen: Mapping[str, int], release: bool) -> Step:
        """Return connections first, then, at a release, the next works that the money left allows."""
        funds = dict(funds_fen)
        charges = self.subscribers.connect(month, progress.activated, funds)
        if not release or not self._open:
            return Step(charges=charges)
        self.subscribers.set_aside(month, funds)
        works, left, blocked = [], [], set[str]()
        for work in self._open:
            if self._may_start(work, month) and not blocked & set(work.parts):
                if self._pay(work, funds):
                    works.append(work)
                    self.funded[work.project_id] = month
                    continue
                blocked.update(name for name in work.parts if name not in self.lapsing)
            left.append(work)
        self._open = left
        return Step(charges=charges, works=tuple(works))

    def _may_start(self, work: Work, month: int) -> bool:
        allowed = self.earliest.get(work.project_id, 0) <= month
        return allowed and (not work.requires or work.requires in self.funded)

    @staticmethod
    def _pay(work: Work, funds: dict[str, int]) -> bool:
        """Take the price from its pots; nothing where one of them holds too little."""
        parts = work.parts
        if any(funds.get(pot, 0) < fen for pot, fen in parts.items()):
            return False
        for pot, fen in parts.items():
            funds[pot] -= fen
        return True
