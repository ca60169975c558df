"""A real province from installed data packages."""

from __future__ import annotations

from benchmarks.cases.base import ROOT, Case
from sim.scenario.load import LoadedScenario, load_scenario


def load() -> LoadedScenario:
    """Return the scenario of the README."""
    return load_scenario(ROOT / "scenarios" / "yunnan-2017.yaml")


YUNNAN = Case("yunnan", load, repeats=1)
