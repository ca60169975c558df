"""What every replication of a run starts from: land, month 0, demand, money and targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.demand import estimate_demand
from sim.geo.area import Area
from sim.geo.census import read_census
from sim.geo.network import own_network
from sim.geo.standing import Standing, StandingOptions, infer_standing
from sim.indicators.needs import open_needs
from sim.indicators.targets import read_targets, targets_of
from sim.planning.checks import check_places
from sim.planning.places import Places, places_of
from sim.planning.pots import poor_counties
from sim.planning.rolling import Setting
from sim.rollout.options import crews_of
from sim.tables.ground import Ground
from sim.technologies import Ftth, Transport
from sim.technologies.base import design_homes
from sim.technologies.radio import RadioNetwork

if TYPE_CHECKING:
    import pandas as pd

    from sim.access.routes import Routes
    from sim.indicators.targets import Target
    from sim.planning.pots import Budget
    from sim.scenario.load import LoadedScenario
    from sim.scenario.schema import Scenario
    from sim.tables.demand import Demand
    from sim.tables.transport import StandingTransport
    from sim.technologies import Technology


@dataclass(frozen=True, eq=False)
class Prepared:
    """Everything that is the same in every replication."""

    scenario: Scenario
    budget: Budget
    places: Places
    """The zones as pots see them."""
    area: Area
    standing: Standing
    demand: Demand
    ground: Ground
    targets: tuple[Target, ...]
    needs: pd.DataFrame
    routes: Routes
    """Feeder routes of the area, shared by all that is reached over them."""


def prepare(loaded: LoadedScenario, area: Area) -> Prepared:
    """Return what every replication starts from: standing network, demand, needs, land."""
    scenario, horizon = loaded.scenario, loaded.scenario.clock
    area, standing = own_network(area, scenario.standing, infer_standing(area, scenario.standing))
    hosts = area.locations["standing"].to_numpy().copy()
    for rows in standing.site_locations.values():
        hosts[rows] = True
    area = replace(area, locations=area.locations.assign(standing=hosts))
    computed = _covered(area, standing, scenario.technologies.chosen())
    standing = replace(standing, covered_points={**standing.covered_points, **computed})
    demand = estimate_demand(area.zones["kind"].to_numpy(dtype=str), scenario.demand, horizon)
    ground = ground_of(area, standing, demand, scenario)
    routes = feeder_routes(area, ground, demand, scenario)
    ground = replace(ground, within_reach=_within_reach(area, ground, demand, scenario, routes))
    every = read_targets(Path(scenario.targets.table))
    targets = targets_of(every, scenario.province, scenario.targets)
    budget = budget_of(area, scenario)
    places = places_of(area.zones, poor_counties(budget))
    if not scenario.geodata.counties:
        check_places(budget, places)
    return Prepared(
        scenario=scenario,
        budget=budget,
        places=places,
        area=area,
        standing=standing,
        demand=demand,
        ground=ground,
        targets=targets,
        needs=open_needs(targets, horizon, scenario.targets),
        routes=routes,
    )


def feeder_routes(area: Area, ground: Ground, demand: Demand, scenario: Scenario) -> Routes:
    """Return the feeder routes: those of zones with fibre stand, poles lead to those with copper."""
    from sim.access.routes import plan_routes

    none = np.zeros(area.n_zones)
    ftth = scenario.technologies.chosen().get("ftth")
    fibres = ftth.feeder_fibres(area, demand) if isinstance(ftth, Ftth) else none
    fibre, copper = (ground.standing_share.get(name, none) > 0 for name in ("ftth", "dsl"))
    return plan_routes(area, scenario.routes, fibre, fibres, copper)


def _within_reach(
    area: Area, ground: Ground, demand: Demand, scenario: Scenario, routes: Routes
) -> dict[str, NDArray[np.float64]]:
    """Return the share of each zone's homes that the optics of fibre reach over these routes."""
    ftth = scenario.technologies.chosen().get("ftth")
    if not isinstance(ftth, Ftth):
        return {}
    copper = ground.standing_share.get("dsl", np.zeros(area.n_zones)) > 0
    served = ftth.features(area, demand, copper, routes.route_m).served
    homes = design_homes(area.zones)
    share = np.divide(served, homes, out=np.ones(area.n_zones), where=homes > 0)
    return {ftth.name: np.minimum(share, 1.0)}


def _covered(
    area: Area, standing: Standing, technologies: Mapping[str, Technology]
) -> dict[str, NDArray[np.bool_]]:
    """Return the points that each radio network of month 0 covers, computed as those of new sites are."""
    return {
        name: technology.served_points(area, standing.site_locations[name], standing.sectors)
        for name, technology in technologies.items()
        if isinstance(technology, RadioNetwork) and name in standing.site_locations
    }


