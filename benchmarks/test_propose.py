"""Smoke run and timing of the technologies' proposals on the small cases."""

from benchmarks.smoke import SMALL, smoke


@SMALL
def test_propose(benchmark, bench):
    smoke(benchmark, bench, "propose")
