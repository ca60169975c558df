"""Indicators of the radio networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.indicators.options import TargetOptions
from sim.indicators.radio import INDICATORS, measured
from sim.indicators.registry import REGISTRY, compute_indicators
from sim.tables.radio import RADIO
from tests.radio.test_months import built


@pytest.fixture(scope="module")
def table():
    prepared, outcome, _ = built()
    options: TargetOptions = prepared.scenario.targets
    return compute_indicators(outcome.state, outcome.events, prepared.area, prepared.scenario.clock, options)


def test_all_are_registered_once():
    names = [indicator.name for indicator in INDICATORS]
    assert len(set(names)) == len(names)
    assert all(REGISTRY[indicator.name] is indicator for indicator in INDICATORS)


def test_they_say_what_was_measured(table):
    radio = built()[1].radio.radio
    for name, measure, breakdown in (
        ("lte_outdoor_population_share", "population_share", "outdoor"),
        ("lte_area_share", "area_share", "outdoor"),
        ("lte_edge_rate_mbps", "edge_rate_mbps", "busy hour"),
        ("nbiot_reach_deep_share", "coupling_population_share", "164 dB deep"),
    ):
        technology = name.partition("_")[0]
        rows = radio[
            (radio["technology"] == technology)
            & (radio["measure"] == measure)
            & (radio["breakdown"] == breakdown)
        ]
        mine = table[(table["indicator"] == name) & (table["breakdown"] == "all")]
        assert np.array_equal(mine["month"], rows["month"])
        assert np.array_equal(mine["value"], rows["value"])
        assert len(mine)


def test_cover_is_told_by_homes_and_by_roads(table):
    homes = table[table["indicator"] == "lte_outdoor_population_share"]
    assert set(homes["breakdown"]) == {"all", "urban", "rural"}
    roads = table[table["indicator"] == "lte_road_share"]
    assert {"all", "rail"} <= set(roads["breakdown"])


def test_a_replication_without_measured_networks_has_none():
    from sim.indicators.base import Evidence

    prepared, outcome, _ = built()
    for radio in (None, RADIO.empty()):
        state = replace(outcome.state, radio=radio)
        evidence = Evidence(
            state, prepared.area, prepared.scenario.clock, prepared.scenario.targets, outcome.events
        )
        assert measured(evidence, "lte", "area_share", {"all": "outdoor"}) == {}
