"""Things that come to their turn on a day: SimPy events that are scheduled again and again.

A generator per project costs SimPy a process, a new event and a resumption at every step; an event that
calls back and is scheduled anew for its next step costs a third of it. The clock stays SimPy's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import simpy

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
        raise NotImplementedError

    def call(self, delay: float = 0.0, order: int = AS_IT_COMES) -> None:
        """Let it come after some days; it must not be under way already."""
        self.callbacks = self.actions
        self.env.schedule(self, order, delay)  # type: ignore[arg-type]


class Once(Turn):
    """A turn that does something given to it."""

    def __init__(self, env: simpy.Environment, action: Callable[[], None]) -> None:
        super().__init__(env)
        self._action = action

    def come(self) -> None:
        """Do it."""
        self._action()
