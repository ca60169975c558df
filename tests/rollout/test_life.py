"""A project's life beyond building: contracts, ways, holidays, shortages, failure and what it costs."""

import numpy as np
import pytest

from sim.clock import Horizon
from sim.errors import RolloutError
from sim.randomness import Streams
from sim.rollout.luck import durations, failing
from sim.rollout.options import Calendar, Failure, RolloutOptions, Season, Shortage, Travel
from sim.tables.plan import Step, Task
from tests.rollout.small import DIG, PLAIN, lines, plan, run, work

PERMIT = Task("permit", 30.0, phase="permit")
ORDER = Task("order", 10.0, "", 0.3, phase="procure")
DIG_REST = Task("dig", 10.0, "civil", 0.7)
LOST = {"site lost": Failure(chance=1.0)}


def options(**changes):
    return RolloutOptions(**({"crews": PLAIN.crews, "seasons": {}} | changes))


def of(events, event, project):
    return events[(events["event"] == event) & (events["project_id"] == project)]


# -- contracts ----------------------------------------------------------------------------------------


def test_the_projects_of_a_contract_share_the_luck_of_their_papers_and_no_more():
    papers = Task("permit", 30.0, "", 0.0, "papers", 0.4, phase="permit", of_batch=True)
    field = Task("dig", 5.0, "civil", 1.0, "field", 0.2)
    works = [work(name, [papers, field], batch=batch) for name, batch in ("aX", "bX", "cY", ("d", ""))]
    events = run(plan(works), crews={("P", "civil"): 4})
    done = {name: of(events, "finished", name)["day"].tolist() for name in "abcd"}
    assert done["a"][0] == done["b"][0]
    assert len({done[name][0] for name in "acd"}) == 3
    assert len({done[name][1] - done[name][0] for name in "abcd"}) == 4
    alone = run(plan(works[:1]), crews={("P", "civil"): 4})
    assert of(alone, "finished", "a")["day"].tolist() == done["a"]


def test_draws_do_not_depend_on_what_is_drawn_with_them():
    lucky = [Task("permit", 30.0, "", 0.0, "s", 0.5), Task("dig", 5.0, "civil", 1.0, "t", 0.3), DIG]
    works = [work(f"p{k}", lucky) for k in range(50)]
    together = durations(works, Streams(3), 1.0)
    assert [durations([one], Streams(3), 1.0)[0] for one in works] == together
    for one, days in zip(works, together, strict=True):
        assert days[0] == pytest.approx(30.0 * Streams(3).lognormal_factor("s", one.project_id, 0.5))
        assert days[2] == 10.0
    assert durations([], Streams(3), 1.0) == []


# -- what holds work up -------------------------------------------------------------------------------


def test_a_crew_travels_from_site_to_site_and_its_first_site_costs_no_way():
    travel = Travel(speed=50.0, route_factor=1.25, hours=8.0)
    works = [work("a", priority=1), work("b", priority=2, x_m=30_000.0, y_m=40_000.0)]
    events = run(plan(works), options=options(travel=travel))
    way = 50.0 * 1.25 / 50.0 / 8.0
    rows = of(events, "delayed", "b")
    assert rows["cause"].tolist() == ["crew", "travel"]
    assert rows["lost_days"].tolist() == [0.0, pytest.approx(way)]
    assert of(events, "activated", "b")["day"].item() == pytest.approx(20.0 + way)
    assert len(of(events, "delayed", "a")) == 0


def test_crews_rest_on_holidays_while_papers_go_on():
    """The week of 1 October 2014 has three statutory days among its working days."""
    october = Horizon("2014-10", "2014-12")
    calendar = options(calendar=Calendar(country="CN"))
    works = [work("crew"), work("paper", [Task("permit", 10.0, "", 1.0)])]
    events = run(plan(works), options=calendar, horizon=october)
    assert of(events, "activated", "crew")["day"].item() == pytest.approx(13.0)
    assert of(events, "activated", "paper")["day"].item() == pytest.approx(10.0)
    (row,) = of(events, "delayed", "crew").to_dict("records")
    assert (row["cause"], row["lost_days"]) == ("holiday", pytest.approx(3.0))


