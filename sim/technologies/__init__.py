"""The access technologies; adding one is one module and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sim.technologies.base import Plant, Technology
from sim.technologies.cellular import Lte
from sim.technologies.ftth import Ftth
from sim.technologies.nbiot import NbIot
from sim.technologies.satellite import Satellite

TECHNOLOGIES: Mapping[str, type[Technology]] = MappingProxyType(
    {"ftth": Ftth, "lte": Lte, "nbiot": NbIot, "satellite": Satellite}
)

__all__ = ["TECHNOLOGIES", "Ftth", "Lte", "NbIot", "Plant", "Satellite", "Technology"]
