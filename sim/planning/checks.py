"""Mistakes in money and commitments that can be told before anything is planned."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from sim.clock import Horizon, month_number
from sim.errors import Problem, ScenarioError
from sim.planning.commitments import WILD, closing, with_required

if TYPE_CHECKING:
    from sim.planning.commitments import CommitmentOptions, Selection
    from sim.planning.places import Places
    from sim.planning.pots import Budget, Pot
    from sim.tables.plan import Proposal
    from sim.technologies import Technology

Mistakes = Iterator[tuple[str, str]]


def pot_mistakes(budget: Budget, technologies: Collection[str], horizon: Horizon) -> Mistakes:
    """Yield the key and what is wrong of pots with money that nobody may use in these months.

    ``technologies`` are those of the scenario. What depends on the area is told by ``check_places``.
    """
    for name, pot in budget.pots.items():
        if not _has_money(budget, pot):
            continue
        yield from _unused(name, pot, technologies)
        yield from _unmet(name, pot, technologies)
        if pot.last_month and month_number(pot.last_month) < horizon.start:
            yield (
                f"budget.pots.{name}.last_month",
                f"the pot {name} closes in {pot.last_month}, before the first month {horizon.first}: it "
                "never releases money",
            )
        if pot.poor and not budget.poor_counties:
            yield (
                f"budget.pots.{name}.poor",
                f"the pot {name} is for poor counties, but budget.poor_counties names no list of them",
            )
        if pot.matching is not None and not _partners(budget, pot, technologies):
            yield (
                f"budget.pots.{name}.matching",
                f"the pot {name} matches what other pots pay, but none with money may pay for the same "
                "technologies and kinds of zones",
            )


def _has_money(budget: Budget, pot: Pot) -> bool:
    return budget.scale > 0 and pot.share != 0 and pot.yearly != 0


def _unused(name: str, pot: Pot, technologies: Collection[str]) -> Mistakes:
    if pot.technologies and not set(pot.technologies) & set(technologies):
        yield (
            f"budget.pots.{name}.technologies",
            f"nobody may use the pot {name}: of {', '.join(pot.technologies)} the scenario chooses none; "
            f"give it a technology in use ({', '.join(technologies)}) or no money (share: 0)",
        )


def _unmet(name: str, pot: Pot, technologies: Collection[str]) -> Mistakes:
    for number, stone in enumerate(pot.milestones):
        if stone.technology not in technologies:
            near = difflib.get_close_matches(stone.technology, list(technologies), n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; in use are {', '.join(technologies)}"
            yield (
                f"budget.pots.{name}.milestones.{number}.technology",
                f"{stone.technology!r} is no technology of the scenario: it is never reached{hint}",
            )


def _partners(budget: Budget, pot: Pot, technologies: Collection[str]) -> list[str]:
    """Return the pots with money that may pay for something that this one matches."""
    mine = set(pot.technologies or technologies) & set(technologies)
    kinds = set(pot.kinds)
    return [
        name
        for name in budget.payers
        if _has_money(budget, other := budget.pots[name])
        and mine & set(other.technologies or technologies)
        and (not kinds or not other.kinds or kinds & set(other.kinds))
    ]


def check_places(budget: Budget, places: Places) -> None:
    """Refuse pots whose places a whole province does not have, all mistakes at once.

    A choice of counties lacks places that the province has, so it is not for such an area.

    Raises
    ------
    ScenarioError
        For a name in a place list that is no zone, county or prefecture, with what is near; for a pot
        with money whose kinds, places and poor counties share no zone.
    """
    problems = []
    for name, pot in budget.pots.items():
        if not _has_money(budget, pot):
            continue
        key = f"budget.pots.{name}"
        unknown = places.unknown(pot.places)
        problems += [Problem("scenario", f"{key}.places", remark) for remark in unknown]
        if not unknown and (pot.places or pot.poor) and not np.any(pot.reaches(places)):
            message = (
                f"nobody may use the pot {name}: no zone of the area is among its kinds, places and poor "
                "counties; widen them or give it no money (share: 0)"
            )
            problems.append(Problem("scenario", key, message))
    if problems:
        raise ScenarioError(tuple(problems))


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


def _entries(options: CommitmentOptions) -> Iterator[tuple[str, Selection]]:
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
            wild = bool(WILD & set(name))
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
        mine[[row[name] for name in with_required(due, proposal)]] = True
        for mask, said in closing(options, proposal, places, by):
            if (both := mine & mask).any():
                yield (
                    f"commitments.{number}",
                    f"{ids[both][0]!r} is to be built by {horizon.label(by - horizon.start)}, but then it "
                    f"is shut ({said})",
                )
                mine &= ~mask
