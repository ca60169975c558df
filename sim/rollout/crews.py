"""Crews by prefecture and skill, which pull the most urgent work from a heap of their own.

SimPy's PriorityResource re-sorts its whole queue at every request; a heap beside the kernel makes
a request cost the logarithm of the queue instead.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from math import hypot
from typing import Protocol

import numpy as np
import simpy

from sim.rollout.log import Log
from sim.rollout.turns import LAST, Turn

_FEW = 8
"""Idle crews from which numpy finds the nearest sooner than Python."""


class Job(Protocol):
    """What asks a pool for a crew."""

    def begins(self, way_m: float) -> None:
        """A crew comes over this straight distance."""

    def waits_for_crew(self, crews: int) -> None:
        """No crew is free of so many that there are."""

    @property
    def days(self) -> float:
        """Days of work that are asked for."""


class Pool(Turn):
    """The crews of one skill in one prefecture.

    All who ask or come back within an instant are heard before a crew is sent, so that the most urgent is
    served whatever the order of asking; of crews that are idle the nearest is sent.
    """

    __slots__ = (
        "_called", "_fresh", "_new", "_places", "_queue", "code", "label", "prefecture", "size", "skill",
        "start_size",
    )  # fmt: skip

    def __init__(self, env: simpy.Environment, key: tuple[str, str], code: int, size: int) -> None:
        super().__init__(env)
        self.prefecture, self.skill = key
        self.label = " ".join(key)
        self.code = code
        """Place of the label among the names of the log."""
        self.size = size
        self.start_size = size
        self._fresh = size
        self._places: list[tuple[float, float]] = []
        self._queue: list[tuple[int, str, float, float, Job]] = []
        self._new: list[Job] = []
        self._called = False

    @property
    def idle(self) -> int:
        """How many crews have nothing to do."""
        return self._fresh + len(self._places)

    @property
    def waiting(self) -> int:
        """How many projects wait for a crew."""
        return len(self._queue)

    @property
    def queued_days(self) -> float:
        """Days of work that wait for a crew."""
        return sum([entry[4].days for entry in self._queue])

    def ask(self, priority: int, name: str, x_m: float, y_m: float, job: Job) -> None:
        """Put a job in the queue: lowest priority first, then by name."""
        heapq.heappush(self._queue, (priority, name, x_m, y_m, job))
        if self._called:
            self._new.append(job)
        elif self._fresh or self._places:
            self._new.append(job)
            self._called = True
            self.call(0.0, LAST)
        else:
            job.waits_for_crew(self.size)

    def come_back(self, x_m: float, y_m: float) -> None:
        """Take back a crew where its work was."""
        self._places.append((x_m, y_m))
        if self._queue and not self._called:
            self._called = True
            self.call(0.0, LAST)

    def join(self) -> None:
        """Add a crew from elsewhere."""
        self.size += 1
        self._fresh += 1
        if self._queue and not self._called:
            self._called = True
            self.call(0.0, LAST)

    def leave(self) -> None:
        """Give an idle crew away."""
        self.size -= 1
        if self._fresh:
            self._fresh -= 1
        else:
            self._places.pop()

    def come(self) -> None:
        """Send crews to the most urgent jobs, and let those that asked in vain know."""
        self._called = False
        queue, sent = self._queue, set()
        while queue and (self._fresh or self._places):
            _, _, x_m, y_m, job = heapq.heappop(queue)
            sent.add(id(job))
            job.begins(self._sent(x_m, y_m))
        for job in self._new:
            if id(job) not in sent:
                job.waits_for_crew(self.size)
        self._new.clear()

    def _sent(self, x_m: float, y_m: float) -> float:
        """Take the nearest idle crew and return its straight distance; a fresh one comes from nearby [m]."""
        if self._fresh:
            self._fresh -= 1
            return 0.0
        places = self._places
        at = 0
        if len(places) > _FEW:
            dx, dy = (np.array(places) - (x_m, y_m)).T
            at = int(np.argmin(dx * dx + dy * dy))
        elif len(places) > 1:
            at = min(range(len(places)), key=lambda k: hypot(places[k][0] - x_m, places[k][1] - y_m))
        x, y = places.pop(at)
        return hypot(x - x_m, y - y_m)


class Yard:
    """All pools: those of the table from the first day, others empty when they are first asked for."""

    def __init__(self, env: simpy.Environment, crews: Mapping[tuple[str, str], int], log: Log) -> None:
        self._env = env
        self._log = log
        self.pools: dict[tuple[str, str], Pool] = {}
        for key in sorted(crews):
            self._add(key, crews[key])

    def pool(self, prefecture: str, skill: str) -> Pool:
        """Return the crews of a skill in a prefecture; none where the table names none."""
        found = self.pools.get((prefecture, skill))
        return found if found is not None else self._add((prefecture, skill), 0)

    def _add(self, key: tuple[str, str], size: int) -> Pool:
        pool = self.pools[key] = Pool(self._env, key, self._log.code(" ".join(key)), size)
        self._log.crews(self._env.now, pool.code, size)
        return pool
