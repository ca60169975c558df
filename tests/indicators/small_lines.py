"""Lines of the made-up area: what its five zones share and pay for, round enough to count by hand."""

import numpy as np

from sim.tables.demand import Demand
from sim.tables.lines import Lines

MONTHS = 4
TIERS = np.array([2.0, 8.0, 20.0, 100.0])
WANTED = np.array([[0.4, 0.3, 0.2, 0.1]] * MONTHS)
DELIVERED = 0.5
PRESENCE = np.array([0, 0, 1, 1, 2])


def demand(busy=0.8):
    kinds = 3
    return Demand(
        zone_kind=np.array([0, 1, 2, 2, 0], dtype=np.int8),
        fixed_willing=np.full((MONTHS, kinds), 0.5),
        fixed_design=np.full(kinds, 0.5),
        mobile_willing=np.full((MONTHS, kinds), 0.5),
        lte_ready=np.full(MONTHS, 0.4),
        nr_ready=np.zeros(MONTHS),
        tiers_mbps=TIERS,
        tier_share=WANTED,
        fixed_busy_mbps=np.full(MONTHS, busy),
        mobile_busy_mbps=np.full(MONTHS, 0.02),
        catch_up_per_month=0.5,
        delivered_share=DELIVERED,
    )


def lines(busy=0.8, units=2.0, rate=60.0, **changes):
    none = np.zeros((MONTHS, 5), dtype=np.float32)
    behind = none + np.float32(units)
    values = {
        "demand": demand(busy),
        "units": {"ftth": behind},
        "unit_mbps": {"ftth": none + np.float32(rate)},
        "pooled": frozenset(),
        "presence": PRESENCE,
        "built": none,
        "built_with_fibre": none,
    }
    return Lines(**(values | changes))
