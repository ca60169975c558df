"""Diffraction by the delta-Bullington method, one path at a time in plain Python: what the engine is held to.

Written from the Recommendations' own equations in their own units (kilometres, gigahertz), apart from the
engine.

References
----------
ITU-R P.526-15, section 4.5; ITU-R P.1812-6, sections 4.3.1 to 4.3.4 and attachment 1 to annex 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

PERMITTIVITY, CONDUCTIVITY = 22.0, 0.003
"""Land [1], [S/m]."""


@dataclass(frozen=True)
class Ends:
    """Heights of both antennas: above sea level, or above the smooth surface [m]."""

    base: float
    terminal: float


def edge_db(nu: float) -> float:
    """Return the loss of a knife edge (P.526, equation 31)."""
    if nu <= -0.78:
        return 0.0
    return 6.9 + 20.0 * math.log10(math.sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1)


def bullington_db(
    d: Sequence[float], h: Sequence[float], ends: Ends, wave_m: float, radius_km: float
) -> float:
    """Return the loss of the one edge that stands for all; ``d`` in km from the base, ``h`` in m."""
    long, curve = d[-1], 500.0 / radius_km
    hts, hrs = ends.base, ends.terminal
    between = range(1, len(d) - 1)
    raised = [h[i] + curve * d[i] * (long - d[i]) for i in range(len(d))]
    to_base = max(((raised[i] - hts) / d[i] for i in between), default=-math.inf)
    if to_base < (hrs - hts) / long:
        nu = max(
            (
                (raised[i] - (hts * (long - d[i]) + hrs * d[i]) / long)
                * math.sqrt(0.002 * long / (wave_m * d[i] * (long - d[i])))
                for i in between
            ),
            default=-math.inf,
        )
        one = edge_db(nu)
    else:
        to_terminal = max((raised[i] - hrs) / (long - d[i]) for i in between)
        at = (hrs - hts + to_terminal * long) / (to_base + to_terminal)
        above = hts + to_base * at - (hts * (long - at) + hrs * at) / long
        one = edge_db(above * math.sqrt(0.002 * long / (wave_m * at * (long - at))))
    return one + (1.0 - math.exp(-one / 6.0)) * (10.0 + 0.02 * long)


def first_term_db(long: float, ends: Ends, ghz: float, radius_km: float) -> float:
    """Return the first term of the residue series, horizontal polarisation; heights over the smooth Earth."""
    loss_term = (18.0 * CONDUCTIVITY / ghz) ** 2
    k = 0.036 * (radius_km * ghz) ** (-1.0 / 3.0) * ((PERMITTIVITY - 1.0) ** 2 + loss_term) ** -0.25
    beta = (1.0 + 1.6 * k**2 + 0.67 * k**4) / (1.0 + 4.5 * k**2 + 1.53 * k**4)
    x = 21.88 * beta * (ghz / radius_km**2) ** (1.0 / 3.0) * long
    along = 11.0 + 10.0 * math.log10(x) - 17.6 * x if x >= 1.6 else -20.0 * math.log10(x) - 5.6488 * x**1.425

    def gain(height: float) -> float:
        b = beta * 0.9575 * beta * (ghz**2 / radius_km) ** (1.0 / 3.0) * height
        if b > 2.0:
            found = 17.6 * math.sqrt(b - 1.1) - 5.0 * math.log10(b - 1.1) - 8.0
        else:
            found = 20.0 * math.log10(b + 0.1 * b**3)
        return max(found, 2.0 + 20.0 * math.log10(k))

    return -along - gain(ends.base) - gain(ends.terminal)


def spherical_db(long: float, ends: Ends, ghz: float, wave_m: float, radius_km: float) -> float:
    """Return the loss over the smooth Earth, in sight or beyond the horizon."""
    hte, hre = ends.base, ends.terminal
    horizon = math.sqrt(2.0 * radius_km) * (math.sqrt(0.001 * hte) + math.sqrt(0.001 * hre))
    if long >= horizon:
        return first_term_db(long, ends, ghz, radius_km)
    c = (hte - hre) / (hte + hre)
    m = 250.0 * long**2 / (radius_km * (hte + hre))
    turn = math.pi / 3.0 + math.acos(1.5 * c * math.sqrt(3.0 * m / (m + 1.0) ** 3)) / 3.0
    b = 2.0 * math.sqrt((m + 1.0) / (3.0 * m)) * math.cos(turn)
    d1 = 0.5 * long * (1.0 + b)
    d2 = long - d1
    clear = ((hte - 500.0 * d1**2 / radius_km) * d2 + (hre - 500.0 * d2**2 / radius_km) * d1) / long
    needed = 17.456 * math.sqrt(d1 * d2 * wave_m / long)
    if clear > needed:
        return 0.0
    grazing = first_term_db(long, ends, ghz, 500.0 * (long / (math.sqrt(hte) + math.sqrt(hre))) ** 2)
    return 0.0 if grazing < 0.0 else (1.0 - clear / needed) * grazing


def smooth_ends(d: Sequence[float], h: Sequence[float], ends: Ends) -> Ends:
    """Return the ends of the surface that stands for the terrain, no higher than the ground there."""
    long, last = d[-1], len(d) - 1
    v1 = sum((d[i] - d[i - 1]) * (h[i] + h[i - 1]) for i in range(1, len(d)))
    v2 = sum(
        (d[i] - d[i - 1]) * (h[i] * (2.0 * d[i] + d[i - 1]) + h[i - 1] * (d[i] + 2.0 * d[i - 1]))
        for i in range(1, len(d))
    )
    base, terminal = (2.0 * v1 * long - v2) / long**2, (v2 - v1 * long) / long**2
    over = [h[i] - (ends.base * (long - d[i]) + ends.terminal * d[i]) / long for i in range(1, last)]
    if over and max(over) > 0.0:
        at_base = max(each / d[i] for i, each in enumerate(over, 1))
        at_terminal = max(each / (long - d[i]) for i, each in enumerate(over, 1))
        base -= max(over) * at_base / (at_base + at_terminal)
        terminal -= max(over) * at_terminal / (at_base + at_terminal)
    return Ends(min(base, h[0]), min(terminal, h[last]))


def delta_bullington_db(
    d_km: Sequence[float], h_m: Sequence[float], above_ground: Ends, ghz: float, radius_km: float
) -> float:
    """Return the loss by diffraction over free space [dB]."""
    wave_m = 0.299792458 / ghz
    ends = Ends(h_m[0] + above_ground.base, h_m[-1] + above_ground.terminal)
    smooth = smooth_ends(d_km, h_m, ends)
    over = Ends(ends.base - smooth.base, ends.terminal - smooth.terminal)
    actual = bullington_db(d_km, h_m, ends, wave_m, radius_km)
    flat = bullington_db(d_km, [0.0] * len(d_km), over, wave_m, radius_km)
    return actual + max(spherical_db(d_km[-1], over, ghz, wave_m, radius_km) - flat, 0.0)
