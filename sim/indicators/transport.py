"""Indicators of the network behind access: egress, load of uplinks and rings, two paths, IPv6."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.indicators.base import (
    ALL,
    EACH_PREFECTURE,
    RURAL,
    TOWN_AND_COUNTRY,
    URBAN,
    Evidence,
    Indicator,
    Series,
    divide,
)
from sim.tables.plan import EGRESS, IPV6, TRANSPORT

if TYPE_CHECKING:
    from sim.tables.transport import Carried

CITY_GROUPS: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "Jinan": (("济南", "Jinan"),),
        "Changsha, Zhuzhou and Xiangtan": (
            ("长沙", "Changsha"),
            ("株洲", "Zhuzhou"),
            ("湘潭", "Xiangtan"),
        ),
    }
)
"""Prefectures that a target names together, each by the beginnings of its names."""
MEAN, OVERLOADED = "mean", "homes over the usable load"
"""Breakdowns of utilisation: the mean over homes, and the share of them behind what is too full."""
_GBPS_PER_TBPS = 1e3


def egress_capacity(evidence: Evidence) -> Series:
    """Return the capacity that leaves the province [Tbit/s]."""
    carried = evidence.state.transport
    return {} if carried is None else {ALL: carried.egress_gbps / _GBPS_PER_TBPS}


def egress_growth(evidence: Evidence) -> Series:
    """Return the egress over that of the first month, over the same ratio of the traffic that leaves."""
    carried = evidence.state.transport
    if carried is None or not carried.egress_load_gbps[0] > 0 or not carried.egress_gbps[0] > 0:
        return {}
    capacity = carried.egress_gbps / carried.egress_gbps[0]
    return {ALL: divide(capacity, carried.egress_load_gbps / carried.egress_load_gbps[0])}


def egress_utilisation(evidence: Evidence) -> Series:
    """Return the busy-hour traffic that leaves the province over the egress."""
    carried = evidence.state.transport
    if carried is None:
        return {}
    return {ALL: divide(carried.egress_load_gbps, carried.egress_gbps)}


def _nodes_of_county(carried: Carried) -> NDArray[np.int64]:
    """Return the nodes of each county: its points of presence and its own, shape (C,)."""
    counties = len(carried.standing.ring_mbps)
    presence = np.bincount(carried.standing.county_of_node, minlength=counties)
    own = np.bincount(carried.standing.county, minlength=counties) > 0
    return np.asarray(presence + own, dtype=np.int64)


def _prefecture_of_county(evidence: Evidence, carried: Carried) -> NDArray[np.int64]:
    """Return the row of each county's prefecture, shape (C,); 0 for a county without zones."""
    rows = np.zeros(len(carried.standing.ring_mbps), dtype=np.int64)
    rows[carried.standing.county] = evidence.prefecture
    return rows


def _groups(evidence: Evidence) -> dict[str, NDArray[np.int64]]:
    """Return the rows of the prefectures of each breakdown by place."""
    names = evidence.prefectures
    groups = {name: np.array([row]) for row, name in enumerate(names)}
    for group, members in CITY_GROUPS.items():
        rows = [row for row, name in enumerate(names) if any(name.startswith(m) for m in members)]
        if len(rows) == len(members):
            groups[group] = np.array(rows)
    return groups


def ipv6_ready(evidence: Evidence) -> Series:
    """Return the share of nodes that speak IPv6, in all and by prefecture."""
    carried = evidence.state.transport
    if carried is None:
        return {}
    count = _nodes_of_county(carried).astype(np.float64)
    prefecture = _prefecture_of_county(evidence, carried)
    ready = carried.ipv6.astype(np.float64)
    result = {ALL: divide(ready @ count, np.full(evidence.months, count.sum()))}
    for name, rows in _groups(evidence).items():
        here = np.where(np.isin(prefecture, rows), count, 0.0)
        result[name] = divide(ready @ here, np.full(evidence.months, here.sum()))
    return result


