"""A project's life: its tasks in order, what they wait for, what they cost, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor

from sim.rollout.log import (
    ACTIVATED,
    CANCELLED,
    DELAYED,
    FINISHED,
    PAID,
    RETURNED,
    STARTED,
)  # fmt: skip
from sim.rollout.luck import PERMIT
from sim.rollout.site import Site
from sim.rollout.turns import Turn
from sim.tables.plan import Task, Work

_NOTHING = 1e-9
"""Days of delay that are rounding alone."""


class Life(Turn):
    """One project on its way; it comes to its turn whenever a task is done."""

    __slots__ = (
        "_days", "_pools", "asks", "at", "cash", "code", "due", "fails_at", "fails_for", "given_up", "paid",
        "paid_match", "place", "pot", "since", "site", "why", "work",
    )  # fmt: skip

    def __init__(self, site: Site, work: Work, days: Sequence[float], lost: Mapping[str, str]) -> None:
        super().__init__(site.env)
        self.site = site
        self.work = work
        self.code = site.codes[work.project_id]
        self.pot = site.codes[work.pot]
        self.place = complex(work.x_m, work.y_m)
        self.at = 0
        self.cash = site.purse.cash
        self.due = 0.0
        self.paid = 0
        self.paid_match = 0
        self.since = 0.0
        self.why = 0
        self.given_up = False
        self.asks = False
        self.fails_for = lost.get(work.project_id, "")
        self.fails_at = -1
        self._days = days
        self._pools = site.yard.of(work.prefecture)
        if self.fails_for:
            self.fails_at = max(k for k, task in enumerate(work.tasks, 1) if task.phase == PERMIT)
        if work.requires:
            site.followers.setdefault(work.requires, []).append(self)

    @property
    def days_asked(self) -> float:
        """Days of the task whose turn it is."""
        return self._days[self.at]

    # -- tasks ------------------------------------------------------------------------------

    def start(self, now: float) -> None:
        """Begin the first task; papers that nothing can hold up or charge are told before their day.

        They have a paper after them, cost nothing, and no other project can end them: so all that comes
        of them is known.
        """
        work, site, days = self.work, self.site, self._days
        if work.requires or site.depot is not None:
            self.go_on(now)
            return
        end, tasks, pools = now, work.tasks, self._pools
        for at in range(len(tasks) - 1):
            task = tasks[at]
            if task.share or at + 1 == self.fails_at or pools[task.skill] or pools[tasks[at + 1].skill]:
                break
            end += days[at]
            lost = days[at] - task.days
            cause = site.codes[task.phase] if lost > 0.0 else 0
            name = site.codes[task.name]
            site.write((end, FINISHED, self.code, name, 0, self.pot, cause, 0, lost if cause else 0.0))
            self.at = at + 1
        if self.at:
            site.agenda.add(self, end + days[self.at], now)
        else:
            self.go_on(now)

    def go_on(self, now: float) -> None:
        """Begin the task whose turn it is, or serve after the last; field work waits for what is required."""
        work, at = self.work, self.at
        if at == len(work.tasks):
            if work.requires and work.requires not in self.site.activated:
                self._hold(now, self.site.codes[f"requires {work.requires}"])
            else:
                self._serve(now)
            return
        pool = self._pools[work.tasks[at].skill]
        if pool is None:
            self._wait(now, work.tasks[at], self._days[at])
        elif work.requires and work.requires not in self.site.activated:
            self._hold(now, self.site.codes[f"requires {work.requires}"])
        else:
            pool.ask(now, work.priority, work.project_id, self)

    def come(self) -> None:
        """End a task: its crew goes, its part of the price is paid, the next one begins."""
        if self.given_up:
            return
        site, at = self.site, self.at
        now: float = site.env.now
        task = self.work.tasks[at]
        name, pool = site.codes[task.name], self._pools[task.skill]
        self.at = at = at + 1
        label = spent = cause = 0
        if pool is not None:
            label = pool.code
            pool.come_back(self.place)
        due_match = 0
        if task.share or at == len(self.work.tasks):
            spent, due_match = self._pay_due(task.share, name)
        lost = self._days[at - 1] - task.days
        if lost > 0.0:
            cause = site.codes[task.phase]
        else:
            lost = 0.0
        site.write((now, FINISHED, self.code, name, label, self.pot, cause, spent, lost))
        if due_match > self.paid_match:
            self._pay_match(now, name, due_match)
        if at == self.fails_at:
            self.give_up(now, self.fails_for)
        else:
            self.go_on(now)
        if site.yard.called:
            site.yard.settle(now)

    def begins(self, now: float, way_m: float) -> None:
        """Let a crew begin, and say at once what way, holidays and season will cost it."""
        site, days = self.site, self._days[self.at]
        task = self.work.tasks[self.at]
        name, pool = site.codes[task.name], self._pools[task.skill]
        lost = now - self.since if self.why else 0.0
        site.write((now, STARTED, self.code, name, pool.code if pool else 0, 0, self.why, 0, lost))
        self.why = 0
        way = way_m * site.days_per_m
        if way > _NOTHING:
            days += way
            self._lose(now, name, "travel", way)
        end = now + days
        calendar = site.calendar
        if calendar is not None:
            held = calendar.finish(now, days)
            if held - end > _NOTHING:
                self._lose(now, name, "holiday", held - end)
            end = held
        if task.outdoor:
            curve = site.curve_at(self.work.elevation_m)
            if curve is not calendar and curve is not None:
                slow = curve.finish(now, days)
                if slow - end > _NOTHING:
                    self._lose(now, name, "season", slow - end)
                end = slow
        site.agenda.add(self, end, now)

    def waits_for_crew(self, now: float, crews: int) -> None:
        """Wait because all crews are at work, or because there are none."""
        self._hold(now, self.site.crew_causes[0 if crews else 1])

    def _wait(self, now: float, task: Task, days: float) -> None:
        """Wait for papers, deliveries and work in offices."""
        depot = self.site.depot
        if depot is not None:
            late = depot.delivered(self.work, task, now, days) - now - days
            if late > _NOTHING:
                self._lose(now, self.site.codes[task.name], "supply", late)
                days += late
        self.site.agenda.add(self, now + days, now)

    def _hold(self, now: float, cause: int) -> None:
        """Begin a wait; one that ends with it is told with what it cost."""
        site, tasks = self.site, self.work.tasks
        write = site.write
        name = label = 0
        if self.at < len(tasks):
            name, pool = site.codes[tasks[self.at].name], self._pools[tasks[self.at].skill]
            label = pool.code if pool and cause in site.crew_causes else 0
        if self.why and now > self.since:
            write((now, DELAYED, self.code, name, 0, 0, self.why, 0, now - self.since))
        write((now, DELAYED, self.code, name, label, 0, cause, 0, 0.0))
        self.why, self.since = cause, now

    def _lose(self, now: float, name: int, cause: str, days: float) -> None:
        """Say that a task that begins now will take longer."""
        site = self.site
        lost = days if now + days < site.end_day else site.end_day - now  # unfinished: lost to the end
        site.write((now, DELAYED, self.code, name, 0, 0, site.codes[cause], 0, lost))

    # -- money and ends ---------------------------------------------------------------------

    def _pay_due(self, share: float, name: int) -> tuple[int, int]:
        """Pay what is due with a share more of the price; return that and what both have due by now [fen].

        Due is the share of the price so far, at the end all of it, so that the payments sum to the fen;
        the matching pot pays its share of everything, rounded down.
        """
        work = self.work
        price = work.price_fen
        self.due += share
        owed = price if self.at == len(work.tasks) else floor(price * min(1.0, self.due))
        of_match = owed * work.matching[1] // price if work.matching and price else 0
        amount = owed - of_match - self.paid
        self.paid += amount
        cash = self.cash
        if amount <= cash[work.pot]:  # the common case of ``Purse.pay``
            cash[work.pot] -= amount
            return amount, of_match
        return self.site.purse.pay(work.pot, amount, self.code, name), of_match

    def _pay_match(self, now: float, name: int, due: int) -> None:
        """Pay the matching pot's part of what is due by now."""
        pot = self.work.matching[0] if self.work.matching else ""
        spent = self.site.purse.pay(pot, due - self.paid_match, self.code, name)
        self.paid_match = due
        if spent:
            site = self.site
            site.write((now, PAID, self.code, name, 0, site.codes[pot], 0, spent, 0.0))

    def _serve(self, now: float) -> None:
        """Enter service, pay what is still open, and let those go on that wait for it."""
        site, work = self.site, self.work
        matched = work.matching[1] if work.matching else 0
        amount = work.price_fen - matched - self.paid
        spent = site.purse.pay(work.pot, amount, self.code, 0) if amount else 0
        self.paid += amount
        lost = now - self.since if self.why else 0.0
        site.log.write((now, ACTIVATED, self.code, 0, 0, self.pot, self.why, spent, lost))
        if matched > self.paid_match:
            self._pay_match(now, 0, matched)
        site.activated[work.project_id] = site.month
        site.purse.served.append(work)
        for follower in site.followers.pop(work.project_id, ()):
            if follower.why and not follower.given_up:
                follower.go_on(now)

    def give_up(self, now: float, cause: str) -> None:
        """End without service: assets bought are paid, the rest of the money is free by rule.

        Projects that require this one are given up with it.
        """
        site, work, log = self.site, self.work, self.site.log
        name = work.project_id
        self.given_up = True
        site.cancelled[name] = site.month
        matched = work.matching[1] if work.matching else 0
        assets = sum(price for _, price in work.buys)
        of_match = assets * matched // work.price_fen if matched else 0
        owed = assets - of_match - self.paid
        if owed > 0:
            self.paid += owed
            paid = site.purse.pay(work.pot, owed, self.code, 0)
            log.write((now, PAID, self.code, 0, 0, self.pot, 0, paid, 0.0))
        if of_match > self.paid_match:
            self._pay_match(now, 0, of_match)
        code = log.codes[cause]
        left = work.price_fen - matched - self.paid
        log.write((now, CANCELLED, self.code, 0, 0, self.pot, code, -left, 0.0))
        if work.matching:
            back = log.codes[work.matching[0]]
            log.write((now, RETURNED, self.code, 0, 0, back, code, self.paid_match - matched, 0.0))
        is_lost = site.options.refund == "lapse"
        site.purse.free(now, work.pot, left, is_lost)
        if work.matching:
            site.purse.free(now, work.matching[0], matched - self.paid_match, is_lost)
        for follower in site.followers.pop(name, ()):
            if not follower.given_up:
                follower.give_up(now, f"requires {name}")
