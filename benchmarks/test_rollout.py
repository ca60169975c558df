"""Smoke run and timing of building, without planning on the small cases."""

from benchmarks.smoke import SMALL, smoke


@SMALL
def test_rollout(benchmark, bench):
    smoke(benchmark, bench, "rollout")
