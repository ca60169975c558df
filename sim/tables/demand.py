"""What homes and people want, by month and kind of zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Tariffs:
    """Prices and incomes in yuan of the price year: M months, K kinds of zones (city, town, village)."""

    fixed_index: NDArray[np.float64]
    """Price of a fixed line over the price that was expected when take-up was observed, shape (M, K)."""
    fixed_yuan: NDArray[np.float64]
    """Mean price of a fixed line, shape (M, K) [yuan/month]."""
    entry_yuan: NDArray[np.float64]
    """Price of the cheapest package of a fixed line, shape (M, K) [yuan/month]."""
    per_gb_yuan: NDArray[np.float64]
    """Price of mobile data, shape (M,) [yuan/GB]."""
    income_yuan: NDArray[np.float64]
    """Disposable income of a resident, shape (M, K) [yuan/person/yr]."""


@dataclass(frozen=True, eq=False)
class Traffic:
    """Mean traffic in each of M months."""

    fixed_gb: NDArray[np.float64]
    """Traffic of a fixed line, shape (M,) [GB/line/month]."""
    mobile_gb: NDArray[np.float64]
    """Traffic of a user of mobile broadband, shape (M,) [GB/user/month]."""


NBIOT = "nbiot"
"""Network of things that NB-IoT carries; the others' is ``cellular``."""


@dataclass(frozen=True, eq=False)
class Things:
    """Connected things: U uses, M months, K kinds of zones (city, town, village)."""

    uses: tuple[str, ...]
    """Names of the uses."""
    networks: tuple[str, ...]
    """What carries each: ``nbiot`` or ``cellular``."""
    per_home: NDArray[np.float64]
    """Things that a home could have connected, shape (U, K)."""
    per_resident: NDArray[np.float64]
    """Things that there could be for each resident, shape (U, K)."""
    adopted: NDArray[np.float64]
    """Share of the things whose owners want them connected, shape (M, U)."""
    deep_share: NDArray[np.float64]
    """Share of the things that stand deep indoors, shape (U,)."""


def held_share(catch_up: float, churn: float) -> float:
    """Return the share of willing homes that hold a line when as many are put in as are given up.

    Of lines a share x (``churn``) is given up in a month, of those without one a share c takes it up:
    S' = (1 - x) S + c (W - (1 - x) S) stands still at c / (c + x - c x) of the willing W.
    """
    return catch_up / (catch_up + churn - catch_up * churn) if churn > 0.0 else 1.0


@dataclass(frozen=True, eq=False)
class Demand:
    """Willingness and traffic: M months, K kinds of zones (city, town, village), N tiers, Z zones."""

    zone_kind: NDArray[np.int8]
    """Row of each zone's kind in ``sim.tables.layers.ZONE_KINDS``, shape (Z,)."""
    fixed_willing: NDArray[np.float64]
    """Share of homes that would subscribe to a fixed line if they could, those between two lines included,
    shape (M, K)."""
    fixed_design: NDArray[np.float64]
    """Share of homes that lines are built for: those with one at the end of the design life, shape (K,).
    Lines beyond a home's first are put in from the reserve."""
    mobile_willing: NDArray[np.float64]
    """Cards of mobile broadband (3G or later) wanted per resident, shape (M, K)."""
    lte_ready: NDArray[np.float64]
    """Share of those cards that are in an LTE handset, shape (M,)."""
    nr_ready: NDArray[np.float64]
    """Share of them that are in a 5G handset, shape (M,)."""
    tiers_mbps: NDArray[np.float64]
    """Rates on offer, ascending, shape (N,) [Mbit/s]."""
    tier_share: NDArray[np.float64]
    """Share of subscribers that want each rate, were it on offer, shape (M, N)."""
    fixed_busy_mbps: NDArray[np.float64]
    """Mean traffic of a fixed line at the busy hour, shape (M,) [Mbit/s]."""
    mobile_busy_mbps: NDArray[np.float64]
    """Mean traffic of an LTE card at the busy hour, shape (M,) [Mbit/s]."""
    catch_up_per_month: float
    """Share of the homes that are willing and passed but not yet connected that connect in a month."""

    delivered_share: float
    """Share of the rate paid for that gets through everything but the access line at the busy hour."""
    delivered_spread: float = 0.0
    """Spread of the logarithm of that share among homes."""
    willing_by_income: NDArray[np.float64] | None = None
    """What ``fixed_willing`` is the mean of: homes of equal groups by income, the poorest first, shape
    (M, K, G); none where homes are not told apart."""
    churn_per_month: float = 0.0
    """Share of lines that are given up in a month."""
    migration_per_month: float | None = None
    """Share of the homes waiting for a technology, but on another wire, that move in a month; none: as
    quickly as those without a line."""
    second_lines: NDArray[np.float64] | None = None
    """Lines beyond the first for each home with a line (shops, offices, second homes), shape (K,)."""
    mobile_cards: NDArray[np.float64] | None = None
    """Cards of all generations in use per resident, shape (M, K)."""
    cards_per_person: float = 1.0
    """Cards in use for each person who uses any."""
    mean_over_busy: float = 1.0
    """Traffic of the mean hour of a day over that of its busy hour."""
    tariffs: Tariffs | None = None
    """What lines and data cost; none, like the next two, where a demand is made up to test something else."""
    traffic: Traffic | None = None
    """What lines and users send and receive."""
    things: Things | None = None
    """Which things could be connected, and when."""

    @property
    def held_share(self) -> float:
        """Share of willing homes that hold a line when as many are put in as are given up."""
        return held_share(self.catch_up_per_month, self.churn_per_month)

    @property
    def fixed_lines(self) -> NDArray[np.float64]:
        """Homes with a line at any one time, were all passed: the willing less those in between, (M, K)."""
        return self.fixed_willing * self.held_share

    @property
    def lines_per_home(self) -> NDArray[np.float64]:
        """Lines as statistics count them for each home with one, by zone, shape (Z,)."""
        import numpy as np

        if self.second_lines is None:
            return np.ones(len(self.zone_kind))
        return np.asarray((1.0 + self.second_lines)[self.zone_kind], dtype=np.float64)

    @property
    def umts_ready(self) -> NDArray[np.float64]:
        """Share of them that are in a handset of 3G at best, shape (M,)."""
        return 1.0 - self.lte_ready

    def subscribed_mbps(self, month: int, capability_mbps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean rate paid for on lines of these capabilities, same shape [Mbit/s].

        A subscriber takes the tier wanted or, where the line carries less, what it carries.
        """
        import numpy as np

        levels, inverse = np.unique(capability_mbps, return_inverse=True)
        taken = np.minimum(self.tiers_mbps[None, :], levels[:, None]) @ self.tier_share[month]
        return np.asarray(taken[inverse].reshape(capability_mbps.shape), dtype=np.float64)
