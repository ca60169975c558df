"""Loss in the clutter around a terminal: trees and buildings that a terrain profile does not hold.

It is added to models that know neither terrain nor clutter (free space with diffraction), once a
receiver; the empirical models hold it already.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.errors import DataError, Problem, ValidityWarning

Floats = NDArray[np.float64]

STATISTICAL_MHZ = (500.0, 67_000.0)
STATISTICAL_NEAREST_M = 250.0
STATISTICAL_FARTHEST_M = 2000.0
"""The loss never exceeds what it is here."""
HEIGHT_GAIN_MHZ = (30.0, 3000.0)
CLUTTER_HEIGHT_M: Mapping[str, float] = MappingProxyType(
    {
        "water": 10.0,
        "open": 10.0,
        "suburban": 10.0,
        "urban": 15.0,
        "forest": 15.0,
        "dense urban": 20.0,
    }
)
"""Representative height of the clutter by its kind (P.2108, table 3) [m]."""
UNBROKEN = ("water", "open")
"""Kinds without edges to diffract over: the loss follows the terminal's height alone."""
STREET_WIDTH_M = 27.0
"""Where nothing better is known (P.2108, section 3.1)."""


def statistical_clutter_db(
    frequency_mhz: ArrayLike, distance_m: ArrayLike, probability: ArrayLike = 0.5
) -> Floats:
    """Return the clutter loss at one end that is not exceeded at a share of places, broadcast shape [dB].

    For terminals well below the roofs or trees of urban and suburban surroundings, 0.5 to 67 GHz,
    distances of 250 m and more (1 km where both ends stand in clutter). Warns (``ValidityWarning``)
    outside and still answers; nearer than 250 m the median is never negative. A probability outside 0
    to 1 (both excluded) is a ``DataError``.

    References
    ----------
    ITU-R P.2108-1, section 3.2, equations 3 to 6.
    """
    from scipy.special import ndtri

    frequency, distance, share = _floats(frequency_mhz, distance_m, probability)
    _require("probability", share, (share > 0.0) & (share < 1.0), "lies between 0 and 1, both excluded")
    _require("frequency_mhz", frequency, frequency > 0.0, "is above 0")
    _require("distance_m", distance, distance >= 0.0, "is not negative")
    _warn("MHz", frequency, STATISTICAL_MHZ)
    _warn("m", distance, (STATISTICAL_NEAREST_M, np.inf))
    # Equation 3 subtracts the quantile of the complement: the same as adding the quantile itself.
    deviation, log_ghz = ndtri(share), np.log10(frequency / 1000.0)
    here = _statistical(log_ghz, np.maximum(distance, 1.0), deviation)
    return np.asarray(np.minimum(here, _statistical(log_ghz, np.float64(STATISTICAL_FARTHEST_M), deviation)))


def _statistical(log_ghz: Floats, distance_m: Floats | np.float64, deviation: Floats) -> Floats:
    """Return the loss at a number of deviations from the median, before its cap."""
    low = -2.0 * np.log10(10.0 ** (-5.0 * log_ghz - 12.5) + 10.0**-16.5)
    spread = 32.98 + 23.9 * np.log10(distance_m / 1000.0) + 3.0 * log_ghz
    weight_low, weight_spread = 10.0 ** (-0.2 * low), 10.0 ** (-0.2 * spread)
    total = weight_low + weight_spread
    sigma = np.sqrt((16.0 * weight_low + 36.0 * weight_spread) / total)
    return np.asarray(np.maximum(-5.0 * np.log10(total), 0.0) + sigma * deviation)


def height_gain_clutter_db(
    frequency_mhz: ArrayLike,
    terminal_height_m: ArrayLike,
    clutter: ArrayLike,
    *,
    clutter_height_m: ArrayLike | None = None,
    street_width_m: ArrayLike = STREET_WIDTH_M,
) -> Floats:
    """Return the median loss of a terminal below the clutter around it, broadcast shape [dB].

    ``clutter`` names the kind of each terminal's surroundings, a key of ``CLUTTER_HEIGHT_M``, whose
    height stands where none is given; 0.03 to 3 GHz. Warns (``ValidityWarning``) outside and still
    answers. A terminal as high as the clutter loses nothing. Heights and widths of zero or less and
    unknown kinds are a ``DataError``.

    References
    ----------
    ITU-R P.2108-1, section 3.1, equations 2a to 2h (edge loss as P.526, equation 31).
    """
    kinds = np.asarray(clutter)
    _require(
        "clutter", kinds, np.isin(kinds, list(CLUTTER_HEIGHT_M)), f"is one of {', '.join(CLUTTER_HEIGHT_M)}"
    )
    if clutter_height_m is None:
        clutter_height_m = np.select(
            [kinds == kind for kind in CLUTTER_HEIGHT_M], list(CLUTTER_HEIGHT_M.values())
        )
    frequency, terminal, top, street = _floats(
        frequency_mhz, terminal_height_m, clutter_height_m, street_width_m
    )
    for name, values in (
        ("frequency_mhz", frequency),
        ("terminal_height_m", terminal),
        ("clutter_height_m", top),
        ("street_width_m", street),
    ):
        _require(name, values, values > 0.0, "is above 0")
    _warn("MHz", frequency, HEIGHT_GAIN_MHZ)
    ghz, below = frequency / 1000.0, np.maximum(top - terminal, 0.0)
    angle_deg = np.degrees(np.arctan(below / street))
    shifted = 0.342 * np.sqrt(ghz) * np.sqrt(below * angle_deg) - 0.1
    edge = 6.9 + 20.0 * np.log10(np.sqrt(shifted**2 + 1.0) + shifted) - 6.03
    gain = -(21.8 + 6.2 * np.log10(ghz)) * np.log10(np.minimum(terminal / top, 1.0))
    return np.where(below > 0.0, np.where(np.isin(kinds, UNBROKEN), gain, edge), 0.0)


def _floats(*values: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.asarray(value, dtype=np.float64) for value in values)


def _require(name: str, values: NDArray[np.generic], good: NDArray[np.bool_], rule: str) -> None:
    if not np.all(good):
        first = np.atleast_1d(values)[~np.atleast_1d(good)][0]
        raise DataError((Problem("clutter loss", name, f"{rule}; given was {first}"),))


def _warn(unit: str, values: Floats, bounds: tuple[float, float]) -> None:
    share = float(np.mean((values < bounds[0]) | (values > bounds[1]))) if values.size else 0.0
    if share > 0.0:
        limits = (
            f"{bounds[0]:g} {unit} and more"
            if bounds[1] == np.inf
            else f"{bounds[0]:g} to {bounds[1]:g} {unit}"
        )
        warnings.warn(
            f"clutter loss: {share:.0%} of values lie outside {limits}", ValidityWarning, stacklevel=3
        )
