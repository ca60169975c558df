"""Draws of the parameters of demand, and what homes and people would do with each."""

from __future__ import annotations

from sim.ensemble.draws import Ensemble, draw_demand
from sim.ensemble.sample import Folded

__all__ = ["Ensemble", "Folded", "draw_demand"]
