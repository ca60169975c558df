"""Okumura-Hata and its extension by COST 231: path loss fitted to Okumura's curves of 1968."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

from pydantic import Field

from sim.radio.base import PathLossModel, line, one_law
from sim.radio.law import LossLaw

Environment = Literal["urban", "suburban", "open"]
City = Literal["medium", "large"]
FREE_SPACE_1_KM_1_MHZ_DB = 20.0 * math.log10(4.0 * math.pi * 1e9 / 299_792_458.0)
"""Loss in free space at 1 km and 1 MHz [dB]."""


class _Hata(PathLossModel):
    """What Okumura-Hata and its extension to 2 GHz have in common.

    From 1 km on the loss is the published formula. Nearer than that its line goes on, but never falls
    under free space (nor, where the formula itself lies under free space at 1 km, faster than it).
    """

    valid_heights_m: ClassVar[Mapping[str, tuple[float, float]]] = MappingProxyType(
        {"base_height_m": (30.0, 200.0), "terminal_height_m": (1.0, 10.0)}
    )
    terrain: ClassVar[Literal["full", "excess"]] = "excess"

    base_height_m: float = Field(gt=0)
    """Height of the base station's antenna above ground, published for 30 to 200 m [m]."""
    terminal_height_m: float = Field(default=1.5, gt=0)
    """Height of the terminal above ground, published for 1 to 10 m [m]."""
    environment: Environment = "urban"
    """Surroundings of the terminal."""
    city: City = "medium"
    """Size of the city; large is a metropolitan centre."""

    @property
    def valid_m(self) -> tuple[float, float]:
        """Published range of the distance [m]."""
        return 1000.0, 20_000.0

    @abstractmethod
    def _constant_db(self) -> float:
        """Return what the formula holds of the frequency alone [dB]."""

    def intercept_slope_db(self) -> tuple[float, float]:
        """Return the loss at 1 km and the loss per decade of distance [dB]."""
        log_h = math.log10(self.base_height_m)
        at_1_km = self._constant_db() - 13.82 * log_h - self._terminal_gain_db() + self._environment_db()
        return at_1_km, 44.9 - 6.55 * log_h

    def law(self) -> LossLaw:
        """Return the loss as one row for the coverage kernel."""
        at_1_km, per_decade = self.intercept_slope_db()
        floor = min(at_1_km, FREE_SPACE_1_KM_1_MHZ_DB + 20.0 * math.log10(self.frequency_mhz))
        return one_law(line(at_1_km, per_decade), line(floor, 20.0))

    def _terminal_gain_db(self) -> float:
        log_f, height = math.log10(self.frequency_mhz), self.terminal_height_m
        if self.city == "medium":
            return (1.1 * log_f - 0.7) * height - (1.56 * log_f - 0.8)
        if self.frequency_mhz <= 300.0:
            return 8.29 * math.log10(1.54 * height) ** 2 - 1.1
        return 3.2 * math.log10(11.75 * height) ** 2 - 4.97

    def _environment_db(self) -> float:
        log_f = math.log10(self.frequency_mhz)
        if self.environment == "suburban":
            return -2.0 * math.log10(self.frequency_mhz / 28.0) ** 2 - 5.4
        if self.environment == "open":
            return -4.78 * log_f**2 + 18.33 * log_f - 40.94
        return 0.0


class OkumuraHata(_Hata):
    """Okumura-Hata, 150 to 1500 MHz, 1 to 20 km.

    The large city's terminal gain changes its form at 300 MHz (published up to 200 and from 400 MHz).

    References
    ----------
    Hata, IEEE Trans. Vehicular Technology 29(3), 1980, equations 13 to 19.
    """

    valid_mhz: ClassVar[tuple[float, float]] = (150.0, 1500.0)

    def _constant_db(self) -> float:
        return 69.55 + 26.16 * math.log10(self.frequency_mhz)


class Cost231Hata(_Hata):
    """COST 231's extension of Hata's formula, 1500 to 2000 MHz, 1 to 20 km.

    Suburban and open surroundings and the large city's terminal gain take Hata's corrections, as is
    usual practice; a large city costs 3 dB more.

    References
    ----------
    COST 231 Final Report, chapter 4.4, equations 4.4.3 and 4.4.4.
    """

    valid_mhz: ClassVar[tuple[float, float]] = (1500.0, 2000.0)

    def _constant_db(self) -> float:
        metropolitan_db = 3.0 if self.city == "large" else 0.0
        return 46.3 + 33.9 * math.log10(self.frequency_mhz) + metropolitan_db
