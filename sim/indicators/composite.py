"""Targets made of others: the share of named targets that hold, in each replication or draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.indicators.targets import THRESHOLDS

if TYPE_CHECKING:
    from sim.indicators.measured import Floats, Measured
    from sim.indicators.targets import Target

COMPOSITE = "targets_met_share"
"""Indicator of a target whose breakdown names others, parted by semicolons."""
SEPARATOR = ";"

Holds = Callable[["Floats", str, float], NDArray[np.bool_]]


def members_of(target: Target) -> tuple[str, ...]:
    """Return the targets that one is made of, in the order in which its breakdown names them."""
    return tuple(name.strip() for name in target.breakdown.split(SEPARATOR) if name.strip())


def composed(
    target: Target, targets: Mapping[str, Target], measured: Measured, holds: Holds
) -> tuple[Floats, tuple[str, ...]] | None:
    """Return which share of the named targets holds, shape (D, M), and the names that cannot be judged.

    D is the number of draws where any member has them, else of replications. Draws vary what replication
    0 built, so a member without draws stands there with its values of that replication. ``None`` where
    no member can be judged.
    """
    found: list[NDArray[np.bool_]] = []
    missing: list[str] = []
    for name in members_of(target):
        one = targets.get(name)
        values = None
        if one is not None and one.comparator in THRESHOLDS and one.wanted is not None:
            values = measured.spread(one.indicator, one.breakdown)
        if one is None or values is None or one.wanted is None:
            missing.append(name)
        else:
            found.append(holds(values, one.comparator, one.wanted))
    if not found:
        return None
    return np.mean(_aligned(found), axis=0), tuple(missing)


def _aligned(members: list[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
    """Return members with as many rows each."""
    counts = {len(one) for one in members}
    if len(counts) == 1:
        return members
    most = max(counts)
    return [one if len(one) == most else np.repeat(one[:1], most, axis=0) for one in members]
