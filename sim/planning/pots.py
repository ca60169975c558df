"""Money in pots: where it comes from, when it is released, and what it may pay for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from sim.clock import Horizon, month_number
from sim.options import Options
from sim.parameters import Quantity
from sim.planning.places import Places, read_poor_counties
from sim.planning.price_paths import PricePaths
from sim.planning.problem import Way

ZoneKind = Literal["city", "town", "village"]
CalendarMonth = Annotated[int, Field(ge=1, le=12)]


class Milestone(Options):
    """Money that a pot releases once so many projects are in service."""

    technology: str
    """Technology whose projects count [name]."""
    build: str = ""
    """Way of building that counts; empty: every one [name]."""
    kind: ZoneKind | None = None
    """Kind of zone that counts; left out: every one [name]."""
    projects: Annotated[int, Field(ge=1)]
    """Projects in service from which the money is released [projects]."""
    share: Annotated[float, Field(ge=0), Quantity("share")]
    """What is released then, as a share of the pot's money of a full year [share]."""

    @property
    def label(self) -> str:
        """What is counted, as ``Work.labels`` spells it."""
        return "".join(
            (self.technology, f"/{self.build}" if self.build else "", f"@{self.kind}" if self.kind else "")
        )


class Matching(Options):
    """Money that is added to what another pot pays: a universal-service fund."""

    share: Annotated[float, Field(ge=0, le=1), Quantity("share")]
    """Part of the price and of the running cost below that the pot adds [share]."""
    opex_years: Annotated[float, Field(ge=0), Quantity("years")] = 0.0
    """Years of running cost that count beside the price [yr]."""


