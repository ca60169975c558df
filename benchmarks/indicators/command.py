"""Measure what measuring and judging must hold: python -m benchmarks indicators [row ...] [--check].

Each row is measured in a process of its own. Results are written as JSON with machine, commit, versions and
load average, into a file whose other rows stay; ``--check`` ends with 1 where a limit is missed.
"""

from __future__ import annotations

from benchmarks.indicators import ROWS
from benchmarks.suite import Suite

SUITE = Suite("indicators", __doc__, ROWS, times=5, figure_width=28)


def main(words: list[str]) -> int:
    """Measure and write the results; return the exit status."""
    return SUITE.main(words)
