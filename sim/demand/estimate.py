"""Take-up among homes passed, rates wanted and busy-hour traffic.

Willingness runs on calendar time: a logistic curve through a level that was known before the first
month, moved by income and price. It is a forecast from what was known then, never a fit to what came.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.clock import Horizon
from sim.demand.curves import years_since
from sim.demand.homes import homes_with_line, second_lines
from sim.demand.options import DemandOptions
from sim.demand.people import all_cards, broadband_cards, ready
from sim.demand.tariffs import estimate_tariffs, line_index
from sim.demand.things import estimate_things
from sim.demand.tiers import tier_mix
from sim.demand.traffic import busy_hour_mbps, fixed_busy_mbps, mobile_gb, monthly_gb
from sim.tables.demand import Demand, Traffic, held_share
from sim.tables.layers import ZONE_KINDS

HOURS_PER_DAY = 24.0
Floats = NDArray[np.float64]


def estimate_demand(zone_kind: NDArray[np.str_], options: DemandOptions, horizon: Horizon) -> Demand:
    """Return what homes and people want in every month.

    ``zone_kind`` holds the kind (city, town, village) of each zone, shape (zones,).
    """
    kinds = np.array(ZONE_KINDS)
    code = np.argmax(np.asarray(zone_kind)[:, None] == kinds[None, :], axis=1).astype(np.int8)
    years = years_since(options.fixed_reference_month, horizon)
    tiers, tier_share = tier_mix(options, years)
    tariffs = estimate_tariffs(options, horizon)
    held = held_share(1.0 / options.catch_up_time, options.churn)
    by_income = _willing(options, years, tariffs.fixed_index)
    at_end = years[:1] + options.design_years
    in_the_end = line_index(options.tariffs, options.fixed_reference_month, at_end)
    fixed_busy, gigabytes = fixed_busy_mbps(options, horizon), mobile_gb(options, horizon)
    return Demand(
        zone_kind=code,
        fixed_willing=by_income.mean(axis=2),
        fixed_design=_willing(options, at_end, in_the_end).mean(axis=2)[0] * held,
        mobile_willing=broadband_cards(options, horizon),
        lte_ready=ready(options.lte_launch, options, horizon),
        nr_ready=ready(options.nr_launch, options, horizon),
        tiers_mbps=tiers,
        tier_share=tier_share,
        fixed_busy_mbps=fixed_busy,
        mobile_busy_mbps=busy_hour_mbps(gigabytes, options.busy_hour_share),
        catch_up_per_month=1.0 / options.catch_up_time,
        delivered_share=options.delivered_share,
        delivered_spread=options.delivered_spread,
        willing_by_income=by_income,
        churn_per_month=options.churn,
        migration_per_month=1.0 / options.migration_time,
        second_lines=second_lines(options),
        mobile_cards=all_cards(options, horizon),
        cards_per_person=options.cards_per_person,
        mean_over_busy=min(1.0 / (HOURS_PER_DAY * options.fixed_busy_hour_share), 1.0),
        tariffs=tariffs,
        traffic=Traffic(monthly_gb(fixed_busy, options.fixed_busy_hour_share), gigabytes),
        things=estimate_things(options.things, horizon),
    )


def _willing(options: DemandOptions, years: Floats, price_index: Floats) -> Floats:
    """Return the share of homes that would have a line, by kind of zone and income, shape (M, K, G).

    Lines were counted while some homes were between two of them: those are willing, too. Kinds of zones
    with fewer groups than others repeat theirs.
    """
    held = held_share(1.0 / options.catch_up_time, options.churn)
    found = homes_with_line(options, years, price_index)
    groups = math.lcm(*(part.shape[1] for part in found))
    return np.stack(
        [np.clip(np.repeat(part, groups // part.shape[1], axis=1) / held, 0.0, 1.0) for part in found], axis=1
    )
