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
_LOWEST, _HIGHEST, _STEPS = 0.05, 10_000.0, 240
"""Edges of the grid of rates and its steps, of five per cent each [Mbit/s]."""
_FEW = 32
"""Homes on a unit up to which their number is kept exactly."""
_COARSE, _FINE = 0.1, 0.03
"""Steps of the logarithm of larger numbers of homes, and of rates for each; twice as wide for uplinks."""
_EXACT = 0.001
"""Step of the logarithm of a unit's rate."""
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
class _Units:
    """What homes share: homes on a unit (0: nothing is shared), its rate [Mbit/s], the rate of homes."""

    homes: Ints
    unit_mbps: Floats
    home_mbps: Floats

    def at_least(self, busy_mbps: float, grid: Floats) -> Floats:
        """Return the probability that a home's share is at least each rate, shape (K, G)."""
        result = np.ones((len(self.homes), len(grid)))
        here = self.homes > 0
        result[here] = share_at_least(
            self.homes[here], self.unit_mbps[here], self.home_mbps[here], busy_mbps, grid
        )
        return result


@dataclass(frozen=True, eq=False)
class _Shared:
    """What all technologies of a month have in common: G rates."""

    uplink: Ints
    """Class of the uplink of each zone with subscribers."""
    gives: Floats
    """What each class of uplinks lets through, shape (classes, G)."""
    home_mbps: Floats
    """Rate at which homes send on a line of each best rate, shape (G,) [Mbit/s]."""
    passes: Floats
    """What plans let through on a line of each best rate, shape (G, G)."""


