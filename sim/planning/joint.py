"""Several operators that plan side by side: each with its own money and plant, on one province."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.access.uplinks import uplink_projects
from sim.planning.connections import Purse
from sim.planning.operators import Operator, Operators, View, may_build, users_of
from sim.planning.places import places_of
from sim.planning.planner import Planning
from sim.planning.pots import poor_counties
from sim.planning.projects import join
from sim.planning.rolling import RollingPlan, Setting
from sim.planning.subscribers import Subscribers
from sim.tables.plan import TRANSPORT, Progress, Step, Work
from sim.technologies import Transport
from sim.technologies.radio import RadioNetwork
from sim.technologies.spectrum import OperatorName, has_spectrum, view_of

if TYPE_CHECKING:
    from sim.geo.area import Area
    from sim.tables.ground import Ground
    from sim.technologies import Technology


@dataclass(eq=False)
class JointPlan(RollingPlan):
    """The plan step of several operators.

    Lines are one account for the province: whoever passes a home may connect it, with money of any pot that
    may pay. At a release the operators choose one after another, in the order of the scenario, each with
    the pots that are open to it; a target that one of them meets is met for all, so the next builds there
    only for what its own customers are worth. What they open to one another is bought once.
    """

    operators: Operators = field(default_factory=Operators)

    def __post_init__(self) -> None:
        """Give every operator a plan of its own that shares this one's account of works and money."""
        given = self.setting
        self.places = given.places or places_of(given.area.zones, poor_counties(given.budget))
        self.setting = setting = replace(given, places=self.places)
        self.subscribers = Subscribers(
            setting.ground,
            setting.demand,
            setting.technologies,
            Purse(setting.budget, setting.horizon, self.places),
        )
        transport = setting.technologies.get(TRANSPORT)
        behind = np.full(len(setting.area.zones), "", dtype=object)
        if isinstance(transport, Transport):
            behind = uplink_projects(setting.area, setting.demand, transport, setting.horizon)
        self._known: dict[str, int] = {}
        self.plans: dict[OperatorName, RollingPlan] = {}
        for name, operator in self.operators.each.items():
            view = View(name, self.operators.opened, self.subscribers, setting.demand, behind)
            self.plans[name] = self._plan_of(name, operator, view)
        for name, plan in self.plans.items():
            plan.view.others.extend(other.under_way for key, other in self.plans.items() if key != name)

    def _plan_of(self, name: OperatorName, operator: Operator, view: View) -> RollingPlan:
        setting = self.setting
        technologies = {
            key: view_of(name, technology)
            for key, technology in setting.technologies.items()
            if may_build(name, operator, technology)
        }
        ground = own_ground(name, operator, setting.area, setting.ground, setting.technologies)
        area = setting.area if "site" in self.operators.opened else _with_own_sites(setting.area, ground)
        return RollingPlan(
            replace(
                setting,
                area=area,
                demand=users_of(operator, setting.demand),
                ground=ground,
                technologies=technologies,
                planner=_for_own_customers(setting, operator),
            ),
            works=self.works,
            decisions=self.decisions,
            releases=self.releases,
            funded_in=self.funded_in,
            funded=self.funded,
            paid_for=self.paid_for,
            bought=self.bought,
            barred=self.barred,
            view=view,
        )

    def __call__(self, month: int, progress: Progress, funds_fen: Mapping[str, int], release: bool) -> Step:
        """Return connections first, then, at a release, the works of each operator in turn."""
        funds = dict(funds_fen)
        charges = self.subscribers.connect(month, progress.activated, funds)
        if not release:
            return Step(charges=charges)
        for plan in self.plans.values():
            plan.give_up(progress.cancelled)
        self.subscribers.set_aside(month, funds)
        works: list[Work] = []
        for name, plan in self.plans.items():
            chosen = plan.choose(month, self._part_of(name, funds))
            for work in chosen:
                for pot, fen in work.parts.items():
                    funds[pot] -= fen
            works.extend(chosen)
        self._remember()
        return Step(charges=charges, works=tuple(works))

    def _part_of(self, operator: OperatorName, funds: Mapping[str, int]) -> dict[str, int]:
        """Return an operator's part of what is left of each pot, beside those who have still to choose."""
        names = list(self.plans)
        later = names[names.index(operator) :]
        part = {}
        for pot, fen in funds.items():
            waiting = [name for name in later if self.setting.budget.pots[pot].is_open_to(name)]
            if operator in waiting:
                total = sum(self.operators.each[name].share for name in waiting)
                mine = self.operators.each[operator].share / total
                part[pot] = fen if len(waiting) == 1 else int(fen * mine)
        return part

    def check(self) -> None:
        """Ask every technology of every operator, and refuse commitments that speak of what cannot be."""
        for plan in self.plans.values():
            plan.check()
        self._remember()

    def _remember(self) -> None:
        """Keep what was proposed by technology, that of all operators joined; common transport once."""
        for name in self.setting.technologies:
            every = [plan.asked[name] for plan in self.plans.values() if plan.asked.get(name)]
            own = every[:1] if name == TRANSPORT else every
            known = sum(map(len, own))
            if known > self._known.get(name, 0):
                self._known[name], count = known, max(map(len, own))
                rounds = [[versions[min(k, len(versions) - 1)] for versions in own] for k in range(count)]
                self.asked[name] = [join(parts) for parts in rounds]
                self.proposals[name] = self.asked[name][-1]


def _for_own_customers(setting: Setting, operator: Operator) -> Planning:
    """Return the planner with the worth beside targets cut to an operator's share of the users."""
    planner = setting.planner
    if not isinstance(planner, Planning):
        raise TypeError("operators plan by the worth of their customers; this planner knows no worth")
    worths = {
        name: getattr(planner, name) * operator.share
        for name in type(planner).model_fields
        if name.startswith("worth_") or name == "revenue_weight"
    }
    return planner.model_copy(update=worths)


def own_ground(
    name: OperatorName, operator: Operator, area: Area, ground: Ground, technologies: Mapping[str, Technology]
) -> Ground:
    """Return the land with what stands in month 0 of one operator: its sectors and its fixed networks."""
    mine = {
        key: share if key in operator.fixed_plant else np.zeros_like(share)
        for key, share in ground.standing_share.items()
    }
    fixed = replace(ground, standing_share=mine)
    if ground.standing_sectors is None:
        return fixed
    sectors = ground.standing_sectors[ground.standing_sectors["operator"] == name]
    sites, points = {}, {}
    for key, technology in technologies.items():
        if not isinstance(technology, RadioNetwork):
            continue
        here = sectors.loc[sectors["technology"] == key, "location"].to_numpy()
        sites[key] = np.unique(here).astype(np.int32)
        if len(sites[key]) and has_spectrum(name, technology):
            points[key] = view_of(name, technology).served_points(area, sites[key], sectors)
    return replace(fixed, standing_sectors=sectors, standing_sites=sites, standing_points=points)


def _with_own_sites(area: Area, ground: Ground) -> Area:
    """Return the area with no standing sites but an operator's own."""
    own = np.zeros(len(area.locations), dtype=bool)
    for rows in ground.standing_sites.values():
        own[rows] = True
    return replace(area, locations=area.locations.assign(standing=own))
