"""One release as plain arrays: what every planning method chooses from, and how a choice is written.

N candidates, Q pots, W ways of paying, A shared assets, K keys (homes, points, roads). Rows number
candidates. A method is a function from a ``Problem`` to a ``Solution``; nothing else of the world
reaches it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.planning.projects import Links
from sim.planning.worth import Values


@dataclass(frozen=True, slots=True)
class Way:
    """One way of paying: a pot alone, or a pot whose part another one matches by a share."""

    pot: int
    """Pot that bears the price, or what the matching pot leaves of it."""
    matching: int = -1
    """Pot that adds its share; -1 without one."""
    share: float = 0.0
    """Share of price and ``opex_years`` of running cost that the matching pot pays, 0..1."""
    opex_years: float = 0.0
    """Years of running cost that count toward the matching share [yr]."""

    def matched(self, price_fen: int, opex_fen: int) -> int:
        """Return what the matching pot pays of a price, never more than the price [fen]."""
        if self.matching < 0:
            return 0
        return min(price_fen, round(self.share * (price_fen + self.opex_years * opex_fen)))


@dataclass(frozen=True, eq=False)
class Problem:
    """What may be chosen at one release, and with which money."""

    ids: NDArray[np.object_]
    """Identifier of each candidate, shape (N,)."""
    id_rank: NDArray[np.int64]
    """Place of each identifier in alphabetical order: ties go to the lower, shape (N,)."""
    own_fen: NDArray[np.int64]
    """Own price without shared assets, shape (N,) [fen]."""
    opex_fen: NDArray[np.int64]
    """Yearly running cost, shape (N,) [fen/yr]."""
    shut: NDArray[np.bool_]
    """Candidates that cannot be chosen: taken, too early, barred, or hanging on such a one, shape (N,)."""
    links: Links
    """Precedence and shared assets; of ``parent`` only rows that are not shut matter."""
    asset_fen: NDArray[np.int64]
    """Price of each asset, shape (A,) [fen]."""
    bought: NDArray[np.bool_]
    """Assets that stand or were bought before, shape (A,)."""
    values: Values
    """What each candidate is worth, key by key; a set is worth the sum over keys of its best."""
    pots: tuple[str, ...]
    """Pots with money, in the order in which they are used."""
    funds: NDArray[np.int64]
    """Money that may be committed, shape (Q,) [fen]."""
    ways: tuple[Way, ...]
    """Ways of paying, in the order in which they are tried."""
    may: NDArray[np.bool_]
    """Whether each way may pay for each candidate, shape (W, N)."""
    forced: NDArray[np.int64]
    """Rows that are committed to in advance: chosen before all others as far as the money reaches."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A choice: candidates in order, the required before what requires them, each with its way of paying.

    An asset not bought before is bought with the first candidate of the order that needs it itself.
    """

    rows: tuple[int, ...]
    ways: tuple[int, ...]
