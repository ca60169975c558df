"""What a run's money is spent on by zone: capex from the log, running cost, replacement, what is left."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.finance import MONTHS_PER_YEAR, share_left
from sim.indicators.attribution import bearers, by_growth, connection_parts, served_zones
from sim.indicators.evaluation import Evaluation
from sim.tables.finance import CAPEX_GROUPS, OPEX, PriceLevels
from sim.tables.plan import IOT, ITEMS, MOBILE

if TYPE_CHECKING:
    import pandas as pd

    from sim.indicators.attribution import Spread
    from sim.indicators.finance_options import FinanceOptions
    from sim.tables.finance import Holdings
    from sim.tables.ground import Ground, Projects
    from sim.tables.results import MonthlyState

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FIXED_USES, MOBILE_USES = ("fixed", "satellite"), (MOBILE, IOT)
ACTIVE = "active"
_MOBILE = CAPEX_GROUPS.index("mobile")


@dataclass(frozen=True, eq=False)
class Lives:
    """Plant in service: L rows of one project, item and life each."""

    holder: Ints
    """Project that holds it, shape (L,)."""
    life: Ints
    """Life, shape (L,) [months]."""
    since: Ints
    """Month from which it serves, shape (L,)."""
    at_base: Floats
    """Price by the parameter table, shape (L,) [fen]."""
    item: Ints
    """Place of its item in ``ITEMS``, shape (L,)."""
    level: Floats
    """Price level of each item by month, shape (items, N)."""

    def price(self, row: Ints, month: Ints) -> Floats:
        """Return the price of rows in a month each, in constant prices [fen]."""
        return np.asarray(self.at_base[row] * self.level[self.item[row], month])


@dataclass(frozen=True, eq=False)
class Outlays(Evaluation):
    """What one replication costs: M months, N evaluated, T technologies, Z zones."""

    events: pd.DataFrame
    """The log of this replication alone."""
    state: MonthlyState
    projects: Projects
    ground: Ground
    holdings: Holdings
    options: FinanceOptions
    prices: PriceLevels | None = None
    """How prices move over the months evaluated; they do not where it is left out."""

    @cached_property
    def levels(self) -> PriceLevels:
        """How prices move, shape (N,) each."""
        return PriceLevels.constant(self.evaluated) if self.prices is None else self.prices

    @cached_property
    def spent(self) -> Floats:
        """Money spent by month and zone in constant prices, shape (M, Z) [fen]."""
        return np.asarray(self.capex.sum(axis=0) / self.levels.general[: self.months, None])

    @cached_property
    def group(self) -> Ints:
        """Group of technologies (``CAPEX_GROUPS``) of each project."""
        return np.array([_group(self._uses.get(name, "")) for name in self._names], dtype=np.int64)[
            self._technology
        ]

    @cached_property
    def _uses(self) -> dict[str, str]:
        return dict(zip(self.state.technologies, self.state.uses, strict=True))

    @cached_property
    def _coded(self) -> tuple[NDArray[np.object_], Ints]:
        names, code = np.unique(np.asarray(self.projects.technology, dtype=object), return_inverse=True)
        return names, code.astype(np.int64)

    @property
    def _names(self) -> NDArray[np.object_]:
        return self._coded[0]

    @property
    def _technology(self) -> Ints:
        return self._coded[1]

    @cached_property
    def active(self) -> Ints:
        """Month in which each project enters service, M where it does not."""
        month = np.full(len(self.projects.technology), self.months, dtype=np.int64)
        rows = self.events[(self.events["event"] == "activated") & (self.events["month"] < self.months)]
        at = np.array([self.projects.project_rows[name] for name in rows["project_id"]], dtype=np.int64)
        month[at] = rows["month"].to_numpy()
        return month

    @cached_property
    def serves(self) -> Spread:
        """Zones that each project serves."""
        return served_zones(self.projects, self.ground)

    @cached_property
    def capex(self) -> Floats:
        """Money spent by group of technologies, month and zone, shape (groups, M, Z) [fen]; whole numbers."""
        shape = (len(CAPEX_GROUPS), self.months, self.zones)
        paid = self.events[self.events["spent_fen"] > 0]
        month = np.minimum(paid["month"].to_numpy(dtype=np.int64), self.months - 1)
        lines = (paid["event"] == "connected").to_numpy()
        works = paid[~lines]
        row = np.array([self.projects.project_rows[name] for name in works["project_id"]], dtype=np.int64)
        borne = bearers(self.holdings, self.serves, self.group, shape[0], self.zones)
        place, to, part = borne.divide(row, works["spent_fen"].to_numpy(dtype=np.int64))
        flat = (to // self.zones * self.months + month[~lines][place]) * self.zones + to % self.zones
        total = np.bincount(flat, part, shape[0] * self.months * self.zones).astype(np.float64).reshape(shape)
        charges = paid[lines]
        if len(charges):
            added = by_growth(self.state.homes_connected, self._connected_before())
            place, zone, part = connection_parts(charges, self.state.technologies, added)
            flat = month[lines][place] * self.zones + zone
            total[0] += np.bincount(flat, part, self.months * self.zones).reshape(shape[1:])
        return np.asarray(total)

    def _connected_before(self) -> Floats:
        """Return the lines of month 0 by technology, shape (T, Z)."""
        before = np.zeros(self.state.homes_connected.shape[1:])
        for name, count in self.ground.standing_subscribers.items():
            if name in self.state.technologies:
                before[self.state.technology(name)] = count
        return before

    @cached_property
    def opex(self) -> Floats:
        """Running cost of the projects in service in constant prices, shape (M, Z) [fen/month]."""
        return np.asarray(self._at_base * self.levels.items[OPEX][: self.months, None])

    @cached_property
    def opex_after(self) -> Floats:
        """The same after the last month as a multiple of that of the last month, shape (N - M,)."""
        level = self.levels.items[OPEX]
        return np.asarray(level[self.months :] / level[self.months - 1])

    @cached_property
    def _at_base(self) -> Floats:
        """Running cost at the prices of the parameter table, shape (M, Z) [fen/month]."""
        rows, cost = self._running
        place, at = self.serves.rows(rows)
        flat = self.active[rows][place] * self.zones + self.serves.to[at]
        begun = np.bincount(flat, cost[place] * self.serves.share[at], self.months * self.zones)
        return np.cumsum(begun.reshape(self.months, self.zones), axis=0, dtype=np.float64)

    @cached_property
    def opex_by_technology(self) -> dict[str, Floats]:
        """The same by technology, shape (M,) [fen/month]."""
        rows, cost = self._running
        result = {}
        for code, name in enumerate(self._names):
            mine = self._technology[rows] == code
            if mine.any():
                begun = np.bincount(self.active[rows[mine]], cost[mine], self.months)
                level = self.levels.items[OPEX][: self.months]
                result[str(name)] = np.cumsum(begun, dtype=np.float64) * level
        return result

    @cached_property
    def _running(self) -> tuple[Ints, Floats]:
        """The projects in service and their running cost at the prices of the table [fen/month]."""
        rows = np.flatnonzero(self.active < self.months)
        yearly = self.projects.opex_fen
        cost = np.zeros(len(rows)) if yearly is None else yearly[rows] / MONTHS_PER_YEAR
        begun = self.active[rows]
        return rows, cost / (self.levels.general[begun] * self.levels.items[OPEX][begun])

    @cached_property
    def lives(self) -> Lives:
        """All plant in service, what is of one project, item and life together."""
        held = self.holdings
        own = np.array([self.options.lives[item] for item in ITEMS])[held.item]
        radio = (held.item == ITEMS.index(ACTIVE)) & (self.group[held.holder] == _MOBILE)
        own = np.where(radio, self.options.radio_life, own)
        years = np.where(np.isnan(held.life_years), own, held.life_years)
        life = np.maximum(np.rint(years * MONTHS_PER_YEAR).astype(np.int64), 1)
        serving = self.active[held.holder] < self.months
        most = int(life.max(initial=0)) + 1
        key = (held.holder * most + life) * len(ITEMS) + held.item
        key, where = np.unique(key[serving], return_inverse=True)
        cost = np.bincount(where, held.cost_fen[serving].astype(np.float64), len(key))
        holder, item = key // len(ITEMS) // most, key % len(ITEMS)
        since = self.active[holder]
        level = np.array([self.levels.items[name] for name in ITEMS])
        at_base = cost / (self.levels.general[since] * level[item, since])
        return Lives(holder, key // len(ITEMS) % most, since, at_base, item, level)

    @cached_property
    def replacements(self) -> tuple[Ints, Ints, Floats]:
        """Month, zone and fen, in constant prices, of everything bought anew within the months evaluated."""
        plant = self.lives
        row, due = np.arange(len(plant.holder)), plant.since + plant.life
        found = [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))]
        while (due < self.evaluated).any():
            row, due = row[due < self.evaluated], due[due < self.evaluated]
            place, at = self.serves.rows(plant.holder[row])
            price = plant.price(row, due)
            found.append((due[place], self.serves.to[at], price[place] * self.serves.share[at]))
            due = due + plant.life[row]
        month, zone, fen = (np.concatenate(part) for part in zip(*found, strict=True))
        return month, zone, fen

    @cached_property
    def residual(self) -> Floats:
        """What plant is worth at the end in constant prices, shape (Z,) [fen]; nothing where left out."""
        if not self.options.residual_value:
            return np.zeros(self.zones)
        plant = self.lives
        row = np.arange(len(plant.holder))
        bought = plant.since + (self.evaluated - 1 - plant.since) // plant.life * plant.life
        left = plant.price(row, bought) * share_left(plant.since, plant.life, self.evaluated)
        place, at = self.serves.rows(plant.holder)
        total = np.bincount(self.serves.to[at], left[place] * self.serves.share[at], self.zones)
        return total.astype(np.float64)


def _group(use: str) -> int:
    """Return the group of capex of a use."""
    return 0 if use in FIXED_USES else 1 if use in MOBILE_USES else 2
