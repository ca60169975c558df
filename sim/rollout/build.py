"""The rollout: money is released, plans are asked for, projects are built; it writes events only.

One SimPy process keeps the calendar and one carries each project through its tasks. State,
spending and indicators are folds over the log that comes out.
"""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from math import floor, inf
from typing import TYPE_CHECKING, Any, Protocol

import simpy

from sim.clock import Horizon
from sim.errors import RolloutError
from sim.randomness import Streams
from sim.rollout.crews import Yard
from sim.rollout.disruptions import Climate, Curve
from sim.rollout.invariants import check_invariants
from sim.rollout.log import Log
from sim.rollout.options import FIELD_SKILLS, RolloutOptions
from sim.tables.plan import Charge, PlanStep, Progress, Task, Work

if TYPE_CHECKING:
    import pandas as pd

Wait = Generator[simpy.Event, Any, None]


class Money(Protocol):
    """What the rollout must know of a budget."""

    @property
    def lapsing(self) -> frozenset[str]:
        """The pots whose uncommitted money lapses at the end of a calendar year."""

    def releases(self, horizon: Horizon) -> Mapping[int, Mapping[str, int]]:
        """Return the money released by month index and pot [fen]."""


def roll_out(
    step: PlanStep,
    budget: Money,
    options: RolloutOptions,
    horizon: Horizon,
    streams: Streams,
    crews: Mapping[tuple[str, str], int],
) -> pd.DataFrame:
    """Return the events of one replication, in order.

    On the first day of each month money is released, then ``step`` is asked what to do. Charges
    are paid at once; the price of works is committed at once and paid as their tasks finish. Work
    that is not done by the end of the horizon leaves no later events.

    Raises ``RolloutError`` where the plan asks for more than a pot holds, funds or buys a thing
    twice, or where the finished log breaks an invariant.
    """
    site = _Site(options, horizon, streams, crews)
    site.env.process(_calendar(site, step, budget, horizon))
    if budget.lapsing:
        site.env.process(_lapses(site, budget.lapsing, horizon))
    with _uncollected():
        site.env.run(until=horizon.end_day)
    events = site.log.frame(horizon, streams.replication)
    check_invariants(events, {work.project_id: work for work in site.works})
    return events


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold the cycle collector back: walking all waiting projects over and over takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Site:
    """Everything that the processes of one replication share."""

    def __init__(
        self,
        options: RolloutOptions,
        horizon: Horizon,
        streams: Streams,
        crews: Mapping[tuple[str, str], int],
    ) -> None:
        self.env = simpy.Environment()
        self.log = Log()
        self.yard = Yard(self.env, crews)
        self.climate = Climate(options, horizon)
        self.horizon = horizon
        self.streams = streams
        self.spread = options.spread
        self.funds: dict[str, int] = {}
        self.works: list[Work] = []
        self.funded: set[str] = set()
        self.bought: set[str] = set()
        self.activated: dict[str, int] = {}
        self.awaited: dict[str, simpy.Event] = {}

    def pay(self, pot: str, amount: int, what: str) -> None:
        """Take money from a pot; ``RolloutError`` where it does not hold as much."""
        held = self.funds.get(pot, 0)
        if amount < 0 or amount > held:
            raise RolloutError(f"{what}: the plan takes {amount} fen from pot {pot!r}, which holds {held}")
        self.funds[pot] = held - amount

    def activation(self, project_id: str) -> simpy.Event:
        """Return the event of a project's activation."""
        if project_id not in self.awaited:
            self.awaited[project_id] = self.env.event()
        return self.awaited[project_id]


def _calendar(site: _Site, step: PlanStep, budget: Money, horizon: Horizon) -> Wait:
    """Release money and ask for the plan, month by month."""
    releases = budget.releases(horizon)
    for month in range(horizon.months):
        delay = horizon.first_day(month) - site.env.now
        if delay > 0:
            yield site.env.timeout(delay)
        released = releases.get(month, {})
        for pot in sorted(released):
            site.funds[pot] = site.funds.get(pot, 0) + released[pot]
            site.log.released(site.env.now, pot, released[pot])
        asked = step(month, Progress(site.activated, {}), site.funds.copy(), month in releases)
        for charge in asked.charges:
            _connect(site, charge)
        for work in asked.works:
            _fund(site, work)


