"""Shared segments of coaxial plant: how many are needed for homes, reach and the busy hour."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_ROUNDING = 1e-9
"""Keeps a load that fits exactly from needing one more segment."""


def segments_by_point(homes: Floats, zone: NDArray[np.int32], per_segment: float, zones: int) -> Floats:
    """Return the segments of each zone when none spans two settlements or buildings, shape (Z,).

    ``homes`` are those of each point, shape (P,); a point with homes has one segment at least, so thin
    settlements have more segments for the same homes.
    """
    each = np.ceil(np.asarray(homes) / per_segment - _ROUNDING)
    return np.bincount(zone, each, minlength=zones).astype(np.float64)


def segments_for_traffic(
    subscribers: Floats, segment_mbps: float, kept_mbps: Floats, busy_mbps: float
) -> Floats:
    """Return the segments that leave every subscriber the kept rate at the busy hour, same shape.

    With ``n`` of ``s`` subscribers on a segment of rate ``C``, each of whom asks ``b`` on average, an active
    one gets ``C - (s / n) b`` (processor sharing); it is at least ``k`` from ``n = s b / (C - k)`` on.
    A kept rate that the segment cannot give even to one user needs infinitely many.

    References
    ----------
    Bonald and Proutiere, Queueing Systems 44, 2003: the mean rate of one user is the rate left by the load.
    """
    room = segment_mbps - np.asarray(kept_mbps, dtype=np.float64)
    wanted = np.asarray(subscribers, dtype=np.float64) * busy_mbps
    needed = np.divide(wanted, room, out=np.full(np.shape(wanted + room), np.inf), where=room > 0)
    return np.asarray(np.ceil(needed - _ROUNDING), dtype=np.float64)


def fits_in_reach(homes_per_km2: Floats, homes: float, reach_m: float) -> NDArray[np.bool_]:
    """Return whether that many homes stand in a circle of the reach, at each density, same shape."""
    circle_km2 = math.pi * (reach_m / 1000.0) ** 2
    return np.asarray(homes_per_km2) * circle_km2 >= homes
