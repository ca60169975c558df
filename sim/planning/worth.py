"""What a candidate is worth: homes and persons newly served, weighted by what is wanted.

The worth of a set of projects is a sum over homes and points of the best value that any project
of the set gives there, so nothing is counted twice however sites overlap; the marginal worth of
one more project is what it adds to that sum. Such a function is monotone and submodular: greedy
choice by marginal worth is the standard approach, and a stale worth is an upper bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.tables.plan import FIXED, USES

if TYPE_CHECKING:
    import pandas as pd

    from sim.tables.plan import Proposal

MICRO = 1_000_000
"""Worths are compared as integers of a millionth, so that sums do not depend on their order."""


@dataclass(frozen=True, eq=False)
class Situation:
    """What stands or is under way when the planner is asked: Z zones, P points, L fixed layers."""

    month: int
    homes: NDArray[np.int32]
    """Homes, shape (Z,)."""
    population: NDArray[np.int32]
    """Residents, shape (Z,)."""
    zone_of_point: NDArray[np.int32]
    """Row of the zone of each point, shape (P,)."""
    point_homes: NDArray[np.int32]
    """Homes, shape (P,)."""
    point_people: NDArray[np.int32]
    """Residents, shape (P,)."""
    fixed_mbps: NDArray[np.float32]
    """Rate that a home can order, standing or under way, shape (Z,), or (L, Z) by technology [Mbit/s]."""
    fixed_share: NDArray[np.float32]
    """Share of the homes that can order it, same shape."""
    covered: Mapping[str, NDArray[np.bool_]]
    """Points served by each radio technology, standing or under way, shape (P,)."""
    short_share: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """Share of the people at a covered point whose busy-hour load is not carried, shape (P,)."""


@dataclass(frozen=True)
class Weights:
    """Worth of one home or person newly served where no target asks for it, and after its due month."""

    base: Mapping[str, float]
    """By use."""
    late_share: float
    """What is left of a need's weight after its due month, 0..1."""


@dataclass(frozen=True, eq=False)
class Values:
    """What each row of service is worth where nothing else is chosen; rows sorted by candidate."""

    starts: NDArray[np.int64]
    """First row of each candidate and the end, shape (candidates + 1,)."""
    key: NDArray[np.int64]
    """Homes or point served, as one number a use and place."""
    value: NDArray[np.int64]
    """Worth in millionths."""
    gained: NDArray[np.int64]
    """Homes or persons newly served, in millionths."""
    keys: int
    """How many keys there can be."""


def value_rows(
    proposal: Proposal, needs: pd.DataFrame, now: Situation, kinds: NDArray[np.object_], weights: Weights
) -> Values:
    """Return the value of every row of service, given what stands.

    A home counts for a need when the project's rate reaches the wanted rate and no standing rate
    does; a point counts where the technology does not serve it yet, or serves it short of its
    busy-hour load. The base weight counts homes whose rate rises and persons newly served.
    """
    import pandas as pd

    service, candidates = proposal.service, proposal.candidates
    owner = pd.Index(candidates["project_id"]).get_indexer(pd.Index(service["project_id"]))
    use = np.array([USES.index(name) for name in candidates["use"]], dtype=np.int64)[owner]
    zone = service["zone"].to_numpy().astype(np.int64)
    point = service["point"].to_numpy().astype(np.int64)
    peak = service["peak_mbps"].to_numpy()
    technology = candidates["technology"].to_numpy(dtype=object)
    open_now = _open_shares(now, technology, owner, zone, point)
    fixed = use == USES.index(FIXED)
    amount = np.where(point >= 0, _at(now.point_people, point), now.population[zone]).astype(np.float64)
    amount[fixed] = np.where(point >= 0, _at(now.point_homes, point), now.homes[zone])[fixed]
    gained = amount * np.where(fixed, _lacking(now, zone, peak), open_now)
    per_home = np.array([weights.base[name] for name in USES])[use] * gained
    kind = kinds[zone]
    for wanted_use, wanted_kind, wanted, weight in _open_needs(needs, now.month, weights.late_share):
        rows = np.flatnonzero((use == USES.index(wanted_use)) & (kind == wanted_kind) & (peak >= wanted))
        if wanted_use == FIXED:
            rate = np.full(len(rows), wanted, dtype=np.float32)
            per_home[rows] += weight * amount[rows] * _lacking(now, zone[rows], rate)
        else:
            per_home[rows] += weight * amount[rows] * open_now[rows]
    places = len(now.homes) + len(now.zone_of_point)
    key = use * places + np.where(point >= 0, len(now.homes) + point, zone)
    order = np.argsort(owner, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=len(candidates)))))
    value, newly = (np.rint(rows * MICRO).astype(np.int64)[order] for rows in (per_home, gained))
    return Values(starts, key[order], value, newly, places * len(USES))


