"""Growth curves with their gradients in closed form.

A curve is a function of time in years and, for the mix of rates, of the rate that is asked for. Each
parameter may be estimated or held; gradients are given for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_LARGEST = 700.0
"""Beyond this exponent a float overflows."""


@dataclass(frozen=True)
class Curve:
    """A family of curves.

    References
    ----------
    Meade and Islam, International Journal of Forecasting 22, 2006, compare the families below.
    """

    name: str
    parameters: tuple[str, ...]
    value: Callable[[Numbers, Numbers], Numbers]
    """Return the values at times of shape (n,) or (n, 2) for parameters of shape (k,), shape (n,)."""
    gradient: Callable[[Numbers, Numbers], Numbers]
    """Return the derivatives by each parameter, shape (n, k)."""
    positive: frozenset[str]
    """Parameters that are above 0."""
    begin: Mapping[str, float]
    """Where the search for a parameter begins, unless the points say better."""


def _exp(exponent: Numbers) -> Numbers:
    return np.exp(np.clip(exponent, -_LARGEST, _LARGEST))


def _sigmoid(z: Numbers) -> Numbers:
    return np.asarray(1.0 / (1.0 + _exp(-z)))


def bass(t: Numbers, theta: Numbers) -> Numbers:
    """Return cumulative adopters after the launch, 0 before it.

    With innovation p, imitation q and market m: m (1 - e) / (1 + (q/p) e), e = exp(-(p + q)(t - launch)).

    References
    ----------
    Bass, A new product growth model for consumer durables, Management Science 15, 1969.
    """
    m, p, q, launch = theta
    e = _exp(-(p + q) * np.maximum(t - launch, 0.0))
    return np.asarray(m * (1.0 - e) / (1.0 + q / p * e))


def bass_gradient(t: Numbers, theta: Numbers) -> Numbers:
    """Return the derivatives by market, innovation, imitation and launch, shape (n, 4)."""
    m, p, q, launch = theta
    since = np.maximum(t - launch, 0.0)
    e = _exp(-(p + q) * since)
    ratio = q / p
    below = (1.0 + ratio * e) ** 2
    by_e, by_ratio = -(1.0 + ratio) / below, -(1.0 - e) * e / below
    by_p = m * (-by_e * since * e - by_ratio * q / p**2)
    by_q = m * (-by_e * since * e + by_ratio / p)
    by_launch = np.where(t > launch, m * by_e * (p + q) * e, 0.0)
    return np.column_stack([bass(t, theta) / m, by_p, by_q, by_launch])


def logistic(t: Numbers, theta: Numbers) -> Numbers:
    """Return ceiling / (1 + exp(-rate (t - midpoint))).

    References
    ----------
    Griliches, Hybrid corn: an exploration in the economics of technological change, Econometrica 25, 1957.
    """
    ceiling, rate, midpoint = theta
    return np.asarray(ceiling * _sigmoid(rate * (t - midpoint)))


def logistic_gradient(t: Numbers, theta: Numbers) -> Numbers:
    """Return the derivatives by ceiling, rate and midpoint, shape (n, 3)."""
    ceiling, rate, midpoint = theta
    u = _sigmoid(rate * (t - midpoint))
    slope = ceiling * u * (1.0 - u)
    return np.column_stack([u, slope * (t - midpoint), -slope * rate])


def gompertz(t: Numbers, theta: Numbers) -> Numbers:
    """Return ceiling exp(-exp(-rate (t - midpoint))): fast at first, slow to its ceiling.

    References
    ----------
    Gompertz, Philosophical Transactions of the Royal Society 115, 1825; Franses, A method to select between
    Gompertz and logistic trend curves, Technological Forecasting and Social Change 46, 1994.
    """
    ceiling, rate, midpoint = theta
    return np.asarray(ceiling * np.exp(-_exp(-rate * (t - midpoint))))


def gompertz_gradient(t: Numbers, theta: Numbers) -> Numbers:
    """Return the derivatives by ceiling, rate and midpoint, shape (n, 3)."""
    ceiling, rate, midpoint = theta
    below = _exp(-rate * (t - midpoint))
    u = np.exp(-below)
    slope = ceiling * np.where(u > 0.0, u * below, 0.0)
    return np.column_stack([u, slope * (t - midpoint), -slope * rate])


def exponential(t: Numbers, theta: Numbers) -> Numbers:
    """Return level exp(rate (t - origin)); a stock of which a fixed share goes each year has rate < 0."""
    level, rate, origin = theta
    return np.asarray(level * _exp(rate * (t - origin)))


def exponential_gradient(t: Numbers, theta: Numbers) -> Numbers:
    """Return the derivatives by level, rate and origin, shape (n, 3)."""
    level, rate, origin = theta
    growth = _exp(rate * (t - origin))
    return np.column_stack([growth, level * growth * (t - origin), -level * growth * rate])


def ladder(points: Numbers, theta: Numbers) -> Numbers:
    """Return the share that pays for a rate or more: odds grow with time and fall with the rate.

    ``points`` holds time and Mbit/s, shape (n, 2): 1 / (1 + exp(steepness ln(rate) - growth (t - origin))),
    the proportional-odds model with the logarithm of the rate as its threshold. ``origin`` is when half of
    the lines have 1 Mbit/s.

    References
    ----------
    McCullagh, Regression models for ordinal data, Journal of the Royal Statistical Society B 42, 1980.
    """
    growth, origin, steepness = theta
    return _sigmoid(growth * (points[:, 0] - origin) - steepness * np.log(points[:, 1]))


def ladder_gradient(points: Numbers, theta: Numbers) -> Numbers:
    """Return the derivatives by growth, origin and steepness, shape (n, 3)."""
    growth, origin, _ = theta
    u = ladder(points, theta)
    slope = u * (1.0 - u)
    return np.column_stack([slope * (points[:, 0] - origin), -slope * growth, -slope * np.log(points[:, 1])])


_SHAPE = ("ceiling", "rate", "midpoint")
CURVES: Mapping[str, Curve] = MappingProxyType(
    {
        "bass": Curve(
            "bass",
            ("ceiling", "innovation", "imitation", "launch"),
            bass,
            bass_gradient,
            frozenset({"ceiling", "innovation", "imitation"}),
            {"innovation": 0.02, "imitation": 0.8},
        ),
        "logistic": Curve(
            "logistic", _SHAPE, logistic, logistic_gradient, frozenset({"ceiling", "rate"}), {"rate": 0.5}
        ),
        "gompertz": Curve(
            "gompertz", _SHAPE, gompertz, gompertz_gradient, frozenset({"ceiling", "rate"}), {"rate": 0.5}
        ),
        "exponential": Curve(
            "exponential",
            ("level", "rate", "origin"),
            exponential,
            exponential_gradient,
            frozenset({"level"}),
            {"rate": 0.1},
        ),
        "ladder": Curve(
            "ladder",
            ("growth", "origin", "steepness"),
            ladder,
            ladder_gradient,
            frozenset({"steepness"}),
            {"growth": 1.0, "steepness": 1.5},
        ),
    }
)
