"""Curves fitted anew to a made-up region, and the shipped ones held against fresh designs."""

from __future__ import annotations

import numpy as np
import pytest

from sim.access.calibrate import (
    CONNECTING,
    METRES,
    PORTS,
    PRICE,
    designed,
    errors,
    fitted,
    pooled,
    stratified,
)
from sim.access.curves import read_curves
from sim.access.quantities import metres_of
from sim.randomness import Streams
from sim.tables.layers import CITY, ZONE_KINDS
from tests.access.towns import land, shipped_odn
from tests.conftest import ROOT
from tests.world import load

ODN = shipped_odn()
PATTERN = load(zones=60).scenario.technologies.ftth.tiles
AREA = land(150, seed=21)
COPPER = np.arange(150) % 3 > 0


@pytest.fixture(scope="module")
def sample():
    rows = stratified(AREA, 72, Streams(5))
    return designed(AREA, rows, (PATTERN, ODN), COPPER)


def test_a_sample_has_every_kind_from_small_to_large():
    rows = stratified(AREA, 72, Streams(5))
    kind, homes = AREA.zones["kind"].to_numpy()[rows], AREA.zones["homes_2020"].to_numpy()
    assert np.array_equal(rows, np.unique(rows))
    for name in ZONE_KINDS:
        mine = homes[rows[kind == name]]
        every = np.sort(homes[(AREA.zones["kind"] == name).to_numpy()])
        assert len(mine) == 24
        assert len(every) == 50
        assert np.median(mine) == pytest.approx(np.median(every), rel=0.2)
        assert mine.max() >= every[-4]
    assert not np.array_equal(rows, stratified(AREA, 72, Streams(6)))
    assert len(stratified(AREA, 9999, Streams(5))) == 150


def test_designs_are_spread_over_ports(sample):
    share = sample.features.values["ports"] / sample.features.served
    assert share.min() >= PORTS[0]
    assert share.max() <= PORTS[1]
    assert share.mean() == pytest.approx(sum(PORTS) / 2, abs=0.08)


def test_shipped_curves_hold_on_fresh_designs(sample):
    """Zones of a made-up region that the table has never seen; the bounds are wider, for they are few."""
    curves = read_curves(ROOT / "scenarios" / "library" / "access_curves.csv")
    features, amounts, _ = pooled([sample])
    every = np.ones(len(sample.rows), dtype=bool)
    amounts = {name: amounts.get(name, np.zeros(len(every))) for name in {*curves.names, *amounts}}
    found = errors(curves, features, amounts, ODN, (every, 0))
    for kind in ZONE_KINDS:
        for measure in (METRES, PRICE, CONNECTING):
            assert found[kind, measure].median_error <= 0.09, (kind, measure, found[kind, measure])
            assert found[kind, measure].p90_error <= 0.25, (kind, measure, found[kind, measure])


def test_fitting_keeps_half_for_the_test_and_states_its_errors(sample):
    curves = fitted([sample], ODN, 5)
    for kind in ZONE_KINDS:
        fit = curves.fits[kind, METRES]
        assert fit.seed == 5
        assert abs(fit.fitted - fit.tested) <= 1
        # a dozen made-up cities of five to twenty buildings tell less than as many towns and villages do
        assert fit.median_error <= (0.2 if kind == CITY else 0.08)
    assert all(value > 0 for terms in curves.coefficients.values() for value in terms.values())
    again = fitted([sample], ODN, 5)
    assert again == curves


def test_zones_of_the_fit_do_not_judge_it(sample):
    """Errors are those of tested zones alone: spoiling a fitted zone's design leaves the others' designs."""
    features, amounts, tested = pooled([sample])
    curves = fitted([sample], ODN, 5)
    metres = metres_of(amounts)[tested]
    off = np.abs(metres_of(curves.quantities(features))[tested] / metres - 1)
    for kind in ZONE_KINDS:
        mine = off[features.kind[tested] == kind]
        assert curves.fits[kind, METRES].median_error == pytest.approx(np.median(mine))
