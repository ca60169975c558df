"""How lines follow what homes want."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def advance_subscribers(
    subscribers: NDArray[np.float64], wanted: NDArray[np.float64], catch_up: float, funded_share: float
) -> NDArray[np.float64]:
    """Return next month's subscribers: a share of those who wait is connected, those who left go.

    ``wanted`` is min(willing homes, homes passed), shape (zones,).
    """
    waiting = np.maximum(wanted - subscribers, 0.0)
    return np.minimum(subscribers, wanted) + catch_up * funded_share * waiting
