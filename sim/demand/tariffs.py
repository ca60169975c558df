"""What lines and mobile data cost, and what people have to pay it with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from sim.clock import Horizon, month_number
from sim.demand.curves import years_since
from sim.demand.units import Elasticity, Ratio, Share
from sim.options import Options
from sim.parameters import Quantity
from sim.tables.demand import Tariffs
from sim.tables.layers import URBAN_KINDS, ZONE_KINDS

if TYPE_CHECKING:
    from sim.demand.options import DemandOptions

_MONTHS_PER_YEAR = 12.0
_ROUNDING = 1e-9
"""Keeps the month in which a cut begins from being lost to the rounding of years."""

Floats = NDArray[np.float64]
Change = Annotated[float, Field(ge=-0.9, le=5), Quantity("1/yr")]
Income = Annotated[float, Field(gt=0), Quantity("yuan/person/yr")]


class TariffCut(Options):
    """A price that is lowered from a month on, beyond what was expected: a package, a campaign, a rule."""

    first_month: str
    """First month of the lower price [YYYY-MM]."""
    factor: Ratio
    """Price afterwards over the price before [ratio]."""
    of: Literal["line", "data"] = "line"
    """What costs less: fixed lines with their entry package, or mobile data [name]."""
    kinds: tuple[Literal["city", "town", "village"], ...] = ("city", "town", "village")
    """Kinds of zones in which a line costs less [names]."""

    @field_validator("first_month")
    @classmethod
    def _is_month(cls, value: str) -> str:
        month_number(value)
        return value


class TariffOptions(Options):
    """Prices and incomes by year, in yuan of the price year: what was known and expected at the start."""

    line_change_per_year: Change
    """Yearly change of the price of a fixed line beside general inflation; its level is ``fixed_price`` at
    the reference month [1/yr]."""
    expected_change_per_year: Change
    """Yearly change of that price while the growth of take-up was observed: only what departs from it moves
    take-up [1/yr]."""
    entry_share: Share
    """Price of the entry package over the mean price of a line [share]."""
    data_reference_month: str
    """Month of the price of mobile data below [YYYY-MM]."""
    data_price: Annotated[float, Field(ge=0), Quantity("yuan/GB")]
    """Price of mobile data, revenue over traffic [yuan/GB]."""
    data_change_per_year: Change
    """Yearly change of that price beside general inflation [1/yr]."""
    data_price_elasticity: Elasticity
    """Change of the traffic of a mobile user for a change of that price beyond the yearly one, both relative
    [ratio]."""
    income_reference_month: str
    """Month in the middle of the year of the incomes below [YYYY-MM]."""
    income_urban: Income
    """Disposable income of an urban resident of the nation [yuan/person/yr]."""
    income_rural: Income
    """Disposable (before 2013: net) income of a rural resident of the nation [yuan/person/yr]."""
    income_growth_per_year: Change
    """Yearly growth of incomes beside general inflation [1/yr]."""
    cuts: Mapping[str, TariffCut] = Field(default_factory=dict)
    """Lower prices beyond what was expected, by name."""

    @field_validator("data_reference_month", "income_reference_month")
    @classmethod
    def _is_month(cls, value: str) -> str:
        month_number(value)
        return value


def line_index(options: TariffOptions, reference_month: str, years: Floats) -> Floats:
    """Return the price of a line over the price expected when take-up was observed, shape (M, K).

    ``years`` are those since the reference month, middle to middle, shape (M,); they may lie beyond the
    horizon. Take-up moves with this index to the power of its price elasticity; without cuts, and where
    prices change as expected, it is 1.
    """
    departure = (1.0 + options.line_change_per_year) / (1.0 + options.expected_change_per_year)
    index = np.repeat((departure**years)[:, None], len(ZONE_KINDS), axis=1)
    for cut in options.cuts.values():
        if cut.of == "line":
            begun = years >= _years_between(reference_month, cut.first_month) - _ROUNDING
            held = np.isin(ZONE_KINDS, cut.kinds)
            index[np.ix_(begun, held)] *= cut.factor
    return index


def estimate_tariffs(options: DemandOptions, horizon: Horizon) -> Tariffs:
    """Return prices and incomes by month and kind of zone, in yuan of the price year."""
    tariffs, reference = options.tariffs, options.fixed_reference_month
    years = years_since(reference, horizon)
    index = line_index(tariffs, reference, years)
    expected = options.fixed_price * (1.0 + tariffs.expected_change_per_year) ** years
    line = expected[:, None] * index
    ratios = {True: options.income_ratio_urban, False: options.income_ratio_rural}
    levels = {True: tariffs.income_urban, False: tariffs.income_rural}
    income = np.array([ratios[kind in URBAN_KINDS] * levels[kind in URBAN_KINDS] for kind in ZONE_KINDS])
    growth = (1.0 + tariffs.income_growth_per_year) ** years_since(tariffs.income_reference_month, horizon)
    data_years = years_since(tariffs.data_reference_month, horizon)
    data = tariffs.data_price * (1.0 + tariffs.data_change_per_year) ** data_years
    return Tariffs(
        fixed_index=index,
        fixed_yuan=line,
        entry_yuan=line * tariffs.entry_share,
        per_gb_yuan=data * data_index(tariffs, horizon),
        income_yuan=growth[:, None] * income[None, :],
    )


def data_index(options: TariffOptions, horizon: Horizon) -> Floats:
    """Return the price of mobile data over the price without cuts, shape (M,)."""
    index = np.ones(horizon.months)
    for cut in options.cuts.values():
        if cut.of == "data":
            index[max(horizon.index(cut.first_month), 0) :] *= cut.factor
    return index


def _years_between(first: str, last: str) -> float:
    return (month_number(last) - month_number(first)) / _MONTHS_PER_YEAR
