"""What a planner is given and what it gives back: money in pots, a question, a choice."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from sim.clock import Horizon, month_number
from sim.options import Options
from sim.parameters import Quantity

if TYPE_CHECKING:
    import pandas as pd

    from sim.planning.worth import Situation
    from sim.tables.plan import Proposal

ZoneKind = Literal["city", "town", "village"]
CalendarMonth = Annotated[int, Field(ge=1, le=12)]


class Pot(Options):
    """A source of money with its own rules: who may use it, where, when, and what lapses."""

    share: Annotated[float | None, Field(ge=0, le=1), Quantity("share")] = None
    """Share of the access budget; left out: whatever the other pots leave [share]."""
    on_top: bool = False
    """Whether its share comes on top of the access budget: money of others than the operators, such as
    broadcasters; otherwise it is part of it [yes/no]."""
    technologies: tuple[str, ...] = ()
    """Technologies that may use it; empty: all [names]."""
    kinds: tuple[ZoneKind, ...] = ()
    """Kinds of zones in which it may be used; empty: all [names]."""
    release_months: Annotated[tuple[CalendarMonth, ...], Field(min_length=1)] = (1, 4, 7, 10)
    """Calendar months on whose first day an equal part of the year's money is released [1..12]."""
    carry_over: bool = True
    """Whether money not committed by the end of a calendar year stays; otherwise it lapses [yes/no]."""
    first_month: str = ""
    """First month in which it releases money; empty: from the start [YYYY-MM]."""
    last_month: str = ""
    """Last month in which it releases money; empty: to the end [YYYY-MM]."""

    @field_validator("release_months")
    @classmethod
    def _sorted_months(cls, months: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(months)) != len(months):
            raise ValueError("names a calendar month twice")
        return tuple(sorted(months))

    @field_validator("first_month", "last_month")
    @classmethod
    def _label(cls, label: str) -> str:
        if label:
            month_number(label)
        return label

    @property
    def restrictions(self) -> int:
        """How many kinds of restriction it has; the most restricted pot is used first."""
        return bool(self.technologies) + bool(self.kinds)

    def may_pay(self, technologies: NDArray[np.object_], kinds: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Return whether it may pay for each project of these technologies in zones of these kinds."""
        allowed = np.ones(len(technologies), dtype=bool)
        if self.technologies:
            allowed &= np.isin(technologies, list(self.technologies))
        if self.kinds:
            allowed &= np.isin(kinds, list(self.kinds))
        return allowed

    def open_in(self, month: int) -> bool:
        """Return whether it releases money in a month (counted from year 0)."""
        if month % 12 + 1 not in self.release_months:
            return False
        after = not self.first_month or month >= month_number(self.first_month)
        return after and (not self.last_month or month <= month_number(self.last_month))


class Budget(Options):
    """Money for access networks: yearly investment, the share that counts, and its pots."""

    annual_investment: Annotated[float, Field(ge=0), Quantity("yuan/yr")]
    """Telecommunications investment of a full year before the start, nation or province [yuan/yr]."""
    province_share: Annotated[float, Field(ge=0, le=1), Quantity("share")]
    """Share of it that falls to the province; 1 where the investment is the province's own [share]."""
    access_share: Annotated[float, Field(ge=0, le=1), Quantity("share")]
    """Share of the province's investment that goes to access networks [share]."""
    scale: Annotated[float, Field(ge=0)] = 1.0
    """Multiplier on all money; 0 builds nothing [1]."""
    connection_margin: Annotated[float, Field(ge=0), Quantity("share")]
    """Set aside at a release for new subscribers until the next, over what the homes passed by then
    would take [share]."""
    pots: Annotated[dict[str, Pot], Field(min_length=1)]
    """The pots by name; their shares sum to at most 1."""

    @model_validator(mode="after")
    def _shares_fit(self) -> Budget:
        total = sum(pot.share or 0.0 for pot in self.pots.values() if not pot.on_top)
        if total > 1.0 + 1e-9:
            given = ", ".join(
                f"{name} {pot.share:g}"
                for name, pot in self.pots.items()
                if pot.share is not None and not pot.on_top
            )
            raise ValueError(f"the shares of the pots sum to {total:g}, which is more than 1 ({given})")
        rest = [name for name, pot in self.pots.items() if pot.share is None]
        if len(rest) > 1:
            raise ValueError(
                f"only one pot may take what the others leave, but {', '.join(rest)} have no share"
            )
        if rest and self.pots[rest[0]].on_top:
            raise ValueError(f"the pot {rest[0]} comes on top of the budget, so it needs a share of its own")
        return self

    @property
    def annual_fen(self) -> int:
        """Money for access networks in a full year [fen]."""
        yuan = self.annual_investment * self.province_share * self.access_share * self.scale
        return round(yuan * 100.0)

    @property
    def shares(self) -> dict[str, float]:
        """The share of each pot, by name."""
        rest = max(0.0, 1.0 - sum(pot.share or 0.0 for pot in self.pots.values() if not pot.on_top))
        return {name: rest if pot.share is None else pot.share for name, pot in sorted(self.pots.items())}

    @property
    def order(self) -> list[str]:
        """The pots in the order in which a planner uses them: ring-fenced first, then by name."""
        return sorted(self.pots, key=lambda name: (-self.pots[name].restrictions, name))

    @property
    def lapsing(self) -> frozenset[str]:
        """The pots whose uncommitted money lapses at the end of a calendar year."""
        return frozenset(name for name, pot in self.pots.items() if not pot.carry_over)

    def releases(self, horizon: Horizon) -> dict[int, dict[str, int]]:
        """Return the money released by month index and pot [fen].

        A calendar year's money is split over pots and then over each pot's release months by
        largest remainder, so that a full year sums exactly. Of a year that lies in the horizon
        only in part, or in which a pot opens or closes, the release months inside count: the
        budget is pro rata by release months.
        """
        by_pot = largest_remainder(self.annual_fen, list(self.shares.values()))
        result: dict[int, dict[str, int]] = {}
        for name, yearly in zip(self.shares, by_pot, strict=True):
            pot = self.pots[name]
            parts = largest_remainder(yearly, [1.0 / len(pot.release_months)] * len(pot.release_months))
            amounts = dict(zip(pot.release_months, parts, strict=True))
            for month in range(horizon.months):
                if pot.open_in(horizon.start + month):
                    result.setdefault(month, {})[name] = amounts[horizon.calendar_month(month)]
        return dict(sorted(result.items()))


def largest_remainder(total: int, shares: Sequence[float]) -> list[int]:
    """Return integers near ``total * share`` that sum exactly to ``total * sum(shares)``, rounded.

    Ties of remainders go to the earlier share.
    """
    exact = [total * share for share in shares]
    parts = [int(value) for value in exact]
    missing = round(sum(exact)) - sum(parts)
    by_remainder = sorted(range(len(shares)), key=lambda k: (parts[k] - exact[k], k))
    for k in by_remainder[: max(0, missing)]:
        parts[k] += 1
    return parts


@dataclass(frozen=True, eq=False)
class Question:
    """One release: what could be built, what is wanted, what stands, and the money on hand."""

    proposal: Proposal
    needs: pd.DataFrame
    situation: Situation
    kinds: NDArray[np.object_]
    """Kind of every zone, shape (Z,)."""
    funds_fen: Mapping[str, int]
    """Money on hand by pot, carry-over included [fen]."""
    budget: Budget
    taken: AbstractSet[str] = frozenset()
    """Projects funded earlier."""
    bought: AbstractSet[str] = frozenset()
    """Assets bought earlier."""
    replication: int = 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """One project that is to be built."""

    row: int
    """Row in the candidates table."""
    project_id: str
    pot: str
    price_fen: int
    """Own items and the assets bought with it."""
    buys: tuple[tuple[str, int], ...]
    """Assets bought with it: identifier and price [fen]."""
    rank: int
    """Place in the order of worth per money, from 1."""
    requires: str = ""


@dataclass(frozen=True, eq=False)
class Choice:
    """The planner's answer: a row for every candidate considered, and what is chosen, the required first."""

    decisions: pd.DataFrame
    chosen: tuple[Chosen, ...]


class Planner(Options, ABC):
    """A rule by which candidates are chosen for the money on hand."""

    name: ClassVar[str]

    @abstractmethod
    def choose(self, question: Question) -> Choice:
        """Return the choice of one release; it costs no more than each pot holds."""
