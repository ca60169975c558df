"""The window of one site: the power of its sectors around it, painted on a map strip by strip.

Everything here runs once for each pair of a site and a receiver in reach, so each line is one pass of
numpy over a strip that stays in the second-level cache; results go into buffers made once. Powers are
octaves, angles turns, lengths metres from the site, all in single precision: coordinates are taken
relative to the site before they are rounded, so that nothing is lost near it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.radio.law import NEAREST_M
from sim.radio.masts import OCTAVES_PER_DB, SILENT, Mast, Pattern

Floats = NDArray[np.float32]
_TURN = 2.0 * math.pi
_LEAST_M = 1e-6
"""A row through the site itself counts as so far north of it: bearings stay defined."""
_BUFFERS = 10
_single = np.float32


@dataclass(frozen=True, eq=False, slots=True)
class Heard:
    """What the sectors of one site give over a strip, flat: octaves, milliwatts and codes."""

    best: Floats
    second: Floats | None
    """None where the site has one sector."""
    total: Floats
    code: Floats


def radial(ground2: Floats, mast: Mast) -> tuple[Floats, Floats]:
    """Return the strongest sector's power without pattern and the angle below the horizon, exactly.

    ``ground2`` is the squared distance over ground [m2], any shape; results are octaves and turns.
    """
    squared = np.maximum(ground2, _single(NEAREST_M**2)) + _single(mast.rise2)
    log = np.log2(squared)
    intercept, slope = mast.pieces[-1]
    loss = log * _single(slope)
    loss += _single(intercept)
    if mast.linear:
        loss += np.minimum(np.sqrt(squared), _single(mast.linear_end_m)) * _single(mast.linear)
    for intercept, slope in mast.pieces[:-1]:
        piece = log * _single(slope)
        piece += _single(intercept)
        np.maximum(loss, piece, out=loss)
    below = np.arctan2(_single(mast.height_m), np.sqrt(ground2))
    below *= _single(1.0 / _TURN)
    return _single(mast.power) - loss, below


class Window:
    """Computes one site over blocks of up to ``cells`` cells; holds the buffers for it."""

    def __init__(self, pattern: Pattern, cells: int) -> None:
        self.pattern = pattern
        self.cells = cells
        self._buffers = np.empty((_BUFFERS, cells), dtype=np.float32)
        self._mask = np.empty(cells, dtype=bool)
        # a minimum with an array is nearly twice as fast as with a number
        self._most = np.full(cells, pattern.most, dtype=np.float32)
        self._most_along = np.full(cells, pattern.most_along, dtype=np.float32)
        self._angle_scale = 360.0 if pattern.measured else math.sqrt(pattern.along)

    def hear(self, mast: Mast, dx: Floats, dy: Floats, loss: NDArray[np.uint8] | None = None) -> Heard:
        """Return what a site gives over a block of cells, valid until the next call.

        ``dx`` and ``dy`` are the distances of columns and rows from the site, eastwards ascending and
        northwards descending [m]; ``loss`` is a further loss in half decibels, shape (rows, columns).
        """
        size = len(dx) * len(dy)
        power, angle = self._radial(mast, dx, dy)
        if loss is not None:
            spare = self._buffers[2, :size]
            np.multiply(loss.ravel(), _single(0.5 * OCTAVES_PER_DB), out=spare)
            power -= spare
        np.copyto(power, _single(SILENT), where=self._mask[:size])
        if not self.pattern.across:
            return self._each(mast, power, angle, None)
        if mast.even and not self.pattern.measured:
            bearing = self._bearing(dx, dy, len(mast.bearing), mast.bearing[0])
            return self._even(mast, power, angle, bearing)
        return self._each(mast, power, angle, self._bearing(dx, dy, 1, 0.0))

    def _radial(self, mast: Mast, dx: Floats, dy: Floats) -> tuple[Floats, Floats]:
        """Fill power and scaled angle below the horizon, and the mask of what lies beyond the radius."""
        size, shape = len(dx) * len(dy), (len(dy), len(dx))
        power, angle, squared = (self._buffers[index, :size] for index in range(3))
        if math.isinf(mast.near_m):
            np.add.outer(np.square(dy), np.square(dx), out=squared.reshape(shape))
            np.greater(squared, _single(mast.radius_m**2), out=self._mask[:size])
            power[:], angle[:] = radial(squared, mast)
            angle *= _single(self._angle_scale)
            return power, angle
        # [1, dy2 + rise2] @ [dx2, 1]: an outer sum, to the same bits, in a third of a broadcast's time
        rows, columns = np.ones((shape[0], 2), dtype=np.float32), np.ones((2, shape[1]), dtype=np.float32)
        np.add(dy * dy, _single(mast.rise2), out=rows[:, 1])
        np.multiply(dx, dx, out=columns[0])
        np.matmul(rows, columns, out=squared.reshape(shape))
        np.greater(squared, _single(mast.radius_m**2 + mast.rise2), out=self._mask[:size])
        np.log2(squared, out=power)
        power *= _single(-mast.far[1])
        power += _single(mast.power - mast.far[0])
        if self.pattern.along:
            np.sqrt(squared, out=angle)
            np.divide(_single(mast.height_m * self._angle_scale / _TURN), angle, out=angle)
        self._near(mast, dx, dy)
        return power, angle

    def _near(self, mast: Mast, dx: Floats, dy: Floats) -> None:
        """Replace power and angle by the exact ones in the square around the site."""
        shape = (len(dy), len(dx))
        bottom, top = len(dy) - np.searchsorted(dy[::-1], (-mast.near_m, mast.near_m))
        left, right = np.searchsorted(dx, (-mast.near_m, mast.near_m))
        if top >= bottom or left >= right:
            return
        near = np.add.outer(np.square(dy[top:bottom]), np.square(dx[left:right]))
        power, angle = (
            self._buffers[index, : shape[0] * shape[1]].reshape(shape)[top:bottom, left:right]
            for index in range(2)
        )
        power[:], turns = radial(near, mast)
        np.multiply(turns, _single(self._angle_scale), out=angle)

    def _bearing(self, dx: Floats, dy: Floats, sectors: int, first: float) -> Floats:
        """Return the bearing clockwise from the first sector, counted in widths of a sector."""
        shape = (len(dy), len(dx))
        bearing = self._buffers[2, : shape[0] * shape[1]]
        rows, columns = np.zeros((shape[0], 2), dtype=np.float32), np.zeros((2, shape[1]), dtype=np.float32)
        dy = np.where(np.abs(dy) < _LEAST_M, _single(_LEAST_M), dy)
        np.divide(_single(1.0), dy, out=rows[:, 0])
        columns[0] = dx
        # a quotient and arctan cost half of what arctan2 does; the half turn to the south goes by rows
        np.matmul(rows, columns, out=bearing.reshape(shape))
        np.arctan(bearing, out=bearing)
        bearing *= _single(sectors / _TURN)
        north = int(np.searchsorted(-dy, 0.0)) * shape[1]
        bearing[:north] -= _single(sectors * first)
        bearing[north:] -= _single(sectors * (first - 0.5))
        return bearing

    def _along(self, angle: Floats, tilt: float, out: Floats) -> Floats:
        """Return the attenuation by elevation [octaves]."""
        np.subtract(angle, _single(tilt * self._angle_scale), out=out)
        if self.pattern.along_table is not None:
            return _from_table(self.pattern.along_table, out)
        np.square(out, out=out)
        return np.minimum(out, self._most_along[: out.size], out=out)

    def _even(self, mast: Mast, power: Floats, angle: Floats, bearing: Floats) -> Heard:
        """Return what alike and evenly spread sectors give: the nearest by bearing is the strongest.

        Of those behind, whose attenuation has reached its most, one is computed for all.
        """
        count, pattern = len(mast.bearing), self.pattern
        code, spare, total, best, second = (self._buffers[index, : power.size] for index in range(3, 8))
        across, most = pattern.across / count**2, self._most[: power.size]
        np.rint(bearing, out=code)
        bearing -= code
        np.abs(bearing, out=bearing)
        code += _single(mast.code)
        along = self._along(angle, mast.tilt[0], angle) if pattern.along else None
        shown = 0
        while shown < count:
            aside = (shown + 1) // 2
            if across * (aside - 0.5 * (shown % 2)) ** 2 >= pattern.most:
                break
            lobe = (best, second, spare)[min(shown, 2)]
            if shown:
                (np.subtract if shown % 2 else np.add)(_single(aside), bearing, out=lobe)
            np.square(lobe if shown else bearing, out=lobe)
            lobe *= _single(across)
            if along is not None:
                lobe += along
            np.minimum(lobe, most, out=lobe)
            np.subtract(power, lobe, out=lobe)
            if shown:
                total += np.exp2(lobe, out=spare)
            else:
                np.exp2(lobe, out=total)
            shown += 1
        if shown < count:
            np.add(power, _single(math.log2(count - shown) - pattern.most), out=spare)
            total += np.exp2(spare, out=spare)
        if shown == 1 < count:
            np.subtract(power, _single(pattern.most), out=second)
        return Heard(best, second if count > 1 else None, total, code)

    def _each(self, mast: Mast, power: Floats, angle: Floats, bearing: Floats | None) -> Heard:
        """Return what any sectors give, one after the other; of equal ones the first is the best."""
        size, mask = power.size, self._mask[: power.size]
        code, lobe, total, best, second, along = (self._buffers[index, :size] for index in range(3, 9))
        code.fill(mast.code)
        tilt = None
        for sector, (azimuth, downtilt, below) in enumerate(
            zip(mast.bearing, mast.tilt, mast.below, strict=True)
        ):
            if downtilt != tilt and self.pattern.along:
                self._along(angle, downtilt, along)
                tilt = downtilt
            self._lobe(bearing, azimuth, along if self.pattern.along else None, lobe)
            np.subtract(power, lobe, out=lobe)
            if below:
                lobe -= _single(below)
            if sector == 0:
                best[:] = lobe
                second.fill(SILENT)
                np.exp2(lobe, out=total)
                continue
            np.greater(lobe, best, out=mask)
            np.copyto(code, _single(mast.code + sector), where=mask)
            weaker = np.minimum(lobe, best, out=self._buffers[9, :size])
            np.maximum(second, weaker, out=second)
            np.maximum(best, lobe, out=best)
            total += np.exp2(lobe, out=lobe)
        return Heard(best, second if len(mast.bearing) > 1 else None, total, code)

    def _lobe(self, bearing: Floats | None, azimuth: float, along: Floats | None, out: Floats) -> None:
        """Fill in the attenuation of one sector [octaves]."""
        if bearing is None:
            out.fill(0.0)
        else:
            turns = self._buffers[9, : out.size]
            np.subtract(bearing, _single(azimuth), out=out)
            out -= np.rint(out, out=turns)
            if self.pattern.across_table is not None:
                out *= _single(360.0)
                _from_table(self.pattern.across_table, out)
            else:
                np.square(out, out=out)
                out *= _single(self.pattern.across)
        if along is not None:
            out += along
        np.minimum(out, self._most[: out.size], out=out)


def _from_table(table: Floats, angle_deg: Floats) -> Floats:
    """Replace angles by a table of whole degrees between its figures, around the circle; return them."""
    whole = np.floor(angle_deg)
    degree = whole.astype(np.int32)
    angle_deg -= whole
    angle_deg *= np.take(table[1], degree, mode="wrap")
    angle_deg += np.take(table[0], degree, mode="wrap")
    return angle_deg


class Planes:
    """What a map holds while it is painted: octaves, milliwatts and codes, each of the map's shape."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.best, self.second = (np.full(shape, SILENT, dtype=np.float32) for _ in range(2))
        self.total, self.code = (np.zeros(shape, dtype=np.float32) for _ in range(2))

    def clear(self, rows: slice, columns: slice) -> None:
        """Forget what a window holds."""
        self.best[rows, columns] = self.second[rows, columns] = SILENT
        self.total[rows, columns] = self.code[rows, columns] = 0.0

    def add(self, heard: Heard, rows: slice, columns: slice, *, late: bool = False) -> None:
        """Add what one site gives to a window; ``late``: the site is not the last of those there by order.

        Of equal servers the first by order stays.
        """
        best, second, total, code = (
            plane[rows, columns] for plane in (self.best, self.second, self.total, self.code)
        )
        shape = best.shape
        total += heard.total.reshape(shape)
        mine = heard.best.reshape(shape)
        if not np.greater(mine, second).any():
            return
        weaker = np.minimum(best, mine)
        if heard.second is not None:
            np.maximum(weaker, heard.second.reshape(shape), out=weaker)
        np.maximum(second, weaker, out=second)
        better = np.greater(mine, best)
        code_here = heard.code.reshape(shape)
        if late:
            better |= (mine == best) & (code_here < code) & (mine > _single(SILENT))
        np.maximum(best, mine, out=best)
        np.copyto(code, code_here, where=better)
