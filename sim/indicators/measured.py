"""What was measured, as arrays: over the replications of a run, or over the draws of its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


class Measured:
    """The indicators of all replications, and where there are any of all draws, shapes (R, M) and (D, M)."""

    def __init__(self, indicators: pd.DataFrame, months: int, draws: pd.DataFrame | None = None) -> None:
        self.replications = _Series(indicators, months)
        self._draws = None if draws is None or not len(draws) else _Series(draws, months)

    def series(self, indicator: str, breakdown: str) -> Floats | None:
        """Return the values, shape (R, M), not-a-number where unmeasured; ``None`` where there are none."""
        return self.replications.of(indicator, breakdown)

    def spread(self, indicator: str, breakdown: str) -> Floats | None:
        """Return the values over draws, shape (D, M); those of the replications where none were drawn."""
        drawn = None if self._draws is None else self._draws.of(indicator, breakdown)
        return self.series(indicator, breakdown) if drawn is None else drawn


class _Series:
    """A table of indicators by pair of indicator and breakdown."""

    def __init__(self, table: pd.DataFrame, months: int) -> None:
        self._months = months
        self._numbers = np.unique(table["replication"].to_numpy())
        keys = ["indicator", "breakdown"]
        self._rows = dict(iter(table.groupby(keys, sort=False, observed=True)))

    def of(self, indicator: str, breakdown: str) -> Floats | None:
        rows = self._rows.get((indicator, breakdown))
        if rows is None:
            return None
        values = np.full((len(self._numbers), self._months), np.nan)
        at = np.searchsorted(self._numbers, rows["replication"].to_numpy())
        values[at, rows["month"].to_numpy()] = rows["value"].to_numpy()
        return values
