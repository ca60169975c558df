from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.indicators import (
    cable,
    finance,
    ipv6,
    radio,
    resilience,
    sharing_rate,
    transport,
)
from sim.indicators.access import capability_share, ftth_homes_share, mean_capability
from sim.indicators.base import EACH, Evidence
from sim.indicators.composite import COMPOSITE
from sim.indicators.registry import REGISTRY, compute_indicators
from sim.tables.results import INDICATORS


@pytest.fixture
def table(state, area, horizon, options, events):
    return compute_indicators(state, events, area, horizon, options)


def test_every_indicator_is_measured_once_a_month_at_most(table):
    INDICATORS.check(table)
    unmeasured = {one.name for one in (*radio.INDICATORS, *transport.INDICATORS, *finance.INDICATORS)}
    unmeasured |= {one.name for one in cable.INDICATORS if one.unit == "share"}
    unmeasured |= {one.name for one in (*ipv6.INDICATORS, *resilience.INDICATORS, *sharing_rate.INDICATORS)}
    unmeasured |= {"crews", "crews_idle_share", COMPOSITE}
    unmeasured.remove("ipv6_terminals_share")
    unmeasured |= {"users_2g", "mobile_subscribers", "take_up_by_income"}
    assert set(table["indicator"]) == set(REGISTRY) - unmeasured, "no networks, crews or money are made up"
    assert not table["value"].isna().any()


def test_shares_stay_between_nothing_and_all(table):
    shares = table[table["unit"] == "share"]["value"]
    assert shares.between(0, 1).all()


def test_an_indicator_names_itself_its_unit_and_what_it_is_a_share_of():
    for name, indicator in REGISTRY.items():
        assert name == indicator.name
        assert indicator.unit
        assert indicator.description
        assert not indicator.of or indicator.of in REGISTRY


def test_an_indicator_says_what_it_is_in_one_sentence():
    for name, indicator in REGISTRY.items():
        assert indicator.definition.endswith("."), name
        assert ". " not in indicator.definition, name
        assert not indicator.definition[0].islower(), name
        assert indicator.breakdowns, name


def test_a_breakdown_that_is_measured_is_announced(table):
    for name, rows in table.groupby("indicator", observed=True):
        announced = REGISTRY[str(name)].breakdowns
        if not any(text.startswith(EACH) for text in announced):
            assert set(rows["breakdown"]) <= set(announced), name


def test_the_same_state_gives_the_same_table(table, state, area, horizon, options, events):
    again = compute_indicators(state, events, area, horizon, options)
    assert again.equals(table)


def test_the_replication_sees_its_own_money(state, area, horizon, options, events):
    other = compute_indicators(state, events, area, horizon, options, replication=1)
    spent = other[(other["indicator"] == "spent") & (other["breakdown"] == "all") & (other["month"] == 3)]
    assert spent["value"].tolist() == [0.07]
    assert set(other["replication"]) == {1}


def _two_zones(fibre_homes):
    """Return evidence of two zones of twenty homes with some copper and this much fibre in the first."""
    homes = np.array([[20, 20]], dtype=np.int32)
    passed = np.array([[[7, 3], [fibre_homes, 0]]], dtype=np.int32)
    state = SimpleNamespace(
        technologies=("dsl", "ftth"),
        uses=("fixed", "fixed"),
        homes=homes,
        population=homes,
        homes_passed=passed,
        subscribers=passed.astype(np.float32),
        peak_mbps=np.array([[[4, 8], [100, 100]]], dtype=np.float32),
    )
    zones = pd.DataFrame({"kind": ["city", "village"], "prefecture": ["a", "b"]})
    return Evidence(state, SimpleNamespace(name="made up", zones=zones), None, None, None)


@given(fewer=st.integers(0, 20), more=st.integers(0, 20), mbps=st.sampled_from([4.0, 20.0, 100.0]))
def test_more_fibre_never_lowers_a_share(fewer, more, mbps):
    fewer, more = sorted((fewer, more))
    for measure in (ftth_homes_share, partial(capability_share, mbps=mbps), mean_capability):
        low, high = (measure(_two_zones(homes))["all"][0] for homes in (fewer, more))
        assert low <= high


def test_an_area_without_villages_leaves_their_shares_out(state, area, horizon, options, events):
    area.zones["kind"] = "city"
    table = compute_indicators(state, events, area, horizon, options)
    assert "village_fibre_share" not in set(table["indicator"])
    assert not ((table["breakdown"] == "rural") & (table["unit"] == "share")).any()
