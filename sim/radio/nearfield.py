"""How far around a site its path loss must be computed in full, and what is left of the law beyond."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.radio.law import NEAREST_M, PIECES, LossLaw
from sim.radio.sites import Sites

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_FLAT = 32.0
"""From so many antenna heights on, the angle below the horizon is height over distance (to 0.0006 degree)."""
_WHOLE_SHARE = 0.4
"""A site whose near field is a larger share of its radius is computed in full everywhere."""
_SAMPLES = 160
_BLOCK = 2048


def far_pieces(sites: Sites) -> tuple[Floats, Integers]:
    """Return for each site where its near field ends and which piece of the law holds beyond.

    The law is a maximum of straight lines, so that beyond their last crossing one of them is left. The
    near field is a square, large enough too for the small-angle form of the elevation.
    """
    near, far = np.zeros(len(sites)), np.zeros(len(sites), dtype=np.int64)
    for start in range(0, len(sites), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(sites)))
        near[rows], far[rows] = _crossings(sites.law.take(rows), sites.radius_m[rows])
    height = np.abs(sites.height_m - sites.terminal_height_m)
    near = np.maximum(near, np.maximum(_FLAT * height, 2.0 * NEAREST_M))
    return np.where(near > _WHOLE_SHARE * sites.radius_m, np.inf, near), far


def _crossings(law: LossLaw, radius_m: Floats) -> tuple[Floats, Integers]:
    """Return the distance beyond the last crossing, infinite if a slanting piece is left, and its piece."""
    steps = np.linspace(0.0, 1.0, _SAMPLES)
    distance = NEAREST_M * (np.maximum(radius_m, 2.0 * NEAREST_M)[:, None] / NEAREST_M) ** steps
    squared = distance**2 + law.rise_m[:, None] ** 2
    loss = law.intercept_db[..., None] + law.slope_db[..., None] * np.log(squared)[:, None]
    linear = law.linear_db_per_m[:, None] * np.minimum(np.sqrt(squared), law.linear_end_m[:, None])
    loss[:, :-1] += linear[:, None]
    far = loss[:, :, -1].argmax(axis=1)
    mine = np.take_along_axis(loss, far[:, None, None], axis=1)[:, 0]
    other = (loss.max(axis=1) > mine).cumsum(axis=1)
    crossing = np.minimum((other < other[:, -1:]).sum(axis=1) + (other[:, -1] > 0), _SAMPLES - 1)
    near = np.where(other[:, -1] > 0, distance[np.arange(len(distance)), crossing], 0.0)
    slanting = (far < PIECES - 1) & (law.linear_db_per_m != 0.0)
    ends = np.where(law.linear_end_m <= radius_m, law.linear_end_m, np.inf)
    return np.where(slanting, np.maximum(near, ends), near), far
