"""Indicators of what keeps townships connected when a link fails."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.indicators.base import ALL, RURAL, TOWN_AND_COUNTRY, URBAN, Evidence, Indicator, Series, divide
from sim.indicators.transport import urban_nodes
from sim.tables.plan import BACKUP, TRANSPORT

SATELLITE = "satellite"


def _with_satellite(evidence: Evidence, node: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """Return behind which points of presence a satellite terminal stands by month, shape (M, N)."""
    names = [evidence.state.technologies[row] for row in evidence.satellites]
    terminals = evidence.users(*names) > 0
    served = node >= 0
    return np.stack([np.bincount(node[served], row[served], count) > 0 for row in terminals])


def backup(evidence: Evidence) -> Series:
    """Return the share of points of presence with a second way out, by group.

    That is a county with two separate paths to the core, a microwave link beside the uplink, or a satellite
    terminal in one of the point's zones. Remote townships are the points whose homes are mostly rural.
    """
    carried = evidence.state.transport
    if carried is None or not len(carried.standing.uplink_mbps):
        return {}
    standing = carried.standing
    safe = carried.diverse[:, standing.county_of_node]
    if carried.backup is not None:
        safe = safe | carried.backup
    safe = safe | _with_satellite(evidence, standing.node, len(standing.uplink_mbps))
    urban = urban_nodes(evidence, carried)
    groups = {ALL: np.ones(len(urban), dtype=bool), URBAN: urban, RURAL: ~urban}
    return {
        name: divide(safe[:, mask].sum(axis=1, dtype=np.float64), np.full(evidence.months, float(mask.sum())))
        for name, mask in groups.items()
    }


INDICATORS = (
    Indicator(
        "remote_townships_backup_share",
        "share",
        "points of presence whose county has two separate paths to the core, or with a microwave link beside "
        "their uplink or a satellite terminal behind them; rural ones stand for remote townships",
        backup,
        (TRANSPORT, SATELLITE),
        need=(BACKUP, 0.0),
        breakdowns=TOWN_AND_COUNTRY,
    ),
)
