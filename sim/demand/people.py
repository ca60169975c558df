"""Cards of mobile broadband, and the handsets that they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.clock import Horizon
from sim.demand.curves import Adoption, years_since
from sim.demand.homes import income_ratio
from sim.tables.layers import ZONE_KINDS

if TYPE_CHECKING:
    from sim.demand.options import DemandOptions

Floats = NDArray[np.float64]


def broadband_cards(options: DemandOptions, horizon: Horizon, ratios: Floats | None = None) -> Floats:
    """Return the cards of mobile broadband (3G or later) wanted per resident, shape (M, K).

    Persons follow the curve to their ceiling, each with so many cards, but no more than there are handsets
    that know 3G. ``ratios`` are incomes over the nation's; those of the province without.
    """
    years = years_since(options.mobile_reference_month, horizon)
    level, growth = options.mobile_willing, options.mobile_growth_per_year
    curve = Adoption(level / options.cards_per_person, options.mobile_ceiling, growth)
    handsets = stock(options.umts_launch, options, horizon)[:, None] * all_cards(options, horizon, ratios)
    return np.minimum(_cards(options, curve, years, ratios), handsets)


def all_cards(options: DemandOptions, horizon: Horizon, ratios: Floats | None = None) -> Floats:
    """Return the cards of all generations in use per resident, shape (M, K)."""
    years = years_since(options.cards_reference_month, horizon)
    level, growth = options.mobile_cards, options.mobile_cards_growth_per_year
    curve = Adoption(level / options.cards_per_person, options.mobile_ceiling, growth)
    return _cards(options, curve, years, ratios)


def ready(launch: str, options: DemandOptions, horizon: Horizon) -> Floats:
    """Return the share of the nation's cards of mobile broadband in a handset of a generation, shape (M,).

    Handsets of all cards are replaced alike; those that know the generation are in the hands of those
    who want mobile broadband.
    """
    nation = np.ones(len(ZONE_KINDS))
    everyone, broadband = (cards(options, horizon, nation)[:, 0] for cards in (all_cards, broadband_cards))
    there = stock(launch, options, horizon)
    return np.minimum(np.divide(there * everyone, broadband, out=there.copy(), where=broadband > 0), 1.0)


def stock(launch: str, options: DemandOptions, horizon: Horizon) -> Floats:
    """Return the share of handsets in use that know a generation, shape (M,)."""
    return turnover(years_since(launch, horizon), options.handset_life_years, options.handset_ramp_years)


def turnover(age: Floats, life: float, ramp: float) -> Floats:
    """Return the share of handsets in use that know a generation so many years after its launch, same shape.

    A handset is replaced after a mean life L (exponential lifetimes); of those sold a share n knows the
    generation, which rises in a straight line from nothing at the launch to all after the ramp T. So the
    stock R follows dR/dt = (n - R) / L: (t - L (1 - exp(-t / L))) / T on the ramp, and what is left to
    replace dies out exponentially after it.
    """
    age = np.maximum(age, 0.0)
    if ramp <= 0.0:
        return np.asarray(1.0 - np.exp(-age / life), dtype=np.float64)
    on_ramp = np.minimum(age, ramp)
    known = (on_ramp - life * (1.0 - np.exp(-on_ramp / life))) / ramp
    return np.asarray(1.0 - (1.0 - known) * np.exp(-(age - on_ramp) / life), dtype=np.float64)


def _cards(options: DemandOptions, persons: Adoption, years: Floats, ratios: Floats | None) -> Floats:
    if ratios is None:
        ratios = np.array([income_ratio(options, kind) for kind in ZONE_KINDS])
    push = options.income_elasticity * np.log(ratios)
    return np.asarray(options.cards_per_person * persons.at(years[:, None], push[None, :]), dtype=np.float64)
