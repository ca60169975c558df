"""The fold of fixed lines: homes passed, connected and subscribed, and the units that lines share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.demand.lines import Uptake
from sim.lines import (
    FIBRE,
    FibredHomes,
    in_order,
    presence_of,
    standing_share,
    whole_homes,
)
from sim.tables.demand import Demand
from sim.tables.ground import Ground, Projects
from sim.tables.lines import Lines

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class FixedService:
    """What one fixed technology offers by month: M months, Z zones."""

    share: Floats
    """Share of homes passed, shape (M, Z)."""
    at_start: Floats
    """The same before month 0, shape (Z,)."""
    mbps: Singles
    """Best rate on offer, shape (M, Z) [Mbit/s]."""
    units: Singles
    """Shared units of the project in service, 0 where none is, shape (M, Z)."""
    units_of_all: Floats
    """Shared units that all homes of the zone would have where no project is in service, shape (Z,)."""
    unit_mbps: Singles
    """Rate of one, shape (M, Z) [Mbit/s]."""


def fixed_service(name: str, projects: Projects, active: NDArray[np.int32], ground: Ground) -> FixedService:
    """Return what a fixed technology offers; ``active`` is the month in which each project enters service.

    A zone may have several projects of a technology (ports of the next generation beside the first): homes
    are passed from the first of them, the best rate of those in service is on offer, and the lines are on
    the one with most capacity. Homes that are passed without a project (plant of month 0, new homes) have
    the ports that the zone's first project would have for them.
    """
    months, zones = ground.homes.shape
    own = _Own.of(name, projects, active)
    since = np.minimum(own.month, months)
    added = ground.reach(name)[own.zone]
    if name in projects.per_home:
        added = np.minimum(own.quantity / np.maximum(ground.homes.max(axis=0)[own.zone], 1), 1.0)
    at_start = standing_share(ground, name)
    rate = ground.standing_mbps.get(name, np.zeros(zones)).astype(np.float64)
    share = np.maximum(at_start, _best_so_far(added, since, own.zone, (months, zones)))
    units, of_all, unit_mbps = _units(own, ground, name in projects.per_home)
    return FixedService(
        share=share,
        at_start=at_start,
        mbps=np.maximum(
            np.where(share > 0, rate, 0.0), _best_so_far(own.peak, since, own.zone, share.shape)
        ).astype(np.float32),
        units=units,
        units_of_all=of_all,
        unit_mbps=unit_mbps,
    )


@dataclass(frozen=True, eq=False)
class _Own:
    """The projects of one technology, those of a zone in order of capacity."""

    zone: NDArray[np.int64]
    month: NDArray[np.int64]
    quantity: Floats
    peak: Floats
    unit_mbps: Floats
    level: NDArray[np.int64]
    """Place among the zone's projects, 0 for the least capacity."""

    @classmethod
    def of(cls, name: str, projects: Projects, active: NDArray[np.int32]) -> _Own:
        """Return a technology's projects."""
        peak, capacity = np.zeros(len(active)), np.zeros(len(active))
        row = projects.pairs["row"].to_numpy()
        np.maximum.at(peak, row, projects.pairs["peak_mbps"].to_numpy())
        np.maximum.at(capacity, row, projects.pairs["capacity_mbps"].to_numpy())
        rows = np.flatnonzero(projects.technology == name)
        total = np.round(projects.quantity[rows] * capacity[rows], 3)
        rows = rows[np.lexsort((rows, total, projects.zone[rows]))]
        zone = projects.zone[rows].astype(np.int64)
        place = np.arange(len(rows))
        first = np.concatenate([[True], zone[1:] != zone[:-1]]) if len(rows) else np.zeros(0, dtype=bool)
        level = place - np.maximum.accumulate(np.where(first, place, 0)) if len(rows) else place
        return cls(
            zone,
            active[rows].astype(np.int64),
            projects.quantity[rows].astype(np.float64),
            peak[rows],
            capacity[rows],
            level,
        )


def _best_so_far(
    value: Floats, month: NDArray[np.int64], zone: NDArray[np.int64], shape: tuple[int, ...]
) -> Floats:
    """Return the largest value of each zone's projects in service by each month, shape (M, Z)."""
    best = np.zeros((shape[0] + 1, shape[1]))
    np.maximum.at(best, (month, zone), value)
    return np.asarray(np.maximum.accumulate(best[: shape[0]], axis=0))


