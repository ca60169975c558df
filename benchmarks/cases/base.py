"""What a case is: a name and a scenario."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sim.scenario.load import LoadedScenario

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Case:
    """A scenario to measure the stages on."""

    name: str
    load: Callable[[], LoadedScenario]
    repeats: int
    """How often each phase is timed; the fastest counts."""
    small: bool = False
    """Whether the tests run it too."""
