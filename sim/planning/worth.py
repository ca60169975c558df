"""What a candidate is worth: homes, persons and roads newly served, weighted by what is wanted.

The worth of a set of projects is a sum over homes, points and stretches of road of the best value
that any project of the set gives there, so nothing is counted twice however sites overlap; the marginal
worth of one more project is what it adds to that sum. Such a function is monotone and submodular: greedy
choice by marginal worth is the standard approach, and a stale worth is an upper bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.errors import PlanError
from sim.planning.weights import Weights, WorthOptions
from sim.tables.layers import ROAD_GROUPS, ZONE_KINDS
from sim.tables.plan import BEHIND_ACCESS, CAPACITY, FIXED, MOBILE, TELEVISION, TERMINALS, USES, WORTH_PARTS

if TYPE_CHECKING:
    import pandas as pd

    from sim.tables.plan import Proposal

__all__ = [
    "MICRO", "Roads", "Situation", "Values", "Weights", "WorthOptions", "per_candidate", "value_rows",
    "worth_of",
]  # fmt: skip

MICRO = 1_000_000
"""Worths are compared as integers of a millionth, so that sums do not depend on their order."""


@dataclass(frozen=True, eq=False)
class Roads:
    """The roads and railways that points stand for, P points; all zero where a point is none."""

    km: NDArray[np.float64]
    """Length, shape (P,) [km]."""
    kind: NDArray[np.object_]
    """Kind of each point, shape (P,)."""
    road_class: NDArray[np.int32]
    """Class, 1 the best, shape (P,)."""
    signal: NDArray[np.bool_]
    """Whether mobile broadband of any kind is there or under way, shape (P,)."""

    def group(self, name: str) -> NDArray[np.bool_]:
        """Return the points of a group of roads, shape (P,)."""
        kind, worst = ROAD_GROUPS[name]
        return np.asarray((self.kind == kind) & (self.road_class <= worst))

    def wanting(self, name: str, enough: float) -> NDArray[np.bool_]:
        """Return the points of a group without signal, shape (P,); none once ``enough`` of it has signal."""
        group = self.group(name)
        without = group & ~self.signal
        share = 1.0 - self.km[without].sum() / max(self.km[group].sum(), 1e-9)
        return without if round(float(share), 6) < enough else np.zeros_like(without)


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
    roads: Roads | None = None
    """Roads among the points; none without."""
    reach: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    """Share of each zone's homes that a technology can pass, shape (Z,); all where it is left out."""
    cable: int | None = None
    """Layer of ``fixed_mbps`` that is two-way cable; none without."""
    layers: tuple[str, ...] = ()
    """Technology of each layer of ``fixed_mbps``; empty: any layer counts for any need of lines."""
    poor: NDArray[np.bool_] | None = None
    """Zones in poor counties, shape (Z,); none without."""
    paying: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    """Share of each zone's homes (or residents) that would pay for a use, shape (Z,); all where left out."""


@dataclass(frozen=True, eq=False)
class Values:
    """What each row of service is worth where nothing else is chosen; rows sorted by candidate."""

    starts: NDArray[np.int64]
    """First row of each candidate and the end, shape (candidates + 1,)."""
    key: NDArray[np.int64]
    """Homes or point served, as one number a use and place."""
    value: NDArray[np.int64]
    """Worth in millionths."""
    parts: NDArray[np.int64]
    """What ``value`` is made of, in the order of ``WORTH_PARTS``: sums to it, shape (parts, rows)."""
    gained: NDArray[np.int64]
    """Homes or persons newly served, kilometres where ``road``; in millionths."""
    road: NDArray[np.bool_]
    """Whether the row serves a road or railway."""
    keys: int
    """How many keys there can be."""


