"""Month-end state folded from small logs whose every figure is worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.rollout.state import activation_months, funded_shares, monthly_state
from sim.tables.demand import Demand
from sim.tables.ground import Ground, Projects
from sim.tables.results import EVENTS
from tests.world import run

TECHNOLOGIES = {
    "dsl": "fixed",
    "ftth": "fixed",
    "umts": "mobile",
    "lte": "mobile",
    "nbiot": "iot",
    "satellite": "satellite",
}
DSL, FTTH, UMTS, LTE, NBIOT, SATELLITE = range(6)
MONTHS = 5
HOMES = np.array([100, 50, 40], dtype=np.int32)


def event(kind, month, project_id, **values):
    return {"event": kind, "month": month, "project_id": project_id, "day": float(month * 21)} | values


def log_of(*rows):
    empty = {c.name: "" if c.dtype == "str" else 0 for c in EVENTS.columns}
    rows = [empty | {"event_id": n} | row for n, row in enumerate(rows)]
    return EVENTS.frame(**{name: [row[name] for row in rows] for name in EVENTS.names})


def ground(**changes):
    """A city of 100 homes, a town of 50 and a village of 40; four points, the town has two."""
    values = {
        "homes": np.tile(HOMES, (MONTHS, 1)),
        "population": np.tile(3 * HOMES, (MONTHS, 1)),
        "point_zone": np.array([0, 1, 1, 2], dtype=np.int32),
        "point_people": np.array([300, 100, 50, 120], dtype=np.int32),
        "location_count": 4,
        "standing_share": {"dsl": np.array([1.0, 0.5, 0.0]), "ftth": np.array([0.25, 0.0, 0.0])},
        "standing_mbps": {"dsl": np.array([8.0, 8.0, 0.0]), "ftth": np.array([100.0, 0.0, 0.0])},
        "standing_subscribers": {"ftth": np.array([10.0, 0.0, 0.0]), "dsl": np.array([40.0, 10.0, 0.0])},
        "standing_points": {"umts": np.array([True, True, False, False])},
        "standing_sites": {"umts": np.array([0, 1], dtype=np.int32), "gsm": np.array([0], dtype=np.int32)},
    }
    return Ground(**(values | changes))


def demand(**changes):
    """Half of the homes want a line, half of the people mobile broadband, four of ten hold LTE handsets."""
    values = {
        "zone_kind": np.array([0, 1, 2], dtype=np.int8),
        "fixed_willing": np.full((MONTHS, 3), 0.5),
        "fixed_design": np.full(3, 0.6),
        "mobile_willing": np.full((MONTHS, 3), 0.5),
        "lte_ready": np.full(MONTHS, 0.4),
        "nr_ready": np.zeros(MONTHS),
        "tiers_mbps": np.array([2.0, 20.0]),
        "tier_share": np.tile([0.25, 0.75], (MONTHS, 1)),
        "fixed_busy_mbps": np.full(MONTHS, 0.1),
        "mobile_busy_mbps": np.full(MONTHS, 0.02),
        "catch_up_per_month": 0.5,
        "delivered_share": 0.5,
    }
    return Demand(**(values | changes))


def projects():
    names = ["ftth:z0", "ftth:z1", "lte:a", "lte:b", "nbiot:a", "satellite:z2"]
    pairs = [
        (0, 0, -1, 100.0, 2000.0),
        (1, 1, -1, 100.0, 2000.0),
        (2, 0, 0, 4.0, 50.0),
        (2, 1, 1, 4.0, 50.0),
        (3, 1, 1, 4.0, 100.0),
        (3, 1, 2, 4.0, 100.0),
        (4, 2, 3, 0.06, 0.06),
        (5, 2, -1, 10.0, 0.5),
    ]
    return Projects(
        technologies=TECHNOLOGIES,
        project_rows={name: row for row, name in enumerate(names)},
        technology=np.array([name.partition(":")[0] for name in names], dtype=object),
        zone=np.array([0, 1, 0, 1, 2, 2]),
        location=np.array([-1, -1, 2, 3, 0, -1]),
        quantity=np.array([2, 1, 1, 2, 1, 4]),
        sites=np.array([2, 1, 1, 2, 1, 4]),
        per_home=frozenset({"satellite"}),
        unit_mbps={"ftth": 2000.0, "lte": 50.0 / 3.0, "satellite": 0.5},
        pairs=pd.DataFrame(pairs, columns=["row", "zone", "point", "peak_mbps", "capacity_mbps"]),
    )


LOG = (
    event("released", 0, "", released_fen=100),
    event("activated", 1, "ftth:z0"),
    event("connected", 2, "ftth", share=0.5, quantity=10),
    event("activated", 2, "lte:a"),
    event("activated", 3, "lte:b"),
    event("activated", 3, "ftth:z1"),
    event("activated", 4, "nbiot:a"),
    event("activated", 1, "satellite:z2"),
)


@pytest.fixture(scope="module")
def state():
    return monthly_state(log_of(*LOG), projects(), demand(), ground())


def test_activations_and_funded_shares_are_read_from_the_log():
    months = activation_months(log_of(*LOG), projects(), MONTHS)
    assert months.tolist() == [1, 3, 2, 3, 4, 1]
    assert activation_months(log_of(*LOG[:1]), projects(), MONTHS).tolist() == [MONTHS] * 6
    shares = funded_shares(log_of(*LOG), tuple(TECHNOLOGIES), MONTHS)
    assert shares[:, FTTH].tolist() == [1, 1, 0.5, 1, 1]
    assert (shares[:, LTE] == 1).all()


def test_homes_passed(state):
    """The standing quarter of the city until month 0, all of it from month 1; the town from month 3."""
    assert state.homes_passed[:, FTTH].tolist() == [
        [25, 0, 0],
        [100, 0, 0],
        [100, 0, 0],
        [100, 50, 0],
        [100, 50, 0],
    ]
    assert state.homes_passed[0, DSL].tolist() == [100, 25, 0]
    assert (state.homes_passed[:, DSL] == state.homes_passed[0, DSL]).all()


def test_homes_beyond_the_reach_of_fibre_are_never_passed():
    """Eight tenths of the city and half of the town lie within reach."""
    short = ground(within_reach={"ftth": np.array([0.8, 0.5, 1.0])})
    passed = monthly_state(log_of(*LOG), projects(), demand(), short).homes_passed
    assert passed[:, FTTH, 0].tolist() == [25, 80, 80, 80, 80]
    assert passed[:, FTTH, 1].tolist() == [0, 0, 0, 25, 25]
    assert passed[0, DSL].tolist() == [100, 25, 0]


def test_fibre_subscribers_month_by_month(state):
    """City: 50 homes are willing.

    Month 0: 25 are passed, so 25 are wanted; half of the 15 waiting come: 10 + 7.5 = 17.5.
    Month 1: activated in it, so still 25: 17.5 + 3.75 = 21.25.
    Month 2: all passed, 50 wanted, money reaches half of the half: 21.25 + 0.25 x 28.75 = 28.4375.
    Month 3: 28.4375 + 10.78125 = 39.21875; month 4: 44.609375.
    The town's 25 willing homes can be connected from month 4: 12.5.
    """
    assert state.subscribers[:, FTTH, 0].tolist() == pytest.approx(
        [17.5, 21.25, 28.4375, 39.21875, 44.609375]
    )
    assert state.subscribers[:, FTTH, 1].tolist() == [0, 0, 0, 0, 12.5]


def test_copper_keeps_the_other_willing_homes(state):
    """50 willing homes in the city less those on fibre; in the town 25 willing and 25 passed by copper."""
    assert state.subscribers[:, DSL, 0].tolist() == pytest.approx([32.5, 28.75, 21.5625, 10.78125, 5.390625])
    assert state.subscribers[:, DSL, 1].tolist() == [25, 25, 25, 25, 12.5]


def test_a_household_has_one_line(state):
    lines = state.subscribers[:, [DSL, FTTH, SATELLITE]].sum(axis=1)
    assert (lines <= 0.5 * state.homes + 1e-4).all()


def test_satellite_serves_as_many_homes_as_there_are_terminals(state):
    """Four terminals for 40 homes: 10 % of the village, all taken by its 20 willing homes."""
    assert state.homes_passed[:, SATELLITE, 2].tolist() == [0, 4, 4, 4, 4]
    assert state.subscribers[:, SATELLITE, 2].tolist() == [0, 4, 4, 4, 4]
    assert state.busy_hour_mbps[1:, SATELLITE, 2].tolist() == pytest.approx([0.4] * 4), "0.5 - 4 / 4 x 0.1"


def test_cover_is_the_share_of_residents_at_served_points(state):
    """Month 2: the city's point and two thirds of the town; month 3: its other point too."""
    assert state.covered_share[:, LTE, 0].tolist() == [0, 0, 1, 1, 1]
    assert state.covered_share[:, LTE, 1].tolist() == pytest.approx([0, 0, 2 / 3, 1, 1])
    assert state.covered_share[:, UMTS, 1].tolist() == pytest.approx([2 / 3] * MONTHS)
    assert state.covered_share[:, NBIOT, 2].tolist() == [0, 0, 0, 0, 1]
    assert state.homes_passed[2, LTE].tolist() == [100, 33, 0]
    assert state.point_month["lte"].tolist() == [2, 2, 3, MONTHS]
    assert state.point_month["umts"].tolist() == [-1, -1, MONTHS, MONTHS]