def test_crews_are_away_around_the_lunar_new_year():
    """31 January 2014, a Friday: five days before it to five days after are seven working days."""
    january = Horizon("2014-01", "2014-12")
    away = options(calendar=Calendar(pause_before=5, pause_after=5))
    twenty = Task("dig", 30.0, "civil", 1.0)
    events = run(plan([work("a", [twenty])]), options=away, horizon=january)
    assert of(events, "delayed", "a")["lost_days"].item() == pytest.approx(7.0)


def test_what_is_lost_to_holidays_and_seasons_adds_up():
    rain = Season(months=(10, 11), productivity=0.5, above_m=0.0)
    october = Horizon("2014-10", "2014-12")
    both = options(calendar=Calendar(country="CN"), seasons={"rain": rain})
    outdoor = Task("dig", 10.0, "civil", 1.0, outdoor=True)
    events = run(plan([work("a", [outdoor])]), options=both, horizon=october)
    lost = of(events, "delayed", "a").set_index("cause")["lost_days"].to_dict()
    assert lost == {"holiday": pytest.approx(3.0), "season": pytest.approx(10.0)}
    assert of(events, "activated", "a")["day"].item() == pytest.approx(23.0)


def test_bad_luck_is_told_when_the_task_is_done():
    lucky = Task("permit", 100.0, "", 1.0, "s", 0.5, phase="permit")
    events = run(plan([work(f"p{k}", [lucky], price=1) for k in range(40)]))
    done = events[events["event"] == "finished"]
    late = (done["day"] - 100.0).clip(lower=0.0)
    assert done["lost_days"].to_numpy() == pytest.approx(late.to_numpy())
    assert set(done["cause"][late > 0]) == {"permit"}
    assert set(done["cause"][late <= 0]) == {""}


def test_every_wait_is_told_once_with_what_it_cost():
    slow = work("site", [Task("order", 50.0), DIG], priority=1)
    other = work("other", [Task("order", 58.0), DIG], priority=2)
    board = work("board", [Task("order", 5.0), DIG], requires="site", priority=3)
    events = run(plan([slow, other, board]))
    told = [
        (row["event"], row["day"], row["cause"], row["lost_days"])
        for row in events[events["project_id"] == "board"].to_dict("records")
        if row["event"] in ("delayed", "started")
    ]
    assert told == [
        ("delayed", 5.0, "requires site", 0.0),
        ("delayed", 60.0, "requires site", 55.0),
        ("delayed", 60.0, "crew", 0.0),
        ("started", 70.0, "crew", 10.0),
    ]


def test_waiting_for_what_is_required_at_the_end_is_told_with_the_activation():
    office = [work("site", [PERMIT, DIG]), work("board", [Task("order", 3.0)], requires="site")]
    row = of(run(plan(office)), "activated", "board")
    assert (row["cause"].item(), row["lost_days"].item()) == ("requires site", 37.0)


def test_a_shortage_makes_deliveries_slow_or_few():
    months = {"first_month": "2014-01", "last_month": "2014-02"}
    slow = options(shortages={"boards": Shortage(**months, factor=2.0, technologies=("ftth",))})
    works = [work("a", [ORDER, DIG_REST]), work("b", [ORDER, DIG_REST], technology="lte")]
    events = run(plan(works), options=slow, crews={("P", "civil"): 9})
    assert of(events, "finished", "a")["day"].tolist() == [20.0, 30.0]
    assert of(events, "finished", "b")["day"].tolist() == [10.0, 20.0]
    (row,) = of(events, "delayed", "a").to_dict("records")
    assert (row["cause"], row["lost_days"]) == ("supply", 10.0)
    few = options(shortages={"boards": Shortage(**months, most_per_month=2)})
    works = [work(name, [ORDER, DIG_REST]) for name in "abcdef"]
    events = run(plan(works), options=few, crews={("P", "civil"): 9})
    delivered = events[(events["event"] == "finished") & (events["task"] == "order")]
    first = Horizon("2014-01", "2014-12").first_day
    assert delivered["day"].tolist() == [10.0, 10.0, first(1), first(1), first(2), first(2)]
    assert delivered["project_id"].tolist() == list("abcdef")


