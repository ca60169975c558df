"""What planning must hold, row by row."""

from __future__ import annotations

from benchmarks.planning.proofs import ROWS as PROOFS
from benchmarks.planning.release import ROWS as RELEASES
from benchmarks.planning.small_cases import ROW as SMALL_CASES
from benchmarks.rows import Row

ROWS: dict[str, Row] = {row.name: row for row in (*RELEASES, *PROOFS, SMALL_CASES)}
