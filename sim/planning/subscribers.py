"""Who is connected month by month while the plan runs, and what connecting them costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.demand.lines import Uptake
from sim.lines import COPPER, FIBRE, WIRED, FibredHomes, in_order, standing_share, whole_homes
from sim.planning.connections import TOWNS, VILLAGES, Purse, charge_connections
from sim.tables.layers import VILLAGE, ZONE_KINDS
from sim.tables.plan import FIXED, Charge, Work

if TYPE_CHECKING:
    from sim.tables.demand import Demand
    from sim.tables.ground import Ground
    from sim.technologies import Technology

Floats = NDArray[np.float64]


def one_by_one(technologies: Mapping[str, Technology], standing: Iterable[str]) -> tuple[str, ...]:
    """Return the fixed technologies whose lines are put in one by one, in the order of ``sim.lines``.

    Wired ones always are; others where connecting a subscriber has a price of its own.
    """
    priced = {name for name, one in technologies.items() if one.use == FIXED and one.connect_yuan() > 0}
    names = priced | (set(WIRED) & (set(technologies) | set(standing)))
    return in_order(names, names)


class Subscribers:
    """Lines put in one by one: the plan's own account, which the fold repeats from the log alone."""

    def __init__(
        self,
        ground: Ground,
        demand: Demand,
        technologies: Mapping[str, Technology],
        purse: Purse,
    ) -> None:
        self._ground, self._demand = ground, demand
        self._technologies, self._purse = technologies, purse
        self.names = one_by_one(technologies, ground.standing_share)
        self._uptake = Uptake(ground, demand, self._followed())
        self._passed = {name: standing_share(ground, name) for name in self.names}
        self._fibred = FibredHomes(ground)
        self._village = demand.zone_kind == ZONE_KINDS.index(VILLAGE)
        self._seen = 0
        self._offers: dict[str, tuple[str, int, float]] = {}

    @property
    def lines(self) -> dict[str, Floats]:
        """Homes with a line by technology put in one by one, shape (Z,)."""
        return {name: self._uptake.lines[name] for name in self.names}

    @property
    def ever(self) -> dict[str, Floats]:
        """Homes whose line has ever been put in, by the same technologies, shape (Z,)."""
        return {name: self._uptake.ever[name] for name in self.names}

    def expect(self, works: Iterable[Work], quantities: Mapping[str, int]) -> None:
        """Remember which share of its zone's homes each project will pass; ``quantities`` are units."""
        most = self._ground.homes.max(axis=0)
        for work in works:
            name, zone = work.technology, work.zone
            if name not in self.names:
                continue
            share = float(self._ground.reach(name)[zone])
            if self._technologies[name].per_home:
                share = min(quantities[work.project_id] / max(int(most[zone]), 1), 1.0)
            self._offers[work.project_id] = (name, zone, share)

    def with_new_homes(self, share: Floats) -> Floats:
        """Return a share of homes passed by fibre together with the homes built with it, same shape."""
        return self._fibred.together(share)

    def connect(self, month: int, activated: Mapping[str, int], funds: dict[str, int]) -> tuple[Charge, ...]:
        """Charge this month's new subscribers; they have first call on ``funds``, which is reduced.

        Only homes that were passed when the month began can be connected. Technologies are asked in
        order: what an earlier one used of a pot is gone for the next.
        """
        self._open(month, activated)
        with self._cash_of(month, funds) as cash:
            charges = self._month(month, cash)
        fibre = self._passed.get(FIBRE, standing_share(self._ground, FIBRE))
        self._fibred.build(month, self._ground.homes[month], fibre)
        return charges

    def set_aside(self, month: int, funds: dict[str, int]) -> None:
        """Keep back what connections will ask for until the next release, with the budget's margin.

        Homes passed today are counted; what opens in between is what the margin is for.
        """
        total = {name: dict.fromkeys((VILLAGES, TOWNS), 0.0) for name in self.names}
        ahead, margin = self._uptake.copy(), self._purse.budget.connection_margin
        for later in self._purse.until(month):
            ahead.begin(later)
            for name in self.names:
                for kind, count in self._by_group(ahead.ask(name, self._reached(later, name))).items():
                    total[name][kind] += count * (1.0 + margin)
                ahead.connect(name, 1.0)
            self._serve_copper(ahead, later)
        with self._cash_of(month, funds) as cash:
            for place, name in enumerate(self.names):
                if name in self._technologies:
                    technology, later_names = self._technologies[name], self.names[place + 1 :]
                    charge_connections(technology, total[name], self._purse, cash, later_names, month)

    @contextmanager
    def _cash_of(self, month: int, funds: dict[str, int]) -> Iterator[dict[str, int]]:
        """Give out the money on hand without advances; what is taken of it is taken of ``funds``."""
        cash = self._purse.cash(month, funds)
        before = dict(cash)
        yield cash
        for name, fen in before.items():
            funds[name] -= fen - cash[name]

    def _open(self, month: int, activated: Mapping[str, int]) -> None:
        """Pass the homes of projects that were active before this month began."""
        for project_id in list(activated)[self._seen :]:
            if project_id in self._offers and activated[project_id] < month:
                name, zone, share = self._offers[project_id]
                self._passed[name][zone] = max(self._passed[name][zone], share)
        self._seen = sum(1 for at in activated.values() if at < month)

    def _month(self, month: int, funds: dict[str, int]) -> tuple[Charge, ...]:
        charges: list[Charge] = []
        self._uptake.begin(month)
        for place, name in enumerate(self.names):
            new = self._uptake.ask(name, self._reached(month, name))
            share = 1.0
            if name in self._technologies:
                technology, later = self._technologies[name], self.names[place + 1 :]
                groups = self._by_group(new)
                made, share = charge_connections(technology, groups, self._purse, funds, later, month)
                charges.extend(made)
            self._uptake.connect(name, share)
        self._serve_copper(self._uptake, month)
        return tuple(charges)

    def _followed(self) -> tuple[str, ...]:
        """Return the technologies whose lines are counted: also copper, from which homes move."""
        copper = (COPPER,) if COPPER in self._ground.standing_share and COPPER not in self.names else ()
        return (*self.names, *copper)

    def _serve_copper(self, uptake: Uptake, month: int) -> None:
        """Give copper, of which none is built, to those left without a better line."""
        if COPPER in uptake.lines and COPPER not in self.names:
            share = standing_share(self._ground, COPPER)
            uptake.serve(COPPER, whole_homes(share, self._ground.homes[month]))

    def _reached(self, month: int, name: str) -> Floats:
        """Return the homes that a technology passed when the month began, shape (Z,)."""
        share = self._passed[name]
        together = self._fibred.together(share) if name == FIBRE else share
        return whole_homes(together, self._ground.homes[month])

    def _by_group(self, new: Floats) -> dict[str, float]:
        """Return new lines by kind of zone."""
        return {VILLAGES: float(new[self._village].sum()), TOWNS: float(new[~self._village].sum())}
