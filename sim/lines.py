"""Which fixed line a home takes first, and which new homes are built with fibre.

The plan that pays for connections and the fold that repeats them from the log follow this one rule.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from sim.tables.ground import Ground

FIBRE, COPPER = "ftth", "dsl"
PREFERENCE = ("ftth", "cable", "dsl", "fwa", "satellite")
"""Fixed technologies as a household prefers them; others come after, by name."""
WIRED = ("ftth", "cable")
"""Technologies whose lines are put in one by one, whatever that costs."""
_ROUNDING = 1e-6
"""Keeps a share that stands for a whole number of homes from losing one to rounding."""

Floats = NDArray[np.float64]


def in_order(names: Iterable[str], one_by_one: Collection[str]) -> tuple[str, ...]:
    """Return fixed technologies in the order in which homes are given to them.

    Those whose lines are put in one by one come first, so that what the others serve at once never
    decides what must be paid for.
    """

    def place(name: str) -> tuple[bool, int, str]:
        known = PREFERENCE.index(name) if name in PREFERENCE else len(PREFERENCE)
        return name not in one_by_one, known, name

    return tuple(sorted(names, key=place))


def whole_homes(share: Floats, homes: NDArray[np.int32]) -> Floats:
    """Return the whole homes that a share of them is, same shape."""
    return np.asarray(np.floor(share * homes + _ROUNDING), dtype=np.float64)


def wanted_lines(willing: Floats, taken: Floats, reached: Floats) -> Floats:
    """Return the homes that want a technology and can have it, shape (Z,).

    A household has one line: the willing less those on the technologies before it, and no more than it
    reaches.
    """
    return np.minimum(np.maximum(willing - taken, 0.0), reached)


class FibredHomes:
    """New homes that are built with fibre, month by month.

    A home is built with fibre where its point of presence has fibre when the month begins: plant of
    month 0, or a project that was active before, in any zone of that point.
    """

    def __init__(self, ground: Ground) -> None:
        self._rule = ground.new_housing
        self.homes = np.zeros(ground.homes.shape[1])
        """New homes with fibre so far, shape (Z,)."""
        self._most = np.zeros(ground.homes.shape[1])
        self._group = presence_of(ground)

    def share(self) -> Floats:
        """Return the share of each zone's homes that was built with fibre, shape (Z,)."""
        return np.minimum(self.homes / np.maximum(self._most, 1.0), 1.0)

    def together(self, share: Floats) -> Floats:
        """Return the share of homes that fibre passes by plant (``share``) or since they were built.

        Plant passes old and new homes alike.
        """
        if self._rule is None:
            return share
        return 1.0 - (1.0 - share) * (1.0 - self.share())

    def build(self, month: int, homes: NDArray[np.int32], share_before: Floats) -> None:
        """Add the homes built in a month; ``share_before`` is what plant passed when it began.

        ``homes`` are those of the month, shape (Z,); the largest number so far counts, so that the
        rounding of a zone's homes takes no line away.
        """
        if self._rule is None:
            return
        np.maximum(self._most, homes, out=self._most)
        lit = np.zeros(int(self._group.max(initial=-1)) + 1, dtype=bool)
        lit[self._group[share_before > 0]] = True
        added = np.where(lit[self._group], self._rule.built[month] * self._rule.share, 0.0)
        self.homes = np.minimum(self.homes + added, self._most)


def presence_of(ground: Ground) -> NDArray[np.int64]:
    """Return the point of presence of each zone as a number; one without stands alone, shape (Z,)."""
    zones = ground.homes.shape[1]
    presence = np.full(zones, -1) if ground.presence is None else ground.presence.astype(np.int64)
    alone = presence < 0
    first = int(presence.max(initial=-1)) + 1
    return np.where(alone, first + np.cumsum(alone) - 1, presence)


def standing_share(ground: Ground, name: str) -> Floats:
    """Return the share of homes that a technology passes in month 0, shape (Z,)."""
    return _of(ground.standing_share, name, ground)


def standing_subscribers(ground: Ground, name: str) -> Floats:
    """Return the subscribers of a technology in month 0, shape (Z,)."""
    return _of(ground.standing_subscribers, name, ground)


def _of(known: Mapping[str, Floats], name: str, ground: Ground) -> Floats:
    return known.get(name, np.zeros(ground.homes.shape[1])).astype(np.float64)
