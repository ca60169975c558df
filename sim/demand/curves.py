"""Curves of adoption over years, what pushes them, and years since a month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.clock import Horizon, month_number
from sim.fitting import curves

Floats = NDArray[np.float64]
_WIDEST, _HALVINGS = 60.0, 90
"""Range in which a curve is balanced, and how often it is halved: to the last bit of a number."""


def logistic(level: float, ceiling: float, rate: float, years: Floats) -> Floats:
    """Return a logistic curve that passes through ``level`` at year 0, same shape as ``years``.

    A level at or above the ceiling stays where it is.
    """
    return Adoption(level, ceiling, rate).at(years)


def bass(innovation: float, imitation: float, years: Floats) -> Floats:
    """Return the share of a market that has adopted so many years after the launch, same shape.

    Nobody has before it. ``innovation`` and ``imitation`` are the coefficients p and q [1/yr], p > 0.

    References
    ----------
    Bass, Management Science 15 (1969), 215-227, equation 9.
    """
    return curves.bass(years, np.array([1.0, innovation, imitation, 0.0]))


def bass_years(innovation: float, imitation: float, share: float) -> float:
    """Return the years after the launch at which a share (below 1) of the market has adopted."""
    left = (1.0 - share) / (1.0 + imitation / innovation * share)
    return float(-np.log(left) / (innovation + imitation))


@dataclass(frozen=True)
class Adoption:
    """A curve through a level known at year 0; what differs from then pushes it along its own course.

    A push is a relative change wanted at that level: ``elasticity * ln(ratio)`` of an income or price. Logit
    or years of the curve move by as much as gives that change there; no push leads beyond the ceiling.
    """

    level: float
    ceiling: float
    rate: float
    """Rate of a logistic curve [1/yr]."""
    bass: tuple[float, float] | None = None
    """Coefficients p and q of a Bass curve [1/yr], which then takes the place of the logistic one."""

    @property
    def settled(self) -> bool:
        """Whether the level stays where it is: at nothing, or at the ceiling and above."""
        return self.level <= 0.0 or self.level >= self.ceiling

    def at(self, years: Floats, push: Floats | float = 0.0) -> Floats:
        """Return the curve at years, pushed; the shapes of both together."""
        years, pushed = np.broadcast_arrays(np.asarray(years, dtype=np.float64), push)
        if self.settled:
            return np.full(years.shape, max(self.level, 0.0))
        share = self.level / self.ceiling
        if self.bass is None:
            odds = share / (1.0 - share) * np.exp(self.rate * years + pushed / (1.0 - share))
            return np.asarray(self.ceiling * odds / (1.0 + odds), dtype=np.float64)
        innovation, imitation = self.bass
        grows = (innovation + imitation * share) * (1.0 - share) / share
        since = bass_years(innovation, imitation, share) + years + pushed / grows
        return self.ceiling * bass(innovation, imitation, since)

    def balance(self, pushes: Floats) -> float:
        """Return the push to be added to those of equal groups, so that their mean at year 0 is the level."""
        if self.settled:
            return 0.0
        low, high = -_WIDEST, _WIDEST
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            if float(self.at(np.zeros(1), pushes + middle).mean()) < self.level:
                low = middle
            else:
                high = middle
        return (low + high) / 2.0


def years_since(label: str, horizon: Horizon) -> Floats:
    """Return the years from the middle of a month to the middle of each of the horizon, shape (M,)."""
    return horizon.middle_years() - (month_number(label) + 0.5) / 12.0
