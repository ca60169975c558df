"""What stands or is under way while a plan runs: what the next release need not build again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
        """Return what is left without some projects; itself where none of them is among it."""
        lost = self.part["project_id"].isin(gone).to_numpy()
        if not lost.any():
            return self
        names = self.part.loc[lost, "project_id"]
        kept = ~self.service["project_id"].isin(names).to_numpy()
        return _Taken(self.name, self.part[~lost], self.service[kept])


def elsewhere(others: Sequence[UnderWay]) -> dict[str, NDArray[np.bool_]]:
    """Return the points that radio of any of these serves, by technology, shape (P,)."""
    found: dict[str, NDArray[np.bool_]] = {}
    for other in others:
        for name, points in other.covered.items():
            found[name] = found[name] | points if name in found else points
    return found


def lines_elsewhere(
    others: Sequence[UnderWay],
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """Return rate and share of homes by layer, the best of any of these, both (L, Z); none of none."""
    if not others:
        return None
    return (
        np.maximum.reduce([other.mbps for other in others]),
        np.maximum.reduce([other.share for other in others]),
    )


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
        shape = (len(self.layers), ground.homes.shape[1])
        self.share = np.zeros(shape, dtype=np.float32)
        """Share of homes passed by each fixed layer, shape (L, Z)."""
        self.mbps = np.zeros(shape, dtype=np.float32)
        """Rate that homes passed could order by layer, shape (L, Z) [Mbit/s]."""
        self.covered: dict[str, NDArray[np.bool_]] = {}
        """Points covered by each radio technology, shape (P,)."""
        self.sites: dict[str, list[int]] = {}
        """Rows of the locations that carry each radio technology."""
        self.units: dict[str, int] = {}
        """Terminals bought for single homes, by technology."""
        self.plant: dict[str, int] = {}
        """Sites and projects of each technology."""
        for name in (*self.layers, *ground.standing_points, *ground.standing_sites):
            self._stand(name)

    def _stand(self, name: str) -> None:
        """Go back to what stands of a technology in month 0."""
        ground = self._ground
        for table in (self.covered, self.sites, self.units, self.plant):
            table.pop(name, None)
        if name in self.layers:
            layer = self.layers.index(name)
            self.share[layer] = ground.standing_share.get(name, 0.0)
            self.mbps[layer] = ground.standing_mbps.get(name, 0.0)
        if name in ground.standing_points:
            self.covered[name] = ground.standing_points[name].copy()
        if name in ground.standing_sites:
            self.sites[name] = list(map(int, ground.standing_sites[name]))
            self.plant[name] = len(self.sites[name])

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
        gone = frozenset(project_ids)
        left = [taken.without(gone) for taken in self._history] if gone else self._history
        changed = {new.name for new, old in zip(left, self._history, strict=True) if new is not old}
        self._history = left
        for name in sorted(changed):
            self._stand(name)
        for taken in left:
            if taken.name in changed and len(taken.part):
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
