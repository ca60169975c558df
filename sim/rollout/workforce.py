"""Rules by which crews are hired or sent to other prefectures; both off unless a scenario sets them."""

from __future__ import annotations

from math import ceil, floor

import simpy

from sim.rollout.crews import Pool, Yard
from sim.rollout.log import Log
from sim.rollout.options import Hire, Lend, RolloutOptions
from sim.rollout.turns import Once

HIRED, MOVED = "hired", "moved"


class Workforce:
    """Looks at all queues once a month and sends for crews where they are long."""

    def __init__(self, env: simpy.Environment, yard: Yard, log: Log, options: RolloutOptions) -> None:
        self._env = env
        self._yard = yard
        self._log = log
        self._hire = options.hire
        self._lend = options.lend
        self._long_before: set[str] = set()
        self._coming: dict[str, int] = {}

    def review(self) -> None:
        """Apply the rules; in the order of prefectures and skills, so that the same queues give the same."""
        if self._hire is None and self._lend is None:
            return
        pools = [self._yard.pools[key] for key in sorted(self._yard.pools)]
        waiting = {pool.label: pool.queued_days for pool in pools if pool.waiting}
        if self._lend is not None:
            for pool in pools:
                if waiting.get(pool.label, 0.0) > self._lend.queue_days * self._to_come(pool):
                    self._borrow(pool, pools, waiting[pool.label], self._lend)
        if self._hire is not None:
            is_long = {
                pool.label
                for pool in pools
                if waiting.get(pool.label, 0.0) > self._hire.queue_days * self._to_come(pool)
            }
            for pool in pools:
                if pool.label in is_long & self._long_before:
                    self._take_on(pool, waiting[pool.label], self._hire)
            self._long_before = is_long

    def _to_come(self, pool: Pool) -> int:
        """Crews that the pool has or has sent for."""
        return pool.size + self._coming.get(pool.label, 0)

    def _borrow(self, pool: Pool, pools: list[Pool], waiting: float, rule: Lend) -> None:
        """Send idle crews of other prefectures until the queue is short."""
        wanted = ceil(waiting / rule.queue_days) - self._to_come(pool)
        for donor in pools:
            if donor.skill != pool.skill or donor is pool or donor.waiting:
                continue
            lent = min(wanted, donor.idle)
            for _ in range(lent):
                donor.leave()
            if lent > 0:
                self._log.crews(self._env.now, donor.code, donor.size, self._log.codes[MOVED])
                self._send(pool, lent, rule.mobilisation, MOVED)
                wanted -= lent

    def _take_on(self, pool: Pool, waiting: float, rule: Hire) -> None:
        """Hire as many crews as make the queue short, up to the most that the rule allows."""
        most = floor(pool.start_size * rule.factor)
        wanted = min(ceil(waiting / rule.queue_days), most) - self._to_come(pool)
        if wanted > 0:
            self._send(pool, wanted, rule.lead_time, HIRED)

    def _send(self, pool: Pool, count: int, days: float, cause: str) -> None:
        """Let crews begin after some days."""
        self._coming[pool.label] = self._coming.get(pool.label, 0) + count

        def arrive() -> None:
            self._coming[pool.label] -= count
            for _ in range(count):
                pool.join()
            self._log.crews(self._env.now, pool.code, pool.size, self._log.codes[cause])
            self._yard.settle(self._env.now)

        Once(self._env, arrive).call(days)
