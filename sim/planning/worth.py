"""What a candidate is worth: homes, persons and roads newly served, weighted by what is wanted.

The worth of a set of projects is a sum over homes, points and stretches of road of the best value
that any project of the set gives there, so nothing is counted twice however sites overlap; the marginal
worth of one more project is what it adds to that sum. Such a function is monotone and submodular: greedy
choice by marginal worth is the standard approach, and a stale worth is an upper bound.

References
----------
Nemhauser, Wolsey and Fisher, An analysis of approximations for maximizing submodular set functions,
Mathematical Programming 14, 1978.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.planning.offers import MICRO, Block, Land, Offers
from sim.planning.point_values import point_blocks
from sim.planning.situation import Roads, Situation
from sim.planning.wants import open_wants
from sim.planning.weights import Weights, WorthOptions
from sim.planning.zone_values import line_blocks, line_groups, zone_block
from sim.tables.decisions import WORTH_PARTS
from sim.tables.plan import USES

if TYPE_CHECKING:
    import pandas as pd

    from sim.tables.plan import Proposal

__all__ = [
    "MICRO", "Roads", "Situation", "Values", "Weights", "WorthOptions", "per_candidate", "value_rows",
    "worth_of",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Values:
    """What each row of service is worth where nothing else is chosen; rows sorted by candidate."""

    starts: NDArray[np.int64]
    """First row of each candidate and the end, shape (candidates + 1,)."""
    key: NDArray[np.int64]
    """What is served as one number: homes of a zone or a point by use, homes of a zone by need."""
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


def value_rows(
    proposal: Proposal,
    needs: pd.DataFrame,
    now: Situation,
    kinds: NDArray[np.object_],
    weights: Weights,
    open_rows: NDArray[np.bool_] | None = None,
) -> Values:
    """Return the value of everything that candidates would serve, given what stands.

    ``kinds`` are the kinds of the zones, ``open_rows`` says which candidates are weighed at all; all
    where it is left out. The base worth counts homes whose rate rises and persons and roads newly
    served by the technology. A need counts those of its kind who lack it and get it: nothing that
    meets it stands there or is under way. A home may be served by a line or, where the need allows it,
    by radio: both have the key of zone and need, so that they compete and count once.
    """
    offers = Offers.of(proposal, now, weights, open_rows)
    wants, land = open_wants(needs, now.month, weights), Land.of(kinds, now, weights)
    groups = line_groups(wants)
    blocks = [
        zone_block(offers, wants, now, land, weights),
        *line_blocks(offers, groups, now, land, weights),
        *point_blocks(offers, wants, now, land, weights),
    ]
    owner = np.concatenate([block.owner for block in blocks])
    order = np.argsort(owner, kind="stable")
    parts, value = _parts(blocks, order)
    count = np.bincount(owner, minlength=len(proposal.candidates))
    places = now.zones + len(now.zone_of_point)
    return Values(
        starts=np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(count))),
        key=np.concatenate([block.key for block in blocks])[order],
        value=value,
        parts=parts,
        gained=np.concatenate([block.gained for block in blocks])[order],
        road=np.concatenate([block.road for block in blocks])[order],
        keys=len(USES) * places + len(groups) * now.zones,
    )


def _parts(blocks: Sequence[Block], order: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the parts of all blocks, put in order, shape (parts, rows), and their sum by row."""
    parts = np.zeros((len(WORTH_PARTS), len(order)), dtype=np.int64)
    value = np.zeros(len(order), dtype=np.int64)
    for row in range(len(parts)):
        given = [block.parts[row] for block in blocks]
        if any(part is not None for part in given):
            filled = [
                np.zeros(len(block.owner), dtype=np.int64) if part is None else part
                for block, part in zip(blocks, given, strict=True)
            ]
            parts[row] = np.concatenate(filled)[order]
            value += parts[row]
    return parts, value


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
    return np.asarray(total[starts[1:]] - total[starts[:-1]])
