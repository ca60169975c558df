"""Smoke run and timing of the first release on the small cases."""

from benchmarks.smoke import SMALL, smoke


@SMALL
def test_plan(benchmark, bench):
    smoke(benchmark, bench, "plan")
