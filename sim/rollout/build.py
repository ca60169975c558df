"""The rollout: money is released, plans are asked for, projects are built; it writes events only.

SimPy keeps the clock; months, projects and crews come to their turns on it. State, spending and
indicators are folds over the log that comes out.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import simpy

from sim.clock import Horizon
from sim.randomness import Streams
from sim.rollout.crews import Yard
from sim.rollout.invariants import check_invariants
from sim.rollout.life import Life
from sim.rollout.log import Log
from sim.rollout.luck import durations, failing
from sim.rollout.money import Money, Purse
from sim.rollout.options import RolloutOptions
from sim.rollout.site import Site
from sim.rollout.turns import FIRST, Once, Turn
from sim.rollout.workforce import Workforce
from sim.tables.plan import Charge, PlanStep, Progress, Work

if TYPE_CHECKING:
    import pandas as pd


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

    Raises ``RolloutError`` where the plan asks for more than a pot may commit, funds or buys a thing
    twice, or where the finished log breaks an invariant.
    """
    env, log = simpy.Environment(), Log()
    purse = Purse(log, budget, horizon)
    site = Site(env, log, purse, Yard(env, crews, log), (options, horizon))
    _Months(site, step, horizon, streams).call(0.0, FIRST)
    if budget.lapsing:
        _end_years(env, purse, horizon)
    with _uncollected():
        env.run(until=horizon.end_day)
    events = log.frame(horizon, streams.replication)
    ahead = [budget.ahead(month, horizon) for month in range(horizon.months)]
    check_invariants(events, {work.project_id: work for work in site.works}, ahead)
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


class _Months(Turn):
    """Opens every month on its first day, before anything else of that day."""

    def __init__(self, site: Site, step: PlanStep, horizon: Horizon, streams: Streams) -> None:
        super().__init__(site.env)
        self._site = site
        self._step = step
        self._horizon = horizon
        self._streams = streams
        self._month = 0
        self._workforce = Workforce(site.env, site.yard, site.log, site.options)

    def come(self) -> None:
        """Release money, ask for the plan, and begin what it wants."""
        site, month = self._site, self._month
        site.month = month
        site.log.pack()
        site.agenda.open_month(month)
        released = site.purse.open_month(self.env.now, month)
        self._workforce.review()
        progress = Progress(site.activated, site.cancelled)
        asked = self._step(month, progress, site.purse.may_commit(), released)
        for charge in asked.charges:
            _connect(site, charge)
        _begin(site, asked.works, self._streams)
        site.yard.settle(self.env.now)
        self._month += 1
        if self._month < self._horizon.months:
            self.call(self._horizon.first_day(self._month) - self.env.now, FIRST)


def _end_years(env: simpy.Environment, purse: Purse, horizon: Horizon) -> None:
    """Let money lapse on the last working day of each calendar year."""
    for month in range(horizon.months):
        if horizon.calendar_month(month) == 12:
            day = horizon.first_day(month + 1) - 1
            Once(env, lambda: purse.close_year(env.now)).call(day, FIRST)


def _connect(site: Site, charge: Charge) -> None:
    """Pay for new subscribers; what there is no cash for is committed and paid later."""
    site.purse.commit(charge.pot, charge.amount_fen, f"connecting {charge.technology}")
    code = site.log.codes[charge.technology]
    paid = site.purse.pay(charge.pot, charge.amount_fen, code, 0) if charge.amount_fen else 0
    site.log.connected(site.env.now, charge, paid)


def _begin(site: Site, works: Sequence[Work], streams: Streams) -> None:
    """Commit the price of projects and start their lives."""
    for work in works:
        site.fund(work)
    days = durations(works, streams, site.options.spread)
    lost = failing(works, site.options.failures, streams) if site.options.failures else {}
    now: float = site.env.now
    lives = [Life(site, work, of, lost) for work, of in zip(works, days, strict=True)]
    for life in lives:
        life.start(now)
