"""The one shape that every flat path-loss model compiles to, so that one kernel serves them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

PIECES = 3
NEAREST_M = 1.0
"""Nearer than this a model is not asked: the distance is held here."""
NEWTON_STEPS = 12
"""The loss is convex in ln d, so that the steps from above never overshoot; six suffice up to 100 km."""


@dataclass(frozen=True, eq=False)
class LossLaw:
    """Path loss of N transmitters as affine functions of the logarithm of the squared distance.

    ``max(max(a0 + b0 ln d2, a1 + b1 ln d2) + linear term, a2 + b2 ln d2)``, with d2 the squared distance
    between the antennas (or over the ground where ``rise_m`` is 0). The linear term,
    ``linear_db_per_m min(d, linear_end_m)``, belongs to pieces 0 and 1: with it on piece 0 alone the
    second slope of the rural macro cell would overtake the first before their breakpoint, by tens of dB
    where that lies far off. A piece that is not used has an intercept of minus infinity and no slope.
    """

    intercept_db: NDArray[np.float64]
    """Shape (N, PIECES)."""
    slope_db: NDArray[np.float64]
    """dB for each unit of ln(d2), shape (N, PIECES)."""
    linear_db_per_m: NDArray[np.float64]
    """Shape (N,)."""
    linear_end_m: NDArray[np.float64]
    """Shape (N,)."""
    rise_m: NDArray[np.float64]
    """Height of the base antenna over the terminal, 0 for laws over the ground distance, shape (N,)."""

    @classmethod
    def stack(cls, laws: Sequence[LossLaw]) -> LossLaw:
        """Return the laws of several transmitters as one."""
        names = ("intercept_db", "slope_db", "linear_db_per_m", "linear_end_m", "rise_m")
        return cls(*(np.concatenate([getattr(law, name) for law in laws]) for name in names))

    def take(self, rows: NDArray[np.integer]) -> LossLaw:
        """Return the laws of these rows, in their order."""
        return LossLaw(
            self.intercept_db[rows],
            self.slope_db[rows],
            self.linear_db_per_m[rows],
            self.linear_end_m[rows],
            self.rise_m[rows],
        )

    def loss_db(self, row: int, distance_m: ArrayLike) -> NDArray[np.float64]:
        """Return the loss of one transmitter over horizontal distances, same shape [dB]."""
        ground = np.maximum(np.asarray(distance_m, dtype=np.float64), NEAREST_M)
        squared = ground**2 + self.rise_m[row] ** 2
        log = np.log(squared)
        pieces = [self.intercept_db[row, piece] + self.slope_db[row, piece] * log for piece in range(PIECES)]
        near = np.maximum(pieces[0], pieces[1])
        near = near + self.linear_db_per_m[row] * np.minimum(np.sqrt(squared), self.linear_end_m[row])
        return np.asarray(np.maximum(near, pieces[2]))

    def range_m(self, row: int, max_loss_db: ArrayLike) -> NDArray[np.float64]:
        """Return the horizontal distance at which one transmitter's loss reaches a maximum, same shape [m].

        Zero where the loss exceeds the maximum already at the foot of the mast.
        """
        wanted = np.asarray(max_loss_db, dtype=np.float64)
        log = np.full(wanted.shape, np.inf)
        for piece in range(PIECES):
            if self.slope_db[row, piece] > 0.0:
                linear = self.linear_db_per_m[row] if piece < PIECES - 1 else 0.0
                log = np.minimum(log, self._log_squared(row, piece, linear, wanted))
        with np.errstate(over="ignore"):
            return np.asarray(np.sqrt(np.maximum(np.exp(log) - self.rise_m[row] ** 2, 0.0)))

    def _log_squared(
        self, row: int, piece: int, linear: float, wanted: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return ln d2 at which one piece, with its linear term, reaches a loss: Newton from above."""
        intercept, slope, end = (
            self.intercept_db[row, piece],
            self.slope_db[row, piece],
            self.linear_end_m[row],
        )
        straight = (wanted - intercept) / slope
        if linear == 0.0:
            return np.asarray(straight)
        beyond = (wanted - intercept - linear * end) / slope
        log = np.minimum(straight, 2.0 * np.log(end))
        for _ in range(NEWTON_STEPS):
            distance = np.exp(0.5 * log)
            log = log - (intercept + slope * log + linear * distance - wanted) / (
                slope + 0.5 * linear * distance
            )
        return np.asarray(np.where(beyond >= 2.0 * np.log(end), beyond, log))
