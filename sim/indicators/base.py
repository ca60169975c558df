"""What an indicator is, and the evidence from which it is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.indicators.options import TargetOptions
from sim.tables.layers import CITY, URBAN_KINDS, VILLAGE

if TYPE_CHECKING:
    import pandas as pd

    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.results import MonthlyState

ALL, URBAN, CITIES, RURAL = "all", "urban", "city", "rural"
CAPITAL, OTHER_CITIES = "capital", "other cities"
GROUPS = (ALL, URBAN, CITIES, RURAL)
FIXED, SATELLITE = "fixed", "satellite"
SHARE = "share"
"""Unit of what lies between 0 and 1."""
TOWN_AND_COUNTRY = (ALL, URBAN, RURAL)
EACH = "each "
"""Begins a word that stands for many breakdowns, as ``each prefecture``."""
EACH_PREFECTURE, EACH_TECHNOLOGY = f"{EACH}prefecture", f"{EACH}technology"

_CAPITALS = {
    "yunnan": ("昆明", "Kunming"),
    "sichuan": ("成都", "Chengdu"),
    "shandong": ("济南", "Jinan"),
    "hunan": ("长沙", "Changsha"),
}

Kept = TypeVar("Kept")
Series = dict[str, NDArray[np.float64]]
"""Values by breakdown, each of shape (M,); not-a-number where nothing can be measured."""


@dataclass(frozen=True)
class Indicator:
    """One thing that is measured every month."""

    name: str
    unit: str
    description: str
    measure: Callable[[Evidence], Series]
    counts: tuple[str, ...] = ()
    """Technologies that count."""
    of: str = ""
    """Indicator that counts what this one is a share of; a gap times it is the shortfall."""
    per: float = 1.0
    """How many of those make one unit of this indicator (100 for lines/100 homes)."""
    need: tuple[str, float] | None = None
    """Use and rate [Mbit/s] that a planner brings to homes or persons to move it."""
    breakdowns: tuple[str, ...] = (ALL,)
    """The breakdowns that it may be measured for; one that begins with ``each`` stands for many."""

    @property
    def definition(self) -> str:
        """What is measured, in one sentence."""
        return f"{self.description[0].upper()}{self.description[1:]}."


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything an indicator may look at in one replication; what several share is kept."""

    state: MonthlyState
    area: Area
    horizon: Horizon
    options: TargetOptions
    events: pd.DataFrame
    """The log of this replication alone."""

    @property
    def months(self) -> int:
        """How many months there are."""
        return int(self.state.homes.shape[0])

    @cached_property
    def kinds(self) -> NDArray[np.object_]:
        """The kind of every zone, shape (Z,)."""
        return self.area.zones["kind"].to_numpy(dtype=object)

    @cached_property
    def village(self) -> NDArray[np.bool_]:
        """Which zones are administrative villages, shape (Z,)."""
        return np.asarray(self.kinds == VILLAGE)

    @cached_property
    def prefectures(self) -> list[str]:
        """The prefectures by name."""
        return sorted(set(self.area.zones["prefecture"]))

    @cached_property
    def prefecture(self) -> NDArray[np.int64]:
        """The row of every zone's prefecture in ``prefectures``, shape (Z,)."""
        names = self.area.zones["prefecture"].to_numpy(dtype=object)
        return np.searchsorted(np.array(self.prefectures, dtype=object), names)

    @cached_property
    def masks(self) -> dict[str, NDArray[np.bool_] | None]:
        """The zones of each group; ``None`` for all."""
        urban = np.isin(self.kinds, URBAN_KINDS)
        city = np.asarray(self.kinds == CITY)
        capital = self.prefecture == self._capital(urban)
        return {
            ALL: None,
            URBAN: urban,
            CITIES: city,
            RURAL: ~urban,
            CAPITAL: city & capital,
            OTHER_CITIES: city & ~capital,
        }

    def _capital(self, urban: NDArray[np.bool_]) -> int:
        """Return the row of the capital's prefecture; the most urban one where the area is made up."""
        wanted = _CAPITALS.get(self.area.name.lower(), ())
        for row, name in enumerate(self.prefectures):
            if name.startswith(wanted) and wanted:
                return row
        people = np.where(urban, self.state.population[0], 0)
        return int(np.argmax(np.bincount(self.prefecture, people, len(self.prefectures))))

    def total(self, values: NDArray[np.generic], group: str = ALL) -> NDArray[np.float64]:
        """Return the sum over a group's zones of values of shape (M, Z), shape (M,)."""
        mask = self.masks[group]
        chosen = values if mask is None else values[:, mask]
        return np.asarray(chosen.sum(axis=1, dtype=np.float64))

    def by_prefecture(
        self, values: NDArray[np.generic], mask: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float64]:
        """Return the sum over each prefecture of values of shape (M, Z), shape (M, prefectures)."""
        kept = slice(None) if mask is None else mask
        codes, count = self.prefecture[kept], len(self.prefectures)
        return np.stack([np.bincount(codes, row[kept], count) for row in values])

    @cached_property
    def homes(self) -> Series:
        """Homes by group."""
        return {group: self.total(self.state.homes, group) for group in self.masks}

    @cached_property
    def residents(self) -> Series:
        """Residents by group."""
        return {group: self.total(self.state.population, group) for group in self.masks}

    @cached_property
    def fixed(self) -> tuple[int, ...]:
        """Rows of the fixed technologies (satellite stands apart)."""
        return tuple(row for row, use in enumerate(self.state.uses) if use == FIXED)

    @cached_property
    def satellites(self) -> tuple[int, ...]:
        """Rows of the satellite technologies."""
        return tuple(row for row, use in enumerate(self.state.uses) if use == SATELLITE)

    def rows(self, *names: str) -> tuple[int, ...]:
        """Return the rows of those of the named technologies that the run has."""
        return tuple(self.state.technologies.index(n) for n in names if n in self.state.technologies)

    @cached_property
    def _none(self) -> NDArray[np.int32]:
        return np.zeros_like(self.state.homes)

    def passed(self, *names: str) -> NDArray[np.int32]:
        """Return the homes passed by the best of the named technologies, shape (M, Z)."""
        best = self._none
        for row in self.rows(*names):
            best = np.maximum(best, self.state.homes_passed[:, row])
        return best

    def covered(self, *names: str) -> NDArray[np.float32]:
        """Return the share of residents covered by the best of the named technologies, shape (M, Z)."""
        best = np.zeros(self.state.homes.shape, dtype=np.float32)
        for row in self.rows(*names):
            best = np.maximum(best, self.state.covered_share[:, row])
        return best

    def users(self, *names: str) -> NDArray[np.float32]:
        """Return the subscribers of the named technologies together, shape (M, Z)."""
        together = np.zeros(self.state.homes.shape, dtype=np.float32)
        for row in self.rows(*names):
            together = together + self.state.subscribers[:, row]
        return together

    @cached_property
    def _capable(self) -> dict[float, NDArray[np.int32]]:
        return {}

    @cached_property
    def _kept(self) -> dict[str, Any]:
        return {}

    def keep(self, name: str, work_out: Callable[[Evidence], Kept]) -> Kept:
        """Return what several indicators share, worked out on first need."""
        if name not in self._kept:
            self._kept[name] = work_out(self)
        kept: Kept = self._kept[name]
        return kept

    def capable(self, mbps: float) -> NDArray[np.int32]:
        """Return the homes that can order a rate on a fixed line, shape (M, Z).

        Fixed technologies nest on the same homes, so the most that one of them passes counts.
        """
        if mbps not in self._capable:
            best = self._none
            for row in self.fixed:
                enough = self.state.peak_mbps[:, row] >= mbps
                best = np.maximum(best, np.where(enough, self.state.homes_passed[:, row], 0))
            self._capable[mbps] = best
        return self._capable[mbps]


def divide(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return top / bottom, not-a-number where the bottom is zero."""
    shares = np.full(np.shape(top), np.nan)
    np.divide(top, bottom, out=shares, where=np.asarray(bottom) > 0)
    return shares


def home_share(evidence: Evidence, homes: NDArray[np.generic]) -> Series:
    """Return the share of homes by group, of homes of shape (M, Z)."""
    return {g: divide(evidence.total(homes, g), evidence.homes[g]) for g in GROUPS}


def resident_share(evidence: Evidence, covered_share: NDArray[np.float32]) -> Series:
    """Return the share of residents by group, of covered shares by zone of shape (M, Z)."""
    covered = covered_share * evidence.state.population
    return {g: divide(evidence.total(covered, g), evidence.residents[g]) for g in GROUPS}
