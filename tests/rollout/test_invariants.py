from types import SimpleNamespace

import numpy as np
import pytest

from sim.errors import RolloutError
from sim.rollout.invariants import check_invariants, check_state
from sim.tables.results import EVENTS
from tests.rollout.small import work

CREW = ("crews", "", {"crew": "P civil", "quantity": 1, "pot": ""})
WORKS = {"a": work("a"), "b": work("b", requires="a")}


def log(*rows):
    """Rows of (event, project, changes)."""
    default = {"task": "", "crew": "", "pot": "all", "share": 0.0, "cause": ""}
    table = {name: [] for name in EVENTS.names}
    for number, (event, project, changes) in enumerate(rows):
        row = (
            default
            | {"event_id": number, "day": float(number), "event": event, "project_id": project}
            | changes
        )
        for name in EVENTS.names:
            table[name].append(row.get(name, 0))
    return EVENTS.frame(**table)


IN = ("released", "", {"released_fen": 100})
FUND = ("funded", "a", {"committed_fen": 60})
DONE = ("finished", "a", {"task": "dig", "spent_fen": 60})
ACTIVE = ("activated", "a", {})
FUND_B = ("funded", "b", {"committed_fen": 40})
DONE_B = ("finished", "b", {"task": "dig", "spent_fen": 40})
ACTIVE_B = ("activated", "b", {})
GIVE_UP = ("cancelled", "a", {"committed_fen": -60})
BACK_OUT = ("lapsed", "", {"released_fen": -60})
GO = ("started", "a", {"task": "dig", "crew": "P civil"})
COME = ("finished", "a", {"task": "dig", "crew": "P civil", "spent_fen": 60})
PART = ("finished", "a", {"task": "dig", "spent_fen": 30})
OWED = ("paid", "ftth", {"spent_fen": 40})


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (IN,),
        (IN, FUND, DONE, ACTIVE),
        (IN, FUND, FUND_B, DONE, ACTIVE, DONE_B, ACTIVE_B),
        (IN, FUND, FUND_B),
        (IN, FUND, GIVE_UP, BACK_OUT),
        (IN, FUND, GIVE_UP, ("funded", "c", {"committed_fen": 100})),
        (CREW, IN, FUND, GO, COME, ACTIVE),
        (IN, FUND, PART, ACTIVE, ("paid", "a", {"spent_fen": 30})),
        (IN, ("connected", "ftth", {"spent_fen": 60, "committed_fen": 40}), OWED),
    ],
)
def test_good_logs_pass(rows):
    check_invariants(log(*rows), WORKS)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ((IN, FUND, FUND), r"event 2 .*funded a.* a second time"),
        ((IN, FUND, ("bought", "a", {"task": "x"}), ("bought", "a", {"task": "x"})), "bought a second time"),
        ((FUND, IN), "more is committed than released in pot 'all' by 60 fen"),
        (
            (IN, FUND, ("connected", "ftth", {"spent_fen": 41})),
            "committed than released in pot 'all' by 1 fen",
        ),
        ((IN, FUND, ("lapsed", "", {"released_fen": -41})), "event 2 .*by 1 fen"),
        ((IN, FUND, ("funded", "b", {"committed_fen": 1, "pot": "other"})), "in pot 'other' by 1 fen"),
        ((IN, FUND, ("finished", "a", {"spent_fen": 61})), "more is spent than committed"),
        ((IN, FUND, FUND_B, ("finished", "a", {"spent_fen": 61})), "than was committed for the project"),
        ((IN, ("started", "a", {}), FUND), "before the project is funded"),
        ((IN, FUND, DONE, ACTIVE, ("finished", "a", {})), "after the project is active"),
        ((IN, FUND, ACTIVE), "active before its last task is finished"),
        ((IN, FUND_B, FUND), "is funded before a, which it requires"),
        ((IN, FUND, FUND_B, DONE_B, ACTIVE_B, DONE, ACTIVE), "is activated before a"),
        ((IN, FUND, FUND_B, DONE_B, ACTIVE_B), "is activated before a"),
        ((IN, FUND_B), "is funded before a"),
        ((IN, ("funded", "a", {"committed_fen": 60, "day": 9.0}), DONE), "before the event that precedes it"),
        ((IN, FUND, DONE, ACTIVE, ACTIVE), "activated a second time"),
        ((IN, FUND, GIVE_UP, ("activated", "a", {})), "happens after the project was given up"),
        ((IN, FUND, GIVE_UP, ("started", "a", {})), "happens after the project was given up"),
        ((IN, FUND, GIVE_UP, GIVE_UP), "cancelled a second time"),
        ((IN, FUND, GIVE_UP, ("funded", "b", {"committed_fen": 1})), "requires a, which was given up"),
        ((IN, FUND, ("cancelled", "a", {"committed_fen": -61})), "more is spent than committed"),
        ((IN, FUND, GO), "more crews of P civil are at work than there are"),
        (
            (CREW, IN, FUND, FUND_B, GO, ("started", "b", {"crew": "P civil"})),
            "event 5 .*more crews of P civil",
        ),
        ((CREW, IN, FUND, GO, ("crews", "", {"crew": "P civil"})), "event 4 .*more crews of P civil"),
        ((CREW, IN, FUND, COME), "more crews of P civil come back"),
        (
            (IN, ("connected", "x", {"spent_fen": 1}), FUND_B, FUND),
            "committed than released in pot 'all' by 1",
        ),
        ((("connected", "x", {"committed_fen": 1}), IN), "more is committed than released"),
        ((IN, FUND, PART, ("lapsed", "", {"released_fen": -71})), "by 31 fen"),
    ],
)
def test_each_broken_rule_names_its_event(rows, message):
    with pytest.raises(RolloutError, match=message):
        check_invariants(log(*rows), WORKS)


