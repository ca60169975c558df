"""Subscribers by the rate they get while active at the busy hour, month by month.

The rate is the least of what the home pays for (of which a share gets through home network, metro network
and servers), its share of the unit behind its line (``sim.indicators.sharing``), its share of the uplink of
its point of presence, and what the radio of a wireless line gives. Homes that share all this in the same
way are counted as one class, so that no zone is looked at alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.indicators.base import URBAN, Evidence
from sim.indicators.sharing import share_at_least

if TYPE_CHECKING:
    from sim.tables.lines import Lines

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_LOWEST, _HIGHEST, _STEPS = 0.05, 10_000.0, 500
_WHOLE = 100
"""Homes on a unit up to which their number is kept exactly; above it has two digits."""
_UNHINDERED = 0.9999
"""An uplink that gives the best plan to so many of its homes counts as one that slows nobody."""


def grid_of(lines: Lines, also: tuple[float, ...]) -> Floats:
    """Return the rates at which the distribution is known, ascending, shape (G,) [Mbit/s].

    Plans as they get through and the rates that are asked about lie on it, so that they are exact.
    """
    demand = lines.demand
    steps = np.geomspace(_LOWEST, _HIGHEST, _STEPS)
    exact = np.concatenate([demand.tiers_mbps * demand.delivered_share, demand.tiers_mbps, np.array(also)])
    return np.unique(np.round(np.concatenate([steps, exact]), 9))


@dataclass(frozen=True, eq=False)
class _Month:
    """One month's subscribers of one technology as classes: K classes."""

    urban: NDArray[np.bool_]
    """Whether the homes are urban, shape (K,)."""
    top: Ints
    """Place on the grid of the best rate of the line, shape (K,)."""
    homes: Ints
    """Homes on one unit, 0 where nothing is shared, shape (K,)."""
    unit_mbps: Floats
    """Rate of the unit, shape (K,) [Mbit/s]."""
    uplink: Ints
    """Class of the uplink, shape (K,)."""
    count: Floats
    """Subscribers, shape (K,)."""


