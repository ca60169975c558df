"""What a planner is given and what it gives back: a question, a choice."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.options import Options

if TYPE_CHECKING:
    import pandas as pd

    from sim.planning.places import Places
    from sim.planning.pots import Budget
    from sim.planning.worth import Situation
    from sim.tables.plan import Proposal


@dataclass(frozen=True, eq=False)
class Question:
    """One release: what could be built, what is wanted, what stands, and the money on hand."""

    proposal: Proposal
    """What could be built, at the prices of this release."""
    needs: pd.DataFrame
    situation: Situation
    places: Places
    """Kind, county, prefecture of every zone, and whether it is poor, shape (Z,)."""
    funds_fen: Mapping[str, int]
    """Money that may be committed by pot, carry-over and advances included [fen]."""
    budget: Budget
    taken: AbstractSet[str] = frozenset()
    """Projects funded earlier and not given up: under way or in service."""
    barred: AbstractSet[str] = frozenset()
    """Projects given up: they may not be chosen again, and nothing may wait for them."""
    bought: AbstractSet[str] = frozenset()
    """Assets bought earlier."""
    forced: tuple[str, ...] = ()
    """Projects committed to in advance and due by now, in the order of the scenario."""
    shut: Mapping[str, str] = field(default_factory=dict)
    """Projects that may not be chosen now, with the reason (moratorium, not before ...)."""
    replication: int = 0
    operator: str = ""
    """Operator that asks; empty where the province is one network."""

    @property
    def kinds(self) -> NDArray[np.object_]:
        """Kind of every zone, shape (Z,)."""
        return self.places.kind


@dataclass(frozen=True, slots=True)
class Chosen:
    """One project that is to be built."""

    row: int
    """Row in the candidates table."""
    project_id: str
    pot: str
    """Pot that pays the price, or what the matching pot leaves of it."""
    price_fen: int
    """Own items and the assets bought with it."""
    buys: tuple[tuple[str, int], ...]
    """Assets bought with it: identifier and price [fen]."""
    rank: int
    """Place in the order of worth per money, from 1."""
    requires: str = ""
    matching: tuple[str, int] | None = None
    """Pot that adds a matching share and what it pays of the price [fen]."""


@dataclass(frozen=True, eq=False)
class Choice:
    """The planner's answer: a row for every candidate considered, and what is chosen, the required first."""

    decisions: pd.DataFrame
    chosen: tuple[Chosen, ...]
    worth: float = 0.0
    """What all chosen are worth together."""
    bound: float = 0.0
    """What no choice with this money could exceed."""
    pot_prices: Mapping[str, float] = field(default_factory=dict)
    """What one more million yuan in each pot with money would be worth, by the prices behind the bound."""
    releases: pd.DataFrame | None = None
    """The same as rows of the table of releases."""

    @property
    def gap(self) -> float:
        """The share of the bound that the choice may miss, 0..1."""
        return max(0.0, 1.0 - self.worth / self.bound) if self.bound > 0 else 0.0


class Planner(Options, ABC):
    """A rule by which candidates are chosen for the money on hand."""

    name: ClassVar[str]

    @abstractmethod
    def choose(self, question: Question) -> Choice:
        """Return the choice of one release; it costs no more than each pot holds."""
