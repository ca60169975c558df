"""Curves of adoption against their closed forms, and what pushes them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.demand.curves import Adoption, bass, bass_years, logistic

P, Q = 0.03, 0.38


def test_a_logistic_curve_passes_through_its_level_and_keeps_its_rate():
    years = np.linspace(-3, 12, 200)
    curve = logistic(0.3, 0.9, 0.5, years)
    assert logistic(0.3, 0.9, 0.5, np.zeros(1))[0] == pytest.approx(0.3)
    odds = np.log(curve / (0.9 - curve))
    assert np.diff(odds) / np.diff(years) == pytest.approx(0.5)
    assert curve.max() < 0.9
    assert logistic(0.3, 0.9, 0.5, np.array([1e2]))[0] == pytest.approx(0.9)


@pytest.mark.parametrize(("level", "wanted"), [(0.0, 0.0), (0.9, 0.9), (0.95, 0.95), (-0.1, 0.0)])
def test_a_level_at_an_end_of_the_curve_stays(level, wanted):
    assert logistic(level, 0.9, 0.5, np.arange(3.0)).tolist() == [wanted] * 3


def test_a_bass_curve_solves_its_equation():
    """dF/dt = (p + q F) (1 - F) from nothing at the launch, stepped in small steps beside the closed form."""
    share, step, steps = 0.0, 0.001, 10_000
    for _ in range(steps):
        middle = share + step / 2 * (P + Q * share) * (1 - share)
        share += step * (P + Q * middle) * (1 - middle)
    assert bass(P, Q, np.array([step * steps]))[0] == pytest.approx(share, abs=1e-8)
    assert bass(P, Q, np.array([-2.0, 0.0, 1e3])).tolist() == pytest.approx([0.0, 0.0, 1.0])


def test_a_bass_curve_grows_fastest_at_its_known_time():
    """At ln(q / p) / (p + q), where 1 / 2 - p / (2 q) have adopted (Bass 1969, equations 10 and 11)."""
    years = np.linspace(0.0, 30.0, 30_001)
    grown = np.gradient(bass(P, Q, years), years)
    peak = math.log(Q / P) / (P + Q)
    assert years[grown.argmax()] == pytest.approx(peak, abs=0.002)
    assert bass(P, Q, np.array([peak]))[0] == pytest.approx(0.5 - P / (2 * Q))


@given(st.floats(0.001, 0.999))
def test_years_of_a_bass_curve_are_its_inverse(share):
    assert bass(P, Q, np.array([bass_years(P, Q, share)]))[0] == pytest.approx(share)


@pytest.mark.parametrize("shape", [None, (P, Q)])
def test_a_small_push_moves_the_level_by_itself(shape):
    """A price one per cent up with an elasticity of one half takes half a per cent off the level observed."""
    curve = Adoption(0.4, 0.9, 0.3, shape)
    here = np.zeros(1)
    assert curve.at(here)[0] == pytest.approx(0.4)
    assert curve.at(here, -0.5 * math.log(1.01))[0] / 0.4 == pytest.approx(1.01**-0.5, abs=2e-5)


@pytest.mark.parametrize("shape", [None, (P, Q)])
def test_no_push_leads_beyond_the_ends(shape):
    curve = Adoption(0.4, 0.9, 0.3, shape)
    years = np.linspace(-5, 20, 26)[:, None]
    found = curve.at(years, np.array([-9.0, -1.0, 0.0, 1.0, 9.0])[None, :])
    assert ((found >= 0.0) & (found <= 0.9)).all()
    assert (np.diff(found, axis=1) >= 0.0).all()
    assert (np.diff(found, axis=0) >= 0.0).all()


@pytest.mark.parametrize("shape", [None, (P, Q)])
@given(pushes=st.lists(st.floats(-2, 2), min_size=1, max_size=7), level=st.floats(0.01, 0.85))
def test_balanced_groups_have_the_level_as_their_mean(shape, pushes, level):
    curve, pushes = Adoption(level, 0.9, 0.3, shape), np.array(pushes)
    found = curve.at(np.zeros(1), pushes + curve.balance(pushes))
    assert found.mean() == pytest.approx(level, rel=1e-6)


def test_what_is_settled_needs_no_balance():
    assert Adoption(0.9, 0.9, 0.3).balance(np.array([1.0, -2.0])) == 0.0
