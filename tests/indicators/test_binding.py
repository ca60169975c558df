"""What held a target: each cause alone, the greatest of several, and the order in which they count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.indicators.binding import (
    CREWS,
    MONEY,
    ORDERED,
    PERMITS,
    RULES,
    SEASON,
    SUPPLY,
    TAKE_UP,
    TECHNOLOGY,
    TIME,
    binding_of,
    is_ordered,
    late_of,
    left_out_for,
    of_reason,
    served_of,
    summed,
)
from sim.indicators.registry import REGISTRY
from sim.tables.decisions import DECISIONS
from sim.tables.results import BINDINGS, CAUSES, DELAYS
from tests.tiny import fill

DUE = 11


def delays(*rows):
    """Return delays of (project, funded month, ended month, outcome, cause)."""
    name, funded, ended, outcome, cause = zip(*rows, strict=True)
    return fill(DELAYS, project_id=name, funded_month=funded, ended_month=ended, outcome=outcome, cause=cause)


def decisions(*rows):
    """Return decisions of (release, project, chosen, reason)."""
    release, name, chosen, reason = zip(*rows, strict=True)
    return fill(DECISIONS, release=release, project_id=name, chosen=chosen, reason=reason)


@pytest.mark.parametrize(
    ("cause", "constraint"),
    [
        ("crew", CREWS), ("travel", CREWS), ("permit", PERMITS), ("season", SEASON), ("holiday", SEASON),
        ("supply", SUPPLY), ("procure", SUPPLY), ("money", MONEY), ("work", TIME), ("requires", TIME),
        ("other", TIME), ("", TIME),
    ],
)  # fmt: skip
def test_what_a_late_project_lost_most_days_to_made_it_late(cause, constraint):
    assert late_of(delays(("ftth:a", 3, 12, "in service", cause)), DUE) == {"ftth:a": constraint}
    assert set(CAUSES) >= {cause} - {""}


def test_late_is_what_was_paid_for_and_serves_after_the_month():
    table = delays(
        ("a", 3, 11, "in service", "crew"),
        ("b", 3, 12, "in service", "crew"),
        ("c", 3, -1, "under way", "permit"),
        ("d", 12, 13, "in service", "crew"),
        ("e", 3, 8, "given up", "permit"),
    )
    assert late_of(table, DUE) == {"b": CREWS, "c": PERMITS}
    assert served_of(table, DUE) == ["a"]


@pytest.mark.parametrize(
    ("reason", "constraint"),
    [
        ("over budget", MONEY),
        ("committed to, over budget", MONEY),
        ("no pot may pay", RULES),
        ("not yet available", RULES),
        ("given up", RULES),
        ("moratorium until 2015-06", RULES),
        ("waits for lte:x", RULES),
        ("nothing newly served", TECHNOLOGY),
    ],
)
def test_the_reason_why_a_candidate_was_left_out(reason, constraint):
    assert of_reason(reason) == constraint


def test_the_last_time_that_a_candidate_was_considered_counts():
    table = decisions(
        (0, "a", False, "not yet available"),
        (6, "a", False, "over budget"),
        (12, "a", False, "given up"),
        (0, "b", False, "over budget"),
        (6, "b", True, "chosen"),
        (12, "b", False, "already under way"),
        (12, "c", False, "over budget"),
    )
    assert left_out_for(table, DUE) == {"a": MONEY}
    assert left_out_for(table, 12) == {"a": RULES, "c": MONEY}


def test_units_are_summed_by_constraint():
    units = {"a": 2.0, "b": 3.0, "c": 4.0}
    assert summed(units, {"a": CREWS, "c": CREWS}, MONEY) == {CREWS: 6.0, MONEY: 3.0}


@pytest.mark.parametrize("constraint", BINDINGS)
def test_one_constraint_alone_binds(constraint):
    assert binding_of(10.0, ({}, {constraint: 10.0}), TECHNOLOGY) == constraint
    assert binding_of(10.0, (), constraint) == constraint


def test_what_is_paid_for_and_late_comes_before_what_was_left_out():
    late, left = {CREWS: 6.0}, {MONEY: 100.0}
    assert binding_of(10.0, (late, left), TAKE_UP) == CREWS
    assert binding_of(20.0, (late, left), TAKE_UP) == MONEY
    # 6 late, 100 left out, and more than both together that nothing would bring
    assert binding_of(250.0, (late, left), TAKE_UP) == TAKE_UP


def test_more_than_is_missing_counts_in_proportion():
    assert binding_of(1.0, ({CREWS: 30.0, PERMITS: 70.0},), TAKE_UP) == PERMITS


def test_of_equals_the_first_named_binds():
    assert binding_of(2.0, ({PERMITS: 1.0, CREWS: 1.0},), TAKE_UP) == CREWS
    assert binding_of(0.0, ({CREWS: 1.0},), TECHNOLOGY) == MONEY


UNITS = st.dictionaries(st.sampled_from(BINDINGS), st.floats(0, 1e6), max_size=5)


@given(missing=st.floats(0, 1e6), late=UNITS, left=UNITS)
def test_the_order_of_names_does_not_matter(missing, late, left):
    turned = tuple(dict(reversed(units.items())) for units in (late, left))
    assert binding_of(missing, (late, left), TAKE_UP) == binding_of(missing, turned, TAKE_UP)


def test_what_people_order_is_known_by_name():
    assert is_ordered("mean_access_bandwidth_households")
    assert is_ordered("fixed_broadband_household_penetration")
    assert not is_ordered("access_capability_share_ge_20Mbps")
    assert not is_ordered("village_4g_share")
    unknown = [start for start in ORDERED if not any(name.startswith(start) for name in REGISTRY)]
    assert unknown == []
