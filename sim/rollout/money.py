"""The pots of one replication: what may be committed, what is in cash, and what is still owed."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Protocol

from sim.clock import Horizon
from sim.errors import RolloutError
from sim.rollout.log import LAPSED, PAID, RELEASED, Log
from sim.tables.plan import Work


class Money(Protocol):
    """What the rollout must know of a budget."""

    @property
    def lapsing(self) -> frozenset[str]:
        """The pots whose uncommitted money lapses at the end of a calendar year."""

    def releases(self, horizon: Horizon) -> Mapping[int, Mapping[str, int]]:
        """Return the money released by month index and pot, whatever is built [fen]."""

    def earned(self, month: int, done: Mapping[str, int], horizon: Horizon) -> Mapping[str, int]:
        """Return all that milestones have released by a month, by pot [fen].

        ``done`` holds the projects in service by label (``Work.labels``).
        """

    def ahead(self, month: int, horizon: Horizon) -> Mapping[str, int]:
        """Return how much of later releases may be committed now, by pot [fen]."""


class Purse:
    """Pots while they are filled and drawn on.

    ``funds`` is what was released less what lapsed, was committed or paid for connections; with an
    advance it may be below 0, by as much as the advance allows. ``cash`` is what was released less what
    lapsed or was paid; it is never below 0. What falls due while there is no cash waits in order and is
    paid at later releases.
    """

    def __init__(self, log: Log, budget: Money, horizon: Horizon) -> None:
        self._log = log
        self._budget = budget
        self._horizon = horizon
        self._releases = budget.releases(horizon)
        self._earned: dict[str, int] = {}
        self._ahead: Mapping[str, int] = {}
        self._owed: dict[str, deque[tuple[int, int, int]]] = {}
        self.funds: dict[str, int] = {}
        self.cash: dict[str, int] = {}
        self.served: list[Work] = []
        """Projects that entered service since the month opened."""
        self._done: dict[tuple[str, str, str], int] = {}

    def open_month(self, day: float, month: int) -> bool:
        """Release the money of a month and pay what is owed; return whether any came."""
        incoming = dict(self._releases.get(month, {}))
        for pot, total in self._budget.earned(month, self._in_service(), self._horizon).items():
            more = total - self._earned.get(pot, 0)
            if more > 0:
                self._earned[pot] = total
                incoming[pot] = incoming.get(pot, 0) + more
        for pot in sorted(incoming):
            self.funds[pot] = self.funds.get(pot, 0) + incoming[pot]
            self.cash[pot] = self.cash.get(pot, 0) + incoming[pot]
            self._log.money(day, RELEASED, self._log.codes[pot], incoming[pot])
            self._pay_owed(day, pot)
        self._ahead = self._budget.ahead(month, self._horizon)
        return bool(incoming)

    def _in_service(self) -> dict[str, int]:
        """Return the projects in service by label, as ``Work.labels`` spells them."""
        for work in self.served:
            key = (work.technology, work.build, work.kind)
            self._done[key] = self._done.get(key, 0) + 1
        self.served.clear()
        done: dict[str, int] = {}
        for (technology, build, kind), count in sorted(self._done.items()):
            one = f"{technology}/{build}"
            for label in (technology, one, f"{technology}@{kind}", f"{one}@{kind}"):
                done[label] = done.get(label, 0) + count
        return done

    def may_commit(self) -> dict[str, int]:
        """Return what may be committed now by pot, advances included [fen]."""
        pots = sorted(self.funds.keys() | self._ahead.keys())
        return {pot: max(0, self.funds.get(pot, 0) + self._ahead.get(pot, 0)) for pot in pots}

    def commit(self, pot: str, amount: int, what: str) -> None:
        """Set money aside; ``RolloutError`` where the pot may not commit as much."""
        held = self.funds.get(pot, 0)
        most = max(0, held + self._ahead.get(pot, 0))
        if amount < 0 or amount > most:
            raise RolloutError(f"{what}: the plan takes {amount} fen from pot {pot!r}, which holds {most}")
        self.funds[pot] = held - amount
        if pot not in self.cash:
            self.cash[pot] = 0

    def pay(self, pot: str, amount: int, project: int, task: int) -> int:
        """Return what of an amount is paid at once; the rest is owed."""
        cash = self.cash.get(pot, 0)
        if amount <= cash:
            self.cash[pot] = cash - amount
            return amount
        self.cash[pot] = 0
        self._owed.setdefault(pot, deque()).append((project, task, amount - cash))
        return cash

    def free(self, day: float, pot: str, amount: int, is_lost: bool) -> None:
        """Let money that was committed be committed anew, or lapse as far as it has been released."""
        self.funds[pot] += amount
        lost = min(amount, self.funds[pot]) if is_lost else 0
        if lost > 0:
            self._lose(day, pot, lost, "given up")

    def _lose(self, day: float, pot: str, amount: int, cause: str) -> None:
        """Lose money that is released and committed to nothing."""
        self.funds[pot] -= amount
        self.cash[pot] -= amount
        self._log.money(day, LAPSED, self._log.codes[pot], -amount, self._log.codes[cause])

    def close_year(self, day: float) -> None:
        """Let what is not committed lapse in the pots whose rule it is."""
        for pot in sorted(self._budget.lapsing):
            left = self.funds.get(pot, 0)
            if left > 0:
                self._lose(day, pot, left, "end of year")

    def _pay_owed(self, day: float, pot: str) -> None:
        """Pay out of a release what fell due earlier, in order."""
        owed = self._owed.get(pot)
        code = self._log.codes[pot]
        while owed and self.cash[pot] > 0:
            project, task, amount = owed[0]
            paid = min(amount, self.cash[pot])
            self.cash[pot] -= paid
            self._log.write((day, PAID, project, task, 0, code, 0, paid, 0.0))
            if paid == amount:
                owed.popleft()
            else:
                owed[0] = (project, task, amount - paid)
