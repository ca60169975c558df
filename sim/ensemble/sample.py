"""Some zones of an area that stand for all: folded again, they say what other parameters would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.demand import DemandOptions, estimate_demand
from sim.indicators.base import Evidence, Indicator
from sim.indicators.registry import REGISTRY
from sim.prepare import standing_subscribers
from sim.randomness import Streams
from sim.rollout.state import LINE_USES, monthly_state

if TYPE_CHECKING:
    import pandas as pd

    from sim.geo.area import Area
    from sim.prepare import Prepared
    from sim.tables.demand import Demand
    from sim.tables.ground import Ground, Projects
    from sim.tables.results import MonthlyState

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
ZONES = 1200
"""Zones of a sample, at least; enough that draws of the whole differ by less than draws from one another."""
_SAMPLE = "zone of draws"
_FROM = (
    "fixed_broadband_household_penetration", "fixed_subscribers", "ftth_subscribers",
    "ftth_share_of_fixed_subscribers", "take_up_by_income", "mean_access_bandwidth_households",
    "measured_mbps",
    "users_2g", "users_3g", "users_lte", "users_5g", "users_3g_plus_4g", "user_penetration_3g_4g",
    "mobile_subscribers", "fixed_traffic_gb_per_line", "mobile_traffic_gb_per_user", "nb_iot_connections",
    "cellular_iot_connections", "price_per_mbps", "price_per_gb", "entry_price_income_share",
)  # fmt: skip
_PREFIXES = ("subscribed_share_ge_",)


def is_drawn(indicator: str) -> bool:
    """Return whether an indicator follows from demand, so that draws are told of it."""
    return indicator in _FROM or indicator.startswith(_PREFIXES)


@dataclass(frozen=True, eq=False)
class Folded:
    """One replication as it was folded: what the draws start from."""

    events: pd.DataFrame
    """The log of replication 0."""
    projects: Projects
    indicators: pd.DataFrame
    """What was measured of it (contract ``INDICATORS``)."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Some zones of an area with all that a fold of them needs."""

    prepared: Prepared
    zones: Rows
    """Rows of the zones, ascending."""
    projects: Projects
    events: pd.DataFrame
    ground: Ground
    area: Area

    @classmethod
    def of(cls, prepared: Prepared, folded: Folded, at_least: int = ZONES) -> Sample:
        """Return a sample: of every kind of zone in every prefecture the same share, drawn by name."""
        zones = sampled_zones(prepared, at_least)
        points = np.isin(prepared.ground.point_zone, zones)
        projects, kept = _projects(folded.projects, zones, points, prepared.area.n_zones)
        names = folded.events["project_id"]
        lines = (folded.events["event"] == "connected").to_numpy()
        events = folded.events[lines | names.isin(kept).to_numpy()]
        area = prepared.area
        return cls(
            prepared=prepared,
            zones=zones,
            projects=projects,
            events=events,
            ground=_ground(prepared.ground, zones, points),
            area=_area(area, zones, points),
        )

    @property
    def is_whole(self) -> bool:
        """Whether the sample holds every zone."""
        return len(self.zones) == self.prepared.area.n_zones

    @cached_property
    def _kinds(self) -> NDArray[np.str_]:
        return np.asarray(self.area.zones["kind"].to_numpy(dtype=str))

    def demand(self, options: DemandOptions) -> Demand:
        """Return what the homes and people of the sample want."""
        return estimate_demand(self._kinds, options, self.prepared.scenario.clock)

    def fold(self, options: DemandOptions) -> MonthlyState:
        """Return the month-end state of the sample, with what options say of demand."""
        demand, scenario = self.demand(options), self.prepared.scenario
        ground, standing = self.ground, scenario.standing
        own = {name: lines[self.zones] for name, lines in self.prepared.standing.subscribers.items()}
        lines = standing_subscribers(ground.standing_share, ground.homes[0], demand, standing)
        housing = options.new_housing.housing(
            ground.homes, demand.zone_kind, scenario.clock, standing.ftth_capability
        )
        ground = replace(ground, standing_subscribers={**lines, **own}, new_housing=housing)
        return monthly_state(self.events, self.projects, demand, ground)

    def measure(self, options: DemandOptions) -> dict[tuple[str, str], Floats]:
        """Return what demand moves by indicator and breakdown, each of shape (M,)."""
        scenario = self.prepared.scenario
        evidence = Evidence(self.fold(options), self.area, scenario.clock, scenario.targets, self.events)
        return {
            (indicator.name, breakdown): series
            for indicator in _drawn_indicators()
            for breakdown, series in indicator.measure(evidence).items()
        }


