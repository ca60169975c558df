"""Path loss of 3GPP TR 38.901: rural macro, urban macro and urban micro cells.

References
----------
3GPP TR 38.901, tables 7.4.1-1 (path loss, shadow fading) and 7.4.2-1 (line-of-sight probability).
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from sim.radio.base import DECADE, PathLossModel, one_law
from sim.radio.law import LossLaw

SPEED_OF_LIGHT_M_PER_S = 3.0e8
"""As the report rounds it."""
NEAREST_BREAKPOINT_M = 10.0
"""A terminal no higher than the environment has no breakpoint of its own: it is held here."""
Floats = NDArray[np.float64]


class _Tr38901(PathLossModel):
    """What the three kinds of cell have in common: distances run between the antennas, slopes break once."""

    terrain: ClassVar[Literal["full", "excess"]] = "excess"
    sigma_los_db: ClassVar[tuple[float, float]]
    """Spread of shadowing with line of sight, before and beyond the breakpoint [dB]."""
    sigma_nlos_db: ClassVar[float]

    terminal_height_m: float = Field(default=1.5, gt=0)
    """Height of the terminal above ground [m]."""
    line_of_sight: bool = False
    """Whether the terminal sees the base station: the loss is one or the other, never a mixture of both."""
    base_height_m: float

    @abstractmethod
    def breakpoint_m(self) -> float:
        """Return the distance at which the loss with line of sight turns to 40 dB a decade [m]."""

    @abstractmethod
    def los_probability(self, distance_m: ArrayLike) -> Floats:
        """Return the chance of line of sight outdoors, same shape as the horizontal distance [share]."""

    def shadow_sigma_db(self, distance_m: ArrayLike) -> Floats:
        """Return the spread of shadowing about the median, same shape as the horizontal distance [dB]."""
        distance = np.asarray(distance_m, dtype=np.float64)
        if not self.line_of_sight:
            return np.full(distance.shape, self.sigma_nlos_db)
        near, far = self.sigma_los_db
        return np.where(distance <= self.breakpoint_m(), near, far)

    @property
    def _rise_m(self) -> float:
        return self.base_height_m - self.terminal_height_m

    @property
    def _log_ghz(self) -> float:
        return math.log10(self.frequency_mhz / 1000.0)


class Tr38901Rma(_Tr38901):
    """Rural macro cell, 0.5 to 30 GHz, to 10 km with line of sight, else to 5 km.

    The published form turns to its second slope where the ground distance, not the distance between the
    antennas, reaches the breakpoint, and so jumps there; here the turn is where the two slopes meet. The
    difference, on the few metres between, is at most 0.04 dB over the published heights and frequencies.
    """

    valid_mhz: ClassVar[tuple[float, float]] = (500.0, 30_000.0)
    valid_heights_m: ClassVar[Mapping[str, tuple[float, float]]] = MappingProxyType(
        {
            "base_height_m": (10.0, 150.0),
            "terminal_height_m": (1.0, 10.0),
            "street_width_m": (5.0, 50.0),
            "building_height_m": (5.0, 50.0),
        }
    )
    sigma_los_db: ClassVar[tuple[float, float]] = (4.0, 6.0)
    sigma_nlos_db: ClassVar[float] = 8.0

    base_height_m: float = Field(default=35.0, gt=0)
    """Height of the base station's antenna above ground, published for 10 to 150 m [m]."""
    street_width_m: float = Field(default=20.0, gt=0)
    """Mean width of streets, published for 5 to 50 m [m]."""
    building_height_m: float = Field(default=5.0, gt=0)
    """Mean height of buildings, published for 5 to 50 m [m]."""

    @property
    def valid_m(self) -> tuple[float, float]:
        """Published range of the distance [m]."""
        return 10.0, 10_000.0 if self.line_of_sight else 5_000.0

    def breakpoint_m(self) -> float:
        """Return the distance at which the loss with line of sight turns to 40 dB a decade [m]."""
        hertz = self.frequency_mhz * 1e6
        return 2.0 * math.pi * self.base_height_m * self.terminal_height_m * hertz / SPEED_OF_LIGHT_M_PER_S

    def los_probability(self, distance_m: ArrayLike) -> Floats:
        """Return the chance of line of sight outdoors, same shape as the horizontal distance [share]."""
        distance = np.asarray(distance_m, dtype=np.float64)
        return np.exp(-np.maximum(distance - 10.0, 0.0) / 1000.0)

    def law(self) -> LossLaw:
        """Return the loss as one row for the coverage kernel; the linear term ends at the breakpoint."""
        bend, powered = self.breakpoint_m(), self.building_height_m**1.72
        first = 20.0 * math.log10(40.0 * math.pi / 3.0) + 20.0 * self._log_ghz - min(0.044 * powered, 14.77)
        per_decade = 20.0 + min(0.03 * powered, 10.0)
        second = first + (per_decade - 40.0) * math.log10(bend)
        pieces = [(first, per_decade / DECADE), (second, 40.0 / DECADE)]
        if not self.line_of_sight:
            pieces.append(self._obstructed())
        return one_law(
            *pieces,
            rise_m=self._rise_m,
            linear_db_per_m=0.002 * math.log10(max(self.building_height_m, 1.0)),
            linear_end_m=bend,
        )

    def _obstructed(self) -> tuple[float, float]:
        """Return intercept and slope of the loss without line of sight."""
        log_base = math.log10(self.base_height_m)
        per_decade = 43.42 - 3.1 * log_base
        at_1_km = (
            161.04
            - 7.1 * math.log10(self.street_width_m)
            + 7.5 * math.log10(self.building_height_m)
            - (24.37 - 3.7 * (self.building_height_m / self.base_height_m) ** 2) * log_base
            + 20.0 * self._log_ghz
            - (3.2 * math.log10(11.75 * self.terminal_height_m) ** 2 - 4.97)
        )
        return at_1_km - 3.0 * per_decade, per_decade / DECADE


