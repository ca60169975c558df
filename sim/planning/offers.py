"""A proposal as plain arrays: what each candidate is, and which rows of service may count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.errors import PlanError
from sim.planning.situation import Situation
from sim.planning.wants import Want
from sim.planning.weights import Weights
from sim.tables.layers import VILLAGE, ZONE_KINDS
from sim.tables.plan import BEHIND_ACCESS, CAPACITY, FIXED, TELEVISION, TERMINALS, USES

if TYPE_CHECKING:
    import pandas as pd

    from sim.tables.plan import Proposal

MICRO = 1_000_000
"""Worths are compared as integers of a millionth, so that sums do not depend on their order."""
OF_HOMES = (FIXED, TELEVISION, *BEHIND_ACCESS)
"""Uses that serve homes; the others serve residents."""
NEVER_FULL = (CAPACITY, *BEHIND_ACCESS)
"""Uses that count whoever is served already: what is full covers, and serves nobody well."""


@dataclass(frozen=True, eq=False)
class Land:
    """What of the zones enters every value, Z zones."""

    kind: NDArray[np.int8]
    """Row in ``ZONE_KINDS``, shape (Z,)."""
    equity: NDArray[np.float64]
    """Share of base and targets that is added, shape (Z,)."""

    @classmethod
    def of(cls, kinds: NDArray[np.object_], now: Situation, weights: Weights) -> Land:
        """Return kinds and equity of the zones."""
        kind = np.zeros(now.zones, dtype=np.int8)
        for code, name in enumerate(ZONE_KINDS):
            kind[kinds == name] = code
        poor = np.zeros(now.zones, dtype=bool) if now.poor is None else now.poor
        return cls(kind, weights.equity(kind == ZONE_KINDS.index(VILLAGE), poor))


@dataclass(frozen=True, eq=False)
class Block:
    """Values of some rows, in any order, R rows."""

    owner: NDArray[np.int64]
    """Candidate, shape (R,)."""
    key: NDArray[np.int64]
    """What is served, shape (R,)."""
    parts: tuple[NDArray[np.int64] | None, ...]
    """Worth by part, in the order of ``WORTH_PARTS``, shape (R,) each [millionths]; none where all is 0."""
    gained: NDArray[np.int64]
    """Homes, persons or kilometres newly served, shape (R,) [millionths]."""
    road: NDArray[np.bool_]
    """Whether it is a road or railway, shape (R,)."""

    @classmethod
    def of_homes(
        cls,
        owner: NDArray[np.int64],
        key: NDArray[np.int64],
        parts: tuple[NDArray[np.float64], ...],
        gained: NDArray[np.float64] | None = None,
    ) -> Block:
        """Return the rows that serve anybody or are worth anything; none is a road."""
        newly = np.zeros(len(owner), dtype=np.int64) if gained is None else micro(gained)
        whole = [micro(part) if part.any() else None for part in parts]
        some = np.flatnonzero(anything(newly, whole))
        kept = tuple(None if part is None else part[some] for part in whole)
        return cls(owner[some], key[some], kept, newly[some], np.zeros(len(some), dtype=bool))


def anything(newly: NDArray[np.int64], parts: Sequence[NDArray[np.int64] | None]) -> NDArray[np.bool_]:
    """Return where anybody is newly served or any part of the worth is there."""
    some: NDArray[np.bool_] = newly > 0
    for part in parts:
        if part is not None:
            some = some | (part > 0)
    return some


def micro(amount: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return amounts as whole millionths, so that parts sum exactly to their total."""
    return np.rint(amount * MICRO).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Offers:
    """The candidates of a proposal (N) and those of its rows of service that may count (R)."""

    use: NDArray[np.int64]
    """Row in ``USES``, shape (N,)."""
    names: tuple[str, ...]
    """Technologies."""
    technology: NDArray[np.int64]
    """Row in ``names``, shape (N,)."""
    shares: tuple[float, ...]
    """What a home or person may count beside targets, by technology and way of building."""
    share: NDArray[np.int64]
    """Row in ``shares``, shape (N,)."""
    offered: NDArray[np.float64]
    """Share of its zone's homes that a candidate has terminals for or can pass, shape (N,)."""
    owner: NDArray[np.int64]
    """Candidate, shape (R,)."""
    zone: NDArray[np.int64]
    """Shape (R,)."""
    point: NDArray[np.int64]
    """-1 where the whole zone is served, shape (R,)."""
    peak: NDArray[np.float32]
    """Rate of one user alone, shape (R,) [Mbit/s]."""

    @classmethod
    def of(
        cls, proposal: Proposal, now: Situation, weights: Weights, open_rows: NDArray[np.bool_] | None = None
    ) -> Offers:
        """Return a proposal as arrays, without the service of candidates that are not open.

        Raises ``PlanError`` where service names a project that nothing proposes.
        """
        service, candidates, owner = proposal.service, proposal.candidates, proposal.service_owner
        if len(owner) and owner.min() < 0:
            raise PlanError(
                f"service names {service['project_id'].iloc[int(owner.argmin())]!r}, no candidate"
            )
        zone, point, peak = (service[name].to_numpy() for name in ("zone", "point", "peak_mbps"))
        if open_rows is not None:
            kept = np.flatnonzero(open_rows[owner])
            owner, zone, point, peak = owner[kept], zone[kept], point[kept], peak[kept]
        use, uses = _codes(candidates["use"])
        technology, names = _codes(candidates["technology"])
        build, builds = _codes(candidates["build"])
        less = weights.technology_share
        pairs = np.array([[less.get(name, 1.0) * less.get(way, 1.0) for way in builds] for name in names])
        shares, share = np.unique(pairs, return_inverse=True)
        return cls(
            use=np.array([USES.index(name) for name in uses], dtype=np.int64)[use],
            names=names,
            technology=technology,
            shares=tuple(shares.tolist()),
            share=share.reshape(len(names), len(builds))[technology, build],
            offered=_offered(candidates, now),
            owner=owner,
            zone=zone.astype(np.int64),
            point=point.astype(np.int64),
            peak=peak,
        )

    def of_use(self, *uses: str) -> NDArray[np.bool_]:
        """Return which candidates are for any of these uses, shape (N,)."""
        return np.isin(self.use, [USES.index(name) for name in uses])

    def meeting(self, want: Want) -> NDArray[np.bool_]:
        """Return which candidates may meet a need at the right rate, shape (N,)."""
        pairs = np.array([[want.met_by(use, name) for name in self.names] for use in USES], dtype=bool)
        return np.asarray(pairs.reshape(len(USES), len(self.names))[self.use, self.technology])


def _codes(names: pd.Series[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return each name as a row of the different ones, in order of appearance, and these."""
    import pandas as pd

    codes, different = pd.factorize(names)
    return codes.astype(np.int64), tuple(map(str, different))


def _offered(candidates: pd.DataFrame, now: Situation) -> NDArray[np.float64]:
    """Share of its zone's homes that each candidate has terminals for or can pass, else 1."""
    zone = candidates["zone"].to_numpy()
    part = np.minimum(candidates["quantity"].to_numpy() / np.maximum(now.homes[zone], 1), 1.0)
    offered = np.where((candidates["build"] == TERMINALS).to_numpy(dtype=bool), part, 1.0)
    technology = candidates["technology"]
    for name, reach in now.reach.items():
        mine = (technology == name).to_numpy(dtype=bool)
        offered[mine] = np.minimum(offered[mine], reach[zone[mine]])
    return offered
