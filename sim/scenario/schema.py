"""The scenario: it only composes what each package lets a user choose."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, ValidationInfo, create_model, field_validator, model_validator

from sim.access.route_options import RouteOptions
from sim.clock import Horizon, month_number
from sim.demand import DemandOptions
from sim.geo.options import GeodataOptions
from sim.geo.standing import StandingOptions
from sim.indicators.economy_options import EconomyOptions
from sim.indicators.finance_options import FinanceOptions
from sim.indicators.options import TargetOptions
from sim.levers import LeverOptions
from sim.options import Options
from sim.parameters import Quantity
from sim.planning.operators import Operators
from sim.planning.planner import Planning
from sim.planning.pots import Budget
from sim.radio.options import RadioOptions
from sim.rollout.options import RolloutOptions
from sim.technologies import TECHNOLOGIES, Technology

MAX_MONTHS = 600
PATH_KEYS = (
    "geodata.bundle", "geodata.dem", "standing.coverage", "standing.sites", "targets.table",
    "economy.table", "economy.history", "technologies.ftth.curves", "budget.poor_counties",
)  # fmt: skip
"""Keys that name files or folders, relative to the file that they stand in."""

Province = Literal["Yunnan", "Sichuan", "Shandong", "Hunan", "synthetic"]


class HorizonOptions(Options):
    """The months that are simulated, first and last included."""

    first: str
    """First month [YYYY-MM]"""
    last: str
    """Last month, not before the first [YYYY-MM]"""

    @field_validator("first", "last")
    @classmethod
    def _is_month(cls, value: str, info: ValidationInfo) -> str:
        number = month_number(value)
        first = info.data.get("first")
        if first is not None and number < month_number(first):
            raise ValueError(f"the last month {value} lies before the first month {first}")
        if first is not None and number - month_number(first) >= MAX_MONTHS:
            raise ValueError(f"{first} to {value} are more than the {MAX_MONTHS} months allowed")
        return value


class MoneyOptions(Options):
    """Currency and price year of every amount of the run."""

    currency: Literal["CNY"]
    """Currency of every amount; rows in other currencies are converted [ISO 4217]"""
    price_year: int
    """Year whose prices are used; rows of other years are moved by the consumer price index [year]"""
    discount_rate: Annotated[float, Field(ge=0, lt=1), Quantity("1/yr")]
    """Yearly rate at which later money counts less [1/yr]"""


class ParameterOptions(Options):
    """Changes to the parameter table for this scenario."""

    sheets: tuple[str, ...] = ()
    """Your own price sheets: CSV files with the columns of the parameter table, whose rows are
    added or replace those of the same name"""
    values: dict[str, float] = Field(default_factory=dict)
    """Numbers that replace the value of rows, by row name, in the row's unit and price year"""


class _Technologies(Options):
    """What may be built; a technology that is null or left out is not used."""

    def chosen(self) -> dict[str, Technology]:
        """Return the technologies in use by name, in the order of the registry."""
        found = {name: getattr(self, name) for name in TECHNOLOGIES}
        return {name: technology for name, technology in found.items() if technology is not None}


if TYPE_CHECKING:
    TechnologyOptions = _Technologies
else:
    TechnologyOptions = create_model(
        "TechnologyOptions",
        __base__=_Technologies,
        __doc__=_Technologies.__doc__,
        **{
            name: (kind | None, Field(default=None, description=str(kind.__doc__).splitlines()[0]))
            for name, kind in TECHNOLOGIES.items()
        },
    )


class Scenario(Options):
    """One question: a province, its months, its money and what may be built."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    """Short name, which names the folder of the results"""
    title: str
    """Title of the report"""
    question: str
    """The question that the scenario asks"""
    sources: str
    """Where its numbers come from"""
    province: Province
    """Province that is studied"""
    horizon: HorizonOptions
    """The months that are simulated"""
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    """Seed of every random draw of the run [1]"""
    replications: Annotated[int, Field(ge=1, le=10_000)]
    """Repetitions with other luck; verdicts are chances over them [1]"""
    money: MoneyOptions
    """Currency and price year"""
    parameters: ParameterOptions = ParameterOptions()
    """Changes to the parameter table"""
    policy_inputs: tuple[str, ...] = ()
    """Rows of outcomes that became known after the first month and are meant as inputs nevertheless;
    the report lists them"""
    levers: LeverOptions = LeverOptions()
    """Which instruments of policy hold; each moves other keys, as the resolved scenario shows"""
    geodata: GeodataOptions
    """Where the layers of the study area come from"""
    demand: DemandOptions
    """Who wants what, and when"""
    standing: StandingOptions
    """The network of month 0"""
    routes: RouteOptions
    """Feeder routes that everything reached by fibre shares"""
    technologies: TechnologyOptions
    """What may be built"""
    radio: RadioOptions
    """How cover and rates of the radio networks are measured month by month"""
    budget: Budget
    """Money for access networks"""
    operators: Operators = Operators()
    """The operators, where the province is not planned as one network"""
    planning: Planning
    """How the planner chooses: the best worth per money first"""
    finance: FinanceOptions
    """What the money costs and earns over the years"""
    rollout: RolloutOptions
    """How projects are built once they are funded"""
    targets: TargetOptions
    """Which targets are judged, and by which rules"""
    economy: EconomyOptions
    """How goals on the economy are projected from take-up, beside the scorecard"""
    variants: dict[str, dict[str, object]] = Field(default_factory=dict)
    """Named sets of changes, each a mapping of dotted keys to values; ``--variant`` picks one"""

    @field_validator("geodata")
    @classmethod
    def _has_an_area(cls, value: GeodataOptions, info: ValidationInfo) -> GeodataOptions:
        made_up = info.data.get("province") == "synthetic"
        if made_up and value.synthetic is None:
            raise ValueError("province synthetic needs the section geodata.synthetic")
        if made_up and value.bundle is not None:
            raise ValueError("province synthetic takes no bundle")
        return value

    @field_validator("technologies")
    @classmethod
    def _some(cls, value: TechnologyOptions) -> TechnologyOptions:
        if not value.chosen():
            raise ValueError("no technology is chosen; to build nothing set budget.scale to 0 instead")
        return value

    @model_validator(mode="after")
    def _pots_of_operators(self) -> Scenario:
        known = self.operators.each
        for name, pot in self.budget.pots.items():
            unknown = [one for one in pot.operators if one not in known]
            if unknown:
                there = ", ".join(known) or "none"
                raise ValueError(
                    f"the pot {name} is for {', '.join(unknown)}, but the operators of this scenario are: "
                    f"{there}"
                )
        return self

    @cached_property
    def clock(self) -> Horizon:
        """The months of the scenario."""
        return Horizon(self.horizon.first, self.horizon.last)
