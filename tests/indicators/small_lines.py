"""Lines of the made-up area: what its five zones share and pay for, round enough to count by hand."""

import numpy as np

from sim.tables.demand import Demand, Tariffs, Things, Traffic
from sim.tables.lines import Lines

MONTHS = 4
TIERS = np.array([2.0, 8.0, 20.0, 100.0])
WANTED = np.array([[0.4, 0.3, 0.2, 0.1]] * MONTHS)
DELIVERED = 0.5
PRESENCE = np.array([0, 0, 1, 1, 2])
LINE_YUAN = np.array([40.0, 40.0, 30.0])
"""A line costs 40 yuan a month in cities and towns and 30 in villages; the entry package half of it."""
INCOME = np.array([24_000.0, 24_000.0, 6_000.0])
TARIFFS = Tariffs(
    fixed_index=np.ones((MONTHS, 3)),
    fixed_yuan=np.tile(LINE_YUAN, (MONTHS, 1)),
    entry_yuan=np.tile(LINE_YUAN / 2, (MONTHS, 1)),
    per_gb_yuan=np.array([100.0, 90.0, 80.0, 70.0]),
    income_yuan=np.tile(INCOME, (MONTHS, 1)),
)
THINGS = Things(
    uses=("meters", "trackers"),
    networks=("nbiot", "cellular"),
    per_home=np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]),
    per_resident=np.array([[0.0, 0.0, 0.0], [0.1, 0.1, 0.1]]),
    adopted=np.array([[0.5, 0.2]] * MONTHS),
    deep_share=np.array([0.4, 0.0]),
)
"""A meter in each urban home, half of them wanted; a tracker for ten residents, a fifth of them wanted."""
TRAFFIC = Traffic(fixed_gb=np.array([10.0, 11.0, 12.0, 13.0]), mobile_gb=np.array([0.1, 0.2, 0.3, 0.4]))


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
        tariffs=TARIFFS,
        traffic=TRAFFIC,
        things=THINGS,
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
