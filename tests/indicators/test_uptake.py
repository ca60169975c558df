"""Homes with a line, by income, and the three rates: on offer, paid for, shown by a test."""

from dataclasses import replace

import numpy as np
import pytest

from sim.indicators import access, uptake
from sim.indicators.base import Evidence
from tests.indicators.conftest import MONTHS, TECHNOLOGIES
from tests.indicators.small_lines import DELIVERED, demand, lines

DSL, FTTH = (TECHNOLOGIES.index(name) for name in ("dsl", "ftth"))


@pytest.fixture
def seen(evidence):
    """Return evidence with changes to the state, and to what its lines want and share."""

    def build(wants=None, shared=None, **changes):
        found = lines(**(shared or {}))
        found = replace(found, demand=replace(found.demand, **(wants or {})))
        state = replace(evidence.state, lines=found, **changes)
        return Evidence(state, evidence.area, evidence.horizon, evidence.options, evidence.events)

    return build


def test_statistics_count_lines_and_cover_counts_homes(seen):
    """A half more lines than homes with one in towns, a tenth in villages: more than 100 for 100 homes."""
    more = {"second_lines": np.array([0.5, 0.5, 0.1])}
    full = np.zeros((MONTHS, len(TECHNOLOGIES), 5), dtype=np.float32)
    full[:, DSL] = [100, 50, 0, 2, 10]
    found = seen(more, subscribers=full)
    assert access.penetration(found)["urban"] == pytest.approx([150.0] * MONTHS)
    assert access.fixed_subscribers(found)["rural"] == pytest.approx([2 * 1.1] * MONTHS)
    assert uptake.cover(found)["urban"] == pytest.approx([1.0] * MONTHS)
    assert access.penetration(seen(subscribers=full))["urban"] == pytest.approx([100.0] * MONTHS)


def test_fibre_lines_are_counted_as_all_lines_are(seen):
    some, none = seen({"second_lines": np.array([0.2, 0.2, 0.2])}), seen()
    for group, share in access.ftth_share(none).items():
        assert access.ftth_share(some)[group] == pytest.approx(share, nan_ok=True)
    assert access.ftth_subscribers(some)["all"] == pytest.approx(1.2 * access.ftth_subscribers(none)["all"])


def test_take_up_by_income_is_parted_as_the_wish_is(seen):
    """Poor homes want a line half as often as rich ones, so they are a third of those who have one."""
    groups = np.broadcast_to(np.array([1 / 3, 2 / 3]), (MONTHS, 3, 2))
    found = seen({"willing_by_income": groups})
    parted, cover = uptake.take_up_by_income(found), uptake.cover(found)
    assert set(parted) == {"urban 1", "urban 2", "rural 1", "rural 2"}
    for group in ("urban", "rural"):
        assert (parted[f"{group} 1"] + parted[f"{group} 2"]) / 2 == pytest.approx(cover[group])
        assert parted[f"{group} 2"] == pytest.approx(2 * parted[f"{group} 1"])
    assert uptake.take_up_by_income(seen()) == {}


def test_kinds_of_zones_with_wishes_of_their_own_are_added(seen):
    """Cities: all rich homes and a half of the poor; the town: a half of each. 35 and 10 lines, 160 homes."""
    wishes = np.tile(np.array([[0.5, 1.0], [0.5, 0.5], [0.5, 0.5]]), (MONTHS, 1, 1))
    found = uptake.take_up_by_income(seen({"willing_by_income": wishes}))
    assert found["urban 1"][0] == pytest.approx((35 / 0.75 * 0.5 + 10) / 160)
    assert found["urban 2"][0] == pytest.approx((35 / 0.75 * 1.0 + 10) / 160)


def test_a_test_shows_what_gets_through_where_nothing_is_scarce(seen):
    measured, paid = uptake.measured(seen()), access.mean_subscribed(seen())
    for group in ("all", "urban", "rural"):
        assert measured[group][:3] == pytest.approx(DELIVERED * paid[group][:3], nan_ok=True)


def test_a_test_shows_what_the_mean_hour_leaves_of_a_full_unit(seen):
    """40 homes on two units of 10 Mbit/s, each 0.4 Mbit/s at the busy hour: 2 left then, 6 at half of it."""
    full = np.zeros((MONTHS, len(TECHNOLOGIES), 5), dtype=np.float32)
    full[:, FTTH, 0] = 40
    shared = {"rate": 10.0, "busy": 0.4}
    for share, left in ((1.0, 2.0), (0.5, 6.0), (0.1, 9.2), (0.0, 10.0)):
        found = seen({"mean_over_busy": share}, shared, subscribers=full)
        assert uptake.measured(found)["all"] == pytest.approx([min(left, DELIVERED * 20)] * MONTHS)
    assert uptake.measured(seen(None, {"rate": 10.0, "busy": 2.0}, subscribers=full))["all"][0] == 0.0


def test_capability_subscription_and_test_give_three_verdicts(seen):
    """Every home can order 20 Mbit/s; subscribers pay for 9 on the mean; a test shows half of that."""
    state = seen().state
    before = (state.homes_passed, state.peak_mbps, state.subscribed_mbps)
    passed, peak, paid = (np.zeros_like(part) for part in before)
    passed[:, FTTH], peak[:, FTTH] = state.homes, 20.0
    users = np.zeros_like(state.subscribers)
    users[:, FTTH] = state.homes / 2
    offered = demand().subscribed_mbps(0, np.array([20.0]))[0]
    paid[:, FTTH] = offered
    plenty = {"units": 1e3, "rate": 1e3}
    found = seen(None, plenty, homes_passed=passed, peak_mbps=peak, subscribed_mbps=paid, subscribers=users)
    for group in ("all", "urban", "rural"):
        can, pays = access.mean_capability(found)[group], access.mean_subscribed(found)[group]
        shows = uptake.measured(found)[group]
        assert (can >= 20.0).all(), "a target of capability is met"
        assert pays == pytest.approx([offered] * MONTHS)
        assert (pays < 20.0).all(), "the same target of the rate paid for is missed"
        assert shows == pytest.approx(DELIVERED * pays)
    assert (access.capability_share(found, 20.0)["rural"] == 1.0).all()
