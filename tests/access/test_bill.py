"""Bills add up, and fibres get the cables that hold them."""

from __future__ import annotations

import numpy as np
import pytest

from sim.access.bill import CONNECT, Bill, Line, cabled, smallest_fitting

PRICE = {4: 1.0, 12: 1.5, 24: 2.0, 288: 16.0}


def test_fibres_get_the_cheapest_cables_that_hold_them():
    fibres = np.array([0.0, 1, 4, 5, 24, 25, 288, 289, 600])
    found = cabled(fibres, np.full(9, 10.0), PRICE, spare=0.0)
    assert found.cables.tolist() == [0, 1, 1, 1, 1, 1, 1, 2, 3]
    assert found.yuan_per_m.tolist() == [0, 1.0, 1.0, 1.5, 2.0, 16.0, 16.0, 17.0, 34.0]
    assert found.metres == {4: 30.0, 12: 10.0, 24: 20.0, 288: 50.0}


def test_spare_fibres_are_laid_too():
    assert cabled(np.array([10.0]), np.array([1.0]), PRICE, spare=0.2).metres == {12: 1.0}
    assert cabled(np.array([10.0]), np.array([1.0]), PRICE, spare=0.3).metres == {24: 1.0}


def test_a_larger_cable_that_is_cheaper_is_taken():
    assert cabled(np.array([3.0]), np.array([1.0]), {4: 3.0, 12: 1.5}, spare=0.0).metres == {12: 1.0}
    assert smallest_fitting(np.array([3, 13]), {4: 3.0, 12: 1.5, 24: 9.0}).tolist() == [12, 24]


def test_dearer_cables_never_make_a_route_cheaper():
    draw = np.random.default_rng(0)
    fibres, length = draw.integers(0, 700, 200).astype(float), draw.uniform(1, 50, 200)
    before = (cabled(fibres, length, PRICE, 0.2).yuan_per_m * length).sum()
    for size, price in PRICE.items():
        for factor in (1.2, 3.0, 100.0):
            dearer = PRICE | {size: price * factor}
            assert (cabled(fibres, length, dearer, 0.2).yuan_per_m * length).sum() >= before


def test_a_bill_adds_up_by_stage_and_item():
    bill = Bill(
        (
            Line("trench", "m", 10, 15.0, "civil"),
            Line("cable of 4 fibres", "m", 20, 1.0, "passive"),
            Line("cable of 12 fibres", "m", 5, 2.0, "passive"),
            Line("drop", "unit", 2, 110.0, "civil", CONNECT),
        )
    )
    assert bill.yuan() == pytest.approx(180)
    assert bill.yuan(CONNECT) == pytest.approx(220)
    assert bill.by_item() == {"civil": 150.0, "passive": 30.0}
    assert bill.quantity("cable of ") == 25
    assert bill.quantity("cable") == 0
