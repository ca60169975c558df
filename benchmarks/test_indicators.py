"""Smoke run and timing of measuring on the small cases."""

from benchmarks.smoke import SMALL, smoke


@SMALL
def test_indicators(benchmark, bench):
    smoke(benchmark, bench, "indicators")
