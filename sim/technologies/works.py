"""Projects of the network behind access while they are put together, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.access.uplinks import PREFIX
from sim.tables.plan import ASSETS, CANDIDATES, NEEDED, SERVICE, Proposal
from sim.technologies.base import prices

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]


@dataclass
class Works:
    """Projects of one kind while they are put together: S projects."""

    kind: str
    ids: NDArray[np.object_]
    zone: Ints
    """Zone where each stands, shape (S,)."""
    yuan: Mapping[str, Floats]
    """Price by item, each of shape (S,)."""
    field_days: Floats
    month: Ints
    quantity: Ints
    requires: NDArray[np.object_]
    group: Ints
    """Group of zones that each serves, shape (S,)."""
    of_zone: Ints
    """Group of each zone, shape (Z,)."""
    mbps: Floats
    """Capacity after it, shape (S,) [Mbit/s]."""
    members: tuple[Ints, Ints] = field(init=False)
    """Projects and zones that they serve, as pairs."""

    def __post_init__(self) -> None:
        """Pair every project with the zones of its group."""
        order = np.argsort(self.of_zone, kind="stable")
        ordered = self.of_zone[order]
        first, last = (np.searchsorted(ordered, self.group, side) for side in ("left", "right"))
        count = last - first
        project = np.repeat(np.arange(len(self.group)), count)
        offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        self.members = project, order[np.repeat(first, count) + offset]

    def proposal(self, use: str, earliest: int, opex_share: float) -> Proposal:
        """Return the tables of the projects; what may be funded at once may be from month ``earliest`` on."""
        total = np.sum(list(self.yuan.values()), axis=0)
        project, zone = self.members
        return Proposal(
            candidates=CANDIDATES.frame(
                project_id=self.ids,
                technology=PREFIX.removesuffix(":"),
                use=use,
                zone=self.zone,
                location=-1,
                **prices({item: yuan.astype(np.float64) for item, yuan in self.yuan.items()}, len(self.ids)),
                opex_fen_per_year=np.rint(total * 100.0 * opex_share),
                available_month=np.where(self.month > 0, np.maximum(self.month, earliest), earliest),
                field_days=np.round(self.field_days, 2),
                build=self.kind,
                quantity=np.maximum(self.quantity, 1),
                requires=self.requires,
            ),
            assets=ASSETS.empty(),
            needed=NEEDED.empty(),
            service=SERVICE.frame(
                project_id=self.ids[project],
                zone=zone,
                point=-1,
                peak_mbps=self.mbps[project],
                capacity_mbps=self.mbps[project],
            ),
        )


def after(ids: NDArray[np.object_], step: Ints, otherwise: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return what each step requires: the one before it at the same link, which stands in the row above."""
    before = np.concatenate((np.array([""], dtype=object), ids[:-1]))[: len(ids)]
    return np.where(step > 1, before, otherwise)
