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
_LINE = 16
"""Numbers in a cache line."""
_single = np.float32


@dataclass(frozen=True, eq=False, slots=True)
class Heard:
    """What the sectors of one site give over a strip, flat: octaves, milliwatts and codes."""

    best: Floats
    second: Floats | None
    """None where the site has one sector."""
    total: Floats
    code: Floats
    """Whole numbers to add to the code of the site's first sector."""
    first_code: int


def radial(ground2: Floats, mast: Mast) -> tuple[Floats, Floats]:
    """Return the strongest sector's power without pattern and the angle below the horizon, exactly.

    ``ground2`` is the squared distance over ground [m2], any shape; results are octaves and turns.
    """
    squared = np.maximum(ground2, _single(NEAREST_M**2)) + _single(mast.rise2)
    log = np.log2(squared)
    loss = np.full_like(log, -np.inf)
    for number, (intercept, slope) in enumerate(mast.pieces):
        if number == len(mast.pieces) - 1 and np.any(mast.linear):
            loss += np.minimum(np.sqrt(squared), _single(mast.linear_end_m)) * _single(mast.linear)
        if np.any(np.isfinite(intercept)):
            piece = log * _single(slope)
            piece += _single(intercept)
            np.maximum(loss, piece, out=loss)
    below = np.arctan2(_single(mast.height_m), np.sqrt(ground2))
    below *= _single(1.0 / _TURN)
    return _single(mast.power) - loss, below


