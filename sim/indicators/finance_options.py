"""What a scenario can say about the worth of its money: rates, lives, revenues, years evaluated."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from sim.finance import MONTHS_PER_YEAR, real_rate, weighted_capital_cost
from sim.options import Options
from sim.parameters import Quantity
from sim.tables.plan import ITEMS

Rate = Annotated[float, Field(ge=0, lt=1), Quantity("1/yr")]
Share = Annotated[float, Field(ge=0, le=1), Quantity("share")]
Years = Annotated[float, Field(gt=0), Quantity("yr")]
Monthly = Annotated[float, Field(ge=0), Quantity("yuan/month")]
Year = Annotated[str, Field(pattern=r"^[12][0-9]{3}$")]


class CapitalOptions(Options):
    """Where the money comes from, and what it costs there."""

    equity_share: Share
    """Share of the money that owners give; the rest is lent [share]"""
    cost_of_equity: Rate
    """What owners want a year [1/yr]"""
    cost_of_debt: Rate
    """Interest a year [1/yr]"""
    tax: Share
    """Tax on profit, which interest lowers [share]"""


class FinanceOptions(Options):
    """How cash flows are counted, discounted and continued after the last month."""

    rate: Rate
    """Yearly rate of return that money must bring, before inflation is taken off [1/yr]"""
    capital: CapitalOptions | None = None
    """Where the money comes from; its weighted cost then takes the place of ``rate``"""
    inflation: Annotated[float, Field(ge=0, lt=1), Quantity("1/yr")]
    """Expected inflation: amounts are in constant prices, so the rate is lowered by it [1/yr]"""
    years_after: Annotated[float, Field(ge=0, le=60), Quantity("yr")]
    """Years after the last month in which plant goes on to cost and earn what it then does [yr]"""
    residual_value: bool
    """Whether plant that has life left at the end counts with that share of its price [yes/no]"""
    lives: dict[str, Years]
    """Technical life by item of price, after which it is bought anew; shared assets have their own [yr]"""
    radio_life: Years
    """The same of base stations, the active item of mobile networks [yr]"""
    fixed_arpu: Annotated[dict[Year, Monthly], Field(min_length=1)]
    """Revenue of a fixed line by calendar year, linear between, level outside [yuan/month]"""
    moved_share: Share
    """Part of it that counts where new plant takes over a line that old plant could serve [share]"""
    mobile_arpu: Annotated[dict[Year, Monthly], Field(min_length=1)]
    """Revenue of a mobile customer by calendar year, linear between, level outside [yuan/month]"""
    data_share: Share
    """Part of it that mobile broadband adds where 2G served before [share]"""
    nr_uplift: Annotated[float, Field(ge=0), Quantity("share")]
    """What a 5G user pays more than others [share]"""
    iot_connections: Annotated[
        dict[Year, Annotated[float, Field(ge=0), Quantity("connections/person")]], Field(min_length=1)
    ]
    """Things connected per resident where NB-IoT covers, by calendar year [connections/person]"""
    iot_arpu: Annotated[float, Field(ge=0), Quantity("yuan/connection/yr")]
    """Revenue of a connected thing [yuan/connection/yr]"""
    network_share: Share
    """Part of revenue left for the network after staff, selling, billing and interconnection [share]"""

    @model_validator(mode="after")
    def _every_item_has_a_life(self) -> FinanceOptions:
        missing = [item for item in ITEMS if item not in self.lives]
        foreign = [item for item in self.lives if item not in ITEMS]
        if missing or foreign:
            said = [f"lacks {', '.join(missing)}"] * bool(missing)
            said += [f"names {', '.join(foreign)}, which is no item of price"] * bool(foreign)
            raise ValueError(f"lives {' and '.join(said)}; the items are {', '.join(ITEMS)}")
        return self

    @property
    def months_after(self) -> int:
        """Months evaluated after those of the run."""
        return round(MONTHS_PER_YEAR * self.years_after)

    @property
    def nominal_rate(self) -> float:
        """The rate of return wanted, from the cost of capital where that is given [1/yr]."""
        one = self.capital
        if one is None:
            return self.rate
        return weighted_capital_cost(one.equity_share, one.cost_of_equity, one.cost_of_debt, one.tax)

    @property
    def real_rate(self) -> float:
        """The same in constant prices [1/yr]."""
        return real_rate(self.nominal_rate, self.inflation)
