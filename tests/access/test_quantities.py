"""Quantities of designs cost what their bills say, at any prices."""

from __future__ import annotations

import numpy as np
import pytest

from sim.access.bill import BUILD, CONNECT
from sim.access.odn import design_tile
from sim.access.pattern import tile_of
from sim.access.quantities import HOMES, PORTS, build_yuan, catalogue, metres_of, priced, quantities_of
from sim.errors import DataError
from tests.access.towns import PATTERN, land, shipped_odn

ODN = shipped_odn().model_copy(update={"bound_rounds": 0})
AREA = land(12, seed=5)
COPPER = np.arange(12) % 4 < 2
ROWS = range(12)
DESIGNS = [design_tile(tile_of(AREA, row, PATTERN, COPPER), ODN) for row in ROWS]
BUILT_UP = (AREA.zones["kind"] != "village").to_numpy()


@pytest.mark.parametrize("row", ROWS)
def test_a_design_costs_what_its_bill_says(row):
    amounts = {name: np.array([amount]) for name, amount in quantities_of(DESIGNS[row]).items()}
    total = priced(amounts, ODN, BUILT_UP[[row]])
    for stage in (BUILD, CONNECT):
        assert build_yuan(total, stage)[0] == pytest.approx(DESIGNS[row].bill.yuan(stage), rel=1e-9)
        for item, yuan in DESIGNS[row].bill.by_item(stage).items():
            assert total.get((stage, item), np.zeros(1))[0] == pytest.approx(yuan, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("row", ROWS)
def test_quantities_are_those_of_the_design(row):
    found, design = quantities_of(DESIGNS[row]), DESIGNS[row]
    assert metres_of({name: np.array([amount]) for name, amount in found.items()}) == pytest.approx(
        design.route_m
    )
    assert found[HOMES] == design.passed
    assert found[PORTS] == design.ports


def test_every_line_of_a_bill_is_in_the_catalogue():
    listed = catalogue(ODN)
    for design in DESIGNS:
        for line in design.bill.lines:
            if line.what in listed:
                price = listed[line.what]
                assert (line.price, line.item, line.stage) == (price.yuan, price.item, price.stage)


@pytest.mark.parametrize(
    "name",
    [
        "trench_price",
        "paved_trench_price",
        "pole_price",
        "pulling_price",
        "lashing_price",
        "duct_price",
        "splice_price",
        "drop_price",
    ],
)
def test_a_price_that_rises_never_makes_anything_cheaper(name):
    dearer = ODN.model_copy(update={name: getattr(ODN, name) * 3.0})
    for row in ROWS:
        amounts = {key: np.array([amount]) for key, amount in quantities_of(DESIGNS[row]).items()}
        one, two = (priced(amounts, options, BUILT_UP[[row]]) for options in (ODN, dearer))
        assert sum(two.values()) >= sum(one.values()) - 1e-6


def test_poles_are_set_where_they_are_cheaper_and_may_stand():
    amounts = {"bare route": np.array([1000.0] * 3), "cable on bare route": np.array([1500.0] * 3)}
    built_up = np.array([False, True, False])
    total = priced(amounts, ODN, built_up)
    hung = 1000 * ODN.pole_price + 1500 * ODN.lashing_price
    dug = 1000 * ODN.trench_price + 1500 * ODN.pulling_price
    paved = 1000 * ODN.paved_trench_price + 1500 * ODN.pulling_price
    assert hung < dug
    assert total[BUILD, "civil"] == pytest.approx([hung, paved, hung])
    assert total[BUILD, "passive"] == pytest.approx([0.0, 1000 * ODN.duct_price, 0.0])
    forbidden = priced(amounts, ODN.model_copy(update={"new_poles": False}), built_up)
    assert forbidden[BUILD, "civil"] == pytest.approx([dug, paved, dug])


def test_what_has_no_price_is_named_with_the_cure():
    amounts = {"bare route": np.zeros(1), "cable on bare route": np.zeros(1), "cable of 5 fibres": np.ones(1)}
    with pytest.raises(DataError, match=r"cable of 5 fibres: has no price; calibrate .* rollout calibrate"):
        priced(amounts, ODN, np.array([True]))
