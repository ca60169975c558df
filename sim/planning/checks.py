"""Mistakes in money and commitments that can be told before anything is planned."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import numpy as np

from sim.clock import Horizon, month_number
from sim.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from sim.planning.places import Places
    from sim.planning.pots import Budget, Pot

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
