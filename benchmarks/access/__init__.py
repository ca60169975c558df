"""What the access engine must hold, row by row."""

from __future__ import annotations

from benchmarks.access.routes import ROUTES
from benchmarks.access.tiles import ROWS as TILES
from benchmarks.access.trees import ROWS as TREES
from benchmarks.rows import Row

ROWS: dict[str, Row] = {row.name: row for row in (*TREES, *TILES, ROUTES)}
