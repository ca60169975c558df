"""Shortages of supply: months in which deliveries are slow, or no more than so many come."""

from __future__ import annotations

from collections.abc import Mapping

from sim.clock import Horizon
from sim.rollout.options import Shortage
from sim.tables.plan import Task, Work


class Depot:
    """Where supplies are ordered; it keeps count of what was delivered in each month."""

    def __init__(self, shortages: Mapping[str, Shortage], horizon: Horizon) -> None:
        self._horizon = horizon
        self._stores = [_Store(shortages[name], horizon) for name in sorted(shortages)]

    def delivered(self, work: Work, task: Task, now: float, days: float) -> float:
        """Return the day on which a task ordered now is done, ``now + days`` where nothing is short.

        Of several shortages that a project feels, each adds its delay to that of the one before it.
        """
        end = now + days
        for store in self._stores:
            if store.serves(work, task):
                end = store.delivered(now, end)
        return end


class _Store:
    """One shortage."""

    def __init__(self, shortage: Shortage, horizon: Horizon) -> None:
        self._shortage = shortage
        self._horizon = horizon
        self._first = horizon.index(shortage.first_month)
        self._after = min(horizon.index(shortage.last_month) + 1, len(horizon.month_days) - 1)
        self._delivered: dict[int, int] = {}

    def serves(self, work: Work, task: Task) -> bool:
        """Return whether a task of a project is felt to be short."""
        names = self._shortage.technologies
        return task.phase in self._shortage.phases and (not names or work.technology in names)

    def delivered(self, now: float, end: float) -> float:
        """Return when an order of this day comes that would ordinarily come at ``end``."""
        if self._first <= self._horizon.month_of(now) < self._after:
            end = now + (end - now) * self._shortage.factor
        most = self._shortage.most_per_month
        if most is None:
            return end
        month = self._horizon.month_of(end)
        while self._first <= month < self._after and self._delivered.get(month, 0) >= most:
            month += 1
            end = float(self._horizon.first_day(month))
        self._delivered[month] = self._delivered.get(month, 0) + 1
        return end
