"""Indicators of converged networks: where two-way cable and television over lines are both on offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.indicators.base import ALL, Evidence, Indicator, Series
from sim.indicators.cable import CABLE, cable_homes, two_way_homes
from sim.tables.plan import TELEVISION

LINES = ("dsl", "ftth")
"""Lines of the telecom operators that carry their television."""
_SAME = 1e-6
Floats = NDArray[np.float64]


def _television_homes(evidence: Evidence) -> NDArray[np.int32]:
    """Return the homes that lines of the telecom operators offer the rate of television, shape (M, Z)."""
    best = np.zeros_like(evidence.state.homes)
    for row in evidence.rows(*LINES):
        able = evidence.state.peak_mbps[:, row] >= evidence.options.iptv_rate
        best = np.maximum(best, np.where(able, evidence.state.homes_passed[:, row], 0))
    return best


@dataclass(frozen=True, eq=False)
class Places:
    """What cable and lines offer in P places over M months, each of shape (M, P)."""

    wired: Floats
    """Cable homes."""
    two_way: Floats
    """Cable homes whose plant carries both directions."""
    homes: Floats
    """All homes."""
    television: Floats
    """Homes that lines of the telecom operators offer the rate of television."""

    def together(self, codes: NDArray[np.int64], count: int) -> Places:
        """Return the sums over larger places; ``codes`` (P,) gives the one in which each place lies."""
        member = (codes[:, None] == np.arange(count)).astype(np.float64)
        return Places(*(part @ member for part in (self.wired, self.two_way, self.homes, self.television)))

    def both(self, least: float) -> Floats:
        """Return the share of places where both are on offer to a share of homes at least, shape (M,).

        Two-way plant must pass that share of the cable homes, and lines of the rate of television that
        share of all homes. A place without cable homes has no cable to offer.
        """
        cable = (self.wired > 0) & (self.two_way >= least * self.wired - _SAME)
        lines = self.television >= least * self.homes - _SAME
        return np.asarray((cable & lines).mean(axis=1), dtype=np.float64)


def _counties(evidence: Evidence) -> tuple[Places, NDArray[np.int64]]:
    """Return what is on offer by county, and the prefecture of each."""
    zones = evidence.area.zones
    _, first, code = np.unique(zones["county"].to_numpy(dtype=str), return_index=True, return_inverse=True)

    def by_county(homes: NDArray[Any]) -> Floats:
        return np.stack([np.bincount(code, row, len(first)) for row in homes])

    places = Places(
        wired=by_county(cable_homes(evidence)),
        two_way=by_county(two_way_homes(evidence)),
        homes=by_county(evidence.state.homes),
        television=by_county(_television_homes(evidence)),
    )
    return places, evidence.prefecture[first]


def counties(evidence: Evidence) -> Series:
    """Return the share of counties where cable broadband and television over lines are both on offer."""
    places, _ = evidence.keep("triple play", _counties)
    return {ALL: places.both(evidence.options.triple_play_share)}


def prefectures(evidence: Evidence) -> Series:
    """Return the share of prefectures where cable broadband and television over lines are both on offer."""
    places, prefecture = evidence.keep("triple play", _counties)
    whole = places.together(prefecture, len(evidence.prefectures))
    return {ALL: whole.both(evidence.options.triple_play_share)}


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
