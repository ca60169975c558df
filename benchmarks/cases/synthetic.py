"""Made-up regions of growing size; everything else as in base.yaml."""

from __future__ import annotations

import json
from functools import partial

from benchmarks.cases.base import ROOT, Case
from sim.scenario.load import LoadedScenario, load_scenario

ZONES_PER_COUNTY = 150
COUNTIES_PER_PREFECTURE = 8
LARGEST_TESTED = 100
ZONES_OF_THE_BUDGET = 15_000
"""Zones of the province that the budget of base.yaml is meant for; money grows with the region."""


def region_of(zones: int) -> dict[str, float]:
    """Return a made-up region of so many zones, as ``geodata.synthetic`` takes it."""
    counties = max(1, zones // ZONES_PER_COUNTY)
    return {
        "zones": zones,
        "counties": counties,
        "prefectures": max(1, counties // COUNTIES_PER_PREFECTURE),
        "urban_share": 0.3,
        "homes_per_zone": 400,
        "people_per_home": 3.1,
        "zones_per_km2": 0.04,
        "committees_per_township": 11,
        "elevation_std_m": 300,
    }


def load(zones: int) -> LoadedScenario:
    """Return base.yaml on a made-up region of so many zones."""
    changes = (
        ("name", f"synthetic-{zones}"),
        ("province", "synthetic"),
        ("geodata.synthetic", json.dumps(region_of(zones))),
        ("budget.scale", str(zones / ZONES_OF_THE_BUDGET)),
    )
    return load_scenario(ROOT / "scenarios" / "base.yaml", changes)


SYNTHETIC = tuple(
    Case(
        f"synthetic-{zones}",
        partial(load, zones),
        repeats=5 if zones <= 1000 else 1,
        small=zones <= LARGEST_TESTED,
    )
    for zones in (10, 100, 1_000, 10_000, 100_000)
)
