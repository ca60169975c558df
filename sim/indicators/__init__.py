"""What is measured, what is wanted, and the verdict; heavy parts load on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.indicators.history import full_year, read_history
    from sim.indicators.money import present_value_fen, spending
    from sim.indicators.needs import open_needs
    from sim.indicators.options import TargetOptions
    from sim.indicators.registry import REGISTRY, compute_indicators
    from sim.indicators.scorecard import score_targets
    from sim.indicators.targets import read_targets, targets_of

_HOMES = {
    "full_year": "history",
    "read_history": "history",
    "present_value_fen": "money",
    "spending": "money",
    "open_needs": "needs",
    "TargetOptions": "options",
    "REGISTRY": "registry",
    "compute_indicators": "registry",
    "score_targets": "scorecard",
    "read_targets": "targets",
    "targets_of": "targets",
}
__all__ = [
    "REGISTRY",
    "TargetOptions",
    "compute_indicators",
    "full_year",
    "open_needs",
    "present_value_fen",
    "read_history",
    "read_targets",
    "score_targets",
    "spending",
    "targets_of",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first asked for."""
    if name in _HOMES:
        return getattr(import_module(f"sim.indicators.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'sim.indicators' has no attribute {name!r}")
