"""The window of one site: the power of its sectors around it, painted on a map strip by strip.

Everything here runs once for each pair of a site and a receiver in reach, so each line is one pass of
numpy over a strip that stays in the second-level cache; results go into buffers made once. Powers are
octaves, angles turns, lengths metres from the site, all in single precision: coordinates are taken
relative to the site before they are rounded, so that nothing is lost near it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.radio.law import NEAREST_M
from sim.radio.masts import LEAST_M, OCTAVES_PER_DB, RIM, SILENT, TURN, Law, Mast, Pattern, Single
from sim.radio.strip import Heard, aligned

Floats = NDArray[np.float32]
_single = np.float32


def radial(ground2: Floats, law: Law) -> tuple[Floats, Floats]:
    """Return the strongest sector's power without pattern and the angle below the horizon, exactly.

    ``ground2`` is the squared distance over ground [m2], any shape; results are octaves and turns.
    """
    squared = np.maximum(ground2, _single(NEAREST_M**2))
    squared += _single(law.rise2)
    log = np.log2(squared)
    loss: Any = -np.inf
    for intercept, slope in law.near:
        loss = np.maximum(loss, log * _single(slope) + _single(intercept))
    if law.linear is not None:
        loss = loss + np.minimum(np.sqrt(squared), _single(law.linear_end_m)) * _single(law.linear)
    for intercept, slope in law.last:
        loss = np.maximum(loss, log * _single(slope) + _single(intercept))
    below = np.arctan2(_single(law.height_m), np.sqrt(ground2))
    below *= _single(1.0 / TURN)
    return _single(law.power) - loss, below


class _Block:
    """The buffers cut to one size of block: cutting them anew each time would cost as much as a pass."""

    def __init__(self, window: Window, columns: int, rows: int) -> None:
        size = columns * rows
        cut = [buffer[:size] for buffer in window.buffers]
        self.shape = (columns, rows)
        self.power, self.angle, self.bearing, self.code, self.total = cut[:5]
        self.best, self.second, self.weakest, self.spare, self.along = cut[5:10]
        self.turns, self.most_along = cut[10:]
        self.mask = window.mask[:size]
        # the squared distance is needed no longer when the bearing is made
        self.outer = self.bearing.reshape(self.shape)


class _Fan:
    """Figures of so many sectors evenly spread over the turn, from the nearest to a bearing outwards."""

    def __init__(self, pattern: Pattern, count: int) -> None:
        scale = math.sqrt(pattern.across) / count
        self.turn, self.scale = (np.array(value, dtype=np.float32) for value in (count / TURN, scale))
        self.edge = (0.501 * scale) ** 2
        """Attenuation of the nearest sector on the edge to the next, with room for rounding [octaves]."""
        self.sides: list[tuple[np.ufunc, Single]] = []
        """How far aside the sectors lie that have not reached the most everywhere."""
        for number in range(count):
            aside = (number + 1) // 2
            if (scale * (aside - 0.5 * (number % 2))) ** 2 >= pattern.most:
                break
            move = np.subtract if number % 2 else np.add
            self.sides.append((move, np.array(scale * aside, dtype=np.float32)))
        self.behind = count - len(self.sides)


class Window:
    """Computes one site over blocks of up to ``columns`` times ``rows`` cells; holds the buffers for it."""

    def __init__(self, pattern: Pattern, columns: int, rows: int) -> None:
        self.pattern = pattern
        self.buffers = aligned(12, columns * rows)
        # a minimum with an array is nearly twice as fast as with a number
        self.buffers[11].fill(pattern.most_along)
        self.mask = np.empty(columns * rows, dtype=bool)
        self._blocks: dict[tuple[int, int], _Block] = {}
        # [dx2, 1] @ [1, dy2] is an outer sum and [dx, 0] @ [1 / dy, 0] an outer quotient: to the same bits
        # as by broadcasting, in a third of the time
        self._sum_left, self._sum_right = np.ones((columns, 2), np.float32), np.ones((2, rows), np.float32)
        self._ratio_left = np.zeros((columns, 2), np.float32)
        self._ratio_right = np.zeros((2, rows), np.float32)
        self._angle_scale = _single(pattern.angle_scale)
        self._silent, self._one, self._weakest, self._across = (
            np.array(value, dtype=np.float32) for value in (SILENT, 1.0, pattern.most, pattern.across)
        )
        self._half_db = np.array(0.5 * OCTAVES_PER_DB, dtype=np.float32)
        # for sectors one by one bearings count from north, in turns
        self._each_turn = tuple(np.array(value, dtype=np.float32) for value in (1.0 / TURN, 0.0, -0.5))
        self._fans: dict[int, _Fan] = {}

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
            np.multiply(loss.reshape(-1), self._half_db, out=block.spare)
            np.subtract(block.power, block.spare, out=block.power)
        np.copyto(block.power, self._silent, where=block.mask)
        if not self.pattern.across:
            return self._each(block, mast, None)
        if mast.even and not self.pattern.measured:
            count = len(mast.bearing)
            fan = self._fans.get(count) or self._fans.setdefault(count, _Fan(self.pattern, count))
            self._turn(block, dx, dy, (fan.turn, mast.far.north, mast.far.south))
            return self._even(block, mast, fan, bounded)
        self._turn(block, dx, dy, self._each_turn)
        return self._each(block, mast, block.bearing)

    def _radial(self, block: _Block, mast: Mast, dx: Floats, dy: Floats) -> bool:
        """Fill power, scaled angle below the horizon and the mask of what lies beyond the radius.

        Return whether the block lies outside the near field.
        """
        power, angle, squared, far = block.power, block.angle, block.bearing, mast.far
        if math.isinf(mast.near_m):
            np.add.outer(np.square(dx), np.square(dy), out=block.outer)
            np.greater(squared, _single(mast.radius_m**2 * RIM), out=block.mask)
            power[:], angle[:] = radial(squared, mast.law)
            np.multiply(angle, self._angle_scale, out=angle)
            return False
        left, right = self._sum_left[: len(dx)], self._sum_right[:, : len(dy)]
        np.multiply(dx, dx, out=left[:, 0])
        row = right[1]
        np.multiply(dy, dy, out=row)
        np.add(row, far.rise2, out=row)
        np.matmul(left, right, out=block.outer)
        np.greater(squared, far.radius2, out=block.mask)
        np.log2(squared, out=power)
        np.multiply(power, far.fall, out=power)
        np.add(power, far.power, out=power)
        if self.pattern.along:
            np.sqrt(squared, out=angle)
            np.divide(far.dip, angle, out=angle)
        if dy[0] < -mast.near_m or dy[-1] > mast.near_m:
            return True
        self._near(block, mast, dx, dy)
        return False

    def _near(self, block: _Block, mast: Mast, dx: Floats, dy: Floats) -> None:
        """Replace power and angle by the exact ones in the square around the site."""
        left, right = dx.searchsorted((-mast.near_m, mast.near_m))
        bottom, top = len(dy) - dy[::-1].searchsorted((-mast.near_m, mast.near_m))
        near = np.add.outer(np.square(dx[left:right]), np.square(dy[top:bottom]))
        power, turns = radial(near, mast.law)
        block.power.reshape(block.shape)[left:right, top:bottom] = power
        angle = block.angle.reshape(block.shape)[left:right, top:bottom]
        np.multiply(turns, self._angle_scale, out=angle)

    def _turn(self, block: _Block, dx: Floats, dy: Floats, by: tuple[Floats, ...]) -> None:
        """Fill the bearing; ``by``: widths of a sector a radian, and what to take off north and south."""
        bearing, (scale, north, south) = block.bearing, by
        left, right = self._ratio_left[: len(dx)], self._ratio_right[:, : len(dy)]
        left[:, 0] = dx
        aside = dy[0] < -LEAST_M or dy[-1] > LEAST_M
        if not aside:
            dy = np.where(np.abs(dy) < LEAST_M, _single(LEAST_M), dy)
        np.divide(self._one, dy, out=right[0])
        # a quotient and arctan cost half of what arctan2 does; half a turn more to the south goes by rows
        np.matmul(left, right, out=block.outer)
        np.arctan(bearing, out=bearing)
        np.multiply(bearing, scale, out=bearing)
        if aside:
            np.subtract(bearing, south if dy[0] < 0.0 else north, out=bearing)
        else:
            np.subtract(block.outer, np.where(dy < 0.0, south, north), out=block.outer)

    def _along(self, block: _Block, tilt: Any, out: Floats, *, floor: bool) -> Floats:
        """Return the attenuation by elevation [octaves]; ``tilt`` is scaled."""
        np.subtract(block.angle, tilt, out=out)
        if self.pattern.along_table is not None:
            return from_table(self.pattern.along_table, out)
        np.square(out, out=out)
        return np.minimum(out, block.most_along, out=out) if floor else out

    def _even(self, block: _Block, mast: Mast, fan: _Fan, bounded: bool) -> Heard:
        """Return what alike and evenly spread sectors give: the nearest by bearing is the strongest.

        Of those behind, whose attenuation has reached its most, one is computed for all. ``bounded``:
        elevation takes no more than the mast's bound, so that minima which it cannot reach are left out.
        """
        power, bearing, total, spare = block.power, block.bearing, block.total, block.spare
        np.rint(bearing, out=block.code)
        np.subtract(bearing, block.code, out=bearing)
        np.abs(bearing, out=bearing)
        np.multiply(bearing, fan.scale, out=bearing)
        np.subtract(power, self._weakest, out=block.weakest)
        most = self.pattern.most_along
        if self.pattern.along:
            floor = not bounded or mast.along_most >= most
            np.subtract(power, self._along(block, mast.far.tilt, block.angle, floor=floor), out=power)
            most = most if floor else mast.along_most
        lobe = block.best
        for number, (move, aside) in enumerate(fan.sides):
            if number:
                lobe = block.second if number == 1 else spare
                move(aside, bearing, out=lobe)
                np.square(lobe, out=lobe)
                np.subtract(power, lobe, out=lobe)
                np.maximum(lobe, block.weakest, out=lobe)
                np.exp2(lobe, out=spare)
                np.add(total, spare, out=total)
                continue
            np.square(bearing, out=lobe)
            np.subtract(power, lobe, out=lobe)
            if fan.edge + most >= self.pattern.most:
                np.maximum(lobe, block.weakest, out=lobe)
                # where all sectors are equally weak the first is the server
                np.equal(lobe, block.weakest, out=block.mask)
                np.copyto(block.code, _single(0.0), where=block.mask)
            np.exp2(lobe, out=total)
        if fan.behind:
            np.exp2(block.weakest, out=spare)
            if fan.behind > 1:
                np.multiply(spare, _single(fan.behind), out=spare)
            np.add(total, spare, out=total)
        second = (None if len(mast.bearing) == 1 else block.weakest) if len(fan.sides) == 1 else block.second
        return Heard(block.best, second, total, block.code, mast.far.code)

    def _each(self, block: _Block, mast: Mast, bearing: Floats | None) -> Heard:
        """Return what any sectors give, one after the other; of equal ones the first is the best."""
        code, best, second, total, lobe = block.code, block.best, block.second, block.total, block.spare
        code.fill(0.0)
        np.subtract(block.power, self._weakest, out=block.weakest)
        power, tilt = block.along if self.pattern.along else block.power, None
        for sector, (azimuth, downtilt, below) in enumerate(
            zip(mast.bearing, mast.tilt, mast.below, strict=True)
        ):
            if self.pattern.along and downtilt != tilt:
                scaled = _single(downtilt * self.pattern.angle_scale)
                np.subtract(block.power, self._along(block, scaled, power, floor=True), out=power)
                tilt = downtilt
            out = best if sector == 0 else lobe
            self._lobe(block, azimuth, bearing, power, out)
            if below:
                np.subtract(out, _single(below), out=out)
            if sector == 0:
                np.exp2(best, out=total)
                continue
            np.greater(lobe, best, out=block.mask)
            np.copyto(code, _single(sector), where=block.mask)
            if sector == 1:
                np.minimum(lobe, best, out=second)
            else:
                weaker = np.minimum(lobe, best, out=block.turns)
                np.maximum(second, weaker, out=second)
            np.maximum(best, lobe, out=best)
            np.exp2(lobe, out=lobe)
            np.add(total, lobe, out=total)
        return Heard(best, second if len(mast.bearing) > 1 else None, total, code, mast.far.code)

    def _lobe(
        self, block: _Block, azimuth: float, bearing: Floats | None, power: Floats, out: Floats
    ) -> None:
        """Fill in the power of one sector before what it is weaker by [octaves]."""
        if bearing is None:
            np.maximum(power, block.weakest, out=out)
            return
        np.subtract(bearing, _single(azimuth), out=out)
        np.rint(out, out=block.turns)
        np.subtract(out, block.turns, out=out)
        if self.pattern.across_table is not None:
            np.multiply(out, _single(360.0), out=out)
            from_table(self.pattern.across_table, out)
        else:
            np.square(out, out=out)
            np.multiply(out, self._across, out=out)
        np.subtract(power, out, out=out)
        np.maximum(out, block.weakest, out=out)


def from_table(table: Floats, angle_deg: Floats) -> Floats:
    """Replace angles by a table of whole degrees between its figures, around the circle; return them."""
    whole = np.floor(angle_deg)
    degree = whole.astype(np.int32)
    angle_deg -= whole
    angle_deg *= np.take(table[1], degree, mode="wrap")
    angle_deg += np.take(table[0], degree, mode="wrap")
    return angle_deg
