"""The bill of quantities: what a design is made of, what each thing costs, and which cables carry fibres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.access.rooted import Floats, Rows

BUILD, CONNECT = "build", "connect"
"""When a line is paid: for passing the homes, or for connecting those that subscribe."""


@dataclass(frozen=True)
class Line:
    """One thing of a bill."""

    what: str
    unit: str
    quantity: float
    price: float
    """Price of one [yuan]."""
    item: str
    """Item of the price: active, passive or civil."""
    stage: str = BUILD
    """When it is paid."""

    @property
    def yuan(self) -> float:
        """What the line costs."""
        return self.quantity * self.price


@dataclass(frozen=True)
class Bill:
    """Everything that a design is made of."""

    lines: tuple[Line, ...]

    def yuan(self, stage: str = BUILD, item: str = "") -> float:
        """Return what a stage costs, all of it or one item."""
        return sum(line.yuan for line in self.lines if line.stage == stage and item in ("", line.item))

    def by_item(self, stage: str = BUILD) -> dict[str, float]:
        """Return the yuan of each item."""
        return {item: self.yuan(stage, item) for item in dict.fromkeys(line.item for line in self.lines)}

    def quantity(self, what: str) -> float:
        """Return how much there is of what is called so, or begins so; 0 where nothing is."""
        return sum(
            line.quantity
            for line in self.lines
            if line.what == what or (what.endswith(" ") and line.what.startswith(what))
        )


@dataclass(frozen=True, eq=False)
class Cables:
    """The cables that carry the fibres of each edge, and their price."""

    yuan_per_m: Floats
    """Cable price of each edge, shape (n,) [yuan/m]."""
    cables: Rows
    """Cables on each edge, shape (n,)."""
    metres: Mapping[int, float]
    """Length of cable by its fibres [m]."""


def cabled(fibres: Floats, length_m: Floats, price: Mapping[int, float], spare: float) -> Cables:
    """Return the cables for so many fibres on each edge, shape (n,), with a share of spares.

    An edge gets as many of the largest cables as it fills, and the cheapest cable that holds the rest.
    """
    sizes = np.array(sorted(price))
    prices = np.array([price[size] for size in sizes.tolist()])
    need = np.ceil(np.round(fibres * (1.0 + spare), 6)).astype(np.int64)
    full = np.maximum(need - 1, 0) // sizes[-1]
    rest = need - full * sizes[-1]
    fits = sizes[None, :] >= rest[:, None]
    chosen = np.where(fits, prices[None, :], np.inf).argmin(axis=1)
    some = need > 0
    yuan = full * prices[-1] + np.where(some, prices[chosen], 0.0)
    metres = np.bincount(chosen[some], weights=length_m[some], minlength=len(sizes))
    metres[-1] += float((full * length_m).sum())
    return Cables(
        yuan,
        full + some,
        {int(size): float(total) for size, total in zip(sizes, metres, strict=True) if total > 0.0},
    )


def smallest_fitting(need: Rows, price: Mapping[int, float]) -> Rows:
    """Return the cheapest size that holds each need, shape of the need; none may exceed the largest."""
    sizes = np.array(sorted(price))
    prices = np.array([price[size] for size in sizes.tolist()])
    fits = sizes[None, :] >= np.asarray(need)[:, None]
    chosen: Rows = sizes[np.where(fits, prices[None, :], np.inf).argmin(axis=1)]
    return chosen
