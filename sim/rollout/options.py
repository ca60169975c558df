"""What a scenario can say about building: crews, seasons, and how far luck spreads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, field_validator

from sim.options import Options
from sim.parameters import Quantity

FIELD_SKILLS = ("fibre", "civil", "radio", "install")
"""Skills that need a crew on the ground; survey and software work is never short of hands."""


class Crews(Options):
    """Crews of each field skill for a million residents of a prefecture."""

    fibre: Annotated[float, Field(ge=0), Quantity("crews/million residents")]
    """Crews that lay and splice fibre [crews/million residents]."""
    civil: Annotated[float, Field(ge=0), Quantity("crews/million residents")]
    """Crews that dig, set poles and build foundations [crews/million residents]."""
    radio: Annotated[float, Field(ge=0), Quantity("crews/million residents")]
    """Crews that mount and commission radio equipment [crews/million residents]."""
    install: Annotated[float, Field(ge=0), Quantity("crews/million residents")]
    """Crews that install equipment in exchanges, cabinets and homes [crews/million residents]."""


class Season(Options):
    """Months in which outdoor work is slower above some height."""

    months: Annotated[tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(min_length=1)]
    """Calendar months it lasts [1..12]."""
    productivity: Annotated[float, Field(ge=0, le=1), Quantity("share")]
    """Outdoor work done in a day, against an ordinary day [share]."""
    above_m: Annotated[float, Quantity("m")]
    """Mean height of a zone from which it is felt [m]."""

    @field_validator("months")
    @classmethod
    def _sorted_months(cls, months: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(months)) != len(months):
            raise ValueError("names a calendar month twice")
        return tuple(sorted(months))


class RolloutOptions(Options):
    """How projects are built once they are funded."""

    crews: Crews
    """Crews by skill [group]."""
    seasons: dict[str, Season]
    """Seasons by name; where two fall together their productivities multiply [group]."""
    spread: Annotated[float, Field(ge=0)] = 1.0
    """Multiplier on the spread of every delay; 0 gives each task its median duration [1]."""


def crews_of(options: RolloutOptions, prefecture_population: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """Return the number of crews by prefecture and skill.

    A fraction of a crew is a whole one; no crews per million residents means none at all, and
    projects that need that skill then wait to the end.
    """
    per_million = {skill: getattr(options.crews, skill) for skill in FIELD_SKILLS}
    return {
        (prefecture, skill): -int(-per_million[skill] * prefecture_population[prefecture] // 1_000_000)
        for prefecture in sorted(prefecture_population)
        for skill in FIELD_SKILLS
    }