def _units(own: _Own, ground: Ground, pooled: bool) -> tuple[Singles, Floats, Singles]:
    """Return the units in service (M, Z), those of a zone without a project (Z,), the rate of one (M, Z)."""
    months, zones = ground.homes.shape
    quantity, rate = np.zeros(zones), np.zeros(zones)
    base = own.level == 0
    quantity[own.zone[base]], rate[own.zone[base]] = own.quantity[base], own.unit_mbps[base]
    if not pooled and base.any():
        # zones for which nothing was proposed have the equipment that homes elsewhere have
        homes = ground.homes.max(axis=0).astype(np.float64)
        per_home = own.quantity[base].sum() / max(homes[own.zone[base]].sum(), 1.0)
        quantity = np.where(rate > 0, quantity, homes * per_home)
        rate = np.where(rate > 0, rate, np.median(own.unit_mbps[base]))
    units = np.zeros((months, zones), dtype=np.float32)
    mbps = np.broadcast_to(rate.astype(np.float32), (months, zones)).copy()
    for level in range(int(own.level.max(initial=-1)) + 1):
        here = own.level == level
        zone = own.zone[here]
        serving = np.arange(months)[:, None] >= own.month[here][None, :]
        units[:, zone] = np.where(serving, own.quantity[here], units[:, zone])
        mbps[:, zone] = np.where(serving, own.unit_mbps[here], mbps[:, zone])
    return units, quantity, mbps


class FixedFold:
    """Homes passed, connected and subscribed by fixed technology while the months are folded."""

    def __init__(
        self,
        services: Mapping[str, FixedService],
        ground: Ground,
        demand: Demand,
        one_by_one: tuple[str, ...],
    ) -> None:
        self.services, self._ground, self._demand = services, ground, demand
        self._one_by_one = [name for name in one_by_one if name in services]
        self._order = in_order(services, self._one_by_one)
        shape = ground.homes.shape
        self.share = {name: service.share for name, service in services.items()}
        """Share of homes passed by technology, shape (M, Z); with the new homes built with fibre."""
        self.built_with_fibre = np.zeros(shape, dtype=np.float32)
        self._build()
        self.subscribers = {name: np.zeros(shape, dtype=np.float32) for name in services}
        """Subscribers by technology, shape (M, Z)."""
        self.connected = {name: np.zeros(shape, dtype=np.float32) for name in services}
        """Homes whose line has ever been put in, by technology, shape (M, Z)."""

    def passed(self, name: str) -> Floats:
        """Return the homes that a technology passes, shape (M, Z)."""
        return whole_homes(self.share[name], self._ground.homes)

    def _build(self) -> None:
        """Add the new homes that come with fibre to those that plant passes."""
        rule = self._ground.new_housing
        if rule is None or FIBRE not in self.services:
            return
        fibre, homes = self.services[FIBRE], FibredHomes(self._ground)
        share = fibre.share.copy()
        total = np.cumsum(rule.built, axis=0, dtype=np.float64)
        for month in range(len(share)):
            before = fibre.at_start if month == 0 else fibre.share[month - 1]
            homes.build(month, self._ground.homes[month], before)
            share[month] = homes.together(fibre.share[month])
            rest = np.maximum(total[month] - homes.homes, 0.0)
            self.built_with_fibre[month] = homes.homes + rest * fibre.share[month]
        self.share[FIBRE] = share

    def _open(self, name: str, month: int) -> Floats:
        """Return the share of homes passed when a month begins: only those can be connected in it."""
        return self.services[name].at_start if month == 0 else self.share[name][month - 1]

    def connect(self, funded: Mapping[str, Floats]) -> None:
        """Fold subscribers month by month; ``funded`` holds the share of those waiting that money reached.

        A household has one line; technologies in the order of ``sim.lines``, by the account of
        ``sim.demand.lines`` that the plan keeps, too.
        """
        uptake = Uptake(self._ground, self._demand, self._order)
        for month, homes in enumerate(self._ground.homes):
            uptake.begin(month)
            for name in self._order:
                if name in self._one_by_one:
                    uptake.ask(name, whole_homes(self._open(name, month), homes))
                    uptake.connect(name, float(funded[name][month]))
                else:
                    uptake.serve(name, whole_homes(self.share[name][month], homes))
                self.subscribers[name][month] = uptake.lines[name]
                self.connected[name][month] = uptake.ever[name]

    def lines(self, projects: Projects) -> Lines:
        """Return what the subscribers share."""
        shared = [name for name in self.services if name in projects.unit_mbps]
        rule = self._ground.new_housing
        return Lines(
            demand=self._demand,
            units={name: self.units(name) for name in shared},
            unit_mbps={name: self.services[name].unit_mbps for name in shared},
            pooled=projects.per_home,
            presence=presence_of(self._ground),
            built=np.zeros_like(self.built_with_fibre) if rule is None else rule.built,
            built_with_fibre=self.built_with_fibre,
        )

    def units(self, name: str) -> Singles:
        """Return the shared units behind a technology's lines, 0 where it passes no home, shape (M, Z)."""
        service = self.services[name]
        standing = (service.units_of_all * self.share[name]).astype(np.float32)
        return np.where(service.units > 0, service.units, standing)

    def mbps(self, name: str) -> Singles:
        """Return the best rate on offer where a technology passes homes, shape (M, Z) [Mbit/s]."""
        rate, rule = self.services[name].mbps, self._ground.new_housing
        if name == FIBRE and rule is not None:
            rate = np.where(rate > 0, rate, np.float32(rule.mbps))
        return np.where(self.share[name] > 0, rate, np.float32(0.0))
