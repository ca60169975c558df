"""Draws of demand: the sample against the whole, and what may differ between draws."""

import numpy as np
import pytest

from sim import study
from sim.ensemble import Folded, draw_demand
from sim.ensemble.draws import _by_pair, _of_province
from sim.ensemble.sample import Sample, is_drawn, sampled_zones
from sim.indicators.registry import REGISTRY
from tests.world import load, prepare

HORIZON = (("horizon.first", "2014-01"), ("horizon.last", "2015-12"))
RATE = ("mean_access_bandwidth_households", "all")
LINES = ("fixed_subscribers", "all")


@pytest.fixture(scope="module")
def made():
    loaded = load(*HORIZON, ("demand.draws", "6"), zones=80)
    prepared = prepare(loaded)
    outcome = study._replicate(prepared, 0, study.Stages(None), 0.0, 1.0)
    return loaded, prepared, Folded(outcome.events, outcome.projects, outcome.indicators)


def test_a_sample_of_every_zone_is_the_run(made):
    loaded, prepared, folded = made
    sample = Sample.of(prepared, folded, at_least=10**6)
    assert sample.is_whole
    found = sample.measure(loaded.scenario.demand)
    run = _by_pair(folded.indicators, loaded.scenario.clock.months)
    assert set(run) <= set(found)  # what has no value in any month is in no table
    assert {name for name, _ in found} == {name for name in REGISTRY if is_drawn(name)}
    for pair, series in run.items():
        np.testing.assert_allclose(found[pair], series, rtol=1e-6, atol=1e-8, err_msg=str(pair))


def test_a_sample_has_its_share_of_every_kind(made):
    _, prepared, folded = made
    rows = sampled_zones(prepared, 30)
    zones = prepared.area.zones
    assert 30 <= len(rows) < len(zones)
    assert list(rows) == sorted(set(rows))
    assert set(zones["kind"].iloc[rows]) == set(zones["kind"])
    sample = Sample.of(prepared, folded, 30)
    assert sample.ground.homes.shape[1] == len(rows)
    assert sample.ground.point_zone.max() < len(rows)


def test_draws_of_a_sample_stand_for_draws_of_the_whole(made, monkeypatch):
    loaded, prepared, folded = made
    whole = draw_demand(loaded, prepared, folded).draws
    real = Sample.of
    monkeypatch.setattr(Sample, "of", lambda p, f: real(p, f, 30))
    part = draw_demand(loaded, prepared, folded).draws
    for name in ("fixed_broadband_household_penetration", RATE[0]):
        a, b = (_last(table, name) for table in (whole, part))
        assert a.std() > 0
        np.testing.assert_allclose(b, a, rtol=0.1)
        assert np.corrcoef(a, b)[0, 1] > 0.9


def _last(table, name):
    mine = table[(table["indicator"] == name) & (table["breakdown"] == "all")]
    return mine[mine["month"] == mine["month"].max()].sort_values("replication")["value"].to_numpy()


def test_draws_are_the_same_every_time_and_say_what_was_drawn(made):
    loaded, prepared, folded = made
    one, two = (draw_demand(loaded, prepared, folded) for _ in range(2))
    assert one.draws.equals(two.draws)
    assert sorted(set(one.draws["replication"])) == list(range(6))
    assert set(one.draws["indicator"]) <= {name for name in REGISTRY if is_drawn(name)}
    names = [row["name"] for row in one.facts["parameters"]]
    assert "fixed_per_urban_home_2013" in names
    assert (one.facts["draws"], one.facts["zones"]) == (6, prepared.area.n_zones)


def test_no_draws_where_none_are_wanted(made):
    _, prepared, folded = made
    loaded = load(*HORIZON, ("demand.draws", "0"), zones=80)
    found = draw_demand(loaded, prepared, folded)
    assert len(found.draws) == 0
    assert found.facts == {}


def test_the_province_moves_as_its_sample():
    share = ("ftth_share_of_fixed_subscribers", "all")
    moved = {LINES: np.array([11.0, 3.0]), share: np.array([0.9, np.nan])}
    central = {LINES: np.array([10.0, 0.0]), share: np.array([0.6, np.nan])}
    run = {LINES: np.array([200.0, 50.0]), share: np.array([0.8, np.nan]), RATE: np.array([1.0, 1.0])}
    found = _of_province(moved, central, run)
    assert set(found) == {LINES, share}
    np.testing.assert_allclose(found[LINES], [220.0, 53.0])
    # a share never exceeds 1
    np.testing.assert_allclose(found[share], [1.0, np.nan])
