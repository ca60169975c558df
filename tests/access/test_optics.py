"""The optical budget by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.access.optics import (
    BEYOND_DIFFERENCE,
    BEYOND_REACH,
    OVER_BUDGET,
    SERVED,
    budget,
    fixed_loss_db,
    loss_db,
)


def budget_of(options, split, metres, port=None, **changes):
    metres = np.array(metres, dtype=float)
    port = np.arange(len(metres)) if port is None else np.array(port)
    return budget(options.model_copy(update=changes), split, metres, port, int(port.max()) + 1)


def test_losses_add_up(options):
    """1:4 and 1:16 lose 6.85 + 14 dB, four connectors 1.2 dB, six splices 0.6 dB, ageing 1 dB: 23.65 dB."""
    assert fixed_loss_db(options, "4x16") == pytest.approx(23.65)
    assert fixed_loss_db(options, "64") == pytest.approx(20.25 + 2.8)
    up, down = loss_db(options, "4x16", np.array([9000.0]), options.optics["B+"])
    assert up == pytest.approx(23.65 + 9 * 0.35 + 4 * 0.1)  # four ends of drums of 2 km
    assert down == pytest.approx(23.65 + 9 * 0.25 + 0.4)


def test_the_cheapest_class_that_serves_all_homes_of_the_port(options):
    """28 dB bear 4.35 dB beyond the fixed losses of 1:4 and 1:16, 32 dB bear 8.35 dB."""
    found = budget_of(options, "4x16", [10_000, 11_500, 20_000, 22_000])
    assert found.optics.tolist() == [0, 1, 1, 0]
    assert found.reason.tolist() == [SERVED, SERVED, SERVED, OVER_BUDGET]
    assert found.margin_db["B+"][0] == pytest.approx(4.35 - 3.5 - 0.5)
    assert found.margin_db["N1"][0] == pytest.approx(29 - 23.65 - 4.0 - 0.5)
    together = budget_of(options, "4x16", [10_000, 11_500], port=[0, 0])
    assert together.optics.tolist() == [1, 1]
    assert together.port_optics.tolist() == [1]


def test_dearer_optics_are_not_bought_for_nothing(options):
    """Where neither class reaches any home the cheaper one stands."""
    assert budget_of(options, "4x16", [40_000]).port_optics.tolist() == [0]


def test_ten_gigabit_classes(options):
    found = budget_of(options, "64", [8_000, 12_500, 17_000, 20_000], offered=("N1", "N2"))
    # 29 and 31 dB leave 5.95 and 7.95 dB, at 0.4 dB/km and 0.1 dB every 2 km
    assert found.optics.tolist() == [0, 0, 1, 0]
    assert found.reason.tolist() == [SERVED, SERVED, SERVED, OVER_BUDGET]


def test_too_near_for_a_class(options):
    """A single 1:8 splitter loses too little for class B+ (13 dB at least) without an attenuator."""
    found = budget_of(options, "8", [100, 6_000], offered=("B+",))
    assert found.too_near.tolist() == [True, False]  # 12.3 dB without the margin, and 14.1 dB
    assert (found.reason == SERVED).all()


def test_reach_of_the_protocol(options):
    generous = {"ageing_margin": 0.0, "longest_reach": 15.0, "differential_reach": 2.0}
    found = budget_of(options, "32", [9_000, 11_500, 14_000, 15_500], port=[0, 0, 1, 2], **generous)
    assert found.reason.tolist() == [SERVED, BEYOND_DIFFERENCE, SERVED, BEYOND_REACH]


@pytest.mark.parametrize("split", ["8x8", "4x16", "32", "64"])
def test_loss_grows_with_distance_and_reach_with_the_class(options, split):
    metres = np.linspace(0, 40_000, 200)
    reach = []
    for name in ("B+", "C+"):
        up, down = loss_db(options, split, metres, options.optics[name])
        assert (np.diff(up) > 0).all()
        assert (down <= up).all()
        reach.append(metres[up <= options.optics[name].budget].max())
    assert reach[0] < reach[1]