class Pot(Options):
    """A source of money with its own rules: who may use it, where, when, and what lapses."""

    share: Annotated[float | None, Field(ge=0, le=1), Quantity("share")] = None
    """Share of the access budget; left out: whatever the other pots leave [share]."""
    on_top: bool = False
    """Whether its share comes on top of the access budget: money of others than the operators, such as
    broadcasters; otherwise it is part of it [yes/no]."""
    yearly: Annotated[float | None, Field(ge=0), Quantity("yuan/yr")] = None
    """Money of its own in a full year of the whole province, beside the access budget; instead of a
    share [yuan/yr]."""
    technologies: tuple[str, ...] = ()
    """Technologies that may use it; empty: all [names]."""
    kinds: tuple[ZoneKind, ...] = ()
    """Kinds of zones in which it may be used; empty: all [names]."""
    places: tuple[str, ...] = ()
    """Zones, county codes or prefectures in which it may be used; empty: everywhere [names]."""
    operators: tuple[str, ...] = ()
    """Operators that may use it, where the scenario has several; empty: all [names]."""
    poor: bool = False
    """Whether it may be used in poor counties only, those of ``budget.poor_counties`` [yes/no]."""
    release_months: tuple[CalendarMonth, ...] = (1, 4, 7, 10)
    """Calendar months on whose first day an equal part of the year's money is released: [1] once a year,
    [1, 4, 7, 10] by quarters, none where milestones release all [1..12]."""
    milestones: tuple[Milestone, ...] = ()
    """Money released once so many projects are in service, beside that of the release months."""
    matching: Matching | None = None
    """Makes it a pot that adds a share to what another one pays and never pays alone."""
    advance_months: Annotated[int, Field(ge=0)] = 0
    """Months whose later releases may be committed in advance; paid when they are released [months]."""
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

    @model_validator(mode="after")
    def _makes_sense(self) -> Pot:
        if not self.release_months and not self.milestones:
            raise ValueError("releases no money: it has neither release_months nor milestones")
        if self.yearly is not None and (self.share is not None or self.on_top):
            raise ValueError("has a yearly sum of its own, so it takes no share of the budget")
        if self.first_month and self.last_month and self.last_month < self.first_month:
            raise ValueError(f"closes in {self.last_month}, before it opens in {self.first_month}")
        return self

    def is_open_to(self, operator: str) -> bool:
        """Return whether an operator may use it."""
        return not self.operators or operator in self.operators

    @property
    def restrictions(self) -> int:
        """How many kinds of restriction it has; the most restricted pot is used first."""
        return bool(self.technologies) + bool(self.kinds) + bool(self.places) + self.poor

    def may_serve(self, technologies: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Return whether it may pay for each project of these technologies, shape (N,)."""
        if not self.technologies:
            return np.ones(len(technologies), dtype=bool)
        mine = np.zeros(len(technologies), dtype=bool)
        for name in self.technologies:
            mine |= technologies == name
        return mine

    def reaches(self, places: Places) -> NDArray[np.bool_]:
        """Return the zones in which it may be used, shape (Z,)."""
        reached = np.ones(len(places), dtype=bool)
        if self.kinds:
            reached &= np.isin(places.kind, list(self.kinds))
        if self.places:
            reached &= places.named(self.places)
        return reached & places.poor if self.poor else reached

    def may_pay(
        self, technologies: NDArray[np.object_], zones: NDArray[np.int_], places: Places
    ) -> NDArray[np.bool_]:
        """Return whether it may pay for projects of these technologies in these rows of zones, (N,)."""
        return self.may_serve(technologies) & self.reaches(places)[zones]

    def open_in(self, month: int) -> bool:
        """Return whether it may release money in a month (counted from year 0)."""
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
    poor_counties: str = ""
    """CSV file with the codes of poor counties; empty: none is poor [path]."""
    price_paths: PricePaths = PricePaths()
    """How prices move over the years."""
    pots: Annotated[dict[str, Pot], Field(min_length=1)]
    """The pots by name; their shares sum to at most 1."""

    @model_validator(mode="after")
    def _shares_fit(self) -> Budget:
        within = {name: pot for name, pot in self.pots.items() if not pot.on_top and pot.yearly is None}
        total = sum(pot.share or 0.0 for pot in within.values())
        if total > 1.0 + 1e-9:
            given = ", ".join(
                f"{name} {pot.share:g}" for name, pot in within.items() if pot.share is not None
            )
            raise ValueError(f"the shares of the pots sum to {total:g}, which is more than 1 ({given})")
        rest = [name for name, pot in self.pots.items() if pot.share is None and pot.yearly is None]
        if len(rest) > 1:
            raise ValueError(
                f"only one pot may take what the others leave, but {', '.join(rest)} have no share"
            )
        if rest and self.pots[rest[0]].on_top:
            raise ValueError(f"the pot {rest[0]} comes on top of the budget, so it needs a share of its own")
        if all(pot.matching for pot in self.pots.values()):
            raise ValueError("every pot only matches what another one pays: none is left that pays")
        return self

    @property
    def annual_fen(self) -> int:
        """Money for access networks in a full year [fen]."""
        yuan = self.annual_investment * self.province_share * self.access_share * self.scale
        return round(yuan * 100.0)

    @property
    def shares(self) -> dict[str, float]:
        """The share of the access budget of each pot, by name; 0 of one with a yearly sum of its own."""
        rest = 1.0 - sum(pot.share or 0.0 for pot in self.pots.values() if not pot.on_top)
        shares = {}
        for name, pot in sorted(self.pots.items()):
            left = max(0.0, rest) if pot.yearly is None else 0.0
            shares[name] = left if pot.share is None else pot.share
        return shares

    @property
    def yearly_fen(self) -> dict[str, int]:
        """Money of each pot in a full year, by name [fen]."""
        parts = largest_remainder(self.annual_fen, list(self.shares.values()))
        own = {name: pot.yearly for name, pot in self.pots.items() if pot.yearly is not None}
        yearly = dict(zip(self.shares, parts, strict=True))
        return yearly | {name: round(yuan * self.scale * 100.0) for name, yuan in own.items()}

    @property
    def order(self) -> list[str]:
        """The pots in the order in which a planner uses them: ring-fenced first, then by name."""
        return sorted(self.pots, key=lambda name: (-self.pots[name].restrictions, name))

    @property
    def payers(self) -> list[str]:
        """The pots that may pay alone, in the order of use."""
        return [name for name in self.order if self.pots[name].matching is None]

    @property
    def lapsing(self) -> frozenset[str]:
        """The pots whose uncommitted money lapses at the end of a calendar year."""
        return frozenset(name for name, pot in self.pots.items() if not pot.carry_over)

    def ways(self, pots: Sequence[str]) -> tuple[Way, ...]:
        """Return the ways of paying with these pots, in the order in which they are tried.

        Ways whose price another pot matches come first, the ring-fenced before the others, since they
        leave most of the payers' own money; a pot that matches never pays alone. ``Way.pot`` and
        ``Way.matching`` are places in ``pots``.
        """
        place = {name: number for number, name in enumerate(pots)}
        used = [name for name in self.order if name in place]
        payers = [name for name in used if self.pots[name].matching is None]
        matched = tuple(
            Way(place[payer], place[name], rule.share, rule.opex_years)
            for name in used
            if (rule := self.pots[name].matching) is not None
            for payer in payers
        )
        return (*matched, *(Way(place[payer]) for payer in payers))

    def may_pay(
        self,
        pots: Sequence[str],
        technologies: NDArray[np.object_],
        zones: NDArray[np.int_],
        places: Places,
    ) -> NDArray[np.bool_]:
        """Return whether each way of ``ways(pots)`` may pay for each project, shape (W, N).

        ``zones`` are the rows of the projects' zones in ``places``; both pots of a matched way must be
        open to the project.
        """
        each = [self.pots[name].may_pay(technologies, zones, places) for name in pots]
        rows = [
            each[way.pot] if way.matching < 0 else each[way.pot] & each[way.matching]
            for way in self.ways(pots)
        ]
        return np.array(rows, dtype=bool).reshape(len(rows), len(technologies))

    def releases(self, horizon: Horizon) -> dict[int, dict[str, int]]:
        """Return the money released by month index and pot, whatever is built [fen].

        A calendar year's money is split over pots and then over each pot's release months by
        largest remainder, so that a full year sums exactly. Of a year that lies in the horizon
        only in part, or in which a pot opens or closes, the release months inside count: the
        budget is pro rata by release months. What milestones release comes beside it (``earned``).
        """
        result: dict[int, dict[str, int]] = {}
        for name, yearly in self.yearly_fen.items():
            pot = self.pots[name]
            calendar = pot.release_months
            parts = largest_remainder(yearly, [1.0 / len(calendar)] * len(calendar)) if calendar else []
            amounts = dict(zip(calendar, parts, strict=True))
            for month in range(horizon.months):
                at = horizon.calendar_month(month)
                if at in amounts and pot.open_in(horizon.start + month):
                    result.setdefault(month, {})[name] = amounts[at]
        return dict(sorted(result.items()))

    def earned(self, month: int, done: Mapping[str, int], horizon: Horizon) -> dict[str, int]:
        """Return all that milestones have released by a month, by pot; pots without any are left out [fen].

        ``done`` holds the projects in service by label (``Work.labels``). Whoever keeps the money releases
        what exceeds that released on milestones so far; outside a pot's months nothing is earned.
        """
        result: dict[str, int] = {}
        for name, yearly in self.yearly_fen.items():
            pot = self.pots[name]
            if not pot.open_in(horizon.start + month):
                continue
            for stone in pot.milestones:
                if done.get(stone.label, 0) >= stone.projects:
                    result[name] = result.get(name, 0) + round(yearly * stone.share)
        return result

    def ahead(self, month: int, horizon: Horizon) -> dict[str, int]:
        """Return what may be committed in advance by pot: its releases of the months after ``month`` [fen].

        Only releases of the calendar within the horizon count, none that hang on a milestone; pots
        without advance are left out. ``month`` is an index of the horizon.
        """
        result: dict[str, int] = {}
        for later, amounts in self.releases(horizon).items():
            for name, fen in amounts.items():
                if month < later <= month + self.pots[name].advance_months:
                    result[name] = result.get(name, 0) + fen
        return result


def poor_counties(budget: Budget) -> frozenset[str]:
    """Return the codes of the poor counties; none where the budget names no list of them."""
    return read_poor_counties(Path(budget.poor_counties)) if budget.poor_counties else frozenset()


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