def worth_of(
    proposal: Proposal,
    needs: pd.DataFrame,
    situation: Situation,
    kinds: NDArray[np.object_],
    weights: Weights,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each candidate's worth, and the homes or persons it would newly serve, taken alone."""
    values = value_rows(proposal, needs, situation, kinds, weights)
    worth, gained = (per_candidate(rows, values.starts) / MICRO for rows in (values.value, values.gained))
    return worth, gained


def per_candidate(rows: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sum of the rows of each candidate; integers, so exact."""
    total = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(rows)))
    return total[starts[1:]] - total[starts[:-1]]


def _open_needs(
    needs: pd.DataFrame, month: int, late_share: float
) -> list[tuple[str, str, np.float32, float]]:
    """Use, kind, wanted rate and weight of each need as of this month."""
    weight = needs["weight"].to_numpy(dtype=np.float64)
    weight = np.where(needs["due_month"].to_numpy() >= month, weight, weight * late_share)
    wanted = needs["wanted_mbps"].to_numpy(dtype=np.float32)
    return list(zip(needs["use"], needs["kind"], wanted, weight.tolist(), strict=True))


def _at(values: NDArray[np.int32], point: NDArray[np.int64]) -> NDArray[np.int32]:
    """Values of points; any value where the row names no point."""
    return values[np.maximum(point, 0)] if len(values) else np.zeros(len(point), dtype=np.int32)


def _lacking(now: Situation, zone: NDArray[np.int64], mbps: NDArray[np.float32]) -> NDArray[np.float64]:
    """Share of each row's homes that cannot order this rate yet; technologies nest on the same homes."""
    having = np.zeros(len(zone), dtype=np.float64)
    for rate, share in zip(np.atleast_2d(now.fixed_mbps), np.atleast_2d(now.fixed_share), strict=True):
        here = rate[zone]
        np.maximum(having, np.where((here >= mbps) & (here > 0), share[zone], 0.0), out=having)
    return np.clip(1.0 - having, 0.0, 1.0)


def _open_shares(
    now: Situation,
    technology: NDArray[np.object_],
    owner: NDArray[np.int64],
    zone: NDArray[np.int64],
    point: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Share of each row's people that its technology does not serve, or serves short of their load."""
    result = np.ones(len(owner), dtype=np.float64)
    for name in sorted(now.covered):
        covered = now.covered[name]
        open_point = np.where(covered, now.short_share.get(name, np.float32(0.0)), 1.0)
        people = np.bincount(now.zone_of_point, now.point_people, minlength=len(now.homes))
        unserved = np.bincount(now.zone_of_point, now.point_people * open_point, minlength=len(now.homes))
        open_zone = np.divide(unserved, people, out=np.ones(len(people)), where=people > 0)
        mine = (technology == name)[owner]
        at_point = mine & (point >= 0)
        result[at_point] = open_point[point[at_point]]
        whole = mine & (point < 0)
        result[whole] = open_zone[zone[whole]]
    return result
