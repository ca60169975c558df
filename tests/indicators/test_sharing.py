"""The share of a port against the stationary law of its Markov chain, and against closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from sim.indicators.sharing import MANY, active_homes, mean_share, share_at_least


def found_active(homes, unit, home, busy):
    """Return the chance that an active home finds 1, 2, ... active, from the generator of the chain.

    An idle home starts a transfer of one megabit after 1 / busy - 1 / home seconds on average; n active
    homes together get min(n home, unit).
    """
    starts = 1.0 / (1.0 / busy - 1.0 / home)
    rates = np.zeros((homes + 1, homes + 1))
    for n in range(homes + 1):
        if n < homes:
            rates[n, n + 1] = (homes - n) * starts
        if n:
            rates[n, n - 1] = min(n * home, unit)
    rates -= np.diag(rates.sum(axis=1))
    law = np.linalg.lstsq(
        np.vstack([rates.T, np.ones(homes + 1)]), np.append(np.zeros(homes + 1), 1.0), rcond=None
    )[0]
    seen = np.arange(homes + 1) * law
    return seen[1:] / seen.sum(), law


@pytest.mark.parametrize(
    ("homes", "unit", "home", "busy"),
    [
        (1, 10.0, 4.0, 1.0),
        (8, 10.0, 4.0, 0.5),
        (8, 10.0, 4.0, 2.0),
        (20, 30.0, 9.0, 1.4),
        (5, 100.0, 8.0, 1.0),
    ],
)
def test_the_law_of_active_homes_is_that_of_the_chain(homes, unit, home, busy):
    wanted, _ = found_active(homes, unit, home, busy)
    got = active_homes(np.array([homes]), np.array([unit]), np.array([home]), busy, homes)[0]
    assert got == pytest.approx(wanted, abs=1e-8)


def test_homes_that_slow_nobody_are_active_independently():
    got = active_homes(np.array([12]), np.array([1e6]), np.array([4.0]), 1.0, 12)[0]
    assert got == pytest.approx(binom.pmf(np.arange(12), 11, 0.25), abs=1e-12)


def test_a_simulated_port_gives_the_same_shares():
    """Eight homes, transfers of fixed size: the law does not depend on how sizes are spread."""
    homes, unit, home, busy, step = 8, 10.0, 4.0, 1.2, 0.01
    draw = np.random.default_rng(11)
    idle = 1.0 / busy - 1.0 / home
    left = np.zeros(homes)
    seen = np.zeros(homes + 1)
    for _ in range(400_000):
        waiting = left <= 0
        left[waiting & (draw.random(homes) < step / idle)] = 1.0
        active = int((left > 0).sum())
        if active:
            seen[active] += active
            left[left > 0] -= step * min(home, unit / active)
    wanted = active_homes(np.array([homes]), np.array([unit]), np.array([home]), busy, homes)[0]
    assert seen[1:] / seen.sum() == pytest.approx(wanted, abs=0.015)


def test_a_share_is_held_while_no_more_are_active_than_the_unit_bears():
    homes, unit, home, busy = 8, 10.0, 4.0, 1.2
    law, _ = found_active(homes, unit, home, busy)
    got = share_at_least(
        np.array([homes]),
        np.array([unit]),
        np.array([home]),
        busy,
        np.array([1.0, 1.25, 2.0, 2.5, 10.0, 11.0]),
    )[0]
    wanted = [1.0, 1.0, law[:5].sum(), law[:4].sum(), law[0], 0.0]
    assert got == pytest.approx(wanted, abs=1e-9)


@settings(deadline=None)
@given(
    homes=st.integers(1, 200),
    unit=st.floats(5, 5000),
    home=st.floats(1, 200),
    busy=st.floats(0.01, 5),
    factor=st.floats(1.1, 4),
)
def test_more_traffic_never_raises_a_share(homes, unit, home, busy, factor):
    rates = np.geomspace(0.05, 1000, 60)
    one = np.array([homes]), np.array([unit]), np.array([home])
    before, after = share_at_least(*one, busy, rates), share_at_least(*one, busy * factor, rates)
    assert (after <= before + 1e-9).all()
    assert (np.diff(before, axis=1) <= 1e-12).all()
    assert ((before >= 0) & (before <= 1 + 1e-12)).all()


def test_very_many_homes_have_the_mean_share():
    """Full by a third over: each cycle takes as long as the unit needs for all homes."""
    unit, home, busy = 1000.0, 20.0, 1.0
    homes = np.array([int(1.33 * unit), MANY])
    mean = mean_share(homes, np.array([unit, unit]), np.array([home, home]), busy)
    assert homes / unit == pytest.approx(1.0 / mean + 1.0 / busy - 1.0 / home)
    law = active_homes(homes[:1], np.array([unit]), np.array([home]), busy, int(homes[0]))[0]
    median = unit / (1 + np.searchsorted(np.cumsum(law), 0.5))
    assert median == pytest.approx(mean[0], rel=0.05)
    assert np.isinf(mean_share(np.array([900]), np.array([unit]), np.array([home]), busy))[0]
    beyond = share_at_least(
        np.array([MANY + 1]), np.array([unit]), np.array([home]), busy, np.array([0.1, mean[1] * 1.01])
    )
    assert beyond.tolist() == [[1.0, 0.0]]


@settings(deadline=None)
@given(
    homes=st.integers(1, MANY),
    load=st.floats(0.01, 20),
    home=st.floats(0.1, 500),
    busy=st.floats(0.001, 20),
)
def test_what_is_left_out_as_unlikely_counts_for_nothing(homes, load, home, busy):
    """Every number of active homes against those around the peak alone, whatever the load."""
    unit = homes * busy / load
    one = np.array([homes]), np.array([unit]), np.array([home])
    rates = np.geomspace(0.01, 2000, 120)
    law = np.append(0.0, np.cumsum(active_homes(*one, busy, homes)[0]))
    bears = np.minimum(np.floor(unit / rates + 1e-9), homes).astype(int)
    assert share_at_least(*one, busy, rates)[0] == pytest.approx(law[bears], abs=1e-12)


def test_units_of_many_sizes_are_worked_out_as_each_alone():
    draw = np.random.default_rng(4)
    homes = np.exp(draw.uniform(0, np.log(MANY + 500), 400)).astype(int)
    home, unit = np.exp(draw.uniform(0, 4, 400)), homes * np.exp(draw.uniform(-3, 2, 400))
    rates = np.geomspace(0.05, 1000, 40)
    together = share_at_least(homes, unit, home, 0.8, rates)
    alone = [
        share_at_least(*(part[k : k + 1] for part in (homes, unit, home)), 0.8, rates)[0] for k in range(400)
    ]
    assert together == pytest.approx(np.array(alone), abs=1e-12)
