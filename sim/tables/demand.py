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
class Demand:
    """Willingness and traffic: M months, K kinds of zones (city, town, village), N tiers, Z zones."""

    zone_kind: NDArray[np.int8]
    """Row of each zone's kind in ``sim.tables.layers.ZONE_KINDS``, shape (Z,)."""
    fixed_willing: NDArray[np.float64]
    """Share of homes that would subscribe to a fixed line if they could, shape (M, K)."""
    fixed_design: NDArray[np.float64]
    """Share of homes that lines are built for: those willing at the end of the design life, shape (K,)."""
    mobile_willing: NDArray[np.float64]
    """Share of residents that want mobile broadband (3G or 4G), shape (M, K)."""
    lte_ready: NDArray[np.float64]
    """Share of those who hold an LTE handset, shape (M,)."""
    nr_ready: NDArray[np.float64]
    """Share of them who hold a 5G handset, shape (M,)."""
    tiers_mbps: NDArray[np.float64]
    """Rates on offer, ascending, shape (N,) [Mbit/s]."""
    tier_share: NDArray[np.float64]
    """Share of subscribers that want each rate, were it on offer, shape (M, N)."""
    fixed_busy_mbps: NDArray[np.float64]
    """Mean traffic of a fixed line at the busy hour, shape (M,) [Mbit/s]."""
    mobile_busy_mbps: NDArray[np.float64]
    """Mean traffic of an LTE user at the busy hour, shape (M,) [Mbit/s]."""
    catch_up_per_month: float
    """Share of the homes that are willing and passed but not yet connected that connect in a month."""

    delivered_share: float
    """Share of the rate paid for that gets through everything but the access line at the busy hour."""
    delivered_spread: float = 0.0
    """Spread of the logarithm of that share among homes."""
    tariffs: Tariffs | None = None
    """What lines and data cost; none where a demand is made up for a test of something else."""

    @property
    def umts_ready(self) -> NDArray[np.float64]:
        """Share of them who hold a handset of 3G at best, shape (M,)."""
        return 1.0 - self.lte_ready

    def subscribed_mbps(self, month: int, capability_mbps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean rate paid for on lines of these capabilities, same shape [Mbit/s].

        A subscriber takes the tier wanted or, where the line carries less, what it carries.
        """
        import numpy as np

        levels, inverse = np.unique(capability_mbps, return_inverse=True)
        taken = np.minimum(self.tiers_mbps[None, :], levels[:, None]) @ self.tier_share[month]
        return np.asarray(taken[inverse].reshape(capability_mbps.shape), dtype=np.float64)