def state(**changes):
    values = {
        "technologies": ("ftth",),
        "uses": ("fixed",),
        "homes_connected": np.array([[[4, 5]]], dtype=np.float32),
        "subscribers": np.array([[[4, 3]]], dtype=np.float32),
        "homes": np.array([[10, 20]], dtype=np.int32),
        "homes_passed": np.array([[[10, 20]]], dtype=np.int32),
        "covered_share": np.array([[[0.0, 1.0]]], dtype=np.float32),
    }
    return SimpleNamespace(**(values | changes))


def test_homes_subscribed_are_connected_homes_connected_are_passed_and_homes_passed_are_there():
    check_state(state())
    with pytest.raises(RolloutError, match="month 0, zone 1: ftth passes 21 of 20 homes"):
        check_state(state(homes_passed=np.array([[[10, 21]]], dtype=np.int32)))
    with pytest.raises(RolloutError, match="zone 0: ftth connects 11 of 10 homes passed"):
        check_state(state(homes_connected=np.array([[[11, 5]]], dtype=np.float32)))
    with pytest.raises(RolloutError, match="zone 1: ftth serves 6 of 5 homes connected"):
        check_state(state(subscribers=np.array([[[4, 6]]], dtype=np.float32)))
    with pytest.raises(RolloutError, match="covered_share leaves"):
        check_state(state(covered_share=np.array([[[0.0, 1.1]]], dtype=np.float32)))


def test_an_advance_allows_more_to_be_committed_but_not_to_be_spent():
    ahead = [{"all": 20}]
    more = ("funded", "a", {"committed_fen": 120})
    check_invariants(log(IN, more), WORKS, ahead)
    with pytest.raises(RolloutError, match="more is committed than released in pot 'all' by 1 fen"):
        check_invariants(log(IN, ("funded", "a", {"committed_fen": 121})), WORKS, ahead)
    with pytest.raises(RolloutError, match="more is spent than released in pot 'all' by 20 fen"):
        check_invariants(log(IN, more, ("finished", "a", {"spent_fen": 120})), WORKS, ahead)
