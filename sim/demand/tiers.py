"""Rates that subscribers want, among those on offer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.demand.options import DemandOptions


def tier_mix(
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
