"""Path-loss models: one frozen class each, its fields the parameters, its method the formula."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

from sim.radio.base import PathLossModel, line, one_law
from sim.radio.hata import FREE_SPACE_1_KM_1_MHZ_DB, City, Cost231Hata, Environment, OkumuraHata
from sim.radio.law import LossLaw
from sim.radio.tr38901 import Tr38901Rma, Tr38901Uma, Tr38901Umi

__all__ = [
    "PATH_LOSS_MODELS",
    "City",
    "Cost231Hata",
    "Environment",
    "FreeSpace",
    "OkumuraHata",
    "PathLossModel",
    "Tr38901Rma",
    "Tr38901Uma",
    "Tr38901Umi",
]


class FreeSpace(PathLossModel):
    """Loss in free space; the distance given counts as the distance between the antennas.

    References
    ----------
    ITU-R P.525-4, equation 3 (equation 4 rounds its constant to 32.4 dB).
    """

    valid_mhz: ClassVar[tuple[float, float]] = (1.0, 300_000.0)
    terrain: ClassVar[Literal["full", "excess"]] = "full"

    @property
    def valid_m(self) -> tuple[float, float]:
        """Range of the distance: no closer than a metre [m]."""
        return 1.0, 1e7

    def intercept_slope_db(self) -> tuple[float, float]:
        """Return the loss at 1 km and the loss per decade of distance [dB]."""
        return FREE_SPACE_1_KM_1_MHZ_DB + 20.0 * math.log10(self.frequency_mhz), 20.0

    def law(self) -> LossLaw:
        """Return the loss as one row for the coverage kernel."""
        return one_law(line(*self.intercept_slope_db()))


PATH_LOSS_MODELS: Mapping[str, type[PathLossModel]] = MappingProxyType(
    {
        "free_space": FreeSpace,
        "okumura_hata": OkumuraHata,
        "cost231_hata": Cost231Hata,
        "tr38901_rma": Tr38901Rma,
        "tr38901_uma": Tr38901Uma,
        "tr38901_umi": Tr38901Umi,
    }
)
