"""The one shape of path loss: its maximum of pieces, its linear term and its inversion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.radio.law import NEAREST_M, LossLaw


def law(pieces, *, rise_m=0.0, linear=0.0, end_m=1.0):
    intercept, slope = np.array(pieces, dtype=float).T
    return LossLaw(
        intercept_db=intercept[None],
        slope_db=slope[None],
        linear_db_per_m=np.array([linear]),
        linear_end_m=np.array([end_m]),
        rise_m=np.array([rise_m]),
    )


UNUSED = (-np.inf, 0.0)


def test_the_linear_term_lifts_the_first_two_pieces_and_never_the_third():
    made = law([(0.0, 1.0), (-10.0, 2.0), (25.0, 1.0)], linear=0.01, end_m=500.0)
    distance = np.array([10.0, 400.0, 500.0, 5000.0])
    log = 2.0 * np.log(distance)
    near = np.maximum(log, -10.0 + 2.0 * log) + 0.01 * np.minimum(distance, 500.0)
    assert made.loss_db(0, distance) == pytest.approx(np.maximum(near, 25.0 + log))
    assert made.loss_db(0, 5000.0) == pytest.approx(42.0344, abs=1e-3)
    low = law([(0.0, 1.0), (-10.0, 2.0), UNUSED], linear=0.01, end_m=500.0)
    assert low.loss_db(0, 5000.0) == pytest.approx(-10.0 + 4.0 * np.log(5000.0) + 5.0)


def test_the_rise_makes_the_distance_one_between_antennas():
    made = law([(0.0, 10.0), UNUSED, UNUSED], rise_m=40.0)
    assert made.loss_db(0, 30.0) == pytest.approx(10.0 * np.log(2500.0))
    assert made.range_m(0, 10.0 * np.log(2500.0)) == pytest.approx(30.0)
    assert made.range_m(0, 10.0 * np.log(1500.0)) == 0.0


def test_nearer_than_a_metre_the_distance_is_held():
    made = law([(30.0, 5.0), UNUSED, UNUSED])
    assert made.loss_db(0, [0.0, 0.5, NEAREST_M]).tolist() == [30.0, 30.0, 30.0]


def test_pieces_that_are_not_used_never_count():
    made = law([(30.0, 5.0), UNUSED, UNUSED])
    assert np.isfinite(made.loss_db(0, np.geomspace(1.0, 1e6, 30))).all()
    assert made.range_m(0, 30.0 + 5.0 * np.log(1e6)) == pytest.approx(1000.0)


@st.composite
def laws(draw):
    slopes = sorted(draw(st.floats(4.0, 10.0)) for _ in range(3))
    pieces = [(draw(st.floats(0.0, 60.0)) - 8.0 * n, slope) for n, slope in enumerate(slopes)]
    return law(
        pieces,
        rise_m=draw(st.floats(0.0, 150.0)),
        linear=draw(st.one_of(st.just(0.0), st.floats(1e-5, 0.004))),
        end_m=draw(st.floats(10.0, 100_000.0)),
    )


@settings(deadline=None, max_examples=300)
@given(laws())
def test_range_inverts_loss(made):
    distance = np.geomspace(20.0, 300_000.0, 80)
    assert made.range_m(0, made.loss_db(0, distance)) == pytest.approx(distance, rel=1e-6)


@settings(deadline=None, max_examples=100)
@given(laws())
def test_range_rises_with_the_loss_and_keeps_its_shape(made):
    found = made.range_m(0, np.linspace(0.0, 250.0, 60).reshape(6, 10))
    assert found.shape == (6, 10)
    assert (np.diff(found.ravel()) >= 0.0).all()
    assert made.range_m(0, 150.0).shape == ()
