"""Draws of what a fitted curve says, and the interval they leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from sim.fitting.curves import Numbers
from sim.fitting.least_squares import Fit
from sim.randomness import Streams

INTERVAL = 0.8
"""Share of cases that an interval is meant to hold."""
_STRATA = 9
_BAND = ((1.0 - INTERVAL) / 2.0, (1.0 + INTERVAL) / 2.0)


@dataclass(frozen=True)
class Span:
    """A held parameter with the edges of its range."""

    value: float
    low: float
    high: float

    def at(self, share: float) -> float:
        """Return the value at a share of the way through the range: half below ``value``, half above it."""
        if share < 0.5:
            return self.low + 2.0 * share * (self.value - self.low)
        return self.value + (2.0 * share - 1.0) * (self.high - self.value)


def widening(degrees: int) -> float:
    """Return by how much a normal spread is widened where few points say how large errors are.

    It is the ratio of Student's to the normal quantile at the edge of the interval, so that this interval
    is exact for normal errors.

    References
    ----------
    Student, The probable error of a mean, Biometrika 6, 1908.
    """
    from scipy.special import stdtrit

    return float(stdtrit(degrees, _BAND[1]) / NormalDist().inv_cdf(_BAND[1]))


def growing_error(fit: Fit, inputs: Numbers) -> Numbers:
    """Return the standard error of a single value beside that of the curve, shape (n,).

    Within the points it is the residual error s. Beyond the last one it grows like a random walk that
    takes one step of s for each spacing d of the points: s sqrt(1 + lead / d).

    References
    ----------
    Box, Jenkins and Reinsel, Time Series Analysis, Prentice Hall 1994, section 5.4.
    """
    years = np.unique(fit.points.years)
    spacing = float(np.ptp(years)) / max(len(years) - 1, 1) or 1.0
    at = inputs if inputs.ndim == 1 else inputs[:, 0]
    lead = np.maximum(at - years[-1], 0.0)
    return np.asarray(fit.error * np.sqrt(1.0 + lead / spacing))


def draw_values(
    refit: Callable[[float], Fit], span: Span, inputs: Numbers, streams: Streams, name: str, draws: int
) -> Numbers:
    """Return values drawn from range, covariance and residual error, shape (draws, n).

    Parameters
    ----------
    refit
        The fit for a value of the held ceiling; where none is held it may ignore it.
    span
        The ceiling and its range. It is taken at 9 places of the range in turn, and the curve is fitted
        anew at each, since its other parameters move with it.
    inputs
        Times, or times and rates, shape (n,) or (n, 2).
    streams
        Where random numbers come from.
    name
        What is drawn; the same name draws the same luck.
    draws
        How many.
    """
    places = [span.at((2 * one + 1) / (2 * _STRATA)) for one in range(_STRATA)]
    fits = [refit(place) for place in places]
    names = [str(one) for one in range(draws)]
    order = np.argsort(streams.uniforms(f"{name}: ceiling", names), kind="stable") % _STRATA
    noise = streams.normals(f"{name}: residual", names)
    found = np.empty((draws, len(inputs)))
    for stratum, fit in enumerate(fits):
        rows = np.flatnonzero(order == stratum)
        wide = widening(fit.degrees)
        normal = np.column_stack(
            [streams.normals(f"{name}: {one}", [names[row] for row in rows]) for one in fit.free]
        )
        thetas = _parameters(fit, normal, wide)
        errors = growing_error(fit, inputs) * wide
        for row, theta in zip(rows, thetas, strict=True):
            curve = fit.curve.value(inputs, theta)
            found[row] = curve * np.exp(errors * noise[row]) if fit.relative else curve + errors * noise[row]
    return found


def _parameters(fit: Fit, normal: Numbers, wide: float) -> Numbers:
    """Return parameters of a curve, shape (draws, k), for standard normal numbers of shape (draws, free).

    Those that must be positive are kept above a tenth of their estimate.
    """
    moved = np.array([fit.values[name] for name in fit.free]) + wide * normal @ _root(fit.covariance).T
    thetas = np.tile(fit.theta, (len(normal), 1))
    for at, name in enumerate(fit.curve.parameters):
        if name not in fit.free:
            continue
        column = moved[:, fit.free.index(name)]
        if name in fit.curve.positive:
            column = np.maximum(column, fit.values[name] / 10.0)
        thetas[:, at] = column
    return thetas


def _root(covariance: Numbers) -> Numbers:
    """Return a symmetric square root, the same on every machine up to rounding."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


def interval(draws: Numbers) -> tuple[Numbers, Numbers]:
    """Return the edges of the 80 % interval of draws of shape (draws, n), each of shape (n,)."""
    low, high = np.quantile(draws, _BAND, axis=0)
    return low, high
