"""One zone of a made-up region opened to its design, and curves fitted to some of its zones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.access.odn import design_tile
from sim.access.pattern import tile_of
from sim.designs import calibrated, land_of, open_zone, zone_row
from sim.errors import DataError, ScenarioError
from tests.world import _KEPT, load

LOADED = load(zones=60)


@pytest.fixture(scope="module")
def kept():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROLLOUT_CACHE", _KEPT.name)
        yield


@pytest.fixture(scope="module")
def land(kept):
    return land_of(LOADED, lambda stage, done: None)


def zone_of(land, kind):
    return int(np.flatnonzero(land.area.zones["kind"] == kind)[0])


@pytest.mark.parametrize("kind", ["town", "village"])
def test_a_zone_is_opened_by_its_identifier(land, kind):
    row = zone_of(land, kind)
    opened = open_zone(LOADED, land.area.zones["zone_id"][row])
    assert opened.kind == kind
    assert opened.tile.upstream_m == pytest.approx(land.upstream_m[row])
    tile = tile_of(land.area, row, land.ftth.tiles, land.copper, float(land.upstream_m[row]))
    design = design_tile(tile, opened.options)
    assert design.yuan == opened.design.yuan
    assert opened.options.ports_per_home == pytest.approx(land.ports_per_home[row])


def test_curve_and_design_are_compared_at_the_same_prices(land):
    opened = open_zone(LOADED, land.area.zones["zone_id"][zone_of(land, "village")])
    by_measure = {one.measure: one for one in opened.comparisons}
    assert by_measure["route"].design == pytest.approx(opened.design.route_m)
    assert by_measure["price"].design == pytest.approx(opened.design.yuan)
    assert by_measure["price of connecting"].design == pytest.approx(opened.design.connect_yuan)
    assert abs(by_measure["price"].off) < 0.5
    assert by_measure["price"].off == by_measure["price"].curve / by_measure["price"].design - 1
    assert opened.fits["price"].tested > 0
    network = land.ftth.network(land.features)
    price = sum(yuan[zone_of(land, "village")] for yuan in network.yuan.values())
    assert price == pytest.approx(by_measure["price"].curve)


def test_progress_is_told_in_order(kept):
    told = []
    open_zone(
        LOADED, land_of(LOADED, lambda *_: None).area.zones["zone_id"][0], lambda *step: told.append(step)
    )
    shares = [done for _, done in told]
    assert shares == sorted(shares)
    assert told[-1][0] == "design"


def test_a_zone_goes_by_its_name_where_one_has_it(land):
    area = land.area
    own = area.zones.assign(name=[f"Place {number}" for number in range(60)])
    assert zone_row(replace(area, zones=own), "Place 7") == 7
    same = area.zones.assign(name="Same")
    with pytest.raises(DataError, match=r"60 zones have this name; give the identifier: .*, \.\.\."):
        zone_row(replace(area, zones=same), "Same")


def test_an_unknown_zone_is_answered_with_what_is_near(land):
    known = str(land.area.zones["zone_id"][3])
    with pytest.raises(DataError, match=f"has no such zone; did you mean .*{known}"):
        zone_row(land.area, known + "9")
    with pytest.raises(DataError, match="identifiers look like"):
        zone_row(land.area, "Atlantis of the Deep")


def test_a_zone_without_homes_is_no_zone_to_design(land, monkeypatch):
    monkeypatch.setattr("sim.designs.zone_homes", lambda area: np.zeros(60, dtype=np.int64))
    with pytest.raises(DataError, match="has no homes to design for"):
        open_zone(LOADED, str(land.area.zones["zone_id"][0]))


def test_a_scenario_without_fibre_has_no_designs(kept):
    bare = load(("technologies.ftth", "null"), zones=60)
    with pytest.raises(ScenarioError, match=r"technologies\.ftth: is left out"):
        open_zone(bare, "x")


def test_curves_are_fitted_to_pooled_samples(kept):
    told = []
    one = calibrated([LOADED], 18, 3, lambda *step: told.append(step))
    assert [done for _, done in told] == sorted(done for _, done in told)
    assert {kind for kind, _ in one.curves.coefficients} == {"town", "village"}
    both = calibrated([LOADED, LOADED], 18, 3)
    assert len(both.samples) == 2
    assert both.curves.fits["village", "price"].tested == 2 * one.curves.fits["village", "price"].tested
