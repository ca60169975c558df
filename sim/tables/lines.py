"""What the subscribers of fixed lines pay for and share: the part of the state that bandwidth needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sim.tables.demand import Demand


@dataclass(frozen=True, eq=False)
class Lines:
    """Fixed lines by month: M months, Z zones."""

    demand: Demand
    """What subscribers want and send."""
    units: Mapping[str, NDArray[np.float32]]
    """Shared units (PON ports, segments, terminals) behind each zone's lines by technology, shape (M, Z);
    technologies whose lines are not shared are left out."""
    unit_mbps: Mapping[str, NDArray[np.float32]]
    """Rate of one such unit, same shape [Mbit/s]."""
    pooled: frozenset[str]
    """Technologies whose units are homes' terminals: those of a zone share what is kept for them."""
    presence: NDArray[np.int64]
    """Point of presence through which each zone is reached, as a number, shape (Z,)."""
    built: NDArray[np.float32]
    """Homes built under the code that wants fibre, by month, shape (M, Z)."""
    built_with_fibre: NDArray[np.float32]
    """Homes built under the code since the start that fibre passes at the month's end, shape (M, Z)."""
