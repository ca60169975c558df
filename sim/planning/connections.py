"""Who pays for connecting new subscribers, and how many of them the money reaches."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from sim.tables.layers import VILLAGE
from sim.tables.plan import Charge

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.planning.places import Places
    from sim.planning.pots import Budget
    from sim.technologies import Technology

VILLAGES, TOWNS = "village", "town"
GROUPS = (VILLAGES, TOWNS)
"""Groups of zones that charges tell apart: villages, and towns with cities."""
_MICRO = 1_000_000


class Purse:
    """The money as connections see it: which pots pay for whom, at which price, and until when it lasts."""

    def __init__(self, budget: Budget, horizon: Horizon, places: Places) -> None:
        self.budget, self.horizon = budget, horizon
        village = places.kind == VILLAGE
        groups = {VILLAGES: village, TOWNS: ~village}
        reached = {name: budget.pots[name].reaches(places) for name in budget.payers}
        self._open = {
            group: [name for name in budget.payers if reached[name][zones].all()]
            for group, zones in groups.items()
        }
        self._releases = sorted(budget.releases(horizon))
        self._has_advances = any(pot.advance_months for pot in budget.pots.values())

    def payers(self, technology: str, group: str) -> list[str]:
        """Return the pots that may pay for a subscriber of a group of zones, the most restricted first.

        A charge speaks of all zones of its group, so a pot that may be used only in some of them pays
        for none; nor does one that only matches what others pay.
        """
        name = np.array([technology], dtype=object)
        return [pot for pot in self._open[group] if self.budget.pots[pot].may_serve(name)[0]]

    def price_fen(self, technology: Technology, month: int) -> float:
        """Return the price of connecting one subscriber in a month [fen]."""
        paths, year = self.budget.price_paths, self.horizon.year(month)
        return technology.connect_yuan() * 100.0 * paths.factor("connection", year, self.horizon)

    def cash(self, month: int, funds: Mapping[str, int]) -> dict[str, int]:
        """Return what of money that may be committed in a month is released already [fen].

        Connections are paid at once, so advances on later releases are not for them.
        """
        ahead = self.budget.ahead(month, self.horizon) if self._has_advances else {}
        return {name: max(0, fen - ahead.get(name, 0)) for name, fen in funds.items()}

    def until(self, month: int) -> range:
        """Return the months after this one until the next release, that one left out."""
        later = (at for at in self._releases if at > month)
        return range(month + 1, min(next(later, self.horizon.months), self.horizon.months))


def charge_connections(
    technology: Technology,
    groups: Mapping[str, float],
    purse: Purse,
    funds: dict[str, int],
    later: Sequence[str] = (),
    month: int = 0,
) -> tuple[tuple[Charge, ...], float]:
    """Return the charges of new subscribers by kind of zone, and the share of them that is paid.

    One share serves all kinds, so that the fold can repeat it from the log; ``funds`` is reduced. A kind
    draws first on pots that no other kind may use, so that every subscriber counted is paid for; of equal
    pots it takes first those that technologies charged ``later`` in the month may not use.
    """
    price = purse.price_fen(technology, month)
    wanted = {kind: round(count * price) for kind, count in groups.items()}
    payers = {kind: purse.payers(technology.name, kind) for kind in wanted}
    if sum(wanted.values()) == 0:
        return (), 1.0
    share = affordable_share(wanted, payers, funds)
    kept = {pot for other in later for kind in wanted for pot in purse.payers(other, kind)}
    charges = []
    for kind, amount in wanted.items():
        owed = left = int(amount * share)
        others = {pot for other, pots in payers.items() if other != kind for pot in pots}
        for pot in sorted(payers[kind], key=lambda name: (name in others, name in kept)):
            part = min(left, max(funds.get(pot, 0), 0))
            if part > 0:
                funds[pot] -= part
                left -= part
                count = round(groups[kind] * share * part / owed)
                charges.append(Charge(technology.name, pot, part, count, share))
    if not charges:
        share = 0.0
        charges.append(Charge(technology.name, purse.budget.payers[-1], 0, 0, share))
    return tuple(charges), share


def affordable_share(
    wanted: Mapping[str, int], payers: Mapping[str, list[str]], funds: Mapping[str, int]
) -> float:
    """Return the largest share of all amounts that the pots can pay, to a millionth.

    Some kinds together can be paid when the pots open to any of them hold enough; the share is right
    when that holds for every choice of kinds (Hall's condition).
    """
    share = 1.0
    for size in range(1, len(wanted) + 1):
        for kinds in combinations(wanted, size):
            amount = sum(wanted[kind] for kind in kinds)
            pots = sorted({pot for kind in kinds for pot in payers[kind]})
            if amount > 0:
                share = min(share, sum(max(funds.get(pot, 0), 0) for pot in pots) / amount)
    return math.floor(share * _MICRO) / _MICRO
