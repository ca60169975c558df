"""Take-up among homes passed, rates wanted and busy-hour traffic.

Willingness runs on calendar time: a logistic curve through a level that was known before the first
month, moved by income and price. It is a forecast from what was known then, never a fit to what came.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from sim.clock import Horizon, month_number
from sim.options import Options
from sim.parameters import Quantity
from sim.tables.demand import Demand
from sim.tables.ground import NewHousing
from sim.tables.layers import URBAN_KINDS, ZONE_KINDS

Share = Annotated[float, Field(ge=0, le=1), Quantity("share")]
PerYear = Annotated[float, Field(ge=-1, le=5), Quantity("1/yr")]
Ratio = Annotated[float, Field(gt=0), Quantity("ratio")]
Elasticity = Annotated[float, Field(ge=-5, le=5), Quantity("ratio")]
Mbps = Annotated[float, Field(gt=0), Quantity("Mbps")]

_BITS_PER_BYTE = 8.0
_MBIT_PER_GBIT = 1000.0
_SECONDS_PER_HOUR = 3600.0
_DAYS_PER_MONTH = 365.25 / 12.0


class NewHousingOptions(Options):
    """The building code by which new homes come with fibre, at the builder's cost."""

    first_month: str
    """First month in which new homes must come with fibre [YYYY-MM]."""
    kinds: tuple[Literal["city", "town", "village"], ...]
    """Kinds of zones in which the code holds [names]."""
    share: Share
    """Share of new homes that is built as the code wants [share]."""
    replaced_per_year: Annotated[float, Field(ge=0, le=1), Quantity("1/yr")]
    """Homes pulled down and built anew in a year, of those that stand [1/yr]."""

    @field_validator("first_month")
    @classmethod
    def _is_month(cls, value: str) -> str:
        month_number(value)
        return value

    def built(
        self, homes: NDArray[np.int32], zone_kind: NDArray[np.int8], horizon: Horizon
    ) -> NDArray[np.float32]:
        """Return the homes built under the code in each month of the horizon, shape (M, Z).

        ``homes`` has shape (M, Z) and ``zone_kind`` the rows of ``ZONE_KINDS``, shape (Z,). What is built
        is what a zone has gained over the most homes it had before (so that rounding builds nothing), and
        what replaces homes pulled down. Month 0 builds nothing: its homes are those that stand.
        """
        most = np.maximum.accumulate(homes, axis=0).astype(np.float64)
        built = np.diff(most, axis=0, prepend=most[:1])
        built[1:] += homes[:-1] * (self.replaced_per_year / 12.0)
        built[: max(horizon.index(self.first_month), 0)] = 0.0
        held = np.isin(zone_kind, [ZONE_KINDS.index(kind) for kind in self.kinds])
        return np.where(held[None, :], built, 0.0).astype(np.float32)

    def housing(
        self, homes: NDArray[np.int32], zone_kind: NDArray[np.int8], horizon: Horizon, mbps: float
    ) -> NewHousing:
        """Return the new homes of an area, on whose fibre a rate is on offer [Mbit/s]."""
        return NewHousing(built=self.built(homes, zone_kind, horizon), share=self.share, mbps=mbps)


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
    """Share of a day's traffic in its busiest hour [share]."""
    delivered_share: Share
    """Share of the rate paid for that gets through home network, metro network and servers at the
    busy hour, before the access line itself is counted [share]."""
    delivered_spread: Annotated[float, Field(ge=0, le=2), Quantity("ln")]
    """Spread of the logarithm of that share among homes [ln]."""
    catch_up_time: Annotated[float, Field(ge=1), Quantity("month")]
    """Mean time until a willing home that is passed is connected [month]."""
    new_housing: NewHousingOptions
    """The building code by which new homes come with fibre."""

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


