"""Construction: idle crews, waiting money, projects under way and late, days lost, and what binds.

Everything is folded from the log alone, but for one question: whether money would have found work at the
last release; that stands in the decisions.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.indicators.base import ALL, EACH_TECHNOLOGY, Evidence, Indicator, Series, divide
from sim.indicators.lives import Flags, Floats, Lives, count_at_month_ends, days_by_month
from sim.indicators.stages import PREPARING, WAITING, stages
from sim.tables.decisions import SHORT_OF_MONEY
from sim.tables.plan import PHASES
from sim.tables.results import CAUSES

if TYPE_CHECKING:
    from sim.clock import Horizon

FEN_PER_YUAN = 100.0
EACH_SKILL, EACH_POT = "each skill", "each pot"
CONSTRAINTS = ("money", "crews", "permits", "season", "supply")
NOTHING = "none"
_HELD_BY = {
    "crews": ("crew", "travel"),
    "permits": ("permit",),
    "season": ("season", "holiday"),
    "supply": ("supply", "procure"),
}
"""Causes of lost days that count for each constraint; luck of the work itself and other projects for none."""


def left_out_of(decisions: pd.DataFrame, months: int) -> Flags:
    """Return in which months candidates of worth are left out for want of money since the last release."""
    result = np.zeros(months, dtype=bool)
    short = decisions["reason"].str.contains(SHORT_OF_MONEY, regex=False).to_numpy(dtype=bool) & (
        decisions["worth"] > 0
    )
    release = decisions["release"].to_numpy(dtype=np.int64)
    for month in np.unique(release).tolist():
        result[month:] = bool(short[release == month].any())
    return result


class Construction:
    """What the log of one replication says about building, month by month."""

    def __init__(self, events: pd.DataFrame, left_out: Flags | None, horizon: Horizon) -> None:
        self.lives = Lives(events, horizon)
        self.events = events
        self.months = self.lives.months
        self.left_out = np.zeros(self.months, dtype=bool) if left_out is None else left_out

    @classmethod
    def of(cls, evidence: Evidence) -> Construction:
        """Return the one fold that the indicators of a replication share."""
        return evidence.keep("construction", lambda e: cls(e.events, e.state.left_out, e.horizon))

    @cached_property
    def lost(self) -> dict[str, Floats]:
        """Working days of projects lost in each month by cause; causes that cost nothing are left out."""
        held, edges = self.lives.losses, self.lives.edges
        found = {}
        for row, cause in enumerate(CAUSES):
            mine = held.cause == row
            if mine.any():
                found[cause] = days_by_month(held.start[mine], held.end[mine], edges)
        return found

    @cached_property
    def under_way_days(self) -> Floats:
        """Working days of projects between funding and service in each month, shape (M,)."""
        return days_by_month(self.lives.funded, self.lives.ended, self.lives.edges)

    @cached_property
    def crews(self) -> Crews | None:
        """Crews by skill; ``None`` where the log does not say how many there are."""
        return Crews(self.lives) if self.lives.is_("crews").any() else None

    @cached_property
    def shares(self) -> dict[str, Floats]:
        """What part of what could go on each constraint holds up in each month, 0..1, shape (M,).

        Of money it is the share of crew-days idle in the busiest skill while candidates of worth are left
        out for want of money, or of project-days that wait for money if it is more; of the others the share
        of project-days under way lost to them.
        """
        found = {name: self._lost_share(causes) for name, causes in _HELD_BY.items()}
        slack = np.zeros(self.months) if self.crews is None else self.crews.slack
        money = np.where(self.left_out, slack, 0.0)
        return {"money": np.maximum(money, self._lost_share(("money",)))} | found

    def _lost_share(self, causes: tuple[str, ...]) -> Floats:
        days = sum((self.lost[cause] for cause in causes if cause in self.lost), np.zeros(self.months))
        return np.minimum(np.nan_to_num(divide(days, self.under_way_days)), 1.0)

    @cached_property
    def binding(self) -> list[str]:
        """The constraint that holds up most in each month; the first named of equals, "none" without any."""
        table = np.round(np.array([self.shares[name] for name in CONSTRAINTS]), 9)
        most = np.argmax(table, axis=0)
        return [
            CONSTRAINTS[row] if table[row, month] > 0 else NOTHING for month, row in enumerate(most.tolist())
        ]

    @cached_property
    def at_month_ends(self) -> dict[str, Floats]:
        """Projects under way at each month's end, in all, by phase, and standing still."""
        lives = self.lives
        found = {ALL: count_at_month_ends(lives.funded, lives.ended, lives.edges)}
        stage = stages(lives)
        for label in (*PHASES, WAITING, PREPARING):
            mine = stage.label == label
            if mine.any():
                found[label] = count_at_month_ends(stage.start[mine], stage.end[mine], lives.edges)
        return found

    @cached_property
    def late_since(self) -> Floats:
        """Day from which each project has lost a month of working days; infinite where never, shape (P,)."""
        lives, held = self.lives, self.lives.losses
        allowed = lives.end_day / lives.months
        order = np.lexsort((held.start, held.project))
        project, days, start = held.project[order], held.days[order], held.start[order]
        total = np.cumsum(days)
        first = np.searchsorted(project, project, side="left")
        before = total - days - (total - days)[first]
        late = np.where(before + days >= allowed, start + np.maximum(allowed - before, 0.0), np.inf)
        result = np.full(len(lives.names), np.inf)
        np.minimum.at(result, project, late)
        return result


