"""Indicators of cable television on a made-up state, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from sim.indicators import cable
from sim.indicators.base import Evidence

ZONES, MONTHS = 5, 4
CATV = np.array([0.6, 0.6, 0.4, 0.4, 0.6])
DIGITAL = np.array([0.6, 0.3, 0.0, 0.1, 0.6])
STANDING = np.array([0.6, 0.0, 0.0, 0.0, 0.3])


@pytest.fixture
def seen(state, area, horizon, options, events):
    """Return evidence in which two-way plant reaches zone 2 in month 2; zone 0 and half of 4 had it."""
    shape = (MONTHS, len(state.technologies) + 1, ZONES)
    covered, peak, users = (np.zeros(shape, dtype=np.float32) for _ in range(3))
    covered[:, -1] = STANDING
    covered[2:, -1, 2] = 0.4
    peak[:, -1] = np.where(covered[:, -1] > 0, 10.0, 0.0)
    peak[2:, -1, 2] = 100.0
    users[:, -1] = 0.1 * covered[:, -1] * state.homes
    more = replace(
        state,
        technologies=(*state.technologies, "cable"),
        uses=(*state.uses, "fixed"),
        covered_share=covered,
        peak_mbps=peak,
        subscribers=users,
        standing_share={"catv": CATV, "catv_digital": DIGITAL, "cable": STANDING},
        lines=None,
    )
    return Evidence(more, area, horizon, options, events)


def test_cable_homes_are_the_share_of_month_0(seen):
    homes = seen.state.homes
    found = cable.tv_homes(seen)
    assert found["all"] == pytest.approx((CATV * homes).sum(axis=1))
    assert found["rural"] == pytest.approx((CATV * homes)[:, 2:4].sum(axis=1))


def test_two_way_homes_over_cable_homes(seen):
    homes = seen.state.homes[0].astype(float)
    share = cable.two_way_share(seen)
    before = (0.6 * homes[0] + 0.3 * homes[4]) / (CATV @ homes)
    after = (0.6 * homes[0] + 0.4 * homes[2] + 0.3 * homes[4]) / (CATV @ homes)
    assert share["all"] == pytest.approx([before, before, after, after], rel=1e-6)
    assert share["rural"][3] == pytest.approx(0.4 * homes[2] / (0.4 * (homes[2] + homes[3])), rel=1e-6)


def test_districts_and_counties_are_told_apart_by_their_codes(seen, area):
    """530101 and 530302 are districts; 530322 would be a county."""
    area.zones["county"] = ["530101", "530122", "530122", "530302", "530381"]
    share, homes = cable.two_way_share(seen), seen.state.homes[0].astype(float)
    assert share[cable.PREFECTURE_CITIES] == pytest.approx(1.0)
    assert share[cable.COUNTY_TOWNS][0] == pytest.approx(
        0.3 * homes[4] / (0.6 * (homes[1] + homes[4])), rel=1e-6
    )


def test_a_conversion_makes_the_zone_digital(seen):
    homes = seen.state.homes[0].astype(float)
    digital = cable.digital_share(seen)["all"] * (CATV @ homes)
    assert digital[1] == pytest.approx(DIGITAL @ homes, rel=1e-6)
    assert digital[2] - digital[1] == pytest.approx(0.4 * homes[2], rel=1e-6)
    assert (cable.two_way_share(seen)["all"] <= cable.digital_share(seen)["all"] + 1e-6).all()


def test_the_rate_is_on_offer_to_two_way_homes(seen):
    homes = seen.state.homes[0].astype(float)
    assert cable.capability_share(seen, 10.0)["all"] == pytest.approx([1, 1, 1, 1])
    fifty = cable.capability_share(seen, 50.0)
    two_way = 0.6 * homes[0] + 0.4 * homes[2] + 0.3 * homes[4]
    assert fifty["all"] == pytest.approx([0, 0, 0.4 * homes[2] / two_way, 0.4 * homes[2] / two_way], rel=1e-6)
    assert fifty["rural"].tolist() == [0, 0, 1, 1], "no two-way home yet: nobody can have it"


def test_the_rate_must_be_left_at_the_busy_hour(seen):
    """Two segments of 240 Mbit/s: with 100 users each 1.9 Mbit/s leave 50, each 2 Mbit/s leave 40."""
    users = seen.state.subscribers.copy()
    users[3, -1, 2] = 200.0
    units = np.full((MONTHS, ZONES), 2.0, dtype=np.float32)
    rate = np.full((MONTHS, ZONES), 240.0, dtype=np.float32)
    for busy, able in ((1.9, 1.0), (2.0, 0.0)):
        demand = SimpleNamespace(fixed_busy_mbps=np.full(MONTHS, busy))
        lines = SimpleNamespace(units={"cable": units}, unit_mbps={"cable": rate}, demand=demand)
        crowded = replace(seen, state=replace(seen.state, subscribers=users, lines=lines))
        assert cable.capability_share(crowded, 50.0)["rural"][3] == pytest.approx(able)


def test_subscribers_and_homes_passed(seen):
    homes = seen.state.homes[0].astype(float)
    two_way = 0.6 * homes[0] + 0.3 * homes[4]
    assert cable.homes_passed(seen)["all"][0] == pytest.approx(two_way, rel=1e-6)
    assert cable.subscribers(seen)["all"][0] == pytest.approx(0.1 * two_way, rel=1e-6)


def test_without_cable_television_nothing_is_measured(evidence):
    assert all(np.isnan(series).all() for series in cable.two_way_share(evidence).values())
    assert (cable.tv_homes(evidence)["all"] == 0).all()
