"""The fold of the event log into month-end state: a pure function of log, service and demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.demand import advance_subscribers
from sim.tables.demand import Demand
from sim.tables.ground import Ground, Projects
from sim.tables.results import MonthlyState

if TYPE_CHECKING:
    import pandas as pd

FIXED_USE, SATELLITE_USE = "fixed", "satellite"
_ROUNDING = 1e-6
"""Keeps a share that stands for a whole number of homes from losing one to rounding."""


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
    for index, use in enumerate(projects.technologies.values()):
        if use in (FIXED_USE, SATELLITE_USE):
            fold.pass_homes(index)
        else:
            fold.cover_points(index)
    fold.connect_fixed()
    fold.connect_mobile()
    for index in range(len(fold.names)):
        fold.rate(index)
    return fold.state()


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
        self.open_homes = np.zeros((self.months, self.zones))
        """Homes that fibre passed when the month began: only they can be connected in it."""
        arrays = [np.zeros(shape, dtype=np.float32) for _ in range(5)]
        self.covered, self.subscribers, self.peak, self.subscribed, self.busy = arrays
        self.sites = np.zeros((self.months, len(self.names)), dtype=np.int32)
        self.point_month: dict[str, NDArray[np.int32]] = {}
        self.site_month: dict[str, NDArray[np.int32]] = {}

    def pass_homes(self, index: int) -> None:
        """Fill in homes passed and the rate on offer of a fixed technology."""
        name, homes = self.names[index], self.ground.homes
        share, rate = _fixed_service(name, self.projects, self.active, self.ground)
        self.passed[:, index] = np.floor(share * homes + _ROUNDING)
        self.covered[:, index] = share
        self.peak[:, index] = np.where(share > 0, rate, 0.0)
        if name == "ftth":
            at_start = self.ground.standing_share.get(name, np.zeros(self.zones))
            before = np.concatenate([at_start[None, :], share[:-1]])
            self.open_homes = np.floor(before * homes + _ROUNDING)

    def cover_points(self, index: int) -> None:
        """Fill in cover and sites of a radio technology."""
        name = self.names[index]
        self.point_month[name] = _point_months(name, self.projects, self.active, self.ground)
        self.site_month[name], self.sites[:, index] = _site_months(
            name, self.projects, self.active, self.ground
        )
        share = _covered_share(self.point_month[name], self.ground)
        self.covered[:, index] = share
        self.passed[:, index] = np.floor(share * self.ground.homes + _ROUNDING)
        self.peak[:, index] = np.where(share > 0, _radio_peak(name, self.projects), 0.0)

    def connect_fixed(self) -> None:
        """Fold subscribers of fixed lines; a household has one: fibre, copper, fixed wireless, satellite."""
        fibre = self.ground.standing_subscribers.get("ftth", np.zeros(self.zones)).astype(np.float64)
        for month in range(self.months):
            willing = self.demand.fixed_willing[month][self.demand.zone_kind] * self.ground.homes[month]
            taken = np.zeros(self.zones)
            if "ftth" in self.names:
                index = self.names.index("ftth")
                wanted = np.minimum(willing, self.open_homes[month])
                share = self.funded[month, index]
                fibre = advance_subscribers(fibre, wanted, self.demand.catch_up_per_month, share)
                self.subscribers[month, index] = taken = fibre
            for name in ("dsl", "fwa", "satellite"):
                if name in self.names:
                    index = self.names.index(name)
                    mine = np.minimum(np.maximum(willing - taken, 0.0), self.passed[month, index])
                    self.subscribers[month, index] = mine
                    taken = taken + mine

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
        units = np.broadcast_to(self._units(name, use), (self.months, self.zones))
        unit = self.projects.unit_mbps.get(name)
        traffic = demand.fixed_busy_mbps if use in (FIXED_USE, SATELLITE_USE) else demand.mobile_busy_mbps
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
            if unit is not None:
                load = np.divide(users, units[month], out=np.zeros(self.zones), where=units[month] > 0)
                rate = np.minimum(rate, np.maximum(unit - load * traffic[month], 0.0))
            self.busy[month, index] = np.where(paying, rate, 0.0)

    def _units(self, name: str, use: str) -> NDArray[np.float64]:
        """Return the shared units behind each zone, shape (Z,) or (M, Z); 0 where nothing is known of them.

        Ports are those of the zone's line project. A site's sectors count from its activation for the
        zones it covers, by the residents it covers there; where plant of month 0 covers a point, the
        site proposed for it stands for that plant.
        """
        projects, ground = self.projects, self.ground
        mine = projects.technology == name
        if use in (FIXED_USE, SATELLITE_USE):
            ports = np.bincount(projects.zone[mine], weights=projects.quantity[mine], minlength=self.zones)
            return ports.astype(np.float64)
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

    def state(self) -> MonthlyState:
        """Return what was folded."""
        return MonthlyState(
            technologies=self.names,
            uses=self.uses,
            homes=self.ground.homes,
            population=self.ground.population,
            homes_passed=self.passed,
            covered_share=self.covered,
            subscribers=self.subscribers,
            peak_mbps=self.peak,
            subscribed_mbps=self.subscribed,
            busy_hour_mbps=self.busy,
            point_month=self.point_month,
            site_month=self.site_month,
            sites=self.sites,
            standing_share=self.ground.standing_share,
        )


def _fixed_service(
    name: str, projects: Projects, active: NDArray[np.int32], ground: Ground
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return share of homes passed and rate on offer, both of shape (M, Z)."""
    months, zones = ground.homes.shape
    none = np.zeros(zones)
    share = np.broadcast_to(ground.standing_share.get(name, none), (months, zones)).copy()
    rate = np.broadcast_to(ground.standing_mbps.get(name, none), (months, zones)).copy()
    rows = np.flatnonzero((projects.technology == name) & (active < months))
    if len(rows) == 0:
        return share, rate
    peak = np.zeros(len(active))
    pairs = projects.pairs
    np.maximum.at(peak, pairs["row"].to_numpy(), pairs["peak_mbps"].to_numpy())
    first = np.full(zones, months)
    first[projects.zone[rows]] = active[rows]
    added, added_rate = np.zeros(zones), np.zeros(zones)
    homes = np.maximum(ground.homes.max(axis=0)[projects.zone[rows]], 1)
    whole = name not in projects.per_home
    reach = ground.reach(name)[projects.zone[rows]]
    added[projects.zone[rows]] = reach if whole else np.minimum(projects.quantity[rows] / homes, 1.0)
    added_rate[projects.zone[rows]] = peak[rows]
    since = np.arange(months)[:, None] >= first[None, :]
    share = np.where(since, np.maximum(share, added), share)
    return share, np.where(since, np.maximum(rate, added_rate), rate)


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
