"""Traffic, and how often shared capacity is sold, counted by hand on the made-up area."""

from dataclasses import replace

import numpy as np
import pytest

from sim.indicators.traffic import fixed_traffic, mobile_traffic, overbooking


def test_traffic_is_that_of_the_demand(evidence):
    assert fixed_traffic(evidence)["all"].tolist() == [10, 11, 12, 13]
    assert mobile_traffic(evidence)["all"].tolist() == [0.1, 0.2, 0.3, 0.4]


def test_shared_lines_are_sold_over_the_capacity_behind_those_in_use(evidence):
    """From month 3 on 50 lines of 20 Mbit/s share two ports of 60 Mbit/s in each of two zones."""
    found = overbooking(evidence)["ftth"]
    assert np.isnan(found[:3]).all()
    assert found[3] == pytest.approx(50 * 20 / (2 * 2 * 60))


def test_without_lines_there_is_nothing_to_tell(evidence, state):
    bare = replace(evidence, state=replace(state, lines=None))
    assert fixed_traffic(bare) == mobile_traffic(bare) == overbooking(bare) == {}
