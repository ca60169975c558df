"""The fold of the event log into month-end state: a pure function of log, service and demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.demand import advance_subscribers
from sim.tables.demand import Demand
from sim.tables.results import MonthlyState

if TYPE_CHECKING:
    import pandas as pd

FIXED_USE, MOBILE_USE, IOT_USE, SATELLITE_USE = "fixed", "mobile", "iot", "satellite"


@dataclass(frozen=True, eq=False)
class Ground:
    """What the fold must know of the land and of month 0: Z zones, P points, M months."""

    homes: NDArray[np.int32]
    """Homes, shape (M, Z)."""
    population: NDArray[np.int32]
    """Residents, shape (M, Z)."""
    point_zone: NDArray[np.int32]
    """Zone of each point, shape (P,)."""
    point_people: NDArray[np.int32]
    """Residents of each point, shape (P,)."""
    location_count: int
    """Rows of the locations table."""
    standing_share: Mapping[str, NDArray[np.float64]]
    """Share of homes passed in month 0 by fixed technology, shape (Z,)."""
    standing_mbps: Mapping[str, NDArray[np.float64]]
    """Rate on offer over it, shape (Z,)."""
    standing_subscribers: Mapping[str, NDArray[np.float64]]
    """Subscribers in month 0 by fixed technology, shape (Z,)."""
    standing_points: Mapping[str, NDArray[np.bool_]]
    """Points covered in month 0 by radio technology, shape (P,)."""
    standing_sites: Mapping[str, NDArray[np.int32]]
    """Locations that carry each radio technology in month 0."""


@dataclass(frozen=True, eq=False)
class Service:
    """What projects would serve, over all releases, as plain arrays for folding."""

    technologies: Mapping[str, str]
    """Use of each technology that the state shows, in order."""
    project_rows: Mapping[str, int]
    """Row of each project in the arrays below."""
    technology: NDArray[np.str_]
    """Technology of each project."""
    zone: NDArray[np.int32]
    """Zone of each project."""
    location: NDArray[np.int32]
    """Location of each project, -1 without one."""
    quantity: NDArray[np.int32]
    """Units (PON ports, sites, terminals) of each project."""
    unit_mbps: Mapping[str, float]
    """Rate of one shared unit by technology: a PON port, a sector, a terminal's committed rate."""
    pairs: pd.DataFrame
    """The service table with ``row`` (project row) in place of the identifier."""


def activation_months(events: pd.DataFrame, service: Service, never: int) -> NDArray[np.int32]:
    """Return the month in which each project enters service, ``never`` where it does not."""
    months = np.full(len(service.technology), never, dtype=np.int32)
    active = events[(events["event"] == "activated") & (events["month"] < never)]
    rows = active["project_id"].map(service.project_rows).to_numpy()
    months[rows.astype(np.int64)] = active["month"].to_numpy()
    return months


def funded_shares(events: pd.DataFrame, technologies: tuple[str, ...], months: int) -> NDArray[np.float64]:
    """Return the share of waiting subscribers that the money reached, shape (M, T); 1 where none was asked."""
    shares = np.ones((months, len(technologies)))
    rows = events[events["event"] == "connected"]
    column = {name: index for index, name in enumerate(technologies)}
    for month, name, share in zip(rows["month"], rows["project_id"], rows["share"], strict=True):
        shares[month, column[name]] = share
    return shares


