"""Measure what the radio engine must hold: python -m benchmarks radio [row ...] [--check] [--growth].

Each row is measured in a process of its own. Results are written as JSON with machine, commit, versions and
load average, into a file whose other rows stay; ``--check`` ends with 1 where a limit is missed.
"""

from __future__ import annotations

import os

from benchmarks.__main__ import RESULTS, ROOT
from benchmarks.radio import ROWS
from benchmarks.radio.growth import draw, figures_of, samples, write_table
from benchmarks.rows import Size
from benchmarks.suite import ONE_THREAD, Suite, about


def main(words: list[str]) -> int:
    """Measure and write the results; return the exit status."""
    return SUITE.main(words)


def _draw_growth(size: Size) -> None:
    os.environ.update(ONE_THREAD)
    before = os.getloadavg()[0]
    found = samples(size)
    after = os.getloadavg()[0]
    write_table(found, RESULTS / "radio-growth.csv")
    facts = about()
    note = f"{facts['machine']['cpu']}, {facts['date']}, load average {before:.1f} to {after:.1f}."
    draw(found, RESULTS / "radio-growth.svg", note)
    for name, value in figures_of(found).items():
        if "slope" in name:
            print(f"{name:<28} {value:6.3f}")
    print(f"wrote {(RESULTS / 'radio-growth.svg').relative_to(ROOT)} and its table radio-growth.csv")


SUITE = Suite("radio", __doc__, ROWS, times=3, figure_width=44, both_loads=True, growth=_draw_growth)
