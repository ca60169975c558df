"""Bandwidth of homes as a distribution: what a subscribed home gets while it is active at the busy hour.

``sim.indicators.bandwidth`` works it out; here stand the figures that are told of it, and those that say
which homes have a line, which plans are paid for and how full the shared lines are.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from sim.indicators.access import CAPABILITY_MBPS, LINES
from sim.indicators.bandwidth import Distribution, grid_of
from sim.indicators.base import (
    ALL,
    EACH_TECHNOLOGY,
    FIXED,
    RURAL,
    TOWN_AND_COUNTRY,
    URBAN,
    Evidence,
    Indicator,
    Series,
    divide,
)

Floats = NDArray[np.float64]
QUANTILES = (5, 50, 95)
PLANS_MBPS = (4, 8, 20, 50, 100)
"""Plans whose share of subscribers is told."""
_PERCENTILES = tuple(f"{group} p{percent}" for group in TOWN_AND_COUNTRY for percent in QUANTILES)
_SUBSCRIBERS = "subscribers"
_HOMES_AND_SUBSCRIBERS = (
    *TOWN_AND_COUNTRY, _SUBSCRIBERS, f"{URBAN} {_SUBSCRIBERS}", f"{RURAL} {_SUBSCRIBERS}",
)  # fmt: skip


def asked_about(evidence: Evidence) -> tuple[float, ...]:
    """Return the rates whose share of homes is told [Mbit/s]."""
    return (*map(float, CAPABILITY_MBPS), float(evidence.options.household_rate))


def _table(evidence: Evidence) -> Floats:
    lines = evidence.state.lines
    if lines is None:
        raise ValueError("the state does not say what lines share")
    return Distribution(evidence, lines, asked_about(evidence), evidence.state.uplink_mbps).table()


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
    lines, result = evidence.state.lines, {}
    for group, table in groups.items():
        for percent in QUANTILES:
            smooth = lines is not None and lines.demand.delivered_spread > 0
            result[f"{group} p{percent}"] = rate_of(table, 1.0 - percent / 100.0, grid, smooth)
    return result


def rate_of(table: Floats, share: float, grid: Floats, smooth: bool) -> Floats:
    """Return the rate that a share of subscribers gets at least, not-a-number where there are none, (M,).

    ``table`` has shape (M, G). A smooth law is read between two rates of the grid, another at the last
    rate that so many get.
    """
    total = table[:, 0]
    enough = table >= total[:, None] * (share - 1e-9)
    last = len(grid) - 1 - np.argmax(enough[:, ::-1], axis=1)
    rate = grid[last]
    if smooth:
        month, beyond = np.arange(len(table)), np.minimum(last + 1, len(grid) - 1)
        here, there = table[month, last], table[month, beyond]
        part = np.divide(here - share * total, here - there, out=np.zeros_like(here), where=here > there)
        rate = rate * (grid[beyond] / rate) ** np.clip(part, 0.0, 1.0)
    return np.where(total > 0, rate, np.nan)


def share_at_rate(evidence: Evidence, mbps: float | None = None) -> Series:
    """Return the share of homes, and of subscribers, that get at least a rate; the scenario's without one."""
    grid, groups = subscribers_by_rate(evidence)
    rate = float(evidence.options.household_rate) if mbps is None else mbps
    result = {}
    for group, table in groups.items():
        having = table[:, int(np.searchsorted(grid, round(rate, 9)))]
        result[group] = divide(having, evidence.homes[group])
        name = _SUBSCRIBERS if group == ALL else f"{group} {_SUBSCRIBERS}"
        result[name] = divide(having, table[:, 0])
    return result


def plan_share(evidence: Evidence, mbps: float) -> Series:
    """Return the share of fixed subscribers who pay for a rate or more, by group."""
    state = evidence.state
    if state.lines is None:
        return {}
    demand = state.lines.demand
    wanted = demand.tier_share @ (demand.tiers_mbps >= mbps)
    lines = evidence.keep("subscribers by group", _subscribers)
    able: Series = {}
    for row in evidence.fixed:
        users = np.where(state.peak_mbps[:, row] >= mbps, state.subscribers[:, row], np.float32(0.0))
        for group in lines:
            paying = evidence.total(users, group)
            able[group] = able[group] + paying if group in able else paying
    return {group: divide(able[group] * wanted, lines[group]) for group in able}


def _subscribers(evidence: Evidence) -> Series:
    """Return the fixed subscribers by group, technology by technology added up."""
    result: Series = {}
    for row in evidence.fixed:
        for group in (ALL, URBAN, RURAL):
            users = evidence.total(evidence.state.subscribers[:, row], group)
            result[group] = result[group] + users if group in result else users
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
        breakdowns=_HOMES_AND_SUBSCRIBERS,
    )


def _plan(mbps: int) -> Indicator:
    return Indicator(
        f"subscribed_share_ge_{mbps}Mbps",
        "share",
        f"fixed subscribers who pay for {mbps} Mbit/s or more",
        partial(plan_share, mbps=float(mbps)),
        LINES,
        of="fixed_subscribers",
        breakdowns=TOWN_AND_COUNTRY,
    )


INDICATORS = (
    Indicator(
        "homes_connected",
        "homes",
        "homes whose line has ever been put in",
        homes_connected,
        LINES,
        breakdowns=(*TOWN_AND_COUNTRY, EACH_TECHNOLOGY),
    ),
    Indicator(
        "new_homes_with_fibre_share",
        "share",
        "homes built since the start where the code asks for fibre, that fibre passes",
        new_homes_with_fibre,
        ("ftth",),
        breakdowns=TOWN_AND_COUNTRY,
    ),
    Indicator(
        "household_bandwidth_mbps",
        "Mbit/s",
        "rate of a subscribed home while active at the busy hour: 5, 50 and 95 % get no more",
        household_bandwidth,
        LINES,
        breakdowns=_PERCENTILES,
    ),
    *(_share(mbps) for mbps in CAPABILITY_MBPS),
    Indicator(
        "household_bandwidth_share_ge_wanted",
        "share",
        "homes that get the rate that the scenario asks for at the busy hour; of subscribers apart",
        share_at_rate,
        LINES,
        of="homes",
        breakdowns=_HOMES_AND_SUBSCRIBERS,
    ),
    *(_plan(mbps) for mbps in PLANS_MBPS),
    Indicator(
        "line_load",
        "share",
        "busy-hour traffic over the capacity of what lines share, mean over subscribers, by technology",
        line_load,
        LINES,
        breakdowns=(EACH_TECHNOLOGY,),
    ),
)
