"""Indicators of the network behind access, by hand on five zones."""

from __future__ import annotations

import numpy as np
import pytest

from sim.indicators import transport
from sim.indicators.base import Evidence
from sim.indicators.transport import CITY_GROUPS, INDICATORS


@pytest.fixture
def evidence(behind):
    return behind


def test_egress_is_told_in_terabits(evidence):
    assert transport.egress_capacity(evidence)["all"][[0, -1]].tolist() == [2.0, 4.0]
    assert transport.egress_utilisation(evidence)["all"][[0, -1]] == pytest.approx([0.5, 0.375])
    assert transport.egress_growth(evidence)["all"][[0, -1]] == pytest.approx([1.0, 2.0 / 1.5])


def test_nodes_are_points_of_presence_and_counties(evidence):
    """The first county has three nodes, ready from month 2; the second two, ready from the start."""
    ready = transport.ipv6_ready(evidence)
    assert ready["all"].tolist() == pytest.approx([0.4, 0.4, *[1.0] * (evidence.months - 2)])
    assert ready["昆明市"].tolist() == pytest.approx([0.0, 0.0, *[1.0] * (evidence.months - 2)])
    assert ready["曲靖市"].tolist() == pytest.approx([1.0] * evidence.months)
    assert not set(CITY_GROUPS) & set(ready), "the cities of other provinces"


def test_cities_that_a_target_names_together_are_counted_together(evidence):
    zones = evidence.area.zones.assign(prefecture=["济南市"] * 3 + ["Zhuzhou"] * 2)
    evidence.area.zones = zones
    ready = transport.ipv6_ready(evidence)
    assert ready["Jinan"].tolist() == ready["济南市"].tolist()
    assert "Changsha, Zhuzhou and Xiangtan" not in ready, "only where all three are there"


def test_two_paths_are_told_of_points_of_presence(evidence):
    """Node 0 is urban, node 1 rural; node 2 by the homes of its zones."""
    shares = transport.diverse_paths(evidence)
    assert shares["all"][0] == pytest.approx(2 / 3)
    homes = evidence.state.homes[0]
    assert shares["urban"][0] == pytest.approx(1.0 if homes[3] > homes[4] else 0.5)


def test_utilisation_is_the_mean_over_homes_of_the_fuller_link(evidence):
    homes = evidence.state.homes[0].astype(float)
    use = np.array([0.8, 0.8, 0.45, 0.9, 0.9])
    shares = transport.uplink_utilisation(evidence)
    assert shares["mean"][0] == pytest.approx((homes * use).sum() / homes.sum(), rel=1e-6)
    urban = np.array([True, True, False, False, True])
    assert shares["urban"][0] == pytest.approx((homes * use)[urban].sum() / homes[urban].sum(), rel=1e-6)
    over = homes[[0, 1, 3, 4]].sum() / homes.sum()
    assert shares["homes over the usable load"][0] == pytest.approx(over, rel=1e-6)


def test_a_run_without_transport_measures_nothing(state, area, horizon, options, events):
    without = Evidence(state, area, horizon, options, events)
    assert all(one.measure(without) == {} for one in INDICATORS)
