"""Indicators of how far feeder routes are shared between technologies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.indicators.base import ALL, Evidence, Indicator, Series, divide

USERS = ("dsl", "ftth", "cable")
"""Technologies whose plant runs along the feeder routes to every zone that they serve."""


def _first_month(evidence: Evidence, technology: str) -> NDArray[np.int64]:
    """Return the first month at whose end each zone is served, M where it never is, shape (Z,)."""
    months = evidence.months
    passed = evidence.passed(technology) > 0
    first = np.where(passed.any(axis=0), passed.argmax(axis=0), months)
    return np.asarray(first, dtype=np.int64)


def shared_routes(evidence: Evidence) -> Series:
    """Return the share of the feeder routes in use that two or more technologies use, by length.

    A technology uses a segment from the month in which it first serves a zone behind it. Let a(s) and
    b(s) be the first and second such month over technologies; the share of month m is the length of the
    segments with b(s) <= m over that of those with a(s) <= m.
    """
    feeders = evidence.state.feeders
    if feeders is None:
        return {}
    months = evidence.months
    used = np.full((len(USERS), len(feeders.length_m)), months, dtype=np.int64)
    for row, name in enumerate(USERS):
        np.minimum.at(used[row], feeders.segment, _first_month(evidence, name)[feeders.zone])
    used.sort(axis=0)
    return {ALL: divide(*(_length_since(feeders.length_m, used[row], months) for row in (1, 0)))}


def _length_since(
    length_m: NDArray[np.float64], first: NDArray[np.int64], months: int
) -> NDArray[np.float64]:
    """Return the length of the segments whose month has come, by month, shape (M,) [m]."""
    return np.asarray(np.bincount(first, length_m, months + 1)[:months].cumsum(), dtype=np.float64)


INDICATORS = (
    Indicator(
        "shared_route_share",
        "share",
        "length of the feeder routes in use that two or more of copper, fibre and cable use",
        shared_routes,
        USERS,
    ),
)
