"""The access technologies; adding one is one module and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sim.technologies.base import Plant, Technology
from sim.technologies.cable import Cable
from sim.technologies.cellular import Gsm, Lte, Nr, Umts
from sim.technologies.ftth import Ftth
from sim.technologies.fwa import Fwa
from sim.technologies.nbiot import NbIot
from sim.technologies.satellite import Satellite
from sim.technologies.transport import Transport
from sim.technologies.wlan import Wlan

TECHNOLOGIES: Mapping[str, type[Technology]] = MappingProxyType(
    {
        "ftth": Ftth,
        "cable": Cable,
        "gsm": Gsm,
        "umts": Umts,
        "lte": Lte,
        "nr": Nr,
        "nbiot": NbIot,
        "fwa": Fwa,
        "satellite": Satellite,
        "wlan": Wlan,
        "transport": Transport,
    }
)

__all__ = [
    "TECHNOLOGIES",
    "Cable",
    "Ftth",
    "Fwa",
    "Gsm",
    "Lte",
    "NbIot",
    "Nr",
    "Plant",
    "Satellite",
    "Technology",
    "Transport",
    "Umts",
    "Wlan",
]
