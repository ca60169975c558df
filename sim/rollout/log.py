"""The event log while it is written: rows in order, made into the events table at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.clock import Horizon
from sim.tables.plan import Charge
from sim.tables.results import EVENTS

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = (
    ("day", np.float64),
    ("project_id", object),
    ("event", object),
    ("task", object),
    ("crew", object),
    ("released_fen", np.int64),
    ("committed_fen", np.int64),
    ("spent_fen", np.int64),
    ("pot", object),
    ("quantity", np.int64),
    ("share", np.float64),
    ("cause", object),
)
_Row = tuple[float, str, str, str, str, int, int, int, str, int, float, str]


class Log:
    """Events in the order in which they happen.

    Rows are plain tuples of plain values: a run writes up to a million of them, and the garbage
    collector leaves such tuples alone.
    """

    def __init__(self) -> None:
        self.rows: list[_Row] = []

    def released(self, day: float, pot: str, amount: int) -> None:
        """Money comes into a pot."""
        self.rows.append((day, "", "released", "", "", amount, 0, 0, pot, 0, 0.0, ""))

    def lapsed(self, day: float, pot: str, amount: int) -> None:
        """Uncommitted money leaves a pot at the end of a year."""
        self.rows.append((day, "", "lapsed", "", "", -amount, 0, 0, pot, 0, 0.0, "end of year"))

    def connected(self, day: float, charge: Charge) -> None:
        """New subscribers are connected and paid for."""
        paid, count = charge.amount_fen, charge.quantity
        self.rows.append(
            (day, charge.technology, "connected", "", "", 0, 0, paid, charge.pot, count, charge.share, "")
        )

    def funded(self, day: float, project: str, price: int, pot: str) -> None:
        """The price of a project is committed."""
        self.rows.append((day, project, "funded", "", "", 0, price, 0, pot, 0, 0.0, ""))

    def bought(self, day: float, project: str, asset: str, pot: str) -> None:
        """A shared asset is bought with a project; its money is part of the project's."""
        self.rows.append((day, project, "bought", asset, "", 0, 0, 0, pot, 0, 0.0, ""))

    def started(self, day: float, project: str, task: str, crew: str) -> None:
        """A crew begins a task; a step without a crew begins when the one before it ends."""
        self.rows.append((day, project, "started", task, crew, 0, 0, 0, "", 0, 0.0, ""))

    def delayed(self, day: float, project: str, task: str, crew: str, cause: str) -> None:
        """A task cannot begin, or is slower than under ordinary conditions."""
        self.rows.append((day, project, "delayed", task, crew, 0, 0, 0, "", 0, 0.0, cause))

    def finished(self, day: float, project: str, task: str, crew: str, paid: tuple[int, str]) -> None:
        """A task is done and its part of the price is paid out of a pot."""
        self.rows.append((day, project, "finished", task, crew, 0, 0, paid[0], paid[1], 0, 0.0, ""))

    def activated(self, day: float, project: str, paid: tuple[int, str]) -> None:
        """A project enters service; what of its price is still open is paid."""
        self.rows.append((day, project, "activated", "", "", 0, 0, paid[0], paid[1], 0, 0.0, ""))

    def frame(self, horizon: Horizon, replication: int) -> pd.DataFrame:
        """Return the events table."""
        if not self.rows:
            return EVENTS.empty()
        columns = {
            name: np.array([row[k] for row in self.rows], dtype=dtype)
            for k, (name, dtype) in enumerate(_COLUMNS)
        }
        return EVENTS.frame(
            event_id=np.arange(len(self.rows)),
            replication=np.full(len(self.rows), replication),
            month=horizon.months_of(columns["day"]),
            lost_days=np.zeros(len(self.rows)),
            **columns,
        )
