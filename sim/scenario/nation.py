"""The scenario of the nation: which observations are fitted, by which curves, and under which ceilings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from sim.clock import Horizon, month_number
from sim.errors import Problem
from sim.options import Options
from sim.parameters import Lookup, Parameter, Quantity
from sim.scenario.document import Node
from sim.scenario.load import Kind, Overrides, read_as, rows_used
from sim.scenario.resolved import resolved_text
from sim.scenario.schema import HorizonOptions, ParameterOptions

NATION = "nation"
PATH_KEYS = ("nation.history", "nation.provinces", "targets.table")

Growth = Literal["bass", "logistic", "gompertz"]
Share = Annotated[float, Field(gt=0, le=1), Quantity("share")]
PerHome = Annotated[float, Field(gt=0), Quantity("lines/100 homes")]
PerPerson = Annotated[float, Field(gt=0), Quantity("users/100 persons")]
Cards = Annotated[float, Field(gt=0), Quantity("cards")]
Persons = Annotated[float, Field(gt=0), Quantity("persons")]
Homes = Annotated[float, Field(gt=0), Quantity("homes")]


class NationMoney(Options):
    """Currency and price year of every amount of the run."""

    currency: Literal["CNY"]
    """Currency of every amount [ISO 4217]"""
    price_year: int
    """Year whose prices are used [year]"""


class CurveChoice(Options):
    """The curve of each quantity whose growth ends under a ceiling."""

    users_lte: Growth
    """Users of 4G"""
    household_penetration: Growth
    """Fixed lines for 100 homes"""
    mobile_penetration: Growth
    """Users of 3G and 4G for 100 residents"""


class Ceilings(Options):
    """Where growth ends, each with its range, all known by the month up to which is fitted."""

    cards: Cards
    """Cards in use, the market of 4G [cards]"""
    cards_low: Cards
    """Low edge [cards]"""
    cards_high: Cards
    """High edge [cards]"""
    lines_per_100_homes: PerHome
    """Fixed lines for 100 homes where every home is served; above 100 [lines/100 homes]"""
    lines_per_100_homes_low: PerHome
    """Low edge [lines/100 homes]"""
    lines_per_100_homes_high: PerHome
    """High edge [lines/100 homes]"""
    mobile_per_100_persons: PerPerson
    """Users of 3G and 4G for 100 residents where every card is one of theirs [users/100 persons]"""
    mobile_per_100_persons_low: PerPerson
    """Low edge [users/100 persons]"""
    mobile_per_100_persons_high: PerPerson
    """High edge [users/100 persons]"""

    @model_validator(mode="after")
    def _ordered(self) -> Ceilings:
        for name in ("cards", "lines_per_100_homes", "mobile_per_100_persons"):
            low, value, high = (getattr(self, name + edge) for edge in ("_low", "", "_high"))
            if not low <= value <= high:
                raise ValueError(f"{name} must lie between {name}_low and {name}_high")
        return self


class Base(Options):
    """Residents and homes of the nation, and what else is taken from single sources."""

    residents_2010: Persons
    """Residents at the census of November 2010 [persons]"""
    residents_2015: Persons
    """Residents at the end of 2015 [persons]"""
    homes_2010: Homes
    """Family households at the census of November 2010 [homes]"""
    homes_2015: Homes
    """Family households at the survey of November 2015 [homes]"""
    lte_launch: str
    """Month of the licences of 4G [YYYY-MM]"""
    lte_sites_2015: Annotated[float, Field(gt=0), Quantity("sites")]
    """Sites of 4G at the end of 2015; they grow by as many each month as since the launch [sites]"""
    international_gbps_2012: Annotated[float, Field(gt=0), Quantity("Gbps")]
    """International links at the end of 2012 [Gbit/s]"""
    international_gbps_2015: Annotated[float, Field(gt=0), Quantity("Gbps")]
    """International links at the end of 2015; they grow at the rate between the two [Gbit/s]"""
    ipv6_terminals: Annotated[float, Field(ge=0, le=1), Quantity("share")]
    """Share of gateways and handsets in use in the first month that know IPv6 [share]"""
    ipv6_new_terminals: Annotated[float, Field(ge=0, le=1), Quantity("share")]
    """Share of those bought from then on that know it [share]"""
    ipv6_gateway_life: Annotated[float, Field(gt=0), Quantity("yr")]
    """Life of a home's gateway [yr]"""
    ipv6_handset_life: Annotated[float, Field(gt=0), Quantity("yr")]
    """Life of a handset [yr]"""
    line_price: Annotated[float, Field(gt=0), Quantity("yuan/month")]
    """What a fixed line pays [yuan/month]"""
    plan_mbps: tuple[float, ...]
    """Rates on offer, the lowest first [Mbit/s]"""
    slowest_reported_mbps: Annotated[float, Field(gt=0), Quantity("Mbps")]
    """Slowest rate whose share the statistics still gave in the month up to which is fitted [Mbit/s]"""
    break_month: str
    """Month from which fixed lines are counted in the new way [YYYY-MM]"""
    penetration_since: str
    """First month of the new series of lines for 100 homes [YYYY-MM]"""


