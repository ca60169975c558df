"""What a passive optical network is designed for: homes, streets and what stands along them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Streets:
    """The street graph of a tile: N nodes, E straight edges, and the plant that stands along each."""

    node_m: Floats
    """Positions of the nodes, shape (N, 2) [m]."""
    edges: Rows
    """Nodes at both ends of each edge, shape (E, 2)."""
    length_m: Floats
    """Length of each edge, shape (E,) [m]; no shorter than the straight line where it is a real street."""
    duct: NDArray[np.bool_]
    """Whether a duct with room for another cable lies along the edge, shape (E,)."""
    poles: NDArray[np.bool_]
    """Whether poles that bear another cable stand along the edge, shape (E,)."""


@dataclass(frozen=True, eq=False)
class Tile:
    """Buildings and streets of one zone or part of it, and where its fibre comes from."""

    name: str
    building_m: Floats
    """Positions of the buildings, shape (B, 2) [m]."""
    homes: Rows
    """Homes in each building, shape (B,); sums to the homes of the tile."""
    floors: Rows
    """Storeys of each building, shape (B,), at least 1."""
    streets: Streets
    entry_m: Floats
    """Where the feeder enters the tile (or the optical line terminal stands), shape (2,) [m]."""
    upstream_m: float = 0.0
    """Fibre between the optical line terminal and the entry, built and paid outside the tile [m]."""
    built_up: bool = False
    """Whether the land is built up: no new poles, and pavement over every trench."""

    @property
    def home_count(self) -> int:
        """How many homes there are."""
        return int(self.homes.sum())
