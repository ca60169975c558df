"""Every lever by name, and the section of a scenario that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from pydantic import Field, create_model

from sim.levers.base import Lever
from sim.levers.building import FibreInNewHousing, LandUsePlanning, OpenPublicFacilities
from sim.levers.campaign import SpeedUpCampaign
from sim.levers.funding import UniversalServiceCompensation
from sim.levers.licences import LicenceDates
from sim.levers.sharing import Sharing
from sim.levers.tariffs import RuralPackages, TariffReduction
from sim.options import Options

LEVERS: Mapping[str, type[Lever]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            UniversalServiceCompensation,
            FibreInNewHousing,
            OpenPublicFacilities,
            Sharing,
            TariffReduction,
            RuralPackages,
            SpeedUpCampaign,
            LandUsePlanning,
            LicenceDates,
        )
    }
)
"""Every lever by its name, in the order in which results show them."""


class _Levers(Options):
    """Policy instruments that the documents name: on, off, or on or off with sizes of one's own."""

    def stated(self) -> dict[str, Lever]:
        """Return the levers of which the scenario says whether they hold, by name."""
        found = {name: getattr(self, name) for name in LEVERS}
        return {name: lever for name, lever in found.items() if lever is not None}


if TYPE_CHECKING:
    LeverOptions = _Levers
else:
    LeverOptions = create_model(
        "LeverOptions",
        __base__=_Levers,
        __doc__=_Levers.__doc__,
        **{
            name: (kind | None, Field(default=None, description=kind.statement))
            for name, kind in LEVERS.items()
        },
    )
