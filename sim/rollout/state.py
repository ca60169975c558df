"""The fold of the event log into month-end state: a pure function of log, service and demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.lines import whole_homes
from sim.rollout.carried import carry, zone_traffic_mbps
from sim.rollout.lines import FixedFold, fixed_service
from sim.tables.demand import Demand
from sim.tables.ground import Ground, Projects
from sim.tables.results import MonthlyState
from sim.tables.transport import Carried

if TYPE_CHECKING:
    import pandas as pd

FIXED_USE, SATELLITE_USE = "fixed", "satellite"
LINE_USES = (FIXED_USE, SATELLITE_USE)


def activation_months(events: pd.DataFrame, projects: Projects, never: int) -> NDArray[np.int32]:
    """Return the month in which each project enters projects, ``never`` where it does not."""
    months = np.full(len(projects.technology), never, dtype=np.int32)
    active = events[(events["event"] == "activated") & (events["month"] < never)]
    rows = active["project_id"].map(projects.project_rows).to_numpy()
    months[rows.astype(np.int64)] = active["month"].to_numpy()
    return months


def funded_shares(events: pd.DataFrame, technologies: tuple[str, ...], months: int) -> NDArray[np.float64]:
    """Return the share of waiting subscribers that the money reached, shape (M, T)."""
    shares = np.ones((months, len(technologies)))
    rows = events[events["event"] == "connected"]
    column = {name: index for index, name in enumerate(technologies)}
    for month, name, share in zip(rows["month"], rows["project_id"], rows["share"], strict=True):
        shares[month, column[name]] = share
    return shares


def monthly_state(events: pd.DataFrame, projects: Projects, demand: Demand, ground: Ground) -> MonthlyState:
    """Return month-end state folded from the log."""
    fold = _Fold(events, projects, demand, ground)
    fold.serve_homes()
    for index, use in enumerate(projects.technologies.values()):
        if use not in LINE_USES:
            fold.cover_points(index)
    fold.connect_mobile()
    for index in range(len(fold.names)):
        fold.rate(index)
    return fold.state()


def without_money(
    events: pd.DataFrame, projects: Projects, demand: Demand, ground: Ground
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return subscribers and covered share as they would be had the run spent nothing, shapes (M, T, Z).

    Plant of month 0 and new homes serve alone; whoever waits for a line that the run would pay for
    (technologies with ``connected`` rows in the log) goes on waiting.
    """
    fold = _Fold(events.iloc[:0], projects, demand, ground)
    paid = set(events.loc[events["event"] == "connected", "project_id"])
    for index, name in enumerate(fold.names):
        if name in paid:
            fold.funded[:, index] = 0.0
    fold.serve_homes()
    for index, use in enumerate(fold.uses):
        if use not in LINE_USES:
            fold.cover_points(index)
    fold.connect_mobile()
    return fold.subscribers, fold.covered