def logistic(level: float, ceiling: float, rate: float, years: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a logistic curve that passes through ``level`` at year 0, same shape as ``years``.

    A level at or above the ceiling stays where it is.
    """
    if level <= 0.0 or level >= ceiling:
        return np.full(years.shape, max(level, 0.0))
    odds = level / (ceiling - level) * np.exp(rate * years)
    return ceiling * odds / (1.0 + odds)


def estimate_demand(zone_kind: NDArray[np.str_], options: DemandOptions, horizon: Horizon) -> Demand:
    """Return what homes and people want in every month.

    ``zone_kind`` holds the kind (city, town, village) of each zone, shape (zones,).
    """
    kinds = np.array(ZONE_KINDS)
    code = np.argmax(np.asarray(zone_kind)[:, None] == kinds[None, :], axis=1).astype(np.int8)
    fixed_years = _years_since(options.fixed_reference_month, horizon)
    mobile_years = _years_since(options.mobile_reference_month, horizon)
    tiers, tier_share = _tiers(options, fixed_years)
    growth = 1.0 + options.traffic_growth_per_year
    monthly_gb = options.mobile_traffic * growth**mobile_years
    return Demand(
        zone_kind=code,
        fixed_willing=_fixed_willing(options, fixed_years),
        fixed_design=_fixed_willing(options, fixed_years[:1] + options.design_years)[0],
        mobile_willing=_mobile_willing(options, mobile_years),
        lte_ready=_ready(options.lte_launch, options, horizon),
        nr_ready=_ready(options.nr_launch, options, horizon),
        tiers_mbps=tiers,
        tier_share=tier_share,
        fixed_busy_mbps=options.fixed_busy_hour * growth**fixed_years,
        mobile_busy_mbps=busy_hour_mbps(monthly_gb, options.busy_hour_share),
        catch_up_per_month=1.0 / options.catch_up_time,
        delivered_share=options.delivered_share,
        delivered_spread=options.delivered_spread,
    )


def busy_hour_mbps(gigabytes_per_month: NDArray[np.float64], busy_hour_share: float) -> NDArray[np.float64]:
    """Return the mean rate at the busy hour of a monthly traffic, same shape [Mbit/s]."""
    megabits_per_day = gigabytes_per_month * _BITS_PER_BYTE * _MBIT_PER_GBIT / _DAYS_PER_MONTH
    return megabits_per_day * busy_hour_share / _SECONDS_PER_HOUR


def advance_subscribers(
    subscribers: NDArray[np.float64], wanted: NDArray[np.float64], catch_up: float, funded_share: float
) -> NDArray[np.float64]:
    """Return next month's subscribers: a share of those who wait is connected, those who left go.

    ``wanted`` is min(willing homes, homes passed), shape (zones,).
    """
    waiting = np.maximum(wanted - subscribers, 0.0)
    return np.minimum(subscribers, wanted) + catch_up * funded_share * waiting


def _years_since(label: str, horizon: Horizon) -> NDArray[np.float64]:
    return horizon.middle_years() - (month_number(label) + 0.5) / 12.0


def _fixed_willing(options: DemandOptions, years: NDArray[np.float64]) -> NDArray[np.float64]:
    price = (options.fixed_price / options.fixed_reference_price) ** options.price_elasticity
    columns = []
    for kind in ZONE_KINDS:
        urban = kind in URBAN_KINDS
        level = options.fixed_willing_urban if urban else options.fixed_willing_rural
        ceiling = options.fixed_ceiling_urban if urban else options.fixed_ceiling_rural
        ratio = options.income_ratio_urban if urban else options.income_ratio_rural
        factor = ratio**options.income_elasticity * price
        curve = logistic(level, ceiling, options.fixed_growth_per_year, years)
        columns.append(np.clip(curve * factor, 0.0, 1.0))
    return np.stack(columns, axis=1)


def _mobile_willing(options: DemandOptions, years: NDArray[np.float64]) -> NDArray[np.float64]:
    curve = logistic(options.mobile_willing, options.mobile_ceiling, options.mobile_growth_per_year, years)
    ratios = [
        options.income_ratio_urban if kind in URBAN_KINDS else options.income_ratio_rural
        for kind in ZONE_KINDS
    ]
    factors = np.array(ratios) ** options.income_elasticity
    return np.clip(curve[:, None] * factors[None, :], 0.0, options.mobile_ceiling)


def _ready(launch: str, options: DemandOptions, horizon: Horizon) -> NDArray[np.float64]:
    """Return the share of handsets replaced since a launch: exponential lifetimes."""
    age = np.maximum(_years_since(launch, horizon), 0.0)
    return 1.0 - np.exp(-age / options.handset_life_years)


def _tiers(
    options: DemandOptions, years: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the tiers and who wants which: a log-normal wish, rounded down to a tier on offer."""
    from scipy.special import ndtr

    tiers = np.array(options.tiers, dtype=np.float64)
    median = options.wanted_rate * (1.0 + options.wanted_rate_growth_per_year) ** years
    if options.wanted_rate_spread == 0.0:
        below = (tiers[None, 1:] > median[:, None]).astype(np.float64)
    else:
        below = ndtr(np.log(tiers[None, 1:] / median[:, None]) / options.wanted_rate_spread)
    edges = np.concatenate([np.zeros((len(years), 1)), below, np.ones((len(years), 1))], axis=1)
    return tiers, np.round(np.diff(edges, axis=1), 9).astype(np.float64)