@dataclass(frozen=True, eq=False)
class _Rows:
    """The rows of service that still have something to gain."""

    owner: NDArray[np.int64]
    use: NDArray[np.int8]
    kind: NDArray[np.int8]
    zone: NDArray[np.int64]
    point: NDArray[np.int64]
    peak: NDArray[np.float32]
    lacking: NDArray[np.float64]
    """Share of the homes or persons there that the row would newly serve."""
    offered: NDArray[np.float64]
    """Share of the homes there that the project has terminals for, 1 where it needs none."""

    @classmethod
    def of(cls, proposal: Proposal, now: Situation, kinds: NDArray[np.object_]) -> _Rows:
        """Return the rows that would newly serve somebody, in the order of the service table."""
        service, candidates, owner = proposal.service, proposal.candidates, proposal.service_owner
        if len(owner) and owner.min() < 0:
            raise PlanError(
                f"service names {service['project_id'].iloc[int(owner.argmin())]!r}, no candidate"
            )
        use = _codes(candidates["use"].to_numpy(dtype=object), USES)[owner]
        zone = service["zone"].to_numpy().astype(np.int64)
        point = service["point"].to_numpy().astype(np.int64)
        peak = service["peak_mbps"].to_numpy()
        lacking = _open_shares(now, candidates["technology"].to_numpy(dtype=object)[owner], zone, point)
        for name in (CAPACITY, *BEHIND_ACCESS):  # what is full covers, and serves nobody well
            lacking[use == USES.index(name)] = 1.0
        offered = _offered(candidates, now)[owner]
        for name in (FIXED, TELEVISION):
            mine = np.flatnonzero(use == USES.index(name))
            lacking[mine] = _newly(now, name, zone[mine], peak[mine], offered[mine])
        keep = np.flatnonzero(lacking > 0)
        zone = zone[keep]
        kind = _codes(kinds, ZONE_KINDS)[zone]
        return cls(owner[keep], use[keep], kind, zone, point[keep], peak[keep], lacking[keep], offered[keep])

    def amount(self, now: Situation) -> NDArray[np.float64]:
        """Return the homes (fixed lines and what is behind them) or residents of each row's point or zone."""
        at_point = self.point >= 0
        point = np.where(at_point, self.point, 0)
        people, homes = (
            np.where(at_point, by_point[point], by_zone[self.zone]) if at_point.any() else by_zone[self.zone]
            for by_point, by_zone in ((now.point_people, now.population), (now.point_homes, now.homes))
        )
        of_homes = np.isin(self.use, [USES.index(name) for name in (FIXED, TELEVISION, *BEHIND_ACCESS)])
        return np.where(of_homes, homes, people).astype(np.float64)


def value_rows(
    proposal: Proposal,
    needs: pd.DataFrame,
    now: Situation,
    kinds: NDArray[np.object_],
    weights: Weights,
    open_rows: NDArray[np.bool_] | None = None,
) -> Values:
    """Return the value of every row of service that has one, given what stands.

    A home counts for a need when the project's rate reaches the wanted rate and no standing rate
    does; a point counts where the technology does not serve it yet. The base weight counts homes
    whose rate rises and persons newly served. A road counts by its length and for mobile alone: for its
    base worth where the technology does not serve it yet, for a need where no mobile broadband does and as
    long as less than the share that the need asks for has it.
    """
    rows = _Rows.of(proposal, now, kinds)
    amount = rows.amount(now)
    gained = amount * rows.lacking
    worth = np.array([weights.base.get(name, 0.0) for name in USES])[rows.use] * gained
    technology = proposal.candidates["technology"].to_numpy(dtype=object)[rows.owner]
    build = proposal.candidates["build"].to_numpy(dtype=object)[rows.owner]
    for name, share in weights.technology_share.items():
        worth[(technology == name) | (build == name)] *= share
    for (use, kind), wanted_here in _open_needs(needs, now.month, weights.late_share).items():
        if kind not in ZONE_KINDS:
            continue
        here = np.flatnonzero((rows.use == USES.index(use)) & (rows.kind == ZONE_KINDS.index(kind)))
        for wanted, weight, _ in wanted_here:
            fit = here[rows.peak[here] >= wanted]
            if use in (FIXED, TELEVISION):
                rate = np.full(len(fit), wanted, dtype=np.float32)
                worth[fit] += weight * amount[fit] * _newly(now, use, rows.zone[fit], rate, rows.offered[fit])
            else:
                worth[fit] += weight * gained[fit]
    road, length, road_worth = _road_values(rows, needs, now, weights)
    gained[road], worth[road] = length, road_worth
    places = len(now.homes) + len(now.zone_of_point)
    key = rows.use * np.int64(places) + np.where(rows.point >= 0, len(now.homes) + rows.point, rows.zone)
    order = np.argsort(rows.owner, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(rows.owner, minlength=len(proposal.candidates)))))
    value, newly = (np.rint(column * MICRO).astype(np.int64)[order] for column in (worth, gained))
    on_road = np.zeros(len(order), dtype=bool)
    on_road[road] = True
    parts = np.zeros((len(WORTH_PARTS), len(order)), dtype=np.int64)
    parts[0] = value
    return Values(starts, key[order], value, parts, newly, on_road[order], places * len(USES))


