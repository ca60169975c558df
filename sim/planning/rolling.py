"""The rolling plan: what the rollout asks month by month, answered from what stands then."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.access.uplinks import uplink_projects
from sim.planning.base import Chosen, Planner, Question
from sim.planning.checks import check_commitments
from sim.planning.commitments import CommitmentOptions, fixed_at, unkept
from sim.planning.connections import Purse
from sim.planning.operators import View
from sim.planning.places import Places, places_of
from sim.planning.pots import poor_counties
from sim.planning.projects import join
from sim.planning.subscribers import Subscribers
from sim.planning.underway import UnderWay, elsewhere, lines_elsewhere
from sim.planning.worth import Roads, Situation
from sim.tables.layers import RIDES_ON
from sim.tables.plan import FIXED, MOBILE, TELEVISION, Progress, Proposal, Step, Work, contract_of
from sim.technologies import Plant, Technology, Transport

if TYPE_CHECKING:
    import pandas as pd

    from sim.access.routes import Routes
    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.planning.pots import Budget
    from sim.planning.price_paths import PricePaths
    from sim.tables.demand import Demand
    from sim.tables.ground import Ground

CABLE = "cable"


@dataclass(frozen=True, eq=False)
class Setting:
    """What does not change from release to release."""

    area: Area
    demand: Demand
    ground: Ground
    needs: pd.DataFrame
    technologies: Mapping[str, Technology]
    planner: Planner
    budget: Budget
    horizon: Horizon
    replication: int = 0
    routes: Routes | None = None
    """Feeder routes of the area; none where every zone digs its own."""
    places: Places | None = None
    """The zones as pots see them; none: as the area and the budget's list of poor counties say."""

    @property
    def commitments(self) -> CommitmentOptions:
        """What the scenario fixes in advance."""
        return self.planner if isinstance(self.planner, CommitmentOptions) else CommitmentOptions()

    @property
    def price_paths(self) -> PricePaths:
        """How prices move over the years."""
        return self.budget.price_paths


