"""The Irregular Terrain Model (Longley-Rice) through the package itmlogic; checks the engine, plans nothing.

The package is optional: ``pip install rollout-planner[validation]``.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.errors import DataError, Problem, ValidityWarning

CLIMATES = (
    "equatorial",
    "continental subtropical",
    "maritime subtropical",
    "desert",
    "continental temperate",
    "maritime temperate over land",
    "maritime temperate over sea",
)
"""Radio climates in the order of their codes 1 to 7."""
VARIABILITY = ("single message", "accidental", "mobile", "broadcast")
"""Which of time, location and situation vary together, in the order of their codes 0 to 3."""
SITING = ("random", "careful", "very careful")
"""How an antenna's place was chosen, for a path whose profile is not known, by code 0 to 2."""
VALID_MHZ = (20.0, 20_000.0)
VALID_HEIGHT_M = (0.5, 3000.0)
VALID_M = (1_000.0, 2_000_000.0)
LARGEST_HORIZON_ANGLE = 0.2
"""Radian; the model holds for small angles."""
_SAME_STEP = 1e-6


@dataclass(frozen=True)
class Shares:
    """Shares of time, of locations and of situations in which the loss is not exceeded."""

    time: float = 0.5
    location: float = 0.5
    situation: float = 0.5


MEDIAN = Shares()


