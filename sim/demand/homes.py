"""Who would subscribe to a fixed line, by month and kind of zone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.demand.curves import logistic
from sim.demand.options import DemandOptions
from sim.tables.layers import URBAN_KINDS, ZONE_KINDS


def fixed_willing(options: DemandOptions, years: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of homes that would subscribe, shape (M, K)."""
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
