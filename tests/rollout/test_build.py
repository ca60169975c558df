import time
from statistics import NormalDist

import numpy as np
import pytest

from sim.clock import Horizon
from sim.errors import RolloutError
from sim.randomness import Streams
from sim.rollout.options import Crews, RolloutOptions, Season
from sim.tables.plan import Charge, Step, Task
from tests.rollout.small import DIG, PLAIN, lines, plan, run, without_crews, work

PERMIT = Task("permit", 30.0)
CABLE = Task("cable", 5.0, "fibre", 0.6)
DIG_LESS = Task("dig", 10.0, "civil", 0.3)


def days_of(events, event, task=""):
    here = events[(events["event"] == event) & (events["task"] == task)]
    return dict(zip(here["project_id"], here["day"], strict=True))


def test_the_whole_log_of_one_project():
    events = run(plan([work("a", [PERMIT, DIG_LESS, CABLE], price=101, buys=(("duct", 40),))]))
    assert lines(events) == [
        (0.0, "released", "", "", 1000, ""),
        (0.0, "funded", "a", "", 101, ""),
        (0.0, "bought", "a", "duct", 0, ""),
        (30.0, "finished", "a", "permit", 0, ""),
        (30.0, "started", "a", "dig", 0, ""),
        (40.0, "finished", "a", "dig", -30, ""),
        (40.0, "started", "a", "cable", 0, ""),
        (45.0, "finished", "a", "cable", -71, ""),
        (45.0, "activated", "a", "", 0, ""),
    ]
    assert events["event_id"].tolist() == list(range(11))
    assert events["crew"].tolist()[:2] == ["P civil", "P fibre"]
    assert events["quantity"].tolist()[:3] == [1, 1, 0]
    events = without_crews(events)
    assert events["month"].tolist() == [0, 0, 0, 1, 1, 1, 1, 2, 2]
    assert events.loc[4, "crew"] == "P civil"
    assert events.loc[8, "pot"] == "all"


def test_crews_take_the_most_urgent_first_and_ties_by_name():
    works = [
        work("late", priority=9),
        work("b", priority=2),
        work("a", priority=2),
        work("first", priority=1),
    ]
    events = run(plan(works))
    assert days_of(events, "started", "dig") == {"first": 0.0, "a": 10.0, "b": 20.0, "late": 30.0}
    waited = events[events["event"] == "delayed"]
    assert waited["project_id"].tolist() == ["late", "b", "a"]
    assert set(waited["cause"]) == {"crew"}
    assert set(waited["lost_days"]) == {0.0}
    begun = events[events["event"] == "started"]
    assert begun["lost_days"].tolist() == [0.0, 10.0, 20.0, 30.0]
    assert begun["cause"].tolist() == ["", "crew", "crew", "crew"]


def test_more_crews_work_side_by_side_and_prefectures_do_not_lend():
    works = [work("a"), work("b"), work("c", prefecture="Q")]
    events = run(plan(works), crews={("P", "civil"): 2, ("Q", "civil"): 1})
    assert days_of(events, "started", "dig") == {"a": 0.0, "b": 0.0, "c": 0.0}


def test_without_crews_projects_wait_to_the_end_and_the_log_says_why():
    events = run(plan([work("a", [PERMIT, DIG])]), crews={})
    assert lines(events)[-1] == (30.0, "delayed", "a", "dig", 0, "no crew")
    assert "activated" not in set(events["event"])


def test_office_work_needs_no_crew():
    survey = Task("survey", 10.0, "survey")
    events = run(plan([work(name, [survey]) for name in "abc"]), crews={})
    assert days_of(events, "activated") == {"a": 10.0, "b": 10.0, "c": 10.0}


def test_work_that_is_not_done_by_the_horizon_leaves_no_later_events():
    events = run(plan([work("a", [Task("permit", 5000.0), DIG])]))
    assert without_crews(events)["event"].tolist() == ["released", "funded"]


def test_a_required_project_is_waited_for_before_field_work():
    works = [work("site", [PERMIT, DIG]), work("board", [Task("order", 3.0), DIG], requires="site")]
    events = run(plan(works))
    assert days_of(events, "activated") == {"site": 40.0, "board": 50.0}
    assert (3.0, "delayed", "board", "dig", 0, "requires site") in lines(events)
    office = [work("site", [PERMIT, DIG]), work("board", [Task("order", 3.0)], requires="site")]
    assert days_of(run(plan(office)), "activated") == {"site": 40.0, "board": 40.0}


def test_a_project_without_tasks_serves_at_once_and_is_paid():
    events = run(plan([work("a", [])]))
    assert lines(events)[1:] == [(0.0, "funded", "a", "", 100, ""), (0.0, "activated", "a", "", -100, "")]


def test_charges_are_paid_in_their_month_and_reduce_the_funds():
    charge = Charge("ftth", "all", 300, 3, 0.75)
    step = plan([work("a")], {0: [charge], 2: [charge]})
    events = run(step)
    rows = events[events["event"] == "connected"]
    assert rows["month"].tolist() == [0, 2]
    assert rows["spent_fen"].tolist() == [300, 300]
    assert rows["quantity"].tolist() == [3, 3]
    assert rows["share"].tolist() == [0.75, 0.75]
    assert rows["project_id"].tolist() == ["ftth", "ftth"]
    assert [funds["all"] for _, _, funds, _ in step.calls][:4] == [1000, 600, 600, 300]


def test_the_plan_is_asked_every_month_and_told_what_serves():
    step = plan([work("a")])
    run(step, {0: {"all": 600}, 3: {"all": 5}})
    assert [month for month, *_ in step.calls] == list(range(12))
    assert [release for *_, release in step.calls] == [m in (0, 3) for m in range(12)]
    assert step.calls[0][1] == {}
    assert step.calls[1][1] == {"a": 0}
    assert step.calls[3][2] == {"all": 505}


