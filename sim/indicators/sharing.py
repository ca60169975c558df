"""The rate that a home gets on a unit it shares with others: a port, a segment, an uplink.

N homes share C Mbit/s. Each sends a traffic of ``a`` Mbit/s on average if nothing slows it, in transfers at
no more than ``r`` Mbit/s: alone it is active for a/r of the time. While n are active each gets
min(r, C/n), so a transfer lasts longer where many are. Transfers come from homes that are idle; then the
number of active homes is, whatever the distribution of their sizes,

    pi(n) ~ (N over n) (p / (1 - p))^n prod_{i <= n} max(1, i r / C),    p = a / r,

a binomial law as long as C bears n homes at full rate. A home that is active finds n homes active in all
with a probability in proportion to n pi(n). Of many homes (above ``MANY``) only the mean counts: a home's
cycle is its idle time and the time of its transfer, and N homes with this cycle carry C.

References
----------
T. Bonald and A. Proutiere, "Insensitive bandwidth sharing in data networks", Queueing Systems 44, 2003.
T. Bonald, L. Massoulie, A. Proutiere and J. Virtamo, "A queueing analysis of max-min fairness,
proportional fairness and balanced fairness", Queueing Systems 53, 2006.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MANY = 2048
"""Homes on one unit above which their number counts as without luck."""
_MOST_ACTIVE = 1.0 - 1e-6
"""Share of the time that a home is active at most; one that always is would never be idle."""
_ROUNDING = 1e-9
_BUCKETS = (16, 32, 64, 128, 256, 512, 768, 1024, 1536, MANY)
_AT_ONCE = 1 << 16
"""Numbers worked on at once: as many as the nearest memory of a processor holds."""
_DROP, _SLACK = 42.0, 8.0
"""Logarithm by which a weight lies below the largest where it counts for nothing, and the error of a peak."""


def share_at_least(
    homes: Ints, unit_mbps: Floats, home_mbps: Floats, busy_mbps: float, rates: Floats
) -> Floats:
    """Return the probability that an active home's share is at least each rate, shape (K, G).

    Parameters
    ----------
    homes
        Homes on the unit, itself included, at least 1, shape (K,).
    unit_mbps
        Rate C of the unit, above 0, shape (K,) [Mbit/s].
    home_mbps
        Rate r at which a home that nothing slows sends, above 0, shape (K,) [Mbit/s].
    busy_mbps
        Traffic a of a home at the busy hour [Mbit/s].
    rates
        Rates asked about, above 0, shape (G,) [Mbit/s].
    """
    result = np.empty((len(homes), len(rates)))
    least = 0
    for most in _BUCKETS:
        bucket = np.flatnonzero((homes > least) & (homes <= most))
        bucket = bucket[np.argsort(homes[bucket], kind="stable")]
        least, rows = most, max(1, _AT_ONCE // most)
        for begin in range(0, len(bucket), rows):
            here = bucket[begin : begin + rows]
            law = _Law.of(homes[here], unit_mbps[here], home_mbps[here], busy_mbps)
            first, size = law.likely()
            below = np.zeros((len(here), size + 1))
            np.cumsum(law.weights(first, size), axis=1, out=below[:, 1:])
            bears = np.floor(unit_mbps[here, None] / rates[None, :] + _ROUNDING)
            place = np.clip(bears - (first[:, None] - 1), 0, size).astype(np.int64)
            result[here] = np.take_along_axis(below, place, axis=1) / below[:, -1:]
    here = np.flatnonzero(homes > MANY)
    if len(here):
        mean = mean_share(homes[here], unit_mbps[here], home_mbps[here], busy_mbps)
        result[here] = mean[:, None] >= rates[None, :]
    return result


def active_homes(homes: Ints, unit_mbps: Floats, home_mbps: Floats, busy_mbps: float, most: int) -> Floats:
    """Return the probability that an active home finds 1, 2, ... homes active in all, shape (K, most).

    ``most`` is no less than the largest of ``homes``; the other parameters are those of
    ``share_at_least``.
    """
    law = _Law.of(homes, unit_mbps, home_mbps, busy_mbps)
    weight = law.weights(np.ones(len(homes), dtype=np.int64), most)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


@dataclass(frozen=True, eq=False)
class _Law:
    """What the probabilities of active homes are in proportion to, K units.

    With m = floor(C / r) homes borne at full rate, the product over i up to n of max(1, i r / C) is 1 up to
    m homes and n! / m! (r / C)^(n - m) beyond, so that factorials are all that is looked up.
    """

    homes: Ints
    odds: Floats
    """Logarithm of p / (1 - p), shape (K,)."""
    slower: Floats
    """Logarithm of r / C, shape (K,)."""
    borne: Ints
    """Homes borne at full rate, no more than there are, shape (K,)."""

    @classmethod
    def of(cls, homes: Ints, unit_mbps: Floats, home_mbps: Floats, busy_mbps: float) -> _Law:
        """Return the law of units; the parameters are those of ``share_at_least``."""
        active = np.minimum(busy_mbps / home_mbps, _MOST_ACTIVE)
        return cls(
            homes=homes,
            odds=np.log(active) - np.log1p(-active),
            slower=np.log(home_mbps / unit_mbps),
            borne=np.minimum(np.floor(unit_mbps / home_mbps), homes).astype(np.int64),
        )

    def likely(self) -> tuple[Ints, int]:
        """Return from which number of active homes on, shape (K,), and over how many, anything is likely.

        The ratio of two neighbours falls with n, so there is one peak; it lies at N p, at the homes borne,
        or at N - C / (r odds). Around it the logarithm bends by at least 1 / (N - n), and by 1 / n below
        the homes borne: what lies further off than ``_DROP`` allows is below the last bit of a sum.
        """
        homes = self.homes.astype(np.float64)
        free = homes / (1.0 + np.exp(-self.odds))
        full = homes - np.exp(-(self.odds + self.slower))
        peak = np.where(free <= self.borne, free, np.maximum(full, self.borne))
        idle = np.maximum(homes - peak, 1.0)
        above = np.sqrt(2.0 * _DROP * idle)
        below = _DROP + np.sqrt(_DROP**2 + 2.0 * _DROP * idle)
        below = np.where(peak <= self.borne, np.minimum(below, np.sqrt(2.0 * _DROP * peak)), below)
        first = np.clip(np.floor(peak - below) - _SLACK, 1, self.homes).astype(np.int64)
        last = np.clip(np.ceil(peak + above) + _SLACK, 1, self.homes).astype(np.int64)
        return first, int((last - first).max()) + 1

    def weights(self, first: Ints, size: int) -> Floats:
        """Return the weights of so many numbers of active homes from the first on, at most 1, (K, size)."""
        most = max(int(self.homes.max()), size, MANY)
        idle, ways, factorial = (_rows_of(table, most, size) for table in ("idle", "ways", "factorial"))
        number = np.arange(size)
        # of N homes N - n are idle: rows of one table of factorials, each begun at its own place
        weight = idle[most - self.homes + first - 1]
        weight += ways[first - 1]
        term = number * self.odds[:, None]
        weight += term
        if (self.borne < self.homes).any():
            np.multiply(number, self.slower[:, None], out=term)
            term += factorial[first - 1]
            shift = _log_factorials(most)[self.borne] + (self.borne - first) * self.slower
            term -= shift[:, None]
            term *= number > (self.borne - first)[:, None]
            weight += term
        weight -= weight.max(axis=1, keepdims=True)
        return np.asarray(np.exp(weight, out=weight))


@cache
def _log_factorials(most: int) -> Floats:
    """Return the logarithms of 0!, 1!, ..., shape (most + 1,)."""
    from scipy.special import gammaln

    return np.asarray(gammaln(np.arange(1.0, most + 2.0)))


def _rows_of(name: str, most: int, size: int) -> Floats:
    """Return views of ``size`` numbers from each place of a table on."""
    return np.asarray(np.lib.stride_tricks.sliding_window_view(_table(name, most), size))


@cache
def _table(name: str, most: int) -> Floats:
    """Return a table as long as the numbers up to the largest N, ``most``, and as many beyond its end.

    ``idle`` holds -log (N - 1)!, -log (N - 2)!, ..., 0 for that N, minus infinity beyond: those of fewer
    homes begin at ``most - N``. ``ways`` holds log n - log n!, ``factorial`` log n!, both from n = 1 on.
    """
    table, number = _log_factorials(most), np.arange(1.0, most + 1.0)
    if name == "idle":
        return np.append(-table[most - 1 :: -1], np.full(most, -np.inf))
    found = np.log(number) - table[1:] if name == "ways" else table[1:]
    return np.append(found, np.zeros(most))


def mean_share(homes: Ints, unit_mbps: Floats, home_mbps: Floats, busy_mbps: float) -> Floats:
    """Return the rate of an active home among very many, infinite where the unit slows nobody, shape (K,)."""
    idle = np.maximum(1.0 / busy_mbps - 1.0 / home_mbps, 0.0)
    pace = homes / unit_mbps - idle
    slowed = pace > 1.0 / home_mbps
    return np.where(slowed, 1.0 / np.where(slowed, pace, 1.0), np.inf)
