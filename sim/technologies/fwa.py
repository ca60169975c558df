"""Fixed wireless access: homes with an antenna outside on a carrier of the LTE or NR sites around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from sim.parameters import Quantity
from sim.radio import rates
from sim.radio.cells import reached
from sim.radio.link import milliwatt, sinr_db, thermal_noise_dbm
from sim.radio.onair import rate_carrier
from sim.tables.layers import TOWN, VILLAGE
from sim.tables.plan import ASSETS, CANDIDATES, FIXED, NEEDED, SERVICE, TERMINALS, Proposal, Task
from sim.technologies.base import (
    Days,
    Decibel,
    Mbps,
    Plant,
    Share,
    Sigma,
    YuanPerSite,
    YuanPerUnit,
    design_homes,
    prices,
)
from sim.technologies.radio import RadioNetwork
from sim.technologies.steps import TEST_PART, TEST_SHARE, acceptance, papers

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.demand import Demand

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_HZ_PER_KHZ = 1e3


@dataclass(frozen=True, eq=False)
class Links:
    """Homes and the sites that serve them; one row for each pair of site and point."""

    site: Ints
    """Index into the hosts, shape (pairs,)."""
    zone: Ints
    """Row of the zone, shape (pairs,)."""
    homes: Floats
    """Homes at the point, shape (pairs,)."""
    mbps: Floats
    """Rate of a home that has a sector's carrier alone, shape (pairs,) [Mbit/s]."""

    def of(self, rows: npt.NDArray[np.bool_]) -> Links:
        """Return some of the pairs."""
        return Links(self.site[rows], self.zone[rows], self.homes[rows], self.mbps[rows])


