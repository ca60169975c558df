"""The event log while it is written: numbers, made into the events table at the end.

A run writes up to millions of rows. They stand as plain numbers, nine a row, in one list; texts (projects,
tasks, crews, pots, causes) stand in it as their place in a list of names. A row may be written before its day
where nothing can come between; the table is in the order of days, and within a day in that of writing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.clock import Horizon
from sim.tables.results import EVENT_KINDS, EVENTS

if TYPE_CHECKING:
    import pandas as pd

    from sim.tables.plan import Charge

WIDTH = 9
_DAY, _KIND, _PROJECT, _TASK, _CREW, _POT, _CAUSE, _AMOUNT, _LOST = range(WIDTH)
"""Numbers in a row."""
(
    RELEASED, LAPSED, CONNECTED, FUNDED, MATCHED, BOUGHT, STARTED, DELAYED, FINISHED, PAID, ACTIVATED,
    CANCELLED, RETURNED, CREWS,
) = range(len(EVENT_KINDS))  # fmt: skip
"""Places of the kinds of events in ``EVENT_KINDS``."""
_COLUMN_OF_AMOUNT = {
    "released_fen": (RELEASED, LAPSED),
    "committed_fen": (FUNDED, MATCHED, CANCELLED, RETURNED),
    "spent_fen": (CONNECTED, FINISHED, PAID, ACTIVATED),
    "quantity": (CREWS,),
}
"""What the amount of a row is, by kind of event."""
_CHUNK = 1 << 20
"""Numbers after which they are packed: ten bytes a number rather than up to forty."""


class Codes(dict[str, int]):
    """Numbers that stand for texts; a new text gets the next."""

    def __init__(self) -> None:
        super().__init__({"": 0})
        self.names = [""]

    def __missing__(self, text: str) -> int:
        code = self[text] = len(self.names)
        self.names.append(text)
        return code


class Log:
    """Events as they happen or, where that is certain, before."""

    def __init__(self) -> None:
        self.codes = Codes()
        """The number that stands for each text."""
        self._cells: list[float] = []
        self._packed: list[NDArray[np.float64]] = []
        self._connected: list[tuple[int, Charge, int]] = []
        self.write = self._cells.extend
        """Writes one row of ``WIDTH`` numbers; the fewest steps that Python offers."""

    def __len__(self) -> int:
        """How many rows there are."""
        return (sum(len(part) for part in self._packed) + len(self._cells)) // WIDTH

    def pack(self) -> None:
        """Pack what has been written; called between months, since a check at each row would cost more."""
        if len(self._cells) > _CHUNK:
            self._packed.append(np.fromiter(self._cells, np.float64, len(self._cells)))
            self._cells.clear()

    def money(self, day: float, kind: int, pot: int, amount: int, cause: int = 0) -> None:
        """Money comes into a pot or leaves it."""
        self.write((day, kind, 0, 0, 0, pot, cause, amount, 0.0))

    def connected(self, day: float, charge: Charge, paid: int) -> None:
        """New subscribers are connected; what of it is not paid yet is committed."""
        self._connected.append((len(self), charge, charge.amount_fen - paid))
        self.write(
            (day, CONNECTED, self.codes[charge.technology], 0, 0, self.codes[charge.pot], 0, paid, 0.0)
        )

    def crews(self, day: float, label: int, size: int, cause: int = 0) -> None:
        """A prefecture has so many crews of a skill from now on."""
        self.write((day, CREWS, 0, 0, label, 0, cause, size, 0.0))

    def frame(self, horizon: Horizon, replication: int) -> pd.DataFrame:
        """Return the events table; what would come after the horizon is left out."""
        if len(self) == 0:
            return EVENTS.empty()
        parts = [*self._packed, np.fromiter(self._cells, np.float64, len(self._cells))]
        cells = np.concatenate(parts).reshape(-1, WIDTH)
        kind = cells[:, _KIND].astype(np.int64)
        columns: dict[str, NDArray[Any]] = {
            "share": np.zeros(len(cells)),
            **_amounts(kind, cells[:, _AMOUNT]),
        }
        for row, charge, owed in self._connected:
            columns["share"][row] = charge.share
            columns["quantity"][row] = charge.quantity
            columns["committed_fen"][row] = owed
        order = np.argsort(cells[:, _DAY], kind="stable")
        order = order[: int(np.searchsorted(cells[order, _DAY], horizon.end_day))]
        cells = cells[order].T
        names = self.codes.names
        return EVENTS.frame(
            event_id=np.arange(len(order)),
            replication=np.full(len(order), replication),
            day=cells[_DAY],
            month=horizon.months_of(cells[_DAY]),
            project_id=_texts(names, cells[_PROJECT]),
            event=_texts(EVENT_KINDS, cells[_KIND]),
            task=_texts(names, cells[_TASK]),
            crew=_texts(names, cells[_CREW]),
            pot=_texts(names, cells[_POT]),
            cause=_texts(names, cells[_CAUSE]),
            lost_days=cells[_LOST],
            **{name: column[order] for name, column in columns.items()},
        )


def _texts(names: Sequence[str], codes: NDArray[np.float64]) -> Any:
    """Return the texts that numbers stand for, taken by Arrow in a tenth of the time of objects."""
    import pandas as pd
    import pyarrow as pa

    return pd.array(pa.array(names, pa.large_string()).take(pa.array(codes.astype(np.int32))), dtype="str")


def _amounts(kind: NDArray[np.int64], amount: NDArray[np.float64]) -> dict[str, NDArray[np.int64]]:
    """Return the amount of each row in the column where its kind of event has it."""
    whole = amount.astype(np.int64)
    columns = {}
    for name, kinds in _COLUMN_OF_AMOUNT.items():
        has = np.zeros(len(EVENT_KINDS), dtype=bool)
        has[list(kinds)] = True
        columns[name] = np.where(has[kind], whole, 0)
    return columns
