"""Policy instruments that the documents name: switches of a scenario that act through its other keys."""

from sim.levers.base import ABSENT, Lever, Switch
from sim.levers.registry import LEVERS, LeverOptions

__all__ = ["ABSENT", "LEVERS", "Lever", "LeverOptions", "Switch"]
