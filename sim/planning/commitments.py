"""What a scenario fixes in advance: projects that are built, that wait, that never are, and moratoria."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator, model_validator

from sim.clock import Horizon, month_number
from sim.options import Options

if TYPE_CHECKING:
    from sim.planning.places import Places
    from sim.tables.plan import Proposal

COMMITTED = "committed in advance"
"""Reason of a decision for a project that the scenario demands."""
WILD = frozenset("*?[")
"""Signs that make a name a pattern."""


class Selection(Options):
    """Candidates by name, technology and place."""

    projects: tuple[str, ...] = ()
    """Projects by identifier; ``*`` stands for anything [names]."""
    technologies: tuple[str, ...] = ()
    """Technologies; empty: every one [names]."""
    places: tuple[str, ...] = ()
    """Zones, county codes or prefectures; empty: everywhere [names]."""

    def rows(self, proposal: Proposal, places: Places) -> NDArray[np.bool_]:
        """Return the candidates that are meant, shape (N,)."""
        candidates = proposal.candidates
        found = np.ones(len(candidates), dtype=bool)
        if self.projects:
            exact = {name for name in self.projects if not WILD & set(name)}
            wild = [name for name in self.projects if name not in exact]
            ids = candidates["project_id"].tolist()
            found &= np.fromiter(
                (one in exact or any(fnmatchcase(one, name) for name in wild) for one in ids),
                dtype=bool,
                count=len(ids),
            )
        if self.technologies:
            found &= candidates["technology"].isin(self.technologies).to_numpy()
        if self.places:
            found &= places.named(self.places)[candidates["zone"].to_numpy()]
        return found


class Commitment(Selection):
    """Candidates that must be built by a month, must wait until one, or must never be built."""

    rule: Literal["build", "not before", "never"] = "build"
    """Whether they are built in advance of all others, wait for a month, or are never built [rule]."""
    month: str = ""
    """Month by whose end they are funded (build), or before which they are not (not before) [YYYY-MM]."""

    @field_validator("month")
    @classmethod
    def _is_month(cls, label: str) -> str:
        if label:
            month_number(label)
        return label

    @model_validator(mode="after")
    def _complete(self) -> Commitment:
        if not (self.projects or self.technologies or self.places):
            raise ValueError("names no projects, technologies or places")
        if self.rule == "build" and not (self.projects or (self.technologies and self.places)):
            raise ValueError("to build needs projects, or technologies and places")
        if self.rule == "not before" and not self.month:
            raise ValueError("not before needs a month")
        if self.rule == "never" and self.month:
            raise ValueError("never takes no month")
        return self


class Moratorium(Selection):
    """Months in which nothing new of a technology or in a place is funded."""

    first: str = ""
    """First month of it; empty: from the start [YYYY-MM]."""
    last: str = ""
    """Last month of it; empty: to the end [YYYY-MM]."""
    reason: str = ""
    """Why, for the decisions [text]."""

    @field_validator("first", "last")
    @classmethod
    def _is_month(cls, label: str) -> str:
        if label:
            month_number(label)
        return label

    @model_validator(mode="after")
    def _in_order(self) -> Moratorium:
        if self.first and self.last and month_number(self.last) < month_number(self.first):
            raise ValueError(f"ends in {self.last}, before it begins in {self.first}")
        return self

    def holds(self, month: int) -> bool:
        """Return whether it holds in a month (counted from year 0)."""
        after = not self.first or month >= month_number(self.first)
        return after and (not self.last or month <= month_number(self.last))

    @property
    def said(self) -> str:
        """The reason of a decision."""
        until = f" until {self.last}" if self.last else ""
        return f"moratorium{until}" + (f": {self.reason}" if self.reason else "")


class CommitmentOptions(Options):
    """What the scenario fixes before a planner is asked."""

    commitments: tuple[Commitment, ...] = ()
    """Projects fixed in advance: built by a month, not before one, or never."""
    moratoria: tuple[Moratorium, ...] = ()
    """Months in which nothing new is funded, by technology and place."""


@dataclass(frozen=True)
class Fixed:
    """What the scenario fixes at one release, as identifiers of projects."""

    forced: tuple[str, ...] = ()
    """Projects to be built before all others, the first due first, the required before what needs it."""
    shut: dict[str, str] = field(default_factory=dict)
    """Projects that may not be chosen now, with the reason."""


def fixed_at(
    options: CommitmentOptions, proposal: Proposal, places: Places, month: int, horizon: Horizon
) -> Fixed:
    """Return what the scenario fixes at the release of a month (an index of the horizon).

    Of the rules that shut a project the first says why: never, not before, moratorium. A project that is
    committed to is built whenever it may be, also after its month has passed; what it requires is
    committed to with it. Shutting wins over building.
    """
    if not options.commitments and not options.moratoria:
        return Fixed()
    now = horizon.start + month
    ids = proposal.candidates["project_id"].to_numpy(dtype=object)
    reason = np.full(len(ids), "", dtype=object)
    for mask, said in closing(options, proposal, places, now):
        reason[mask & (reason == "")] = said
    due: dict[str, int] = {}
    for one in options.commitments:
        if one.rule == "build":
            by = month_number(one.month) if one.month else horizon.start + horizon.months
            for name in ids[one.rows(proposal, places)].tolist():
                due[name] = min(by, due.get(name, by))
    return Fixed(with_required(due, proposal), dict(_pairs(ids, reason)))


def closing(
    options: CommitmentOptions, proposal: Proposal, places: Places, now: int
) -> Iterator[tuple[NDArray[np.bool_], str]]:
    """Yield candidates that are shut, with the reason, the strictest rule first."""
    for one in options.commitments:
        if one.rule == "never":
            yield one.rows(proposal, places), "ruled out in advance"
    for one in options.commitments:
        if one.rule == "not before" and now < month_number(one.month):
            yield one.rows(proposal, places), f"not before {one.month}"
    for pause in options.moratoria:
        if pause.holds(now):
            yield pause.rows(proposal, places), pause.said


def _pairs(ids: NDArray[np.object_], reason: NDArray[np.object_]) -> list[tuple[str, str]]:
    shut = np.flatnonzero(reason != "")
    return list(zip(ids[shut].tolist(), reason[shut].tolist(), strict=True))


def with_required(due: dict[str, int], proposal: Proposal) -> tuple[str, ...]:
    """Return the projects due with what they require, by month and name, the required first."""
    if not due:
        return ()
    candidates = proposal.candidates
    requires = dict(zip(candidates["project_id"], candidates["requires"], strict=True))
    order: dict[str, None] = {}
    for name in sorted(due, key=lambda one: (due[one], one)):
        chain: list[str] = []
        at = name
        while at in requires and at not in chain and at not in order:
            chain.append(at)
            at = requires[at]
        order.update(dict.fromkeys(reversed(chain)))
    return tuple(order)


def unkept(
    options: CommitmentOptions,
    proposal: Proposal,
    places: Places,
    funded: Mapping[str, int],
    horizon: Horizon,
) -> list[str]:
    """Return a remark on every commitment to build that was not kept in full.

    ``proposal`` holds everything that was proposed, ``funded`` the month (an index of the horizon) in
    which each project was funded; those given up are left out of it.
    """
    remarks = []
    ids = proposal.candidates["project_id"].to_numpy(dtype=object)
    for number, one in enumerate(options.commitments):
        if one.rule != "build":
            continue
        by = horizon.index(one.month) if one.month else horizon.months - 1
        mine = ids[one.rows(proposal, places)].tolist()
        late = [name for name in mine if funded.get(name, horizon.months) > min(by, horizon.months - 1)]
        if late or not mine:
            until = horizon.label(min(by, horizon.months - 1))
            remarks.append(
                f"planning.commitments.{number} was not kept: of {len(mine)} project(s) {len(late)} "
                f"were not funded by {until}" + (f", {late[0]} among them." if late else ".")
            )
    return remarks