def diverse_paths(evidence: Evidence) -> Series:
    """Return the share of points of presence whose county has two separate paths."""
    carried = evidence.state.transport
    if carried is None:
        return {}
    county = carried.standing.county_of_node
    urban = urban_nodes(evidence, carried)
    groups = {ALL: np.ones(len(county), dtype=bool), URBAN: urban, RURAL: ~urban}
    return {
        name: divide(
            carried.diverse[:, county[mask]].sum(axis=1, dtype=np.float64),
            np.full(evidence.months, float(mask.sum())),
        )
        for name, mask in groups.items()
    }


def urban_nodes(evidence: Evidence, carried: Carried) -> NDArray[np.bool_]:
    """Return the points of presence whose homes at the start are mostly urban, shape (N,)."""
    node, count = carried.standing.node, len(carried.standing.uplink_mbps)
    served = node >= 0
    urban = evidence.masks[URBAN]
    homes = evidence.state.homes[0].astype(np.float64)
    every = np.bincount(node[served], homes[served], count)
    mine = np.bincount(node[served], (homes * urban)[served], count)
    return np.asarray(2.0 * mine > every)


def uplink_utilisation(evidence: Evidence) -> Series:
    """Return how full uplinks and rings are at the busy hour.

    The mean over homes, urban and rural, and the share of homes behind points of presence whose uplink or
    ring takes more than the usable load.
    """
    carried = evidence.state.transport
    if carried is None or not len(carried.standing.uplink_mbps):
        return {}
    use = carried.utilisation()
    standing = carried.standing
    served = standing.node >= 0
    urban = np.asarray(evidence.masks[URBAN])
    result = {}
    for name, mask in ((MEAN, served), (URBAN, served & urban), (RURAL, served & ~urban)):
        homes = evidence.state.homes[:, mask]
        mean = np.einsum("mz,mz->m", homes, use[:, standing.node[mask]])
        result[name] = divide(mean, homes.sum(axis=1, dtype=np.float64))
    homes = evidence.state.homes[:, served]
    over = (use > standing.usable_load)[:, standing.node[served]]
    result[OVERLOADED] = divide(
        (homes * over).sum(axis=1, dtype=np.float64), homes.sum(axis=1, dtype=np.float64)
    )
    return result


_WHO = (TRANSPORT,)
INDICATORS = (
    Indicator(
        "egress_capacity_tbps",
        "Tbit/s",
        "capacity from the province to others; of a choice of counties as if all were built alike",
        egress_capacity,
        _WHO,
        need=(EGRESS, 0.0),
    ),
    Indicator(
        "egress_growth_over_traffic",
        "ratio",
        "growth of the egress since the first month over that of the traffic that leaves the province",
        egress_growth,
        _WHO,
        need=(EGRESS, 0.0),
    ),
    Indicator(
        "egress_utilisation",
        "ratio",
        "traffic that leaves the province at the busy hour over the egress",
        egress_utilisation,
        _WHO,
    ),
    Indicator(
        "ipv6_ready_nodes_share",
        "share",
        "points of presence and county nodes that speak IPv6, in all and by prefecture",
        ipv6_ready,
        _WHO,
        need=(IPV6, 0.0),
        breakdowns=(ALL, EACH_PREFECTURE, *CITY_GROUPS),
    ),
    Indicator(
        "pops_with_diverse_paths_share",
        "share",
        "points of presence whose county has two separate paths to the core",
        diverse_paths,
        _WHO,
        breakdowns=TOWN_AND_COUNTRY,
    ),
    Indicator(
        "uplink_utilisation",
        "ratio",
        "load over capacity of uplink or ring at the busy hour, mean over homes; homes behind too full ones",
        uplink_utilisation,
        _WHO,
        breakdowns=(MEAN, URBAN, RURAL, OVERLOADED),
    ),
)
