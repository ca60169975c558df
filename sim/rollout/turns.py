"""Things that come to their turn on a day: SimPy events that are scheduled again and again.

A generator per project costs SimPy a process, a new event and a resumption at every step; an event that
calls back and is scheduled anew for its next step costs a third of it. The clock stays SimPy's.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Any, ClassVar

import simpy

from sim.clock import Horizon

FIRST, AS_IT_COMES, LAST = 0, 1, 2
"""Order within an instant: the month opens first; crews are sent out last, when all who ask have asked."""


class Turn(simpy.Event):
    """An event that may be scheduled again once it has come; ``come`` is what happens then."""

    __slots__ = ("callbacks", "env")
    actions: ClassVar[tuple[Callable[[Any], None], ...]]
    _ok = True  # it cannot fail, and says so once for all
    _value = None

    def __init__(self, env: simpy.Environment) -> None:
        # not through the parent, which makes a list of callbacks for every event
        self.env = env
        self.callbacks: Any = None

    def __init_subclass__(cls) -> None:
        cls.actions = (cls.come,)

    def come(self) -> None:
        """Do what is to be done now."""
        # not an abstract class: SimPy's events have slots, and a metaclass would cost every project
        raise NotImplementedError

    def call(self, delay: float = 0.0, order: int = AS_IT_COMES) -> None:
        """Let it come after some days; it must not be under way already."""
        self.callbacks = self.actions
        self.env.schedule(self, order, delay)  # type: ignore[arg-type]  # any whole number orders an instant


class Once(Turn):
    """A turn that does something given to it."""

    def __init__(self, env: simpy.Environment, action: Callable[[], None]) -> None:
        super().__init__(env)
        self._action = action

    def come(self) -> None:
        """Do it."""
        self._action()


class Agenda:
    """Turns of later months, kept in lists until their month comes.

    SimPy's queue then holds one month only: taking the next of tens of thousands that lie about in memory
    costs more than what is done with it.
    """

    def __init__(self, env: simpy.Environment, horizon: Horizon) -> None:
        self._env = env
        self._schedule = env.schedule
        self._edges = [float(day) for day in horizon.month_days[: horizon.months + 1]]
        self._later: list[list[tuple[float, Turn]]] = [[] for _ in range(horizon.months)]
        self._next = self._edges[1]

    def add(self, turn: Turn, day: float, now: float) -> None:
        """Let a turn come on a day; one beyond the horizon never comes."""
        if day < self._next:
            turn.callbacks = turn.actions
            self._schedule(turn, AS_IT_COMES, day - now)  # type: ignore[arg-type]  # as in ``Turn.call``
        elif day < self._edges[-1]:
            self._later[bisect_right(self._edges, day) - 1].append((day, turn))

    def open_month(self, month: int) -> None:
        """Hand the turns of a month to SimPy on its first day."""
        now = self._env.now
        self._next = self._edges[month + 1]
        turns, self._later[month] = self._later[month], []
        for day, turn in turns:
            turn.call(day - now)
