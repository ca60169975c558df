"""What fibre to the villages that lack it costs at the start of a scenario, in total and for each port.

    python -m benchmarks.quality.village_costs            # the shipped provinces
    python -m benchmarks.quality.village_costs scenarios/hunan-2015.yaml

Only what such a price needs is computed: lines that stand, demand, feeder routes and the candidates of
``ftth``; neither radio nor a plan.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.access.routes import Routes, plan_routes
from sim.demand import estimate_demand
from sim.geo.area import Area, read_area
from sim.geo.standing_lines import infer_lines
from sim.scenario.load import LoadedScenario, load_scenario
from sim.tables.layers import VILLAGE
from sim.tables.plan import FIXED, ITEMS
from sim.technologies import Plant
from sim.technologies.base import design_homes
from sim.technologies.ftth import TEN_GIGABIT, Ftth

SHIPPED = ("yunnan-2017", "sichuan-2020", "hunan-2015", "shandong-2015")


@dataclass(frozen=True)
class VillageCosts:
    """Fibre to all villages without it in month 0; money in yuan of the scenario's price year."""

    villages: int
    ports: float
    homes: float
    own_yuan: float
    """Inside the villages, equipment of their ports included."""
    route_yuan: float
    """Their equal parts of the feeder routes that do not stand yet."""
    room_yuan: float
    """Their equal parts of the rooms at the points of presence."""
    median_village: float
    """Price of the village in the middle."""
    cheap_village: float
    """Price below which one village in ten lies."""

    @property
    def yuan(self) -> float:
        """Price of all."""
        return self.own_yuan + self.route_yuan + self.room_yuan

    @property
    def per_village(self) -> float:
        """Total over the villages."""
        return self.yuan / self.villages

    @property
    def per_port(self) -> float:
        """Total over the ports provided for homes."""
        return self.yuan / self.ports

    @property
    def ports_per_home(self) -> float:
        """Ports over homes of the larger of both censuses."""
        return self.ports / self.homes


def village_costs(loaded: LoadedScenario, area: Area) -> VillageCosts:
    """Return what fibre to the villages of a scenario's first month without it costs."""
    scenario = loaded.scenario
    ftth = scenario.technologies.chosen()["ftth"]
    assert isinstance(ftth, Ftth)
    lines = {line.technology: line.share for line in infer_lines(area, scenario.standing)}
    demand = estimate_demand(area.zones["kind"].to_numpy(dtype=str), scenario.demand, scenario.clock)
    fibre, copper = lines["ftth"] > 0, lines["dsl"] > 0
    routes = plan_routes(area, scenario.routes, fibre, ftth.feeder_fibres(area, demand), copper)
    found = ftth.propose(area, demand, Plant({}, lines, {}, routes=routes), scenario.clock).candidates
    found = found[(found["use"] == FIXED) & (found["build"] != TEN_GIGABIT)]
    zone = found["zone"].to_numpy()
    new = (area.zones["kind"].to_numpy(dtype=str)[zone] == VILLAGE) & ~fibre[zone]
    own = found[[f"{item}_fen" for item in ITEMS]].sum(axis=1).to_numpy()[new] / 100.0
    rows = zone[new]
    route = routes.share_fen[rows] / 100.0
    room = ftth.olt_room_price / _sharers(routes)[rows]
    features = ftth.features(area, demand, copper, routes.route_m)
    each = own + route + room
    return VillageCosts(
        villages=len(rows),
        ports=float(ftth.network(features).home_ports[rows].sum()),
        homes=float(design_homes(area.zones)[rows].sum()),
        own_yuan=float(own.sum()),
        route_yuan=float(route.sum()),
        room_yuan=float(room.sum()),
        median_village=float(np.median(each)),
        cheap_village=float(np.percentile(each, 10)),
    )


def _sharers(routes: Routes) -> NDArray[np.int64]:
    """Return how many zones share the room of each zone, shape (Z,)."""
    return np.bincount(routes.pop)[routes.pop]


def main() -> None:
    """Print a line for each scenario."""
    parser = argparse.ArgumentParser(description="What fibre to villages without it costs.")
    usual = [Path("scenarios") / f"{name}.yaml" for name in SHIPPED]
    parser.add_argument("scenarios", nargs="*", type=Path, default=usual)
    print("scenario villages yuan/village of-which-routes rooms yuan/port ports/home median")
    for path in parser.parse_args().scenarios:
        loaded = load_scenario(path)
        area, _ = read_area(loaded.scenario.province, loaded.scenario.geodata)
        cost = village_costs(loaded, area)
        print(
            f"{path.stem} {cost.villages} {cost.per_village:.0f} {cost.route_yuan / cost.villages:.0f}"
            f" {cost.room_yuan / cost.villages:.0f} {cost.per_port:.0f} {cost.ports_per_home:.3f}"
            f" {cost.median_village:.0f}"
        )


if __name__ == "__main__":
    main()