@dataclass(eq=False)
class RollingPlan:
    """The plan step of one replication: it remembers what was chosen and who is connected."""

    setting: Setting
    works: dict[str, Work] = field(default_factory=dict)
    decisions: list[pd.DataFrame] = field(default_factory=list)
    releases: list[pd.DataFrame] = field(default_factory=list)
    """How good each choice was."""
    proposals: dict[str, Proposal] = field(default_factory=dict)
    """The latest proposal of each technology."""
    asked: dict[str, list[Proposal]] = field(default_factory=dict)
    """Every different proposal of each technology, in order, at the prices of the base year."""
    funded_in: dict[str, int] = field(default_factory=dict)
    """Month in which each project was funded; without those given up."""
    funded: list[pd.DataFrame] = field(default_factory=list)
    """The candidates funded at each release, in order, at the prices of then."""
    paid_for: list[pd.DataFrame] = field(default_factory=list)
    """The assets bought at each release, at the prices of then."""
    bought: set[str] = field(default_factory=set)
    """Assets bought so far; plans of several operators share what they open to one another."""
    barred: dict[str, None] = field(default_factory=dict)
    """Projects given up, in order."""
    view: View = field(default_factory=View)
    """How an operator among several sees the province; as one network where it is left out."""

    def __post_init__(self) -> None:
        """Take over what stands in month 0."""
        setting = self.setting
        ground, table = setting.ground, setting.area.zones
        self.places = setting.places or places_of(table, poor_counties(setting.budget))
        self._given_up: set[str] = set()
        self._plant_when_asked: dict[str, int] = {}
        self.under_way = UnderWay(ground, setting.technologies)
        self.subscribers = self.view.subscribers or Subscribers(
            ground,
            setting.demand,
            setting.technologies,
            Purse(setting.budget, setting.horizon, self.places),
        )
        self._join: tuple[list[Proposal], Proposal] | None = None
        self._priced: tuple[Proposal, int, Proposal] | None = None
        points = setting.area.points
        self._roads = Roads(
            km=points["length_m"].to_numpy() / 1000.0,
            kind=points["kind"].to_numpy(dtype=object),
            road_class=points["road_class"].to_numpy(),
            signal=np.zeros(len(points), dtype=bool),
        )
        self._elevation_m, self._x_m, self._y_m = (
            table[name].to_numpy() for name in ("elevation_m", "x_m", "y_m")
        )
        self._behind = self._required() if self.view.behind is None else self.view.behind

    def __call__(self, month: int, progress: Progress, funds_fen: Mapping[str, int], release: bool) -> Step:
        """Return connections first, then, at a release, the works that the money left allows.

        Connections are paid at once, so they take money on hand only; works may be committed against
        advances too.
        """
        funds = dict(funds_fen)
        charges = self.subscribers.connect(month, progress.activated, funds)
        if not release:
            return Step(charges=charges)
        self.give_up(progress.cancelled)
        self.subscribers.set_aside(month, funds)
        return Step(charges=charges, works=self.choose(month, funds))

    def check(self) -> None:
        """Ask every technology, and refuse commitments that speak of what cannot be (``ScenarioError``)."""
        setting = self.setting
        self.ask(setting.technologies)
        if setting.commitments.commitments or setting.commitments.moratoria:
            everything = self._joined(tuple(setting.technologies))
            technologies, horizon = setting.technologies, setting.horizon
            check_commitments(setting.commitments, everything, self.places, technologies, horizon)

    def unkept(self) -> list[str]:
        """Return a remark on every commitment to build that was not kept, once the rollout is over."""
        options = self.setting.commitments
        if not options.commitments:
            return []
        everything = join([versions[-1] for versions in self.asked.values()])
        return unkept(options, everything, self.places, self.funded_in, self.setting.horizon)

    def give_up(self, cancelled: Mapping[str, int]) -> None:
        """Open again what projects given up since would have served; they themselves are barred.

        What was bought with them stays bought.
        """
        for name in cancelled:
            self.funded_in.pop(name, None)
        self.barred.update(dict.fromkeys(cancelled))
        self.under_way.give_up([name for name in cancelled if name not in self._given_up])
        self._given_up.update(cancelled)

    @property
    def taken(self) -> frozenset[str]:
        """The projects funded and not given up."""
        return frozenset(self.works.keys() - self.barred.keys())

    # -- works ------------------------------------------------------------------------------

    def choose(self, month: int, funds: Mapping[str, int]) -> tuple[Work, ...]:
        """Return the works that a release pays for, and count them as under way."""
        setting = self.setting
        licensed = self._licensed(month)
        self.ask(licensed)
        proposal = self._priced_at(month, self._joined(licensed))
        fixed = fixed_at(setting.commitments, proposal, self.places, month, setting.horizon)
        choice = setting.planner.choose(
            Question(
                proposal=proposal,
                needs=setting.needs,
                situation=self.situation(month),
                places=self.places,
                funds_fen=funds,
                budget=setting.budget,
                taken=self.taken,
                barred=frozenset(self.barred),
                bought=frozenset(self.bought),
                forced=fixed.forced,
                shut=fixed.shut,
                replication=setting.replication,
                operator=self.view.operator,
            )
        )
        self.decisions.append(choice.decisions)
        if choice.releases is not None:
            self.releases.append(choice.releases)
        rows = np.array([chosen.row for chosen in choice.chosen], dtype=np.int64)
        funded = proposal.candidates.iloc[rows]
        records = funded.to_dict("records")
        works = tuple(
            self._work(month, chosen, row) for chosen, row in zip(choice.chosen, records, strict=True)
        )
        self.works.update((work.project_id, work) for work in works)
        self.funded_in.update((work.project_id, month) for work in works)
        bought = [asset for work in works for asset, _ in work.buys]
        self.bought.update(bought)
        self.funded.append(funded)
        self.paid_for.append(proposal.assets[proposal.assets["asset_id"].isin(bought)])
        self.under_way.take(rows, proposal)
        self.subscribers.expect(works, {str(row["project_id"]): int(row["quantity"]) for row in records})
        return works

    def _priced_at(self, month: int, proposal: Proposal) -> Proposal:
        """Return a proposal at the prices of a month, made anew only with the year or the proposal."""
        horizon = self.setting.horizon
        if self._priced is None or (self._priced[0], self._priced[1]) != (proposal, horizon.year(month)):
            moved = self.setting.price_paths.at(proposal, month, horizon)
            self._priced = (proposal, horizon.year(month), moved)
        return self._priced[2]

    def _joined(self, names: tuple[str, ...]) -> Proposal:
        """Return the proposals of these technologies as one, joined again only when one has changed."""
        parts = [self.proposals[name] for name in names]
        if self._join is None or [id(part) for part in self._join[0]] != [id(part) for part in parts]:
            self._join = (parts, join(parts))
        return self._join[1]

    def _licensed(self, month: int) -> tuple[str, ...]:
        """Return the technologies that may be built by now; the others are not considered yet."""
        setting = self.setting
        return tuple(
            name
            for name, technology in setting.technologies.items()
            if setting.horizon.index(technology.available_from) <= month
        )

    def ask(self, names: Collection[str]) -> None:
        """Ask those of the named technologies whose surroundings have changed what they could build now."""
        setting, standing = self.setting, self.under_way
        plant = Plant(
            site_locations={
                name: np.array(sorted(rows), dtype=np.int32) for name, rows in standing.sites.items()
            },
            homes_share=dict(setting.ground.standing_share)
            | {
                name: share
                for name, share in zip(standing.layers, self._homes_share(), strict=True)
                if name != "satellite"
            },
            units=dict(standing.units),
            standing_sites=setting.ground.standing_sites,
            sectors=setting.ground.standing_sectors,
            taken=self.taken,
            behind=self._behind,
            routes=setting.routes,
        )
        for name, technology in setting.technologies.items():
            if name in names and self._has_changed(technology):
                self._plant_when_asked[name] = self._surroundings(technology)
                demand = self.view.demand_for(technology, setting.demand)
                proposed = technology.propose(setting.area, demand, plant, setting.horizon)
                self.proposals[name] = self.view.named(proposed)
                self.asked.setdefault(name, []).append(self.proposals[name])

    def _homes_share(self) -> NDArray[np.float64]:
        """Return the share of homes passed by each fixed layer, new homes with fibre included, (L, Z)."""
        shares = self.under_way.share.astype(np.float64)
        fibre = self.under_way.fibre
        shares[fibre] = self.subscribers.with_new_homes(shares[fibre])
        return shares

    def _required(self) -> NDArray[np.object_] | None:
        """Return the transport project that access in each zone requires, if transport is in use, (Z,)."""
        setting, transport = self.setting, self.setting.technologies.get(Transport.name)
        if not isinstance(transport, Transport):
            return None
        return uplink_projects(setting.area, setting.demand, transport, setting.horizon)

    def _surroundings(self, technology: Technology) -> int:
        """Return how much plant there is of the technologies that this one reacts to."""
        return sum(self.under_way.plant.get(name, 0) for name in technology.reacts_to)

    def _has_changed(self, technology: Technology) -> bool:
        before = self._plant_when_asked.get(technology.name)
        return before is None or self._surroundings(technology) > before * (1.0 + technology.patience())

    def situation(self, month: int) -> Situation:
        """Return what stands, is under way or was decided, as of a month."""
        ground, points, demand = self.setting.ground, self.setting.area.points, self.setting.demand
        lines, mobile = (by[month][demand.zone_kind] for by in (demand.fixed_lines, demand.mobile_willing))
        return Situation(
            month=month,
            homes=ground.homes[month],
            population=ground.population[month],
            zone_of_point=ground.point_zone,
            point_homes=points["homes"].to_numpy(),
            point_people=ground.point_people,
            fixed_mbps=self.under_way.mbps,
            fixed_share=self._homes_share().astype(np.float32),
            covered=self.under_way.covered,
            roads=replace(self._roads, signal=self._with_signal()),
            elsewhere=elsewhere(self.view.others),
            lines_elsewhere=lines_elsewhere(self.view.others),
            reach={name: ground.reach(name) for name in RIDES_ON},
            cable=self.under_way.layers.index(CABLE),
            layers=self.under_way.layers,
            poor=self.places.poor,
            paying={FIXED: lines, TELEVISION: lines, MOBILE: mobile},
        )

    def _with_signal(self) -> NDArray[np.bool_]:
        """Return the points where mobile broadband of any operator stands or is under way, shape (P,)."""
        found = self.under_way.with_signal()
        for other in self.view.others:
            found |= other.with_signal()
        return found

    def _work(self, month: int, chosen: Chosen, row: Mapping[Any, Any]) -> Work:
        zone = int(row["zone"])
        technology = self.setting.technologies[str(row["technology"])]
        kind, county = str(self.places.kind[zone]), str(self.places.county[zone])
        return Work(
            project_id=chosen.project_id,
            technology=technology.name,
            prefecture=str(self.places.prefecture[zone]),
            zone=zone,
            elevation_m=float(self._elevation_m[zone]),
            price_fen=chosen.price_fen,
            pot=chosen.pot,
            priority=len(self.decisions) * 1_000_000 + chosen.rank,
            tasks=technology.steps(row),
            buys=chosen.buys,
            requires=chosen.requires,
            matching=chosen.matching,
            batch=contract_of(technology.name, kind, county, month),
            x_m=float(self._x_m[zone]),
            y_m=float(self._y_m[zone]),
            build=str(row["build"]),
            kind=kind,
        )