def monthly_state(events: pd.DataFrame, service: Service, demand: Demand, ground: Ground) -> MonthlyState:
    """Return month-end state folded from the log."""
    months, zones = ground.homes.shape
    names = tuple(service.technologies)
    active = activation_months(events, service, months)
    shape = (months, len(names), zones)
    passed = np.zeros(shape, dtype=np.int32)
    covered, subscribers, peak, subscribed, busy = (np.zeros(shape, dtype=np.float32) for _ in range(5))
    sites = np.zeros((months, len(names)), dtype=np.int32)
    point_month: dict[str, NDArray[np.int32]] = {}
    site_month: dict[str, NDArray[np.int32]] = {}
    for index, (name, use) in enumerate(service.technologies.items()):
        if use in (FIXED_USE, SATELLITE_USE):
            share, rate = _fixed_service(name, service, active, ground)
            passed[:, index] = np.floor(share * ground.homes + 1e-9)
            covered[:, index] = share
            peak[:, index] = np.where(share > 0, rate, 0.0)
        else:
            point_month[name] = _point_months(name, service, active, ground)
            site_month[name], sites[:, index] = _site_months(name, service, active, ground)
            covered[:, index] = _covered_share(point_month[name], ground)
            passed[:, index] = np.floor(covered[:, index] * ground.homes + 1e-6)
            peak[:, index] = np.where(covered[:, index] > 0, _radio_peak(name, service), 0.0)
    shares = funded_shares(events, names, months)
    _fold_fixed(names, service, demand, ground, passed, subscribers, shares)
    _fold_mobile(names, service, demand, ground, covered, subscribers)
    for index, (name, use) in enumerate(service.technologies.items()):
        _rates(index, name, use, service, demand, ground, (passed, subscribers, peak, subscribed, busy))
    return MonthlyState(
        technologies=names,
        uses=tuple(service.technologies.values()),
        homes=ground.homes,
        population=ground.population,
        homes_passed=passed,
        covered_share=covered,
        subscribers=subscribers,
        peak_mbps=peak,
        subscribed_mbps=subscribed,
        busy_hour_mbps=busy,
        point_month=point_month,
        site_month=site_month,
        sites=sites,
    )


