"""Rates that subscribers want, among those on offer, and the campaigns that raise them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from sim.clock import month_number
from sim.demand.units import Ratio
from sim.options import Options
from sim.parameters import Quantity

if TYPE_CHECKING:
    from sim.demand.options import DemandOptions

Floats = NDArray[np.float64]


class Campaign(Options):
    """A campaign, an entrant or a rule that raises the rates that subscribers want."""

    kind: Literal["speed-up", "competition"]
    """What it is: operators raise rates at the same price, or somebody new competes for homes [name]."""
    first_month: str
    """Month from which it takes effect [YYYY-MM]."""
    months: Annotated[float, Field(ge=0), Quantity("month")]
    """Months until it has its full effect, which rises evenly in logarithms [month]."""
    factor: Ratio
    """Rate wanted with its full effect over that without it [ratio]."""
    source: str
    """Where it was announced, and by whom."""

    @field_validator("first_month")
    @classmethod
    def _is_month(cls, value: str) -> str:
        month_number(value)
        return value

    def effect(self, reference_month: str, years: Floats) -> Floats:
        """Return the rate wanted over that without what the campaign did since a month, same shape.

        ``years`` are those since the reference month, whose level has in it what was in effect by then.
        """
        start = month_number(self.first_month) - month_number(reference_month) - 1
        return np.asarray(self.factor ** (self._done(12.0 * years - start) - self._done(-float(start))))

    def _done(self, months: Floats | float) -> Floats:
        """Return which part of the effect is there after so many months, same shape."""
        return np.asarray(np.clip(np.round(months, 6) / max(self.months, 1.0), 0.0, 1.0), dtype=np.float64)


def median_wanted(options: DemandOptions, years: Floats) -> Floats:
    """Return the median rate wanted so many years after the reference month, shape (M,) [Mbit/s]."""
    median = options.wanted_rate * (1.0 + options.wanted_rate_growth_per_year) ** years
    for campaign in options.campaigns.values():
        median = median * campaign.effect(options.fixed_reference_month, years)
    return np.asarray(median, dtype=np.float64)


def tier_mix(options: DemandOptions, years: Floats) -> tuple[Floats, Floats]:
    """Return the tiers and who wants which: a log-normal wish, rounded down to a tier on offer."""
    from scipy.special import ndtr

    tiers = np.array(options.tiers, dtype=np.float64)
    median = median_wanted(options, years)
    if options.wanted_rate_spread == 0.0:
        below = (tiers[None, 1:] > median[:, None]).astype(np.float64)
    else:
        below = ndtr(np.log(tiers[None, 1:] / median[:, None]) / options.wanted_rate_spread)
    edges = np.concatenate([np.zeros((len(years), 1)), below, np.ones((len(years), 1))], axis=1)
    return tiers, np.round(np.diff(edges, axis=1), 9).astype(np.float64)
