"""Prices at which the pots sell out, from what candidates would spend at any price of a fen."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.planning.relaxation import Floats, Relaxation

_FACTORS = tuple(1.004 ** (k * abs(k)) for k in range(20, -21, -1))
"""Multiples of the middle price at which spending is estimated, from 5 to 1/5, closest in the middle."""
_MORE = 1.5
"""What a fen is thought worth to a group that buys all there is, as a multiple of its price."""
_DIGITS = 6
"""Prices are rounded to so many digits, so that the last bit of a machine decides nothing."""


class Market:
    """What each group would spend at which price: a group is the set of ways that may pay, as bits.

    At first whatever brings more worth per fen than a fen costs is bought; each round of the relaxation
    says what was really spent, and the group's curve is shifted until it agrees.
    """

    def __init__(self, relaxation: Relaxation) -> None:
        self.relaxation, self.problem = relaxation, relaxation.problem
        everyone = np.ones(len(relaxation.sharer), dtype=bool)
        bits = np.concatenate((relaxation.bits, relaxation.asset_bits(everyone)))
        fen = np.concatenate((relaxation.own_fen * relaxation.open, relaxation.asset_fen))
        density = self._densities()
        order = np.argsort(-density, kind="stable")
        order = order[(fen[order] > 0) & (bits[order] > 0)]
        density, fen, bits = density[order], fen[order], bits[order]
        self.all = density, np.cumsum(fen)
        self.curves = {
            group: (density[bits == group], np.cumsum(fen[bits == group]))
            for group in np.unique(bits).tolist()
        }
        self.shift = dict.fromkeys(self.curves, 1.0)
        self.scale = dict.fromkeys(self.curves, 1.0)
        self.middle = {group: self._first_price(group) for group in self.curves}

    def _first_price(self, group: int) -> float:
        """Return what a fen costs if a group spends all that it may."""
        density, fen = self.curves[group]
        ways = [self.problem.ways[number] for number in self._ways(group)]
        pots = sorted({pot for way in ways for pot in (way.pot, way.matching) if pot >= 0})
        place = int(np.searchsorted(fen, self.problem.funds[pots].sum()))
        return float(density[min(place, len(fen) - 1)])

    def _densities(self) -> Floats:
        """Return about what a fen of each candidate and asset brings; sharers of an asset split its price."""
        own = self.relaxation
        worth = own.alone + np.bincount(own.by, own.value, minlength=own.count)
        sharers = np.bincount(own.share_of, minlength=own.assets)
        part = own.asset_fen / np.maximum(sharers, 1)
        cost = own.own_fen + np.bincount(own.sharer, part[own.share_of], minlength=own.count)
        row = np.where(own.open, worth / np.maximum(cost, 1.0), 0.0)
        asset = np.zeros(own.assets)
        np.maximum.at(asset, own.share_of, row[own.sharer])
        return np.concatenate((row, asset))

    def learn(self, price: Floats, spent_fen: Floats, trust: float) -> None:
        """Shift the curves, as far as is trusted (0..1), to what was spent at these prices, by bits."""
        for group in np.flatnonzero(spent_fen > 0).tolist():
            if group not in self.curves:
                self.curves[group], self.shift[group] = self.all, 1.0
                self.middle[group] = self._first_price(group)
        for group, (density, fen) in self.curves.items():
            paid = min(self._price_of(way, price) for way in self._ways(group))
            paid = max(paid, self.middle[group] * _FACTORS[-1])
            place = min(int(np.searchsorted(fen, spent_fen[group])), len(fen) - 1)
            self.scale[group] = max(1.0, float(spent_fen[group] / fen[-1]))
            # who buys all there is at a price would pay more
            worth = paid * (_MORE if spent_fen[group] >= fen[-1] else 1.0)
            if density[place] > 0 and worth > 0:
                self.shift[group] += trust * (float(density[place]) / worth - self.shift[group])
            self.middle[group] = paid
        # where prices are alike all groups are asked at the same ones
        sold = price > 0
        if sold.any():
            common = float(np.average(price[sold], weights=self.problem.funds[sold]))
            for group, paid in self.middle.items():
                if _FACTORS[-1] < paid / common < _FACTORS[0]:
                    self.middle[group] = common

    def _ways(self, group: int) -> list[int]:
        return [way for way in range(len(self.problem.ways)) if group >> way & 1]

    def _price_of(self, number: int, price: Floats) -> float:
        """Return what a fen costs by one way of paying."""
        way, part = self.problem.ways[number], float(self.relaxation.part[number])
        if way.matching < 0:
            return float(price[way.pot])
        return float((1.0 - part) * price[way.pot] + part * price[way.matching])

    def _spending(self, group: int, prices: Floats) -> Floats:
        """Return what a group spends in addition at each of some falling prices [fen]."""
        density, fen = self.curves[group]
        place = np.searchsorted(-density, -prices * self.shift[group], side="right")
        return self.scale[group] * np.diff(np.concatenate((np.zeros(1), fen))[place], prepend=0.0)

    def prices(self) -> Floats:
        """Return the prices of a fen at which no pot sells more than it has, shape (Q,).

        A linear program serves the demand that pays most; the prices are what one more fen would bring.
        """
        from scipy.optimize import linprog

        groups = sorted(group for group in self.curves if self.middle[group] > 0)
        if not groups:
            return np.zeros(len(self.problem.pots))
        steps = np.array(_FACTORS)
        unit = float(self.problem.funds.max())
        pays = np.concatenate([self.middle[group] * steps for group in groups])
        dear = float(pays.max())
        wants = np.concatenate([self._spending(group, self.middle[group] * steps) for group in groups]) / unit
        flows = [(at, way) for at, group in enumerate(groups) for way in self._ways(group)]
        limits = np.zeros((len(groups) + len(self.problem.pots), len(wants) + len(flows)))
        limits[np.repeat(np.arange(len(groups)), len(steps)), np.arange(len(wants))] = 1.0
        for column, (at, number) in enumerate(flows, len(wants)):
            way, part = self.problem.ways[number], float(self.relaxation.part[number])
            limits[at, column] = -1.0
            limits[len(groups) + way.pot, column] = 1.0 - part
            if way.matching >= 0:
                limits[len(groups) + way.matching, column] = part
        found = linprog(
            np.concatenate((-pays / dear, np.zeros(len(flows)))),
            A_ub=limits,
            b_ub=np.concatenate((np.zeros(len(groups)), self.problem.funds / unit)),
            bounds=[(0.0, want) for want in wants.tolist()] + [(0.0, None)] * len(flows),
            method="highs-ds",
        )
        if found.status != 0:
            return np.full(len(self.problem.pots), dear)
        clearing: NDArray[np.float64] = -found.ineqlin.marginals[len(groups) :] * dear
        return rounded(np.maximum(clearing, 0.0))


def rounded(price: Floats) -> Floats:
    """Return prices rounded to a few digits of the largest."""
    largest = float(price.max(initial=0.0))
    if largest <= 0.0:
        return np.zeros(len(price))
    unit = 10.0 ** (math.ceil(math.log10(largest)) - _DIGITS)
    return np.rint(price / unit) * unit