class Crews:
    """Crew-days by skill and month: how many there are, and how many stand idle."""

    def __init__(self, lives: Lives) -> None:
        self._there = _crew_days_there(lives)
        self._busy = _crew_days_busy(lives)
        self._days = np.diff(lives.edges)

    @property
    def skills(self) -> list[str]:
        """Skills of which there are crews."""
        return sorted(skill for skill, days in self._there.items() if days.any())

    def number(self, skill: str) -> Floats:
        """Return the crews of a skill, the mean over each month, shape (M,)."""
        return divide(self._there[skill], self._days)

    def idle(self, skill: str) -> Floats:
        """Return the share of crew-days of a skill in which nobody needs them, shape (M,)."""
        return self._share([skill])

    @property
    def idle_share(self) -> Floats:
        """Share of all crew-days in which nobody needs the crew, shape (M,)."""
        return self._share(self.skills)

    @property
    def slack(self) -> Floats:
        """Share of crew-days idle in the busiest skill of each month, of those that ever work, shape (M,)."""
        used = [self._share([skill]) for skill in self.skills if self._busy.get(skill, np.zeros(1)).any()]
        return np.nan_to_num(np.min(used, axis=0)) if used else np.ones(len(self._days))

    def _share(self, skills: list[str]) -> Floats:
        none = np.zeros(len(self._days))
        there = sum((self._there[skill] for skill in skills), none)
        busy = sum((self._busy.get(skill, none) for skill in skills), none)
        return divide(np.maximum(there - busy, 0.0), there)


def _crew_days_there(lives: Lives) -> dict[str, Floats]:
    """Return the crew-days of each skill by month; a count holds until the pool's next one."""
    table = lives.events.loc[lives.is_("crews"), ["crew", "day", "quantity"]]
    pool, names = pd.factorize(table["crew"])
    order = np.argsort(pool, kind="stable")
    pool, day = pool[order], table["day"].to_numpy(dtype=np.float64)[order]
    crews = table["quantity"].to_numpy(dtype=np.float64)[order]
    last = np.append(pool[1:] != pool[:-1], True)
    until = np.where(last, lives.end_day, np.append(day[1:], lives.end_day))
    skill = np.array([str(name).rpartition(" ")[2] for name in names], dtype=object)[pool]
    return {
        str(name): days_by_month(day[mine], until[mine], lives.edges, crews[mine])
        for name in sorted(set(skill))
        for mine in [skill == name]
    }


def _crew_days_busy(lives: Lives) -> dict[str, Floats]:
    """Return the crew-days at work of each skill by month, from a crew's start to its task's end."""
    label, names = pd.factorize(lives.events["crew"])
    skills = [str(name).rpartition(" ")[2] for name in names]
    turn = lives.in_turn(lives.is_("started", "finished", "activated", "cancelled"))
    begun = lives.is_("started")[turn]
    until, start = lives.following(turn)[begun], lives.day[turn][begun]
    mine = label[turn][begun]
    found = {}
    for skill in sorted(set(skills) - {""}):
        rows = np.isin(mine, [k for k, name in enumerate(skills) if name == skill])
        found[skill] = days_by_month(start[rows], until[rows], lives.edges)
    return found


