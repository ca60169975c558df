"""Indicators of roads and railways: their length, and what of it has signal."""

from __future__ import annotations

from sim.indicators.base import ALL, SHARE, Evidence, Indicator, Series, divide
from sim.indicators.reach import CORRIDORS, road_length, signal_month
from sim.tables.layers import ROAD_GROUPS
from sim.tables.plan import MOBILE

_BROADBAND = ("umts", "lte", "nr")
_GROUPS = (ALL, *ROAD_GROUPS, CORRIDORS)


def road_coverage(evidence: Evidence) -> Series:
    """Return the share of the length of roads and railways with signal of 3G or LTE, by kind and class."""
    covered = road_length(evidence, signal_month(evidence, *_BROADBAND))
    whole = road_length(evidence, None)
    return {group: divide(covered[group], whole[group]) for group in whole}


def road_km(evidence: Evidence) -> Series:
    """Return the kilometres of major roads and railways outside tunnels, by kind and class."""
    return {group: length / 1000.0 for group, length in road_length(evidence, None).items()}


INDICATORS = (
    Indicator(
        "road_km",
        "km",
        "major roads and railways outside tunnels, by kind and class",
        road_km,
        breakdowns=_GROUPS,
    ),
    Indicator(
        "road_length_coverage_share",
        SHARE,
        "length of major roads and railways outside tunnels with signal of 3G or LTE, by kind and class",
        road_coverage,
        _BROADBAND,
        of="road_km",
        need=(MOBILE, 0.0),
        breakdowns=_GROUPS,
    ),
)
