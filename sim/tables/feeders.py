"""The feeder routes as indicators see them: lengths, and which zones lie behind each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Feeders:
    """S segments of feeder routes and the Z zones that hang on them."""

    length_m: NDArray[np.float64]
    """Length of each segment, shape (S,) [m]."""
    zone: NDArray[np.int64]
    """Zone of each pair of a zone and a segment on its way, shape (pairs,)."""
    segment: NDArray[np.int64]
    """Segment of the pair, shape (pairs,)."""