def _idle(evidence: Evidence) -> Series:
    crews = Construction.of(evidence).crews
    if crews is None:
        return {}
    return {ALL: crews.idle_share} | {skill: crews.idle(skill) for skill in crews.skills}


def _crews(evidence: Evidence) -> Series:
    crews = Construction.of(evidence).crews
    return {} if crews is None else {skill: crews.number(skill) for skill in crews.skills}


def _flow(evidence: Evidence, fen: Floats) -> Series:
    """Return an amount of each row summed up to each month's end, in all and by pot [yuan]."""
    months = evidence.months
    month = np.minimum(evidence.events["month"].to_numpy(dtype=np.int64), months - 1)
    pot, names = pd.factorize(evidence.events["pot"])
    sums = np.bincount(pot * months + month, fen, len(names) * months).reshape(len(names), months)
    total = sums.cumsum(axis=1) / FEN_PER_YUAN
    found = {str(name): total[row] for row, name in enumerate(names) if name}
    return {ALL: sum(found.values(), np.zeros(months))} | dict(sorted(found.items()))


def _uncommitted(evidence: Evidence) -> Series:
    events = evidence.events
    connected = np.where(events["event"].eq("connected"), events["spent_fen"], 0)
    return _flow(evidence, (events["released_fen"] - events["committed_fen"] - connected).to_numpy(float))


def _unspent(evidence: Evidence) -> Series:
    events = evidence.events
    spent = np.where(events["event"].eq("connected"), 0, events["spent_fen"])
    return _flow(evidence, (events["committed_fen"] - spent).to_numpy(float))


def _under_way(evidence: Evidence) -> Series:
    return Construction.of(evidence).at_month_ends


def _late(evidence: Evidence) -> Series:
    fold = Construction.of(evidence)
    lives, since = fold.lives, np.maximum(fold.late_since, fold.lives.funded)
    own = np.array([name.partition(":")[0] for name in lives.names], dtype=object)
    groups = {ALL: np.ones(len(own), dtype=bool)} | {str(name): own == name for name in sorted(set(own))}
    return {
        name: count_at_month_ends(since[mine], lives.ended[mine], lives.edges)
        for name, mine in groups.items()
    }


def _days_lost(evidence: Evidence) -> Series:
    lost = Construction.of(evidence).lost
    return {ALL: sum(lost.values(), np.zeros(evidence.months))} | lost


def _constraint_share(evidence: Evidence) -> Series:
    return Construction.of(evidence).shares


def _binding(evidence: Evidence) -> Series:
    binding = np.array(Construction.of(evidence).binding, dtype=object)
    return {name: (binding == name).astype(np.float64) for name in (*CONSTRAINTS, NOTHING)}


INDICATORS = (
    Indicator("crews", "crews", "crews by skill, mean over the month", _crews, breakdowns=(EACH_SKILL,)),
    Indicator(
        "crews_idle_share", "share", "crew-days without work, by skill", _idle, breakdowns=(ALL, EACH_SKILL)
    ),
    Indicator(
        "money_uncommitted",
        "yuan",
        "money released and neither committed nor spent, by pot",
        _uncommitted,
        breakdowns=(ALL, EACH_POT),
    ),
    Indicator(
        "money_committed_unspent",
        "yuan",
        "money committed to works and not yet paid, by pot",
        _unspent,
        breakdowns=(ALL, EACH_POT),
    ),
    Indicator(
        "projects_under_way",
        "projects",
        "projects funded and not in service, by phase",
        _under_way,
        breakdowns=(ALL, *PHASES, WAITING, PREPARING),
    ),
    Indicator(
        "projects_late",
        "projects",
        "projects under way that have lost a month or more",
        _late,
        breakdowns=(ALL, EACH_TECHNOLOGY),
    ),
    Indicator(
        "days_lost",
        "working days",
        "working days of projects lost in the month, by cause",
        _days_lost,
        breakdowns=(ALL, *CAUSES),
    ),
    Indicator(
        "constraint_share",
        "share",
        "part of what could go on that each constraint holds up",
        _constraint_share,
        breakdowns=CONSTRAINTS,
    ),
    Indicator(
        "binding_constraint",
        "share",
        "1 for the constraint that holds up most, else 0",
        _binding,
        breakdowns=(*CONSTRAINTS, NOTHING),
    ),
)
