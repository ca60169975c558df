"""The open needs as the planner weighs them: who meets each, who lacks it, and how much that claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.planning.situation import Situation
from sim.planning.weights import Weights
from sim.tables.plan import FIXED, MOBILE, TELEVISION

if TYPE_CHECKING:
    import pandas as pd

APART = ("satellite",)
"""Fixed technologies that targets on lines leave out unless they name them."""
SEPARATOR = ";"


@dataclass(frozen=True)
class Want:
    """One open need as of one month."""

    use: str
    kind: str
    """Kind of zone, or group of roads."""
    wanted_mbps: np.float32
    weight: float
    """Worth of one home, person or kilometre now, with the nearness of the due month."""
    enough: float
    """Share from which the need is met: of a length of road, or of a village's residents by radio."""
    counts: tuple[str, ...]
    """Technologies that meet it; a use stands for all its technologies; empty: all of its use."""

    def met_by(self, use: str, technology: str) -> bool:
        """Return whether a project of a use and technology may meet it."""
        if not self.counts:
            return use == self.use
        if technology in self.counts:
            return True
        uses = (FIXED, TELEVISION) if FIXED in self.counts else ()
        return (use in self.counts or use in uses) and technology not in APART

    def layers_of(self, now: Situation) -> list[int]:
        """Return the layers of standing lines that meet it."""
        every = range(len(now.line_layers()[0]))
        if not self.counts or not now.layers:
            return list(every)
        return [row for row in every if self.met_by(FIXED, now.layers[row])]


def open_wants(needs: pd.DataFrame, month: int, weights: Weights) -> list[Want]:
    """Return the needs that weigh anything as of a month, in the order of the table."""
    left = needs["due_month"].to_numpy(dtype=np.float64) - month
    weight = needs["weight"].to_numpy(dtype=np.float64) * weights.urgency(left)
    wanted = needs["wanted_mbps"].to_numpy(dtype=np.float32)
    # a share that targets state in two digits must not fail by the last bit of a float32
    enough = np.round(needs["enough"].to_numpy(dtype=np.float64), 6).tolist()
    counts = [tuple(filter(None, str(text).split(SEPARATOR))) for text in needs["counts"]]
    rows = zip(needs["use"], needs["kind"], wanted, weight.tolist(), enough, counts, strict=True)
    return [want for want in (Want(*row) for row in rows) if want.weight > 0]


@dataclass(frozen=True, eq=False)
class Claim:
    """What the homes of each zone may claim for one need of lines, Z zones."""

    lacking: NDArray[np.float64]
    """Share of the homes that lack it, shape (Z,)."""
    part: NDArray[np.float64]
    """What one of them counts, by the part of the rate that it lacks, shape (Z,), 0..1."""
    by_radio: NDArray[np.float64]
    """Share of the residents whom radio that meets it serves already, shape (Z,)."""

    @classmethod
    def of(cls, want: Want, now: Situation, shortfall_share: float) -> Claim:
        """Return the claims of a need of lines as of now.

        Sorted by falling rate, layers nest on the same homes: each adds the homes that it passes beyond
        the faster ones. A home with rate ``h`` below the wanted ``w`` counts ``1 - shortfall_share *
        h / w``, and homes are newly served in the proportions in which they lack it. Where radio meets
        the need too, the share of residents that it serves has it, and from ``enough`` on all have.
        """
        chosen = want.layers_of(now)
        rate, share = (layer[chosen].astype(np.float64) for layer in now.every_line())
        fast = (layer := now.every_line()[0][chosen]) >= want.wanted_mbps
        fast &= layer > 0
        order = np.argsort(-rate, axis=0, kind="stable")
        rate, share = np.take_along_axis(rate, order, axis=0), np.take_along_axis(share, order, axis=0)
        fast = np.take_along_axis(fast, order, axis=0)
        reached = np.maximum.accumulate(np.where(rate > 0, share, 0.0), axis=0)
        slow = np.diff(reached, axis=0, prepend=0.0) * ~fast
        having = np.where(fast, reached, 0.0).max(axis=0, initial=0.0)
        lacking = np.clip(1.0 - having, 0.0, 1.0)
        part = np.ones(now.zones)
        if want.wanted_mbps > 0:
            taken = shortfall_share * (slow * rate).sum(axis=0) / float(want.wanted_mbps)
            np.divide(lacking - taken, lacking, out=part, where=lacking > 0)
        by_radio = np.zeros(now.zones)
        if radio_of(want, now):
            by_radio = now.share_of_people(now.met(radio_of(want, now)))
            lacking = np.where(at_least(by_radio, want.enough), 0.0, np.minimum(lacking, 1.0 - by_radio))
        return cls(lacking, np.clip(part, 0.0, 1.0), by_radio)

    def newly(self, zone: NDArray[np.int64], offered: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what lines offered to a share of the homes are worth, in homes of each zone's homes."""
        return np.minimum(self.lacking[zone], offered) * self.part[zone]

    def newly_by_radio(
        self, zone: NDArray[np.int64], covered: NDArray[np.float64], enough: float
    ) -> NDArray[np.float64]:
        """Return what radio that newly covers a share of the residents is worth, likewise.

        Who is covered counts, and all who lack it where that brings the residents covered to ``enough``.
        """
        whole = at_least(self.by_radio[zone] + covered, enough)
        return np.where(whole, self.lacking[zone], np.minimum(self.lacking[zone], covered)) * self.part[zone]


def radio_of(want: Want, now: Situation) -> list[str]:
    """Return the radio technologies that stand and meet a need, by name."""
    return [name for name in sorted({*now.covered, *now.elsewhere}) if want.met_by(MOBILE, name)]


def at_least(share: NDArray[np.float64], enough: float) -> NDArray[np.bool_]:
    """Return whether shares reach a threshold stated in a few digits."""
    return np.asarray(np.round(share, 6) >= enough)