class _Fold:
    """The arrays that grow while the log is folded; M months, T technologies, Z zones."""

    def __init__(self, events: pd.DataFrame, projects: Projects, demand: Demand, ground: Ground) -> None:
        self.projects, self.demand, self.ground = projects, demand, ground
        self.names = tuple(projects.technologies)
        self.uses = tuple(projects.technologies.values())
        self.months, self.zones = ground.homes.shape
        self.active = activation_months(events, projects, self.months)
        self.funded = funded_shares(events, self.names, self.months)
        shape = (self.months, len(self.names), self.zones)
        self.passed = np.zeros(shape, dtype=np.int32)
        arrays = [np.zeros(shape, dtype=np.float32) for _ in range(6)]
        self.covered, self.connected, self.subscribers, self.peak, self.subscribed, self.busy = arrays
        names = [name for name, use in projects.technologies.items() if use in LINE_USES]
        services = {name: fixed_service(name, projects, self.active, ground) for name in names}
        self.fixed = FixedFold(services, ground, demand, projects.one_by_one)
        self.sites = np.zeros((self.months, len(self.names)), dtype=np.int32)
        self.point_month: dict[str, NDArray[np.int32]] = {}
        self.site_month: dict[str, NDArray[np.int32]] = {}

    def serve_homes(self) -> None:
        """Fill in homes passed, connected and subscribed and the rate on offer of fixed technologies."""
        lines = {name: index for index, name in enumerate(self.names) if self.uses[index] in LINE_USES}
        self.fixed.connect({name: self.funded[:, index] for name, index in lines.items()})
        for name, index in lines.items():
            self.passed[:, index] = self.fixed.passed(name)
            self.covered[:, index] = self.fixed.share[name]
            self.peak[:, index] = self.fixed.mbps(name)
            self.subscribers[:, index] = self.fixed.subscribers[name]
            self.connected[:, index] = self.fixed.connected[name]

    def cover_points(self, index: int) -> None:
        """Fill in cover and sites of a radio technology."""
        name = self.names[index]
        self.point_month[name] = _point_months(name, self.projects, self.active, self.ground)
        self.site_month[name], self.sites[:, index] = _site_months(
            name, self.projects, self.active, self.ground
        )
        share = _covered_share(self.point_month[name], self.ground)
        self.covered[:, index] = share
        self.passed[:, index] = whole_homes(share, self.ground.homes)
        self.peak[:, index] = np.where(share > 0, _radio_peak(name, self.projects), 0.0)

    def connect_mobile(self) -> None:
        """Fold users of mobile broadband: the latest generation that covers them and their handset knows."""
        want = self.demand.mobile_willing[:, self.demand.zone_kind] * self.ground.population
        served = np.zeros_like(want)
        for name, ready in (("nr", self.demand.nr_ready), ("lte", self.demand.lte_ready)):
            if name in self.names:
                index = self.names.index(name)
                reached = want * ready[:, None] * self.covered[:, index]
                self.subscribers[:, index] = np.maximum(reached - served, 0.0)
                served = np.maximum(served, reached)
        if "umts" in self.names:
            index = self.names.index("umts")
            self.subscribers[:, index] = np.maximum(want * self.covered[:, index] - served, 0.0)

    def rate(self, index: int) -> None:
        """Fill in the rates paid for and got at the busy hour.

        A shared unit serves its users in turn: the mean rate of one is C (1 - load / C), capped by
        what was paid for (processor sharing; Bonald and Proutiere, Queueing Systems 44, 2003).
        """
        name, use, demand = self.names[index], self.uses[index], self.demand
        units, unit = self._shared(name, use)
        traffic = demand.fixed_busy_mbps if use in LINE_USES else demand.mobile_busy_mbps
        for month in range(self.months):
            users = self.subscribers[month, index]
            paying = users > 0
            if not paying.any():
                continue
            rate = self.peak[month, index].astype(np.float64)
            if use == FIXED_USE:
                rate = demand.subscribed_mbps(month, rate)
            self.subscribed[month, index] = np.where(paying, rate, 0.0)
            if use == FIXED_USE:
                rate = rate * demand.delivered_share
            if name in self.projects.unit_mbps:
                load = np.divide(users, units[month], out=np.zeros(self.zones), where=units[month] > 0)
                left = np.maximum(unit[month] - load * traffic[month], 0.0)
                rate = np.where(unit[month] > 0, np.minimum(rate, left), rate)
            self.busy[month, index] = np.where(paying, rate, 0.0)

    def _shared(self, name: str, use: str) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """Return the shared units behind each zone and the rate of one, both of shape (M, Z)."""
        if use in LINE_USES:
            return self.fixed.units(name), self.fixed.services[name].unit_mbps
        shape, unit = (self.months, self.zones), self.projects.unit_mbps.get(name, 0.0)
        return self._sectors(name), np.broadcast_to(unit, shape)

    def _sectors(self, name: str) -> NDArray[np.float64]:
        """Return the sectors behind each zone, shape (M, Z); 0 where nothing is known of them.

        A site's sectors count from its activation for the zones it covers, by the residents it covers
        there; where plant of month 0 covers a point, the site proposed for it stands for that plant.
        """
        projects, ground = self.projects, self.ground
        mine = projects.technology == name
        row, point = projects.pairs["row"].to_numpy(), projects.pairs["point"].to_numpy()
        chosen = mine[row]
        row, point = row[chosen], point[chosen]
        people = ground.point_people[point].astype(np.float64)
        in_cell = np.bincount(row, weights=people, minlength=len(mine))
        capacity = projects.pairs["capacity_mbps"].to_numpy()[chosen] * people / np.maximum(in_cell[row], 1.0)
        standing = ground.standing_points.get(name, np.zeros(len(ground.point_zone), dtype=bool))
        month = np.where(standing[point], 0, self.active[row]).astype(np.int64)
        inside = month < self.months
        slot = month[inside] * self.zones + ground.point_zone[point[inside]]
        added = np.bincount(slot, weights=capacity[inside], minlength=self.months * self.zones)
        built = np.cumsum(added.reshape(self.months, self.zones), axis=0)
        return built / max(projects.unit_mbps.get(name, 1.0), 1e-9)

    def behind_access(self) -> Carried | None:
        """Return what uplinks, rings and egress carry, none where the run leaves them out."""
        standing = self.ground.transport
        if standing is None:
            return None
        traffic = zone_traffic_mbps(self.subscribers, self.uses, self.demand)
        return carry(self.projects, self.active, standing, traffic)

    def state(self) -> MonthlyState:
        """Return what was folded."""
        return MonthlyState(
            technologies=self.names,
            uses=self.uses,
            homes=self.ground.homes,
            population=self.ground.population,
            homes_passed=self.passed,
            homes_connected=self.connected,
            covered_share=self.covered,
            subscribers=self.subscribers,
            peak_mbps=self.peak,
            subscribed_mbps=self.subscribed,
            busy_hour_mbps=self.busy,
            point_month=self.point_month,
            site_month=self.site_month,
            sites=self.sites,
            transport=self.behind_access(),
            standing_share=self.ground.standing_share,
            lines=self.fixed.lines(self.projects),
        )


