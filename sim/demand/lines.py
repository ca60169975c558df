"""How lines follow what homes want: the one account that the plan keeps and the fold repeats."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.lines import COPPER, PREFERENCE, WIRED, standing_subscribers, wanted_lines
from sim.tables.demand import Demand
from sim.tables.ground import Ground

Floats = NDArray[np.float64]
WIRES = (*WIRED, COPPER)
"""Technologies that a home leaves for a better wire only in its own time."""
_FEWEST = 1e-9


def advance_subscribers(lines: Floats, wanted: Floats, catch_up: float, churn: float = 0.0) -> Floats:
    """Return next month's lines of homes whose line is in place: some give theirs up, others come back.

    ``wanted`` are the homes that want a line and have one in place, shape (Z,). Lines beyond them go.
    """
    kept = np.minimum(lines, wanted) * (1.0 - churn)
    return kept + catch_up * (wanted - kept)


@dataclass
class _Asked:
    """What a technology's homes want in a month, until it is known how many the money reaches."""

    in_place: Floats
    """Homes that want a line and have had one before, shape (Z,)."""
    new: Floats
    """Homes whose first line would be put in this month, shape (Z,)."""


class Uptake:
    """Lines by technology while months pass; Z zones.

    Every month begins with ``begin``; technologies then follow in the order of ``sim.lines``, those whose
    lines are put in one by one with ``ask`` and ``connect``, the others with ``serve``.
    """

    def __init__(self, ground: Ground, demand: Demand, names: Iterable[str]) -> None:
        self._ground, self._demand = ground, demand
        self._held = demand.held_share
        self.lines = {name: standing_subscribers(ground, name) for name in names}
        """Homes with a line by technology, shape (Z,)."""
        self.ever = {name: count / self._held for name, count in self.lines.items()}
        """Homes whose line has ever been put in, by technology, shape (Z,)."""
        self._asked: dict[str, _Asked] = {}
        self._willing = self._taken = np.zeros(ground.homes.shape[1])
        self._before = dict(self.lines)

    def copy(self) -> Uptake:
        """Return the same account, which goes its own way."""
        twin = Uptake(self._ground, self._demand, ())
        twin.lines, twin.ever = dict(self.lines), dict(self.ever)
        return twin

    def begin(self, month: int) -> None:
        """Begin a month: nobody has a line yet of those who want one in it."""
        demand, homes = self._demand, self._ground.homes[month]
        self._willing = demand.fixed_willing[month][demand.zone_kind] * homes
        self._taken = np.zeros(len(homes))
        self._before = dict(self.lines)

    def ask(self, name: str, reached: Floats) -> Floats:
        """Return the homes whose first line would be put in this month, were there money for all, (Z,).

        ``reached`` are the homes that were passed when the month began. Of the homes that wait those on
        another wire move at their own pace; among them are as many as among all that have not this one.
        """
        demand = self._demand
        wanted = wanted_lines(self._willing, self._taken, reached)
        self.ever[name] = np.minimum(self.ever[name], reached)
        in_place = np.minimum(self.ever[name], wanted)
        pace = demand.catch_up_per_month
        new = pace * (wanted - in_place)
        if demand.migration_per_month is not None and name in PREFERENCE:
            without = np.maximum(self._willing - self._taken - in_place, _FEWEST)
            moving = np.minimum(self._on_other_wires(name) / without, 1.0)
            new *= 1.0 + (demand.migration_per_month / pace - 1.0) * moving
        self._asked[name] = _Asked(in_place, new)
        return new

    def connect(self, name: str, share: float) -> None:
        """Put in the lines that the money reaches: a share of those asked for."""
        demand, asked = self._demand, self._asked[name]
        added = share * asked.new
        lines = self.lines[name]
        again = advance_subscribers(lines, asked.in_place, demand.catch_up_per_month, demand.churn_per_month)
        self.lines[name] = again + added
        self.ever[name] = self.ever[name] + added
        # who is between two lines comes back to the same technology
        self._taken = self._taken + asked.in_place + added

    def serve(self, name: str, passed: Floats) -> None:
        """Give lines to all who want one of a technology that serves at once."""
        wanted = wanted_lines(self._willing, self._taken, passed)
        self.lines[name] = wanted * self._held
        self.ever[name] = np.minimum(np.maximum(self.ever[name], wanted), passed)
        self._taken = self._taken + wanted

    def _on_other_wires(self, name: str) -> Floats:
        """Return the homes that were on wires they like less when the month began, shape (Z,)."""
        worse: Collection[str] = PREFERENCE[PREFERENCE.index(name) + 1 :]
        total = np.zeros(self._ground.homes.shape[1])
        for other in WIRES:
            if other in worse and other in self._before:
                total = total + self._before[other]
        return total
