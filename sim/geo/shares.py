"""Sharing whole numbers out so that sums stay exact, by group and by month."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_GOLDEN = 0.6180339887498949


def largest_remainder(totals: Ints, group: Ints, weights: Floats) -> Ints:
    """Return whole shares of each group's total in proportion to the weights.

    Parameters
    ----------
    totals
        Total of each group, shape (groups,), not negative.
    group
        Group of each member, shape (members,).
    weights
        Weight of each member, shape (members,); a group whose weights are all zero shares equally.

    Notes
    -----
    Largest remainder (Hamilton); equal remainders go to the earlier member. A group without
    members keeps its total to itself: callers must not have one.
    """
    sums = np.bincount(group, weights, len(totals))
    counts = np.bincount(group, minlength=len(totals))
    flat = sums[group] <= 0
    ratio = np.where(flat, 1.0 / np.maximum(counts[group], 1), weights / np.where(flat, 1.0, sums[group]))
    quota = totals[group] * ratio
    share = np.floor(quota + 1e-9).astype(np.int64)
    left = totals - np.bincount(group, share, len(totals)).astype(np.int64)
    order = np.lexsort((np.arange(len(group)), -np.round(quota - share, 9), group))
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - np.repeat(starts, counts)
    return np.asarray(share + (rank < left[group]), dtype=np.int64)


def lognormal(normal: Floats, spread: Floats) -> Floats:
    """Return weights of median 1 whose logarithm has this spread, the draws cut at three deviations.

    Rounded, so that the last bit of an exponential cannot turn a share.
    """
    return np.asarray(np.round(np.exp(np.clip(normal, -3.0, 3.0) * spread), 9), dtype=np.float64)


def phases(count: int) -> Floats:
    """Return evenly spread numbers in (0, 1), shape (count,)."""
    return np.asarray((np.arange(count) * _GOLDEN + 0.5) % 1.0, dtype=np.float64)


def partial(steps: Ints, group: Ints, wanted: Ints, guess: float) -> Ints:
    """Return how many of each member's steps are done when each group has done ``wanted`` of them.

    It only ever grows with ``wanted``, so a member's path over the months is monotone, and the
    members of a group sum to ``wanted`` exactly.

    Parameters
    ----------
    steps
        Steps of each member between the two ends, not negative, shape (members,).
    group
        Group of each member, shape (members,).
    wanted
        Steps that each group has done, shape (groups,), at most the group's sum.
    guess
        Share of the steps that is done, roughly; the bisection starts around it.
    """
    phase = phases(len(steps))
    groups = len(wanted)

    def done(share: Floats) -> Ints:
        return np.minimum(np.floor(steps * share[group] + phase), steps).astype(np.int64)

    def total(share: Floats) -> Ints:
        return np.bincount(group, done(share), groups).astype(np.int64)

    low, high = np.zeros(groups), np.full(groups, 1.0)
    middle = np.full(groups, guess)
    for _ in range(48):
        sums = total(middle)
        over = sums > wanted
        high, low = np.where(over, middle, high), np.where(over, low, middle)
        if (sums == wanted).all():
            break
        middle = np.where(sums == wanted, middle, (low + high) / 2)
    result = done(np.where(total(middle) == wanted, middle, low))
    # Two members may reach their next step at the very same share: the earlier one takes it.
    missing = wanted - np.bincount(group, result, groups).astype(np.int64)
    if missing.any():
        result += _first_open(steps - result, group, missing)
    return result


def _first_open(room: Ints, group: Ints, missing: Ints) -> Ints:
    open_ = np.flatnonzero(room > 0)
    order = open_[np.argsort(group[open_], kind="stable")]
    counts = np.bincount(group[order], minlength=len(missing))
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    rank = np.arange(len(order)) - starts[group[order]]
    extra = np.zeros(len(room), dtype=np.int64)
    extra[order[rank < missing[group[order]]]] = 1
    return extra
