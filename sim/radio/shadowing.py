"""Shadowing drawn from position alone: the same place has the same luck in whatever order it is asked."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from sim.options import Options
from sim.parameters import Quantity

Words = NDArray[np.uint64]

SPACING_FACTOR = 1.108
"""Spacing of the lattice over the decorrelation distance, so that the correlation there is 1/e."""
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
_HALF, _HALF_BITS = np.uint64(32), np.uint64(0xFFFFFFFF)
_ALL_SITES = -1


class Shadowing(Options):
    """Zero-mean Gaussian shadowing, correlated over distance and between sites.

    Independent normal numbers stand on a lattice of each site (its origin drawn too) and are interpolated
    so that the variance is the same everywhere. Each number is a hash of seed, site and lattice node: no
    state, no order of draws. All sectors of a site share its field; the part common to all sites models
    what surrounds the receiver.

    References
    ----------
    3GPP TR 36.942, section 4.3.3 (correlation 0.5 between sites, 1 between sectors of a site); TR 38.901,
    section 7.4.4 (autocorrelation exp(-d / d_cor)).
    """

    sigma: Annotated[float, Field(ge=0), Quantity("dB")]
    """Spread [dB]."""
    decorrelation: Annotated[float, Field(gt=0), Quantity("m")]
    """Distance at which the correlation has fallen to 1/e [m]."""
    site_correlation: Annotated[float, Field(ge=0, le=1), Quantity("share")] = 0.5
    """Correlation between two sites at one receiver [share]."""
    seed: int = 0
    """Which of all possible worlds [1]."""

    def points_db(self, site: ArrayLike, x_m: ArrayLike, y_m: ArrayLike) -> NDArray[np.float32]:
        """Return the shadowing of sites at receivers, broadcast shape [dB]."""
        wanted = np.broadcast_arrays(np.asarray(site, dtype=np.int64), x_m, y_m)
        name, x, y = (np.ravel(part) for part in wanted)
        own, common = self._parts()
        found = own * self._points(name, x, y) + common * self._points(np.full_like(name, _ALL_SITES), x, y)
        return found.astype(np.float32).reshape(wanted[0].shape)

    def grid_db(self, site: int, x_m: ArrayLike, y_m: ArrayLike) -> NDArray[np.float32]:
        """Return the shadowing of a site where eastings and northings cross, shape (len(y), len(x)) [dB].

        The same as ``points_db`` but for rounding, at a fraction of its time.
        """
        own, common = self._parts()
        found = own * self._crossings(site, x_m, y_m)
        return np.asarray(found + common * self._crossings(_ALL_SITES, x_m, y_m), np.float32)

    def _parts(self) -> tuple[float, float]:
        share = self.site_correlation
        return self.sigma * float(np.sqrt(1.0 - share)), self.sigma * float(np.sqrt(share))

    def _origin(self, site: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the lattice's offset in spacings, so that no place is a node for every site."""
        word = _hash(self.seed, site, np.int64(0), np.int64(0), stream=1)
        return _unit(word >> _HALF), _unit(word & _HALF_BITS)

    def _points(self, site: NDArray[np.int64], x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        east, north = self._origin(site)
        spacing = SPACING_FACTOR * self.decorrelation
        column, across = _split(np.asarray(x, dtype=np.float64) / spacing + east)
        row, along = _split(np.asarray(y, dtype=np.float64) / spacing + north)
        total = np.zeros(site.shape)
        for i, weight_x in enumerate(across):
            for j, weight_y in enumerate(along):
                total += weight_x * weight_y * _normal(_hash(self.seed, site, column + i, row + j))
        return total

    def _crossings(self, site: int, x_m: ArrayLike, y_m: ArrayLike) -> NDArray[np.float64]:
        name = np.int64(site)
        east, north = self._origin(np.asarray(name))
        spacing = SPACING_FACTOR * self.decorrelation
        column, across = _split(np.atleast_1d(np.asarray(x_m, dtype=np.float64)) / spacing + east)
        row, along = _split(np.atleast_1d(np.asarray(y_m, dtype=np.float64)) / spacing + north)
        if not (column.size and row.size):
            return np.zeros((row.size, column.size))
        west, south = column.min(), row.min()
        nodes = _normal(
            _hash(
                self.seed,
                np.asarray(name),
                np.arange(west, column.max() + 2)[None, :],
                np.arange(south, row.max() + 2)[:, None],
            )
        )
        column, row = column - west, row - south
        lines = along[0][:, None] * nodes[row] + along[1][:, None] * nodes[row + 1]
        return np.asarray(across[0] * lines[:, column] + across[1] * lines[:, column + 1])


def _split(
    place: NDArray[np.float64],
) -> tuple[NDArray[np.int64], tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return the node before each place and the weights of it and the next, their squares summing to 1."""
    node = np.floor(place)
    after = place - node
    scale = 1.0 / np.sqrt(after**2 + (1.0 - after) ** 2)
    return node.astype(np.int64), ((1.0 - after) * scale, after * scale)


def _hash(seed: int, site: ArrayLike, column: ArrayLike, row: ArrayLike, stream: int = 0) -> Words:
    """Return 64 well mixed bits for each combination, broadcast shape."""
    word = _mixed(np.asarray([(2 * seed + stream) & 0xFFFFFFFFFFFFFFFF], dtype=np.uint64))
    for part in (site, column, row):
        word = _mixed(word ^ np.asarray(part, dtype=np.int64).view(np.uint64))
    return word


def _mixed(word: Words) -> Words:
    """Return the next state of SplitMix64 after each word, finalised.

    References
    ----------
    Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014, section 6.
    """
    word = word + _GOLDEN
    for shift, factor in zip(_SHIFTS, _MIX, strict=False):
        word = (word ^ (word >> shift)) * factor
    return np.asarray(word ^ (word >> _SHIFTS[2]))


def _unit(half: Words) -> NDArray[np.float64]:
    """Return 32 bits as a number inside 0 to 1."""
    return np.asarray((half.astype(np.float64) + 0.5) / 2.0**32)


def _normal(word: Words) -> NDArray[np.float64]:
    """Return standard normal numbers from 64 bits each (Box and Muller)."""
    radius = np.sqrt(-2.0 * np.log(_unit(word >> _HALF)))
    return np.asarray(radius * np.cos(2.0 * np.pi * _unit(word & _HALF_BITS)))
