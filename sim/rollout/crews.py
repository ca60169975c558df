"""Crews by prefecture and skill, which pull the most urgent work from a heap of their own.

SimPy's PriorityResource re-sorts its whole queue at every request; a heap beside the kernel makes
a request cost the logarithm of the queue instead.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Mapping
from typing import Protocol

import simpy

from sim.rollout.log import Log
from sim.rollout.options import FIELD_SKILLS
from sim.rollout.turns import LAST, Turn


class Job(Protocol):
    """What asks a pool for a crew."""

    asks: bool
    """Whether it is in the queue of a pool."""

    def begins(self, now: float, way_m: float) -> None:
        """A crew comes over this straight distance."""

    def waits_for_crew(self, now: float, crews: int) -> None:
        """No crew is free of so many that there are."""

    @property
    def days_asked(self) -> float:
        """Days of work that are asked for."""

    @property
    def place(self) -> complex:
        """Where the work is: easting + northing i [m]."""


class Pool:
    """The crews of one skill in one prefecture.

    All who ask or come back within an instant are heard before a crew is sent, so that the most urgent is
    served whatever the order of asking. Of crews that are idle the one goes that has rested longest.
    """

    __slots__ = (
        "_called", "_fresh", "_new", "_places", "_queue", "_yard", "code", "label", "prefecture", "size",
        "skill", "start_size",
    )  # fmt: skip

    def __init__(self, yard: Yard, key: tuple[str, str], code: int, size: int) -> None:
        self._yard = yard
        self.prefecture, self.skill = key
        self.label = " ".join(key)
        self.code = code
        """Place of the label among the names of the log."""
        self.size = size
        self.start_size = size
        self._fresh = size
        self._places: deque[complex] = deque()
        self._queue: list[tuple[int, str, Job]] = []
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
        return sum([entry[2].days_asked for entry in self._queue])

    def ask(self, now: float, priority: int, name: str, job: Job) -> None:
        """Put a job in the queue: lowest priority first, then by name."""
        heapq.heappush(self._queue, (priority, name, job))
        job.asks = True
        if self._called or self._fresh or self._places:
            self._new.append(job)
            self._call()
        else:
            job.waits_for_crew(now, self.size)

    def come_back(self, place: complex) -> None:
        """Take back a crew where its work was."""
        self._places.append(place)
        if self._queue:
            self._call()

    def join(self) -> None:
        """Add a crew from elsewhere."""
        self.size += 1
        self._fresh += 1
        if self._queue:
            self._call()

    def leave(self) -> None:
        """Give an idle crew away."""
        self.size -= 1
        if self._fresh:
            self._fresh -= 1
        else:
            self._places.pop()

    def _call(self) -> None:
        """Have crews sent at the end of the instant."""
        if not self._called:
            self._called = True
            self._yard.called.append(self)

    def send(self, now: float) -> None:
        """Send crews to the most urgent jobs, and let those that asked in vain know."""
        self._called = False
        queue, places = self._queue, self._places
        while queue and (self._fresh or places):
            job = heapq.heappop(queue)[2]
            job.asks = False
            if self._fresh:
                self._fresh -= 1
                job.begins(now, 0.0)
            else:
                job.begins(now, abs(places.popleft() - job.place))
        if queue:
            for job in self._new:
                if job.asks:
                    job.waits_for_crew(now, self.size)
        self._new.clear()


class Pools(dict[str, Pool | None]):
    """The pools of a prefecture by skill; None for skills without field crews."""

    def __init__(self, yard: Yard, prefecture: str) -> None:
        super().__init__()
        self._yard = yard
        self._prefecture = prefecture

    def __missing__(self, skill: str) -> Pool | None:
        pool = self._yard.pool(self._prefecture, skill) if skill in FIELD_SKILLS else None
        self[skill] = pool
        return pool


class Yard(Turn):
    """All pools: those of the table from the first day, others empty when they are first asked for."""

    def __init__(self, env: simpy.Environment, crews: Mapping[tuple[str, str], int], log: Log) -> None:
        super().__init__(env)
        self._log = log
        self.called: list[Pool] = []
        """Pools whose crews are to be sent at the end of the instant."""
        self._waits = False
        self._by_prefecture: dict[str, Pools] = {}
        self.pools: dict[tuple[str, str], Pool] = {}
        for key in sorted(crews):
            self._add(key, crews[key])

    def settle(self, now: float) -> None:
        """Send crews once nobody else can ask in this instant: now, or after what else the instant holds."""
        if not self.called or self._waits:
            return
        if self.env.peek() > now:
            called, self.called = self.called, []
            for pool in called:
                pool.send(now)
        else:
            self._waits = True
            self.call(0.0, LAST)

    def come(self) -> None:
        """Send crews of the pools that were called."""
        self._waits = False
        called, self.called = self.called, []
        for pool in called:
            pool.send(self.env.now)

    def of(self, prefecture: str) -> Pools:
        """Return the pools of a prefecture."""
        if prefecture not in self._by_prefecture:
            self._by_prefecture[prefecture] = Pools(self, prefecture)
        return self._by_prefecture[prefecture]

    def pool(self, prefecture: str, skill: str) -> Pool:
        """Return the crews of a skill in a prefecture; none where the table names none."""
        found = self.pools.get((prefecture, skill))
        return found if found is not None else self._add((prefecture, skill), 0)

    def _add(self, key: tuple[str, str], size: int) -> Pool:
        pool = self.pools[key] = Pool(self, key, self._log.codes[" ".join(key)], size)
        self._log.crews(self.env.now, pool.code, size)
        return pool
