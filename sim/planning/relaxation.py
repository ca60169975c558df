"""What a choice could be worth at most if pots sold money at a price: the relaxation behind the bound.

Every pot q asks a price for a fen, every contested key k (homes or points that several candidates would
serve) a claim. A candidate then earns what it is worth above the claims less what it costs by its
cheapest way of paying. What several need (an asset, or a required project that earns nothing itself) is
paid by those that need it, out of what they earn; each gives no more than it has, and nothing is paid
more than it costs. For any prices, claims and payments that keep this

    sum_q price_q funds_q + sum_k claim_k + sum_j earned_j left over

is at least the worth of every choice that the money allows: a choice pays for whatever it needs, so it
earns no more than is left over.

References
----------
A. M. Geoffrion, Lagrangean relaxation for integer programming, Mathematical Programming Study 2, 1974.
D. Erlenkotter, A dual-based procedure for uncapacitated facility location, Operations Research 26, 1978
(claims). J.-C. Picard, Maximal closure of a graph and applications to combinatorial problems, Management
Science 22, 1976 (payments for what is needed together are flows).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.planning.problem import Problem, Way

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_DEEPEST = 200
"""Needs that build on more than so many others are not charged, which only loosens the bound."""

_NOTHING = 1e-9
"""Share of what is earned that is nothing."""
_JOINING = 2
"""How often it is asked who joins those that joined before."""


@dataclass(frozen=True, eq=False)
class Round:
    """One evaluation of the relaxation: N candidates, W ways of paying, K contested keys."""

    bound: float
    """No choice is worth more [millionths]."""
    earning: NDArray[np.bool_]
    """Candidates that keep something after all payments, shape (N,)."""
    joined: NDArray[np.bool_]
    """Those and whoever pays for something that they need, shape (N,)."""
    wanted: NDArray[np.bool_]
    """Those and whatever they require, shape (N,)."""
    gain: Floats
    """Worth of each candidate above the claims, shape (N,) [millionths]."""
    cost: Floats
    """What it costs at the pots' prices, with its payments for what several need, shape (N,) [millionths]."""
    rate: Floats
    """What a fen costs each candidate by its cheapest way, shape (N,) [millionths per fen]."""
    spent_fen: Floats
    """Price of all that is wanted, by the ways that may pay as bits, shape (2 ** W,) [fen]."""
    served: Rows
    """How many of the wanted serve each contested key above its claim, shape (K,)."""


