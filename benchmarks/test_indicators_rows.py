"""Small versions of what measuring and judging must hold: what is no time counts."""

from __future__ import annotations

import pytest

from benchmarks.indicators import ROWS
from benchmarks.rows import MISSED, Row, Size

SMALL = Size(small=True, times=1)


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_small_versions_keep_their_limits(row: Row):
    figures = row.measure(SMALL)
    assert MISSED not in row.verdicts(figures, SMALL).values(), figures
