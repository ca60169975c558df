"""Smoke run and timing of the radio networks month by month on the small cases."""

from benchmarks.smoke import SMALL, smoke


@SMALL
def test_radio(benchmark, bench):
    smoke(benchmark, bench, "radio")
