"""What a scenario says of demand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator

from sim.clock import month_number
from sim.demand.homes import IncomeGroups
from sim.demand.housing import NewHousingOptions
from sim.demand.tariffs import TariffOptions
from sim.demand.things import ThingsOptions
from sim.demand.tiers import Campaign
from sim.demand.traffic import TrafficScale
from sim.demand.units import Elasticity, Mbps, PerYear, Ratio, Share
from sim.options import Options
from sim.parameters import Quantity


class DemandOptions(Options):
    """Who wants what, and when."""

    fixed_reference_month: str
    """Month at which the levels of fixed take-up below were observed [YYYY-MM]."""
    fixed_willing_urban: Share
    """Fixed lines per urban home of the nation at the reference month, as statistics count them [share]."""
    fixed_willing_rural: Share
    """Fixed lines per rural home of the nation at the reference month, as statistics count them [share]."""
    fixed_ceiling_urban: Share
    """Where urban homes with a line level off [share]."""
    fixed_ceiling_rural: Share
    """Where rural homes with a line level off [share]."""
    second_lines: Annotated[float, Field(ge=0, le=2), Quantity("ratio")]
    """Lines that statistics count beyond the first for each home with a line, in the nation: those of shops
    and offices, and second lines of homes [ratio]."""
    second_lines_elasticity: Elasticity
    """Change of that ratio for a change of income, both relative [ratio]."""
    fixed_curve: Literal["logistic", "bass"]
    """Curve that take-up follows from its level on [name]."""
    fixed_innovation: Annotated[float, Field(gt=0, le=2), Quantity("1/yr")]
    """Coefficient of innovation of a Bass curve [1/yr]."""
    fixed_imitation: Annotated[float, Field(ge=0, le=5), Quantity("1/yr")]
    """Coefficient of imitation of a Bass curve [1/yr]."""
    fixed_growth_per_year: PerYear
    """Rate of the logistic curve of fixed take-up [1/yr]."""
    income_ratio_urban: Ratio
    """Urban income of the province over the nation's [ratio]."""
    income_ratio_rural: Ratio
    """Rural income of the province over the nation's [ratio]."""
    income_elasticity: Elasticity
    """Change of willingness for a change of income, both relative, at the level observed [ratio]."""
    income_groups: IncomeGroups
    """Homes by income."""
    fixed_price: Annotated[float, Field(gt=0), Quantity("yuan/month")]
    """Monthly price of a fixed line [yuan/month]."""
    fixed_reference_price: Annotated[float, Field(gt=0), Quantity("yuan/month")]
    """Monthly price at which the levels were observed [yuan/month]."""
    price_elasticity: Elasticity
    """Change of willingness for a change of price, both relative, at the level observed [ratio]."""
    design_years: Annotated[float, Field(ge=0, le=50), Quantity("years")]
    """Years from the first month after which lines that are built must still suffice [years]."""
    mobile_reference_month: str
    """Month at which the level of mobile broadband was observed [YYYY-MM]."""
    mobile_willing: Annotated[float, Field(ge=0, le=5), Quantity("share")]
    """Cards of 3G and 4G per resident of the nation at that month: statistics count cards [share]."""
    mobile_ceiling: Share
    """Where persons with mobile broadband, and with a telephone at all, level off, per resident [share]."""
    mobile_growth_per_year: PerYear
    """Rate of the logistic curve of persons with mobile broadband [1/yr]."""
    cards_reference_month: str
    """Month at which the cards of all generations were counted [YYYY-MM]."""
    mobile_cards: Annotated[float, Field(ge=0, le=5), Quantity("cards/person")]
    """Cards of all generations per resident of the nation at that month [cards/person]."""
    mobile_cards_growth_per_year: PerYear
    """Rate of the logistic curve of persons with a mobile telephone [1/yr]."""
    cards_per_person: Annotated[float, Field(ge=1, le=4), Quantity("cards/person")]
    """Cards in use for each person who uses any [cards/person]."""
    umts_launch: str
    """Month from which 3G handsets are sold in number [YYYY-MM]."""
    lte_launch: str
    """Month of the first LTE licence, from which LTE handsets are sold [YYYY-MM]."""
    nr_launch: str
    """Month from which 5G handsets are sold [YYYY-MM]."""
    handset_life_years: Annotated[float, Field(gt=0), Quantity("yr")]
    """Mean life of a handset: the stock is replaced at this pace [yr]."""
    handset_ramp_years: Annotated[float, Field(ge=0, le=20), Quantity("yr")]
    """Years from the launch of a generation until all handsets sold know it [yr]."""
    wanted_rate: Mbps
    """Median rate that a fixed subscriber wants at the reference month [Mbit/s]."""
    wanted_rate_growth_per_year: PerYear
    """Yearly growth of the rate wanted [1/yr]."""
    wanted_rate_spread: Annotated[float, Field(ge=0, le=3), Quantity("ln")]
    """Spread of the logarithm of the rate wanted among subscribers [ln]."""
    campaigns: Mapping[str, Campaign] = Field(default_factory=dict)
    """What raises the rates wanted beside their growth, by name."""
    tiers: tuple[float, ...] = Field(min_length=1)
    """Rates on offer [Mbit/s]."""
    fixed_busy_hour: Mbps
    """Mean traffic of a fixed line at the busy hour of the reference month [Mbit/s]."""
    mobile_traffic: Annotated[float, Field(ge=0), Quantity("GB/user/month")]
    """Traffic of a mobile broadband user in the mobile reference month [GB/user/month]."""
    traffic_growth_per_year: PerYear
    """Yearly growth of traffic per mobile user [1/yr]."""
    fixed_traffic_growth_per_year: PerYear
    """Yearly growth of the busy-hour traffic of a fixed line [1/yr]."""
    busy_hour_share: Share
    """Share of a day's mobile traffic in its busiest hour [share]."""
    fixed_busy_hour_share: Annotated[float, Field(gt=0, le=1), Quantity("share")]
    """Share of a day's traffic of fixed lines in its busiest hour [share]."""
    traffic_scale: TrafficScale = TrafficScale()
    """How far traffic departs from that expected."""
    delivered_share: Share
    """Share of the rate paid for that gets through home network, metro network and servers at the
    busy hour, before the access line itself is counted [share]."""
    delivered_spread: Annotated[float, Field(ge=0, le=2), Quantity("ln")]
    """Spread of the logarithm of that share among homes [ln]."""
    catch_up_time: Annotated[float, Field(ge=1), Quantity("month")]
    """Mean time until a willing home that is passed and has no line is connected, and until one that gave
    up its line takes it up again [month]."""
    migration_time: Annotated[float, Field(ge=1), Quantity("month")]
    """Mean time until a willing home on another wire moves to a better one that passes it [month]."""
    churn: Annotated[float, Field(ge=0, le=0.5), Quantity("1/month")]
    """Share of lines given up in a month [1/month]."""
    new_housing: NewHousingOptions
    """The building code by which new homes come with fibre."""
    tariffs: TariffOptions
    """What lines and mobile data cost, and what people have to pay it with."""
    things: ThingsOptions
    """Which things are connected over mobile networks."""
    draws: Annotated[int, Field(ge=0, le=1000)]
    """Draws of the parameters of demand from their ranges, which give the intervals of what homes and
    people do [1]."""

    @field_validator(
        "fixed_reference_month",
        "mobile_reference_month",
        "cards_reference_month",
        "umts_launch",
        "lte_launch",
        "nr_launch",
    )
    @classmethod
    def _is_month(cls, value: str) -> str:
        month_number(value)
        return value

    @field_validator("tiers")
    @classmethod
    def _ascending(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if list(value) != sorted(set(value)) or value[0] <= 0:
            raise ValueError("tiers must be positive and ascending")
        return value