@dataclass(frozen=True, kw_only=True)
class IrregularTerrain:
    """A link of the Irregular Terrain Model: everything but the path between its ends.

    Below 150 MHz, beyond the horizon and with both antennas lower than 2 m the package takes a scatter
    loss that the algorithm declares inadmissible; no band planned here lies there.

    References
    ----------
    Hufford, Longley and Kissick, A Guide to the Use of the ITS Irregular Terrain Model in the Area
    Prediction Mode, NTIA Report 82-100, 1982; Hufford, The ITS Irregular Terrain Model, version 1.2.2: the
    algorithm, 1995; Oughton et al., itmlogic, Journal of Open Source Software 5, 2266, 2020.
    """

    frequency_mhz: float
    """Carrier, for 20 MHz to 20 GHz [MHz]."""
    base_height_m: float
    """Antenna at the start of the path above ground, for 0.5 to 3000 m [m]."""
    terminal_height_m: float
    """Antenna at its end above ground, for 0.5 to 3000 m [m]."""
    polarization: Literal["horizontal", "vertical"] = "vertical"
    """Of the wave."""
    permittivity: float = 15.0
    """Of the ground relative to vacuum; average ground in Report 82-100, table 3."""
    conductivity_s_per_m: float = 0.005
    """Of the ground; average ground in Report 82-100, table 3 [S/m]."""
    refractivity: float = 301.0
    """Of the air at the surface, reduced to sea level; continental temperate in Report 82-100, table 2."""
    climate: str = "continental temperate"
    """One of ``CLIMATES``."""
    variability: str = "single message"
    """One of ``VARIABILITY``."""
    location_variability: bool = True
    """False where the ends are at fixed places that are known exactly."""
    situation_variability: bool = True
    """False where interference is asked for."""

    def __post_init__(self) -> None:
        numbers = (
            "frequency_mhz",
            "base_height_m",
            "terminal_height_m",
            "permittivity",
            "conductivity_s_per_m",
            "refractivity",
        )
        wrong = [
            Problem("irregular terrain model", name, f"must be a positive number, is {getattr(self, name)}")
            for name in numbers
            if not 0.0 < getattr(self, name) < math.inf
        ]
        words = {
            "polarization": ("horizontal", "vertical"),
            "climate": CLIMATES,
            "variability": VARIABILITY,
        }
        wrong += [
            Problem(
                "irregular terrain model", name, f"is {getattr(self, name)!r}; one of {', '.join(allowed)}"
            )
            for name, allowed in words.items()
            if getattr(self, name) not in allowed
        ]
        if wrong:
            raise DataError(tuple(wrong))

    def profile_loss_db(
        self, profile_distance_m: ArrayLike, profile_height_m: ArrayLike, shares: Shares = MEDIAN
    ) -> float:
        """Return the basic transmission loss over a terrain profile [dB].

        Distances start at 0 at the base antenna and go on in equal steps; heights are of the bare ground
        above sea level, both shape (n,), n at least 3.

        References
        ----------
        Hufford 1995, sections 2 and 41 to 48 (preparation), 4 (reference attenuation), 5 (variability).
        """
        distance, height = _profile(profile_distance_m, profile_height_m)
        path_m = float(distance[-1])
        skipped = (len(distance) - 1) // 10
        middle = height[skipped : len(height) - skipped]
        state = self._state(system_height_m=float(middle.mean()))
        state |= _path_geometry(height.tolist(), path_m, state["hg"], state["gme"])
        return self._loss_db(state | {"mdp": -1}, path_m, shares)

    def area_loss_db(
        self,
        distance_m: ArrayLike,
        roughness_m: float,
        siting: tuple[str, str] = ("random", "random"),
        shares: Shares = MEDIAN,
    ) -> NDArray[np.float64]:
        """Return the basic transmission loss over ground known by its roughness alone, same shape [dB].

        The roughness is the interdecile range of heights along a path; siting is that of the base and the
        terminal, each one of ``SITING``.

        References
        ----------
        Hufford 1995, section 3 and equations 3.1 to 3.4 (preparation), 4 and 5.
        """
        from itmlogic.preparatory_subroutines.qlra import qlra

        if not (0.0 <= roughness_m < math.inf and set(siting) <= set(SITING)):
            message = f"roughness {roughness_m}, siting {siting}: needs a range and two of {SITING}"
            raise DataError((Problem("irregular terrain model", "area", message),))
        distance = np.asarray(distance_m, dtype=np.float64)
        if not np.all((distance > 0.0) & np.isfinite(distance)):
            raise DataError((Problem("irregular terrain model", "distance_m", "must be positive"),))
        losses = [
            self._loss_db(
                qlra(
                    [SITING.index(word) for word in siting],
                    self._state(system_height_m=0.0) | {"dh": roughness_m},
                ),
                float(each),
                shares,
            )
            for each in distance.ravel()
        ]
        return np.array(losses).reshape(distance.shape)

    def _state(self, system_height_m: float) -> dict[str, Any]:
        """Return what the package asks for, under its names; Hufford 1995, section 41."""
        from itmlogic.preparatory_subroutines.qlrps import qlrps

        climate = CLIMATES.index(self.climate) + 1
        mode = VARIABILITY.index(self.variability)
        mode += 10 * (not self.location_variability) + 20 * (not self.situation_variability)
        polarization = int(self.polarization == "vertical")
        wave_number, curvature, refractivity, impedance = qlrps(
            self.frequency_mhz,
            system_height_m,
            self.refractivity,
            polarization,
            self.permittivity,
            self.conductivity_s_per_m,
        )
        return {
            "hg": [self.base_height_m, self.terminal_height_m],
            "wn": wave_number,
            "gme": curvature,
            "ens": refractivity,
            "zgnd": impedance,
            "klim": climate,
            "klimx": climate,
            "mdvar": mode,
            "mdvarx": mode,
            "lvar": 5,
            "kwx": 0,
        }

    def _loss_db(self, state: dict[str, Any], path_m: float, shares: Shares) -> float:
        """Return free space and the attenuation beyond it [dB]; Hufford 1995, sections 4 and 5."""
        from itmlogic.lrprop import lrprop
        from itmlogic.misc.qerfi import qerfi
        from itmlogic.statistics.avar import avar

        quantiles = [shares.time, shares.location, shares.situation]
        if not all(0.0 < share < 1.0 for share in quantiles):
            raise DataError((Problem("irregular terrain model", "shares", f"must lie in 0 to 1: {shares}"),))
        self._warn_outside(path_m, state["the"])
        state = lrprop(path_m, state | {"dist": path_m})
        attenuation_db, _ = avar(*qerfi(quantiles), state)
        free_space_db = 32.45 + 20.0 * math.log10(self.frequency_mhz * path_m / 1000.0)
        return float(attenuation_db + free_space_db)

    def _warn_outside(self, path_m: float, angles: Any) -> None:
        ranges = {
            "frequency [MHz]": (self.frequency_mhz, VALID_MHZ),
            "base height [m]": (self.base_height_m, VALID_HEIGHT_M),
            "terminal height [m]": (self.terminal_height_m, VALID_HEIGHT_M),
            "path [m]": (path_m, VALID_M),
            "horizon angle [rad]": (max(abs(angles[0]), abs(angles[1])), (0.0, LARGEST_HORIZON_ANGLE)),
        }
        outside = [
            f"{name} {value:g} not in {low:g} to {high:g}"
            for name, (value, (low, high)) in ranges.items()
            if not low <= value <= high
        ]
        if outside:
            warnings.warn(f"IrregularTerrain: {'; '.join(outside)}", ValidityWarning, stacklevel=4)


