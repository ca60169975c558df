"""What the construction kernel must hold, row by row."""

from __future__ import annotations

from benchmarks.construction.orders import EVENTS, QUEUE
from benchmarks.rows import Row

ROWS: dict[str, Row] = {row.name: row for row in (EVENTS, QUEUE)}