def test_money_lapses_at_the_end_of_the_year_where_the_pot_says_so():
    horizon = Horizon("2014-11", "2015-12")
    releases = {0: {"keep": 10, "lapse": 100}, 2: {"lapse": 50}}
    step = plan([work("a", price=30, pot="lapse")])
    events = run(step, releases, horizon=horizon, lapsing=["lapse"])
    rows = events[events["event"] == "lapsed"]
    assert rows["released_fen"].tolist() == [-70, -50]
    assert rows["pot"].tolist() == ["lapse", "lapse"]
    assert [horizon.label(m) for m in rows["month"]] == ["2014-12", "2015-12"]
    assert step.calls[2][2] == {"keep": 10, "lapse": 50}


@pytest.mark.parametrize(
    ("works", "message"),
    [
        ([work("a", price=1001)], "takes 1001 fen from pot 'all', which holds 1000"),
        ([work("a"), work("a")], "funds the project a second time"),
        (
            [work("a", buys=(("duct", 1),)), work("b", buys=(("duct", 1),))],
            "buys the asset 'duct' a second time",
        ),
        ([work("a", requires="b"), work("b")], "before b, which it requires"),
        ([work("a", pot="none")], "which holds 0"),
    ],
)
def test_a_plan_that_breaks_the_rules_stops_the_run(works, message):
    with pytest.raises(RolloutError, match=message):
        run(plan(works))


def test_charges_beyond_the_funds_stop_the_run():
    with pytest.raises(RolloutError, match="connecting ftth"):
        run(plan([], {0: [Charge("ftth", "all", 1001, 1, 1.0)]}))


def test_seasons_slow_outdoor_work_high_up_only():
    rain = Season(months=(1, 2), productivity=0.5, above_m=600.0)
    options = RolloutOptions(crews=PLAIN.crews, seasons={"rain": rain})
    outdoor = Task("dig", 10.0, "civil", 1.0, outdoor=True)
    works = [work("high", [outdoor], elevation_m=600.0), work("low", [outdoor], elevation_m=599.0)]
    works.append(work("inside", [DIG], elevation_m=5000.0))
    events = run(plan(works), crews={("P", "civil"): 3}, options=options)
    assert days_of(events, "activated") == {"low": 10.0, "inside": 10.0, "high": 20.0}
    assert (0.0, "delayed", "high", "dig", 0, "season") in lines(events)


def test_luck_belongs_to_project_and_stream_alone():
    lucky = Task("permit", 100.0, stream="permit", sigma=0.5)
    alone = days_of(run(plan([work("m", [lucky])])), "activated")
    more = days_of(run(plan([work(name, [lucky]) for name in "azm"])), "activated")
    assert more["m"] == alone["m"]
    assert len(set(more.values())) == 3
    other = days_of(run(plan([work("m", [lucky])]), streams=Streams(1, 1)), "activated")
    assert other["m"] != alone["m"]


def test_tasks_of_one_stream_share_their_luck_and_spread_scales_it():
    two = [Task("a", 10.0, stream="s", sigma=0.4), Task("b", 10.0, stream="s", sigma=0.4)]
    events = run(plan([work("m", two)]))
    first = days_of(events, "finished", "a")["m"]
    assert days_of(events, "finished", "b")["m"] == pytest.approx(2 * first)
    still = RolloutOptions(crews=PLAIN.crews, seasons={}, spread=0.0)
    assert days_of(run(plan([work("m", two)]), options=still), "activated") == {"m": 20.0}


def test_durations_are_lognormal():
    permit = Task("permit", 50.0, stream="permit", sigma=0.3)
    works = [work(f"p{k:04}", [permit], price=0) for k in range(3000)]
    days = np.array(list(days_of(run(plan(works)), "finished", "permit").values()))
    for share in (0.1, 0.5, 0.9):
        expected = 50.0 * np.exp(0.3 * NormalDist().inv_cdf(share))
        assert np.quantile(days, share) == pytest.approx(expected, rel=0.03)


def test_the_same_run_twice_gives_the_same_log():
    lucky = [Task("permit", 20.0, stream="permit", sigma=0.5), DIG, CABLE]
    works = [work(f"p{k}", lucky, price=10, priority=k % 3) for k in range(20)]
    assert run(plan(works)).equals(run(plan(works)))
    shuffled = run(plan(works[::-1]))
    assert days_of(shuffled, "activated") == days_of(run(plan(works)), "activated")


def test_a_long_queue_costs_no_more_a_job_than_a_short_one():
    def seconds(count):
        brief = Task("dig", 0.001, "civil", 1.0)
        works = [work(f"p{k:06}", [brief], price=0, priority=count - k) for k in range(count)]
        start = time.process_time()
        run(plan(works))
        return time.process_time() - start

    seconds(100)
    small, large = seconds(2_000), seconds(20_000)
    assert large < 40 * max(small, 0.02)


def test_zero_scale_leaves_an_empty_log():
    events = run(lambda *_: Step(), {0: {"all": 0}})
    assert without_crews(events)["event"].tolist() == ["released"]
    assert len(run(lambda *_: Step(), {13: {"all": 0}}, crews={})) == 0


def test_zero_crews_a_million_is_a_stated_consequence():
    none = RolloutOptions(crews=Crews(fibre=0, civil=0, radio=0, install=0), seasons={})
    events = run(plan([work("a")]), options=none, crews={("P", "civil"): 0})
    assert events["cause"].tolist()[-1] == "no crew"
