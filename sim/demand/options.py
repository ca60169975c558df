"""What a scenario says of demand."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from sim.clock import month_number
from sim.demand.housing import NewHousingOptions
from sim.demand.tariffs import TariffOptions
from sim.demand.things import ThingsOptions
from sim.demand.traffic import TrafficScale
from sim.demand.units import Elasticity, Mbps, PerYear, Ratio, Share
from sim.options import Options
from sim.parameters import Quantity


class DemandOptions(Options):
    """Who wants what, and when."""

    fixed_reference_month: str
    """Month at which the levels of fixed take-up below were observed [YYYY-MM]."""
    fixed_willing_urban: Share
    """Fixed lines per urban home of the nation at the reference month [share]."""
    fixed_willing_rural: Share
    """Fixed lines per rural home of the nation at the reference month [share]."""
    fixed_ceiling_urban: Share
    """Where urban take-up levels off [share]."""
    fixed_ceiling_rural: Share
    """Where rural take-up levels off [share]."""
    fixed_growth_per_year: PerYear
    """Rate of the logistic curve of fixed take-up [1/yr]."""
    income_ratio_urban: Ratio
    """Urban income of the province over the nation's [ratio]."""
    income_ratio_rural: Ratio
    """Rural income of the province over the nation's [ratio]."""
    income_elasticity: Elasticity
    """Change of willingness for a change of income, both relative [ratio]."""
    fixed_price: Annotated[float, Field(gt=0), Quantity("yuan/month")]
    """Monthly price of a fixed line [yuan/month]."""
    fixed_reference_price: Annotated[float, Field(gt=0), Quantity("yuan/month")]
    """Monthly price at which the levels were observed [yuan/month]."""
    price_elasticity: Elasticity
    """Change of willingness for a change of price, both relative [ratio]."""
    design_years: Annotated[float, Field(ge=0, le=50), Quantity("years")]
    """Years from the first month after which lines that are built must still suffice [years]."""
    mobile_reference_month: str
    """Month at which the level of mobile broadband was observed [YYYY-MM]."""
    mobile_willing: Share
    """Users of 3G and 4G per resident of the nation at that month [share]."""
    mobile_ceiling: Share
    """Where mobile broadband levels off, per resident [share]."""
    mobile_growth_per_year: PerYear
    """Rate of the logistic curve of mobile broadband [1/yr]."""
    lte_launch: str
    """Month of the first LTE licence [YYYY-MM]."""
    nr_launch: str
    """Month from which handsets bought are 5G handsets [YYYY-MM]."""
    handset_life_years: Annotated[float, Field(gt=0), Quantity("yr")]
    """Mean life of a handset: an LTE handset replaces one at this pace [yr]."""
    wanted_rate: Mbps
    """Median rate that a fixed subscriber wants at the reference month [Mbit/s]."""
    wanted_rate_growth_per_year: PerYear
    """Yearly growth of the rate wanted [1/yr]."""
    wanted_rate_spread: Annotated[float, Field(ge=0, le=3), Quantity("ln")]
    """Spread of the logarithm of the rate wanted among subscribers [ln]."""
    tiers: tuple[float, ...] = Field(min_length=1)
    """Rates on offer [Mbit/s]."""
    fixed_busy_hour: Mbps
    """Mean traffic of a fixed line at the busy hour of the reference month [Mbit/s]."""
    mobile_traffic: Annotated[float, Field(ge=0), Quantity("GB/user/month")]
    """Traffic of a mobile broadband user in the mobile reference month [GB/user/month]."""
    traffic_growth_per_year: PerYear
    """Yearly growth of traffic per line and per user [1/yr]."""
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
    """Mean time until a willing home that is passed is connected [month]."""
    new_housing: NewHousingOptions
    """The building code by which new homes come with fibre."""
    tariffs: TariffOptions
    """What lines and mobile data cost, and what people have to pay it with."""
    things: ThingsOptions
    """Which things are connected over mobile networks."""

    @field_validator("fixed_reference_month", "mobile_reference_month", "lte_launch", "nr_launch")
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
