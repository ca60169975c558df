"""Extended Hata: Okumura's curves for cities up to 3 GHz and 100 km; checks the engine, plans nothing."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.errors import DataError, Problem, ValidityWarning
from sim.radio.law import NEAREST_M

SPEED_OF_LIGHT_M_PER_S = 299_792_458.0
VALID_MHZ = (1500.0, 3000.0)
VALID_M = (1_000.0, 100_000.0)
BASE_HEIGHT_M = (30.0, 200.0)
"""Effective heights of the base antenna that the curves were drawn for; held at the ends."""
TERMINAL_HEIGHT_M = (1.0, 10.0)

# Read from Okumura's figures at three abscissae each; between them a parabola in the logarithm.
_ANCHOR_MHZ = (1500.0, 2000.0, 3000.0)
_URBAN_OVER_FREE_SPACE_1_KM_DB = (22.0, 23.5, 25.85)
_URBAN_OVER_FREE_SPACE_100_KM_DB = (63.5, 65.75, 69.5)
_SUBURBAN_GAIN_DB = (11.5, 12.4, 14.0)
_URBAN_SIGMA_DB = (7.1, 7.5, 8.1)
_SUBURBAN_EXTRA_SIGMA_DB = 2.0
_ANCHOR_BASE_M = (24.5, 70.0, 200.0)
_HALF_EXPONENT_FAR = (2.5, 3.0, 3.22)
_REFERENCE_BASE_M, _REFERENCE_TERMINAL_M = 200.0, 3.0


@dataclass(frozen=True, kw_only=True)
class ExtendedHata:
    """Loss over quasi-smooth ground: Hata's law up to a break point, beyond it a steeper one to 100 km.

    The corrections for hilly ground, slopes, ridges and water are left out: terrain is what the engine's
    own diffraction answers for. Effective heights outside the curves are held at their ends. Where the laws
    meet the published loss falls by 0.17 dB, the rise of the near law's reference ray.

    References
    ----------
    Drocella et al., 3.5 GHz Exclusion Zone Analyses and Methodology, NTIA Technical Report TR-15-517, 2015,
    appendix A; Okumura et al., Review of the Electrical Communication Laboratory 16, 1968, figures 12, 15,
    20 and 39; Hata, IEEE Trans. Vehicular Technology 29(3), 1980.
    """

    frequency_mhz: float
    """Carrier, published for 1500 to 3000 MHz [MHz]."""
    base_height_m: float
    """Effective height of the base antenna, published for 30 to 200 m [m]."""
    terminal_height_m: float = 1.5
    """Height of the terminal above ground, published for 1 to 10 m [m]."""
    environment: Literal["urban", "suburban", "rural"] = "urban"
    """Surroundings of the terminal."""

    def __post_init__(self) -> None:
        wrong = [
            Problem("extended Hata", name, f"must be a positive number, is {getattr(self, name)}")
            for name in ("frequency_mhz", "base_height_m", "terminal_height_m")
            if not 0.0 < getattr(self, name) < math.inf
        ]
        if self.environment not in ("urban", "suburban", "rural"):
            wrong.append(Problem("extended Hata", "environment", f"unknown: {self.environment}"))
        if wrong:
            raise DataError(tuple(wrong))

    def loss_db(self, distance_m: ArrayLike, reliability: float = 0.5) -> NDArray[np.float64]:
        """Return the basic transmission loss that a share of locations does not exceed, same shape [dB].

        Nearer than 1 m the distance is held.
        """
        distance = np.maximum(np.asarray(distance_m, dtype=np.float64), NEAREST_M)
        self._warn_outside(distance)
        kilometres = distance / 1000.0
        base = min(max(self.base_height_m, BASE_HEIGHT_M[0]), BASE_HEIGHT_M[1])
        terminal = min(max(self.terminal_height_m, TERMINAL_HEIGHT_M[0]), TERMINAL_HEIGHT_M[1])
        heights_db = _base_gain_db(_REFERENCE_BASE_M) - _base_gain_db(base)
        heights_db += _terminal_gain_db(_REFERENCE_TERMINAL_M) - _terminal_gain_db(terminal)
        near_km = math.hypot(1.0, (_REFERENCE_BASE_M - _REFERENCE_TERMINAL_M) / 1000.0)
        near = self._between_anchors(_URBAN_OVER_FREE_SPACE_1_KM_DB) + self._free_space_db(
            np.asarray(near_km)
        )
        near = near + 10.0 * (2.0 + _near_exponent(base)) * np.log10(kilometres)
        ray_km = np.hypot(kilometres, (base - terminal) / 1000.0)
        far = self._between_anchors(_URBAN_OVER_FREE_SPACE_100_KM_DB) + self._free_space_db(ray_km)
        far = far + 10.0 * _far_exponent(base) * (np.log10(kilometres) - 2.0)
        urban = np.where(distance <= self.break_point_m, near, far) + heights_db
        if not 0.0 < reliability < 1.0:
            raise DataError(
                (Problem("extended Hata", "reliability", f"must lie between 0 and 1, is {reliability}"),)
            )
        spread_db = NormalDist().inv_cdf(reliability) * self.location_sigma_db
        return np.asarray(urban - self._environment_gain_db() + spread_db)

    @property
    def break_point_m(self) -> float:
        """Where the loss over free space turns from Hata's law to the steeper one [m]."""
        base = min(max(self.base_height_m, BASE_HEIGHT_M[0]), BASE_HEIGHT_M[1])
        near, far = _near_exponent(base), _far_exponent(base)
        fall_db = self._between_anchors(_URBAN_OVER_FREE_SPACE_1_KM_DB) - self._between_anchors(
            _URBAN_OVER_FREE_SPACE_100_KM_DB
        )
        return 1000.0 * float(10.0 ** ((2.0 * far + 0.1 * fall_db) / (far - near)))

    @property
    def location_sigma_db(self) -> float:
        """Standard deviation over locations [dB]; Okumura et al., figure 39."""
        urban = self._between_anchors(_URBAN_SIGMA_DB)
        return urban if self.environment == "urban" else urban + _SUBURBAN_EXTRA_SIGMA_DB

    def _between_anchors(self, anchors: tuple[float, float, float]) -> float:
        return _parabola(self.frequency_mhz, _ANCHOR_MHZ, anchors)

    def _free_space_db(self, ray_km: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the loss in free space along the ray; ITU-R P.525-4, equation 4."""
        wavelength_m = SPEED_OF_LIGHT_M_PER_S / (self.frequency_mhz * 1e6)
        return np.asarray(20.0 * np.log10(4.0e3 * math.pi * ray_km / wavelength_m))

    def _environment_gain_db(self) -> float:
        if self.environment == "urban":
            return 0.0
        if self.environment == "suburban":
            return self._between_anchors(_SUBURBAN_GAIN_DB)
        log_f = math.log10(self.frequency_mhz)
        return 40.94 - 18.33 * log_f + 4.78 * log_f**2

    def _warn_outside(self, distance: NDArray[np.float64]) -> None:
        outside = float(np.mean((distance < VALID_M[0]) | (distance > VALID_M[1]))) if distance.size else 0.0
        if outside > 0:
            warnings.warn(
                f"ExtendedHata: {outside:.0%} of distances lie outside 1 to 100 km",
                ValidityWarning,
                stacklevel=3,
            )
        if not VALID_MHZ[0] <= self.frequency_mhz <= VALID_MHZ[1]:
            warnings.warn(
                f"ExtendedHata: {self.frequency_mhz:g} MHz lies outside 1500 to 3000 MHz",
                ValidityWarning,
                stacklevel=3,
            )


def _base_gain_db(height_m: float) -> float:
    """Return the gain of the base antenna's height [dB]; Hata 1980."""
    return 13.82 * math.log10(height_m)


def _terminal_gain_db(height_m: float) -> float:
    """Return the gain of the terminal's height in a large city [dB]; Hata 1980, equation 16."""
    return 3.2 * math.log10(11.75 * height_m) ** 2 - 4.97


def _near_exponent(base_height_m: float) -> float:
    """Return the power of distance over free space up to the break point; Hata 1980."""
    return 0.1 * (44.9 - 6.55 * math.log10(base_height_m)) - 2.0


def _far_exponent(base_height_m: float) -> float:
    """Return the power of distance over free space beyond the break point; Okumura et al., figure 12."""
    return 2.0 * (_parabola(base_height_m, _ANCHOR_BASE_M, _HALF_EXPONENT_FAR) - 1.0)


def _parabola(x: float, at: tuple[float, float, float], values: tuple[float, float, float]) -> float:
    """Return the parabola in log x through three points (Lagrange's form)."""
    total = 0.0
    for i, value in enumerate(values):
        weight = 1.0
        for j, other in enumerate(at):
            if j != i:
                weight *= math.log(x / other) / math.log(at[i] / other)
        total += value * weight
    return total
