"""How busy cells are when each one's traffic is carried at rates that the others' traffic disturbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.radio.link import milliwatt
from sim.radio.rates import Carrier

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float64]
_MOST_ROUNDS = 1000
_SETTLED = 1e-6


@dataclass(frozen=True, eq=False)
class Traffic:
    """P receivers, the cell that serves each, and what they ask for at the busy hour."""

    server: NDArray[np.integer]
    """Cell of each receiver, -1 without one, shape (P,)."""
    best_dbm: NDArray[np.floating]
    """Power of the serving cell, of the bandwidth of the noise, shape (P,) [dBm]."""
    demand_mbps: NDArray[np.floating]
    """Busy-hour traffic, shape (P,) [Mbit/s]."""
    cells: int
    """How many cells there are."""


class Interference(Protocol):
    """Power of the other cells at each receiver, as a function of how busy they are."""

    def power_mw(self, activity: Floats) -> Floats:
        """Return the power of all but the server, cells sending a share ``activity`` of the time [mW]."""
        ...


@dataclass(frozen=True, eq=False)
class EachCell:
    """Interference cell by cell: exact, for networks whose pairs of receiver and cell fit in memory."""

    power_mw_of_cell: csr_array
    """Power of every cell but the server, shape (P, cells) [mW]."""

    @classmethod
    def without_server(cls, power_mw: csr_array, server: NDArray[np.integer]) -> EachCell:
        """Return the interference of all cells' powers, shape (P, cells), less each receiver's own."""
        from scipy.sparse import csr_array

        pairs = power_mw.tocoo()
        keep = pairs.col != server[pairs.row]
        place = (pairs.row[keep], pairs.col[keep])
        return cls(csr_array((pairs.data[keep], place), shape=power_mw.shape))

    def power_mw(self, activity: Floats) -> Floats:
        """Return the power of all but the server, cells sending a share ``activity`` of the time [mW]."""
        return np.asarray(self.power_mw_of_cell @ activity)


@dataclass(frozen=True, eq=False)
class CellsAround:
    """Interference as the total power times the mean activity of the cells around the server.

    An approximation that needs one figure a receiver. It is exact where the cells around are equally
    busy; where traffic is strewn by chance over a regular network, SINR is off by 1 to 2 dB and the
    mean load by 0.02, but a single cell's load by up to 0.3. Naming the strongest interferers cell by
    cell (``of`` with ``listed``, then ``Together``) leaves 0.6 dB and 0.1 with one, 0.15 dB and 0.03 with
    four.
    """

    other_mw: Floats
    """Power of all but the server at full activity, shape (P,) [mW]."""
    server: NDArray[np.integer]
    """Cell of each receiver, -1 without one, shape (P,)."""
    weights: csr_array
    """Weight of each cell in the mean around another, rows that sum to 1 (or 0), shape (cells, cells)."""

    @classmethod
    def of(
        cls,
        best_dbm: NDArray[np.floating],
        total_mw: NDArray[np.floating],
        server: NDArray[np.integer],
        weights: csr_array,
        listed: EachCell | None = None,
    ) -> CellsAround:
        """Return the interference from the best and the total power of each receiver, less listed cells."""
        other = np.asarray(total_mw, dtype=np.float64) - milliwatt(np.asarray(best_dbm, dtype=np.float64))
        if listed is not None:
            other = other - listed.power_mw_of_cell.sum(axis=1)
        return cls(np.maximum(other, 0.0), server, weights)

    def power_mw(self, activity: Floats) -> Floats:
        """Return the power of all but the server, cells sending a share ``activity`` of the time [mW]."""
        around = self.weights @ activity
        return np.asarray(self.other_mw * np.where(self.server >= 0, around[self.server], 0.0))


@dataclass(frozen=True, eq=False)
class Together:
    """Interference in parts: the strongest cells one by one and the rest as a mean, say."""

    parts: tuple[Interference, ...]

    def power_mw(self, activity: Floats) -> Floats:
        """Return the power of all but the server, cells sending a share ``activity`` of the time [mW]."""
        return np.asarray(sum(part.power_mw(activity) for part in self.parts))


def neighbour_weights(
    x_m: NDArray[np.floating],
    y_m: NDArray[np.floating],
    site_of_cell: NDArray[np.integer],
    exponent: float,
    nearest: int = 18,
) -> csr_array:
    """Return how much each cell counts in the mean activity around another, shape (cells, cells).

    ``x_m`` and ``y_m`` are the sites'. The cells of the nearest sites weigh as the distance between the
    sites to the power of minus the path-loss ``exponent``; the other cells of the same site weigh as
    those of the nearest site. Eighteen sites are two rings of a regular network.
    """
    from scipy.sparse import csr_array, diags_array
    from scipy.spatial import KDTree

    sites, cells = len(x_m), len(site_of_cell)
    count = min(nearest + 1, sites)
    distance, other = KDTree(np.column_stack([x_m, y_m])).query(
        np.column_stack([x_m, y_m]), k=np.arange(1, count + 1)
    )
    apart = np.where(distance > 0, distance, np.inf).min(axis=1)
    apart = np.where(np.isfinite(apart), apart, 1.0)
    ratio = np.maximum(distance / apart[:, None], 1.0)
    own = np.repeat(np.arange(sites), count)
    of_site = csr_array(((ratio**-exponent).ravel(), (own, other.ravel())), shape=(sites, sites))
    member = csr_array((np.ones(cells), (np.arange(cells), site_of_cell)), shape=(cells, sites))
    weights = (member @ of_site @ member.T).tocoo()
    keep = weights.row != weights.col
    weights = csr_array((weights.data[keep], (weights.row[keep], weights.col[keep])), shape=(cells, cells))
    total = weights.sum(axis=1)
    inverse = np.divide(1.0, total, out=np.zeros(cells), where=total > 0)
    return csr_array(diags_array(inverse) @ weights)


@dataclass(frozen=True, eq=False)
class Load:
    """The state in which every cell's load and every receiver's rate fit together."""

    wanted: Floats
    """Share of its time that each cell would need to carry its traffic, above 1 if it cannot, (cells,)."""
    sinr_db: Floats
    """Mean over time of what other cells leave, minus infinity without a server, shape (P,) [dB]."""
    rate_mbps: Floats
    """Rate of a receiver that has its cell alone, shape (P,) [Mbit/s]."""
    server: NDArray[np.integer]
    """Cell of each receiver, -1 without one, shape (P,)."""
    unserved_mbps: float
    """Traffic of receivers that no cell could carry even alone [Mbit/s]."""
    rounds: int
    """Rounds until nothing moved."""

    @property
    def share(self) -> Floats:
        """Share of its time that each cell is busy, at most 1, shape (cells,)."""
        return np.minimum(self.wanted, 1.0)

    @property
    def overloaded(self) -> NDArray[np.int64]:
        """Cells that cannot carry their traffic, by number."""
        return np.flatnonzero(self.wanted > 1.0)

    @property
    def carried_share(self) -> Floats:
        """Share of its traffic that each cell carries, shape (cells,)."""
        return np.asarray(1.0 / np.maximum(self.wanted, 1.0))

    @property
    def user_mbps(self) -> Floats:
        """Mean rate of a user among the others of the cell, 0 in an overloaded one, shape (P,) [Mbit/s].

        References
        ----------
        Processor sharing: the rate alone times the share of time that the cell is idle.
        """
        idle = np.where(self.server >= 0, 1.0 - self.share[self.server], 0.0)
        return np.asarray(self.rate_mbps * idle)


def solve_load(
    traffic: Traffic,
    interference: Interference,
    noise_dbm: float,
    carrier: Carrier,
    *,
    idle_activity: float = 0.0,
    start: Floats | None = None,
) -> Load:
    """Return the load of every cell at which rates and loads agree.

    A cell's load is the time its receivers' traffic takes at their rates; a cell sends, and so disturbs
    others, for ``idle_activity`` of the time when idle and all the time when its load is 1 or more. The
    rounds start from full load and fall monotonically to the fixed point, so that an early stop would
    be pessimistic; from another ``start``, shape (cells,), they reach the same point, near it in fewer
    rounds. A receiver that could be served without interference takes at least the time of the
    lowest rate: no cell grows less busy because its neighbours grow busier.

    References
    ----------
    Siomina and Yuan, Analysis of Cell Load Coupling for LTE Network Planning and Optimization, IEEE
    Trans. Wireless Communications 11(6), 2012; Yates, A Framework for Uplink Power Control in Cellular
    Radio Systems, IEEE JSAC 13(7), 1995 (convergence).
    """
    signal = milliwatt(np.asarray(traffic.best_dbm, dtype=np.float64))
    noise = float(milliwatt(noise_dbm))
    with np.errstate(divide="ignore"):
        alone = carrier.rate_mbps(10.0 * np.log10(signal / noise))
    able = (traffic.server >= 0) & (alone > 0)
    cell, demand = traffic.server[able], np.asarray(traffic.demand_mbps, dtype=np.float64)
    slowest = max(carrier.lowest_mbps, np.finfo(np.float64).tiny)
    wanted: Floats = np.ones(traffic.cells) if start is None else start
    rounds, moved = 0, np.inf
    while moved > _SETTLED and rounds < _MOST_ROUNDS:
        busy = np.minimum(wanted, 1.0)
        other = interference.power_mw(idle_activity + (1.0 - idle_activity) * busy)
        with np.errstate(divide="ignore"):
            sinr = 10.0 * np.log10(signal / (other + noise))
        rate = carrier.rate_mbps(sinr)
        time = demand[able] / np.maximum(rate[able], slowest)
        wanted = np.asarray(np.bincount(cell, time, minlength=traffic.cells), dtype=np.float64)
        moved = float(np.abs(np.minimum(wanted, 1.0) - busy).max(initial=0.0))
        rounds += 1
    served = traffic.server >= 0
    return Load(
        wanted=wanted,
        sinr_db=np.where(served, sinr, -np.inf),
        rate_mbps=np.where(served, rate, 0.0),
        server=traffic.server,
        unserved_mbps=float(demand[~able].sum()),
        rounds=rounds,
    )
