"""Who pays for connecting new subscribers, and how many of them the money reaches."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from sim.planning.base import Budget
from sim.tables.layers import TOWN, VILLAGE
from sim.tables.plan import Charge
from sim.technologies import Technology

SETTLEMENTS: Mapping[str, str] = {"village": VILLAGE, "town": TOWN}
"""Groups of zones that pots tell apart, with the kind that stands for each."""
_MICRO = 1_000_000


def charge_connections(
    technology: Technology,
    groups: Mapping[str, float],
    budget: Budget,
    funds: dict[str, int],
    later: Sequence[str] = (),
) -> tuple[tuple[Charge, ...], float]:
    """Return the charges of new subscribers by kind of zone, and the share of them that is paid.

    One share serves all kinds, so that the fold can repeat it from the log; ``funds`` is reduced. A kind
    draws first on pots that no other kind may use, so that every subscriber counted is paid for; of equal
    pots it takes first those that technologies charged ``later`` in the month may not use.
    """
    wanted = {kind: round(count * technology.connect_yuan() * 100.0) for kind, count in groups.items()}
    payers = {kind: _payers(technology.name, kind, budget) for kind in wanted}
    if sum(wanted.values()) == 0:
        return (), 1.0
    share = affordable_share(wanted, payers, funds)
    kept = {pot for other in later for kind in wanted for pot in _payers(other, kind, budget)}
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
        charges.append(Charge(technology.name, budget.order[-1], 0, 0, share))
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


def _payers(technology: str, kind: str, budget: Budget) -> list[str]:
    """Return the pots that may pay for a subscriber, the most restricted first."""
    kinds = np.array([SETTLEMENTS[kind]], dtype=object)
    name = np.array([technology], dtype=object)
    return [pot for pot in budget.order if budget.pots[pot].may_pay(name, kinds)[0]]
