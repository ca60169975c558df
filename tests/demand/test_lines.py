"""Lines that follow what homes want: churn, moving from wire to wire, and what is put in only once."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.demand.lines import Uptake, advance_subscribers
from sim.lines import whole_homes
from sim.tables.demand import held_share
from tests.rollout.test_state import MONTHS, demand, ground

HOMES = np.array([[1000, 500, 400]] * 400, dtype=np.int32)
MANY = len(HOMES)


def long_demand(**changes):
    found = demand()
    longer = {
        name: np.repeat(getattr(found, name)[:1], MANY, axis=0)
        for name in ("fixed_willing", "mobile_willing", "tier_share")
    }
    return replace(found, **(longer | changes))


def land(**changes):
    return ground(homes=HOMES, population=3 * HOMES, **({"standing_subscribers": {}} | changes))


def test_subscribers_stay_between_nothing_and_what_is_wanted():
    draw = np.random.default_rng(1)
    now, wanted = draw.uniform(0, 100, 500), draw.uniform(0, 100, 500)
    for catch_up in (0.0, 0.2, 1.0):
        for churn in (0.0, 0.1):
            later = advance_subscribers(now, wanted, catch_up, churn)
            assert (later >= 0).all()
            assert (later <= wanted + 1e-9).all()
            if churn == 0.0:
                assert (later[now <= wanted] >= now[now <= wanted] - 1e-9).all()
                assert later[now > wanted] == pytest.approx(wanted[now > wanted])


def test_subscribers_by_hand():
    """A tenth gives up; of those without a line a quarter takes one."""
    found = advance_subscribers(np.array([0.0, 10.0, 50.0]), np.array([60.0, 40.0, 20.0]), 0.25, 0.1)
    assert found == pytest.approx([15, 9 + 0.25 * 31, 18 + 0.25 * 2])


@given(st.floats(0.05, 1.0), st.floats(0.0, 0.3))
def test_churn_settles_where_as_many_come_back_as_leave(catch_up, churn):
    lines = np.zeros(1)
    for _ in range(600):
        lines = advance_subscribers(lines, np.array([100.0]), catch_up, churn)
    assert lines[0] == pytest.approx(100 * held_share(catch_up, churn), rel=1e-6)


def follow(uptake, reached, months, share=1.0, names=("ftth",)):
    """Return lines and homes ever connected of the first technology at the end of each month, city."""
    lines, ever = [], []
    for month in range(months):
        uptake.begin(month)
        for name in names:
            uptake.ask(name, reached[name])
            uptake.connect(name, share)
        if "dsl" in uptake.lines:
            uptake.serve("dsl", whole_homes(np.ones(3), HOMES[month]))
        lines.append(uptake.lines[names[0]][0])
        ever.append(uptake.ever[names[0]][0])
    return np.array(lines), np.array(ever)


def test_the_stationary_state_of_churn_is_its_closed_form():
    """Half of 1000 homes want fibre and are passed: all have had it once, and c/(c+x-cx) of them hold it."""
    wanted = long_demand(churn_per_month=0.02)
    reached = {"ftth": HOMES[0].astype(float)}
    lines, ever = follow(Uptake(land(), wanted, ("ftth",)), reached, MANY)
    assert lines[-1] == pytest.approx(500 * 0.5 / (0.5 + 0.02 - 0.01))
    assert ever[-1] == pytest.approx(500)
    assert (np.diff(ever) >= 0).all()
    assert (lines <= ever + 1e-9).all()


def test_a_line_that_is_taken_up_again_costs_no_second_drop():
    """New lines do not depend on churn: only homes that never had one are asked for."""
    reached = {"ftth": HOMES[0].astype(float)}
    found = [
        follow(Uptake(land(), long_demand(churn_per_month=churn), ("ftth",)), reached, 60)
        for churn in (0.0, 0.05)
    ]
    assert found[0][1] == pytest.approx(found[1][1])
    assert (found[1][0][5:] < found[0][0][5:]).all()
    idle = Uptake(land(), long_demand(churn_per_month=0.05), ("ftth",))
    follow(idle, reached, MANY)
    idle.begin(0)
    assert idle.ask("ftth", reached["ftth"])[0] == pytest.approx(0.0, abs=1e-6)
    before = idle.lines["ftth"].copy()
    idle.connect("ftth", 0.0)
    assert idle.lines["ftth"] == pytest.approx(before), "without any money"


def test_the_standing_lines_of_month_0_are_stationary():
    wanted = long_demand(churn_per_month=0.02)
    held = wanted.held_share * 500
    start = Uptake(land(standing_subscribers={"ftth": np.array([held, 0, 0])}), wanted, ("ftth",))
    lines, ever = follow(start, {"ftth": HOMES[0].astype(float)}, 24)
    assert lines == pytest.approx(np.full(24, held))
    assert ever == pytest.approx(np.full(24, 500))


def test_homes_on_another_wire_move_at_their_own_pace():
    """All 500 willing homes are on copper: each month a twelfth of those left moves, not a half."""
    plant = {"standing_subscribers": {"dsl": np.array([500.0, 250.0, 200.0])}}
    wanted = long_demand(migration_per_month=1 / 12)
    reached = {"ftth": HOMES[0].astype(float)}
    lines, _ = follow(Uptake(land(**plant), wanted, ("ftth", "dsl")), reached, 36)
    assert lines == pytest.approx(500 * (1 - (11 / 12) ** np.arange(1, 37)))
    bare, _ = follow(Uptake(land(), wanted, ("ftth",)), reached, 36)
    assert bare == pytest.approx(500 * (1 - 0.5 ** np.arange(1, 37))), "those without a line come at once"


def test_movers_are_as_many_among_those_reached_as_among_all():
    """200 of 500 willing are on cable; fibre reaches 100 homes: 40 of them move slowly, 60 come quickly."""
    plant = {"standing_subscribers": {"cable": np.array([200.0, 0.0, 0.0])}}
    uptake = Uptake(land(**plant), long_demand(migration_per_month=0.1), ("ftth", "cable"))
    uptake.begin(0)
    assert uptake.ask("ftth", np.array([100.0, 0, 0]))[0] == pytest.approx(40 * 0.1 + 60 * 0.5)
    uptake.connect("ftth", 1.0)
    assert uptake.ask("cable", np.array([300.0, 0, 0]))[0] == pytest.approx(0.5 * 100), "none on copper"


def test_who_is_between_two_lines_does_not_take_another():
    churning = long_demand(churn_per_month=0.1)
    plant = {"standing_subscribers": {"ftth": np.array([churning.held_share * 500, 0.0, 0.0])}}
    uptake = Uptake(land(**plant), churning, ("ftth", "dsl"))
    uptake.begin(0)
    uptake.ask("ftth", HOMES[0].astype(float))
    uptake.connect("ftth", 0.0)
    uptake.serve("dsl", HOMES[0].astype(float))
    assert uptake.lines["dsl"][0] == pytest.approx(0.0, abs=1e-9), "all 500 have had fibre"


def test_a_copy_goes_its_own_way():
    uptake = Uptake(land(), long_demand(), ("ftth",))
    twin = uptake.copy()
    follow(twin, {"ftth": HOMES[0].astype(float)}, MONTHS)
    assert not uptake.lines["ftth"].any()
    assert twin.lines["ftth"].any()


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20),
    st.floats(0, 0.2),
    st.floats(0.01, 1),
)
def test_no_home_has_two_lines_and_none_is_served_that_is_not_reached(steps, churn, migration):
    wanted = long_demand(churn_per_month=churn, migration_per_month=migration)
    uptake = Uptake(land(), wanted, ("ftth", "cable", "dsl"))
    for month, (fibre, cable, share) in enumerate(sorted(steps)):
        uptake.begin(month)
        for name, passed in (("ftth", fibre), ("cable", cable)):
            reached = whole_homes(np.full(3, passed), HOMES[month])
            assert (uptake.ask(name, reached) >= 0).all()
            uptake.connect(name, share)
            assert (uptake.lines[name] <= uptake.ever[name] + 1e-9).all()
            assert (uptake.ever[name] <= reached + 1e-9).all()
        uptake.serve("dsl", HOMES[month].astype(float))
        assert (sum(uptake.lines.values()) <= 0.5 * HOMES[month] + 1e-6).all()
