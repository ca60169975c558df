"""The one shape that every flat path-loss model compiles to, so that one kernel serves them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

PIECES = 3
NEAREST_M = 1.0
"""Nearer than this a model is not asked: the distance is held here."""


@dataclass(frozen=True, eq=False)
class LossLaw:
    """Path loss of N transmitters as affine functions of the logarithm of the squared distance.

    ``max over k of (intercept_db[k] + slope_db[k] ln d2) + linear term``, with d2 the squared distance
    between the antennas (or over the ground where ``rise_m`` is 0). The linear term,
    ``linear_db_per_m min(d, linear_end_m)``, belongs to piece 0 alone. A piece that is not used has an
    intercept of minus infinity and no slope.
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
        pieces = [
            self.intercept_db[row, piece] + self.slope_db[row, piece] * log for piece in range(PIECES)
        ]
        pieces[0] = pieces[0] + self.linear_db_per_m[row] * np.minimum(
            np.sqrt(squared), self.linear_end_m[row]
        )
        return np.asarray(np.maximum.reduce(pieces))
