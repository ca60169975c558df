"""Values of service at points: residents and roads that radio serves.

What a row of service is worth depends on its point, on the technology and on which wanted rates its
peak reaches. So it is worked out once for each of these, and a row looks it up: a point is in the
service of many sites.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.planning.offers import NEVER_FULL, OF_HOMES, Block, Land, Offers, anything, micro
from sim.planning.situation import Situation
from sim.planning.wants import Want
from sim.planning.weights import Weights
from sim.tables.layers import ROAD_GROUPS, ZONE_KINDS
from sim.tables.plan import MOBILE, USES


def point_blocks(
    offers: Offers, wants: Sequence[Want], now: Situation, land: Land, weights: Weights
) -> Iterator[Block]:
    """Yield the values of rows at points, a block for each use, technology and share of the base worth."""
    at_point = np.flatnonzero(offers.point >= 0)
    if len(at_point) == 0:
        return
    shares = len(offers.shares)
    sort = (offers.use * len(offers.names) + offers.technology) * shares + offers.share
    present = np.flatnonzero(np.bincount(sort))
    place = np.full(int(sort.max()) + 1, -1, dtype=np.int16)
    place[present] = np.arange(len(present))
    sort_of_row = place[sort][offers.owner[at_point]]
    for number, code in enumerate(present.tolist()):
        mine = at_point[sort_of_row == number]
        if len(mine):
            use, technology = divmod(code // shares, len(offers.names))
            table = _Table(USES[use], offers.names[technology], offers.shares[code % shares], now)
            table.weigh(wants, land, weights)
            yield table.block(offers, mine)


@dataclass(eq=False)
class _Table:
    """What serving each point is worth to a use by a technology: P points, L levels of rate."""

    use: str
    technology: str
    share: float
    """What a home or person counts beside targets, 0..1."""
    now: Situation

    def __post_init__(self) -> None:
        """Work out what is newly served at each point."""
        now = self.now
        nothing = np.zeros(len(now.zone_of_point), dtype=bool)
        self.full = nothing if self.use in NEVER_FULL else now.served((self.technology,))
        self.amount = (now.point_homes if self.use in OF_HOMES else now.point_people).astype(np.float64)
        self.road = nothing
        if self.use == MOBILE and now.roads is not None:
            self.road = now.roads.km > 0
            self.amount = np.where(self.road, now.roads.km, self.amount)
        self.gained = np.where(self.full, 0.0, self.amount)

    def weigh(self, wants: Sequence[Want], land: Land, weights: Weights) -> None:
        """Work out the parts of the worth of each point, the points of each level of rate in turn."""
        now, use = self.now, self.use
        mine = [want for want in wants if want.use == use and want.met_by(use, self.technology)]
        self.rates = np.unique(np.array([want.wanted_mbps for want in mine if want.wanted_mbps > 0]))
        targets = np.zeros((len(self.rates) + 1, len(self.gained)))
        kinds = land.kind[now.zone_of_point]
        for want in mine:
            level = int(np.searchsorted(self.rates, want.wanted_mbps, side="right"))
            targets[level:] += want.weight * self._wanted(want, kinds)
        each = np.where(self.road, weights.road_km, weights.base.get(use, 0.0) * self.share)
        base = self.gained * each
        equity = (base + targets) * land.equity[now.zone_of_point]
        revenue = np.where(self.road, 0.0, self.gained * (weights.revenue.get(use, 0.0) * self.share))
        if use in now.paying:
            revenue *= now.paying[use][now.zone_of_point]
        self.parts = [
            micro(np.broadcast_to(part, targets.shape).reshape(-1)) if part.any() else None
            for part in (base, targets, equity, revenue)
        ]
        self.newly = micro(self.gained)

    def _wanted(self, want: Want, kinds: NDArray[np.int8]) -> NDArray[np.float64]:
        """Persons, homes or kilometres at each point that a need asks for and that lack it."""
        now = self.now
        if want.kind in ROAD_GROUPS:
            if now.roads is None:
                return np.zeros(len(self.gained))
            return np.where(self.road & now.roads.wanting(want.kind, want.enough), self.gained, 0.0)
        # someone else's network may meet the need at this point, though this technology is not there
        met = self.full if self.use in NEVER_FULL else now.met((self.technology, *want.counts))
        return np.where(met | self.road | (kinds != ZONE_KINDS.index(want.kind)), 0.0, self.amount)

    def block(self, offers: Offers, mine: NDArray[np.int64]) -> Block:
        """Return the rows of this use and technology that serve anybody or are worth anything."""
        now, point = self.now, offers.point[mine]
        first = USES.index(self.use) * (now.zones + len(now.zone_of_point)) + now.zones
        if len(self.rates):  # points of each level after one another
            level = np.searchsorted(self.rates, offers.peak[mine], side="right")
            at = level * len(self.newly) + point
        else:
            at = point
        kept = np.flatnonzero(anything(np.tile(self.newly, len(self.rates) + 1), self.parts)[at])
        mine, at, point = mine[kept], at[kept], point[kept]
        parts = tuple(None if part is None else part[at] for part in self.parts)
        return Block(offers.owner[mine], first + point, parts, self.newly[point], self.road[point])
