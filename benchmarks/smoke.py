"""What the benchmark tests share: the small cases, and the check that work does not vary."""

from __future__ import annotations

import pytest

from benchmarks.cases import CASES
from benchmarks.registry import PHASES, Bench

SMALL = pytest.mark.parametrize("bench", [name for name, case in CASES.items() if case.small], indirect=True)


def smoke(benchmark, bench: Bench, name: str) -> None:
    """Run a phase under pytest-benchmark; twice the same call does exactly the same work."""
    phase = PHASES[name]
    call = phase.prepare(bench)
    work = phase.count(bench, benchmark(call))
    assert work == phase.count(bench, call())
    assert all(isinstance(value, int) and value >= 0 for value in work.values())
    assert sum(work.values()) > 0
    benchmark.extra_info.update(work)