class NationOptions(Options):
    """What is fitted to what."""

    fitted_until: str
    """Last month whose observations are read [YYYY-MM]"""
    history: str
    """Table of observations, relative to the scenario's folder"""
    provinces: str
    """Table of the provinces, relative to the scenario's folder"""
    draws: Annotated[int, Field(ge=2, le=2000)]
    """Draws of the parameters, from which intervals come [1]"""
    base: Base
    """What single sources say"""
    curves: CurveChoice
    """The curves"""
    ceilings: Ceilings
    """Where growth ends"""

    @field_validator("fitted_until")
    @classmethod
    def _is_month(cls, value: str) -> str:
        month_number(value)
        return value


class NationTargets(Options):
    """Which targets are judged, and the rules of the verdict."""

    table: str
    """Table of targets, relative to the scenario's folder"""
    leave_out: tuple[str, ...] = ()
    """Targets that are not wanted on the scorecard, by identifier"""
    judged_by: dict[str, str] = Field(default_factory=dict)
    """Indicators that judge a target in place of the table's, by identifier of the target"""
    chance_met: Share
    """Share of draws from which a target counts as met [share]"""
    chance_missed: Share
    """Share of draws below which a target counts as missed [share]"""


class NationScenario(Options):
    """One question about the nation: its months, what is fitted and what is forecast."""

    model: Literal["nation"]
    """What kind of scenario this is"""
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    """Short name, which names the folder of the results"""
    title: str
    """Title of the report"""
    question: str
    """The question that the scenario asks"""
    sources: str
    """Where its numbers come from"""
    province: Literal["China"]
    """What is studied"""
    horizon: HorizonOptions
    """The months of the run"""
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    """Seed of every random draw of the run [1]"""
    money: NationMoney
    """Currency and price year"""
    parameters: ParameterOptions = ParameterOptions()
    """Changes to the parameter table"""
    policy_inputs: tuple[str, ...] = ()
    """Rows of outcomes that became known after the fit and are meant as inputs nevertheless"""
    nation: NationOptions
    """What is fitted to what"""
    targets: NationTargets
    """Which targets are judged"""
    variants: dict[str, dict[str, object]] = Field(default_factory=dict)
    """Named sets of changes, each a mapping of dotted keys to values; ``--variant`` picks one"""

    @cached_property
    def clock(self) -> Horizon:
        """The months of the scenario."""
        return Horizon(self.horizon.first, self.horizon.last)


@dataclass(frozen=True)
class LoadedNation:
    """A checked scenario of the nation with all that says where its values come from."""

    scenario: NationScenario
    resolved: dict[str, Any]
    """The scenario as given, all layers merged."""
    origins: Mapping[str, str]
    """Where each value comes from, by dotted key."""
    lookup: Lookup
    """The parameter table; ``lookup.used`` tells the rows that the scenario uses."""
    variant: str
    inputs: dict[str, Path]
    """The files that were read, by the name that outputs give them."""
    notices: tuple[Problem, ...] = ()
    """What a user should know; there is nothing as yet."""

    @property
    def resolved_yaml(self) -> str:
        """The resolved scenario as YAML with the origin of each value behind it."""
        return resolved_text(self.resolved, self.origins, self.lookup.used)

    @property
    def parameters_used(self) -> list[Parameter]:
        """The rows of the parameter table that the scenario uses, by name."""
        return rows_used(self.lookup)


def _nothing_more(_scenario: NationScenario, _tree: Node) -> list[Problem]:
    """Return nothing: the options say all there is to check."""
    return []


def load_nation(path: str | Path, overrides: Overrides = (), variant: str = "") -> LoadedNation:
    """Return the checked scenario of the nation in a file; ``ScenarioError`` carries every mistake.

    Rows of outcomes that were known only after ``nation.fitted_until`` are refused.
    """
    kind = Kind(NationScenario, PATH_KEYS, "nation.fitted_until", _nothing_more, NATION)
    read = read_as(kind, path, overrides, variant)
    return LoadedNation(read.scenario, read.tree.plain(), read.origins, read.lookup, variant, read.inputs)
