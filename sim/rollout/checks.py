"""Mistakes in what a scenario says about building that can be told before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sim.rollout.options import FIELD_SKILLS, RolloutOptions
from sim.technologies import TECHNOLOGIES

Mistakes = Iterator[tuple[str, str]]


def rollout_mistakes(options: RolloutOptions, skills: Mapping[str, Collection[str]]) -> Mistakes:
    """Yield the key and what is wrong.

    ``skills`` are the skills that the works of each technology of the scenario need, by its name.
    """
    for skill in FIELD_SKILLS:
        users = [name for name, needed in skills.items() if skill in needed]
        if users and getattr(options.crews, skill) == 0:
            yield (
                f"rollout.crews.{skill}",
                f"there are no {skill} crews, but {', '.join(users)} cannot be built without; give some "
                f"crews, or leave the technologies out (technologies.{users[0]}: null); to build nothing, "
                "set budget.scale to 0",
            )
    rules = [(f"rollout.shortages.{name}", rule.technologies) for name, rule in options.shortages.items()]
    rules += [(f"rollout.failures.{name}", rule.technologies) for name, rule in options.failures.items()]
    for key, named in rules:
        for name in named:
            if name not in TECHNOLOGIES:
                yield f"{key}.technologies", f"{name!r} is no technology; allowed: {', '.join(TECHNOLOGIES)}"
