"""Who would subscribe to a fixed line, by month, kind of zone and income."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.demand.curves import Adoption
from sim.demand.units import Ratio
from sim.options import Options
from sim.tables.layers import URBAN_KINDS, ZONE_KINDS

if TYPE_CHECKING:
    from sim.demand.options import DemandOptions

Floats = NDArray[np.float64]
Groups = Annotated[tuple[Ratio, ...], Field(min_length=1)]


class IncomeGroups(Options):
    """Equal groups of homes by income, the poorest first: each one's income over the mean of all."""

    urban: Groups
    """Incomes of groups of urban homes over their mean [ratio]."""
    rural: Groups
    """Incomes of groups of rural homes over their mean [ratio]."""


def second_lines(options: DemandOptions) -> Floats:
    """Return the lines beyond the first for each home with a line, more where people earn more, (K,)."""
    ratios = np.array([income_ratio(options, kind) for kind in ZONE_KINDS])
    return np.asarray(options.second_lines * ratios**options.second_lines_elasticity, dtype=np.float64)


def income_ratio(options: DemandOptions, kind: str) -> float:
    """Return the income of the province over the nation's in a kind of zone."""
    return options.income_ratio_urban if kind in URBAN_KINDS else options.income_ratio_rural


def homes_with_line(options: DemandOptions, years: Floats, price_index: Floats) -> list[Floats]:
    """Return the share of homes that hold a line, were all passed, by kind of zone, each of shape (M, G).

    ``years`` are those since the reference month, shape (M,), ``price_index`` what a line costs over what
    was expected then, shape (M, K). Statistics count the lines of shops and offices, so that the level
    of homes lies below them. The mean over the groups is that level where incomes and prices are those of
    the nation.
    """
    found = []
    for place, kind in enumerate(ZONE_KINDS):
        urban = kind in URBAN_KINDS
        lines = options.fixed_willing_urban if urban else options.fixed_willing_rural
        ceiling = options.fixed_ceiling_urban if urban else options.fixed_ceiling_rural
        groups = np.array(options.income_groups.urban if urban else options.income_groups.rural)
        bass = (options.fixed_innovation, options.fixed_imitation) if options.fixed_curve == "bass" else None
        curve = Adoption(lines / (1.0 + options.second_lines), ceiling, options.fixed_growth_per_year, bass)
        poorer = options.income_elasticity * np.log(groups)
        price = options.fixed_price / options.fixed_reference_price * price_index[:, place]
        push = (
            curve.balance(poorer)
            + poorer[None, :]
            + options.income_elasticity * np.log(income_ratio(options, kind))
            + options.price_elasticity * np.log(price)[:, None]
        )
        found.append(curve.at(years[:, None], push))
    return found
