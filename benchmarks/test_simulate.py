"""Smoke run and timing of a whole run on the small cases."""

from benchmarks.smoke import SMALL, smoke


@SMALL
def test_simulate(benchmark, bench):
    smoke(benchmark, bench, "simulate")
