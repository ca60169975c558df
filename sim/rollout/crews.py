"""Crews by prefecture and skill, which pull the most urgent work from a heap of their own.

SimPy's PriorityResource re-sorts its whole queue at every request; a heap beside the kernel makes
a request cost the logarithm of the queue instead.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping

import simpy


class Pool:
    """The crews of one skill in one prefecture."""

    __slots__ = ("_env", "_free", "_queue", "label", "size")

    def __init__(self, env: simpy.Environment, label: str, size: int) -> None:
        self._env = env
        self.label = label
        self.size = size
        self._free = size
        self._queue: list[tuple[int, str, simpy.Event]] = []

    def take(self) -> bool:
        """Return whether a crew was free; it is then taken."""
        if self._free > 0:
            self._free -= 1
            return True
        return False

    def queue(self, priority: int, project_id: str) -> simpy.Event:
        """Return the event of getting a crew: lowest priority first, then by project."""
        granted = self._env.event()
        heapq.heappush(self._queue, (priority, project_id, granted))
        return granted

    def give_back(self) -> None:
        """Hand the crew to the most urgent project that waits, or let it rest."""
        if self._queue:
            heapq.heappop(self._queue)[2].succeed()
        else:
            self._free += 1

    @property
    def waiting(self) -> int:
        """How many projects wait for a crew."""
        return len(self._queue)


class Yard:
    """All pools, made when they are first asked for."""

    def __init__(self, env: simpy.Environment, crews: Mapping[tuple[str, str], int]) -> None:
        self._env = env
        self._crews = crews
        self._pools: dict[tuple[str, str], Pool] = {}

    def pool(self, prefecture: str, skill: str) -> Pool:
        """Return the crews of a skill in a prefecture; none where the table names none."""
        key = (prefecture, skill)
        if key not in self._pools:
            self._pools[key] = Pool(self._env, f"{prefecture} {skill}", self._crews.get(key, 0))
        return self._pools[key]
