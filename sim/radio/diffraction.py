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


def _nearest_approach_m(d: Floats, h1: Floats, h2: Floats, radius: Floats) -> tuple[Floats, Floats, Floats]:
    """Return where the ray runs nearest to the smooth Earth, from both ends, and how high it is there [m]."""
    total = h1 + h2
    m = d * d / (4.0 * total * radius)
    part = 3.0 * m / ((m + 1.0) * (m + 1.0) * (m + 1.0))
    cosine = np.clip(1.5 * (h1 - h2) / total * np.sqrt(part), -1.0, 1.0)
    b = 2.0 * np.sqrt((m + 1.0) / (3.0 * m)) * np.cos(np.pi / 3 + np.arccos(cosine) / 3)
    d1, d2 = 0.5 * d * (1.0 + b), 0.5 * d * (1.0 - b)
    half = 0.5 / radius
    return d1, d2, ((h1 - half * d1 * d1) * d2 + (h2 - half * d2 * d2) * d1) / d


def smooth_earth_db(
    distance_m: ArrayLike,
    heights_m: tuple[ArrayLike, ArrayLike],
    frequency_mhz: float,
    radius_m: ArrayLike = MEDIAN_EARTH_RADIUS_M,
    ground: Ground = LAND,
) -> tuple[Floats, Floats]:
    """Return the loss over a smooth Earth by the residue series and by Bullington, each same shape [dB].

    The second is in closed form; a profile sampled in steps comes within some tenths of a dB of it.

    References
    ----------
    ITU-R P.526-15, section 3.2, equations 21 to 25 (10 MHz and above); ITU-R P.1812-8, attachment 4.
    """
    d, h1, h2, radius = (
        v if v.dtype == np.float32 else v.astype(np.float64)
        for v in map(np.asarray, (distance_m, *heights_m, radius_m))
    )
    radius = radius.astype(d.dtype)
    wavelength = wavelength_m(frequency_mhz)
    roots = np.sqrt(h1) + np.sqrt(h2)
    beyond = d >= np.sqrt(2.0 * radius) * roots
    d1, d2, clearance = _nearest_approach_m(d, h1, h2, radius)
    both = np.maximum(d1 * d2, 1e-6)
    wanted = 0.552 * np.sqrt(both * wavelength / d)
    grazing = 0.5 * (d / roots) ** 2
    first = _first_term_db(d, (h1, h2), np.where(beyond, radius, grazing), (frequency_mhz / 1000.0, ground))
    share = np.maximum(1.0 - clearance / wanted, 0.0)
    spherical = np.where(beyond, first, share * np.maximum(first, 0.0))
    line = (h2 - h1) / d - 0.5 * d / radius
    above_base = np.maximum(-np.sqrt(2.0 * h1 / radius) - line, 0.0)
    above_terminal = np.maximum(d / radius - np.sqrt(2.0 * h2 / radius) + line, 0.0)
    nu = math.sqrt(2.0 / wavelength) * np.where(
        beyond, np.sqrt(d * above_base * above_terminal), -clearance * np.sqrt(d / both)
    )
    return np.asarray(spherical), with_rest_of_path(knife_edge_db(nu), d)


def spherical_earth_db(
    distance_m: ArrayLike,
    heights_m: tuple[ArrayLike, ArrayLike],
    frequency_mhz: float,
    radius_m: ArrayLike = MEDIAN_EARTH_RADIUS_M,
    ground: Ground = LAND,
) -> Floats:
    """Return the loss over a smooth Earth by the first term of the residue series, same shape [dB]."""
    return smooth_earth_db(distance_m, heights_m, frequency_mhz, radius_m, ground)[0]
