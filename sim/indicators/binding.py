"""What held a target: how much of what is missing money, crews, papers, rules or people account for.

What a target misses is counted in units of what it asks for (homes, persons, kilometres newly served).
Units that projects under way would bring go to what made these late; units that candidates left out would
bring go to the reason why they were left out; what nothing left would bring goes to take-up, where the
indicator counts those who order, and else to technology. The part that is greatest binds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from sim.tables.decisions import SHORT_OF_MONEY
from sim.tables.results import BINDINGS

if TYPE_CHECKING:
    import pandas as pd

MONEY, RULES, CREWS, PERMITS, SEASON, SUPPLY, TIME, TAKE_UP, TECHNOLOGY = BINDINGS
OF_DELAY: Mapping[str, str] = MappingProxyType(
    {
        "crew": CREWS, "travel": CREWS, "permit": PERMITS, "season": SEASON, "holiday": SEASON,
        "supply": SUPPLY, "procure": SUPPLY, "money": MONEY,
    }
)  # fmt: skip
"""Constraint by cause of lost days; other causes, and none, mean that building takes its time."""
WORTHLESS = "nothing newly served"
"""Reason of a candidate that adds nothing to what stands and is under way."""
ORDERED = (
    "busy_hour", "cellular_iot_connections", "entry_price", "fixed_broadband_household_penetration",
    "fixed_subscribers", "fixed_traffic", "ftth_share_of", "ftth_subscribers", "ipv6_users", "lte_scale_use",
    "mean_access_bandwidth", "measured_mbps", "mobile_subscribers", "mobile_traffic", "nb_iot_connections",
    "price_per", "subscribed_share", "take_up", "user",
)  # fmt: skip
"""How the names of indicators begin that count what people order, use or pay, beside what they could."""


def is_ordered(indicator: str) -> bool:
    """Return whether an indicator depends on what people order, and not on what is built alone."""
    return indicator.startswith(ORDERED)


def late_of(delays: pd.DataFrame, due: int) -> dict[str, str]:
    """Return what made each project late that was funded by a month and not in service by its end.

    ``delays`` are those of one replication. Projects given up are not late: they are open again.
    """
    ended = delays["ended_month"]
    served = (delays["outcome"] == "in service") & (ended <= due)
    late = delays[(delays["funded_month"] <= due) & ~served & (delays["outcome"] != "given up")]
    return {
        str(name): OF_DELAY.get(str(cause), TIME)
        for name, cause in zip(late["project_id"], late["cause"], strict=True)
    }


def served_of(delays: pd.DataFrame, due: int) -> list[str]:
    """Return the projects that are in service by the end of a month."""
    served = (delays["outcome"] == "in service") & (delays["ended_month"] <= due)
    return [str(name) for name in delays.loc[served, "project_id"]]


def left_out_for(decisions: pd.DataFrame, due: int) -> dict[str, str]:
    """Return why each candidate was left out when it was last considered by a month.

    ``decisions`` are those of one replication; candidates that were chosen are left out.
    """
    known = decisions[decisions["release"] <= due]
    last = known.drop_duplicates("project_id", keep="last")
    chosen = frozenset(known.loc[known["chosen"], "project_id"])
    pairs = zip(last["project_id"], last["reason"], strict=True)
    return {str(name): of_reason(str(reason)) for name, reason in pairs if name not in chosen}


def of_reason(reason: str) -> str:
    """Return the constraint behind the reason why a candidate was left out."""
    if SHORT_OF_MONEY in reason:
        return MONEY
    return TECHNOLOGY if reason == WORTHLESS else RULES


def summed(units: Mapping[str, float], why: Mapping[str, str], otherwise: str) -> dict[str, float]:
    """Return the units of projects by constraint; ``otherwise`` is that of projects nothing is known of."""
    found: dict[str, float] = {}
    for name, count in units.items():
        constraint = why.get(name, otherwise)
        found[constraint] = found.get(constraint, 0.0) + count
    return found


def binding_of(missing: float, shares: Iterable[Mapping[str, float]], beyond: str) -> str:
    """Return the constraint that accounts for most of what is missing.

    ``shares`` are units by constraint in the order in which they would close the gap: those paid for
    and late before those left out. Each takes of what those before it leave, in proportion where it has
    more; the rest is ``beyond``. Of equals the first in ``BINDINGS`` binds.
    """
    found = dict.fromkeys(BINDINGS, 0.0)
    left = max(missing, 0.0)
    for units in shares:
        total = sum(units.values())
        part = min(1.0, left / total) if total > 0 else 0.0
        for constraint, count in units.items():
            found[constraint] += count * part
        left -= total * part
    found[beyond] += left
    return max(BINDINGS, key=lambda name: (round(found[name], 6), -BINDINGS.index(name)))