def test_lte_users_are_covered_willing_and_equipped(state):
    """City: 300 x 0.5 x 0.4 = 60; town: 150 x 0.5 x 0.4 = 30 of which two thirds are covered first."""
    assert state.subscribers[:, LTE, 0].tolist() == pytest.approx([0, 0, 60, 60, 60])
    assert state.subscribers[:, LTE, 1].tolist() == pytest.approx([0, 0, 20, 30, 30])
    assert state.subscribers[:, UMTS, 0].tolist() == pytest.approx([150, 150, 90, 90, 90])
    assert state.subscribers[:, UMTS, 1].tolist() == pytest.approx([50, 50, 30, 20, 20])


def test_sites_count_in_service(state):
    assert state.sites[:, LTE].tolist() == [0, 0, 1, 3, 3]
    assert state.sites[:, UMTS].tolist() == [2] * MONTHS
    assert state.sites[:, NBIOT].tolist() == [0, 0, 0, 0, 1]
    assert state.site_month["lte"].tolist() == [MONTHS, MONTHS, 2, 3]
    assert state.site_month["umts"].tolist() == [-1, -1, MONTHS, MONTHS]


def test_rates_paid_for_and_got(state):
    """On fibre 0.25 x 2 + 0.75 x 20 = 15.5; on a line of 8 Mbit/s 0.25 x 2 + 0.75 x 8 = 6.5; half arrives."""
    assert state.subscribed_mbps[0, FTTH, 0] == pytest.approx(15.5)
    assert state.busy_hour_mbps[0, FTTH, 0] == pytest.approx(7.75)
    assert state.subscribed_mbps[0, DSL, 0] == pytest.approx(6.5)
    assert state.busy_hour_mbps[0, DSL, 0] == pytest.approx(3.25)
    assert state.peak_mbps[0, FTTH].tolist() == [100, 0, 0]
    assert state.subscribed_mbps[4, FTTH, 2] == 0, "nobody pays where nobody is"


