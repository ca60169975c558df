"""Diffraction at one edge and over a smooth Earth: the formulas that longer methods are made of.

Arrays go in and come out; float32 stays float32.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[Any]
"""float64 in the exact method, float32 in the sweep."""

LIGHT_M_PER_S = 299_792_458.0
_DB = 10.0 / math.log(10.0)
"""Decibels of a unit of the natural logarithm."""
MEDIAN_EARTH_RADIUS_M = 8_500_000.0
"""Effective radius of the Earth for a median atmosphere (P.526-15, section 1): 4/3 of the true one."""


@dataclass(frozen=True)
class Ground:
    """What the smooth Earth is made of, and the polarisation; neither matters much above 300 MHz."""

    permittivity: float = 22.0
    """Relative permittivity [1]."""
    conductivity_s_per_m: float = 0.003
    """Conductivity [S/m]."""
    vertical: bool = False
    """Whether the polarisation is vertical."""


LAND = Ground()
"""Land, horizontal polarisation (P.1812-8, section 4.3.3)."""


def wavelength_m(frequency_mhz: float) -> float:
    """Return the wavelength [m]."""
    return LIGHT_M_PER_S / (frequency_mhz * 1e6)


def knife_edge_db(nu: ArrayLike) -> Floats:
    """Return the loss of one knife edge for its diffraction parameter, 0 up to -0.78 [dB].

    References
    ----------
    ITU-R P.526-15, section 4.1, equation 31.
    """
    v = np.asarray(nu)
    v = v if v.dtype == np.float32 else v.astype(np.float64)
    shifted = np.maximum(v, -0.78) - 0.1
    loss = 6.9 + 2.0 * _DB * np.log(np.sqrt(shifted * shifted + 1.0) + shifted)
    return np.asarray(loss * (v > -0.78))


def edge_parameter(height_m: ArrayLike, d1_m: ArrayLike, d2_m: ArrayLike, wavelength: float) -> Floats:
    """Return the diffraction parameter of an edge that stands so high above the straight line.

    References
    ----------
    ITU-R P.526-15, section 4.1, equation 26.
    """
    d1, d2 = np.asarray(d1_m), np.asarray(d2_m)
    return np.asarray(height_m * np.sqrt(2.0 / wavelength * (1.0 / d1 + 1.0 / d2)))


def with_rest_of_path(edge_db: Floats, distance_m: Floats) -> Floats:
    """Return Bullington's loss: one edge, and a term for all that stands beside it [dB].

    References
    ----------
    ITU-R P.526-15, section 4.5.1, equation 60.
    """
    return np.asarray(edge_db - np.expm1(edge_db * (-1.0 / 6.0)) * (10.0 + 2e-5 * distance_m))


def _power(x: Floats, exponent: float) -> Floats:
    return np.asarray(np.exp(exponent * np.log(x)))  # several times as fast as ``**`` in float32


def _first_term_db(d_m: Floats, heights_m: tuple[Floats, Floats], radius_m: Floats, wave: Any) -> Floats:
    """Return the first term of the residue series, in the practical units and rounded figures it is given in.

    References: P.526-15, section 3.1.1, equations 13 to 18; P.1812-8, section 4.3.3, equations 29 to 36.
    """
    ghz, ground = wave
    root = _power(radius_m * 0.001, -1 / 3)
    epsilon, sigma = ground.permittivity, 18.0 * ground.conductivity_s_per_m / ghz
    k = 0.036 * ghz ** (-1 / 3) * ((epsilon - 1.0) ** 2 + sigma**2) ** -0.25 * root
    if ground.vertical:
        k = k * (epsilon**2 + sigma**2) ** 0.5
    k2 = k * k
    beta = (1.0 + 1.6 * k2 + 0.67 * k2 * k2) / (1.0 + 4.5 * k2 + 1.53 * k2 * k2)
    x = (0.02188 * ghz ** (1 / 3)) * beta * root * root * d_m
    log_x = np.log(x)
    far, near = 11.0 + _DB * log_x - 17.6 * x, -2.0 * _DB * log_x - 5.6488 * np.exp(1.425 * log_x)
    loss = -np.where(x >= 1.6, far, near)
    scale, least = 0.9575 * ghz ** (2 / 3) * beta * beta * root, 2.0 + 2.0 * _DB * np.log(k)
    for height in heights_m:
        b = scale * height
        high = np.maximum(b, 2.0) - 1.1
        gain = np.where(
            b > 2.0,
            17.6 * np.sqrt(high) - 0.5 * _DB * np.log(high) - 8.0,
            2.0 * _DB * np.log(b + 0.1 * b * b * b),
        )
        loss = loss - np.maximum(gain, least)
    return np.asarray(loss)


def smooth_earth_db(
    distance_m: ArrayLike,
    heights_m: tuple[ArrayLike, ArrayLike],
    frequency_mhz: float,
    radius_m: ArrayLike = MEDIAN_EARTH_RADIUS_M,
    *,
    ground: Ground = LAND,
    step_m: float = 0.0,
) -> tuple[Floats, Floats]:
    """Return the loss over a smooth Earth by the residue series and by Bullington, each same shape [dB].

    Bullington's term takes the Earth in steps, as a profile does, where ``step_m`` is given; else whole.

    References
    ----------
    ITU-R P.526-15, section 3.2, equations 21 to 25 (10 MHz and above); ITU-R P.1812-8, attachment 4.
    """
    d, h1, h2, radius = _broadcast(distance_m, *heights_m, radius_m)
    wavelength = wavelength_m(frequency_mhz)
    d1, d2 = _nearest_approach_m(d, h1, h2, radius)
    clearance = _clearance_m(d1, d2, h1, h2, radius)
    wanted = 0.552 * np.sqrt(np.maximum(d1 * d2, 1e-6) * wavelength / d)
    spherical, bullington = np.zeros_like(d), np.zeros_like(d)
    near = np.flatnonzero(clearance < wanted)  # elsewhere both are exactly 0
    if len(near):
        d, h1, h2, radius, d1, share = (
            values.take(near) for values in (d, h1, h2, radius, d1, 1.0 - clearance / wanted)
        )
        root = np.sqrt(h1) + np.sqrt(h2)
        beyond = d >= np.sqrt(2.0 * radius) * root
        bent = np.where(beyond, radius, 0.5 * (d / root) ** 2)
        first = _first_term_db(d, (h1, h2), bent, (frequency_mhz / 1000.0, ground))
        spherical.ravel()[near] = np.where(beyond, first, share * np.maximum(first, 0.0))
        # A path of one step has no point between its ends: it divides by zero and is given no edge.
        with np.errstate(divide="ignore", invalid="ignore"):
            nu = math.sqrt(2.0 / wavelength) * _smooth_edge(d, d1, (h1, h2), radius, step_m)
        bullington.ravel()[near] = with_rest_of_path(knife_edge_db(nu), d)
    return spherical, bullington


def _broadcast(*values: ArrayLike) -> tuple[Floats, ...]:
    """Return arrays of one shape; float32 where the first is, else float64."""
    first = np.asarray(values[0]).dtype
    kept = np.float32 if first == np.float32 else np.float64
    arrays = np.broadcast_arrays(*(np.asarray(value, dtype=kept) for value in values))
    return tuple(np.array(array, order="C") for array in arrays)


def _nearest_approach_m(d: Floats, h1: Floats, h2: Floats, radius: Floats) -> tuple[Floats, Floats]:
    """Return how far from either end the ray runs nearest to the smooth Earth [m]."""
    total = h1 + h2
    m = d * d / (4.0 * total * radius)
    part = 3.0 * m / ((m + 1.0) * (m + 1.0) * (m + 1.0))
    cosine = np.clip(1.5 * (h1 - h2) / total * np.sqrt(part), -1.0, 1.0)
    b = 2.0 * np.sqrt((m + 1.0) / (3.0 * m)) * np.cos(np.pi / 3 + np.arccos(cosine) / 3)
    return 0.5 * d * (1.0 + b), 0.5 * d * (1.0 - b)


def _clearance_m(d1: Floats, d2: Floats, h1: Floats, h2: Floats, radius: Floats) -> Floats:
    half = 0.5 / radius
    return np.asarray(((h1 - half * d1 * d1) * d2 + (h2 - half * d2 * d2) * d1) / (d1 + d2))


def _smooth_edge(
    d: Floats, nearest_m: Floats, heights_m: tuple[Floats, Floats], radius: Floats, step_m: float
) -> Floats:
    """Return Bullington's edge over a smooth Earth: its parameter times the root of half the wavelength."""
    h1, h2 = heights_m

    def at(distance: Floats, up: int) -> Floats:
        """The point of the path at or next to a distance from the base."""
        if not step_m:
            return np.clip(distance, 1e-3 * d, 0.999 * d)
        step = np.floor(distance / step_m) + up
        return np.clip(step * step_m, step_m, d - step_m)

    clear, slopes = [], []
    for up in (0, 1) if step_m else (0,):
        d1 = at(nearest_m, up)
        d2 = d - d1
        clear.append(-_clearance_m(d1, d2, h1, h2, radius) * np.sqrt(d / (d1 * d2)))
        to_base, to_end = at(np.sqrt(2.0 * radius * h1), up), at(np.sqrt(2.0 * radius * h2), up)
        slopes.append(
            [h / to + 0.5 * to / radius for h, to in zip(heights_m, (to_base, to_end), strict=True)]
        )
    line = (h2 - h1) / d - 0.5 * d / radius
    over_base = -np.minimum(slopes[0][0], slopes[-1][0]) - line
    over_end = d / radius - np.minimum(slopes[0][1], slopes[-1][1]) + line
    blocked = np.sqrt(d * np.maximum(over_base, 0.0) * np.maximum(over_end, 0.0))
    edge = np.where(over_base >= 0.0, blocked, np.maximum(clear[0], clear[-1]))
    return np.asarray(np.where(d > 1.5 * step_m, edge, np.asarray(-9.0, dtype=d.dtype)))


def spherical_earth_db(
    distance_m: ArrayLike,
    heights_m: tuple[ArrayLike, ArrayLike],
    frequency_mhz: float,
    radius_m: ArrayLike = MEDIAN_EARTH_RADIUS_M,
    ground: Ground = LAND,
) -> Floats:
    """Return the loss over a smooth Earth by the first term of the residue series, same shape [dB]."""
    return smooth_earth_db(distance_m, heights_m, frequency_mhz, radius_m, ground=ground)[0]
