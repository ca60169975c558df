"""Path-loss models: one frozen class each, its fields the parameters, its method the formula."""

from __future__ import annotations

import math
import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from sim.errors import ValidityWarning
from sim.options import Options

Environment = Literal["urban", "suburban", "open"]


class PathLossModel(Options, ABC):
    """Median path loss over a horizontal distance."""

    valid_mhz: ClassVar[tuple[float, float]]
    valid_m: ClassVar[tuple[float, float]]

    frequency_mhz: float = Field(gt=0)
    """Carrier frequency [MHz]."""

    @abstractmethod
    def intercept_slope_db(self) -> tuple[float, float]:
        """Return the loss at 1 km and the loss per decade of distance [dB]."""

    def loss_db(self, distance_m: ArrayLike) -> NDArray[np.float64]:
        """Return the median path loss, same shape as the distance [dB].

        Warns (``ValidityWarning``) with the share of distances outside the published range.
        """
        distance = np.asarray(distance_m, dtype=np.float64)
        self._warn_outside(distance)
        intercept, slope = self.intercept_slope_db()
        return np.asarray(intercept + slope * np.log10(np.maximum(distance, 1.0) / 1000.0))

    def range_m(self, max_loss_db: ArrayLike) -> NDArray[np.float64]:
        """Return the distance at which the loss reaches a maximum, never beyond the published range [m]."""
        intercept, slope = self.intercept_slope_db()
        distance = 1000.0 * 10.0 ** ((np.asarray(max_loss_db, dtype=np.float64) - intercept) / slope)
        return np.minimum(distance, self.valid_m[1])

    def _warn_outside(self, distance: NDArray[np.float64]) -> None:
        low, high = self.valid_m
        outside = float(np.mean((distance < low) | (distance > high))) if distance.size else 0.0
        name = type(self).__name__
        if outside > 0:
            message = f"{name}: {outside:.0%} of distances lie outside {low / 1000:g} to {high / 1000:g} km"
            warnings.warn(message, ValidityWarning, stacklevel=3)
        if not self.valid_mhz[0] <= self.frequency_mhz <= self.valid_mhz[1]:
            bounds = f"{self.valid_mhz[0]:g} to {self.valid_mhz[1]:g} MHz"
            message = f"{name}: {self.frequency_mhz:g} MHz lies outside {bounds}"
            warnings.warn(message, ValidityWarning, stacklevel=3)


class FreeSpace(PathLossModel):
    """Loss in free space.

    References
    ----------
    ITU-R P.525-4, equation 4 (as 32.4 + 20 log f + 20 log d, f in MHz and d in km).
    """

    valid_mhz: ClassVar[tuple[float, float]] = (1.0, 300_000.0)
    valid_m: ClassVar[tuple[float, float]] = (1.0, 1e7)

    def intercept_slope_db(self) -> tuple[float, float]:
        """Return the loss at 1 km and the loss per decade of distance [dB]."""
        wavelength_m = 299_792_458.0 / (self.frequency_mhz * 1e6)
        return 20.0 * math.log10(4.0 * math.pi * 1000.0 / wavelength_m), 20.0


class _Hata(PathLossModel):
    """What Okumura-Hata and its extension to 2 GHz have in common."""

    base_height_m: float = Field(gt=0)
    """Height of the base station's antenna above ground, published for 30 to 200 m [m]."""
    terminal_height_m: float = Field(default=1.5, gt=0)
    """Height of the terminal above ground, published for 1 to 10 m [m]."""
    environment: Environment = "urban"
    """Surroundings of the terminal."""
    city: Literal["medium", "large"] = "medium"
    """Size of the city; large is a metropolitan centre."""

    valid_m: ClassVar[tuple[float, float]] = (1000.0, 20_000.0)

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

    def _with_heights(self, constant_db: float) -> tuple[float, float]:
        log_h = math.log10(self.base_height_m)
        intercept = constant_db - 13.82 * log_h - self._terminal_gain_db() + self._environment_db()
        return intercept, 44.9 - 6.55 * log_h


class OkumuraHata(_Hata):
    """Okumura-Hata, 150 to 1500 MHz.

    References
    ----------
    Hata, IEEE Trans. Vehicular Technology 29(3), 1980, equations 13 to 19.
    """

    valid_mhz: ClassVar[tuple[float, float]] = (150.0, 1500.0)

    def intercept_slope_db(self) -> tuple[float, float]:
        """Return the loss at 1 km and the loss per decade of distance [dB]."""
        return self._with_heights(69.55 + 26.16 * math.log10(self.frequency_mhz))


class Cost231Hata(_Hata):
    """COST 231's extension of Hata's formula, 1500 to 2000 MHz.

    Suburban and open surroundings take Hata's corrections, as is usual practice.

    References
    ----------
    COST 231 Final Report, chapter 4.4, equations 4.4.3 and 4.4.4.
    """

    valid_mhz: ClassVar[tuple[float, float]] = (1500.0, 2000.0)

    def intercept_slope_db(self) -> tuple[float, float]:
        """Return the loss at 1 km and the loss per decade of distance [dB]."""
        metropolitan_db = 3.0 if self.city == "large" else 0.0
        return self._with_heights(46.3 + 33.9 * math.log10(self.frequency_mhz) + metropolitan_db)


PATH_LOSS_MODELS: Mapping[str, type[PathLossModel]] = MappingProxyType(
    {"free_space": FreeSpace, "okumura_hata": OkumuraHata, "cost231_hata": Cost231Hata}
)
