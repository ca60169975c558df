"""Who wants mobile broadband, and with which handset."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.clock import Horizon
from sim.demand.curves import logistic, years_since
from sim.demand.options import DemandOptions
from sim.tables.layers import URBAN_KINDS, ZONE_KINDS


def mobile_willing(options: DemandOptions, years: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of residents that want mobile broadband, shape (M, K)."""
    curve = logistic(options.mobile_willing, options.mobile_ceiling, options.mobile_growth_per_year, years)
    ratios = [
        options.income_ratio_urban if kind in URBAN_KINDS else options.income_ratio_rural
        for kind in ZONE_KINDS
    ]
    factors = np.array(ratios) ** options.income_elasticity
    return np.clip(curve[:, None] * factors[None, :], 0.0, options.mobile_ceiling)


def ready(launch: str, options: DemandOptions, horizon: Horizon) -> NDArray[np.float64]:
    """Return the share of handsets replaced since a launch: exponential lifetimes."""
    age = np.maximum(years_since(launch, horizon), 0.0)
    return 1.0 - np.exp(-age / options.handset_life_years)