class Distribution:
    """Subscribers by the rate they get: M months, urban and rural, G rates."""

    def __init__(self, evidence: Evidence, lines: Lines, also: tuple[float, ...]) -> None:
        self._evidence, self._lines = evidence, lines
        self.grid = grid_of(lines, also)
        self._urban = np.asarray(evidence.masks[URBAN])
        self._uplink = getattr(evidence.state, "uplink_mbps", None)

    def table(self) -> Floats:
        """Return the subscribers who get at least each rate, shape (M, 2, G); urban first."""
        state = self._evidence.state
        result = np.zeros((self._evidence.months, 2, len(self.grid)))
        for month in range(len(result)):
            uplink, gives = self._uplinks(month)
            for row in self._evidence.fixed:
                users = state.subscribers[month, row]
                zones = np.flatnonzero(users > 0)
                if len(zones):
                    result[month] += self._technology(month, row, zones, uplink, gives)
        return result

    def _plans(self, month: int, top: Ints) -> Floats:
        """Return the share of subscribers whose plan gets at least each rate through, shape (K, G)."""
        demand = self._lines.demand
        through = demand.tiers_mbps * demand.delivered_share
        enough = through[None, :] >= self.grid[:, None] * (1.0 - 1e-9)
        wanted = enough @ demand.tier_share[month]
        reached = np.arange(len(self.grid))[None, :] <= top[:, None]
        return np.where(reached, wanted[None, :].astype(np.float64), 0.0)

    def _home_mbps(self, month: int, top: Ints) -> Floats:
        """Return the rate at which homes send on lines of this best rate: the harmonic mean over plans.

        Homes of all plans send as much, so that those with slow plans are active longest.
        """
        demand = self._lines.demand
        rate = np.minimum(demand.tiers_mbps[None, :] * demand.delivered_share, self.grid[top][:, None])
        return np.asarray(1.0 / ((1.0 / rate) @ demand.tier_share[month]))

    def _tops(self, month: int, row: int, zones: Ints) -> Ints:
        """Return the place on the grid of what the lines of zones get through at most, same shape."""
        peak = self._evidence.state.peak_mbps[month, row, zones].astype(np.float64)
        through = peak * self._lines.demand.delivered_share * (1.0 + 1e-6)
        place = np.searchsorted(self.grid, through, side="right") - 1
        return np.maximum(place, 0).astype(np.int64)

    def _technology(self, month: int, row: int, zones: Ints, uplink: Ints, gives: Floats) -> Floats:
        """Return the subscribers of one technology who get at least each rate, shape (2, G)."""
        found = self._classes(month, row, zones, uplink)
        share = self._plans(month, found.top)
        shared = np.flatnonzero(found.homes > 0)
        if len(shared):
            key = np.stack([found.homes, found.top, np.rint(found.unit_mbps * 1e3).astype(np.int64)])[
                :, shared
            ]
            once, back = np.unique(key, axis=1, return_inverse=True)
            rates = share_at_least(
                once[0],
                once[2] / 1e3,
                self._home_mbps(month, once[1]),
                float(self._lines.demand.fixed_busy_mbps[month]),
                self.grid,
            )
            share[shared] *= rates[back.reshape(-1)]
        share *= gives[found.uplink]
        urban = np.stack([found.urban, ~found.urban]) * found.count
        return np.asarray(urban @ share)

    def _classes(self, month: int, row: int, zones: Ints, uplink: Ints) -> _Month:
        """Return the subscribers of one technology as classes of homes that share alike."""
        state = self._evidence.state
        count = state.subscribers[month, row, zones].astype(np.float64)
        homes, unit = self._units(month, state.technologies[row], zones, count)
        top = self._tops(month, row, zones)
        rate = np.unique(unit, return_inverse=True)[1].reshape(-1)
        parts = (self._urban[zones].astype(np.int64), top, homes, rate, uplink[zones])
        key = np.zeros(len(zones), dtype=np.int64)
        for part in parts:
            key = key * (int(part.max()) + 1) + part
        _, first, back = np.unique(key, return_index=True, return_inverse=True)
        return _Month(
            urban=parts[0][first] > 0,
            top=top[first],
            homes=homes[first],
            unit_mbps=unit[first],
            uplink=parts[4][first],
            count=np.bincount(back.reshape(-1), weights=count).astype(np.float64),
        )

    def _units(self, month: int, name: str, zones: Ints, count: Floats) -> tuple[Ints, Floats]:
        """Return homes on a unit (0: not shared) and its rate in each zone, same shape."""
        lines = self._lines
        if name not in lines.units:
            return np.zeros(len(zones), dtype=np.int64), np.ones(len(zones))
        units = lines.units[name][month, zones].astype(np.float64)
        rate = lines.unit_mbps[name][month, zones].astype(np.float64)
        if name in lines.pooled:
            units, rate = np.ones(len(zones)), units * rate
        known = (units > 0) & (rate > 0)
        homes = np.maximum(np.rint(count / np.where(known, units, 1.0)), 1.0)
        return np.where(known, two_digits(homes), 0).astype(np.int64), np.where(known, _digits(rate, 3), 1.0)

    # ---- uplinks

    def _uplinks(self, month: int) -> tuple[Ints, Floats]:
        """Return the class of each zone's uplink (Z,) and what each class lets through (classes, G).

        Class 0 slows nobody: so is every uplink where nothing is known of them.
        """
        zones = len(self._urban)
        free = np.ones((1, len(self.grid)))
        if self._uplink is None:
            return np.zeros(zones, dtype=np.int64), free
        demand, state = self._lines.demand, self._evidence.state
        busy = float(demand.fixed_busy_mbps[month])
        place = self._lines.presence
        users, active, rate = (np.zeros(int(place.max()) + 1) for _ in range(3))
        for row in self._evidence.fixed:
            count = state.subscribers[month, row].astype(np.float64)
            tops, back = np.unique(self._tops(month, row, np.arange(zones)), return_inverse=True)
            share = busy / self._home_mbps(month, tops)
            users += np.bincount(place, weights=count, minlength=len(users))
            active += np.bincount(place, weights=count * share[back.reshape(-1)], minlength=len(users))
        np.maximum.at(rate, place, self._uplink[month].astype(np.float64))
        known = (users > 0) & (rate > 0)
        homes = np.where(known, two_digits(np.maximum(np.rint(users), 1.0)), 0).astype(np.int64)
        sends = _digits(np.where(known, users * busy / np.maximum(active, 1e-12), 1.0), 2)
        key = np.stack(
            [homes, np.rint(_digits(rate, 3) * 1e3).astype(np.int64), np.rint(sends * 1e3).astype(np.int64)]
        )
        once, back = np.unique(key[:, known], axis=1, return_inverse=True)
        if once.shape[1] == 0:
            return np.zeros(zones, dtype=np.int64), free
        gives = share_at_least(once[0], once[1] / 1e3, once[2] / 1e3, busy, self.grid)
        top = np.searchsorted(self.grid, demand.tiers_mbps[-1] * demand.delivered_share)
        hinders = gives[:, min(top, len(self.grid) - 1)] < _UNHINDERED
        number = np.where(hinders, np.cumsum(hinders), 0)
        classes = np.zeros(len(users), dtype=np.int64)
        classes[known] = number[back.reshape(-1)]
        return classes[place], np.concatenate([free, gives[hinders]])


def two_digits(count: Floats) -> Floats:
    """Return counts as they are up to a hundred and to two digits above, same shape."""
    return np.where(count <= _WHOLE, count, _digits(count, 2))


def _digits(value: Floats, digits: int) -> Floats:
    """Return values rounded to so many digits, same shape."""
    power = np.floor(np.log10(np.maximum(value, 1e-12)))
    scale = 10.0 ** (power - digits + 1)
    return np.asarray(np.rint(value / scale) * scale)
