"""The optical distribution network: how far a split reaches, and how much cable a zone takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MST_CONSTANT = 0.6331
"""Length of the minimum spanning tree of n random points on area A, divided by sqrt(n A).

References
----------
Cortina-Borja and Robinson, Statistics and Probability Letters 47 (2000) 125-128 (estimate 0.6331).
"""


def largest_split(
    distance_m: NDArray[np.float64],
    splits: Sequence[int],
    splitter_loss_db: Sequence[float],
    *,
    budget_db: float,
    fibre_db_per_km: float,
    other_db: float,
) -> NDArray[np.int32]:
    """Return the largest split ratio whose loss stays within the optical budget, shape of distance.

    0 where even the smallest split does not reach.

    References
    ----------
    ITU-T G.984.2 (classes of optical budget) and G.671 (losses of splitters).
    """
    left_db = budget_db - other_db - fibre_db_per_km * distance_m / 1000.0
    result = np.zeros(distance_m.shape, dtype=np.int32)
    for split, loss_db in sorted(zip(splits, splitter_loss_db, strict=True)):
        result[left_db >= loss_db] = split
    return result


def tree_length_m(count: NDArray[np.float64], area_m2: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the expected length of a spanning tree over random points on an area, same shape [m]."""
    return MST_CONSTANT * np.sqrt(np.maximum(count, 0.0) * area_m2)
