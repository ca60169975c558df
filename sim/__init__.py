"""Plans and simulates broadband rollouts and judges them against documented policy targets.

The names below are the public interface; each is imported when it is first used, so that
``import sim`` and the command line start at once.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from sim.version import __version__

_HOMES = {
    "Area": "sim.geo.area",
    "Horizon": "sim.clock",
    "LoadedScenario": "sim.scenario.load",
    "Run": "sim.store",
    "Scenario": "sim.scenario.schema",
    "ScenarioError": "sim.errors",
    "SimError": "sim.errors",
    "Standing": "sim.geo.standing",
    "compute_indicators": "sim.indicators.registry",
    "estimate_demand": "sim.demand",
    "infer_standing": "sim.geo.standing",
    "load_scenario": "sim.scenario.load",
    "monthly_state": "sim.rollout.state",
    "open_run": "sim.store",
    "read_area": "sim.geo.area",
    "roll_out": "sim.rollout.build",
    "save_run": "sim.store",
    "score_targets": "sim.indicators.scorecard",
    "simulate": "sim.study",
    "write_report": "sim.report.document",
}

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.demand import estimate_demand
    from sim.errors import ScenarioError, SimError
    from sim.geo.area import Area, read_area
    from sim.geo.standing import Standing, infer_standing
    from sim.indicators.registry import compute_indicators
    from sim.indicators.scorecard import score_targets
    from sim.report.document import write_report
    from sim.rollout.build import roll_out
    from sim.rollout.state import monthly_state
    from sim.scenario.load import LoadedScenario, load_scenario
    from sim.scenario.schema import Scenario
    from sim.store import Run, open_run, save_run
    from sim.study import simulate

__all__ = [
    "Area",
    "Horizon",
    "LoadedScenario",
    "Run",
    "Scenario",
    "ScenarioError",
    "SimError",
    "Standing",
    "__version__",
    "compute_indicators",
    "estimate_demand",
    "infer_standing",
    "load_scenario",
    "monthly_state",
    "open_run",
    "read_area",
    "roll_out",
    "save_run",
    "score_targets",
    "simulate",
    "write_report",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