def _point_months(
    name: str, projects: Projects, active: NDArray[np.int32], ground: Ground
) -> NDArray[np.int32]:
    months = np.full(len(ground.point_zone), ground.homes.shape[0], dtype=np.int32)
    pairs = projects.pairs
    mine = projects.technology[pairs["row"].to_numpy()] == name
    np.minimum.at(months, pairs["point"].to_numpy()[mine], active[pairs["row"].to_numpy()[mine]])
    months[ground.standing_points.get(name, np.zeros(len(months), dtype=bool))] = -1
    return months


def _site_months(
    name: str, projects: Projects, active: NDArray[np.int32], ground: Ground
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the month from which each location carries the technology, and sites in service by month.

    Sites without a location count too: the access points of a zone's public places.
    """
    never = ground.homes.shape[0]
    months = np.full(ground.location_count, never, dtype=np.int32)
    rows = np.flatnonzero((projects.technology == name) & (projects.sites > 0))
    placed = rows[projects.location[rows] >= 0]
    np.minimum.at(months, projects.location[placed], active[placed])
    standing = ground.standing_sites.get(name, np.empty(0, dtype=np.int32))
    months[standing] = -1
    added = np.bincount(active[rows], weights=projects.sites[rows], minlength=never + 1)[:never]
    return months, (len(standing) + np.cumsum(added)).astype(np.int32)


def _covered_share(point_month: NDArray[np.int32], ground: Ground) -> NDArray[np.float64]:
    """Return the share of each zone's residents at covered points, shape (M, Z)."""
    months, zones = ground.homes.shape
    people = ground.point_people.astype(np.float64)
    slot = np.maximum(point_month, 0).astype(np.int64) * zones + ground.point_zone
    served = np.bincount(slot, weights=people, minlength=(months + 1) * zones)[: months * zones]
    total = np.bincount(ground.point_zone, weights=people, minlength=zones)
    share = np.cumsum(served.reshape(months, zones), axis=0) / np.maximum(total, 1.0)
    return np.minimum(share, 1.0)


def _radio_peak(name: str, projects: Projects) -> float:
    pairs = projects.pairs
    mine = projects.technology[pairs["row"].to_numpy()] == name
    return float(pairs["peak_mbps"].to_numpy()[mine].max()) if mine.any() else 0.0
