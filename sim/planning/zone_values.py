"""Values of service to whole zones: lines to homes, television, and the network behind access."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.planning.offers import NEVER_FULL, OF_HOMES, Block, Land, Offers
from sim.planning.situation import Situation
from sim.planning.wants import Claim, Want, radio_of
from sim.planning.weights import Weights
from sim.tables.layers import ROAD_GROUPS, ZONE_KINDS
from sim.tables.plan import FIXED, MOBILE, TELEVISION, USES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def zone_block(offers: Offers, wants: Sequence[Want], now: Situation, land: Land, weights: Weights) -> Block:
    """Return the values of rows that serve whole zones, needs of lines apart (``line_blocks``)."""
    rows = np.flatnonzero(offers.point < 0)
    owner, zone, peak = offers.owner[rows], offers.zone[rows], offers.peak[rows]
    use = offers.use[owner]
    of_homes = np.isin(use, [USES.index(name) for name in OF_HOMES])
    amount = np.where(of_homes, now.homes[zone], now.population[zone]).astype(np.float64)
    gained = amount * _newly(offers, rows, now)
    base_of, revenue_of = (
        np.array([by_use.get(name, 0.0) for name in USES]) for by_use in (weights.base, weights.revenue)
    )
    share = np.array(offers.shares)[offers.share[owner]]
    base = base_of[use] * share * gained
    revenue = revenue_of[use] * share * gained
    for name, paying in sorted(now.paying.items()):
        revenue = np.where(use == USES.index(name), revenue * paying[zone], revenue)
    targets = np.zeros(len(rows))
    kinds = land.kind[zone]
    for want in wants:
        if want.use != FIXED and want.kind not in ROAD_GROUPS:
            meets = (
                (use == USES.index(want.use))
                & (kinds == ZONE_KINDS.index(want.kind))
                & offers.meeting(want)[owner]
            )
            fit = np.flatnonzero(meets & (peak >= want.wanted_mbps))
            if len(fit):
                newly = _newly_for(want, offers, rows[fit], now, weights)
                targets[fit] += want.weight * amount[fit] * newly
    equity = (base + targets) * land.equity[zone]
    key = use * (now.zones + len(now.zone_of_point)) + zone
    return Block.of_homes(owner, key, (base, targets, equity, revenue), gained)


def _newly(offers: Offers, rows: Ints, now: Situation) -> Floats:
    """Share of each row's homes or residents that it newly serves at its own rate."""
    owner, zone, peak = offers.owner[rows], offers.zone[rows], offers.peak[rows]
    newly = np.ones(len(rows))
    lines = np.flatnonzero(offers.of_use(FIXED)[owner])
    newly[lines] = np.minimum(now.lacking(zone[lines], peak[lines]), offers.offered[owner[lines]])
    cable = np.flatnonzero(offers.of_use(TELEVISION)[owner])
    newly[cable] = _newly_two_way(now, zone[cable], peak[cable], offers.offered[owner[cable]], 0.0)
    others = ~offers.of_use(FIXED, TELEVISION, *NEVER_FULL)[owner]
    for number in np.unique(offers.technology[owner[others]]).tolist():
        mine = np.flatnonzero(others & (offers.technology[owner] == number))
        served = now.share_of_people(now.served((offers.names[number],)))
        newly[mine] = 1.0 - served[zone[mine]]
    return newly


def _newly_for(want: Want, offers: Offers, rows: Ints, now: Situation, weights: Weights) -> Floats:
    """Share of each row's homes or residents that it newly serves with what a need asks for."""
    zone, owner = offers.zone[rows], offers.owner[rows]
    if want.use == TELEVISION:
        rate = np.full(len(rows), want.wanted_mbps, dtype=np.float32)
        return _newly_two_way(now, zone, rate, offers.offered[owner], weights.shortfall_share)
    if want.use in NEVER_FULL:
        return np.ones(len(rows))
    if want.counts:
        return 1.0 - now.share_of_people(now.met(want.counts))[zone]
    return _newly(offers, rows, now)


def _newly_two_way(
    now: Situation, zone: Ints, mbps: NDArray[np.float32], offered: Floats, shortfall_share: float
) -> Floats:
    """Share of homes that newly get a rate on two-way cable, whatever other lines do.

    A home that has it is among those to whom it is offered; one whose plant is slower counts less by
    the part of the rate that it has.
    """
    if now.cable is None:
        return offered
    rate, share = (layer[now.cable].astype(np.float64)[zone] for layer in now.line_layers())
    having = np.where((rate >= mbps) & (rate > 0), share, 0.0)
    slower = np.where((rate < mbps) & (rate > 0), np.minimum(share, offered), 0.0)
    has = np.divide(rate, mbps, out=np.zeros(len(zone)), where=mbps > 0)
    return np.asarray(np.clip(offered - having - shortfall_share * slower * has, 0.0, 1.0))