def _profile(distance_m: ArrayLike, height_m: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a profile as two arrays; ``DataError`` where it is not one in equal steps from 0."""
    distance = np.asarray(distance_m, dtype=np.float64)
    height = np.asarray(height_m, dtype=np.float64)
    wrong = []
    if distance.ndim != 1 or len(distance) < 3 or height.shape != distance.shape:
        wrong.append(Problem("terrain profile", "shape", "needs two vectors of equal length, 3 or more"))
    elif not (np.isfinite(distance).all() and np.isfinite(height).all()):
        wrong.append(Problem("terrain profile", "values", "holds a value that is not a number"))
    elif distance[-1] <= 0.0 or not np.allclose(
        distance, np.linspace(0.0, distance[-1], len(distance)), rtol=0.0, atol=_SAME_STEP * distance[-1]
    ):
        wrong.append(Problem("terrain profile", "distance", "must go on in equal steps from 0"))
    if wrong:
        raise DataError(tuple(wrong))
    return distance, height


def _path_geometry(
    heights: list[float], path_m: float, antennas_m: list[float], curvature: float
) -> dict[str, Any]:
    """Return roughness, horizons and effective heights of a profile, under the package's names.

    The package's own preparation takes the last but one ground height for the far end of a path within
    the line of sight, so it is done here from its parts.

    References
    ----------
    Hufford 1995, section 43.
    """
    from itmlogic.preparatory_subroutines.dlthx import dlthx
    from itmlogic.preparatory_subroutines.hzns import hzns
    from itmlogic.preparatory_subroutines.zlsq1 import zlsq1

    steps = len(heights) - 1
    profile = [steps, path_m / steps, *heights]
    angles, horizons = hzns(profile, path_m, antennas_m, curvature)
    inner = [min(15.0 * antennas_m[end], 0.1 * horizons[end]) for end in (0, 1)]
    start_m, end_m = inner[0], path_m - inner[1]
    roughness_m = float(dlthx(profile, start_m, end_m))
    if horizons[0] + horizons[1] > 1.5 * path_m:
        fits = zlsq1(profile, start_m, end_m)
        effective = _effective_heights(antennas_m, (heights[0], heights[-1]), fits)
        return {"dh": roughness_m} | _within_sight(effective, roughness_m, path_m, curvature)
    near, _ = zlsq1(profile, start_m, 0.9 * horizons[0])
    _, far = zlsq1(profile, path_m - 0.9 * horizons[1], end_m)
    effective = _effective_heights(antennas_m, (heights[0], heights[-1]), (near, far))
    return {
        "dh": roughness_m,
        "he": effective,
        "dl": [horizons[0], horizons[1]],
        "the": [angles[0], angles[1]],
    }


def _effective_heights(
    antennas_m: list[float], ground_m: tuple[float, float], fits_m: tuple[float, float]
) -> list[float]:
    """Return the antennas' heights over the fitted ground, never below those over their own [m]."""
    return [
        antenna + max(ground - fit, 0.0)
        for antenna, ground, fit in zip(antennas_m, ground_m, fits_m, strict=True)
    ]


def _within_sight(
    effective_m: list[float], roughness_m: float, path_m: float, curvature: float
) -> dict[str, Any]:
    """Return statistical horizons for ends that see each other well; Hufford 1995, section 43."""

    def smooth(height: float) -> float:
        return math.sqrt(2.0 * height / curvature)

    def horizon(height: float) -> float:
        return smooth(height) * math.exp(-0.07 * math.sqrt(roughness_m / max(height, 5.0)))

    reach = sum(horizon(height) for height in effective_m)
    if reach <= path_m:
        effective_m = [height * (path_m / reach) ** 2 for height in effective_m]
    horizons = [horizon(height) for height in effective_m]
    angles = [
        (0.65 * roughness_m * (smooth(height) / own - 1.0) - 2.0 * height) / smooth(height)
        for height, own in zip(effective_m, horizons, strict=True)
    ]
    return {"he": effective_m, "dl": horizons, "the": angles}


__all__ = ["CLIMATES", "MEDIAN", "SITING", "VARIABILITY", "IrregularTerrain", "Shares"]
