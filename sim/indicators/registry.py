"""Every indicator by name, and the one function that measures them all."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from sim.indicators import (
    access,
    cable,
    construction,
    coverage,
    finance,
    household,
    ipv6,
    money,
    narrowband,
    networks,
    people,
    radio,
    resilience,
    roads,
    sharing_rate,
    tariffs,
    things,
    traffic,
    transport,
    triple_play,
    uptake,
    villages,
    wireless,
)  # fmt: skip
from sim.indicators.base import SHARE, Evidence, Indicator, Series
from sim.indicators.composite import COMPOSITE
from sim.indicators.options import TargetOptions
from sim.tables.results import INDICATORS

if TYPE_CHECKING:
    import pandas as pd

    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.results import MonthlyState


def _nothing(evidence: Evidence) -> Series:
    """Return nothing: what the scorecard works out from the targets shows in no state."""
    return {}


MEMBERS = "the targets that are joined"
_JOINED = Indicator(
    COMPOSITE,
    SHARE,
    "targets named in the breakdown that hold, in each replication or draw; the scorecard measures it",
    _nothing,
    breakdowns=(MEMBERS,),
)
_ALL = (
    *access.INDICATORS,
    *coverage.INDICATORS,
    *villages.INDICATORS,
    *roads.INDICATORS,
    *narrowband.INDICATORS,
    *networks.INDICATORS,
    *cable.INDICATORS,
    *wireless.INDICATORS,
    *radio.INDICATORS,
    *household.INDICATORS,
    *uptake.INDICATORS,
    *people.INDICATORS,
    *tariffs.INDICATORS,
    *things.INDICATORS,
    *traffic.INDICATORS,
    *triple_play.INDICATORS,
    *transport.INDICATORS,
    *resilience.INDICATORS,
    *ipv6.INDICATORS,
    *sharing_rate.INDICATORS,
    *construction.INDICATORS,
    *finance.INDICATORS,
    *money.INDICATORS,
    _JOINED,
)
REGISTRY: Mapping[str, Indicator] = MappingProxyType({indicator.name: indicator for indicator in _ALL})


def compute_indicators(
    state: MonthlyState,
    events: pd.DataFrame,
    area: Area,
    horizon: Horizon,
    options: TargetOptions,
    replication: int = 0,
) -> pd.DataFrame:
    """Return the table of indicators of one replication; what cannot be measured is left out."""
    own = events[events["replication"] == replication]
    evidence = Evidence(state, area, horizon, options, own)
    names, breakdowns, units, values = [], [], [], []
    for indicator in REGISTRY.values():
        for breakdown, series in indicator.measure(evidence).items():
            names.append(indicator.name)
            breakdowns.append(breakdown)
            units.append(indicator.unit)
            # rounding keeps the last bits of a sum, which differ between processors, out of the file
            values.append(np.round(series, 9))
    months = evidence.months
    table = np.concatenate(values)
    known = ~np.isnan(table)
    return INDICATORS.frame(
        replication=np.full(int(known.sum()), replication),
        month=np.tile(np.arange(months), len(values))[known],
        indicator=np.repeat(np.array(names, dtype=object), months)[known],
        breakdown=np.repeat(np.array(breakdowns, dtype=object), months)[known],
        value=table[known],
        unit=np.repeat(np.array(units, dtype=object), months)[known],
    )
