"""Take-up among homes passed, rates wanted and busy-hour traffic.

Willingness runs on calendar time: a logistic curve through a level that was known before the first
month, moved by income and price. It is a forecast from what was known then, never a fit to what came.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.clock import Horizon
from sim.demand.curves import years_since
from sim.demand.homes import fixed_willing
from sim.demand.options import DemandOptions
from sim.demand.people import mobile_willing, ready
from sim.demand.tariffs import estimate_tariffs
from sim.demand.things import estimate_things
from sim.demand.tiers import tier_mix
from sim.demand.traffic import busy_hour_mbps, fixed_busy_mbps, mobile_gb, monthly_gb
from sim.tables.demand import Demand, Traffic
from sim.tables.layers import ZONE_KINDS


def estimate_demand(zone_kind: NDArray[np.str_], options: DemandOptions, horizon: Horizon) -> Demand:
    """Return what homes and people want in every month.

    ``zone_kind`` holds the kind (city, town, village) of each zone, shape (zones,).
    """
    kinds = np.array(ZONE_KINDS)
    code = np.argmax(np.asarray(zone_kind)[:, None] == kinds[None, :], axis=1).astype(np.int8)
    fixed_years = years_since(options.fixed_reference_month, horizon)
    mobile_years = years_since(options.mobile_reference_month, horizon)
    tiers, tier_share = tier_mix(options, fixed_years)
    fixed_busy, gigabytes = fixed_busy_mbps(options, horizon), mobile_gb(options, horizon)
    return Demand(
        zone_kind=code,
        fixed_willing=fixed_willing(options, fixed_years),
        fixed_design=fixed_willing(options, fixed_years[:1] + options.design_years)[0],
        mobile_willing=mobile_willing(options, mobile_years),
        lte_ready=ready(options.lte_launch, options, horizon),
        nr_ready=ready(options.nr_launch, options, horizon),
        tiers_mbps=tiers,
        tier_share=tier_share,
        fixed_busy_mbps=fixed_busy,
        mobile_busy_mbps=busy_hour_mbps(gigabytes, options.busy_hour_share),
        catch_up_per_month=1.0 / options.catch_up_time,
        delivered_share=options.delivered_share,
        delivered_spread=options.delivered_spread,
        tariffs=estimate_tariffs(options, horizon),
        traffic=Traffic(monthly_gb(fixed_busy, options.fixed_busy_hour_share), gigabytes),
        things=estimate_things(options.things, horizon),
    )
