"""What a coverage map is made for and what it holds: receivers, their powers, losses over terrain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError, Problem
from sim.radio.masts import DB_PER_OCTAVE, SILENT

Floats = NDArray[np.float32]


class Terrain(Protocol):
    """Losses over terrain that a map takes into account; sites by their row."""

    def window(self, site: int) -> tuple[slice, slice, NDArray[np.uint8]]:
        """Return rows and columns of the grid around a site, and the loss there [0.5 dB]."""

    def loss_db(self, site: NDArray[np.integer], x_m: Any, y_m: Any) -> NDArray[np.floating]:
        """Return the loss between sites and points, pair by pair [dB]."""


@dataclass(frozen=True, eq=False)
class Points:
    """Receivers at places of their own; ``DataError`` where a place is no number."""

    x_m: NDArray[np.float64]
    """Easting, shape (P,) [m]."""
    y_m: NDArray[np.float64]
    """Northing, shape (P,) [m]."""

    def __post_init__(self) -> None:
        if np.shape(self.x_m) != np.shape(self.y_m) or np.ndim(self.x_m) != 1:
            raise DataError((Problem("points", "y_m", "needs one northing for each easting"),))
        wrong = np.flatnonzero(~(np.isfinite(self.x_m) & np.isfinite(self.y_m)))
        if len(wrong):
            place = Problem("points", f"x_m, y_m[{wrong[0]}]", f"no position ({len(wrong)} such points)")
            raise DataError((place,))

    def __len__(self) -> int:
        """Return how many points there are."""
        return len(self.x_m)

    def take(self, rows: NDArray[np.integer]) -> Points:
        """Return these points."""
        return Points(self.x_m[rows], self.y_m[rows])


@dataclass(frozen=True, eq=False)
class Coverage:
    """A map of received power; shape of the grid, or (P,) for points.

    Less than -286 dBm is no signal: the powers are then minus infinity, the server -1 and the sum 0.
    """

    best_dbm: Floats
    """Power of the strongest sector [dBm]."""
    server: NDArray[np.int32]
    """Row of the strongest sector as the sites came."""
    second_dbm: Floats
    """Strongest power of any other sector, of the same site too [dBm]."""
    total_mw: Floats
    """Sum over all sectors in reach, the best one included [mW]."""

    @classmethod
    def empty(cls, shape: tuple[int, ...]) -> Coverage:
        """Return a map on which nothing is heard."""
        return cls(
            best_dbm=np.full(shape, -np.inf, dtype=np.float32),
            server=np.full(shape, -1, dtype=np.int32),
            second_dbm=np.full(shape, -np.inf, dtype=np.float32),
            total_mw=np.zeros(shape, dtype=np.float32),
        )

    def copy(self, place: Any = ...) -> Coverage:
        """Return a copy of the map, or of a part of it."""
        return Coverage(
            self.best_dbm[place].copy(),
            self.server[place].copy(),
            self.second_dbm[place].copy(),
            self.total_mw[place].copy(),
        )

    def fill(self, place: Any, planes: tuple[Floats, ...], owner: NDArray[np.int32]) -> None:
        """Put best, second, total and code of the kernel into a place of the map."""
        best, second, total, code = planes
        silent = best <= SILENT
        server = owner[code.astype(np.int32)]
        server[silent] = -1
        self.server[place] = server
        for plane, out in ((best, self.best_dbm), (second, self.second_dbm)):
            decibels = plane * np.float32(DB_PER_OCTAVE)
            decibels[plane <= SILENT] = -np.inf
            out[place] = decibels
        heard = np.array(total)
        heard[silent] = 0.0
        self.total_mw[place] = heard
