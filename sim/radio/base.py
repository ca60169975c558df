"""What every path-loss model is: a frozen class, its fields the parameters, its law the formula."""

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
from sim.radio.law import PIECES, LossLaw

DECADE = 2.0 * math.log(10.0)
"""Units of ln(d2) in a factor of ten of distance."""


class PathLossModel(Options, ABC):
    """Median path loss over a horizontal distance."""

    valid_mhz: ClassVar[tuple[float, float]]
    """Published range of the frequency [MHz]."""
    valid_heights_m: ClassVar[Mapping[str, tuple[float, float]]] = MappingProxyType({})
    """Published ranges of the other fields, by name [m]."""
    terrain: ClassVar[Literal["full", "excess"]]
    """Which diffraction a terrain profile adds. ``full``: all of it, and clutter at the receiver too, since
    the model knows neither. ``excess``: what it exceeds that of smooth earth by, since the model was
    fitted over quasi-smooth, built-up ground and holds that already, its clutter included."""

    frequency_mhz: float = Field(gt=0)
    """Carrier frequency [MHz]."""

    @property
    @abstractmethod
    def valid_m(self) -> tuple[float, float]:
        """Published range of the distance [m]."""

    @abstractmethod
    def law(self) -> LossLaw:
        """Return the same loss as one row of what the coverage kernel computes."""

    def loss_db(self, distance_m: ArrayLike) -> NDArray[np.float64]:
        """Return the median path loss, same shape as the horizontal distance [dB].

        Warns once (``ValidityWarning``) with the share of distances outside the published range and every
        parameter outside its own, and still answers. Nearer than 1 m the distance is held.
        """
        distance = np.asarray(distance_m, dtype=np.float64)
        self._warn(distance)
        return self.law().loss_db(0, distance)

    def range_m(self, max_loss_db: ArrayLike, *, extrapolate: bool = False) -> NDArray[np.float64]:
        """Return the horizontal distance at which the loss reaches a maximum, same shape [m].

        Never beyond the published range, unless ``extrapolate`` is true.
        """
        distance = self.law().range_m(0, max_loss_db)
        return distance if extrapolate else np.minimum(distance, self.valid_m[1])

    def warn_outside(self, distance_m: ArrayLike) -> None:
        """Warn once for a whole map: give all its distances, or a sample of them [m]."""
        self._warn(np.asarray(distance_m, dtype=np.float64))

    def outside(self, distance_m: ArrayLike) -> tuple[str, ...]:
        """Return what lies outside the published ranges, in words; empty where nothing does."""
        low, high = self.valid_m
        distance = np.asarray(distance_m, dtype=np.float64)
        share = 1.0 - float(np.mean((distance >= low) & (distance <= high))) if distance.size else 0.0
        found = []
        if share > 0.0:
            percent = f"{share:.0%}" if share >= 0.01 else "under 1%"
            found.append(f"{percent} of distances lie outside {low / 1000:g} to {high / 1000:g} km")
        if not self.valid_mhz[0] <= self.frequency_mhz <= self.valid_mhz[1]:
            found.append(
                f"{self.frequency_mhz:g} MHz lies outside {self.valid_mhz[0]:g} to {self.valid_mhz[1]:g} MHz"
            )
        for name, (least, most) in self.valid_heights_m.items():
            value = getattr(self, name)
            if not least <= value <= most:
                words = name.removesuffix("_m").replace("_", " ")
                found.append(f"{words} of {value:g} m lies outside {least:g} to {most:g} m")
        return tuple(found)

    def _warn(self, distance: NDArray[np.float64]) -> None:
        found = self.outside(distance)
        if found:
            warnings.warn(f"{type(self).__name__}: {'; '.join(found)}", ValidityWarning, stacklevel=3)


def line(at_1_km_db: float, per_decade_db: float) -> tuple[float, float]:
    """Return intercept and slope over ln(d2) of a loss given at 1 km and for each decade of distance [dB]."""
    return at_1_km_db - 3.0 * per_decade_db, per_decade_db / DECADE


def one_law(
    *pieces: tuple[float, float],
    rise_m: float = 0.0,
    linear_db_per_m: float = 0.0,
    linear_end_m: float = 1.0,
) -> LossLaw:
    """Return the law of one transmitter from its pieces' intercepts and slopes; unused pieces never win."""
    padded = [*pieces, *[(-np.inf, 0.0)] * (PIECES - len(pieces))]
    return LossLaw(
        intercept_db=np.array([[intercept for intercept, _ in padded]]),
        slope_db=np.array([[slope for _, slope in padded]]),
        linear_db_per_m=np.array([linear_db_per_m]),
        linear_end_m=np.array([linear_end_m]),
        rise_m=np.array([rise_m]),
    )
