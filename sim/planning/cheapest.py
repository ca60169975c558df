"""What a stated number of units costs at little more than the least: the cheapest candidates first.

The full search for least cost (``sim.planning.cover``) weighs every candidate again after each choice. Here
all are ranked once, by what each would bring alone for its price, and taken in that order until enough is
brought; what is taken is then priced as it would be built, every shared asset once. So the price is one for
which the units can be had, and no bound: a better choice may cost less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.planning.problem import edges_of, ratio
from sim.planning.projects import Links
from sim.planning.worth import per_candidate

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Stock:
    """Candidates with prices, N candidates and A assets."""

    id_rank: Ints
    """Place of each identifier in alphabetical order, shape (N,)."""
    own_fen: Ints
    """Own price, shape (N,) [fen]."""
    asset_fen: Ints
    """Price of each asset, 0 where it is bought, shape (A,) [fen]."""
    links: Links
    """Requirements that are not met yet, and shared assets."""
    open: NDArray[np.bool_]
    """Candidates that may be built, shape (N,)."""

    def price(self, rows: Ints) -> tuple[int, Ints]:
        """Return what candidates cost with all they require [fen], and the rows of all of these."""
        every = np.unique(
            np.concatenate((rows, _neighbours(self.links.ancestors.starts, self.links.ancestors.to, rows)))
        )
        assets = np.unique(_neighbours(self.links.assets.starts, self.links.assets.to, every))
        return int(self.own_fen[every].sum() + self.asset_fen[assets].sum()), every

    def apparent(self, useful: NDArray[np.bool_], *, shared: bool) -> Ints:
        """Return the price at which each candidate is ranked, shape (N,) [fen].

        It holds all that a candidate requires; ``shared`` divides the price of an asset, and of what is
        required, among all useful candidates that need it.
        """
        links, count = self.links, len(self.own_fen)
        asset, above = self.asset_fen, self.own_fen
        left = np.repeat(np.arange(count), np.diff(links.ancestors.starts))
        if shared:
            users = np.bincount(links.right, useful[links.left], minlength=len(asset))
            asset = (asset / np.maximum(users, 1)).astype(np.int64)
            needing = np.bincount(links.ancestors.to, useful[left], minlength=count)
            above = (above / np.maximum(needing + useful, 1)).astype(np.int64)
        price = self.own_fen.astype(np.float64)
        price += np.bincount(links.left, asset[links.right], minlength=count)
        price += np.bincount(left, above[links.ancestors.to], minlength=count)
        return price.astype(np.int64)


def _neighbours(starts: list[int], to: Ints, rows: Ints) -> Ints:
    return to[edges_of(np.array(starts, dtype=np.int64), rows)]


@dataclass(frozen=True, eq=False)
class Brought:
    """What each of N candidates brings, key by key; a set brings the best of each key."""

    starts: Ints
    """First entry of each candidate and the end, shape (N + 1,)."""
    key: Ints
    value: Ints
    """Units, in millionths."""

    def beside(self, had: Ints) -> Brought:
        """Return what is brought beyond what is had at each key, shape (K,)."""
        return Brought(self.starts, self.key, np.maximum(self.value - had[self.key], 0))

    def best(self, rows: Ints, keys: int) -> Ints:
        """Return the best that rows bring to each of so many keys, shape (K,)."""
        found = np.zeros(keys, dtype=np.int64)
        edges = edges_of(self.starts, rows)
        np.maximum.at(found, self.key[edges], self.value[edges])
        return found

    def added(self, order: Ints) -> Ints:
        """Return what each row of an order adds to all before it, in that order."""
        edges = edges_of(self.starts, order)
        sizes = self.starts[order + 1] - self.starts[order]
        turn = np.repeat(np.arange(len(order)), sizes)
        key, value = self.key[edges], self.value[edges]
        by_key = np.lexsort((turn, key))
        group = np.cumsum(np.diff(key[by_key], prepend=key[by_key][:1]) != 0)
        lift = group * (int(value.max(initial=0)) + 1)
        top = np.maximum.accumulate(value[by_key] + lift)
        before = np.concatenate((np.zeros(1, dtype=np.int64), top[:-1])) - lift
        gain = np.maximum(value[by_key] - np.maximum(before, 0), 0)
        return np.bincount(turn[by_key], gain, minlength=len(order)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Bought:
    """What units were had for."""

    price_fen: int
    rows: tuple[int, ...]
    """Candidates built, with those that they require."""


def cheapest(stock: Stock, brought: Brought, wanted: int) -> Bought | None:
    """Return a set of candidates that brings so many units (millionths), none where all bring fewer.

    Candidates are ranked at each price of assets: whole, and shared; the cheaper outcome counts.
    """
    alone = per_candidate(brought.value, brought.starts)
    useful = stock.open & (alone > 0)
    rows = np.flatnonzero(useful)
    found = []
    for shared in (False, True):
        price = stock.apparent(useful, shared=shared)
        order = rows[np.lexsort((stock.id_rank[rows], -ratio(alone[rows], price[rows])))]
        added = brought.added(order)
        total = np.cumsum(added)
        if wanted > 0 and (not len(total) or total[-1] < wanted):
            return None
        last = int(np.searchsorted(total, wanted)) + 1 if wanted > 0 else 0
        taken = order[:last][added[:last] > 0]
        fen, every = stock.price(taken)
        found.append(Bought(fen, tuple(every.tolist())))
    return min(found, key=lambda one: (one.price_fen, one.rows))