def line_groups(wants: Sequence[Want]) -> list[list[Want]]:
    """Return the needs of lines by what meets them, in the order of the table.

    Each group has keys of its own, one a zone: whatever meets the needs of a group competes there, be it
    fibre, cable or radio, and counts once.
    """
    groups: dict[tuple[str, ...], list[Want]] = {}
    for want in wants:
        if want.use == FIXED and want.kind not in ROAD_GROUPS:
            groups.setdefault(want.counts, []).append(want)
    return list(groups.values())


def line_blocks(
    offers: Offers, groups: Sequence[Sequence[Want]], now: Situation, land: Land, weights: Weights
) -> Iterator[Block]:
    """Yield what projects are worth to the needs of lines, a block for lines and one for radio a group."""
    first = len(USES) * (now.zones + len(now.zone_of_point))
    for number, group in enumerate(groups):
        claims: dict[tuple[float, float], Claim] = {}
        for want in group:
            about = (float(want.wanted_mbps), want.enough)
            if about not in claims:
                claims[about] = Claim.of(want, now, weights.shortfall_share)
        each = [(want, claims[float(want.wanted_mbps), want.enough]) for want in group]
        for owner, zone, worth in (_lines(offers, each, land), _radio(offers, each, now, land)):
            targets = worth * now.homes[zone]
            key = first + number * now.zones + zone
            nothing = np.zeros(len(owner))
            parts = (nothing, targets, targets * land.equity[zone], nothing)
            yield Block.of_homes(owner, key, parts)


def _lines(offers: Offers, each: Sequence[tuple[Want, Claim]], land: Land) -> tuple[Ints, Ints, Floats]:
    """Candidate, zone, and weighted share of the zone's homes of the lines that meet needs of one group."""
    may = offers.meeting(each[0][0]) & offers.of_use(FIXED, TELEVISION)
    rows = np.flatnonzero(may[offers.owner] & (offers.point < 0))
    owner, zone, peak = offers.owner[rows], offers.zone[rows], offers.peak[rows]
    worth, kinds = np.zeros(len(rows)), land.kind[zone]
    for want, claim in each:
        fit = np.flatnonzero((kinds == ZONE_KINDS.index(want.kind)) & (peak >= want.wanted_mbps))
        worth[fit] += want.weight * claim.newly(zone[fit], offers.offered[owner[fit]])
    return owner, zone, worth


def _radio(
    offers: Offers, each: Sequence[tuple[Want, Claim]], now: Situation, land: Land
) -> tuple[Ints, Ints, Floats]:
    """The same of radio that meets needs of one group: one row a candidate and zone.

    Of several sites in one zone the best counts, as their keys are the zone's.
    """
    may = offers.meeting(each[0][0]) & offers.of_use(MOBILE)
    wanted = np.isin(land.kind, [ZONE_KINDS.index(want.kind) for want, _ in each])
    lacking = np.any([claim.lacking > 0 for _, claim in each], axis=0) & wanted
    rows = np.flatnonzero(may[offers.owner]) if may.any() else np.empty(0, dtype=np.int64)
    rows = rows[lacking[offers.zone[rows]]]
    people = _new_people(offers, rows, now, each[0][0])
    rows, people = rows[people > 0], people[people > 0]
    pair, first = _pairs(offers.owner[rows] * np.int64(now.zones) + offers.zone[rows])
    owner, zone = offers.owner[rows[first]], offers.zone[rows[first]]
    worth, kinds, peak = np.zeros(len(first)), land.kind[zone], offers.peak[rows]
    for want, claim in each:
        there = np.bincount(pair, people * (peak >= want.wanted_mbps), minlength=len(first))
        covered = there / np.maximum(now.people[zone], 1.0)
        newly = np.where(covered > 0, claim.newly_by_radio(zone, covered, want.enough), 0.0)
        worth += np.where(kinds == ZONE_KINDS.index(want.kind), want.weight * newly, 0.0)
    return owner, zone, worth


def _new_people(offers: Offers, rows: Ints, now: Situation, want: Want) -> Floats:
    """Residents of each row whom no radio that meets a need serves yet."""
    served = now.met(radio_of(want, now))
    at_point = np.where(served, 0, now.point_people)
    people = at_point[offers.point[rows]].astype(np.float64)
    whole = np.flatnonzero(offers.point[rows] < 0)
    if len(whole):
        in_zone = np.bincount(now.zone_of_point, at_point, minlength=now.zones)
        people[whole] = in_zone[offers.zone[rows[whole]]]
    return people


def _pairs(code: Ints) -> tuple[Ints, Ints]:
    """Return the number of each row's code among the different ones, and the first row of each."""
    if len(code) and np.all(code[1:] >= code[:-1]):
        new = np.concatenate(([True], code[1:] != code[:-1]))
        return np.cumsum(new) - 1, np.flatnonzero(new)
    _, first, pair = np.unique(code, return_index=True, return_inverse=True)
    return pair.reshape(-1), first
