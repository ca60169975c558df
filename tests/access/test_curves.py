"""Curves by hand, their table, and what must hold of the shipped one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sim.access.curves import COLUMNS, Curves, Fit, read_curves, write_curves
from sim.access.features import Features, feature_names, features_of
from sim.access.quantities import BARE, HOMES, PORTS, ROUTES, build_yuan, metres_of, priced
from sim.errors import DataError
from sim.tables.layers import ZONE_KINDS
from tests.access.towns import PATTERN, land, shipped_odn
from tests.conftest import ROOT

SHIPPED = ROOT / "scenarios" / "library" / "access_curves.csv"
FIT = Fit(10, 5, 7, 0.02, 0.08)
ODN = shipped_odn()
AREA = land(90, seed=4)
COPPER = np.arange(90) % 2 == 0
NEAR = np.full(90, 2000.0)


def by_hand(**values):
    kind = np.array(["city", "village"])
    blank = {name: np.zeros(2) for one in ZONE_KINDS for name in feature_names(one)}
    return Features(kind, blank | {name: np.array(two, dtype=float) for name, two in values.items()})


def test_a_quantity_is_the_sum_of_features_with_the_coefficients_of_its_kind():
    curves = Curves(
        {
            ("city", "drop"): {"ports": 1.5, "zone": 2.0},
            ("village", "drop"): {"ports": 3.0},
            ("village", BARE): {"bare_tracks_m": 0.5},
        }
    )
    found = curves.quantities(by_hand(ports=(10, 20), zone=(1, 1), bare_tracks_m=(100, 400)))
    assert found["drop"].tolist() == [17.0, 60.0]
    assert found[BARE].tolist() == [0.0, 200.0]
    assert curves.names == (BARE, "drop")


def test_a_kind_without_curves_is_no_free_ride():
    with pytest.raises(DataError, match="village: has no curves; calibrate"):
        Curves({("city", "drop"): {"ports": 1.0}}).quantities(by_hand(ports=(1, 1)))


def test_the_table_keeps_curves_and_errors(tmp_path):
    curves = Curves(
        {("city", "drop"): {"ports": 1.5, "zone": 2.0}, ("town", BARE): {}},
        {("city", "drop"): FIT, ("city", "price"): FIT, ("town", BARE): FIT},
    )
    write_curves(tmp_path / "a.csv", curves)
    again = read_curves(tmp_path / "a.csv")
    assert again.coefficients == {("city", "drop"): {"ports": 1.5, "zone": 2.0}}
    assert again.fits == curves.fits


def test_every_wrong_row_is_named_at_once(tmp_path):
    rows = [
        "city,drop,ports,1,1,1,1,0,0", "city,drop,ports,1,1,1,1,0,0", "hamlet,drop,ports,1,1,1,1,0,0",
        "town,drop,fronts_m,1,1,1,1,0,0", "town,drop,ports,-1,1,1,1,0,0", "town,drop,zone,x,1,1,1,0,0",
    ]  # fmt: skip
    (tmp_path / "a.csv").write_text("\n".join([",".join(COLUMNS), *rows]) + "\n")
    with pytest.raises(DataError) as error:
        read_curves(tmp_path / "a.csv")
    text = str(error.value)
    assert len(error.value.problems) == 5
    for part in (
        "a.csv:3:",
        "stands twice",
        "'hamlet' is no kind",
        "'fronts_m' is no feature of a town",
        "below 0",
    ):
        assert part in text


def test_the_shipped_table_is_within_its_bounds():
    """Half of the zones kept from the fit are within 5 %, nine in ten within 15 %, in metres and price."""
    fits = read_curves(SHIPPED).fits
    for kind in ZONE_KINDS:
        for measure in ("route", "price", "price of connecting"):
            fit = fits[kind, measure]
            assert fit.fitted >= 100
            assert fit.tested >= 100
            assert fit.median_error <= 0.05, (kind, measure)
            assert fit.p90_error <= 0.15, (kind, measure)


def test_nothing_is_negative_and_homes_are_those_within_reach():
    features = features_of(AREA, PATTERN, ODN, COPPER, NEAR)
    found = read_curves(SHIPPED).quantities(features)
    assert all((amount >= 0).all() for amount in found.values())
    assert found[HOMES] == pytest.approx(features.served, rel=1e-3)
    assert found[PORTS] == pytest.approx(features.values["ports"], rel=0.1)
    assert (build_yuan(priced(found, ODN, features.built_up)) > 0).all()


@pytest.mark.parametrize("scale", [1.3, 2.0, 4.0])
def test_denser_settlement_never_takes_more_metres_per_home(scale):
    curves = read_curves(SHIPPED)
    wide = PATTERN.model_copy(
        update={
            "village_plot": PATTERN.village_plot * scale**2, "block_city": PATTERN.block_city * scale,
            "block_town": PATTERN.block_town * scale, "setback": PATTERN.setback * scale,
        }
    )  # fmt: skip
    dense = features_of(AREA, PATTERN, ODN, COPPER, NEAR)
    sparse = features_of(land(90, seed=4, scale=scale), wide, ODN, COPPER, NEAR)
    here, there = curves.quantities(dense), curves.quantities(sparse)
    assert (metres_of(there) >= metres_of(here) - 1e-6).all()
    for name in (*ROUTES, "cable on bare route", "cable in ducts", "cable on poles", "drop cable"):
        assert (there[name] >= here[name] - 1e-6).all(), name


@pytest.mark.parametrize(
    "name", ["trench_price", "pole_price", "splice_price", "drop_price", "lashing_price"]
)
def test_a_price_that_rises_never_makes_a_zone_cheaper(name):
    features = features_of(AREA, PATTERN, ODN, COPPER, NEAR)
    found = read_curves(SHIPPED).quantities(features)
    dearer = ODN.model_copy(update={name: getattr(ODN, name) * 2})
    before, after = (priced(found, options, features.built_up) for options in (ODN, dearer))
    assert (sum(after.values()) >= sum(before.values()) - 1e-6).all()


def test_ports_for_more_homes_never_cost_less():
    curves = read_curves(SHIPPED)
    yuan = []
    for share in (0.3, 0.5, 0.7, 1.0):
        features = features_of(AREA, PATTERN, ODN, COPPER, NEAR, np.full(90, share))
        yuan.append(build_yuan(priced(curves.quantities(features), ODN, features.built_up)))
    assert all((more >= less - 1e-6).all() for less, more in pairwise(yuan))
