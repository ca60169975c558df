"""Zones of a scenario opened to full designs: one to look at, or a sample to fit the cost curves to."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.access.bill import BUILD, CONNECT
from sim.access.calibrate import METRES, PRICE, Sample, designed, fitted, stratified
from sim.access.curves import read_curves
from sim.access.odn import design_tile
from sim.access.pattern import tile_of
from sim.access.quantities import ROUTES, build_yuan, priced, quantities_of
from sim.access.settlements import zone_homes
from sim.demand import estimate_demand
from sim.errors import DataError, Problem, ScenarioError
from sim.geo.area import read_area
from sim.geo.network import own_network
from sim.geo.standing import infer_standing
from sim.prepare import feeder_routes, ground_of
from sim.randomness import Streams
from sim.technologies import Ftth

if TYPE_CHECKING:
    from sim.access.curves import Curves, Fit
    from sim.access.design import TileDesign
    from sim.access.features import Features
    from sim.access.options import OdnOptions
    from sim.access.tile import Tile
    from sim.geo.area import Area
    from sim.scenario.load import LoadedScenario
    from sim.tables.demand import Demand
    from sim.tables.ground import Ground

Progress = Callable[[str, float], None]
Floats = NDArray[np.float64]
_NEAR = 5
"""So many names that are like an unknown one, or zones of the same name, are listed."""


@dataclass(frozen=True, eq=False)
class Land:
    """A scenario's area with what designs in it need to know."""

    area: Area
    ftth: Ftth
    copper: NDArray[np.bool_]
    """Whether copper broadband stands in each zone in month 0, shape (Z,)."""
    upstream_m: Floats
    """Fibre between line terminal and zone, shape (Z,) [m]."""
    ports_per_home: Floats
    """Ports for each home passed, shape (Z,)."""
    features: Features
    """What the cost curves look at."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """One measure of a zone by its curve and by its design."""

    measure: str
    unit: str
    curve: float
    design: float

    @property
    def off(self) -> float:
        """By what part of the design the curve is off; 0 where the design has nothing."""
        return self.curve / self.design - 1.0 if self.design else 0.0


@dataclass(frozen=True, eq=False)
class Opened:
    """One zone with its full design and what its curve says."""

    scenario: str
    zone_id: str
    name: str
    kind: str
    county: str
    crs: str
    modelled: bool
    """Whether homes and streets are drawn by rule; they are wherever no survey is given."""
    options: OdnOptions
    tile: Tile
    design: TileDesign
    comparisons: tuple[Comparison, ...]
    fits: Mapping[str, Fit]
    """How well the curves of its kind meet designs in general, by quantity."""


@dataclass(frozen=True, eq=False)
class _Start:
    """A scenario's area in month 0."""

    area: Area
    ftth: Ftth
    demand: Demand
    ground: Ground
    copper: NDArray[np.bool_]


def _start(loaded: LoadedScenario, on_progress: Progress) -> _Start:
    """Return the area of a scenario and what stands in it; ``ScenarioError`` where it builds no fibre."""
    scenario = loaded.scenario
    ftth = scenario.technologies.chosen().get(Ftth.name)
    if not isinstance(ftth, Ftth):
        message = "is left out; designs of fibre networks need its options"
        raise ScenarioError((Problem(scenario.name, "technologies.ftth", message),))
    area, _ = read_area(scenario.province, scenario.geodata, on_progress)
    area, standing = own_network(area, scenario.standing, infer_standing(area, scenario.standing))
    demand = estimate_demand(area.zones["kind"].to_numpy(dtype=str), scenario.demand, scenario.clock)
    ground = ground_of(area, standing, demand, scenario)
    copper = ground.standing_share.get("dsl", np.zeros(area.n_zones)) > 0
    return _Start(area, ftth, demand, ground, copper)


def land_of(loaded: LoadedScenario, on_progress: Progress) -> Land:
    """Return the area of a scenario with its copper, its feeder routes and its demand for ports.

    Raises ``ScenarioError`` where the scenario builds no fibre to the home.
    """
    start = _start(loaded, lambda stage, done: on_progress(stage, 0.6 * done))
    on_progress("feeder routes", 0.6)
    upstream_m = feeder_routes(start.area, start.ground, start.demand, loaded.scenario).route_m
    features = start.ftth.features(start.area, start.demand, start.copper, upstream_m)
    ports = start.ftth.ports_per_home(start.demand)
    return Land(start.area, start.ftth, start.copper, upstream_m, ports, features)


