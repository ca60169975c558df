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

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MANY = 2048
"""Homes on one unit above which their number counts as without luck."""
_MOST_ACTIVE = 1.0 - 1e-6
"""Share of the time that a home is active at most; one that always is would never be idle."""
_ROUNDING = 1e-9
_BUCKETS = (16, 64, 256, MANY)


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
        here = np.flatnonzero((homes > least) & (homes <= most))
        least = most
        if len(here):
            size = int(homes[here].max())
            below = np.cumsum(
                active_homes(homes[here], unit_mbps[here], home_mbps[here], busy_mbps, size), axis=1
            )
            below = np.concatenate([np.zeros((len(here), 1)), below], axis=1)
            bears = np.floor(unit_mbps[here, None] / rates[None, :] + _ROUNDING)
            result[here] = np.take_along_axis(below, np.minimum(bears, size).astype(np.int64), axis=1)
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
    from scipy.special import gammaln

    active = np.minimum(busy_mbps / home_mbps, _MOST_ACTIVE)[:, None]
    number = np.arange(1, most + 1, dtype=np.float64)[None, :]
    others = np.maximum(homes[:, None] - number, 0.0)
    weight = gammaln(homes + 1.0)[:, None] - gammaln(number + 1.0) - gammaln(others + 1.0)
    weight += number * (np.log(active) - np.log1p(-active)) + np.log(number)
    slowed = np.maximum(number * (home_mbps / unit_mbps)[:, None], 1.0)
    weight += np.cumsum(np.log(slowed), axis=1)
    weight = np.where(number <= homes[:, None], weight, -np.inf)
    weight = np.exp(weight - weight.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def mean_share(homes: Ints, unit_mbps: Floats, home_mbps: Floats, busy_mbps: float) -> Floats:
    """Return the rate of an active home among very many, infinite where the unit slows nobody, shape (K,)."""
    idle = np.maximum(1.0 / busy_mbps - 1.0 / home_mbps, 0.0)
    pace = homes / unit_mbps - idle
    slowed = pace > 1.0 / home_mbps
    return np.where(slowed, 1.0 / np.where(slowed, pace, 1.0), np.inf)
