"""What a run's money earns by zone: the customers who are there by it, and what they pay for the network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.finance import MONTHS_PER_YEAR, by_year
from sim.indicators.evaluation import Evaluation
from sim.indicators.outlays import FIXED_USES
from sim.tables.plan import IOT, MOBILE

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.indicators.finance_options import FinanceOptions
    from sim.tables.results import MonthlyState

Floats = NDArray[np.float64]
FEN_PER_YUAN = 100
_ROUNDING = 1e-3
"""Customers of a zone below which a difference is rounding."""
SECOND_GENERATION, FIFTH_GENERATION = "gsm", "nr"
_LINES = ("fixed", "moved")
"""Customers who pay the price of a line."""


@dataclass(frozen=True, eq=False)
class Earnings(Evaluation):
    """What one replication earns: M months, N evaluated, T technologies, Z zones."""

    state: MonthlyState
    alone: tuple[NDArray[np.float32], NDArray[np.float32]]
    """Subscribers and covered share had nothing been spent, both of shape (M, T, Z)."""
    options: FinanceOptions
    horizon: Horizon

    @cached_property
    def added(self) -> dict[str, Floats]:
        """Customers that there are by the run's money, by what they pay, shape (M, Z).

        Fixed lines; those that moved to new plant from old; users of mobile broadband; those of 5G; and
        residents whom NB-IoT newly covers.
        """
        state, (without, covered) = self.state, self.alone
        rows = {
            use: [row for row, one in enumerate(state.uses) if one in uses]
            for use, uses in (("fixed", FIXED_USES), ("mobile", (MOBILE,)), ("iot", (IOT,)))
        }
        more = {use: _more(state.subscribers, without, rows[use]) for use in ("fixed", "mobile")}
        fifth = [state.technology(FIFTH_GENERATION)] if FIFTH_GENERATION in state.technologies else []
        things = np.zeros(more["fixed"].shape)
        for row in rows["iot"]:
            things = np.maximum(things, (state.covered_share[:, row] - covered[:, row]) * state.population)
        each = [_more(state.subscribers, without, [row]) for row in rows["fixed"]]
        on_new = np.sum(each, axis=0) if each else np.zeros(things.shape)
        return {
            **more,
            "moved": np.maximum(on_new - more["fixed"], 0.0),
            "nr": _more(state.subscribers, without, fifth),
            "iot": np.maximum(things, 0.0),
        }

    @cached_property
    def new_part(self) -> Floats:
        """Part of a mobile customer's revenue that mobile broadband adds in each zone, shape (Z,).

        The data part where 2G served before, all of it where nothing did.
        """
        if SECOND_GENERATION not in self.state.technologies:
            return np.full(self.zones, self.options.data_share)
        served = self.alone[1][0, self.state.technology(SECOND_GENERATION)].astype(np.float64)
        return np.asarray(1.0 - served * (1.0 - self.options.data_share))

    @cached_property
    def price(self) -> dict[str, Floats]:
        """What a customer pays in each month evaluated for the network, shape (N,) [fen/month]."""
        one = self.options
        years = (self.horizon.start + np.arange(self.evaluated) + 0.5) / MONTHS_PER_YEAR
        # a yearly figure stands for the middle of its year
        fixed, mobile, iot = (
            by_year(points, years - 0.5) for points in (one.fixed_arpu, one.mobile_arpu, one.iot_connections)
        )
        kept = FEN_PER_YUAN * one.network_share
        return {
            "fixed": fixed * kept,
            "moved": fixed * kept * one.moved_share,
            "mobile": mobile * kept,
            "nr": mobile * kept * one.nr_uplift,
            "iot": iot * kept * one.iot_arpu / MONTHS_PER_YEAR,
        }

    @cached_property
    def paying(self) -> dict[str, Floats]:
        """Those customers, each counted as the part of the price expected that tariffs ask of it, (M, Z)."""
        lines = self.state.lines
        tariffs = None if lines is None else lines.demand.tariffs
        if lines is None or tariffs is None:
            return self.added
        index = tariffs.fixed_index[:, lines.demand.zone_kind]
        return {kind: many * index if kind in _LINES else many for kind, many in self.added.items()}

    @cached_property
    def revenue(self) -> Floats:
        """Revenue by month of the run and zone, shape (M, Z) [fen/month]."""
        return self.earned(slice(0, self.months), slice(None))

    def earned(self, months: slice, zones: slice) -> Floats:
        """Return revenue in some of the months evaluated; customers stay after the last month."""
        place = np.minimum(np.arange(self.evaluated)[months], self.months - 1)
        total = np.zeros((len(place), len(range(*zones.indices(self.zones)))))
        for kind, customers in self.paying.items():
            worth = self.price[kind][months, None] * customers[place][:, zones]
            total += worth * self.new_part[zones] if kind == "mobile" else worth
        return total

    def total(self) -> Floats:
        """Return revenue over all zones by month evaluated, shape (N,) [fen/month]."""
        place = np.minimum(np.arange(self.evaluated), self.months - 1)
        total = np.zeros(self.evaluated)
        for kind, customers in self.paying.items():
            weight = self.new_part if kind == "mobile" else np.ones(self.zones)
            total += self.price[kind] * (customers @ weight)[place]
        return total


def _more(subscribers: NDArray[np.float32], without: NDArray[np.float32], rows: list[int]) -> Floats:
    """Return how many more there are with the money than without over some technologies, shape (M, Z)."""
    with_money = subscribers[:, rows].sum(axis=1, dtype=np.float64)
    alone = without[:, rows].sum(axis=1, dtype=np.float64)
    more = with_money - alone
    return np.where(more > _ROUNDING, more, 0.0)
