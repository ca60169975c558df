"""Homes and people by month: the way from one census to the next, exact by county."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.geo.shares import partial

Ints = NDArray[np.int64]

FIRST_CENSUS = 2010 + 10 / 12
SECOND_CENSUS = 2020 + 10 / 12


def by_month(years: NDArray[np.float64], ends: tuple[Ints, Ints], county: Ints) -> NDArray[np.int32]:
    """Return the figure of each zone at each moment, shape (moments, zones).

    Parameters
    ----------
    years
        Moments as decimal years, shape (moments,).
    ends
        The figures of both censuses, each of shape (zones,).
    county
        County row of each zone.

    Notes
    -----
    A county's total is the rounded linear interpolation; what zones lose and gain on the way is
    rounded apart, so that each zone goes from its first to its second figure without a step back.
    """
    first, second = ends
    gain, loss = np.maximum(second - first, 0), np.maximum(first - second, 0)
    counties = int(county.max(initial=-1)) + 1
    gains, losses = (np.bincount(county, steps, counties).astype(np.int64) for steps in (gain, loss))
    result = np.empty((len(years), len(first)), dtype=np.int32)
    for row, share in enumerate(np.clip((years - FIRST_CENSUS) / (SECOND_CENSUS - FIRST_CENSUS), 0.0, 1.0)):
        if share in (0.0, 1.0):
            result[row] = first if share == 0.0 else second
            continue
        lost = np.round(losses * share).astype(np.int64)
        change = np.round((gains - losses) * share).astype(np.int64)
        won = np.clip(lost + change, 0, gains)
        result[row] = (
            first
            + partial(gain, county, won, float(share))
            - partial(loss, county, won - change, float(share))
        )
    return result
