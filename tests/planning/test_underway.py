"""What stands or is under way, and what giving a project up opens again."""

import numpy as np
import pytest

from sim.planning.projects import join
from sim.planning.underway import UnderWay
from tests.world import world

KEPT = ("share", "mbps", "covered", "sites", "units", "plant")


@pytest.fixture(scope="module")
def proposal():
    now = world()
    return join([now.propose(name) for name in ("ftth", "lte", "satellite", "transport")])


def fresh():
    now = world()
    return UnderWay(now.prepared.ground, now.technologies)


def rows_of(proposal, technology, count):
    rows = np.flatnonzero((proposal.candidates["technology"] == technology).to_numpy())
    return rows[:: max(1, len(rows) // count)][:count]


def state(plan):
    found = {}
    for name in KEPT:
        value = getattr(plan, name)
        if isinstance(value, dict):
            value = {key: np.asarray(one).tolist() for key, one in sorted(value.items())}
        else:
            value = value.tolist()
        found[name] = value
    return found


def ids(proposal, rows):
    return proposal.candidates["project_id"].to_numpy(dtype=object)[rows].tolist()


def test_month_0_is_what_stands():
    ground, plan = world().prepared.ground, fresh()
    assert plan.share[plan.fibre].tolist() == ground.standing_share["ftth"].astype(np.float32).tolist()
    assert plan.plant == {name: len(rows) for name, rows in ground.standing_sites.items()}
    assert plan.units == {}


@pytest.mark.parametrize("technology", ["ftth", "lte", "satellite", "transport"])
def test_taking_and_giving_up_again_is_as_if_nothing_had_been_taken(proposal, technology):
    rows = rows_of(proposal, technology, 4)
    assert len(rows)
    before, plan = state(fresh()), fresh()
    plan.take(rows, proposal)
    assert state(plan)["plant"][technology] == before["plant"].get(technology, 0) + len(rows)
    plan.give_up(ids(proposal, rows))
    assert state(plan) == before


def test_giving_one_up_leaves_what_the_others_serve(proposal):
    rows = np.concatenate([rows_of(proposal, name, 6) for name in ("ftth", "lte", "satellite")])
    gone, kept = rows[::3], np.setdiff1d(rows, rows[::3])
    some, both = fresh(), fresh()
    some.take(kept, proposal)
    both.take(rows[:7], proposal)
    both.take(rows[7:], proposal)
    both.give_up(ids(proposal, gone))
    one, other = state(some), state(both)
    for sites in (*one["sites"].values(), *other["sites"].values()):
        sites.sort()
    assert one == other


def test_nothing_given_up_changes_nothing(proposal):
    plan = fresh()
    plan.take(rows_of(proposal, "ftth", 3), proposal)
    share = plan.share
    plan.give_up([])
    assert plan.share is share


def test_mobile_broadband_gives_signal_and_things_do_not(proposal):
    plan = fresh()
    plan.covered = {}
    assert not plan.with_signal().any()
    plan.covered = {"nbiot": np.ones(len(plan.with_signal()), dtype=bool)}
    assert not plan.with_signal().any()
    plan.take(rows_of(proposal, "lte", 3), proposal)
    assert plan.with_signal().any()
