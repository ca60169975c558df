"""Plans and simulates broadband rollouts and judges them against documented policy targets.

The names below are the public interface; each is imported when it is first used, so that
``import sim`` and the command line start at once.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from sim.version import __version__

_HOMES = {
    "Horizon": "sim.clock",
    "LoadedScenario": "sim.scenario.load",
    "Scenario": "sim.scenario.schema",
    "ScenarioError": "sim.errors",
    "SimError": "sim.errors",
    "estimate_demand": "sim.demand",
    "load_scenario": "sim.scenario.load",
}

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.demand import estimate_demand
    from sim.errors import ScenarioError, SimError
    from sim.scenario.load import LoadedScenario, load_scenario
    from sim.scenario.schema import Scenario

__all__ = [
    "Horizon",
    "LoadedScenario",
    "Scenario",
    "ScenarioError",
    "SimError",
    "__version__",
    "estimate_demand",
    "load_scenario",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
