"""Demand: who would subscribe, to what, and how much they use."""

from __future__ import annotations

from sim.demand.curves import logistic
from sim.demand.estimate import estimate_demand
from sim.demand.housing import NewHousingOptions
from sim.demand.lines import advance_subscribers
from sim.demand.options import DemandOptions
from sim.demand.tiers import Campaign
from sim.demand.traffic import busy_hour_mbps

__all__ = [
    "Campaign",
    "DemandOptions",
    "NewHousingOptions",
    "advance_subscribers",
    "busy_hour_mbps",
    "estimate_demand",
    "logistic",
]
