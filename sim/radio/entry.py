"""Loss on the way into a building or a car, added once a receiver."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.errors import DataError, Problem, ValidityWarning

Floats = NDArray[np.float64]

ENTRY_MHZ = (80.0, 100_000.0)
WALL_MHZ = (500.0, 100_000.0)
CAR_MHZ = (600.0, 60_000.0)
INDOOR_DB_PER_M = 0.5
"""Loss for each metre between the outer wall and the terminal."""

_BUILDINGS: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "traditional": (12.64, 3.72, 0.96, 9.6, 2.0, 9.1, -3.0, 4.5, -2.0),
        "efficient": (28.19, -3.00, 8.48, 13.5, 3.8, 27.8, -2.9, 9.4, -2.1),
    }
)
"""Coefficients r, s, t, u, v, w, x, y, z by kind of building (P.2109, table 1)."""
_MATERIALS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "glass": (2.0, 0.2),
        "coated glass": (25.4, 0.11),
        "concrete": (5.0, 4.0),
        "plywood": (1.03, 0.17),
    }
)
"""Loss through a material: at 0 GHz and for each GHz [dB] (TR 38.901, table 7.4.3-1)."""
_WALLS: Mapping[str, tuple[tuple[float, str], tuple[float, str]]] = MappingProxyType(
    {
        "low": ((0.3, "glass"), (0.7, "concrete")),
        "high": ((0.7, "coated glass"), (0.3, "concrete")),
        "low A": ((0.3, "glass"), (0.7, "plywood")),
    }
)
"""Shares of the materials in an outer wall (TR 38.901, table 7.4.3-2)."""
WALL_SIGMA_DB: Mapping[str, float] = MappingProxyType({"low": 4.4, "high": 6.5, "low A": 4.4})
"""Spread of the loss into a building by its outer wall (TR 38.901, table 7.4.3-2) [dB]."""
CAR_LOSS_DB: Mapping[str, float] = MappingProxyType({"plain": 9.0, "metallised": 20.0})
"""Mean loss into a car by its windows, 0.6 to 60 GHz (TR 38.901, section 7.4.3.2) [dB]."""
CAR_SIGMA_DB = 5.0


def building_entry_loss_db(
    frequency_mhz: ArrayLike,
    probability: ArrayLike = 0.5,
    building: ArrayLike = "traditional",
    elevation_deg: ArrayLike = 0.0,
) -> Floats:
    """Return the building entry loss not exceeded at a share of places indoors, broadcast shape [dB].

    Buildings are ``traditional`` or thermally ``efficient`` (coated glass, foil-backed panels); the
    elevation of the path at the facade counts either way. 0.08 to 100 GHz: warns (``ValidityWarning``)
    outside and still answers. A probability outside 0 to 1 (both excluded) and an unknown building are
    a ``DataError``.

    References
    ----------
    ITU-R P.2109-1, section 3, equations 1 to 10.
    """
    from scipy.special import ndtri

    share, kinds = np.asarray(probability, dtype=np.float64), np.asarray(building)
    _require("probability", share, (share > 0.0) & (share < 1.0), "lies between 0 and 1, both excluded")
    _require("building", kinds, np.isin(kinds, list(_BUILDINGS)), f"is one of {', '.join(_BUILDINGS)}")
    log_ghz = _log_ghz(frequency_mhz, ENTRY_MHZ)
    table = np.array(list(_BUILDINGS.values()))
    row = np.select([kinds == kind for kind in _BUILDINGS], range(len(_BUILDINGS)))
    r, s, t, u, v, w, x, y, z = np.moveaxis(table[row], -1, 0)
    median = r + s * log_ghz + t * log_ghz**2 + 0.212 * np.abs(np.asarray(elevation_deg, dtype=np.float64))
    quantile = ndtri(share)
    through_wall = quantile * (u + v * log_ghz) + median
    direct = quantile * (y + z * log_ghz) + w + x * log_ghz
    return np.asarray(10.0 * np.log10(10.0 ** (0.1 * through_wall) + 10.0 ** (0.1 * direct) + 10.0**-0.3))


def wall_loss_db(frequency_mhz: ArrayLike, wall: ArrayLike = "low") -> Floats:
    """Return the mean loss through a building's outer wall, broadcast shape [dB].

    Walls of ``low`` loss (plain glass and concrete), ``high`` loss (coated glass and concrete) and, for
    light construction, ``low A`` (plain glass and plywood); 0.5 to 100 GHz, with a warning
    (``ValidityWarning``) outside. ``WALL_SIGMA_DB`` holds their spread. An unknown wall is a ``DataError``.

    References
    ----------
    3GPP TR 38.901 V19, tables 7.4.3-1 and 7.4.3-2 (coated glass was 23 + 0.3 f before V19).
    """
    walls = np.asarray(wall)
    _require("wall", walls, np.isin(walls, list(_WALLS)), f"is one of {', '.join(_WALLS)}")
    ghz = 10.0 ** _log_ghz(frequency_mhz, WALL_MHZ)
    passed = {}
    for name, materials in _WALLS.items():
        losses = [(share, _MATERIALS[material]) for share, material in materials]
        passed[name] = sum(share * 10.0 ** (-0.1 * (at_0 + each * ghz)) for share, (at_0, each) in losses)
    chosen = np.select([walls == name for name in passed], list(passed.values()))
    return np.asarray(5.0 - 10.0 * np.log10(chosen))


def indoor_loss_db(
    frequency_mhz: ArrayLike, wall: ArrayLike = "low", indoor_distance_m: ArrayLike = 0.0
) -> Floats:
    """Return the mean loss to a terminal some metres behind the outer wall, broadcast shape [dB].

    References
    ----------
    3GPP TR 38.901 V19, table 7.4.3-2 (0.5 dB for each metre indoors).
    """
    depth = np.asarray(indoor_distance_m, dtype=np.float64)
    _require("indoor_distance_m", depth, depth >= 0.0, "is not negative")
    return np.asarray(wall_loss_db(frequency_mhz, wall) + INDOOR_DB_PER_M * depth)


def _log_ghz(frequency_mhz: ArrayLike, bounds: tuple[float, float]) -> Floats:
    """Return log10 of the frequency in GHz, once it was looked at."""
    frequency = np.asarray(frequency_mhz, dtype=np.float64)
    _require("frequency_mhz", frequency, frequency > 0.0, "is above 0")
    if np.any((frequency < bounds[0]) | (frequency > bounds[1])):
        message = f"building entry loss: a frequency lies outside {bounds[0]:g} to {bounds[1]:g} MHz"
        warnings.warn(message, ValidityWarning, stacklevel=3)
    return np.asarray(np.log10(frequency / 1000.0))


def _require(name: str, values: NDArray[np.generic], good: NDArray[np.bool_], rule: str) -> None:
    if not np.all(good):
        first = np.atleast_1d(values)[~np.atleast_1d(good)][0]
        raise DataError((Problem("building entry loss", name, f"{rule}; given was {first}"),))
