"""Indicators of traffic: gigabytes a month, and how often the capacity of shared lines is sold."""

from __future__ import annotations

import numpy as np

from sim.indicators.access import LINES
from sim.indicators.base import ALL, EACH_TECHNOLOGY, Evidence, Indicator, Series, divide
from sim.tables.demand import Traffic
from sim.tables.plan import FIXED


def _traffic(evidence: Evidence) -> Traffic | None:
    return None if evidence.state.lines is None else evidence.state.lines.demand.traffic


def fixed_traffic(evidence: Evidence) -> Series:
    """Return the monthly traffic of a fixed line."""
    traffic = _traffic(evidence)
    return {} if traffic is None else {ALL: traffic.fixed_gb}


def mobile_traffic(evidence: Evidence) -> Series:
    """Return the monthly traffic of a user of mobile broadband."""
    traffic = _traffic(evidence)
    return {} if traffic is None else {ALL: traffic.mobile_gb}


def overbooking(evidence: Evidence) -> Series:
    """Return the rates paid for on shared lines over the capacity they share, by technology."""
    state, result = evidence.state, {}
    if state.lines is None:
        return {}
    for name, units in state.lines.units.items():
        row = state.technologies.index(name)
        if state.uses[row] != FIXED:
            continue
        users = state.subscribers[:, row]
        capacity = np.where(users > 0, units * state.lines.unit_mbps[name], 0.0)
        sold = users * state.subscribed_mbps[:, row]
        result[name] = divide(evidence.total(sold), evidence.total(capacity))
    return result


INDICATORS = (
    Indicator(
        "fixed_traffic_gb_per_line", "GB/line/month", "mean monthly traffic of a fixed line", fixed_traffic
    ),
    Indicator(
        "mobile_traffic_gb_per_user",
        "GB/user/month",
        "mean monthly traffic of a user of mobile broadband",
        mobile_traffic,
    ),
    Indicator(
        "line_overbooking",
        "ratio",
        "rates paid for on shared lines over the capacity that they share, by technology",
        overbooking,
        LINES,
        breakdowns=(EACH_TECHNOLOGY,),
    ),
)
