"""Indicators of the network behind access, by hand on five zones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.indicators import transport
from sim.indicators.base import Evidence
from sim.indicators.transport import CITY_GROUPS, INDICATORS
from sim.tables.transport import Carried, StandingTransport

NODE, COUNTY = np.array([0, 0, 1, 2, 2]), np.array([0, 0, 0, 1, 1])
COUNTY_OF_NODE = np.array([0, 0, 1])


@pytest.fixture
def evidence(state, area, horizon, options, events):
    months = state.homes.shape[0]
    standing = StandingTransport(
        node=NODE,
        county=COUNTY,
        county_of_node=COUNTY_OF_NODE,
        uplink_mbps=np.array([1_000.0, 1_000.0, 1_000.0]),
        ring_mbps=np.array([2_000.0, 4_000.0]),
        egress_mbps=2_000_000.0,
        egress_share=0.5,
        usable_load=0.7,
        diverse=np.array([True, False]),
        ipv6=np.array([False, True]),
    )
    since = np.arange(months)[:, None] >= np.array([[2, 0]])
    carried = Carried(
        standing=standing,
        uplink_mbps=np.full((months, 3), 1_000, dtype=np.float32),
        uplink_load_mbps=np.tile(np.array([800, 100, 400], dtype=np.float32), (months, 1)),
        ring_mbps=np.tile(np.array([2_000, 500], dtype=np.float32), (months, 1)),
        ring_load_mbps=np.tile(np.array([900, 450], dtype=np.float32), (months, 1)),
        egress_gbps=np.linspace(2_000, 4_000, months),
        egress_load_gbps=np.linspace(1_000, 1_500, months),
        diverse=np.tile(np.array([True, False]), (months, 1)),
        ipv6=since,
    )
    return Evidence(replace(state, transport=carried), area, horizon, options, events)


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
