"""The network behind access: what of it stands in month 0, and what it carries month by month.

Z zones hang on N points of presence, those on C county nodes, those on one core with its egress.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class StandingTransport:
    """The network behind access in month 0, and how it hangs together."""

    node: NDArray[np.int64]
    """Point of presence of each zone, -1 without one, shape (Z,)."""
    county: NDArray[np.int64]
    """County of each zone, shape (Z,)."""
    county_of_node: NDArray[np.int64]
    """County of each point of presence, shape (N,)."""
    uplink_mbps: NDArray[np.float64]
    """Uplink of each point of presence, shape (N,) [Mbit/s]."""
    ring_mbps: NDArray[np.float64]
    """Ring of each county, shape (C,) [Mbit/s]."""
    egress_mbps: float
    """Egress of the area [Mbit/s]."""
    egress_share: float
    """Share of the traffic that leaves the province, 0..1."""
    usable_load: float
    """Share of a link that the mean of the busy hour may take, 0..1."""
    diverse: NDArray[np.bool_]
    """Whether each county has two separate paths, shape (C,)."""
    ipv6: NDArray[np.bool_]
    """Whether each county's nodes speak IPv6, shape (C,)."""
    part: float = 1.0
    """Share of the province's residents in the area, 0..1."""


@dataclass(frozen=True, eq=False)
class Carried:
    """What the network behind access carries and could carry, by month: M months."""

    standing: StandingTransport
    """How it hangs together."""
    uplink_mbps: NDArray[np.float32]
    """Uplink of each point of presence, shape (M, N) [Mbit/s]."""
    uplink_load_mbps: NDArray[np.float32]
    """Its busy-hour traffic, shape (M, N) [Mbit/s]."""
    ring_mbps: NDArray[np.float32]
    """Ring of each county, shape (M, C) [Mbit/s]."""
    ring_load_mbps: NDArray[np.float32]
    """Its busy-hour traffic, shape (M, C) [Mbit/s]."""
    egress_gbps: NDArray[np.float64]
    """Egress of the province, shape (M,) [Gbit/s]; of a choice of counties as if all were built alike."""
    egress_load_gbps: NDArray[np.float64]
    """Busy-hour traffic that leaves the province, shape (M,) [Gbit/s]."""
    diverse: NDArray[np.bool_]
    """Whether each county has two separate paths, shape (M, C)."""
    ipv6: NDArray[np.bool_]
    """Whether each county's nodes speak IPv6, shape (M, C)."""
    backup: NDArray[np.bool_] | None = None
    """Whether each point of presence has a microwave link beside its uplink, shape (M, N); ``None``: none."""

    def node_mbps(self) -> NDArray[np.float64]:
        """Return what each point of presence can carry, shape (M, N) [Mbit/s].

        That is its uplink or, where that is less, its part by traffic of what the county's ring can carry.
        """
        import numpy as np

        county = self.standing.county_of_node
        load = self.ring_load_mbps[:, county].astype(np.float64)
        part = np.divide(self.uplink_load_mbps, load, out=np.ones_like(load), where=load > 0)
        return np.minimum(self.uplink_mbps, self.ring_mbps[:, county] * np.minimum(part, 1.0))

    def zone_mbps(self) -> NDArray[np.float32]:
        """Return what the way from each zone to the core can carry, 0 without one, shape (M, Z) [Mbit/s]."""
        import numpy as np

        none = np.zeros((len(self.uplink_mbps), 1))
        nodes = np.concatenate((self.node_mbps(), none), axis=1)  # the last column is that of node -1
        return np.asarray(nodes[:, self.standing.node], dtype=np.float32)

    def utilisation(self) -> NDArray[np.float64]:
        """Return load over capacity on the way from each point of presence to the core, shape (M, N).

        The fuller of its uplink and its county's ring counts.
        """
        import numpy as np

        county = self.standing.county_of_node
        ring = self.ring_load_mbps / self.ring_mbps
        fuller = np.maximum(self.uplink_load_mbps / self.uplink_mbps, ring[:, county])
        return np.asarray(fuller, dtype=np.float64)
