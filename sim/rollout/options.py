"""What a scenario can say about building: crews, calendar, travel, shortages, failure, luck."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from sim.clock import month_number
from sim.options import Options
from sim.parameters import Quantity

FIELD_SKILLS = ("fibre", "civil", "radio", "install")
"""Skills that need a crew on the ground; survey and software work is never short of hands."""

Phase = Literal["survey", "permit", "procure", "build", "test"]
Share = Annotated[float, Field(ge=0, le=1), Quantity("share")]


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
    productivity: Share
    """Outdoor work done in a day, against an ordinary day [share]."""
    above_m: Annotated[float, Quantity("m")]
    """Mean height of a zone from which it is felt [m]."""

    @field_validator("months")
    @classmethod
    def _sorted_months(cls, months: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(months)) != len(months):
            raise ValueError("names a calendar month twice")
        return tuple(sorted(months))


class Calendar(Options):
    """Days on which crews rest: public holidays, and a longer pause around the lunar New Year."""

    country: Annotated[str, Field(pattern="^([A-Z]{2})?$")] = ""
    """Country whose public holidays are kept, two letters; empty: crews work every Monday to Friday."""
    pause_before: Annotated[float, Field(ge=0), Quantity("days")] = 0.0
    """Days before the lunar New Year from which crews are away [days]."""
    pause_after: Annotated[float, Field(ge=0), Quantity("days")] = 0.0
    """Days after the lunar New Year until which crews are away [days]."""

    @field_validator("country")
    @classmethod
    def _known(cls, country: str) -> str:
        if country:
            from holidays import list_supported_countries

            known = sorted(list_supported_countries())
            if country not in known:
                raise ValueError(f"no holidays are known of {country!r}; allowed: {', '.join(known)}")
        return country


class Travel(Options):
    """How a crew moves from one site to the next; its first site costs it no way."""

    speed: Annotated[float, Field(gt=0), Quantity("km/h")]
    """Speed on the road [km/h]."""
    route_factor: Annotated[float, Field(ge=1), Quantity("ratio")]
    """Way over the straight distance [ratio]."""
    hours: Annotated[float, Field(gt=0, le=24), Quantity("h/day")]
    """Hours of a working day [h/day]."""

    @property
    def days_per_m(self) -> float:
        """Working days a metre of straight distance takes."""
        return self.route_factor / (1000.0 * self.speed * self.hours)


class Shortage(Options):
    """Months in which some supply is slow or scarce."""

    first_month: str
    """First month in which it is felt [YYYY-MM]."""
    last_month: str
    """Last month in which it is felt [YYYY-MM]."""
    technologies: tuple[str, ...] = ()
    """Technologies that feel it; empty: all [names]."""
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)] = ("procure",)
    """Phases of a project that feel it [names]."""
    factor: Annotated[float, Field(ge=1)] = 1.0
    """Times as long that a task takes which begins in these months [1]."""
    most_per_month: Annotated[int | None, Field(ge=0)] = None
    """Deliveries, tasks of these phases finished, in one month at most; what is ordered first is delivered
    first; left out: as many as are ordered [projects]."""

    @field_validator("first_month", "last_month")
    @classmethod
    def _label(cls, label: str) -> str:
        month_number(label)
        return label

    @model_validator(mode="after")
    def _in_order(self) -> Shortage:
        if month_number(self.last_month) < month_number(self.first_month):
            raise ValueError(f"ends in {self.last_month}, before it begins in {self.first_month}")
        return self


class Failure(Options):
    """A reason for which projects are given up when their papers are decided."""

    chance: Share
    """Share of the projects that are given up [share]."""
    technologies: tuple[str, ...] = ()
    """Technologies that may fail so; empty: all [names]."""
    builds: tuple[str, ...] = ()
    """Ways of building that may fail so; empty: all [names]."""


class Hire(Options):
    """Crews are hired where the queue stays long."""

    queue_days: Annotated[float, Field(gt=0), Quantity("days")]
    """Days of work that wait for each crew, on the first day of two months in a row, from which crews are
    hired [days]."""
    lead_time: Annotated[float, Field(ge=0), Quantity("days")]
    """Working days until those hired begin [days]."""
    factor: Annotated[float, Field(ge=1)]
    """Crews of a prefecture and skill at most, over those it began with [1]."""


class Lend(Options):
    """Idle crews of other prefectures are sent where the queue is long."""

    queue_days: Annotated[float, Field(gt=0), Quantity("days")]
    """Days of work that wait for each crew from which others come [days]."""
    mobilisation: Annotated[float, Field(ge=0), Quantity("days")]
    """Working days until they begin there [days]."""


class RolloutOptions(Options):
    """How projects are built once they are funded."""

    crews: Crews
    """Crews by skill [group]."""
    seasons: dict[str, Season]
    """Seasons by name; where two fall together their productivities multiply [group]."""
    calendar: Calendar = Calendar()
    """Holidays of crews [group]."""
    travel: Travel | None = None
    """Ways between sites; left out: crews are on the next site at once [group]."""
    shortages: dict[str, Shortage] = Field(default_factory=dict)
    """Shortages of supply by name [group]."""
    failures: dict[str, Failure] = Field(default_factory=dict)
    """Reasons for which projects are given up, by name, which is the cause in the log [group]."""
    refund: Literal["return", "lapse"] = "return"
    """What becomes of the unspent money of a project given up: it returns to its pot or lapses [name]."""
    hire: Hire | None = None
    """Rule for hiring crews; left out: their number stays [group]."""
    lend: Lend | None = None
    """Rule for lending crews; left out: each stays in its prefecture [group]."""
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
