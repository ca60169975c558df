"""The event log while it is written: rows in order, made into the events table at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.clock import Horizon
from sim.tables.results import EVENTS

if TYPE_CHECKING:
    import pandas as pd


class Row(NamedTuple):
    """One event; the fields of the events table that are not numbered afterwards."""

    day: float
    project_id: str
    event: str
    task: str = ""
    crew: str = ""
    released_fen: int = 0
    committed_fen: int = 0
    spent_fen: int = 0
    pot: str = ""
    quantity: int = 0
    share: float = 0.0
    cause: str = ""


@dataclass
class Log:
    """Events in the order in which they happen."""

    rows: list[Row] = field(default_factory=list)

    def frame(self, horizon: Horizon, replication: int) -> pd.DataFrame:
        """Return the events table."""
        if not self.rows:
            return EVENTS.empty()
        columns = dict(zip(Row._fields, zip(*self.rows, strict=True), strict=True))
        arrays = {}
        for name, values in columns.items():
            kind = (
                object if isinstance(values[0], str) else np.float64 if name in ("day", "share") else np.int64
            )
            arrays[name] = np.array(values, dtype=kind)
        return EVENTS.frame(
            event_id=np.arange(len(self.rows)),
            replication=np.full(len(self.rows), replication),
            month=horizon.months_of(arrays["day"]),
            **arrays,
        )
