"""What a scenario fixes in advance: projects that are built, that wait, that never are, and moratoria."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator, model_validator

from sim.clock import Horizon, month_number
from sim.errors import Problem, ScenarioError
from sim.options import Options

if TYPE_CHECKING:
    from sim.planning.places import Places
    from sim.tables.plan import Proposal
    from sim.technologies import Technology

COMMITTED = "committed in advance"
"""Reason of a decision for a project that the scenario demands."""
_WILD = frozenset("*?[")


class _Chosen(Options):
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
            exact = {name for name in self.projects if not _WILD & set(name)}
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


class Commitment(_Chosen):
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


class Moratorium(_Chosen):
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
    for mask, said in _closing(options, proposal, places, now):
        reason[mask & (reason == "")] = said
    due: dict[str, int] = {}
    for one in options.commitments:
        if one.rule == "build":
            by = month_number(one.month) if one.month else horizon.start + horizon.months
            for name in ids[one.rows(proposal, places)].tolist():
                due[name] = min(by, due.get(name, by))
    return Fixed(_with_required(due, proposal), dict(_pairs(ids, reason)))


def _closing(
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


def _with_required(due: dict[str, int], proposal: Proposal) -> tuple[str, ...]:
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


def commitment_mistakes(
    options: CommitmentOptions, technologies: Collection[str], horizon: Horizon
) -> Iterator[tuple[str, str]]:
    """Yield the key and what is wrong that can be told from the scenario alone.

    These are technologies that it does not choose and months outside its horizon; ``check_commitments``
    tells of projects and places.
    """
    for key, one in _entries(options):
        for name in one.technologies:
            if name not in technologies:
                message = f"{name!r} is no technology of the scenario{_near(name, technologies)}"
                yield f"planning.{key}.technologies", message
    for key, message in _late(options, horizon):
        yield f"planning.{key}", message


def check_commitments(
    options: CommitmentOptions,
    proposal: Proposal,
    places: Places,
    technologies: Mapping[str, Technology],
    horizon: Horizon,
) -> None:
    """Refuse commitments and moratoria that speak of what cannot be, all mistakes at once.

    ``proposal`` holds what could be built as things stand in month 0. Projects of technologies that react
    to others' plant may be proposed later, so an unknown name of theirs is no mistake.

    Raises
    ------
    ScenarioError
        For names that nothing has, with what is near, and for projects that are to be built by a month in
        which another rule shuts them.
    """
    later = {name for name, one in technologies.items() if one.reacts_to}
    problems = [
        Problem("scenario", f"planning.{key}", message)
        for key, message in (
            *_unknown(options, proposal, places, later),
            *_against_each_other(options, proposal, places, horizon),
        )
    ]
    if problems:
        raise ScenarioError(tuple(problems))


def _entries(options: CommitmentOptions) -> Iterator[tuple[str, _Chosen]]:
    for number, one in enumerate(options.commitments):
        yield f"commitments.{number}", one
    for number, pause in enumerate(options.moratoria):
        yield f"moratoria.{number}", pause


def _unknown(
    options: CommitmentOptions, proposal: Proposal, places: Places, later: Collection[str]
) -> Iterator[tuple[str, str]]:
    ids = proposal.candidates["project_id"].tolist()
    known = set(ids)
    for key, one in _entries(options):
        mistakes = [(f"{key}.places", remark) for remark in places.unknown(one.places)]
        for name in one.projects:
            wild = bool(_WILD & set(name))
            found = any(fnmatchcase(one_id, name) for one_id in ids) if wild else name in known
            if not found and name.partition(":")[0] not in later:
                message = f"{name!r} is no project that could be built{_near(name, ids)}"
                mistakes.append((f"{key}.projects", message))
        yield from mistakes
        may_come = set(later) & {*one.technologies, *(name.partition(":")[0] for name in one.projects)}
        if not mistakes and not may_come and not one.rows(proposal, places).any():
            yield key, "matches no project that could be built"


def _near(name: str, names: Collection[str]) -> str:
    near = difflib.get_close_matches(name, list(names), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _late(options: CommitmentOptions, horizon: Horizon) -> Iterator[tuple[str, str]]:
    for number, one in enumerate(options.commitments):
        if one.rule == "build" and one.month and month_number(one.month) < horizon.start:
            yield (
                f"commitments.{number}.month",
                f"{one.month} lies before the first month {horizon.first}: nothing can be built by then",
            )
    for number, pause in enumerate(options.moratoria):
        if pause.last and month_number(pause.last) < horizon.start:
            yield (
                f"moratoria.{number}.last",
                f"{pause.last} lies before the first month {horizon.first}: it holds in no month",
            )
        if pause.first and month_number(pause.first) >= horizon.start + horizon.months:
            yield (
                f"moratoria.{number}.first",
                f"{pause.first} lies after the last month {horizon.last}: it holds in no month",
            )


def _against_each_other(
    options: CommitmentOptions, proposal: Proposal, places: Places, horizon: Horizon
) -> Iterator[tuple[str, str]]:
    """Yield commitments to build what other rules shut until after its month, or for ever."""
    if not any(one.rule == "build" for one in options.commitments):
        return
    ids = proposal.candidates["project_id"].to_numpy(dtype=object)
    row = {name: number for number, name in enumerate(ids.tolist())}
    for number, one in enumerate(options.commitments):
        if one.rule != "build":
            continue
        by = month_number(one.month) if one.month else horizon.start + horizon.months - 1
        by = min(by, horizon.start + horizon.months - 1)
        mine = np.zeros(len(ids), dtype=bool)
        due = dict.fromkeys(ids[one.rows(proposal, places)].tolist(), by)
        mine[[row[name] for name in _with_required(due, proposal)]] = True
        for mask, said in _closing(options, proposal, places, by):
            if (both := mine & mask).any():
                yield (
                    f"commitments.{number}",
                    f"{ids[both][0]!r} is to be built by {horizon.label(by - horizon.start)}, but then it "
                    f"is shut ({said})",
                )
                mine &= ~mask
