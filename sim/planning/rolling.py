"""The rolling plan: what the rollout asks month by month, answered from what stands then."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.access.uplinks import uplink_projects
from sim.lines import FIBRE
from sim.planning.base import Budget, Chosen, Planner, Question
from sim.planning.projects import join
from sim.planning.subscribers import Subscribers
from sim.planning.worth import Roads, Situation
from sim.tables.layers import RIDES_ON
from sim.tables.plan import ADDED_TO_SITES, FIXED, MOBILE, TRANSPORT, Proposal, Step, Work
from sim.technologies import Plant, Technology, Transport

if TYPE_CHECKING:
    import pandas as pd

    from sim.access.routes import Routes
    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.demand import Demand
    from sim.tables.ground import Ground

FIXED_LAYERS = ("dsl", "ftth", "cable", "fwa", "satellite")
"""Layers of fixed service in the order of the planner's situation; other fixed technologies come after."""
CABLE = "cable"
NO_BROADBAND = ("gsm", "nbiot")
"""Radio that is no mobile broadband, whether or not it is built."""


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


@dataclass(eq=False)
class RollingPlan:
    """The plan step of one replication: it remembers what was chosen and who is connected."""

    setting: Setting
    works: dict[str, Work] = field(default_factory=dict)
    decisions: list[pd.DataFrame] = field(default_factory=list)
    proposals: dict[str, Proposal] = field(default_factory=dict)
    """The latest proposal of each technology."""
    asked: dict[str, list[Proposal]] = field(default_factory=dict)
    """Every different proposal of each technology, in order."""

    def __post_init__(self) -> None:
        """Take over what stands in month 0."""
        ground = self.setting.ground
        zones = ground.homes.shape[1]
        self._bought: set[str] = set()
        self._plant = {name: len(rows) for name, rows in ground.standing_sites.items()}
        self._plant_when_asked: dict[str, int] = {}
        mine = {name for name, one in self.setting.technologies.items() if one.use == FIXED}
        self._layers = (*FIXED_LAYERS, *sorted(mine - set(FIXED_LAYERS)))
        self._share = np.zeros((len(self._layers), zones), dtype=np.float32)
        self._mbps = np.zeros((len(self._layers), zones), dtype=np.float32)
        for layer, name in enumerate(self._layers):
            self._share[layer] = ground.standing_share.get(name, 0.0)
            self._mbps[layer] = ground.standing_mbps.get(name, 0.0)
        self._covered = {name: points.copy() for name, points in ground.standing_points.items()}
        self._sites = {name: list(map(int, rows)) for name, rows in ground.standing_sites.items()}
        self._units: dict[str, int] = {}
        self.subscribers = Subscribers(
            ground, self.setting.demand, self.setting.technologies, self.setting.budget, self.setting.horizon
        )
        self._join: tuple[list[Proposal], Proposal] | None = None
        points = self.setting.area.points
        self._roads = Roads(
            km=points["length_m"].to_numpy() / 1000.0,
            kind=points["kind"].to_numpy(dtype=object),
            road_class=points["road_class"].to_numpy(),
            signal=np.zeros(len(points), dtype=bool),
        )
        table = self.setting.area.zones
        self._prefectures = table["prefecture"].to_numpy(dtype=object)
        self._elevation_m = table["elevation_m"].to_numpy()
        self._behind = self._required()

    def __call__(
        self, month: int, activated: Mapping[str, int], funds_fen: Mapping[str, int], release: bool
    ) -> Step:
        """Return connections first, then, at a release, the works that the money left allows."""
        funds = dict(funds_fen)
        charges = self.subscribers.connect(month, activated, funds)
        if not release:
            return Step(charges=charges)
        self.subscribers.set_aside(month, funds)
        works = self._choose(month, funds)
        return Step(charges=charges, works=works)

    # -- works ------------------------------------------------------------------------------

    def _choose(self, month: int, funds: Mapping[str, int]) -> tuple[Work, ...]:
        setting = self.setting
        licensed = self._licensed(month)
        self.ask(licensed)
        proposal = self._joined(licensed)
        choice = setting.planner.choose(
            Question(
                proposal=proposal,
                needs=setting.needs,
                situation=self._situation(month),
                kinds=setting.area.zones["kind"].to_numpy(dtype=object),
                funds_fen=funds,
                budget=setting.budget,
                taken=frozenset(self.works),
                bought=frozenset(self._bought),
                replication=setting.replication,
            )
        )
        self.decisions.append(choice.decisions)
        rows = [chosen.row for chosen in choice.chosen]
        records = proposal.candidates.iloc[rows].to_dict("records")
        works = tuple(self._work(chosen, row) for chosen, row in zip(choice.chosen, records, strict=True))
        self._take(works, np.array(rows, dtype=np.int64), proposal)
        self.subscribers.expect(works, {str(row["project_id"]): int(row["quantity"]) for row in records})
        return works

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
        setting = self.setting
        plant = Plant(
            site_locations={
                name: np.array(sorted(rows), dtype=np.int32) for name, rows in self._sites.items()
            },
            homes_share=dict(setting.ground.standing_share)
            | {
                name: share
                for name, share in zip(self._layers, self._homes_share(), strict=True)
                if name != "satellite"
            },
            units=dict(self._units),
            standing_sites=setting.ground.standing_sites,
            sectors=setting.ground.standing_sectors,
            taken=frozenset(self.works),
            behind=self._behind,
            routes=setting.routes,
        )
        for name, technology in setting.technologies.items():
            if name in names and self._has_changed(technology):
                self._plant_when_asked[name] = self._surroundings(technology)
                self.proposals[name] = technology.propose(
                    setting.area, setting.demand, plant, setting.horizon
                )
                self.asked.setdefault(name, []).append(self.proposals[name])

    def _homes_share(self) -> NDArray[np.float64]:
        """Return the share of homes passed by each fixed layer, new homes with fibre included, (L, Z)."""
        shares = self._share.astype(np.float64)
        fibre = self._layers.index(FIBRE)
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
        return sum(self._plant.get(name, 0) for name in technology.reacts_to)

    def _has_changed(self, technology: Technology) -> bool:
        before = self._plant_when_asked.get(technology.name)
        return before is None or self._surroundings(technology) > before * (1.0 + technology.patience())

    def _situation(self, month: int) -> Situation:
        ground, points = self.setting.ground, self.setting.area.points
        return Situation(
            month=month,
            homes=ground.homes[month],
            population=ground.population[month],
            zone_of_point=ground.point_zone,
            point_homes=points["homes"].to_numpy(),
            point_people=ground.point_people,
            fixed_mbps=self._mbps,
            fixed_share=self._homes_share().astype(np.float32),
            covered=self._covered,
            roads=replace(self._roads, signal=self._with_signal()),
            reach={name: ground.reach(name) for name in RIDES_ON},
            cable=self._layers.index(CABLE),
        )

    def _with_signal(self) -> NDArray[np.bool_]:
        """Return the points where mobile broadband stands or is under way, shape (P,)."""
        others = {name for name, one in self.setting.technologies.items() if one.use != MOBILE}
        found = np.zeros(len(self.setting.area.points), dtype=bool)
        for name, covered in self._covered.items():
            if name not in others and name not in NO_BROADBAND:
                found |= covered
        return found

    def _work(self, chosen: Chosen, row: Mapping[Any, Any]) -> Work:
        zone = int(row["zone"])
        technology = self.setting.technologies[str(row["technology"])]
        return Work(
            project_id=chosen.project_id,
            technology=technology.name,
            prefecture=str(self._prefectures[zone]),
            zone=zone,
            elevation_m=float(self._elevation_m[zone]),
            price_fen=chosen.price_fen,
            pot=chosen.pot,
            priority=len(self.decisions) * 1_000_000 + chosen.rank,
            tasks=technology.tasks(row),
            buys=chosen.buys,
            requires=chosen.requires,
        )

    def _take(self, works: tuple[Work, ...], rows: NDArray[np.int64], proposal: Proposal) -> None:
        """Count the chosen works (rows of the candidates) as under way from now on."""
        if not works:
            return
        self.works.update((work.project_id, work) for work in works)
        self._bought.update(asset for work in works for asset, _ in work.buys)
        chosen = np.zeros(len(proposal.candidates), dtype=bool)
        chosen[rows] = True
        technology = proposal.candidates["technology"].to_numpy(dtype=object)
        for name in sorted(set(technology[rows])):
            mine = chosen & (technology == name)
            self._plant[name] = self._plant.get(name, 0) + int(mine.sum())
            part, service = proposal.candidates[mine], proposal.service[mine[proposal.service_owner]]
            if self.setting.technologies[name].use == FIXED:
                self._take_fixed(name, part, service)
            elif self.setting.technologies[name].use != TRANSPORT:
                covered = self._covered.setdefault(name, np.zeros(len(self.setting.area.points), dtype=bool))
                covered[service["point"].to_numpy()] = True
                new = part[~part["build"].isin(ADDED_TO_SITES) & (part["location"] >= 0)]
                self._sites.setdefault(name, []).extend(map(int, new["location"]))

    def _take_fixed(self, name: str, part: pd.DataFrame, service: pd.DataFrame) -> None:
        layer = self._layers.index(name)
        zone, ground = service["zone"].to_numpy(), self.setting.ground
        self._mbps[layer][zone] = np.maximum(self._mbps[layer][zone], service["peak_mbps"].to_numpy())
        share = ground.reach(name)[zone]
        if self.setting.technologies[name].per_home:
            zone = part["zone"].to_numpy()
            homes = np.maximum(ground.homes.max(axis=0)[zone], 1)
            share = np.minimum(part["quantity"].to_numpy() / homes, 1.0)
            self._units[name] = self._units.get(name, 0) + int(part["quantity"].sum())
        self._share[layer][zone] = np.maximum(self._share[layer][zone], share)
