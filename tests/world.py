"""Made-up areas with the rows of the shipped base scenario, kept for the session."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from sim import study
from sim.geo.area import Area, read_area
from sim.scenario.load import LoadedScenario, load_scenario
from sim.store import Run
from sim.tables.demand import Demand
from sim.tables.plan import ITEMS, Proposal
from sim.technologies import Plant, Technology
from tests.conftest import ROOT
from tests.geo.checks import SYNTHETIC

_KEPT = tempfile.TemporaryDirectory(prefix="rollout-tests-")
Overrides = tuple[tuple[str, str], ...]


def load(
    *overrides: tuple[str, str], zones: int = 60, scenario: str = "base", **region: float
) -> LoadedScenario:
    """Return a scenario of the shipped rows on a made-up region; ``scenario`` other than base is real."""
    given: Overrides = overrides
    if scenario == "base":
        chosen = json.dumps(SYNTHETIC | {"zones": zones} | region)
        given = (("name", "made-up"), ("province", "synthetic"), ("geodata.synthetic", chosen), *overrides)
    return load_scenario(ROOT / "scenarios" / f"{scenario}.yaml", given)


def area_of(loaded: LoadedScenario) -> Area:
    """Return the area of a scenario, kept beside that of other tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROLLOUT_CACHE", _KEPT.name)
        area, _ = read_area(loaded.scenario.province, loaded.scenario.geodata)
    return area


def prepare(loaded: LoadedScenario) -> study.Prepared:
    """Return what a scenario starts from, its geography kept beside that of other tests."""
    return study.prepare(loaded, area_of(loaded))


def simulate(loaded: LoadedScenario) -> Run:
    """Return a whole run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROLLOUT_CACHE", _KEPT.name)
        return study.simulate(loaded)


class World(NamedTuple):
    """What a technology is asked about."""

    loaded: LoadedScenario
    prepared: study.Prepared
    plant: Plant
    technologies: dict[str, Technology]

    @property
    def area(self):
        return self.prepared.area

    def propose(self, technology: Technology | str, area=None) -> Proposal:
        """Return what a technology (or one of the scenario's by name) would build."""
        asked = self.technologies[technology] if isinstance(technology, str) else technology
        horizon = self.loaded.scenario.clock
        return asked.propose(area or self.area, self.prepared.demand, self.plant_of_others(asked), horizon)

    def plant_of_others(self, technology: Technology) -> Plant:
        """Return what stands beside a technology's own network, which it has still to build.

        What rides on LTE finds some of its sites.
        """
        sites = {name: rows for name, rows in self.plant.site_locations.items() if name != technology.name}
        if "lte" in technology.reacts_to:
            sites["lte"] = np.arange(0, len(self.area.locations), 9, dtype=np.int32)
        share = {name: homes for name, homes in self.plant.homes_share.items() if name != technology.name}
        return Plant(sites, share, {}, {}, routes=self.prepared.routes)


@cache
def world(*overrides: tuple[str, str], **region) -> World:
    """Return a scenario's world in month 0; the same question is answered once a session."""
    loaded = load(*overrides, **region)
    prepared = prepare(loaded)
    sites = prepared.ground.standing_sites
    plant = Plant(sites, prepared.ground.standing_share, {}, sites)
    chosen = loaded.scenario.technologies.chosen()
    # what only stands in the shipped scenarios is asked here what it would build
    every = {
        name: technology.model_copy(update={"build": True}) if hasattr(technology, "build") else technology
        for name, technology in chosen.items()
    }
    return World(loaded, prepared, plant, every)


def busy(factor: float) -> Demand:
    """Return the demand of the base scenario's world with so many times its traffic."""
    demand = world().prepared.demand
    return replace(
        demand,
        fixed_busy_mbps=demand.fixed_busy_mbps * factor,
        mobile_busy_mbps=demand.mobile_busy_mbps * factor,
    )


@cache
def run(*overrides: tuple[str, str], **region) -> Run:
    """Return the run of a scenario; the same run is made once a session."""
    return simulate(load(*overrides, **region))


def price_fen(frame) -> np.ndarray:
    """Return the price of each row of candidates or assets, all items [fen]."""
    return frame[[f"{item}_fen" for item in ITEMS]].sum(axis=1).to_numpy()
