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
        least, rows = most, max(1, _AT_ONCE // most)
        for first in range(0, len(bucket), rows):
            here = bucket[first : first + rows]
            size = int(homes[here].max())
            below = np.zeros((len(here), size + 1))
            weight = _weights(homes[here], unit_mbps[here], home_mbps[here], busy_mbps, size)
            np.cumsum(weight, axis=1, out=below[:, 1:])
            bears = np.floor(unit_mbps[here, None] / rates[None, :] + _ROUNDING)
            place = np.minimum(bears, size).astype(np.int64)
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
    weight = _weights(homes, unit_mbps, home_mbps, busy_mbps, most)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _weights(homes: Ints, unit_mbps: Floats, home_mbps: Floats, busy_mbps: float, most: int) -> Floats:
    """Return what the probabilities of ``active_homes`` are in proportion to, at most 1, shape (K, most).

    With m = floor(C / r) homes borne at full rate, the product over i up to n of max(1, i r / C) is 1 up to
    m homes and n! / m! (r / C)^(n - m) beyond, so that factorials are all that is looked up.
    """
    log_factorial, number = _log_factorials(max(most, MANY)), np.arange(1, most + 1)
    active = np.minimum(busy_mbps / home_mbps, _MOST_ACTIVE)
    odds, slower = np.log(active) - np.log1p(-active), np.log(home_mbps / unit_mbps)
    borne = np.minimum(np.floor(unit_mbps / home_mbps), most).astype(np.int64)
    # of N homes N - n are idle: rows of one table of factorials, each begun at its own place
    weight = -_idle_factorials(max(most, MANY), most)[max(most, MANY) - homes]
    weight += number * odds[:, None]
    weight += np.log(number) - log_factorial[number]
    beyond = log_factorial[number] + number * slower[:, None]
    beyond -= (log_factorial[borne] + borne * slower)[:, None]
    beyond[number[None, :] <= borne[:, None]] = 0.0
    weight += beyond
    weight -= weight.max(axis=1, keepdims=True)
    return np.exp(weight, out=weight)


@cache
def _log_factorials(most: int) -> Floats:
    """Return the logarithms of 0!, 1!, ..., shape (most + 1,)."""
    from scipy.special import gammaln

    return np.asarray(gammaln(np.arange(1.0, most + 2.0)))


@cache
def _idle_factorials(most: int, size: int) -> Floats:
    """Return views of log (N - 1)!, (N - 2)!, ..., 0!, infinity ..., for N = most, most - 1, ..., 1.

    Each row has ``size`` numbers, those of N homes stand in row ``most - N``.
    """
    falling = np.concatenate((_log_factorials(most)[most - 1 :: -1], np.full(size, np.inf)))
    return np.lib.stride_tricks.sliding_window_view(falling, size)


def mean_share(homes: Ints, unit_mbps: Floats, home_mbps: Floats, busy_mbps: float) -> Floats:
    """Return the rate of an active home among very many, infinite where the unit slows nobody, shape (K,)."""
    idle = np.maximum(1.0 / busy_mbps - 1.0 / home_mbps, 0.0)
    pace = homes / unit_mbps - idle
    slowed = pace > 1.0 / home_mbps
    return np.where(slowed, 1.0 / np.where(slowed, pace, 1.0), np.inf)