def _lapses(site: _Site, pots: frozenset[str], horizon: Horizon) -> Wait:
    """Take back what is not committed on the last working day of each calendar year."""
    for month in range(horizon.months):
        if horizon.calendar_month(month) != 12:
            continue
        yield site.env.timeout(horizon.first_day(month + 1) - 1 - site.env.now)
        for pot in sorted(pots):
            left = site.funds.get(pot, 0)
            if left > 0:
                site.funds[pot] = 0
                site.log.lapsed(site.env.now, pot, left)


def _connect(site: _Site, charge: Charge) -> None:
    """Pay for new subscribers."""
    site.pay(charge.pot, charge.amount_fen, f"connecting {charge.technology}")
    site.log.connected(site.env.now, charge)


def _fund(site: _Site, work: Work) -> None:
    """Commit the price of a project and start its life."""
    name = work.project_id
    if name in site.funded:
        raise RolloutError(f"{name}: the plan funds the project a second time")
    if work.requires and work.requires not in site.funded:
        raise RolloutError(f"{name}: the plan funds it before {work.requires}, which it requires")
    site.pay(work.pot, work.price_fen, name)
    site.funded.add(name)
    site.works.append(work)
    site.log.funded(site.env.now, name, work.price_fen, work.pot)
    for asset, _ in work.buys:
        if asset in site.bought:
            raise RolloutError(f"{name}: the plan buys the asset {asset!r} a second time")
        site.bought.add(asset)
        site.log.bought(site.env.now, name, asset, work.pot)
    site.env.process(_life(site, work))


def _life(site: _Site, work: Work) -> Wait:
    """Carry a project through its tasks to its activation."""
    env, log, name = site.env, site.log, work.project_id
    curve = site.climate.curve_at(work.elevation_m)
    paid, due, blocked = 0, 0.0, bool(work.requires)
    for number, task in enumerate(work.tasks, 1):
        pool = None
        if task.skill in FIELD_SKILLS:
            if blocked:
                yield from _wait_for_required(site, work, task.name)
                blocked = False
            pool = site.yard.pool(work.prefecture, task.skill)
            if not pool.take():
                log.delayed(env.now, name, task.name, pool.label, "crew" if pool.size else "no crew")
                yield pool.queue(work.priority, name)
            log.started(env.now, name, task.name, pool.label)
        end = _end_of(site, work, task, curve)
        if end == inf:
            return
        yield env.timeout(end - env.now)
        if pool is not None:
            pool.give_back()
        due += task.share
        owed = work.price_fen if number == len(work.tasks) else floor(work.price_fen * min(1.0, due))
        log.finished(env.now, name, task.name, pool.label if pool else "", (owed - paid, work.pot))
        paid = owed
    if blocked:
        yield from _wait_for_required(site, work, "")
    site.activated[name] = site.horizon.month_of(env.now)
    log.activated(env.now, name, (work.price_fen - paid, work.pot))
    if name in site.awaited:
        site.awaited.pop(name).succeed()


def _wait_for_required(site: _Site, work: Work, task: str) -> Wait:
    """Wait until the required project is in service."""
    if work.requires not in site.activated:
        site.log.delayed(site.env.now, work.project_id, task, "", f"requires {work.requires}")
        yield site.activation(work.requires)


def _end_of(site: _Site, work: Work, task: Task, curve: Curve | None) -> float:
    """Day on which a task that starts now is done: its luck first, then the season."""
    now: float = site.env.now
    days = task.days
    if task.stream and task.sigma:
        days *= site.streams.lognormal_factor(task.stream, work.project_id, task.sigma * site.spread)
    if not task.outdoor or curve is None:
        return now + days
    end = curve.finish(now, days)
    if end > now + days:
        site.log.delayed(now, work.project_id, task.name, "", "season")
    return end
