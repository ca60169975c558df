"""Townships with a second way out, by hand on three points of presence."""

from dataclasses import replace

import numpy as np
import pytest

from sim.indicators import resilience
from sim.indicators.base import Evidence


def test_two_paths_or_a_satellite_terminal(behind):
    """Points 0 and 1 lie in the county with two paths; a terminal in zone 3 stands behind point 2."""
    assert resilience.backup(behind)["all"].tolist() == pytest.approx([2 / 3] * behind.months)
    state = behind.state
    subscribers = state.subscribers.copy()
    subscribers[2:, state.technology("satellite"), 3] = 1
    with_dish = Evidence(
        replace(state, subscribers=subscribers), behind.area, behind.horizon, behind.options, behind.events
    )
    shares = resilience.backup(with_dish)
    assert shares["all"].tolist() == pytest.approx([2 / 3, 2 / 3, 1, 1])
    assert shares["rural"].tolist() == pytest.approx([0.5, 0.5, 1, 1]), "points 1 and 2 are mostly rural"


def test_a_microwave_link_beside_the_uplink_backs_a_point_up(behind):
    built = np.zeros((behind.months, 3), dtype=bool)
    built[1:, 2] = True
    carried = replace(behind.state.transport, backup=built)
    linked = Evidence(
        replace(behind.state, transport=carried), behind.area, behind.horizon, behind.options, behind.events
    )
    assert resilience.backup(linked)["all"].tolist() == pytest.approx([2 / 3, 1, 1, 1])
    assert resilience.backup(linked)["rural"].tolist() == pytest.approx([0.5, 1, 1, 1])


def test_a_zone_without_a_point_of_presence_backs_none_up(behind):
    standing = replace(behind.state.transport.standing, node=np.array([-1, 0, -1, 2, 2]))
    carried = replace(behind.state.transport, standing=standing)
    alone = Evidence(
        replace(behind.state, transport=carried), behind.area, behind.horizon, behind.options, behind.events
    )
    assert resilience.backup(alone)["all"][0] == pytest.approx(2 / 3), "the dish of zone 2 hangs nowhere"


def test_a_run_without_transport_says_nothing(evidence):
    assert resilience.backup(evidence) == {}
