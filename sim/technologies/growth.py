"""When the busy hour outgrows a cell, and what is added then: carriers, sectors, another site."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Step:
    """One thing that makes a site carry more."""

    name: str
    """How the project is called after its site."""
    build: str
    """Way of building: carrier, sectors or second site."""
    adds_mbps: float
    """Capacity it adds at the usable load [Mbit/s]."""
    from_month: int
    """First month in which it may be built (licence, standard)."""


@dataclass(frozen=True, eq=False)
class Growth:
    """Steps that cells will need; one row each, by cell and then in the order of building."""

    cell: NDArray[np.int32]
    step: NDArray[np.int32]
    """Row of the step."""
    month: NDArray[np.int32]
    """First month whose busy hour needs it."""
    after: NDArray[np.int32]
    """Row of the growth table that must come no later, -1 for the site itself."""


def grow(load_mbps: Floats, first_mbps: Floats, steps: tuple[Step, ...], taken: NDArray[np.bool_]) -> Growth:
    """Return the steps that each cell needs as its load grows.

    ``load_mbps`` has the shape (months, cells) and counts traffic at the busy hour; ``first_mbps``, shape
    (cells,), is what each cell carries already, and ``taken``, shape (cells, steps), which steps are there.
    A step is needed from the first month, its licence given, whose load exceeds what all steps before it
    carry together, and comes after them.
    """
    months, cells = load_mbps.shape
    carries = first_mbps.copy()
    last = np.full(cells, -1, dtype=np.int64)
    found: list[tuple[NDArray[np.int64], ...]] = []
    count = 0
    for number, step in enumerate(steps):
        over = load_mbps > carries
        over[: min(max(step.from_month, 0), months)] = False
        need = over.any(axis=0) & ~taken[:, number]
        rows = np.flatnonzero(need)
        found.append((rows, np.full(len(rows), number), over.argmax(axis=0)[rows], last[rows]))
        last[rows] = count + np.arange(len(rows))
        count += len(rows)
        carries = np.where(need, carries + step.adds_mbps, carries)
    columns = zip(*found, strict=True) if found else ([np.empty(0)] for _ in fields(Growth))
    return Growth(*(np.concatenate(parts).astype(np.int32) for parts in columns))


def busy_load_mbps(
    people: Floats, kind: NDArray[np.int8], cell: NDArray[np.int32], cells: int, traffic_mbps: Floats
) -> Floats:
    """Return the busy-hour traffic of each cell by month, shape (months, cells) [Mbit/s].

    ``people`` and ``kind`` (row of the kind of zone) of each point, ``cell`` its cell or -1;
    ``traffic_mbps`` is the mean traffic of a resident by month and kind, shape (months, kinds).
    """
    inside = cell >= 0
    slot = cell[inside].astype(np.int64) * traffic_mbps.shape[1] + kind[inside]
    by_kind = np.bincount(slot, weights=people[inside], minlength=cells * traffic_mbps.shape[1])
    return np.asarray(traffic_mbps @ by_kind.reshape(cells, -1).T)
