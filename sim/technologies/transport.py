"""Transport: uplinks of points of presence, county rings, the province's egress, IPv6 and backup links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from sim.access.nodes import Nodes, most_urban, nodes_of
from sim.access.uplinks import (
    BACKUP,
    EGRESS,
    IPV6,
    PREFIX,
    RING,
    UPLINK,
    Ladder,
    UplinkOptions,
    Wait,
    busy_load_mbps,
    ladder,
    standing_rings_mbps,
    standing_uplinks_mbps,
    step_ids,
    uplink_ladder,
)
from sim.clock import month_number
from sim.parameters import Quantity
from sim.tables import plan
from sim.tables.plan import Proposal, Task
from sim.tables.transport import StandingTransport
from sim.technologies.base import (
    Days,
    KmPerDay,
    Mbps,
    Plant,
    Share,
    Sigma,
    Technology,
    YuanPerMetre,
    YuanPerUnit,
)
from sim.technologies.steps import TEST_PART, TEST_SHARE, acceptance, papers
from sim.technologies.works import Works, after

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.demand import Demand

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PerResident = Annotated[float, Field(ge=0), Quantity("kbps/person")]
USES = dict.fromkeys((UPLINK, RING), plan.TRANSPORT)
USES |= {EGRESS: plan.EGRESS, IPV6: plan.IPV6, BACKUP: plan.BACKUP}
ENDS, PATHS = 2, 2
"""A link has two ends, a ring two paths."""
_KBPS_PER_MBPS = 1e3


class Transport(Technology, UplinkOptions):
    """Capacity behind access: uplinks, rings and egress; IPv6, and backup links of points of presence."""

    name: ClassVar[str] = "transport"
    use: ClassVar[str] = plan.TRANSPORT
    skills: ClassVar[tuple[str, ...]] = ("fibre", "install")

    small_price: YuanPerUnit
    """Smallest interface with its part of the card and optics, one end of a link [yuan/unit]."""
    medium_price: YuanPerUnit
    """The next interface likewise [yuan/unit]."""
    large_price: YuanPerUnit
    """Largest interface likewise [yuan/unit]."""
    line_price: YuanPerMetre
    """Longer optics and amplifiers of one link, each metre of its route [yuan/m]."""
    route_factor: Annotated[float, Field(ge=1), Quantity("ratio")]
    """Length of a route over the straight distance [ratio]."""
    path_price: YuanPerMetre
    """Cable of the second path of a county that has one path alone [yuan/m]."""
    path_new_share: Share
    """Share of that path on which nothing stands yet [share]."""
    civil_share: Share
    """Share of the metre price that is digging, poles and labour [share]."""
    egress_price: Annotated[float, Field(ge=0), Quantity("yuan/Gbps")]
    """Capacity to other provinces, both ends and the amplified line between [yuan/Gbit/s]."""
    ipv6_node_price: YuanPerUnit
    """Dual stack on the equipment of one point of presence [yuan/unit]."""
    ipv6_county_price: YuanPerUnit
    """Dual stack on a county's node, its gateways and address records [yuan/unit]."""
    backup_hop: Annotated[float, Field(gt=0), Quantity("km")]
    """Longest microwave hop of a backup link [km]."""
    backup_price: Annotated[float, Field(ge=0), Quantity("yuan/hop")]
    """Microwave hop, both ends with antennas [yuan/hop]."""
    backup_rate: Mbps
    """Capacity of such a hop [Mbit/s]."""
    opex_share: Annotated[float, Field(ge=0, le=1), Quantity("1/yr")]
    """Yearly running cost as a share of the price [1/yr]."""
    egress_per_resident: PerResident
    """Egress of the province in month 0 for each resident of the census of 2010 [kbit/s/person]."""
    egress_share: Share
    """Share of the traffic that leaves the province: what caches inside it do not serve [share]."""
    egress_lasts: Wait
    """How long a step of the egress must suffice; it comes in any size [months]."""
    egress_goal: PerResident
    """Egress that a policy wants, for each resident likewise; 0 without one [kbit/s/person]."""
    egress_goal_month: str
    """Month by whose end it is wanted; egress grows evenly towards it [YYYY-MM]."""
    diverse_share: Share
    """Share of the points of presence whose county has two separate paths in month 0 [share]."""
    ipv6_share: Share
    """Share of the nodes that speak IPv6 in month 0 [share]."""
    lead_time: Days
    """Order and delivery of equipment for uplinks, rings and nodes, median [days]."""
    egress_lead_time: Days
    """Order, delivery and line of capacity to other provinces, median [days]."""
    lead_time_spread: Sigma
    """Spread of the logarithm of the lead times [ln]."""
    fitting_days: Days
    """Days of a crew for one end of a link [days]."""
    ipv6_days: Days
    """Days of office work for one node [days]."""
    aerial_pace: KmPerDay
    """Cable of a second path that one crew builds in a day [km/crew/day]."""

    @field_validator("egress_goal_month")
    @classmethod
    def _is_goal_month(cls, value: str) -> str:
        month_number(value)
        return value

    # -- what stands -----------------------------------------------------------------------------

    def standing(self, area: Area, part: float = 1.0) -> StandingTransport:
        """Return the network of month 0; ``part`` is the area's share of the province's residents.

        Two paths and IPv6 stand in the counties with most urban residents, as many as the shares allow.
        """
        nodes = nodes_of(area)
        counties = len(nodes.seat)
        presence = np.bincount(nodes.county, minlength=counties)
        return StandingTransport(
            node=nodes.of_zone,
            county=nodes.county_of_zone,
            county_of_node=nodes.county,
            uplink_mbps=standing_uplinks_mbps(area, nodes, self),
            ring_mbps=standing_rings_mbps(area, nodes, self),
            egress_mbps=self._of_residents(area, self.egress_per_resident),
            egress_share=self.egress_share,
            usable_load=self.usable_load,
            diverse=most_urban(area, nodes, presence, self.diverse_share),
            ipv6=most_urban(area, nodes, presence + (nodes.seat >= 0), self.ipv6_share),
            part=part,
        )

    @staticmethod
    def _of_residents(area: Area, kbps: float) -> float:
        """Return a rate for each resident as a rate of the area [Mbit/s]."""
        return float(area.zones["population_2010"].to_numpy(np.int64).sum()) * kbps / _KBPS_PER_MBPS

    # -- what could be built -----------------------------------------------------------------------

    def propose(self, area: Area, demand: Demand, plant: Plant, horizon: Horizon) -> Proposal:
        """Return every step of uplinks, rings and egress that the forecast asks for; IPv6 and backup links.

        The forecast is known from the start, so all steps are proposed at once, each with the first month
        in which it may be funded; a later step requires the one before.
        """
        nodes, standing = nodes_of(area), self.standing(area)
        rings = self._rings(area, demand, horizon, nodes, standing)
        works = (
            self._uplinks(area, demand, horizon, nodes, rings),
            rings,
            self._egress(area, demand, horizon, nodes, standing),
            self._ipv6(area, nodes, standing),
            self._backups(area, nodes, standing),
        )
        earliest = horizon.index(self.available_from)
        return Proposal.together(
            part.proposal(USES[part.kind], earliest, self.opex_share) for part in works if len(part.ids)
        )

    def _links(self, steps: Ladder) -> tuple[Ints, Floats]:
        """Return how many links each step adds, and the price of one end of each [yuan].

        Links of the interface that stands already stay; others are replaced.
        """
        row, count = self.sized(steps.need_mbps)
        before, had = self.sized(steps.had_mbps)
        rate = self.rates_mbps[row]
        kept = np.where((before == row) & (had * rate <= steps.had_mbps * (1.0 + 1e-9)), had, 0)
        price = np.array([self.small_price, self.medium_price, self.large_price])[row]
        return np.maximum(count - kept, 1), price

    def _link_yuan(self, links: Ints, end_yuan: Floats, route_m: Floats) -> Floats:
        """Return the price of links of a length: both ends and the line between, same shape [yuan]."""
        return np.asarray(links * (ENDS * end_yuan + route_m * self.line_price), dtype=np.float64)

    def _uplinks(self, area: Area, demand: Demand, horizon: Horizon, nodes: Nodes, rings: Works) -> Works:
        steps = uplink_ladder(area, demand, self, horizon, nodes)
        names = area.places["place_id"].to_numpy(dtype=object)[nodes.place[steps.link]]
        links, end = self._links(steps)
        route_m = nodes.uplink_m[steps.link] * self.route_factor
        ids = step_ids(UPLINK, names, steps.step)
        # what is outgrown from the start waits for its ring where that is outgrown too
        now = rings.month == 0
        ring = np.full(len(nodes.seat), "", dtype=object)
        first = now & (rings.requires == "")
        ring[rings.group[first]] = rings.ids[first]
        behind = np.where(steps.month == 0, ring[nodes.county[steps.link]], "")
        return Works(
            UPLINK,
            ids,
            nodes.zone[steps.link],
            {"active": self._link_yuan(links, end, route_m)},
            links * (self.fitting_days * ENDS),
            steps.month,
            links,
            after(ids, steps.step, behind),
            steps.link,
            nodes.of_zone,
            steps.has_mbps,
        )

    def _rings(
        self, area: Area, demand: Demand, horizon: Horizon, nodes: Nodes, standing: StandingTransport
    ) -> Works:
        counties = len(nodes.seat)
        load = busy_load_mbps(area, demand, horizon, nodes.county_of_zone, counties)
        steps = ladder(load / self.usable_load, standing.ring_mbps, self)
        names = area.counties["county"].to_numpy(dtype=object)[steps.link]
        links, end = self._links(steps)
        ids = step_ids(RING, names, steps.step)
        closes = (steps.step == 1) & ~standing.diverse[steps.link]
        path_m = np.where(closes, nodes.spur_m[steps.link] * self.route_factor * self.path_new_share, 0.0)
        cable = path_m * self.path_price
        route_m = nodes.ring_m[steps.link] * self.route_factor
        return Works(
            RING,
            ids,
            nodes.seat[steps.link],
            {
                "active": PATHS * self._link_yuan(links, end, route_m),
                "passive": cable * (1.0 - self.civil_share),
                "civil": cable * self.civil_share,
            },
            self.fitting_days * PATHS * ENDS * links + path_m / 1000.0 / self.aerial_pace,
            steps.month,
            links,
            after(ids, steps.step, np.full(len(ids), "", dtype=object)),
            steps.link,
            nodes.county_of_zone,
            steps.has_mbps,
        )

    def _egress(
        self, area: Area, demand: Demand, horizon: Horizon, nodes: Nodes, standing: StandingTransport
    ) -> Works:
        whole = np.zeros(len(nodes.of_zone), dtype=np.int64)
        load = busy_load_mbps(area, demand, horizon, whole, 1) * self.egress_share / self.usable_load
        need = np.maximum(load, self._goal_mbps(area, horizon, standing.egress_mbps)[:, None])
        steps = ladder(need, np.array([standing.egress_mbps]), self, exact_for=self.egress_lasts)
        ids = np.array([f"{PREFIX}{EGRESS}.{number}" for number in steps.step], dtype=object)
        added = steps.has_mbps - steps.had_mbps
        links = np.ceil(added / self.rates_mbps[-1]).astype(np.int64)
        return Works(
            EGRESS,
            ids,
            np.full(len(ids), nodes.core),
            {"active": added / 1000.0 * self.egress_price},
            self.fitting_days * ENDS * links,
            steps.month,
            links,
            after(ids, steps.step, np.full(len(ids), "", dtype=object)),
            steps.link,
            whole,
            steps.has_mbps,
        )

    def _goal_mbps(self, area: Area, horizon: Horizon, standing_mbps: float) -> Floats:
        """Return the egress that the policy wants by month, shape (M,) [Mbit/s].

        It rises evenly from what stands to the goal at the end of its month.
        """
        goal = self._of_residents(area, self.egress_goal)
        due = horizon.index(self.egress_goal_month)
        part = np.clip((np.arange(horizon.months) + 1.0) / max(due + 1.0, 1.0), 0.0, 1.0)
        path = standing_mbps + part * max(goal - standing_mbps, 0.0)
        return np.asarray(path, dtype=np.float64)

    def _ipv6(self, area: Area, nodes: Nodes, standing: StandingTransport) -> Works:
        presence = np.bincount(nodes.county, minlength=len(nodes.seat))
        county = np.flatnonzero(~standing.ipv6 & (nodes.seat >= 0))
        names = area.counties["county"].to_numpy(dtype=object)[county]
        units = presence[county]
        count = len(county)
        return Works(
            IPV6,
            np.array([f"{PREFIX}{IPV6}.{name}" for name in names], dtype=object),
            nodes.seat[county],
            {"active": units * self.ipv6_node_price + self.ipv6_county_price},
            self.ipv6_days * (units + 1.0),
            np.zeros(count, dtype=np.int64),
            units + 1,
            np.full(count, "", dtype=object),
            county,
            nodes.county_of_zone,
            standing.ring_mbps[county],
        )

    def _backups(self, area: Area, nodes: Nodes, standing: StandingTransport) -> Works:
        """Return a microwave link to the county's node for points of presence that one failure cuts off."""
        node = np.flatnonzero(~standing.diverse[nodes.county])
        names = area.places["place_id"].to_numpy(dtype=object)[nodes.place[node]]
        hops = np.maximum(np.ceil(nodes.uplink_m[node] / 1000.0 / self.backup_hop), 1.0).astype(np.int64)
        return Works(
            BACKUP,
            np.array([f"{PREFIX}{BACKUP}.{name}" for name in names], dtype=object),
            nodes.zone[node],
            {"active": hops * self.backup_price},
            self.fitting_days * ENDS * hops,
            np.zeros(len(node), dtype=np.int64),
            hops,
            np.full(len(node), "", dtype=object),
            node,
            nodes.of_zone,
            np.full(len(node), self.backup_rate),
        )

    def tasks(self, candidate: Mapping[str, Any]) -> tuple[Task, ...]:
        """Return papers, then fitting and the test; office work alone for IPv6."""
        kind, days, sigma = candidate["build"], float(candidate["field_days"]), self.lead_time_spread
        lead = self.egress_lead_time if kind == EGRESS else self.lead_time
        dug = bool(candidate["civil_fen"] > 0)
        work, skill = ("fit", "fibre" if dug else "install") if kind != IPV6 else ("renew", "software")
        is_outdoor, fitting = dug and kind != IPV6, days * (1.0 - TEST_PART)
        return (
            *papers(lead, "transport lead time", sigma, 0.6),
            Task(work, fitting, skill, 0.4 - TEST_SHARE, "transport field", sigma / 2.0, outdoor=is_outdoor),
            acceptance(days, "transport field", sigma / 2.0),
        )