class Relaxation:
    """The arrays of a problem, made once, and their evaluation at prices, claims and weights."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.open = ~problem.shut
        self.count, self.assets = problem.count, len(problem.asset_fen)
        self._take_values()
        self._take_prices()
        self._take_needs()
        self._take_groups()

    # -- made once ----------------------------------------------------------------------------

    def _take_values(self) -> None:
        """Part what one candidate alone serves from keys that several contest."""
        values = self.problem.values
        owner = np.repeat(np.arange(self.count), np.diff(values.starts))
        counts = self.open[owner] & (values.value > 0)
        users = np.bincount(values.key[counts], minlength=values.keys)
        contested = counts & (users[values.key] > 1)
        value = values.value.astype(np.float64)
        self.alone = np.bincount(owner, np.where(counts & ~contested, value, 0.0), minlength=self.count)
        edges = np.flatnonzero(contested)
        number = np.cumsum(users > 1) - 1
        self.keys = int((users > 1).sum())
        self.by, self.key, self.value = owner[edges], number[values.key[edges]], value[edges]
        self.most = np.zeros(self.keys)
        np.maximum.at(self.most, self.key, self.value)
        self.everything = float(self.alone.sum() + self.most.sum())

    def _take_prices(self) -> None:
        """Price candidates with the assets that only they need, and sort who needs the others by asset."""
        problem, links = self.problem, self.problem.links
        owner = np.repeat(np.arange(self.count), np.diff(links.assets.starts))
        used = self.open[owner] & ~problem.bought[links.assets.to]
        by, need = owner[used], links.assets.to[used]
        sharers = np.bincount(need, minlength=self.assets)
        lone = sharers[need] == 1
        asset_fen = problem.asset_fen.astype(np.float64)
        extra = np.bincount(by[lone], asset_fen[need[lone]], minlength=self.count)
        self.own_fen = problem.own_fen + extra
        self.shared = sharers > 1
        self.asset_fen = np.where(self.shared, asset_fen, 0.0)
        by, need = by[~lone], need[~lone]
        order = np.lexsort((by, need))
        self.sharer, self.share_of = by[order], need[order]
        self.share_starts = np.flatnonzero(np.diff(self.share_of, prepend=-1))
        self.share_sizes = np.diff(self.share_starts, append=len(order))
        self.may = problem.may & self.open
        self.matched = [self._matched(way) for way in problem.ways]

    def _matched(self, way: Way) -> Floats:
        """Return what a way's matching pot pays of each candidate's price, shape (N,) [fen]."""
        if way.matching < 0:
            return np.zeros(self.count)
        part = way.share * (self.own_fen + way.opex_years * self.problem.opex_fen)
        return np.asarray(np.minimum(self.own_fen, np.rint(part)))

    def _take_needs(self) -> None:
        """Order what several need so that each is paid after all that fewer need.

        A need is a shared asset (its number) or a required candidate (its row behind the assets).
        """
        links, problem = self.problem.links, self.problem
        kept = self.open[links.left] & self.shared[links.right] & ~problem.bought[links.right]
        above = np.repeat(np.arange(self.count), np.diff(links.ancestors.starts))
        real = self.open[above]
        by = np.concatenate((links.left[kept], above[real]))
        need = np.concatenate((links.right[kept], self.assets + links.ancestors.to[real]))
        width = self.assets + self.count
        order = np.lexsort((need, np.bincount(need, minlength=width)[need], by))
        by, need = by[order], need[order]
        level = _levels(by, need, width)[need]
        order = np.lexsort((need, level))
        order = order[level[order] < _DEEPEST]
        by, need, level = by[order], need[order], level[order]
        self.levels = []
        cuts = np.searchsorted(level, np.arange(level[-1] + 2)) if len(level) else np.zeros(1, dtype=int)
        for first, end in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
            these, starts, sizes = np.unique(need[first:end], return_index=True, return_counts=True)
            self.levels.append((by[first:end], these, starts, sizes))
        self.need_by, self.need = by, need

    def _take_groups(self) -> None:
        """Number who may pay by the set of ways; a set is written as bits."""
        ways = self.problem.ways
        power = 1 << np.arange(len(ways), dtype=np.int64)
        self.bits: Rows = power @ self.may.astype(np.int64)
        self.part = np.zeros(len(ways))
        for number, way in enumerate(ways):
            if way.matching >= 0:
                mine = self.may[number]
                fen = float(self.own_fen[mine].sum())
                self.part[number] = self.matched[number][mine].sum() / fen if fen else way.share

    def asset_bits(self, buyer: NDArray[np.bool_]) -> Rows:
        """Return the ways by which the buyers of each asset may pay, as bits, shape (A,)."""
        bits = np.zeros(self.assets, dtype=np.int64)
        if len(self.sharer):
            each = np.where(buyer, self.bits[self.sharer], 0)
            bits[self.share_of[self.share_starts]] = np.bitwise_or.reduceat(each, self.share_starts)
        return bits

    def buyers(self, wanted: NDArray[np.bool_], buyer: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return who is taken to buy each asset: those of its sharers that are wanted, if any are."""
        if not len(self.sharer):
            return buyer
        mine = wanted[self.sharer]
        some = np.repeat(np.logical_or.reduceat(mine, self.share_starts), self.share_sizes)
        return np.where(some, mine, buyer)

    # -- evaluated ----------------------------------------------------------------------------

    def cheapest(self, price: Floats, buyer: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
        """Return the least cost of candidates and assets, and of one fen more of each candidate [millionths].

        A shared asset costs what its buyers would pay; whoever could buy it for less gets the difference
        off, which is at least what a choice with him could save.
        """
        cost, rate = np.full(self.count, np.inf), np.full(self.count, np.inf)
        for number, way in enumerate(self.problem.ways):
            each: Floats = self.own_fen * price[way.pot]
            fen: Floats | float = float(price[way.pot])
            if way.matching >= 0:
                gap = float(price[way.matching] - price[way.pot])
                whole = self.matched[number] >= self.own_fen
                # the matching part is rounded to whole fen, with assets and without
                each = np.maximum(each + gap * self.matched[number] - 2.0 * abs(gap), 0.0)
                fen = fen + gap * (np.where(whole, 1.0, way.share) if gap < 0 else way.share)
            np.minimum(cost, np.where(self.may[number], each, np.inf), out=cost)
            np.minimum(rate, np.where(self.may[number], fen, np.inf), out=rate)
        cost = np.where(self.open, cost, 0.0)
        asset_rate = np.zeros(self.assets)
        if len(self.sharer):
            each = rate[self.sharer]
            least = np.minimum.reduceat(np.where(buyer, each, np.inf), self.share_starts)
            asset_rate[self.share_of[self.share_starts]] = least
            off = np.maximum(np.repeat(least, self.share_sizes) - each, 0.0) * self.asset_fen[self.share_of]
            cost = cost - np.bincount(self.sharer, off, minlength=self.count)
        return cost, asset_rate * self.asset_fen, rate

    def at(self, price: Floats, claim: Floats, weight: Floats, buyer: NDArray[np.bool_]) -> Round:
        """Return the bound at prices of pots (Q,), claims (K,), weights of payments (N,), buyers of assets.

        ``buyer`` says which of the sharers of each asset are taken to buy it, at least one of each.
        """
        over = np.maximum(self.value - claim[self.key], 0.0)
        gain = self.alone + np.bincount(self.by, over, minlength=self.count)
        cost, asset_cost, rate = self.cheapest(price, buyer)
        profit = np.where(self.open, gain - cost, 0.0)
        earned = np.maximum(profit, 0.0)
        left, pays, short = self._pay(earned, np.concatenate((asset_cost, np.maximum(-profit, 0.0))), weight)
        # what is left by rounding alone is nothing
        earning = left > _NOTHING * earned
        joined, needed = self._joined(earning, pays, short)
        wanted = joined | needed[self.assets :]
        bought = needed[: self.assets]
        bought[self.share_of[wanted[self.sharer]]] = True
        bits = np.concatenate((self.bits, self.asset_bits(buyer)))
        fen = np.concatenate((self.own_fen * wanted, self.asset_fen * bought))
        return Round(
            bound=float(price @ self.problem.funds + claim.sum() + left.sum()),
            earning=earning,
            joined=joined,
            wanted=wanted,
            gain=np.asarray(gain, dtype=np.float64),
            cost=cost + earned - left,
            rate=rate,
            spent_fen=np.asarray(
                np.bincount(bits, fen, minlength=1 << len(self.problem.ways)), dtype=np.float64
            ),
            served=np.bincount(self.key[wanted[self.by] & (over > 0)], minlength=self.keys),
        )

    def _joined(
        self, earning: NDArray[np.bool_], pays: NDArray[np.bool_], short: NDArray[np.bool_]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return who joins those that keep something since he pays for what they need, and what is needed.

        What one keeps could be paid instead of what another paid for the same thing: together they earn.
        """
        joined = earning.copy()
        sated = np.bincount(self.need_by, short, minlength=self.count) == 0
        needed = np.zeros(self.assets + self.count, dtype=bool)
        for _ in range(_JOINING):
            before = int(np.count_nonzero(joined))
            needed[self.need[joined[self.need_by]]] = True
            joined[self.need_by[pays & needed[self.need]]] = True
            joined &= sated
            if int(np.count_nonzero(joined)) == before:
                break
        needed[self.need[joined[self.need_by]]] = True
        return joined, needed

    def _pay(
        self, earned: Floats, due: Floats, weight: Floats
    ) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
        """Return what candidates keep after they have paid for what they need, (N,), and who pays for what.

        Within a level nobody needs two things; what is due is split by what each has left times its
        weight, and then what lacks by what each has left.
        """
        left = earned.copy()
        pays, short = np.zeros((2, len(self.need)), dtype=bool)
        first = 0
        for by, need, starts, sizes in self.levels:
            has = left[by]
            want = has * weight[by]
            paid = np.minimum(has, want * np.repeat(_share(due[need], np.add.reduceat(want, starts)), sizes))
            lacks = np.maximum(due[need] - np.add.reduceat(paid, starts), 0.0)
            rest = has - paid
            offered = np.add.reduceat(rest, starts)
            more = np.minimum(_share(lacks, offered), 1.0)
            rest = rest * (1.0 - np.repeat(more, sizes))
            left[by] = rest
            pays[first : first + len(by)] = has - rest > _NOTHING * earned[by]
            short[first : first + len(by)] = np.repeat(lacks - offered > _NOTHING * due[need], sizes)
            first += len(by)
        return left, pays, short


def _share(due: Floats, offered: Floats) -> Floats:
    """Return what part of what is offered is due, zero where nothing is offered."""
    return np.divide(due, offered, out=np.zeros(len(due)), where=offered > 0)


def _levels(by: Rows, need: Rows, width: int) -> Rows:
    """Return the level of each need: above all that any candidate pays for before it, shape (width,)."""
    level = np.zeros(width, dtype=np.int64)
    same = np.flatnonzero(by[1:] == by[:-1])
    first, then = need[same], need[same + 1]
    for _ in range(_DEEPEST):
        rises = level[then] <= level[first]
        if not rises.any():
            break
        np.maximum.at(level, then[rises], level[first[rises]] + 1)
    return level