def aligned(count: int, cells: int) -> Floats:
    """Return rows that each begin at a multiple of the width of a register: twice as fast to add."""
    stride = -(-cells // _LINE) * _LINE
    raw = np.empty(count * stride + _LINE, dtype=np.float32)
    skip = -(raw.ctypes.data // raw.itemsize) % _LINE
    return raw[skip : skip + count * stride].reshape(count, stride)[:, :cells]


class _Block:
    """The buffers cut to one size of block: cutting them anew each time would cost as much as a pass."""

    def __init__(self, window: Window, columns: int, rows: int) -> None:
        size = columns * rows
        cut = [buffer[:size] for buffer in window.buffers]
        self.shape = (columns, rows)
        self.power, self.angle, self.bearing, self.code, self.total = cut[:5]
        self.best, self.second, self.weakest, self.spare, self.along = cut[5:10]
        self.most, self.most_along = cut[10:]
        self.mask = window.mask[:size]
        # the squared distance is needed no longer when the bearing is made
        self.outer = self.bearing.reshape(self.shape)


class Window:
    """Computes one site over blocks of up to ``columns`` times ``rows`` cells; holds the buffers for it."""

    def __init__(self, pattern: Pattern, columns: int, rows: int) -> None:
        self.pattern = pattern
        self.buffers = aligned(12, columns * rows)
        # a minimum with an array is nearly twice as fast as with a number
        self.buffers[10].fill(pattern.most)
        self.buffers[11].fill(pattern.most_along)
        self.mask = np.empty(columns * rows, dtype=bool)
        self._blocks: dict[tuple[int, int], _Block] = {}
        # [dx2, 1] @ [1, dy2] is an outer sum and [dx, 0] @ [1 / dy, 0] an outer quotient: to the same bits
        # as by broadcasting, in a third of the time
        self._sum_left, self._sum_right = np.ones((columns, 2), np.float32), np.ones((2, rows), np.float32)
        self._ratio_left = np.zeros((columns, 2), np.float32)
        self._ratio_right = np.zeros((2, rows), np.float32)
        self._angle_scale = 360.0 if pattern.measured else math.sqrt(pattern.along)

    def hear(self, mast: Mast, dx: Floats, dy: Floats, loss: NDArray[np.uint8] | None = None) -> Heard:
        """Return what a site gives over a block of cells, column by column, valid until the next call.

        ``dx`` and ``dy`` are the distances of columns and rows from the site, eastwards ascending and
        northwards descending [m]; ``loss`` is a further loss in half decibels, shape (columns, rows).
        """
        shape = (len(dx), len(dy))
        block = self._blocks.get(shape)
        if block is None:
            block = self._blocks[shape] = _Block(self, *shape)
        bounded = self._radial(block, mast, dx, dy)
        if loss is not None:
            np.multiply(loss.reshape(-1), _single(0.5 * OCTAVES_PER_DB), out=block.spare)
            np.subtract(block.power, block.spare, out=block.power)
        np.copyto(block.power, _single(SILENT), where=block.mask)
        if not self.pattern.across:
            return self._each(block, mast, None)
        if mast.even and not self.pattern.measured:
            self._turn(block, dx, dy, len(mast.bearing), mast.bearing[0])
            return self._even(block, mast, bounded)
        self._turn(block, dx, dy, 1, 0.0)
        return self._each(block, mast, block.bearing)

    def _radial(self, block: _Block, mast: Mast, dx: Floats, dy: Floats) -> bool:
        """Fill power, scaled angle below the horizon and the mask of what lies beyond the radius.

        Return whether the block lies outside the near field.
        """
        power, angle, squared = block.power, block.angle, block.bearing
        if math.isinf(mast.near_m):
            np.add.outer(np.square(dx), np.square(dy), out=block.outer)
            np.greater(squared, _single(mast.radius_m**2), out=block.mask)
            power[:], angle[:] = radial(squared, mast)
            np.multiply(angle, _single(self._angle_scale), out=angle)
            return False
        left, right = self._sum_left[: len(dx)], self._sum_right[:, : len(dy)]
        np.multiply(dx, dx, out=left[:, 0])
        np.multiply(dy, dy, out=right[1])
        # a millionth of a metre keeps the logarithm of the site's own place finite
        right[1] += _single(mast.rise2 + _LEAST_M**2)
        np.matmul(left, right, out=block.outer)
        np.greater(squared, _single(mast.radius_m**2 + mast.rise2), out=block.mask)
        np.log2(squared, out=power)
        np.multiply(power, _single(-mast.far[1]), out=power)
        np.add(power, _single(mast.power - mast.far[0]), out=power)
        if self.pattern.along:
            np.sqrt(squared, out=angle)
            np.divide(_single(mast.height_m * self._angle_scale / _TURN), angle, out=angle)
        if dy[0] < -mast.near_m or dy[-1] > mast.near_m:
            return True
        self._near(block, mast, dx, dy)
        return False

    def _near(self, block: _Block, mast: Mast, dx: Floats, dy: Floats) -> None:
        """Replace power and angle by the exact ones in the square around the site."""
        left, right = np.searchsorted(dx, (-mast.near_m, mast.near_m))
        bottom, top = len(dy) - np.searchsorted(dy[::-1], (-mast.near_m, mast.near_m))
        near = np.add.outer(np.square(dx[left:right]), np.square(dy[top:bottom]))
        power, turns = radial(near, mast)
        block.power.reshape(block.shape)[left:right, top:bottom] = power
        angle = block.angle.reshape(block.shape)[left:right, top:bottom]
        np.multiply(turns, _single(self._angle_scale), out=angle)

    def _turn(self, block: _Block, dx: Floats, dy: Floats, sectors: int, first: float) -> None:
        """Fill the bearing clockwise from the first sector, counted in widths of a sector."""
        bearing = block.bearing
        left, right = self._ratio_left[: len(dx)], self._ratio_right[:, : len(dy)]
        left[:, 0] = dx
        north, south = _single(sectors * first), _single(sectors * (first - 0.5))
        if dy[0] < -_LEAST_M or dy[-1] > _LEAST_M:
            np.divide(_single(1.0), dy, out=right[0])
        else:
            dy = np.where(np.abs(dy) < _LEAST_M, _single(_LEAST_M), dy)
            np.divide(_single(1.0), dy, out=right[0])
        # a quotient and arctan cost half of what arctan2 does; half a turn more to the south goes by rows
        np.matmul(left, right, out=block.outer)
        np.arctan(bearing, out=bearing)
        np.multiply(bearing, _single(sectors / _TURN), out=bearing)
        if dy[0] < 0.0 or dy[-1] > 0.0:
            np.subtract(bearing, south if dy[0] < 0.0 else north, out=bearing)
        else:
            np.subtract(block.outer, np.where(dy < 0.0, south, north), out=block.outer)

    def _along(self, block: _Block, tilt: float, out: Floats, *, floor: bool) -> Floats:
        """Return the attenuation by elevation [octaves]."""
        np.subtract(block.angle, _single(tilt * self._angle_scale), out=out)
        if self.pattern.along_table is not None:
            return from_table(self.pattern.along_table, out)
        np.square(out, out=out)
        return np.minimum(out, block.most_along, out=out) if floor else out

    def _even(self, block: _Block, mast: Mast, bounded: bool) -> Heard:
        """Return what alike and evenly spread sectors give: the nearest by bearing is the strongest.

        Of those behind, whose attenuation has reached its most, one is computed for all. ``bounded``:
        elevation takes no more than the mast's bound, so that minima which it cannot reach are left out.
        """
        count, pattern = len(mast.bearing), self.pattern
        power, bearing, total, spare = block.power, block.bearing, block.total, block.spare
        np.rint(bearing, out=block.code)
        np.subtract(bearing, block.code, out=bearing)
        np.abs(bearing, out=bearing)
        scale = math.sqrt(pattern.across) / count
        np.multiply(bearing, _single(scale), out=bearing)
        np.subtract(power, _single(pattern.most), out=block.weakest)
        most = pattern.most_along
        if pattern.along:
            most = min(most, mast.along_most) if bounded else most
            floor = not bounded or mast.along_most >= pattern.most_along
            np.subtract(power, self._along(block, mast.tilt[0], block.angle, floor=floor), out=power)
        shown = 0
        while shown < count:
            aside = (shown + 1) // 2
            if (scale * (aside - 0.5 * (shown % 2))) ** 2 >= pattern.most:
                break
            lobe = (block.best, block.second, spare)[min(shown, 2)]
            if shown:
                (np.subtract if shown % 2 else np.add)(_single(scale * aside), bearing, out=lobe)
            np.square(lobe if shown else bearing, out=lobe)
            np.subtract(power, lobe, out=lobe)
            capped = not shown and (0.501 * scale) ** 2 + most >= pattern.most
            if shown or capped:
                np.maximum(lobe, block.weakest, out=lobe)
            if capped:  # all sectors are equally weak there: the first is the server
                np.equal(lobe, block.weakest, out=block.mask)
                np.copyto(block.code, _single(0.0), where=block.mask)
            if shown:
                np.exp2(lobe, out=spare)
                np.add(total, spare, out=total)
            else:
                np.exp2(lobe, out=total)
            shown += 1
        second = block.weakest if shown == 1 else block.second
        if shown < count:
            np.exp2(block.weakest, out=spare)
            if count - shown > 1:
                np.multiply(spare, _single(count - shown), out=spare)
            np.add(total, spare, out=total)
        return Heard(block.best, second if count > 1 else None, total, block.code, mast.code)

    def _each(self, block: _Block, mast: Mast, bearing: Floats | None) -> Heard:
        """Return what any sectors give, one after the other; of equal ones the first is the best."""
        code, best, second, total, lobe = block.code, block.best, block.second, block.total, block.weakest
        along = block.along if self.pattern.along else None
        code.fill(0.0)
        tilt = None
        for sector, (azimuth, downtilt, below) in enumerate(
            zip(mast.bearing, mast.tilt, mast.below, strict=True)
        ):
            if along is not None and downtilt != tilt:
                self._along(block, downtilt, along, floor=True)
                tilt = downtilt
            self._lobe(block, azimuth, bearing, along)
            np.subtract(block.power, lobe, out=lobe)
            if below:
                np.subtract(lobe, _single(below), out=lobe)
            if sector == 0:
                best[:] = lobe
                second.fill(SILENT)
                np.exp2(lobe, out=total)
                continue
            np.greater(lobe, best, out=block.mask)
            np.copyto(code, _single(sector), where=block.mask)
            np.minimum(lobe, best, out=block.spare)
            np.maximum(second, block.spare, out=second)
            np.maximum(best, lobe, out=best)
            np.exp2(lobe, out=lobe)
            np.add(total, lobe, out=total)
        return Heard(best, second if len(mast.bearing) > 1 else None, total, code, mast.code)

    def _lobe(self, block: _Block, azimuth: float, bearing: Floats | None, along: Floats | None) -> None:
        """Fill in the attenuation of one sector [octaves]."""
        lobe = block.weakest
        if bearing is None:
            lobe.fill(0.0)
        else:
            np.subtract(bearing, _single(azimuth), out=lobe)
            np.rint(lobe, out=block.spare)
            np.subtract(lobe, block.spare, out=lobe)
            if self.pattern.across_table is not None:
                np.multiply(lobe, _single(360.0), out=lobe)
                from_table(self.pattern.across_table, lobe)
            else:
                np.square(lobe, out=lobe)
                np.multiply(lobe, _single(self.pattern.across), out=lobe)
        if along is not None:
            np.add(lobe, along, out=lobe)
        np.minimum(lobe, block.most, out=lobe)


def from_table(table: Floats, angle_deg: Floats) -> Floats:
    """Replace angles by a table of whole degrees between its figures, around the circle; return them."""
    whole = np.floor(angle_deg)
    degree = whole.astype(np.int32)
    angle_deg -= whole
    angle_deg *= np.take(table[1], degree, mode="wrap")
    angle_deg += np.take(table[0], degree, mode="wrap")
    return angle_deg


class Strip:
    """Some rows of a map while they are painted: octaves, milliwatts and codes.

    A strip is kept column by column, so that all its rows of neighbouring columns lie together in memory:
    what a site reaches is one piece, and a pass over it needs no step from row to row.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self.rows = rows
        self.planes = aligned(4, columns * rows)
        self._spare = aligned(1, columns * rows)[0]
        self._mask = np.empty(columns * rows, dtype=bool)
        self.clear(slice(0, columns))

    def clear(self, columns: slice) -> None:
        """Forget what columns hold."""
        inside = slice(columns.start * self.rows, columns.stop * self.rows)
        self.planes[:2, inside] = SILENT
        self.planes[2:, inside] = 0.0

    def add(self, heard: Heard, first: int, *, late: bool = False) -> None:
        """Add what one site gives from column ``first`` on.

        Of equal servers the first by order stays; ``late`` says that others behind it came before.
        """
        begin = first * self.rows
        inside = slice(begin, begin + heard.best.size)
        total = self.planes[2, inside]
        np.add(total, heard.total, out=total)
        mask = self._mask[: heard.best.size]
        np.greater(heard.best, self.planes[1, inside], out=mask)
        start = int(mask.argmax())
        if not mask[start]:
            return
        # most of what a site reaches others serve better: go on with the columns between the gains alone
        start -= start % _LINE
        stop = mask.size - int(mask[::-1].argmax())
        self._rank(heard, slice(start, stop), slice(begin + start, begin + stop), late)

    def _rank(self, heard: Heard, there: slice, here: slice, late: bool) -> None:
        """Update best, second and server."""
        mine, (best, second, _, code) = heard.best[there], self.planes[:, here]
        mask, weaker = self._mask[there], self._spare[there]
        np.minimum(best, mine, out=weaker)
        if heard.second is not None:
            np.maximum(weaker, heard.second[there], out=weaker)
        np.maximum(second, weaker, out=second)
        np.greater(mine, best, out=mask)
        codes = heard.code[there]
        np.add(codes, _single(heard.first_code), out=codes)
        if late:
            mask |= (mine == best) & (codes < code) & (mine > _single(SILENT))
        np.maximum(best, mine, out=best)
        np.copyto(code, codes, where=mask)
