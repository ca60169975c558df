"""Shared coaxial segments: counts worked out by hand, and the rate that each count leaves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.access.coax import fits_in_reach, segments_by_point, segments_for_traffic


def test_a_segment_never_spans_two_settlements():
    """Ten homes each in three settlements need three segments; thirty in one building need one."""
    homes, zone = np.array([10.0, 10.0, 10.0, 30.0, 0.0]), np.array([0, 0, 0, 1, 2], dtype=np.int32)
    assert segments_by_point(homes, zone, 64.0, 4).tolist() == [3, 1, 0, 0]
    edges, own = np.array([64.0, 64.0001, 128.0]), np.arange(3, dtype=np.int32)
    assert segments_by_point(edges, own, 64.0, 3).tolist() == [1, 2, 2]


def test_segments_for_the_busy_hour_by_hand():
    """240 Mbit/s less 50 kept are 190 for traffic: 100 users of 3.8 Mbit/s are two segments, of 3.9 three."""
    users, kept = np.array([100.0]), np.array([50.0])
    assert segments_for_traffic(users, 240.0, kept, 3.8).tolist() == [2]
    assert segments_for_traffic(users, 240.0, kept, 3.9).tolist() == [3]
    assert segments_for_traffic(users, 240.0, np.array([240.0]), 0.1).tolist() == [math.inf]
    assert segments_for_traffic(np.array([0.0]), 240.0, kept, 3.8).tolist() == [0]


@given(users=st.floats(1, 1e4), rate=st.floats(60, 1000), kept=st.floats(1, 50), busy=st.floats(0.01, 20.0))
def test_the_kept_rate_is_kept_and_one_segment_fewer_would_not(users, rate, kept, busy):
    count = float(segments_for_traffic(np.array([users]), rate, np.array([kept]), busy)[0])
    assert rate - users / count * busy >= kept - 1e-6
    if count > 1:
        assert rate - users / (count - 1) * busy < kept + 1e-6


def test_how_dense_homes_must_stand():
    """24 homes within 100 m are 24 / (pi 0.01) = 763.9 homes to a square kilometre."""
    assert fits_in_reach(np.array([763.0, 764.5]), 24.0, 100.0).tolist() == [False, True]
    assert 24 / (math.pi * 0.01) == pytest.approx(763.94, abs=0.01)
