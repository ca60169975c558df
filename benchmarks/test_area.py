"""Smoke run and timing of geography on the small cases."""

from benchmarks.smoke import SMALL, smoke


@SMALL
def test_area(benchmark, bench):
    smoke(benchmark, bench, "area")
