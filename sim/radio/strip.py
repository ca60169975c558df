"""A strip of rows on which sites are painted one after the other: best, second, total and server."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.radio.masts import SILENT, Single

Floats = NDArray[np.float32]
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
    first_code: Single


def aligned(count: int, cells: int) -> Floats:
    """Return rows that each begin at a multiple of the width of a register: twice as fast to add."""
    stride = -(-cells // _LINE) * _LINE
    raw = np.empty(count * stride + _LINE, dtype=np.float32)
    skip = -(raw.ctypes.data // raw.itemsize) % _LINE
    return raw[skip : skip + count * stride].reshape(count, stride)[:, :cells]


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
        # most of what a site reaches others serve better: go on with what lies between the gains alone
        gains = mask.tobytes()
        start = gains.find(1)
        if start < 0:
            return
        start -= start % _LINE
        stop = gains.rfind(1) + 1
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
        np.add(codes, heard.first_code, out=codes)
        if late:
            mask |= (mine == best) & (codes < code) & (mine > _single(SILENT))
        np.maximum(best, mine, out=best)
        np.copyto(code, codes, where=mask)