def _drawn_indicators() -> list[Indicator]:
    return [indicator for name, indicator in REGISTRY.items() if is_drawn(name)]


def sampled_zones(prepared: Prepared, at_least: int = ZONES) -> Rows:
    """Return the rows of zones that stand for all, ascending: the same share of every kind and prefecture."""
    zones = prepared.area.zones
    share = min(at_least / max(len(zones), 1), 1.0)
    luck = Streams(prepared.scenario.seed).uniforms(_SAMPLE, zones["zone_id"].to_numpy(dtype=str))
    chosen = []
    for _, members in zones.groupby(["prefecture", "kind"], sort=True):
        rows = members.index.to_numpy(dtype=np.int64)
        chosen.append(rows[np.argsort(luck[rows], kind="stable")][: int(np.ceil(share * len(rows)))])
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def _positions(rows: Rows, count: int) -> Rows:
    """Return the place of each old row among those kept, 0 for those that are not, shape (count,)."""
    places_of = np.zeros(count, dtype=np.int64)
    places_of[rows] = np.arange(len(rows))
    return places_of


def _projects(
    projects: Projects, zones: Rows, points: NDArray[np.bool_], count: int
) -> tuple[Projects, NDArray[np.object_]]:
    """Return the projects that serve the zones or their points, and their identifiers."""
    pairs = projects.pairs
    line = np.array([use in LINE_USES for use in projects.technologies.values()])
    names = np.array(list(projects.technologies), dtype=object)
    fixed = np.isin(projects.technology.astype(object), names[line])
    row, point = pairs["row"].to_numpy(), pairs["point"].to_numpy()
    inside = np.isin(projects.zone, zones)
    kept_pairs = np.where(fixed[row], inside[row], points[np.maximum(point, 0)] & (point >= 0))
    keep = fixed & inside
    keep[row[kept_pairs]] = True
    rows = np.flatnonzero(keep)
    new_row, new_zone = _positions(rows, len(keep)), _positions(zones, count)
    new_point = _positions(np.flatnonzero(points), len(points))
    held = pairs[kept_pairs]
    old = held["point"].to_numpy()
    placed = np.where(old >= 0, new_point[np.maximum(old, 0)], old)
    ids = np.empty(len(keep), dtype=object)
    ids[list(projects.project_rows.values())] = list(projects.project_rows)
    return (
        replace(
            projects,
            project_rows={name: at for at, name in enumerate(ids[rows])},
            technology=projects.technology[rows],
            zone=new_zone[np.maximum(projects.zone[rows], 0)].astype(projects.zone.dtype),
            location=projects.location[rows],
            quantity=projects.quantity[rows],
            sites=projects.sites[rows],
            pairs=held.assign(row=new_row[held["row"].to_numpy()], point=placed),
            opex_fen=None,
        ),
        ids[rows],
    )


def _area(area: Area, zones: Rows, points: NDArray[np.bool_]) -> Area:
    """Return the zones and their points."""
    held = area.points[points].reset_index(drop=True)
    new_zone = _positions(zones, area.n_zones)[held["zone"].to_numpy()].astype(held["zone"].dtype)
    return replace(
        area, zones=area.zones.iloc[zones].reset_index(drop=True), points=held.assign(zone=new_zone)
    )


def _ground(ground: Ground, zones: Rows, points: NDArray[np.bool_]) -> Ground:
    """Return the land of some zones; what is behind access is left out."""

    def of_zones(table: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        return {name: values[zones] for name, values in table.items()}

    new_zone = _positions(zones, ground.homes.shape[1])
    return replace(
        ground,
        homes=ground.homes[:, zones],
        population=ground.population[:, zones],
        point_zone=new_zone[ground.point_zone[points]].astype(ground.point_zone.dtype),
        point_people=ground.point_people[points],
        standing_share=of_zones(ground.standing_share),
        standing_mbps=of_zones(ground.standing_mbps),
        standing_subscribers=of_zones(ground.standing_subscribers),
        standing_points={name: held[points] for name, held in ground.standing_points.items()},
        transport=None,
        presence=None if ground.presence is None else ground.presence[zones],
        within_reach=of_zones(ground.within_reach),
    )
