"""Smoke run and timing of writing a run on the small cases."""

from benchmarks.smoke import SMALL, smoke


@SMALL
def test_save(benchmark, bench):
    smoke(benchmark, bench, "save")