class _Urban(_Tr38901):
    """What macro and micro cells of a city have in common."""

    valid_mhz: ClassVar[tuple[float, float]] = (500.0, 100_000.0)
    valid_heights_m: ClassVar[Mapping[str, tuple[float, float]]] = MappingProxyType(
        {"terminal_height_m": (1.5, 22.5)}
    )
    first_db: ClassVar[tuple[float, float]]
    """Loss at 1 m and 1 GHz and per decade of distance before the breakpoint [dB]."""
    heights_db: ClassVar[float]
    """Factor of the logarithm of the breakpoint beyond it [dB]."""

    environment_height_m: float = Field(default=1.0, ge=0)
    """Effective height of the surroundings; 1 m for every terminal under 13 m [m]."""

    @property
    def valid_m(self) -> tuple[float, float]:
        """Published range of the distance [m]."""
        return 10.0, 5_000.0

    def breakpoint_m(self) -> float:
        """Return the distance at which the loss with line of sight turns to 40 dB a decade [m]."""
        base = max(self.base_height_m - self.environment_height_m, 0.0)
        terminal = max(self.terminal_height_m - self.environment_height_m, 0.0)
        bend = 4.0 * base * terminal * self.frequency_mhz * 1e6 / SPEED_OF_LIGHT_M_PER_S
        return max(bend, NEAREST_BREAKPOINT_M)

    @abstractmethod
    def _obstructed(self) -> tuple[float, float]:
        """Return intercept and slope of the loss without line of sight."""

    def law(self) -> LossLaw:
        """Return the loss as one row for the coverage kernel: both slopes meet at the breakpoint exactly."""
        constant, per_decade = self.first_db
        constant += 20.0 * self._log_ghz
        bend_squared = self.breakpoint_m() ** 2 + self._rise_m**2
        second = constant - self.heights_db * math.log10(bend_squared)
        pieces = [(constant, per_decade / DECADE), (second, 40.0 / DECADE)]
        if not self.line_of_sight:
            pieces.append(self._obstructed())
        return one_law(*pieces, rise_m=self._rise_m)


class Tr38901Uma(_Urban):
    """Urban macro cell, 0.5 to 100 GHz, to 5 km; antennas above the roofs."""

    sigma_los_db: ClassVar[tuple[float, float]] = (4.0, 4.0)
    sigma_nlos_db: ClassVar[float] = 6.0
    first_db: ClassVar[tuple[float, float]] = (28.0, 22.0)
    heights_db: ClassVar[float] = 9.0

    base_height_m: float = Field(default=25.0, gt=0)
    """Height of the base station's antenna above ground; the report's cells have 25 m [m]."""

    def los_probability(self, distance_m: ArrayLike) -> Floats:
        """Return the chance of line of sight outdoors, same shape as the horizontal distance [share].

        Published for terminals up to 23 m; higher ones count as 23 m.
        """
        distance = np.maximum(np.asarray(distance_m, dtype=np.float64), 18.0)
        near = 18.0 / distance
        street = near + np.exp(-distance / 63.0) * (1.0 - near)
        above = min(max(self.terminal_height_m - 13.0, 0.0), 10.0) / 10.0
        roofs = above**1.5 * 1.25 * (distance / 100.0) ** 3 * np.exp(-distance / 150.0)
        return np.where(distance <= 18.0, 1.0, np.minimum(street * (1.0 + roofs), 1.0))

    def _obstructed(self) -> tuple[float, float]:
        return 13.54 + 20.0 * self._log_ghz - 0.6 * (self.terminal_height_m - 1.5), 39.08 / DECADE


class Tr38901Umi(_Urban):
    """Urban micro cell in a street canyon, 0.5 to 100 GHz, to 5 km; antennas below the roofs."""

    sigma_los_db: ClassVar[tuple[float, float]] = (4.0, 4.0)
    sigma_nlos_db: ClassVar[float] = 7.82
    first_db: ClassVar[tuple[float, float]] = (32.4, 21.0)
    heights_db: ClassVar[float] = 9.5

    base_height_m: float = Field(default=10.0, gt=0)
    """Height of the base station's antenna above ground; the report's cells have 10 m [m]."""

    def los_probability(self, distance_m: ArrayLike) -> Floats:
        """Return the chance of line of sight outdoors, same shape as the horizontal distance [share]."""
        distance = np.maximum(np.asarray(distance_m, dtype=np.float64), 18.0)
        near = 18.0 / distance
        return near + np.exp(-distance / 36.0) * (1.0 - near)

    def _obstructed(self) -> tuple[float, float]:
        return 22.4 + 21.3 * self._log_ghz - 0.3 * (self.terminal_height_m - 1.5), 35.3 / DECADE