# -- failure ------------------------------------------------------------------------------------------


def test_a_project_given_up_gives_its_money_back():
    survey = Task("survey", 5.0, "", 0.2, phase="survey")
    permit = Task("permit", 10.0, "", 0.0, phase="permit")
    dig = Task("dig", 10.0, "civil", 0.8)
    step = plan([work("a", [survey, permit, dig])])
    events = run(step, options=options(failures=LOST))
    assert lines(events)[2:] == [
        (5.0, "finished", "a", "survey", -20, ""),
        (15.0, "finished", "a", "permit", 0, ""),
        (15.0, "cancelled", "a", "", -80, "site lost"),
    ]
    assert [funds["all"] for _, _, funds, _ in step.calls][:2] == [1000, 980]
    assert step.given_up == [{}, {"a": 0}] + [{"a": 0}] * 10


def test_money_of_a_project_given_up_lapses_where_that_is_the_rule():
    step = plan([work("a", [PERMIT, DIG])])
    events = run(step, options=options(failures=LOST, refund="lapse"))
    assert lines(events)[-2:] == [
        (30.0, "cancelled", "a", "", -100, "site lost"),
        (30.0, "lapsed", "", "", -100, "given up"),
    ]
    assert step.calls[-1][2] == {"all": 900}


def test_what_was_bought_stays_bought_and_paid():
    bought = work("a", [PERMIT, DIG], buys=(("duct", 40),), matching=("fund", 25))
    events = run(plan([bought]), {0: {"all": 500, "fund": 500}}, options=options(failures=LOST))
    assert lines(events)[-4:] == [
        (30.0, "paid", "a", "", -30, ""),
        (30.0, "paid", "a", "", -10, ""),
        (30.0, "cancelled", "a", "", -45, "site lost"),
        (30.0, "returned", "a", "", -15, "site lost"),
    ]
    paid = events[events["event"] == "paid"]
    assert paid["pot"].tolist() == ["all", "fund"]


def test_projects_that_require_one_given_up_are_given_up_too():
    only_site = {"site lost": Failure(chance=1.0, builds=("new site",))}
    works = [
        work("site", [PERMIT, DIG], build="new site"),
        work("board", [Task("order", 3.0), DIG], requires="site"),
        work("late", [Task("order", 60.0), DIG], requires="board"),
        work("other", [PERMIT, DIG]),
    ]
    step = plan(works)
    events = run(step, options=options(failures=only_site), crews={("P", "civil"): 3})
    gone = events[events["event"] == "cancelled"].set_index("project_id")["cause"].to_dict()
    assert gone == {"site": "site lost", "board": "requires site", "late": "requires board"}
    assert set(events["project_id"][events["event"] == "activated"]) == {"other"}
    assert of(events, "finished", "late").empty


def test_funding_on_what_was_given_up_stops_the_run():
    def step(month, progress, funds_fen, release):
        works = {0: [work("site", [PERMIT, DIG])], 3: [work("board", requires="site")]}
        return Step(works=tuple(works.get(month, ())))

    with pytest.raises(RolloutError, match="though site, which it requires, was given up"):
        run(step, options=options(failures=LOST))


def test_chance_decides_who_fails_and_only_where_a_permit_is_asked():
    works = [work(f"p{k}", [PERMIT, DIG]) for k in range(4000)]
    rules = {"b": Failure(chance=0.1), "a": Failure(chance=0.2)}
    gone = failing(works, rules, Streams(1))
    assert len(gone) / 4000 == pytest.approx(1 - 0.9 * 0.8, abs=0.02)
    assert {name: gone[name] for name in list(gone)[:1]}.keys() <= {one.project_id for one in works}
    assert np.mean([cause == "a" for cause in gone.values()]) == pytest.approx(0.2 / 0.28, abs=0.05)
    assert failing([work("x", [DIG])], rules, Streams(1)) == {}
    some = failing(works[:100], rules, Streams(1))
    assert some == {name: cause for name, cause in gone.items() if int(name[1:]) < 100}