def open_zone(loaded: LoadedScenario, zone: str, on_progress: Progress = lambda stage, done: None) -> Opened:
    """Return the full design of one zone of a scenario, named by its identifier or its name.

    Raises ``DataError`` where there is no such zone, where several have the name, or where it has no home.
    """
    land = land_of(loaded, on_progress)
    row = zone_row(land.area, zone)
    facts = land.area.zones.iloc[row]
    if zone_homes(land.area)[row] == 0:
        raise DataError((Problem("zone", str(facts["zone_id"]), "has no homes to design for"),))
    on_progress("design", 0.9)
    tile = tile_of(land.area, row, land.ftth.tiles, land.copper, float(land.upstream_m[row]))
    options = land.ftth.odn.model_copy(update={"ports_per_home": float(land.ports_per_home[row])})
    design = design_tile(tile, options)
    curves = read_curves(Path(land.ftth.curves))
    kind = str(facts["kind"])
    return Opened(
        scenario=loaded.scenario.name,
        zone_id=str(facts["zone_id"]),
        name=str(facts["name"]),
        kind=kind,
        county=str(facts["county"]),
        crs=land.area.crs,
        modelled=True,
        options=options,
        tile=tile,
        design=design,
        comparisons=_compared(curves, land.features.at(np.array([row])), design, options),
        fits={quantity: fit for (of_kind, quantity), fit in curves.fits.items() if of_kind == kind},
    )


def zone_row(area: Area, zone: str) -> int:
    """Return the row of the zone that is meant by an identifier or a name."""
    ids = area.zones["zone_id"].to_numpy(dtype=str)
    names = area.zones["name"].to_numpy(dtype=str)
    found = np.flatnonzero(ids == zone)
    if len(found) == 0:
        found = np.flatnonzero(names == zone)
    if len(found) == 1:
        return int(found[0])
    if len(found) > 1:
        listed = ", ".join(ids[found[:_NEAR]]) + (", ..." if len(found) > _NEAR else "")
        message = f"{len(found)} zones have this name; give the identifier: {listed}"
        raise DataError((Problem("zone", zone, message),))
    near = difflib.get_close_matches(zone, [*ids, *dict.fromkeys(names)], n=_NEAR, cutoff=0.6)
    hint = f"did you mean {', '.join(near)}?" if near else f"identifiers look like {ids[0]}"
    raise DataError((Problem("zone", zone, f"{area.name} has no such zone; {hint}"),))


def _compared(
    curves: Curves, features: Features, design: TileDesign, options: OdnOptions
) -> tuple[Comparison, ...]:
    """Return metres and prices of a zone by curve and by design."""
    found = curves.quantities(features)
    full = {name: np.array([amount]) for name, amount in quantities_of(design).items()}
    measures = [
        Comparison(METRES, "m", *(float(sum(each[name][0] for name in ROUTES)) for each in (found, full)))
    ]
    measures += [Comparison(name, "m", float(found[name][0]), float(full[name][0])) for name in ROUTES]
    prices = [priced(each, options, features.built_up) for each in (found, full)]
    for label, stage in ((PRICE, BUILD), ("price of connecting", CONNECT)):
        measures.append(Comparison(label, "yuan", *(float(build_yuan(each, stage)[0]) for each in prices)))
    return tuple(measures)


@dataclass(frozen=True, eq=False)
class Calibration:
    """Curves, the designs behind them and the options of those."""

    curves: Curves
    samples: tuple[Sample, ...]
    options: OdnOptions


def calibrated(
    scenarios: Sequence[LoadedScenario],
    sample: int,
    seed: int,
    on_progress: Progress = lambda stage, done: None,
) -> Calibration:
    """Return curves fitted to designs of about so many zones of each scenario, pooled.

    The options of the designs are those of the first scenario.
    """
    samples: list[Sample] = []
    options = None
    for number, loaded in enumerate(scenarios):
        begin, width = number / len(scenarios), 1.0 / len(scenarios)

        def part(stage: str, done: float, begin: float = begin, width: float = width) -> None:
            on_progress(stage, begin + width * done)

        land = _start(loaded, lambda stage, done: part(stage, 0.2 * done))
        options = options or (land.ftth.tiles, land.ftth.odn)
        rows = stratified(land.area, sample, Streams(seed))
        samples.append(
            designed(land.area, rows, options, land.copper, lambda stage, done: part(stage, 0.2 + 0.8 * done))
        )
    if options is None:
        raise ValueError("no scenario is given")
    return Calibration(fitted(samples, options[1], seed), tuple(samples), options[1])
