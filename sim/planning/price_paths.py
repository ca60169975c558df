"""How prices move over the years: general inflation, and what each item learns or loses beside it."""

from __future__ import annotations

from dataclasses import replace
from math import log2
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from sim.clock import Horizon
from sim.options import Options
from sim.parameters import Quantity
from sim.tables.plan import ITEMS, Proposal

PricedItem = Literal[
    "active", "passive", "civil", "tower", "power", "backhaul", "terminal", "opex", "connection"
]
"""The items a price is made of, yearly running cost, and connecting a subscriber."""


class ItemPath(Options):
    """How the price of one item moves beside general inflation; nothing given: it does not move."""

    per_year: Annotated[float | None, Field(gt=-1), Quantity("1/yr")] = None
    """Change of the price a year: -0.1 makes it a tenth cheaper every year [1/yr]."""
    learning: Annotated[float | None, Field(ge=0, lt=1), Quantity("share")] = None
    """By how much the price falls whenever the number ever made doubles, instead of ``per_year`` [share]."""
    volume_growth: Annotated[float, Field(ge=0), Quantity("1/yr")] = 0.0
    """Growth of the number ever made, which ``learning`` follows [1/yr]."""
    index: dict[int, Annotated[float, Field(gt=0), Quantity("1")]] = Field(default_factory=dict)
    """Price by calendar year on any scale, beside general inflation; between the years given it moves by
    one rate, beyond them as said above [1]."""

    @model_validator(mode="after")
    def _one_way(self) -> ItemPath:
        if self.per_year is not None and self.learning is not None:
            raise ValueError("takes per_year or learning, not both")
        if self.volume_growth and self.learning is None:
            raise ValueError("volume_growth moves no price without learning")
        return self

    @property
    def rate(self) -> float:
        """Change of the price a year [1/yr].

        Where the number ever made grows by the share g a year it doubles log2(1 + g) times a year, and
        each doubling leaves 1 - ``learning`` of the price.

        References
        ----------
        Wright, Factors Affecting the Cost of Airplanes, Journal of the Aeronautical Sciences 3, 1936.
        """
        if self.learning is not None:
            return float((1.0 - self.learning) ** log2(1.0 + self.volume_growth)) - 1.0
        return self.per_year or 0.0

    def factor(self, year: int, base: int) -> float:
        """Return the price of a year as a multiple of that of the base year, without inflation."""
        if not self.index:
            return float((1.0 + self.rate) ** (year - base))
        return self._level(year) / self._level(base)

    def _level(self, year: int) -> float:
        """Price of a year on the scale of ``index``."""
        known = sorted(self.index)
        edge = min(max(year, known[0]), known[-1])
        level = np.exp(np.interp(edge, known, np.log([self.index[at] for at in known])))
        return float(level * (1.0 + self.rate) ** (year - edge))


class PricePaths(Options):
    """Prices by item and calendar year; those of the parameter table are those of the base year."""

    base_year: int | None = None
    """Calendar year whose prices the parameter table gives; left out: that of the first month [year]."""
    inflation: Annotated[float, Field(gt=-1), Quantity("1/yr")] = 0.0
    """General rise of all prices a year; 0 where all money is that of the price year [1/yr]."""
    items: dict[PricedItem, ItemPath] = Field(default_factory=dict)
    """How single items move beside that: active, passive, civil, tower, power, backhaul, terminal, opex
    and connection (drop and terminal of a new subscriber)."""

    @field_validator("items")
    @classmethod
    def _index_in_order(cls, items: dict[PricedItem, ItemPath]) -> dict[PricedItem, ItemPath]:
        return dict(sorted(items.items()))

    def factor(self, item: str, year: int, horizon: Horizon) -> float:
        """Return the price of an item in a calendar year as a multiple of that of the base year.

        It is (1 + inflation)^n times what the item's own path says, n the years since the base year.
        ``item`` is one of ``PricedItem``.
        """
        base = self.base_year if self.base_year is not None else horizon.year(0)
        general = (1.0 + self.inflation) ** (year - base)
        own: ItemPath | None = {str(name): path for name, path in self.items.items()}.get(item)
        return float(general) * (own.factor(year, base) if own is not None else 1.0)

    def at(self, proposal: Proposal, month: int, horizon: Horizon) -> Proposal:
        """Return a proposal at the prices of a month: candidates, their running cost and assets.

        Prices keep one level over a calendar year, that of the parameter table times ``factor``,
        rounded to whole fen. The very same proposal comes back where nothing moves.
        """
        year = horizon.year(month)
        factor = {item: self.factor(item, year, horizon) for item in (*ITEMS, "opex")}
        if all(value == 1.0 for value in factor.values()):
            return proposal
        changes = {f"{item}_fen": factor[item] for item in ITEMS}
        assets = proposal.assets.assign(
            **{name: _moved(proposal.assets[name].to_numpy(), by) for name, by in changes.items()}
        )
        changes["opex_fen_per_year"] = factor["opex"]
        candidates = proposal.candidates.assign(
            **{name: _moved(proposal.candidates[name].to_numpy(), by) for name, by in changes.items()}
        )
        return replace(proposal, candidates=candidates, assets=assets)


def _moved(price: NDArray[np.int64], factor: float) -> NDArray[np.int64]:
    """Return prices times a factor in whole fen."""
    return np.asarray(np.rint(price * factor), dtype=np.int64)
