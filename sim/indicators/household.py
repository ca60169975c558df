"""Bandwidth of homes as a distribution: what a subscribed home gets while it is active at the busy hour.

It is the least of what the home pays for (of which a share gets through home network, metro network and
servers), its share of the unit behind its line (``sim.indicators.sharing``), its share of the uplink of its
point of presence, and what the radio of a wireless line gives. Homes that share all this in the same way
are counted as one class, so that no zone is looked at alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.indicators.access import CAPABILITY_MBPS, LINES
from sim.indicators.base import ALL, FIXED, RURAL, URBAN, Evidence, Indicator, Series, divide
from sim.indicators.sharing import share_at_least

if TYPE_CHECKING:
    from sim.tables.lines import Lines

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
QUANTILES = (5, 50, 95)
PLANS_MBPS = (4, 8, 20, 50, 100)
"""Plans whose share of subscribers is told."""
_LOWEST, _HIGHEST, _STEPS = 0.05, 10_000.0, 500
_WHOLE = 100
"""Homes on a unit up to which their number is kept exactly; above it has two digits."""
_UNHINDERED = 0.9999
_EVERY, _SUBSCRIBERS = "", " subscribers"


# ---- rates on a grid


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
    top: Ints
    """Place on the grid of the best rate of the line, shape (K,)."""
    homes: Ints
    """Homes on one unit, 0 where nothing is shared, shape (K,)."""
    unit_mbps: Floats
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
        return np.where(np.arange(len(self.grid))[None, :] <= top[:, None], wanted[None, :], 0.0)

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
        return np.maximum(np.searchsorted(self.grid, through, side="right") - 1, 0)

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
        rates, rate = np.unique(unit, return_inverse=True)
        parts = (self._urban[zones].astype(np.int64), top, homes, rate.reshape(-1), uplink[zones])
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
            count=np.bincount(back.reshape(-1), weights=count),
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


# ---- indicators


def asked_about(evidence: Evidence) -> tuple[float, ...]:
    """Return the rates whose share of homes is told [Mbit/s]."""
    return (*map(float, CAPABILITY_MBPS), float(evidence.options.household_rate))


def _table(evidence: Evidence) -> Floats:
    lines = evidence.state.lines
    assert lines is not None
    return Distribution(evidence, lines, asked_about(evidence)).table()


def subscribers_by_rate(evidence: Evidence) -> tuple[Floats, dict[str, Floats]]:
    """Return the rates (G,) and by group the subscribers who get at least each, shape (M, G).

    Nothing by group where the state does not say what lines share.
    """
    lines = evidence.state.lines
    if lines is None or not evidence.fixed:
        return np.empty(0), {}
    table = evidence.keep("subscribers by rate", _table)
    groups = {ALL: table.sum(axis=1), URBAN: table[:, 0], RURAL: table[:, 1]}
    return grid_of(lines, asked_about(evidence)), groups


def household_bandwidth(evidence: Evidence) -> Series:
    """Return the rate that all but a share of subscribers get at least, by group and percentile."""
    grid, groups = subscribers_by_rate(evidence)
    result = {}
    for group, table in groups.items():
        total = table[:, 0]
        for percent in QUANTILES:
            enough = table >= total[:, None] * (1.0 - percent / 100.0 - 1e-9)
            last = len(grid) - 1 - np.argmax(enough[:, ::-1], axis=1)
            result[f"{group} p{percent}"] = np.where(total > 0, grid[last], np.nan)
    return result


def share_at_rate(evidence: Evidence, mbps: float | None = None) -> Series:
    """Return the share of homes, and of subscribers, that get at least a rate; the scenario's without one."""
    grid, groups = subscribers_by_rate(evidence)
    rate = float(evidence.options.household_rate) if mbps is None else mbps
    result = {}
    for group, table in groups.items():
        having = table[:, int(np.searchsorted(grid, round(rate, 9)))]
        result[group] = divide(having, evidence.homes[group])
        name = "subscribers" if group == ALL else f"{group} subscribers"
        result[name] = divide(having, table[:, 0])
    return result


