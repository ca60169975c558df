"""From the nation to its provinces, without any outcome of a province.

Take-up differs between provinces as the use of the Internet did at the end of 2015; shares among lines and
rates do not differ in the mean. What neither says is drawn with the spread of two measures of development.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.nation.national import Nation, Series
from sim.nation.provinces import Provinces
from sim.randomness import Streams

Numbers = NDArray[np.float64]
_EDGE = 1e-6


@dataclass(frozen=True, eq=False)
class Spread:
    """One quantity in every province: values of shape (P, M) and draws of shape (D, P, M)."""

    value: Numbers
    draws: Numbers
    unit: str


@dataclass
class Parts:
    """The provinces of a nation."""

    nation: Nation
    provinces: Provinces

    @cached_property
    def residents(self) -> Numbers:
        """Residents by province and month, in the shares of the census, shape (P, M)."""
        return self._shared(self.provinces.residents, self.nation.residents)

    @cached_property
    def homes(self) -> Numbers:
        """Homes by province and month, in the shares of the census, shape (P, M)."""
        return self._shared(self.provinces.homes, self.nation.homes)

    def _shared(self, parts: Numbers, whole: Numbers) -> Numbers:
        return np.asarray((parts / parts.sum())[:, None] * whole)

    def _luck(self, name: str) -> Numbers:
        """Return standard normal numbers, shape (D, P): the same of a province in every month."""
        draws, names = self.nation.scenario.nation.draws, self.provinces.names
        keys = [f"{draw} {name_}" for draw in range(draws) for name_ in names]
        found = Streams(self.nation.scenario.seed).normals(f"province: {name}", keys)
        return found.reshape(draws, len(names))

    def take_up(self, name: str, of: Series, weights: Numbers) -> Spread:
        """Return a rate of take-up in every province; the provinces' mean is the nation's.

        Parameters
        ----------
        name
            Names the luck: quantities of one name share it.
        of
            The nation's rate.
        weights
            What the rate is over, residents or homes, shape (P, M).
        """
        index = self.provinces.index
        drawn = index * np.exp(self.provinces.log_spread * self._luck(name))
        part = weights / weights.sum(axis=0)
        mean = np.einsum("p,pm->m", index, part)
        means = drawn @ part
        return Spread(
            index[:, None] / mean * of.value,
            drawn[:, :, None] / means[:, None, :] * of.draws[:, None, :],
            of.unit,
        )

    def level(self, name: str, of: Series) -> Spread:
        """Return a rate, in Mbit/s or GB, that is the nation's but for its spread."""
        lift = np.exp(self.provinces.log_spread * self._luck(name))
        return Spread(self._same(of.value), lift[:, :, None] * of.draws[:, None, :], of.unit)

    def share(self, name: str, of: Series) -> Spread:
        """Return a share among lines that is the nation's but for the spread of its odds."""
        odds = np.log(np.clip(of.draws, _EDGE, 1 - _EDGE) / (1 - np.clip(of.draws, _EDGE, 1 - _EDGE)))
        moved = odds[:, None, :] + self.provinces.odds_spread * self._luck(name)[:, :, None]
        return Spread(self._same(of.value), 1.0 / (1.0 + np.exp(-moved)), of.unit)

    def _same(self, value: Numbers) -> Numbers:
        return np.tile(value, (len(self.provinces.names), 1))

    def times(self, rate: Spread, weights: Numbers, unit: str, per: float = 1.0) -> Spread:
        """Return a rate times what it is over: users from penetration and residents."""
        return Spread(rate.value * weights / per, rate.draws * weights / per, unit)

    def regions(self, of: Spread, weights: Numbers | None = None) -> dict[str, Series]:
        """Return a quantity of every region: the sum of its provinces, or with weights their mean.

        The statistics count the north-east apart from 2019 on; so do the regions.
        """
        found = {}
        for name, inside in self.provinces.members(self.nation.scenario.clock).items():
            mask = inside.T.astype(float)
            there = mask.any(axis=0)
            if weights is None:
                value, draws = (of.value * mask).sum(axis=0), (of.draws * mask).sum(axis=1)
            else:
                part = weights * mask / np.where(there, (weights * mask).sum(axis=0), 1.0)
                value, draws = (of.value * part).sum(axis=0), (of.draws * part).sum(axis=1)
            found[name] = Series(np.where(there, value, np.nan), np.where(there, draws, np.nan), of.unit)
        return found
