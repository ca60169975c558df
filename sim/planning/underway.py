"""What stands or is under way while a plan runs: what the next release need not build again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.lines import FIBRE
from sim.tables.plan import ADDED_TO_SITES, FIXED, MOBILE, TRANSPORT, Proposal

if TYPE_CHECKING:
    import pandas as pd

    from sim.tables.ground import Ground
    from sim.technologies import Technology

FIXED_LAYERS = ("dsl", "ftth", "cable", "fwa", "satellite")
"""Layers of fixed service in the order of the planner's situation; other fixed technologies come after."""
NO_BROADBAND = ("gsm", "nbiot")
"""Radio that is no mobile broadband, whether or not it is built."""


@dataclass(frozen=True, eq=False)
class _Taken:
    """What one release chose of one technology."""

    name: str
    part: pd.DataFrame
    """The chosen candidates."""
    service: pd.DataFrame
    """What they serve."""

    def without(self, gone: Collection[str]) -> _Taken:
        part, service = (
            frame[~frame["project_id"].isin(gone).to_numpy()] for frame in (self.part, self.service)
        )
        return _Taken(self.name, part, service)


class UnderWay:
    """Lines, sites, covered points and terminals that stand, are being built, or were decided.

    Projects that are given up are taken out again, as if they had never been chosen: what only they
    would have served is open to others.
    """

    def __init__(self, ground: Ground, technologies: Mapping[str, Technology]) -> None:
        self._ground, self._technologies = ground, technologies
        mine = {name for name, one in technologies.items() if one.use == FIXED}
        self.layers = (*FIXED_LAYERS, *sorted(mine - set(FIXED_LAYERS)))
        """Fixed technologies in the order of ``share`` and ``mbps``."""
        self._history: list[_Taken] = []
        self._reset()

    def _reset(self) -> None:
        """Go back to what stands in month 0."""
        ground = self._ground
        shape = (len(self.layers), ground.homes.shape[1])
        self.share = np.zeros(shape, dtype=np.float32)
        """Share of homes passed by each fixed layer, shape (L, Z)."""
        self.mbps = np.zeros(shape, dtype=np.float32)
        """Rate that homes passed could order by layer, shape (L, Z) [Mbit/s]."""
        for layer, name in enumerate(self.layers):
            self.share[layer] = ground.standing_share.get(name, 0.0)
            self.mbps[layer] = ground.standing_mbps.get(name, 0.0)
        self.covered = {name: points.copy() for name, points in ground.standing_points.items()}
        """Points covered by each radio technology, shape (P,)."""
        self.sites = {name: list(map(int, rows)) for name, rows in ground.standing_sites.items()}
        """Rows of the locations that carry each radio technology."""
        self.units: dict[str, int] = {}
        """Terminals bought for single homes, by technology."""
        self.plant = {name: len(rows) for name, rows in ground.standing_sites.items()}
        """Sites and projects of each technology."""

    def take(self, rows: NDArray[np.int64], proposal: Proposal) -> None:
        """Count these rows of the candidates as under way from now on."""
        if not len(rows):
            return
        chosen = np.zeros(len(proposal.candidates), dtype=bool)
        chosen[rows] = True
        technology = proposal.candidates["technology"].to_numpy(dtype=object)
        owner = proposal.service_owner
        for name in sorted(set(technology[rows])):
            mine = chosen & (technology == name)
            taken = _Taken(name, proposal.candidates[mine], proposal.service[mine[owner] & (owner >= 0)])
            self._history.append(taken)
            self._count(taken)

    def give_up(self, project_ids: Collection[str]) -> None:
        """Take projects out again."""
        if not project_ids:
            return
        gone = set(project_ids)
        self._history = [taken.without(gone) for taken in self._history]
        self._reset()
        for taken in self._history:
            self._count(taken)

    def _count(self, taken: _Taken) -> None:
        name, technology = taken.name, self._technologies[taken.name]
        self.plant[name] = self.plant.get(name, 0) + len(taken.part)
        if technology.use == FIXED:
            self._count_fixed(taken)
        elif technology.use != TRANSPORT:
            covered = self.covered.setdefault(name, np.zeros(len(self._ground.point_zone), dtype=bool))
            covered[taken.service["point"].to_numpy()] = True
            new = taken.part[
                ~taken.part["build"].isin(ADDED_TO_SITES).to_numpy()
                & (taken.part["location"].to_numpy() >= 0)
            ]
            self.sites.setdefault(name, []).extend(map(int, new["location"]))

    def _count_fixed(self, taken: _Taken) -> None:
        name, ground = taken.name, self._ground
        layer = self.layers.index(name)
        zone = taken.service["zone"].to_numpy()
        self.mbps[layer][zone] = np.maximum(self.mbps[layer][zone], taken.service["peak_mbps"].to_numpy())
        share = ground.reach(name)[zone]
        if self._technologies[name].per_home:
            zone, quantity = taken.part["zone"].to_numpy(), taken.part["quantity"].to_numpy()
            share = np.minimum(quantity / np.maximum(ground.homes.max(axis=0)[zone], 1), 1.0)
            self.units[name] = self.units.get(name, 0) + int(quantity.sum())
        self.share[layer][zone] = np.maximum(self.share[layer][zone], share)

    def with_signal(self) -> NDArray[np.bool_]:
        """Return the points where mobile broadband stands or is under way, shape (P,)."""
        others = {name for name, one in self._technologies.items() if one.use != MOBILE}
        found = np.zeros(len(self._ground.point_zone), dtype=bool)
        for name, covered in self.covered.items():
            if name not in others and name not in NO_BROADBAND:
                found |= covered
        return found

    @property
    def fibre(self) -> int:
        """Row of fibre among the layers."""
        return self.layers.index(FIBRE)
