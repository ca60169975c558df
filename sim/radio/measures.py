"""Shares and rates by month from what an audience hears."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.radio.audience import Audience, Weights
from sim.radio.onair import NetworkOnAir
from sim.radio.received import Heard
from sim.tables import radio as words
from sim.tables.radio import RADIO

Floats = NDArray[np.float64]
_DIGITS = 9
"""Digits after which sums differ between processors."""


@dataclass
class Sheet:
    """Rows of the table of one technology as they are measured."""

    technology: str
    months: int
    found: list[tuple[str, str, str, Floats]] = field(default_factory=list)

    def put(self, measure: str, breakdown: str, unit: str, values: NDArray[np.generic]) -> None:
        """Add a measure of every month; not-a-number is left out."""
        self.found.append((measure, breakdown, unit, np.asarray(values, dtype=np.float64)))

    def shares(self, measure: str, of: Weights, first: NDArray[np.integer], where: str) -> None:
        """Add the share of each weight whose first month has come."""
        for group, weight in of.items():
            name = " ".join(part for part in (group, where) if part)
            self.put(measure, name, "share", share_by_month(first, weight, self.months))

    def frame(self) -> pd.DataFrame:
        """Return the rows as the contract wants them."""
        count = len(self.found)
        values = np.concatenate([np.round(values, _DIGITS) for *_, values in self.found] or [np.zeros(0)])
        known = ~np.isnan(values)
        words_of = [np.repeat(np.array(column, dtype=object), self.months)[known]
                    for column in ([row[n] for row in self.found] for n in range(3))]  # fmt: skip
        return RADIO.frame(
            month=np.tile(np.arange(self.months), count)[known],
            technology=self.technology,
            measure=words_of[0],
            breakdown=words_of[1],
            value=values[known],
            unit=words_of[2],
        )


def share_by_month(first: NDArray[np.integer], weight: Floats, months: int) -> Floats:
    """Return by month the share of the weight whose first month has come, not-a-number without weight."""
    total = weight.sum()
    if total <= 0:
        return np.full(months, np.nan)
    slot = np.clip(first.astype(np.int64), -1, months) + 1
    return np.asarray(np.bincount(slot, weight, months + 2)[: months + 1].cumsum()[1:] / total)


def first_month(rsrp_dbm: NDArray[np.float32], wanted_dbm: Floats) -> NDArray[np.int64]:
    """Return the first month in which a power is reached, -1 from the first on, months for never, (P,).

    Networks only grow, so that what is reached stays. Powers are compared to a hundredth of a decibel.
    """
    wanted = np.round(wanted_dbm, 2).astype(np.float32)
    without = np.zeros(rsrp_dbm.shape[1], dtype=np.int64)
    for row in rsrp_dbm:
        without += np.round(row, 2) < wanted - np.float32(1e-3)
    return np.where(without == 0, -1, without)


def put_cover(
    sheet: Sheet, audience: Audience, air: NetworkOnAir, heard: Heard, weak_dbm: tuple[float, ...]
) -> None:
    """Measure residents, roads, places and villages with signal."""
    for where, wanted in _questions(audience, air, weak_dbm):
        first = first_month(heard.rsrp_dbm, wanted)
        sheet.shares(words.POPULATION, audience.residents(), first, where)
        if where != words.INDOOR:
            sheet.shares(words.ROADS, audience.roads, first, where)
        sheet.shares(words.PLACES, audience.places, first, where)
        if where == words.OUTDOOR:
            villages = village_months(audience, first, sheet.months)
            sheet.put(
                words.VILLAGES,
                words.MEASURED_RULE,
                "share",
                share_by_month(villages, np.ones(len(villages)), sheet.months),
            )


def _questions(
    audience: Audience, air: NetworkOnAir, weak_dbm: tuple[float, ...]
) -> Iterator[tuple[str, Floats]]:
    """Give where a terminal is and the power in the street that it asks for."""
    network = air.network
    street = np.full(len(audience.at), network.threshold_dbm() + network.margin_db())
    yield words.OUTDOOR, street
    yield words.INDOOR, street + network.entry_db(audience.kind)
    for level in weak_dbm:
        yield words.STRONG, np.full(len(audience.at), level)


def planned_month(audience: Audience, air: NetworkOnAir, heard: Heard) -> NDArray[np.int64]:
    """Return the month from which each point is covered as its network plans it, shape (points,)."""
    network, kinds = air.network, audience.kind
    indoors = network.planned_indoors(kinds) & audience.home
    wanted = network.threshold_dbm() + network.margin_db() + np.where(indoors, network.entry_db(kinds), 0.0)
    return first_month(heard.rsrp_dbm, wanted)[: audience.points]


def village_months(audience: Audience, first: NDArray[np.int64], months: int) -> NDArray[np.int64]:
    """Return the month from which each village has all the signal it must have, shape (villages,)."""
    rows = np.flatnonzero(audience.must_have)
    zones, which = np.unique(audience.zone[rows], return_inverse=True)
    last = np.full(audience.villages, months, dtype=np.int64)
    last[: len(zones)] = -1
    np.maximum.at(last, which, first[rows])
    return last