def _fixed_service(
    name: str, service: Service, active: NDArray[np.int32], ground: Ground
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return share of homes passed and rate on offer, both of shape (M, Z)."""
    months, zones = ground.homes.shape
    none = np.zeros(zones)
    share = np.broadcast_to(ground.standing_share.get(name, none), (months, zones)).copy()
    rate = np.broadcast_to(ground.standing_mbps.get(name, none), (months, zones)).copy()
    rows = np.flatnonzero((service.technology == name) & (active < months))
    if len(rows) == 0:
        return share, rate
    peak = np.zeros(len(active))
    pairs = service.pairs
    np.maximum.at(peak, pairs["row"].to_numpy(), pairs["peak_mbps"].to_numpy())
    first = np.full(zones, months)
    first[service.zone[rows]] = active[rows]
    added, added_rate = np.zeros(zones), np.zeros(zones)
    homes = np.maximum(ground.homes.max(axis=0)[service.zone[rows]], 1)
    whole = service.technologies[name] != SATELLITE_USE
    added[service.zone[rows]] = 1.0 if whole else np.minimum(service.quantity[rows] / homes, 1.0)
    added_rate[service.zone[rows]] = peak[rows]
    since = np.arange(months)[:, None] >= first[None, :]
    share = np.where(since, np.maximum(share, added), share)
    return share, np.where(since, np.maximum(rate, added_rate), rate)


def _point_months(name: str, service: Service, active: NDArray[np.int32], ground: Ground) -> NDArray[np.int32]:
    months = np.full(len(ground.point_zone), ground.homes.shape[0], dtype=np.int32)
    pairs = service.pairs
    mine = service.technology[pairs["row"].to_numpy()] == name
    np.minimum.at(months, pairs["point"].to_numpy()[mine], active[pairs["row"].to_numpy()[mine]])
    months[ground.standing_points.get(name, np.zeros(len(months), dtype=bool))] = -1
    return months


def _site_months(
    name: str, service: Service, active: NDArray[np.int32], ground: Ground
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the month from which each location carries the technology, and sites in service by month."""
    never = ground.homes.shape[0]
    months = np.full(ground.location_count, never, dtype=np.int32)
    rows = np.flatnonzero((service.technology == name) & (service.location >= 0))
    np.minimum.at(months, service.location[rows], active[rows])
    standing = ground.standing_sites.get(name, np.empty(0, dtype=np.int32))
    months[standing] = -1
    added = np.bincount(active[rows], weights=service.quantity[rows], minlength=never + 1)[:never]
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


def _radio_peak(name: str, service: Service) -> float:
    pairs = service.pairs
    mine = service.technology[pairs["row"].to_numpy()] == name
    return float(pairs["peak_mbps"].to_numpy()[mine].max()) if mine.any() else 0.0


def _fold_fixed(
    names: tuple[str, ...],
    service: Service,
    demand: Demand,
    ground: Ground,
    passed: NDArray[np.int32],
    subscribers: NDArray[np.float32],
    shares: NDArray[np.float64],
) -> None:
    """Fold subscribers of fixed lines; one household has one line, fibre before copper before satellite."""
    months, zones = ground.homes.shape
    column = {name: index for index, name in enumerate(names)}
    fibre = ground.standing_subscribers.get("ftth", np.zeros(zones)).astype(np.float64)
    for month in range(months):
        willing = demand.fixed_willing[month][demand.zone_kind] * ground.homes[month]
        taken = np.zeros(zones)
        if "ftth" in column:
            index = column["ftth"]
            wanted = np.minimum(willing, passed[month, index])
            fibre = advance_subscribers(fibre, wanted, demand.catch_up_per_month, shares[month, index])
            subscribers[month, index] = fibre
            taken = fibre
        for name in ("dsl", "satellite"):
            if name in column:
                index = column[name]
                mine = np.minimum(np.maximum(willing - taken, 0.0), passed[month, index])
                subscribers[month, index] = mine
                taken = taken + mine


def _fold_mobile(
    names: tuple[str, ...],
    service: Service,
    demand: Demand,
    ground: Ground,
    covered: NDArray[np.float32],
    subscribers: NDArray[np.float32],
) -> None:
    """Fold users of mobile broadband: LTE where covered and equipped, 3G for the rest it covers."""
    kind = demand.zone_kind
    want = demand.mobile_willing[:, kind] * ground.population
    served = np.zeros_like(want)
    if "lte" in names:
        index = names.index("lte")
        users = want * demand.lte_ready[:, None] * covered[:, index]
        subscribers[:, index] = users
        served = users
    if "umts" in names:
        index = names.index("umts")
        subscribers[:, index] = np.maximum(want * covered[:, index] - served, 0.0)


def _rates(
    index: int,
    name: str,
    use: str,
    service: Service,
    demand: Demand,
    ground: Ground,
    arrays: tuple[NDArray[np.int32], ...],
) -> None:
    """Fill in the rates paid for and got at the busy hour.

    A shared unit serves its users in turn: the mean rate of one is C (1 - load / C), capped by what
    was paid for (processor sharing; Bonald and Proutiere, Queueing Systems 44, 2003).
    """
    passed, subscribers, peak, subscribed, busy = arrays
    months, zones = ground.homes.shape
    units = np.maximum(_units(name, service, ground), 1.0)
    for month in range(months):
        paying = subscribers[month, index] > 0
        if not paying.any():
            continue
        rate = peak[month, index].astype(np.float64)
        if use == FIXED_USE:
            rate = demand.subscribed_mbps(month, rate)
        subscribed[month, index] = np.where(paying, rate, 0.0)
        unit = service.unit_mbps.get(name)
        if unit is not None:
            traffic = demand.fixed_busy_mbps if use in (FIXED_USE, SATELLITE_USE) else demand.mobile_busy_mbps
            load = subscribers[month, index] / units * traffic[month]
            rate = np.minimum(rate, np.maximum(unit - load, 0.0))
        busy[month, index] = np.where(paying, rate, 0.0)


def _units(name: str, service: Service, ground: Ground) -> NDArray[np.float64]:
    """Return how many shared units stand for each zone once everything is built, shape (Z,).

    A site's sectors count for the zones it covers by the residents it covers there.
    """
    zones = ground.homes.shape[1]
    mine = service.technology == name
    if not mine.any():
        return np.ones(zones)
    if service.technologies[name] in (FIXED_USE, SATELLITE_USE):
        return np.bincount(service.zone[mine], weights=service.quantity[mine], minlength=zones)
    pairs = service.pairs[mine[service.pairs["row"].to_numpy()]]
    people = ground.point_people[pairs["point"].to_numpy()].astype(np.float64)
    row = pairs["row"].to_numpy()
    in_cell = np.bincount(row, weights=people, minlength=len(mine))
    capacity = np.zeros(len(mine))
    capacity[row] = pairs["capacity_mbps"].to_numpy()
    part = capacity[row] * people / np.maximum(in_cell[row], 1.0)
    zone = ground.point_zone[pairs["point"].to_numpy()]
    return np.bincount(zone, weights=part, minlength=zones) / max(service.unit_mbps.get(name, 1.0), 1e-9)
