"""Whose carriers a network may use: a technology as one operator among several may build it."""

from __future__ import annotations

from typing import Literal, TypeVar

from sim.tables.bands import SHARED
from sim.technologies.base import Technology
from sim.technologies.radio import RadioNetwork

BROADCASTER = "broadcaster"
OperatorName = Literal["china_mobile", "china_unicom", "china_telecom", "broadcaster"]
"""The broadcaster's is the cable network, which has no spectrum; its homes are customers of others too."""
_Any = TypeVar("_Any", bound=Technology)


def own_carriers(operator: str, network: RadioNetwork) -> list[str]:
    """Return the carriers of an operator; those that operators share, where it has none of its own."""
    own = [name for name, carrier in network.carriers.items() if carrier.operator == operator]
    return own or [name for name, carrier in network.carriers.items() if carrier.operator == SHARED]


def has_spectrum(operator: str, network: RadioNetwork) -> bool:
    """Return whether an operator has a carrier of a network."""
    return bool(own_carriers(operator, network))


def view_of(operator: str, technology: _Any) -> _Any:
    """Return a technology as an operator may build it: with its own carriers alone.

    New sites get the scenario's carrier where it is the operator's, else the operator's own of the lowest
    frequency among those that may be used first; the lower overlay likewise.
    """
    if not isinstance(technology, RadioNetwork):
        return technology
    carriers = {name: technology.carriers[name] for name in own_carriers(operator, technology)}
    coverage = technology.coverage
    if coverage not in carriers:
        coverage = min(
            carriers, key=lambda name: (carriers[name].available_from, carriers[name].frequency, name)
        )
    changes: dict[str, object] = {"carriers": carriers, "coverage": coverage}
    if hasattr(technology, "overlay"):
        lower = [name for name in carriers if carriers[name].frequency < carriers[coverage].frequency]
        lowest = min(lower, key=lambda name: (carriers[name].frequency, name), default="")
        changes["overlay"] = technology.overlay if technology.overlay in lower else lowest
    return technology.model_copy(update=changes)
