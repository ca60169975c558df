"""The fold of the log into what the network behind access carries by month, from uplinks to backup links."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.access.uplinks import BACKUP, EGRESS, IPV6, PREFIX, RING, UPLINK
from sim.tables.plan import FIXED, MOBILE
from sim.tables.transport import Carried, StandingTransport

if TYPE_CHECKING:
    from sim.tables.demand import Demand
    from sim.tables.ground import Projects

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_MBPS_PER_GBPS = 1e3


def zone_traffic_mbps(
    subscribers: NDArray[np.float32], uses: tuple[str, ...], demand: Demand
) -> NDArray[np.float64]:
    """Return the traffic of the busy hour in each zone by month, shape (M, Z) [Mbit/s].

    ``subscribers`` has the shape (M, T, Z), ``uses`` says what each technology is for. Fixed lines and users
    of mobile broadband count; satellite terminals do not pass the points of presence, things send nothing
    that would show.
    """
    months, _, zones = subscribers.shape
    total = np.zeros((months, zones))
    for row, use in enumerate(uses):
        if use in (FIXED, MOBILE):
            mbps = demand.fixed_busy_mbps if use == FIXED else demand.mobile_busy_mbps
            total += subscribers[:, row] * mbps[:, None]
    return total


def carry(
    projects: Projects,
    active: NDArray[np.int32],
    standing: StandingTransport,
    traffic_mbps: NDArray[np.float64],
) -> Carried:
    """Return what the network behind access carries and could carry by month.

    ``active`` is the month from which each project serves (M or more where it never does), ``traffic_mbps``
    the traffic of each zone, shape (M, Z). A step replaces the smaller ones before it.
    """
    months = len(traffic_mbps)
    built = _Built(projects, active, months)
    nodes, counties = len(standing.uplink_mbps), len(standing.ring_mbps)
    node, county = standing.node, standing.county
    always = np.zeros(len(node), dtype=np.int64)
    egress = built.capacity(EGRESS, always, np.array([standing.egress_mbps]))[:, 0]
    gbps = _MBPS_PER_GBPS * standing.part
    return Carried(
        standing=standing,
        uplink_mbps=built.capacity(UPLINK, node, standing.uplink_mbps).astype(np.float32),
        uplink_load_mbps=_by_group(traffic_mbps, node, nodes),
        ring_mbps=built.capacity(RING, county, standing.ring_mbps).astype(np.float32),
        ring_load_mbps=_by_group(traffic_mbps, county, counties),
        egress_gbps=egress / gbps,
        egress_load_gbps=traffic_mbps.sum(axis=1) * standing.egress_share / gbps,
        diverse=built.since(RING, county, standing.diverse),
        ipv6=built.since(IPV6, county, standing.ipv6),
        backup=built.since(BACKUP, node, np.zeros(nodes, dtype=bool)),
    )


def _by_group(traffic_mbps: Floats, group: Ints, count: int) -> NDArray[np.float32]:
    """Return the sums of traffic over groups of zones by month, shape (M, groups)."""
    inside = group >= 0
    sums = [np.bincount(group[inside], row[inside], count) for row in traffic_mbps]
    return np.array(sums, dtype=np.float32).reshape(len(traffic_mbps), count)


class _Built:
    """What the transport projects of a log serve from which month."""

    def __init__(self, projects: Projects, active: NDArray[np.int32], months: int) -> None:
        self.months = months
        kind = np.full(len(active), "", dtype=object)
        for project_id, at in projects.project_rows.items():
            if project_id.startswith(PREFIX):
                kind[at] = project_id.removeprefix(PREFIX).split(".", 1)[0]
        row = projects.pairs["row"].to_numpy()
        mine = (kind[row] != "") & (active[row] < months)
        self._kind = kind[row[mine]]
        self._month = active[row[mine]].astype(np.int64)
        self._zone = projects.pairs["zone"].to_numpy()[mine].astype(np.int64)
        self._mbps = projects.pairs["capacity_mbps"].to_numpy()[mine].astype(np.float64)

    def capacity(self, kind: str, group: Ints, standing_mbps: Floats) -> Floats:
        """Return the capacity of each group of zones by month, shape (M, groups) [Mbit/s]."""
        result = np.zeros((self.months, len(standing_mbps)))
        result[0] = standing_mbps
        rows = self._kind == kind
        np.maximum.at(result, (self._month[rows], group[self._zone[rows]]), self._mbps[rows])
        return np.asarray(np.maximum.accumulate(result, axis=0), dtype=np.float64)

    def since(self, kind: str, group: Ints, standing: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return whether each group of zones has it by month, shape (M, groups)."""
        result = np.zeros((self.months, len(standing)), dtype=bool)
        result[0] = standing
        rows = self._kind == kind
        result[self._month[rows], group[self._zone[rows]]] = True
        return np.asarray(np.logical_or.accumulate(result, axis=0), dtype=np.bool_)
