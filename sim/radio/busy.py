"""The busy hour of a network month by month: load of the cells and rates of their users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.radio.link import thermal_noise_dbm
from sim.radio.load import Load, Traffic, solve_load
from sim.radio.onair import Network, NetworkOnAir, rate_carrier
from sim.radio.rates import Carrier, cell_means_mbps
from sim.radio.received import Cells, Heard

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from sim.radio.audience import Audience
    from sim.radio.options import RadioOptions

Floats = NDArray[np.float64]
_NEAREST = 18
"""Sites around a site whose activity counts: two rings of a regular network."""
_EXPONENT = 3.5
"""Activity around weighs by distance as power falls in open country."""
_HZ_PER_KHZ = 1e3


@dataclass(frozen=True, eq=False)
class SitesAround:
    """Interference as all other power times the mean activity of the sites around, the own too."""

    other_mw: Floats
    """Power of all but the server at full activity, shape (P,) [mW]."""
    server: NDArray[np.integer]
    """Cell of each receiver, -1 without one, shape (P,)."""
    site: NDArray[np.int32]
    """Site of each cell, shape (cells,)."""
    weights: csr_array
    """Weight of each site in the mean around another, shape (sites, sites)."""

    def power_mw(self, activity: Floats) -> Floats:
        """Return the power of all but the server, cells sending a share ``activity`` of the time [mW]."""
        around = around_sites(activity, self.site, self.weights)
        return np.asarray(self.other_mw * np.where(self.server >= 0, around[self.site[self.server]], 0.0))


def around_sites(activity: Floats, site: NDArray[np.int32], weights: csr_array) -> Floats:
    """Return the mean activity of the cells around each site, shape (sites,)."""
    count = weights.shape[0]
    cells = np.bincount(site, minlength=count)
    mean = np.bincount(site, activity, minlength=count) / np.maximum(cells, 1)
    return np.asarray(weights @ mean)


def site_weights(x_m: Floats, y_m: Floats, on: NDArray[np.bool_]) -> csr_array:
    """Return how much each site that is on counts around each of them, rows that sum to 1, (sites, sites).

    The nearest sites weigh as distance to the power of minus the path-loss exponent; the site itself, whose
    other sectors disturb too, weighs as the nearest one.
    """
    from scipy.sparse import csr_array
    from scipy.spatial import cKDTree

    rows, sites = np.flatnonzero(on), len(x_m)
    if len(rows) == 0:
        return csr_array((sites, sites))
    at = np.column_stack([x_m[rows], y_m[rows]])
    count = min(_NEAREST + 1, len(rows))
    distance, other = cKDTree(at).query(at, k=np.arange(1, count + 1))
    apart = np.where(distance > 0, distance, np.inf).min(axis=1)
    apart = np.where(np.isfinite(apart), apart, 1.0)
    weight = np.maximum(distance / apart[:, None], 1.0) ** -_EXPONENT
    weight = weight / weight.sum(axis=1, keepdims=True)
    return csr_array((weight.ravel(), (np.repeat(rows, count), rows[other.ravel()])), shape=(sites, sites))


@dataclass(frozen=True, eq=False)
class BusyHour:
    """One month's busy hour at P receivers and in all cells."""

    load: Load
    """At the receivers that are covered."""
    on: NDArray[np.int64]
    """Those receivers among the P."""
    activity: Floats
    """Share of the time for which each cell sends, shape (cells,)."""
    user_mbps: Floats
    """Mean rate of a user among the others, 0 without cover, shape (P,) [Mbit/s]."""
    alone_mbps: Floats
    """Rate of a user who has the cell alone, shape (P,) [Mbit/s]."""
    capacity_mbps: Floats
    """What each cell carries when its users share it, shape (cells,) [Mbit/s]."""


def noise_of(air: NetworkOnAir, options: RadioOptions) -> float:
    """Return the noise of a handset over one resource element [dBm]."""
    carrier = rate_carrier(air.name, air.network.carriers[air.carriers[0].name])
    return thermal_noise_dbm(carrier.subcarrier_spacing * _HZ_PER_KHZ, options.noise_figure)


