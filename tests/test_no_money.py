"""Without money nothing is built, and no target is met beyond what stands and what people take by themselves.

A target that is met is then either met in month 0, or asks what people order, use or pay for on the plant
that stands, or asks for fibre in new housing, which builders owe by rule and pay for themselves.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

from sim.indicators.binding import is_ordered
from sim.indicators.scorecard import AT_RISK, MET, MISSED
from tests import world

BY_BUILDERS = frozenset({"new_homes_with_fibre_share"})
"""Indicators of what builders pay for, whatever the budget."""


@pytest.fixture(scope="module")
def poor():
    """Two counties of a shipped scenario, without money."""
    loaded = world.load(
        ("budget.scale", "0"),
        ("geodata.counties", json.dumps(["530124", "530129"])),
        scenario="yunnan-2017",
    )
    return world.simulate(loaded)


def test_nothing_is_funded_and_nothing_is_spent(poor):
    events = poor.events
    assert not set(events["event"]) & {"funded", "matched", "bought", "started", "activated"}
    assert events["committed_fen"].sum() == events["spent_fen"].sum() == 0
    assert not poor.decisions["chosen"].any()
    assert poor.delays.empty


def test_the_plant_of_month_0_is_all_there_is(poor):
    state = poor.states[0]
    assert (state.sites == state.sites[0]).all()
    for months in (*state.point_month.values(), *state.site_month.values()):
        assert set(np.unique(months)) <= {-1, len(state.sites)}
    for row, name in enumerate(state.technologies):
        passed = state.homes_passed[:, row].astype(float)
        share = np.divide(passed, state.homes, out=np.zeros(passed.shape), where=state.homes > 0)
        if name == "ftth":
            # new housing has fibre: no more than all homes that were added
            assert (passed - passed[0] <= np.maximum(state.homes - state.homes[0], 0) + 1).all()
        else:
            # of more homes the same share, but for the homes that rounding makes then and in month 0
            rounding = 1 / np.maximum(state.homes, 1) + 1 / np.maximum(state.homes[0], 1)
            assert (share <= share[0] + rounding).all(), name


def test_no_target_is_met_beyond_what_stands(poor):
    card = poor.scorecard
    beyond = card[(card["verdict"] == MET) & ~card["at_start"]]
    unexplained = [name for name in beyond["indicator"] if not is_ordered(name) and name not in BY_BUILDERS]
    assert unexplained == []
    # the rule would be empty if nothing were missed, or nothing moved by itself
    assert (card["verdict"] == MISSED).sum() > 10
    assert len(beyond)


def test_what_is_missed_is_held_by_money_or_by_people(poor):
    card = poor.scorecard
    missed = card[card["verdict"].isin([MISSED, AT_RISK])]
    assert set(missed["binding"]) <= {"money", "rules", "time", "take-up", "technology"}
    assert (missed["binding"] == "money").mean() > 0.5
    # money held what money closes
    closed = missed[missed["cost_to_close_yuan"] != ""]
    assert (closed["cost_to_close_yuan"].astype(float) > 0).all()
    assert (closed["binding"] == "money").all()
