"""Users with IPv6, by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.indicators.ipv6 import knowing_share, terminals_share, users_share


def test_terminals_are_replaced_at_the_rate_of_their_life():
    share = knowing_share(25, 0.2, 0.8, 2.0)
    assert share[0] == pytest.approx(0.2)
    assert share[24] == pytest.approx(0.8 - 0.6 * math.exp(-1.0)), "one life of two years"


@given(start=st.floats(0, 1), new=st.floats(0, 1), life=st.floats(0.1, 20), months=st.integers(1, 120))
def test_the_share_lies_between_the_start_and_that_of_new_ones(start, new, life, months):
    share = knowing_share(months, start, new, life)
    assert (share >= min(start, new) - 1e-9).all()
    assert (share <= max(start, new) + 1e-9).all()
    assert (np.sign(new - start) * np.diff(share) >= -1e-9).all()


def test_users_count_where_nodes_speak_it_by_their_terminals(behind):
    """The second county (zones 3 and 4) speaks it from the start, the first from month 2.

    Lines: 30, 10, 0, 2 and 5 of copper in all months, fibre of 40 and 10 in month 3; 60 LTE users in zone 0;
    3G does not count. One in five terminals knows it at the start.
    """
    shares = users_share(behind)
    assert shares["all"][0] == pytest.approx(0.2 * 7 / (47 + 60))
    gateway, handset = (0.8 - 0.6 * math.exp(-(2 / 12) / life) for life in (4, 2))
    assert shares["all"][2] == pytest.approx((47 * gateway + 60 * handset) / 107)
    assert shares["rural"][0] == pytest.approx(0.2), "the rural lines are those of zone 3"


def test_terminals_count_whatever_nodes_speak(behind):
    shares = terminals_share(behind)
    assert shares["all"][0] == pytest.approx(0.2)
    gateway, handset = (0.8 - 0.6 * math.exp(-(2 / 12) / life) for life in (4, 2))
    assert shares["all"][2] == pytest.approx((47 * gateway + 60 * handset) / 107)


def test_a_run_without_transport_says_nothing(evidence):
    assert users_share(evidence) == {}