def planned_entry_db(audience: Audience, network: Network) -> Floats:
    """Return the loss into the building for receivers that are planned indoors, 0 for others, (P,) [dB]."""
    indoors = network.planned_indoors(audience.kind) & audience.home
    return np.where(indoors, network.entry_db(audience.kind), 0.0)


def needed_dbm(audience: Audience, network: Network) -> Floats:
    """Return the power in the street that each receiver needs to be covered as planned, shape (P,) [dBm]."""
    return network.threshold_dbm() + network.margin_db() + planned_entry_db(audience, network)


class Busy:
    """The busy hours of a network: what is the same in all months."""

    def __init__(
        self, audience: Audience, air: NetworkOnAir, cells: Cells, heard: Heard, options: RadioOptions
    ) -> None:
        self.audience, self.air, self.cells, self.heard, self.options = audience, air, cells, heard, options
        network = air.network
        self.carrier: Carrier = rate_carrier(air.name, network.carriers[air.carriers[0].name])
        self.noise_dbm = noise_of(air, options)
        self.rows = np.flatnonzero(audience.people > 0)
        """Receivers with residents: the others ask for nothing."""
        self.entry_db = planned_entry_db(audience, network)[self.rows]
        self.wanted_dbm = needed_dbm(audience, network)[self.rows]
        self.people = audience.people[self.rows]
        self.before: Floats | None = None
        """Loads of the month before: a start from which those of the next are near."""
        of_carrier = [network.carriers[carrier.name] for carrier in air.carriers]
        usable = np.array([c.bandwidth * c.downlink_share * (1.0 - c.overhead) for c in of_carrier])
        self.width = (usable / usable[0])[cells.carrier]
        """Usable bandwidth of each cell over that of the first carrier, shape (cells,)."""

    def hour(self, month: int) -> BusyHour:
        """Return a month's busy hour; months come in order, so that each starts from the one before."""
        heard, cells, rows = self.heard, self.cells, self.rows
        rsrp = heard.serving_dbm[month, rows].astype(np.float64)
        covered = np.round(rsrp, 2) >= np.round(self.wanted_dbm, 2)
        server = np.where(covered, heard.cell[month, rows], -1)
        on = np.flatnonzero(covered)
        # What is added to a site is counted on its first carrier.
        added = np.where(cells.carrier == 0, self.air.capacity(cells.location, month), 1.0)
        capacity = self.width * added
        weights = site_weights(cells.site_x_m, cells.site_y_m, cells.site_month <= month)
        entry = 10.0 ** (-self.entry_db[on] / 10.0)
        around = SitesAround(heard.other_mw[month, rows[on]] * entry, server[on], cells.site, weights)
        traffic = Traffic(
            server=server[on],
            best_dbm=rsrp[on] - self.entry_db[on],
            demand_mbps=self._demand_mbps(month, on) / capacity[server[on]],
            cells=len(cells),
        )
        idle = self.options.idle_activity
        load = solve_load(
            traffic, around, self.noise_dbm, self.carrier, idle_activity=idle, start=self.before
        )
        self.before = load.wanted
        people = self.people[on]
        user, alone = np.zeros(len(rows)), np.zeros(len(rows))
        width = self.width[load.server]
        user[on], alone[on] = load.user_mbps * width, load.rate_mbps * width
        mean = cell_means_mbps(server[on], load.rate_mbps, people, len(cells), "throughput")
        return BusyHour(load, on, idle + (1.0 - idle) * load.share, user, alone, mean * capacity)

    def _demand_mbps(self, month: int, on: NDArray[np.int64]) -> Floats:
        """Return the traffic of covered receivers: a zone's users live where its covered residents do."""
        zone = self.audience.zone[self.rows[on]]
        covered = np.bincount(zone, self.people[on], minlength=self.air.traffic_mbps.shape[1])
        return np.asarray(self.air.traffic_mbps[month, zone] * self.people[on] / covered[zone])