class Distribution:
    """Subscribers by the rate they get: M months, urban and rural, G rates."""

    def __init__(
        self,
        evidence: Evidence,
        lines: Lines,
        also: tuple[float, ...],
        uplink_mbps: NDArray[np.float32] | None = None,
    ) -> None:
        """Prepare; ``uplink_mbps`` is what the point of presence of each zone can carry, shape (M, Z)."""
        self._evidence, self._lines = evidence, lines
        self.grid = grid_of(lines, also)
        self._urban = np.asarray(evidence.masks[URBAN])
        self._uplink = uplink_mbps
        self._by_plan = self._gets_through(lines.demand.tiers_mbps)
        self._by_line = self._gets_through(self.grid / lines.demand.delivered_share)

    def table(self) -> Floats:
        """Return the subscribers who get at least each rate, shape (M, 2, G); urban first."""
        state = self._evidence.state
        result = np.zeros((self._evidence.months, 2, len(self.grid)))
        for month in range(len(result)):
            passes = self._passes(month)
            home_mbps = self._home_mbps(month)
            uplink, gives = self._uplinks(month, home_mbps)
            for row in self._evidence.fixed:
                zones = np.flatnonzero(state.subscribers[month, row] > 0)
                if len(zones):
                    shared = _Shared(uplink[zones], gives, home_mbps, passes)
                    result[month] += self._technology(month, row, zones, shared)
        return result

    def _home_mbps(self, month: int) -> Floats:
        """Return the rate at which homes send on lines of each best rate: the harmonic mean over plans, (G,).

        Homes of all plans send as much, so that those with slow plans are active longest.
        """
        demand = self._lines.demand
        rate = np.minimum(demand.tiers_mbps[None, :] * demand.delivered_share, self.grid[:, None])
        return np.asarray(1.0 / ((1.0 / rate) @ demand.tier_share[month]))

    def _tops(self, month: int, row: int, zones: Ints) -> Ints:
        """Return the place on the grid of what the lines of zones get through at most, same shape."""
        peak = self._evidence.state.peak_mbps[month, row, zones].astype(np.float64)
        through = peak * self._lines.demand.delivered_share * (1.0 + 1e-6)
        place = np.searchsorted(self.grid, through, side="right") - 1
        return np.asarray(np.maximum(place, 0), dtype=np.int64)

    def _passes(self, month: int) -> Floats:
        """Return the share of homes on a line of each best rate whose plan lets each rate through, (G, G).

        A home takes the plan it wants or, where its line carries less, what the line carries.
        """
        demand = self._lines.demand
        slower = np.searchsorted(
            demand.tiers_mbps, self.grid / demand.delivered_share * (1.0 + 1e-6), side="right"
        )
        weight = np.concatenate([[0.0], np.cumsum(demand.tier_share[month])])
        of_plan = np.cumsum(demand.tier_share[month][:, None] * self._by_plan, axis=0)
        of_plan = np.concatenate([np.zeros((1, len(self.grid))), of_plan])
        return np.asarray(of_plan[slower] + (weight[-1] - weight[slower])[:, None] * self._by_line)

    def _gets_through(self, mbps: Floats) -> Floats:
        """Return the probability that a home that pays for a rate gets at least each rate, shape (K, G).

        What gets through is spread log-normally around its mean and is no more than what is paid for.
        """
        from scipy.special import ndtr

        demand, asked = self._lines.demand, self.grid[None, :] / mbps[:, None] * (1.0 - 1e-9)
        spread = demand.delivered_spread
        if spread == 0.0:
            return np.asarray(demand.delivered_share >= asked, dtype=np.float64)
        median = np.log(demand.delivered_share) - spread**2 / 2.0
        return np.where(asked <= 1.0, ndtr((median - np.log(asked)) / spread), 0.0)

    def _technology(self, month: int, row: int, zones: Ints, shared: _Shared) -> Floats:
        """Return the subscribers of a technology who get at least each rate, shape (2, G)."""
        from scipy.sparse import csr_array

        uplink, home_mbps = shared.uplink, shared.home_mbps
        count = self._evidence.state.subscribers[month, row, zones].astype(np.float64)
        top = self._tops(month, row, zones)
        homes, rate = self._units(month, self._evidence.state.technologies[row], zones, count)
        log_rate = np.rint(np.log(rate) / _EXACT).astype(np.int64)
        sends = np.rint(np.log(home_mbps) / _FINE).astype(np.int64)
        sent = np.where(homes > 0, sends[top], sends[0])
        # urban and rural homes of one class of uplinks get through it together
        way = (~self._urban[zones]).astype(np.int64) * len(shared.gives) + uplink
        # short numbers are sorted by their digits, which takes one pass
        order = np.argsort(way.astype(np.min_scalar_type(2 * len(shared.gives))), kind="stable")
        first, back = _classes(tuple(code[order] for code in (sent, homes, log_rate)))
        once, unit = order[first], np.empty(len(zones), dtype=np.int64)
        unit[order] = back
        units = _Units(homes[once], rate[once], home_mbps[top[once]])
        held = units.at_least(float(self._lines.demand.fixed_busy_mbps[month]), self.grid)
        # what unit, plan and line together let through, for each pair of unit and line that there is
        tops, place = _numbered(top, len(self.grid))
        pairs, pair = _numbered(unit * len(tops) + place, len(once) * len(tops))
        able = held[pairs // len(tops)] * shared.passes[tops[pairs % len(tops)]]
        rows = np.concatenate([[0], np.cumsum(np.bincount(way, minlength=2 * len(shared.gives)))])
        shape = (2 * len(shared.gives), len(pairs))
        through = csr_array((count[order], pair[order], rows), shape=shape) @ able
        return np.asarray((through.reshape(2, len(shared.gives), -1) * shared.gives).sum(axis=1))

    def _units(self, month: int, name: str, zones: Ints, count: Floats) -> tuple[Ints, Floats]:
        """Return homes on a unit (0: not shared) and its rate, by zone."""
        lines = self._lines
        if name not in lines.units:
            return np.zeros(len(zones), dtype=np.int64), np.ones(len(zones))
        units = lines.units[name][month, zones].astype(np.float64)
        rate = lines.unit_mbps[name][month, zones].astype(np.float64)
        if name in lines.pooled:
            units, rate = np.ones(len(zones)), units * rate
        known = (units > 0) & (rate > 0)
        mean = np.maximum(count / np.where(known, units, 1.0), 1.0)
        homes = np.where(known, round_homes(mean), 0)
        rate = np.where(known, rate, 1.0)
        if name in lines.pooled:
            rate = np.where(known, homes * _stepped(rate / mean, _FINE), 1.0)
        return homes, rate

    # ---- uplinks

    def _uplinks(self, month: int, home_mbps: Floats) -> tuple[Ints, Floats]:
        """Return the class of each zone's uplink (Z,) and what each class lets through (classes, G).

        Class 0 slows nobody: so is every uplink where nothing is known of them.
        """
        zones = np.arange(len(self._urban))
        free = np.ones((1, len(self.grid)))
        if self._uplink is None:
            return np.zeros(len(zones), dtype=np.int64), free
        demand, place = self._lines.demand, self._lines.presence
        users, active, rate = (np.zeros(int(place.max()) + 1) for _ in range(3))
        for row in self._evidence.fixed:
            count = self._evidence.state.subscribers[month, row].astype(np.float64)
            users += np.bincount(place, weights=count, minlength=len(users))
            share = 1.0 / home_mbps[self._tops(month, row, zones)]
            active += np.bincount(place, weights=count * share, minlength=len(users))
        np.maximum.at(rate, place, self._uplink[month].astype(np.float64))
        known = np.flatnonzero((users > 0) & (rate > 0))
        mean = np.maximum(users[known], 1.0)
        homes = round_homes(mean, 2.0 * _COARSE)
        per_home = np.rint(np.log(rate[known] / mean) / (2.0 * _FINE)).astype(np.int64)
        sends = np.rint(np.log(users[known] / active[known]) / (2.0 * _FINE)).astype(np.int64)
        first, back = _classes((homes, per_home, sends))
        home_rate, sent = np.exp(per_home[first] * 2.0 * _FINE), np.exp(sends[first] * 2.0 * _FINE)
        units = _Units(homes[first], homes[first] * home_rate, sent)
        gives = units.at_least(float(demand.fixed_busy_mbps[month]), self.grid)
        best = np.searchsorted(self.grid, demand.tiers_mbps[-1] * demand.delivered_share)
        hinders = gives[:, min(int(best), len(self.grid) - 1)] < _UNHINDERED
        classes = np.zeros(len(users), dtype=np.int64)
        classes[known] = np.where(hinders, np.cumsum(hinders), 0)[back]
        return classes[place], np.concatenate([free, gives[hinders]])


def _classes(codes: tuple[Ints, ...]) -> tuple[Ints, Ints]:
    """Return the first row of each class of equal codes, and the class of every row."""
    key = np.zeros(len(codes[0]), dtype=np.int64)
    for code in codes:
        if len(code):
            least = code.min()
            key = key * (int(code.max() - least) + 1) + (code - least)
    _, first, back = np.unique(key, return_index=True, return_inverse=True)
    return first.astype(np.int64), back.reshape(-1).astype(np.int64)


def _numbered(code: Ints, size: int) -> tuple[Ints, Ints]:
    """Return the different codes below a size, ascending, and the place of every row among them."""
    there = np.zeros(size, dtype=bool)
    there[code] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[code]


def round_homes(mean: Floats, step: float = _COARSE) -> Ints:
    """Return how many homes share a unit: whole up to a few, in steps of their logarithm above."""
    return np.where(mean <= _FEW, np.rint(mean), np.rint(_stepped(mean, step))).astype(np.int64)


def _stepped(value: Floats, step: float) -> Floats:
    """Return values rounded in steps of their logarithm, same shape."""
    return np.asarray(np.exp(np.rint(np.log(value) / step) * step))