def share_of_province(area: Area, scenario: Scenario) -> float:
    """Return the part of the province's residents of 2010 that lives in the area; 1 without a choice."""
    if not scenario.geodata.counties:
        return 1.0
    province = int(read_census(scenario.province)["population_2010"].sum())
    return int(area.zones["population_2010"].sum()) / province


def budget_of(area: Area, scenario: Scenario) -> Budget:
    """Return the money of the area: a choice of counties has the province's by residents."""
    scale = scenario.budget.scale * share_of_province(area, scenario)
    return scenario.budget.model_copy(update={"scale": scale})


def ground_of(area: Area, standing: Standing, demand: Demand, scenario: Scenario) -> Ground:
    """Return the land and month 0 as arrays."""
    horizon = scenario.clock
    homes, population = area.homes(horizon), area.population(horizon)
    zones = len(area.zones)
    share, mbps = {}, {}
    for name, part in standing.table.groupby("technology", sort=True):
        share[str(name)], mbps[str(name)] = np.zeros(zones), np.zeros(zones)
        share[str(name)][part["zone"]] = part["homes_share"]
        mbps[str(name)][part["zone"]] = part["capability_mbps"]
    point_zone = area.points["zone"].to_numpy()
    return Ground(
        homes=homes,
        population=population,
        point_zone=point_zone,
        point_people=area.points["population"].to_numpy(),
        location_count=len(area.locations),
        standing_share=share,
        standing_mbps=mbps,
        standing_subscribers=standing_subscribers(share, homes[0], demand, scenario.standing)
        | dict(standing.subscribers),
        standing_points=standing.covered_points,
        standing_sites=standing.site_locations,
        standing_sectors=standing.sectors,
        transport=_transport(area, scenario),
        presence=area.zones["pop_place"].to_numpy(),
        new_housing=scenario.demand.new_housing.housing(
            homes, demand.zone_kind, horizon, scenario.standing.ftth_capability
        ),
    )


def _transport(area: Area, scenario: Scenario) -> StandingTransport | None:
    """Return the network behind access in month 0, none where the scenario leaves it out."""
    technology = scenario.technologies.chosen().get(Transport.name)
    if not isinstance(technology, Transport):
        return None
    return technology.standing(area, share_of_province(area, scenario))


def standing_subscribers(
    share: Mapping[str, NDArray[np.float64]],
    homes: NDArray[np.int32],
    demand: Demand,
    options: StandingOptions,
) -> dict[str, NDArray[np.float64]]:
    """Return subscribers of month 0: the willing among the homes passed, on fibre, cable and copper.

    Two-way cable has its share of the homes it passes, as far as they are willing and not on fibre.
    """
    none = np.zeros(len(homes))
    fibre, copper, cable = (share.get(name, none) for name in ("ftth", "dsl", "cable"))
    willing = demand.fixed_lines[0][demand.zone_kind] * homes
    total = np.minimum(willing, np.maximum(np.maximum(fibre, copper), cable) * homes)
    mine = np.minimum(total * options.ftth_subscribers, fibre * homes)
    if options.cable is None:
        return {"ftth": mine, "dsl": total - mine}
    theirs = np.minimum(options.cable.take_up * cable * homes, total - mine)
    # what neither fibre nor cable has needs copper
    rest = np.minimum(total - mine - theirs, copper * homes)
    return {"ftth": mine, "cable": theirs, "dsl": rest}


def setting_of(prepared: Prepared, replication: int = 0) -> Setting:
    """Return what does not change from release to release in one replication."""
    scenario = prepared.scenario
    return Setting(
        area=prepared.area,
        demand=prepared.demand,
        ground=prepared.ground,
        needs=prepared.needs,
        technologies=licensed(scenario),
        planner=scenario.planning,
        budget=prepared.budget,
        horizon=scenario.clock,
        replication=replication,
        routes=prepared.routes,
        places=prepared.places,
    )


def licensed(scenario: Scenario) -> dict[str, Technology]:
    """Return the technologies that may be funded before the horizon ends."""
    horizon, chosen = scenario.clock, scenario.technologies.chosen()
    return {name: one for name, one in chosen.items() if horizon.index(one.available_from) < horizon.months}


def crews_there(prepared: Prepared) -> dict[tuple[str, str], int]:
    """Return the crews by prefecture and skill."""
    people = prepared.area.zones.groupby("prefecture", sort=True)["population_2010"].sum()
    return crews_of(prepared.scenario.rollout, {str(name): int(count) for name, count in people.items()})
