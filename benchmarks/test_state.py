"""Smoke run and timing of the fold of the log on the small cases."""

from benchmarks.smoke import SMALL, smoke


@SMALL
def test_state(benchmark, bench):
    smoke(benchmark, bench, "state")
