import numpy as np
import pytest

from sim.planning.wants import Claim, Want, open_wants
from sim.planning.weights import Weights
from tests.planning.small import needs, situation

LAYERS = ("dsl", "ftth", "cable", "satellite")
LINES = ("fixed",)


def want(mbps=20.0, counts=LINES, enough=1.0):
    return Want("fixed", "village", np.float32(mbps), 1.0, enough, counts)


def lines(homes=100, shares=(0.0, 0.0, 0.0, 0.0), **changes):
    """One zone with 8 Mbit/s of copper, 100 of fibre, 50 of cable, 10 of satellite, to these shares."""
    rates = np.array([[8.0], [100.0], [50.0], [10.0]], dtype=np.float32)
    held = np.array(shares, dtype=np.float32)[:, None]
    return situation(
        [homes], fixed_mbps=np.where(held > 0, rates, 0), fixed_share=held, layers=LAYERS, **changes
    )


def claim(asked, now, shortfall=0.0):
    found = Claim.of(asked, now, shortfall)
    return float(found.lacking[0]), float(found.part[0])


def by_hand(rates, shares, mbps, shortfall, steps=10_000):
    """Lacking share and mean claim, home by home: the first homes are those that every layer passes."""
    lacking = claims = 0.0
    for home in range(steps):
        best = max((r for r, s in zip(rates, shares, strict=True) if s * steps > home), default=0.0)
        if best < mbps:
            lacking += 1 / steps
            claims += (1 - shortfall * best / mbps) / steps
    return lacking, claims / lacking if lacking else 1.0


def test_a_home_counts_by_the_part_of_the_rate_that_it_lacks():
    """60 of 100 homes have 8 of 20 Mbit/s: each lacks 0.6 of it, the other 40 lack it all."""
    now = lines(shares=(0.6, 0, 0, 0))
    assert claim(want(), now, 1.0) == pytest.approx((1.0, 0.4 + 0.6 * 0.6))
    assert claim(want(), now, 0.5) == pytest.approx((1.0, 0.4 + 0.6 * 0.8))
    assert claim(want(), now, 0.0) == (1.0, 1.0)


def test_claims_agree_with_a_count_home_by_home():
    random = np.random.default_rng(7)
    for _ in range(40):
        shares = np.round(random.random(4) * (random.random(4) < 0.7), 2)
        mbps, shortfall = float(random.choice([4.0, 12.0, 20.0, 80.0, 200.0])), float(random.random())
        rates = [8.0, 100.0, 50.0, 10.0]
        found = claim(want(mbps, counts=()), lines(shares=shares), shortfall)
        assert found == pytest.approx(by_hand(rates, shares, mbps, shortfall), abs=2e-4)


def test_only_lines_that_meet_a_need_stand_in_its_way():
    now = lines(shares=(0.9, 0.3, 0.8, 0.5))
    assert claim(want(40.0), now)[0] == pytest.approx(0.2), "cable is a line"
    assert claim(want(40.0, counts=("ftth",)), now)[0] == pytest.approx(0.7)
    assert claim(want(9.0, counts=("fixed", "satellite")), lines(shares=(0, 0, 0, 0.5)))[0] == pytest.approx(
        0.5
    )
    assert claim(want(9.0), lines(shares=(0, 0, 0, 0.5)))[0] == 1.0, "satellite stands apart"


def test_radio_that_stands_meets_a_need_of_either_and_ends_it_at_the_threshold():
    """Two points of equal residents, one with LTE: half the residents."""
    half = {"lte": np.array([True, False]), "gsm": np.array([True, True])}
    either = ("fixed", "lte")
    assert claim(want(4.0, either, 0.6), lines(covered=half))[0] == pytest.approx(0.5)
    assert claim(want(4.0, either, 0.5), lines(covered=half))[0] == 0.0
    assert claim(want(4.0, LINES, 0.5), lines(covered=half))[0] == 1.0


def test_new_radio_counts_whom_it_covers_and_all_from_the_threshold_on():
    now = lines(shares=(0.3, 0, 0, 0), covered={"lte": np.array([False, False])})
    found = Claim.of(want(4.0, ("fixed", "lte"), 0.5), now, 0.0)
    zone = np.zeros(4, dtype=np.int64)
    covered = np.array([0.0, 0.2, 0.5, 0.9])
    assert found.newly_by_radio(zone, covered, 0.5) == pytest.approx([0.0, 0.2, 0.7, 0.7])
    assert found.newly(zone, np.array([0.1, 0.7, 0.9, 1.0])) == pytest.approx([0.1, 0.7, 0.7, 0.7])


def test_who_may_meet_a_need():
    assert want(counts=()).met_by("fixed", "satellite")
    assert not want(counts=()).met_by("television", "cable")
    assert want().met_by("television", "cable")
    assert want().met_by("fixed", "a new kind of line")
    assert not want().met_by("fixed", "satellite")
    assert not want().met_by("mobile", "lte")
    assert want(counts=("fixed", "lte")).met_by("mobile", "lte")
    assert not want(counts=("fixed", "lte")).met_by("mobile", "umts")


def test_open_wants_weigh_by_month_and_leave_out_what_weighs_nothing():
    table = needs(("fixed", "village", 4.0, 12, 2.0), ("mobile", "city", 0.0, 3, 1.0, 1.0, "umts;lte"))
    weights = Weights(base={}, late_share=0.5, deadline_gain=1.0, deadline_months=8.0)
    first, second = open_wants(table, 8, weights)
    assert (first.weight, second.weight) == (3.0, 0.5)
    assert (first.counts, second.counts) == ((), ("umts", "lte"))
    assert len(open_wants(table, 8, Weights(base={}, late_share=0.0))) == 1
