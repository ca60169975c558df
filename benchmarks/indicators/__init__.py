"""What measuring and judging must hold, row by row."""

from __future__ import annotations

from benchmarks.indicators.province import PROVINCE, SHARES
from benchmarks.rows import Row

ROWS: dict[str, Row] = {row.name: row for row in (PROVINCE, SHARES)}