class Fwa(RadioNetwork):
    """Fixed wireless: terminals with an antenna at the eaves, served from standing or chosen sites."""

    name: ClassVar[str] = "fwa"
    use: ClassVar[str] = FIXED
    per_home: ClassVar[bool] = True
    skills: ClassVar[tuple[str, ...]] = ("radio", "install")
    reacts_to: ClassVar[tuple[str, ...]] = ("lte", "nr")

    host: Literal["lte", "nr"]
    """Network whose sites hold its carrier, and whose radio it speaks [network]."""
    terminal_gain: Annotated[float, Field(), Quantity("dBi")]
    """Gain of the antenna at the home towards its site [dBi]."""
    cable_loss: Decibel
    """Loss between that antenna and the terminal [dB]."""
    rejection: Decibel
    """How much less of the other sites that antenna hears, on average over directions [dB]."""
    noise_figure: Decibel
    """Noise of the terminal above thermal noise [dB]."""
    required_sinr: Annotated[float, Field(), Quantity("dB")]
    """Signal over noise from which a home is served [dB]."""
    usable_load: Share
    """Share of the carrier that homes may use at the busy hour [share]."""
    committed_rate: Mbps
    """Rate kept for each terminal at the busy hour [Mbit/s]."""
    homes_share: Share
    """Share of the homes without fibre that terminals are offered to [share]."""
    terminal_price: YuanPerUnit
    """Terminal with antenna, fitted [yuan/unit]."""
    carrier_price: YuanPerSite
    """Carrier on all sectors of a host, bought once for all the zones it serves [yuan/site]."""
    carrier_life: Annotated[float, Field(gt=0), Quantity("yr")]
    """Technical life of the carrier's radio units [yr]."""
    opex_per_terminal: Annotated[float, Field(ge=0), Quantity("yuan/unit/yr")]
    """Running cost of a terminal with its part of the carrier [yuan/unit/yr]."""
    lead_time: Days
    """Procurement, median [days]."""
    lead_time_spread: Sigma
    """Spread of the logarithm of the lead time [ln]."""
    fitting_days: Days
    """Days of a crew for one terminal [days]."""
    carrier_days: Days
    """Days of a radio crew to put the carrier on the air for one zone [days]."""
    host_growth: Share
    """Growth of the hosts after which zones are proposed anew [share]."""

    @property
    def standard(self) -> str:
        """Radio standard of its carriers."""
        return self.host

    def patience(self) -> float:
        """Return the growth of its hosts: a few new ones hardly change what can be served."""
        return self.host_growth

    def unit_mbps(self) -> float:
        """Return the rate kept for one terminal [Mbit/s]."""
        return self.committed_rate

    # -- radio -----------------------------------------------------------------------------------

    @property
    def radio(self) -> rates.Carrier:
        """What the rates of its carrier follow from."""
        return rate_carrier(self.host, self.carrier(self.coverage))

    def noise_dbm(self) -> float:
        """Return the noise of a terminal in one resource element [dBm]."""
        return thermal_noise_dbm(self.radio.subcarrier_spacing * _HZ_PER_KHZ, self.noise_figure)

    def threshold_dbm(self) -> float:
        """Return the power of a resource element at the home's antenna from which it is served [dBm]."""
        return self.noise_dbm() + self.required_sinr - self.terminal_gain + self.cable_loss

    def planned_indoors(self, kinds: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
        """Return false for every zone: the antenna hangs outside."""
        return np.zeros(kinds.shape, dtype=bool)

    def alone_mbps(self, signal_to_noise_db: npt.NDArray[np.floating]) -> Floats:
        """Return the rate of a home that has a sector's carrier alone, same shape [Mbit/s].

        References
        ----------
        3GPP TR 36.942, annex A (truncated Shannon bound), for each of the streams.
        """
        return np.asarray(self.radio.rate_mbps(signal_to_noise_db), dtype=np.float64)

    def links(self, area: Area, hosts: npt.NDArray[np.int32], homes: Floats) -> Links:
        """Return what these sites serve of the homes at each point, shape (P,), none where 0.

        A home's antenna points at one site and hears the others by ``rejection`` less, each for
        ``usable_load`` of the time; all hosts count as holding the carrier. Homes that would not get the
        committed rate alone are not served.
        """
        layer = self.layer()
        wanted = np.where(homes > 0, self.wanted_dbm(area, layer), np.inf)
        pairs = reached(area, layer, layer.sites(area, hosts), wanted)
        # What exceeds the wanted power exceeds the weakest signal by as much, with the shadow margin.
        over_db = pairs.received_dbm - wanted[pairs.point] + self.margin_db()
        signal_dbm = self.noise_dbm() + self.required_sinr + over_db
        signal_mw = milliwatt(signal_dbm)
        every_mw = np.bincount(pairs.point, signal_mw, minlength=len(homes))[pairs.point]
        heard_mw = signal_mw + (every_mw - signal_mw) * 10.0 ** (-self.rejection / 10.0)
        mbps = self.alone_mbps(sinr_db(signal_dbm, heard_mw, self.noise_dbm(), self.usable_load))
        found = Links(
            pairs.site.astype(np.int64),
            area.points["zone"].to_numpy(dtype=np.int64)[pairs.point],
            homes[pairs.point],
            mbps,
        )
        return found.of(mbps >= self.committed_rate)

    # -- what could be built ---------------------------------------------------------------------

    def open_homes(self, area: Area, plant: Plant) -> Floats:
        """Return the homes of each village or town zone that fibre does not pass, shape (Z,)."""
        kind = area.zones["kind"].to_numpy()
        fibre = plant.homes_share.get("ftth", np.zeros(len(kind)))
        return np.where((kind == VILLAGE) | (kind == TOWN), design_homes(area.zones) * (1.0 - fibre), 0.0)

    def propose(self, area: Area, demand: Demand, plant: Plant, horizon: Horizon) -> Proposal:
        """Return one candidate for each zone without all its fibre that one host can serve.

        Hosts are sites that stand or are under way, so no project is required. What a zone has been
        given is never proposed again and stays off the capacity of the host that serves it best now.
        """
        hosts = plant.site_locations.get(self.host, np.empty(0, dtype=np.int32))
        given = plant.homes_share.get(self.name, np.zeros(area.n_zones))
        opened = self.open_homes(area, plant)
        points = area.points
        zone = points["zone"].to_numpy()
        homes = np.where(
            (opened > 0)[zone] | (given > 0)[zone], points["homes"].to_numpy(dtype=np.float64), 0.0
        )
        links = self.links(area, hosts, homes)
        host = best_hosts(links, area.n_zones, len(hosts))
        mine = links.of(links.site == host[links.zone])
        total = np.bincount(zone, points["homes"].to_numpy(dtype=np.float64), minlength=area.n_zones)
        reach = np.bincount(mine.zone, mine.homes, minlength=area.n_zones) / np.maximum(total, 1.0)
        taken = given * design_homes(area.zones)
        asked = np.where(given > 0, 0.0, np.ceil(opened * reach * self.homes_share - 1e-9))
        room = self.room(mine, host, len(hosts))
        count = share_out(asked, taken, host, room)
        rows = np.flatnonzero(count > 0)
        return self._proposal(
            area, hosts[host[rows]], rows, count[rows], medians(mine, area.n_zones)[rows], horizon
        )

    def room(self, links: Links, host: Ints, sites: int) -> Floats:
        """Return the terminals that each host can keep the committed rate for, shape (sites,).

        Homes get the same rate, so that a sector carries the harmonic mean of what each gets alone;
        homes are taken as spread evenly over the sectors.
        """
        sector = rates.cell_means_mbps(links.site, links.mbps, links.homes, sites, "throughput")
        return np.floor(sector * self.sectors * self.usable_load / self.committed_rate)

    def _proposal(
        self,
        area: Area,
        locations: npt.NDArray[np.int32],
        zones: Ints,
        count: Floats,
        mbps: Floats,
        horizon: Horizon,
    ) -> Proposal:
        """Return the candidates of zones with their hosts' locations, terminals and rates."""
        ids = np.array(
            [f"fwa:{name}" for name in area.zones["zone_id"].to_numpy(dtype=str)[zones]], dtype=np.str_
        )
        names = area.locations["location_id"].to_numpy(dtype=str)
        carriers = np.array([f"fwa:{name}" for name in names[locations]], dtype=np.str_)
        used = np.unique(carriers)
        return Proposal(
            candidates=CANDIDATES.frame(
                project_id=ids,
                technology=self.name,
                use=self.use,
                zone=zones,
                location=-1,
                **prices({"terminal": count * self.terminal_price}, len(ids)),
                opex_fen_per_year=np.rint(count * self.opex_per_terminal * 100.0),
                available_month=self.available_month(horizon),
                field_days=count * self.fitting_days,
                build=TERMINALS,
                quantity=count,
                requires="",
            ),
            assets=ASSETS.frame(
                asset_id=used,
                kind="carrier",
                **prices({"active": self.carrier_price}, len(used)),
                life_years=self.carrier_life,
            ),
            needed=NEEDED.frame(project_id=ids, asset_id=carriers),
            service=SERVICE.frame(
                project_id=ids, zone=zones, point=-1, peak_mbps=mbps, capacity_mbps=self.committed_rate
            ),
        )

    def tasks(self, candidate: Mapping[str, Any]) -> tuple[Task, ...]:
        """Return papers, the carrier at the host, fitting at the homes, and the test.

        Every zone waits for a radio crew at the host, also where another has had the carrier put up.
        """
        sigma, days = self.lead_time_spread, float(candidate["field_days"])
        fitting = days * (1.0 - TEST_PART)
        return (
            *papers(self.lead_time, "fwa lead time", sigma, 0.6),
            Task("carrier", self.carrier_days, "radio", 0.1, "fwa field", sigma / 2.0),
            Task("fit", fitting, "install", 0.3 - TEST_SHARE, "fwa field", sigma / 2.0),
            acceptance(days, "fwa field", sigma / 2.0),
        )


def best_hosts(links: Links, zones: int, sites: int) -> Ints:
    """Return the site that would carry most to the homes of each zone, -1 where none would, shape (Z,).

    The measure is the rate of a home alone, summed over homes; of two equal sites the first.
    """
    host = np.full(zones, -1, dtype=np.int64)
    if len(links.site) == 0:
        return host
    key, row = np.unique(links.zone * sites + links.site, return_inverse=True)
    # Rounded, so that two sums of the same rates in another order are equal.
    worth = np.round(np.bincount(row, links.homes * links.mbps), 3)
    zone, site = key // sites, key % sites
    order = np.lexsort((site, -worth, zone))
    first = np.diff(zone[order], prepend=-1) > 0
    host[zone[order][first]] = site[order][first]
    return host


def share_out(asked: Floats, taken: Floats, host: Ints, room: Floats) -> Floats:
    """Return how many of the terminals asked for each zone gets, whole, shape (Z,).

    What is ``taken`` comes first; the zones of a host share what is left in proportion to what they ask.
    """
    served = host >= 0
    wanted, used = (
        np.bincount(host[served], amount[served], minlength=len(room)) for amount in (asked, taken)
    )
    left = np.maximum(room - used, 0.0)
    part = np.minimum(np.divide(left, wanted, out=np.zeros(len(room)), where=wanted > 0), 1.0)
    count = np.zeros(len(asked))
    count[served] = np.floor(asked[served] * part[host[served]] + 1e-9)
    return count


def medians(links: Links, zones: int) -> Floats:
    """Return the rate that half of each zone's homes do not exceed, 0 without homes, shape (Z,) [Mbit/s]."""
    order = np.lexsort((links.mbps, links.zone))
    zone, homes = links.zone[order], links.homes[order]
    total = np.bincount(zone, homes, minlength=zones)
    before = np.concatenate([[0.0], np.cumsum(total)[:-1]])
    reached_half = np.cumsum(homes) - before[zone] >= 0.5 * total[zone] - 1e-6
    result = np.zeros(zones)
    # The last one written is the lowest rate of the upper half.
    rows = np.flatnonzero(reached_half)[::-1]
    result[zone[rows]] = links.mbps[order][rows]
    return result
