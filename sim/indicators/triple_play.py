"""Indicators of converged networks: where two-way cable and television over lines are both on offer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.indicators.base import ALL, Evidence, Indicator, Series
from sim.indicators.cable import CABLE, cable_homes, two_way_homes
from sim.tables.plan import TELEVISION

LINES = ("dsl", "ftth")
"""Lines of the telecom operators that carry their television."""


def _television_homes(evidence: Evidence) -> NDArray[np.float64]:
    """Return the homes that lines of the telecom operators offer the rate of television, shape (M, Z)."""
    best = np.zeros(evidence.state.homes.shape)
    for row in evidence.rows(*LINES):
        able = evidence.state.peak_mbps[:, row] >= evidence.options.iptv_rate
        best = np.maximum(best, np.where(able, evidence.state.homes_passed[:, row], 0))
    return best


def _both(evidence: Evidence, codes: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Return the share of places where both are on offer, shape (M,); ``codes`` gives each zone's place.

    Both are on offer where two-way plant passes the stated share of the cable homes, and lines of the
    rate of television the stated share of all homes. A place without cable homes has no cable to offer.
    """

    def by_place(homes: NDArray[np.generic]) -> NDArray[np.float64]:
        return np.stack([np.bincount(codes, row, count) for row in homes])

    least = evidence.options.triple_play_share
    wired, two_way = by_place(cable_homes(evidence)), by_place(two_way_homes(evidence))
    homes, lines = by_place(evidence.state.homes), by_place(_television_homes(evidence))
    both = (wired > 0) & (two_way >= least * wired) & (lines >= least * homes)
    return np.asarray(both.mean(axis=1), dtype=np.float64)


def counties(evidence: Evidence) -> Series:
    """Return the share of counties where cable broadband and television over lines are both on offer."""
    names, codes = np.unique(evidence.area.zones["county"].to_numpy(dtype=str), return_inverse=True)
    return {ALL: _both(evidence, codes, len(names))}


def prefectures(evidence: Evidence) -> Series:
    """Return the share of prefectures where cable broadband and television over lines are both on offer."""
    return {ALL: _both(evidence, evidence.prefecture, len(evidence.prefectures))}


INDICATORS = (
    Indicator(
        "triple_play_counties_share",
        "share",
        "counties where two-way cable, and lines that carry television, are both on offer to the stated "
        "share of homes",
        counties,
        (CABLE, *LINES),
        need=(TELEVISION, 10.0),
    ),
    Indicator(
        "triple_play_prefectures_share",
        "share",
        "prefectures where two-way cable, and lines that carry television, are both on offer to the stated "
        "share of homes",
        prefectures,
        (CABLE, *LINES),
        need=(TELEVISION, 10.0),
    ),
)
