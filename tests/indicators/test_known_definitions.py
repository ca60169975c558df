"""The definitions of the documents decide: the same network is judged differently by each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.indicators.registry import compute_indicators
from sim.indicators.scorecard import MET, MISSED, score_targets
from sim.indicators.targets import read_targets
from tests.conftest import ROOT
from tests.indicators.conftest import MONTHS, NEVER, TECHNOLOGIES

SHIPPED = {one.target_id: one for one in read_targets(ROOT / "scenarios" / "library" / "targets.csv")}
DSL, LTE = TECHNOLOGIES.index("dsl"), "lte"


def verdicts(state, area, events, horizon, options, *names):
    """Return verdict and mean of shipped targets, due in the last month of the small area."""
    targets = [replace(SHIPPED[name], due_month=horizon.last) for name in names]
    found = compute_indicators(state, events, area, horizon, options)
    card = score_targets(found, targets, horizon, options).set_index("target_id")
    return {name: (card.loc[name, "verdict"], float(card.loc[name, "mean"])) for name in names}


@pytest.fixture
def fast(state):
    """A state in which every home can order 20 Mbit/s on copper, and who has a line pays for 4."""
    values = {name: getattr(state, name).copy() for name in ("peak_mbps", "subscribed_mbps", "homes_passed")}
    values["homes_passed"][:, DSL], values["homes_passed"][:, DSL + 1] = state.homes, 0
    values["peak_mbps"][:, DSL], values["subscribed_mbps"][:, DSL] = 20.0, 4.0
    subscribers = state.subscribers.copy()
    subscribers[:, DSL + 1] = 0.0
    return replace(state, subscribers=subscribers, **values)


def test_what_homes_can_order_is_not_what_they_pay_for(fast, area, events, horizon, options):
    """Shandong and Hunan ask for access to 20 Mbit/s, Yunnan for 20 Mbit/s on average among subscribers."""
    found = verdicts(fast, area, events, horizon, options, "SD-02", "HN-04", "YN-02")
    assert found["SD-02"] == found["HN-04"] == (MET, 1.0)
    assert found["YN-02"] == (MISSED, 4.0)


def test_what_subscribers_pay_for_is_not_what_all_homes_can_order(fast, area, events, horizon, options):
    """A tenth of the homes on fast lines: the mean of subscriptions holds, access does not."""
    passed = fast.homes_passed.copy()
    passed[:, DSL] = fast.homes // 10
    subscribed = np.where(fast.subscribed_mbps > 0, 20.0, 0.0).astype(np.float32)
    state = replace(fast, homes_passed=passed, subscribed_mbps=subscribed)
    found = verdicts(state, area, events, horizon, options, "SD-02", "YN-02")
    assert found["YN-02"] == (MET, 20.0)
    assert found["SD-02"] == (MISSED, 0.1)


def villages(state, area, *, site_m, hamlet, settlement):
    """Return state and area with one village: its nearest site so far from the committee, signal or none.

    The committee stands in a hamlet of five homes; the settlement has thirty.
    """
    zones = area.zones.copy()
    zones.loc[3, "kind"] = "town"
    locations = area.locations.copy()
    locations.loc[1, "x_m"] = 20_000.0 + site_m
    area.zones, area.locations = zones, locations
    months = {name: values.copy() for name, values in state.point_month.items()}
    months[LTE][:] = NEVER
    months[LTE][2], months[LTE][3] = (0 if there else NEVER for there in (hamlet, settlement))
    sites = dict(state.site_month) | {LTE: np.array([NEVER, 0, NEVER], dtype=np.int32)}
    assert len(state.homes) == MONTHS
    return replace(state, point_month=months, site_month=sites), area


@pytest.mark.parametrize(
    ("site_m", "hamlet", "settlement", "verdict"),
    [
        (4_900.0, False, False, MET),  # a site near the committee is enough, though nobody has signal
        (5_100.0, True, True, MET),  # signal wherever it is asked for is enough, though no site is near
        (5_100.0, True, False, MISSED),  # a settlement of twenty homes or more lacks it
        (5_100.0, False, True, MISSED),  # the committee lacks it
        (5_100.0, False, False, MISSED),
    ],
)
def test_a_village_has_4g_by_either_half_of_the_rule_of_2018(evidence, site_m, hamlet, settlement, verdict):
    state, area = villages(evidence.state, evidence.area, site_m=site_m, hamlet=hamlet, settlement=settlement)
    found = verdicts(state, area, evidence.events, evidence.horizon, evidence.options, "CN-13FYP-04")
    assert found["CN-13FYP-04"] == (verdict, 1.0 if verdict == MET else 0.0)
