"""Pots in the rollout: matching, advances, arrears, milestones, lapsing."""

import pytest

from sim.clock import Horizon
from sim.errors import RolloutError
from sim.tables.plan import Charge, Task
from tests.rollout.small import DIG, lines, plan, run, work

PERMIT = Task("permit", 30.0, phase="permit")
HALF = Task("order", 10.0, "", 0.5, phase="procure")
REST = Task("dig", 10.0, "civil", 0.5)


def releases(**by_pot):
    """``all=[10, 20]``: by month."""
    months = max(len(amounts) for amounts in by_pot.values())
    return {
        month: {pot: amounts[month] for pot, amounts in by_pot.items() if month < len(amounts)}
        for month in range(months)
    }


def next_month(of):
    """An advance of one month on these releases."""
    return lambda month, horizon: of.get(month + 1, {}) if month + 1 < horizon.months else {}


def test_the_matching_pot_pays_its_share_of_every_payment_to_the_fen():
    step = plan([work("a", [HALF, REST], price=101, matching=("fund", 31))])
    events = run(step, {0: {"all": 70, "fund": 40}})
    assert lines(events)[2:] == [
        (0.0, "funded", "a", "", 70, ""),
        (0.0, "matched", "a", "", 31, ""),
        (10.0, "finished", "a", "order", -35, ""),
        (10.0, "paid", "a", "order", -15, ""),
        (10.0, "started", "a", "dig", 0, ""),
        (20.0, "finished", "a", "dig", -35, ""),
        (20.0, "paid", "a", "dig", -16, ""),
        (20.0, "activated", "a", "", 0, ""),
    ]
    by_pot = events.groupby("pot")["spent_fen"].sum()
    assert (by_pot["all"], by_pot["fund"]) == (70, 31)
    assert step.calls[1][2] == {"all": 0, "fund": 9}


@pytest.mark.parametrize("matched", [101, -1])
def test_no_more_is_matched_than_the_price(matched):
    with pytest.raises(RolloutError, match="cannot be matched"):
        run(plan([work("a", matching=("all", matched))]))


def test_an_advance_is_committed_now_and_paid_at_the_release():
    money = releases(all=[60, 50])
    step = plan([work("a", [HALF, REST], price=100)])
    events = run(step, money, ahead=next_month(money))
    second = Horizon("2014-01", "2014-12").first_day(1)
    assert step.calls[0][2] == {"all": 110}
    assert step.calls[1][2] == {"all": 10}
    assert lines(events)[1:] == [
        (0.0, "funded", "a", "", 100, ""),
        (10.0, "finished", "a", "order", -50, ""),
        (10.0, "started", "a", "dig", 0, ""),
        (20.0, "finished", "a", "dig", -10, ""),
        (20.0, "activated", "a", "", 0, ""),
        (float(second), "released", "", "", 50, ""),
        (float(second), "paid", "a", "dig", -40, ""),
    ]


def test_what_is_owed_is_paid_in_order_as_far_as_a_release_goes():
    money = releases(all=[0, 30, 30, 30])
    step = plan([work("a", price=50), work("b", price=40, priority=2)])
    events = run(
        step, money, ahead=lambda month, horizon: {"all": 90 - 30 * month}, crews={("P", "civil"): 2}
    )
    paid = events[events["event"] == "paid"]
    assert list(zip(paid["month"], paid["project_id"], paid["spent_fen"], strict=True)) == [
        (1, "a", 30),
        (2, "a", 20),
        (2, "b", 10),
        (3, "b", 30),
    ]


def test_beyond_the_advance_nothing_is_committed():
    money = releases(all=[60, 50])
    with pytest.raises(RolloutError, match="takes 111 fen from pot 'all', which holds 110"):
        run(plan([work("a", price=111)]), money, ahead=next_month(money))


def test_connections_beyond_the_cash_are_owed():
    money = releases(all=[60, 50])
    events = run(plan([], {0: [Charge("ftth", "all", 100, 4, 0.5)]}), money, ahead=next_month(money))
    row = events[events["event"] == "connected"].iloc[0]
    assert (row["spent_fen"], row["committed_fen"], row["quantity"], row["share"]) == (60, 40, 4, 0.5)
    late = events[events["event"] == "paid"].iloc[0]
    assert (late["project_id"], late["spent_fen"], late["month"]) == ("ftth", 40, 1)


def test_milestones_release_money_when_enough_is_in_service():
    seen = []

    def earned(month, done, horizon):
        seen.append(dict(done))
        return {"fund": 10 * min(2, done.get("ftth/town@city", 0))}

    works = [
        work("a", build="town", kind="city"),
        work("b", build="town", kind="city", priority=2),
        work("c", build="town", kind="city", priority=3),
    ]
    step = plan(works)
    events = run(step, {0: {"all": 300}}, earned=earned)
    rows = events[(events["event"] == "released") & (events["pot"] == "fund")]
    assert list(zip(rows["month"], rows["released_fen"], strict=True)) == [(1, 20)]
    assert [release for *_, release in step.calls][:4] == [True, True, False, False]
    assert seen[-1] == dict.fromkeys(works[0].labels, 3)


def test_money_committed_in_advance_does_not_lapse():
    horizon = Horizon("2014-11", "2015-02")
    money = {0: {"all": 60}, 2: {"all": 50}}
    ahead = {0: {"all": 50}, 1: {"all": 50}}
    events = run(
        plan([work("a", price=100)]),
        money,
        ahead=lambda month, horizon: ahead.get(month, {}),
        lapsing=["all"],
        horizon=horizon,
    )
    assert "lapsed" not in set(events["event"])
    assert events["spent_fen"].sum() == 100


def test_a_project_given_up_still_pays_what_it_owes():
    """Owed for a task that is done: it stays committed and is paid at the next release."""
    from sim.rollout.options import Failure, RolloutOptions
    from tests.rollout.small import PLAIN

    options = RolloutOptions(crews=PLAIN.crews, seasons={}, failures={"lost": Failure(chance=1.0)})
    money = releases(all=[10, 90])
    survey = Task("survey", 5.0, "", 0.4, phase="survey")
    permit = Task("permit", 5.0, "", 0.0, phase="permit")
    events = run(plan([work("a", [survey, permit, DIG])]), money, ahead=next_month(money), options=options)
    assert lines(events)[2:] == [
        (5.0, "finished", "a", "survey", -10, ""),
        (10.0, "finished", "a", "permit", 0, ""),
        (10.0, "cancelled", "a", "", -60, "lost"),
        (23.0, "released", "", "", 90, ""),
        (23.0, "paid", "a", "survey", -30, ""),
    ]