def _road_values(
    rows: _Rows, needs: pd.DataFrame, now: Situation, weights: Weights
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the rows that serve a road by mobile, the kilometres newly served, and their worth."""
    if now.roads is None:
        return np.empty(0, dtype=np.int64), np.empty(0), np.empty(0)
    mobile = np.flatnonzero((rows.use == USES.index(MOBILE)) & (rows.point >= 0))
    here = mobile[now.roads.km[rows.point[mobile]] > 0]
    point = rows.point[here]
    length = now.roads.km[point] * rows.lacking[here]
    worth = length * weights.road_km
    for (use, group), wanted_here in _open_needs(needs, now.month, weights.late_share).items():
        if use == MOBILE and group in ROAD_GROUPS:
            for wanted, weight, enough in wanted_here:
                wanting = now.roads.wanting(group, enough)[point]
                worth += weight * length * (wanting & (rows.peak[here] >= wanted))
    return here, length, worth


def worth_of(
    proposal: Proposal,
    needs: pd.DataFrame,
    situation: Situation,
    kinds: NDArray[np.object_],
    weights: Weights,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each candidate's worth, and the homes or persons it would newly serve, taken alone."""
    values = value_rows(proposal, needs, situation, kinds, weights)
    worth, gained = (
        per_candidate(rows, values.starts) / MICRO for rows in (values.value, values.gained * ~values.road)
    )
    return worth, gained


def per_candidate(rows: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sum of the rows of each candidate; integers, so exact."""
    total = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(rows)))
    return total[starts[1:]] - total[starts[:-1]]


def _open_needs(
    needs: pd.DataFrame, month: int, late_share: float
) -> dict[tuple[str, str], list[tuple[np.float32, float, float]]]:
    """Wanted rate, weight and share that is enough of each need as of this month, by use and kind."""
    weight = needs["weight"].to_numpy(dtype=np.float64)
    weight = np.where(needs["due_month"].to_numpy() >= month, weight, weight * late_share)
    wanted = needs["wanted_mbps"].to_numpy(dtype=np.float32)
    # a share that targets state in two digits must not fail by the last bit of a float32
    enough = np.round(needs["enough"].to_numpy(dtype=np.float64), 6).tolist()
    result: dict[tuple[str, str], list[tuple[np.float32, float, float]]] = {}
    rows = zip(needs["use"], needs["kind"], wanted, weight.tolist(), enough, strict=True)
    for use, kind, rate, worth, share in rows:
        result.setdefault((use, kind), []).append((rate, worth, share))
    return result


def _codes(names: NDArray[np.object_], known: tuple[str, ...]) -> NDArray[np.int8]:
    """Place of each name among the known ones."""
    result = np.zeros(len(names), dtype=np.int8)
    for code, name in enumerate(known):
        result[names == name] = code
    return result


def _newly(
    now: Situation, use: str, zone: NDArray[np.int64], mbps: NDArray[np.float32], offered: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Share of each row's homes that a project newly gives a rate, of the share it is offered to.

    Any line counts for fixed access; for television nothing but cable does, and a home that has it is
    among those to whom it is offered.
    """
    if use == FIXED:
        return np.minimum(_lacking(now, zone, mbps), offered)
    if now.cable is None:
        return offered
    rate, share = np.atleast_2d(now.fixed_mbps)[now.cable], np.atleast_2d(now.fixed_share)[now.cable]
    having = np.where((rate[zone] >= mbps) & (rate[zone] > 0), share[zone], 0.0)
    return np.clip(offered - having, 0.0, 1.0)


def _lacking(now: Situation, zone: NDArray[np.int64], mbps: NDArray[np.float32]) -> NDArray[np.float64]:
    """Share of each row's homes that cannot order this rate yet; technologies nest on the same homes."""
    having = np.zeros(len(zone), dtype=np.float64)
    for rate, share in zip(np.atleast_2d(now.fixed_mbps), np.atleast_2d(now.fixed_share), strict=True):
        here = rate[zone]
        np.maximum(having, np.where((here >= mbps) & (here > 0), share[zone], 0.0), out=having)
    return np.clip(1.0 - having, 0.0, 1.0)


def _offered(candidates: pd.DataFrame, now: Situation) -> NDArray[np.float64]:
    """Share of its zone's homes that each candidate has terminals for or can pass, else 1."""
    zone = candidates["zone"].to_numpy()
    part = np.minimum(candidates["quantity"].to_numpy() / np.maximum(now.homes[zone], 1), 1.0)
    offered = np.where((candidates["build"] == TERMINALS).to_numpy(), part, 1.0)
    technology = candidates["technology"].to_numpy(dtype=object)
    for name, reach in now.reach.items():
        mine = technology == name
        offered[mine] = np.minimum(offered[mine], reach[zone[mine]])
    return offered


def _open_shares(
    now: Situation, technology: NDArray[np.object_], zone: NDArray[np.int64], point: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Share of each row's people that its technology does not serve yet."""
    result = np.ones(len(zone), dtype=np.float64)
    people = np.bincount(now.zone_of_point, now.point_people, minlength=len(now.homes))
    for name in sorted(now.covered):
        mine = np.flatnonzero(technology == name)
        open_point = np.where(now.covered[name], 0.0, 1.0)
        at_point = mine[point[mine] >= 0]
        result[at_point] = open_point[point[at_point]]
        whole = mine[point[mine] < 0]
        if len(whole):
            unserved = np.bincount(now.zone_of_point, now.point_people * open_point, minlength=len(now.homes))
            share = np.divide(unserved, people, out=np.ones(len(people)), where=people > 0)
            result[whole] = share[zone[whole]]
    return result
