"""Candidates made ready for choice: joined, their precedence ordered, shared assets priced once."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.errors import PlanError
from sim.tables.plan import ITEMS, Proposal

if TYPE_CHECKING:
    import pandas as pd

PRICES = tuple(f"{item}_fen" for item in ITEMS)
NO_PARENT, UNKNOWN_PARENT = -1, -2
_LONGEST_CHAIN = 32


def join(proposals: Iterable[Proposal]) -> Proposal:
    """Return one proposal of several; an asset that several name is there once.

    Raises ``PlanError`` where two proposals name one project, or price one asset differently.
    """
    import pandas as pd

    parts = list(proposals)
    if not parts:
        raise PlanError("there is no technology that could build anything")
    if len(parts) == 1:
        return parts[0]
    candidates = pd.concat([part.candidates for part in parts], ignore_index=True)
    repeated = candidates["project_id"][candidates["project_id"].duplicated()]
    if len(repeated):
        raise PlanError(f"the project {repeated.iloc[0]!r} is proposed twice")
    assets = pd.concat([part.assets for part in parts], ignore_index=True).drop_duplicates(ignore_index=True)
    repeated = assets["asset_id"][assets["asset_id"].duplicated()]
    if len(repeated):
        raise PlanError(f"the asset {repeated.iloc[0]!r} is proposed with two different prices or lives")
    needed = pd.concat([part.needed for part in parts], ignore_index=True).drop_duplicates(ignore_index=True)
    service = pd.concat([part.service for part in parts], ignore_index=True)
    return Proposal(candidates, assets, needed, service)


def own_prices(table: pd.DataFrame) -> NDArray[np.int64]:
    """Return the price of each row by item, shape (rows, items) [fen]."""
    return table[list(PRICES)].to_numpy(dtype=np.int64)


def price_of_all(proposal: Proposal) -> int:
    """Return what every candidate together would cost, each needed asset once [fen]."""
    wanted = proposal.assets["asset_id"].isin(proposal.needed["asset_id"]).to_numpy()
    return int(own_prices(proposal.candidates).sum() + own_prices(proposal.assets)[wanted].sum())


@dataclass(frozen=True, eq=False)
class Pairs:
    """A sparse relation as rows of neighbours: those of ``k`` are ``to[starts[k]:starts[k + 1]]``."""

    starts: list[int]
    to: NDArray[np.int64]

    @classmethod
    def of(cls, left: NDArray[np.int64], right: NDArray[np.int64], count: int) -> Pairs:
        """Return the relation of ``left`` (below ``count``) to ``right``, in a stable order."""
        order = np.lexsort((right, left))
        starts = np.concatenate(([0], np.cumsum(np.bincount(left, minlength=count))))
        return cls(starts.tolist(), right[order])

    def of_row(self, row: int) -> NDArray[np.int64]:
        """Return the neighbours of a row."""
        return self.to[self.starts[row] : self.starts[row + 1]]


@dataclass(frozen=True, eq=False)
class Links:
    """How N candidates hang together: what each requires, and A assets they share."""

    parent: NDArray[np.int64]
    """Row that must be chosen no later; -1 without one or when it is taken, -2 when it is unknown."""
    ancestors: Pairs
    """Candidate to every candidate of its chain, itself left out."""
    descendants: Pairs
    """Candidate to every candidate whose chain it is in."""
    assets: Pairs
    """Candidate to the assets it needs itself."""
    bundle: Pairs
    """Candidate to the assets that it and its chain need."""
    sharers: Pairs
    """Asset to the candidates whose bundle holds it."""
    left: NDArray[np.int64]
    """The bundle relation as two columns: candidate ..."""
    right: NDArray[np.int64]
    """... and asset."""


def link(proposal: Proposal, taken: AbstractSet[str]) -> Links:
    """Return precedence and shared assets by row number.

    Raises ``PlanError`` for a circle of requirements, or a need that names no asset or candidate.
    """
    import pandas as pd

    ids = pd.Index(proposal.candidates["project_id"])
    count = len(ids)
    parent = _parents(proposal, ids, taken)
    mine, over = _chains(parent, proposal)
    left = ids.get_indexer(pd.Index(proposal.needed["project_id"])).astype(np.int64)
    right = (
        pd.Index(proposal.assets["asset_id"])
        .get_indexer(pd.Index(proposal.needed["asset_id"]))
        .astype(np.int64)
    )
    if len(left) and min(left.min(), right.min()) < 0:
        bad = proposal.needed.iloc[int(np.flatnonzero((left < 0) | (right < 0))[0])]
        raise PlanError(f"needed assets: {bad['project_id']!r} or {bad['asset_id']!r} is not proposed")
    own = Pairs.of(left, right, count)
    sizes = np.diff(own.starts)[over]
    offset = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    inherited = own.to[np.repeat(np.array(own.starts)[over], sizes) + offset]
    left, right = np.concatenate((left, np.repeat(mine, sizes))), np.concatenate((right, inherited))
    pair = np.sort(left * max(1, len(proposal.assets)) + right)
    pair = pair[np.diff(pair, prepend=-1) > 0]
    left, right = pair // max(1, len(proposal.assets)), pair % max(1, len(proposal.assets))
    return Links(
        parent=parent,
        ancestors=Pairs.of(mine, over, count),
        descendants=Pairs.of(over, mine, count),
        assets=own,
        bundle=Pairs.of(left, right, count),
        sharers=Pairs.of(right, left, len(proposal.assets)),
        left=left,
        right=right,
    )


def _parents(proposal: Proposal, ids: pd.Index, taken: AbstractSet[str]) -> NDArray[np.int64]:
    """Row of what each candidate requires."""
    import pandas as pd

    requires = proposal.candidates["requires"].to_numpy(dtype=object)
    parent = np.full(len(ids), NO_PARENT, dtype=np.int64)
    rows = np.flatnonzero(requires != "")
    rows = rows[[requires[row] not in taken for row in rows.tolist()]] if len(rows) else rows
    found = ids.get_indexer(pd.Index(requires[rows])).astype(np.int64)
    parent[rows] = np.where(found < 0, UNKNOWN_PARENT, found)
    return parent


def _chains(parent: NDArray[np.int64], proposal: Proposal) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every pair of a candidate and one of its chain."""
    row = np.flatnonzero(parent >= 0)
    above = parent[row]
    mine, over = [row], [above]
    for _ in range(_LONGEST_CHAIN):
        more = parent[above] >= 0
        row, above = row[more], parent[above[more]]
        if not len(row):
            return np.concatenate(mine), np.concatenate(over)
        mine.append(row)
        over.append(above)
    name = proposal.candidates["project_id"].iloc[int(row[0])]
    raise PlanError(
        f"the requirements of {name!r} run in a circle or over more than {_LONGEST_CHAIN} projects"
    )
