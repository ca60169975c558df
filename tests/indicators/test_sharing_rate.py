"""Feeder routes that several technologies use, by hand on three segments."""

from dataclasses import replace

import numpy as np
import pytest

from sim.indicators import sharing_rate
from sim.indicators.base import Evidence
from sim.tables.feeders import Feeders


def seen(evidence, feeders):
    return Evidence(
        replace(evidence.state, feeders=feeders),
        evidence.area,
        evidence.horizon,
        evidence.options,
        evidence.events,
    )


def test_a_segment_is_shared_from_the_month_of_its_second_technology(evidence):
    """A trunk of 1 km leads to a branch of 2 km with zone 0 and one of 3 km with zone 3; zone 2 has its own.

    Copper serves zones 0 and 3 from the start, fibre zone 0 from month 2 on (not zone 3) and zone 2 too,
    which has no copper.
    """
    feeders = Feeders(
        length_m=np.array([1_000.0, 2_000.0, 3_000.0, 4_000.0]),
        zone=np.array([0, 0, 3, 3, 2]),
        segment=np.array([1, 0, 2, 0, 3]),
    )
    shares = sharing_rate.shared_routes(seen(evidence, feeders))
    assert shares["all"].tolist() == pytest.approx([0, 0, 3 / 10, 3 / 10])


def test_routes_nobody_uses_count_for_nothing(evidence):
    feeders = Feeders(np.array([1_000.0, 9_000.0]), np.array([3]), np.array([0]))
    assert sharing_rate.shared_routes(seen(evidence, feeders))["all"].tolist() == [0, 0, 0, 0]


def test_without_routes_nothing_is_said(evidence):
    assert sharing_rate.shared_routes(evidence) == {}