def plan_share(evidence: Evidence, mbps: float) -> Series:
    """Return the share of fixed subscribers who pay for a rate or more, by group."""
    state = evidence.state
    if state.lines is None:
        return {}
    demand = state.lines.demand
    wanted = demand.tier_share @ (demand.tiers_mbps >= mbps)
    result = {}
    for group in (ALL, URBAN, RURAL):
        able, lines = np.zeros(evidence.months), np.zeros(evidence.months)
        for row in evidence.fixed:
            users = state.subscribers[:, row]
            able += evidence.total(np.where(state.peak_mbps[:, row] >= mbps, users, 0.0), group)
            lines += evidence.total(users, group)
        result[group] = divide(able * wanted, lines)
    return result


def line_load(evidence: Evidence) -> Series:
    """Return traffic over capacity of what lines share at the busy hour, mean over subscribers."""
    state, result = evidence.state, {}
    if state.lines is None:
        return {}
    busy = state.lines.demand.fixed_busy_mbps[:, None]
    for name, units in state.lines.units.items():
        row = state.technologies.index(name)
        if state.uses[row] != FIXED:
            continue
        users = state.subscribers[:, row].astype(np.float64)
        capacity = units.astype(np.float64) * state.lines.unit_mbps[name]
        load = np.divide(users * busy, capacity, out=np.zeros_like(users), where=capacity > 0)
        result[name] = divide((load * users).sum(axis=1), users.sum(axis=1))
    return result


def homes_connected(evidence: Evidence) -> Series:
    """Return the homes whose line has ever been put in, by technology and by group.

    Technologies follow one another in the same homes: a group has at least as many as its largest
    technology, and as many as ever subscribed at a time.
    """
    state = evidence.state
    names = [state.technologies[row] for row in evidence.fixed]
    result = {
        name: evidence.total(state.homes_connected[:, state.technologies.index(name)]) for name in names
    }
    at_once = np.maximum.accumulate(evidence.users(*names), axis=0)
    for row in evidence.fixed:
        at_once = np.maximum(at_once, state.homes_connected[:, row])
    together = np.minimum(at_once, state.homes)
    return {group: evidence.total(together, group) for group in (ALL, URBAN, RURAL)} | result


def new_homes_with_fibre(evidence: Evidence) -> Series:
    """Return the share of the homes built since the start under the code that fibre passes, by group."""
    lines = evidence.state.lines
    if lines is None:
        return {}
    built = np.cumsum(lines.built, axis=0, dtype=np.float64)
    groups = (ALL, URBAN, RURAL)
    return {g: divide(evidence.total(lines.built_with_fibre, g), evidence.total(built, g)) for g in groups}


def _share(mbps: int) -> Indicator:
    return Indicator(
        f"household_bandwidth_share_ge_{mbps}Mbps",
        "share",
        f"homes that get {mbps} Mbit/s at the busy hour; of subscribers apart",
        partial(share_at_rate, mbps=float(mbps)),
        LINES,
        of="homes",
    )


def _plan(mbps: int) -> Indicator:
    return Indicator(
        f"subscribed_share_ge_{mbps}Mbps",
        "share",
        f"fixed subscribers who pay for {mbps} Mbit/s or more",
        partial(plan_share, mbps=float(mbps)),
        LINES,
        of="fixed_subscribers",
    )


INDICATORS = (
    Indicator("homes_connected", "homes", "homes whose line has ever been put in", homes_connected, LINES),
    Indicator(
        "new_homes_with_fibre_share",
        "share",
        "homes built since the start where the code asks for fibre, that fibre passes",
        new_homes_with_fibre,
        ("ftth",),
    ),
    Indicator(
        "household_bandwidth_mbps",
        "Mbit/s",
        "rate of a subscribed home while active at the busy hour: 5, 50 and 95 % get no more",
        household_bandwidth,
        LINES,
    ),
    *(_share(mbps) for mbps in CAPABILITY_MBPS),
    Indicator(
        "household_bandwidth_share_ge_wanted",
        "share",
        "homes that get the rate that the scenario asks for at the busy hour; of subscribers apart",
        share_at_rate,
        LINES,
        of="homes",
    ),
    *(_plan(mbps) for mbps in PLANS_MBPS),
    Indicator(
        "line_load",
        "share",
        "busy-hour traffic over the capacity of what lines share, mean over subscribers, by technology",
        line_load,
        LINES,
    ),
)