def test_a_shared_port_that_fills_up_slows_its_users():
    """Two ports of 2,000 Mbit/s and 44.6 users of 89.6 Mbit/s each: 2000 - 22.3 x 89.6 is below 7.75."""
    crowded = monthly_state(log_of(*LOG), projects(), demand(fixed_busy_mbps=np.full(MONTHS, 89.6)), ground())
    users = crowded.subscribers[4, FTTH, 0]
    assert crowded.busy_hour_mbps[4, FTTH, 0] == pytest.approx(2000 - users / 2 * 89.6, rel=1e-4)
    assert 0 < crowded.busy_hour_mbps[4, FTTH, 0] < 7.75


def test_without_events_only_what_stands_serves():
    still = monthly_state(log_of(LOG[0]), projects(), demand(), ground())
    assert still.homes_passed[:, FTTH].tolist() == [[25, 0, 0]] * MONTHS
    assert still.subscribers[-1, FTTH, 0] < 25
    assert not still.covered_share[:, [LTE, NBIOT, SATELLITE]].any()


def test_without_money_nobody_is_connected():
    rows = [event("connected", month, "ftth", share=0.0) for month in range(MONTHS)]
    still = monthly_state(log_of(*LOG[1:2], *rows), projects(), demand(), ground())
    assert still.subscribers[:, FTTH, 0].tolist() == [10] * MONTHS


def test_growing_homes_are_passed_with_the_zone():
    homes = np.array([HOMES + 10 * month for month in range(MONTHS)], dtype=np.int32)
    grown = monthly_state(log_of(*LOG), projects(), demand(), ground(homes=homes))
    assert grown.homes_passed[:, FTTH, 0].tolist() == [25, 110, 120, 130, 140]
    assert (grown.homes_passed <= homes[:, None, :]).all()


def test_nothing_is_lost_over_time_without_cancellations():
    """On a whole run: what serves goes on serving."""
    found = run().states[0]
    for array in (found.covered_share, found.peak_mbps):
        assert (np.diff(array, axis=0) >= -1e-6).all()
    assert (np.diff(found.sites, axis=0) >= 0).all()
    share = found.homes_passed / np.maximum(found.homes[:, None, :], 1)
    fixed = [index for index, use in enumerate(found.uses) if use == "fixed"]
    slack = 1.0 / np.maximum(found.homes[1:, None, :], 1)
    assert (np.diff(share[:, fixed], axis=0) >= -slack).all()
    assert (found.subscribers[:, FTTH] <= found.homes_passed[:, FTTH] + 1).all()


@pytest.mark.parametrize("name", ["ftth", "cable"])
def test_subscribers_are_those_that_the_plan_paid_for(name):
    """Sum of `connected` events against the rise of homes ever connected in the fold, month by month.

    Lines that were given up and are taken up again cost nothing.
    """
    made = run()
    events = made.events[(made.events["event"] == "connected") & (made.events["project_id"] == name)]
    paid = events.groupby("month")["quantity"].agg(["sum", "size"])
    lines = made.states[0].homes_connected[:, made.states[0].technology(name)].astype(np.float64)
    risen = np.clip(np.diff(lines, axis=0), 0, None).sum(axis=1)
    assert len(paid) > 24
    for month in range(1, len(lines)):
        count, charges = paid.loc[month] if month in paid.index else (0, 1)
        assert count == pytest.approx(risen[month - 1], abs=0.5 * charges + 0.1), month
