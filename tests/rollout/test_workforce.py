from sim.rollout.options import Hire, Lend, RolloutOptions
from sim.tables.plan import Task
from tests.rollout.small import PLAIN, plan, run, work

BRIEF = Task("dig", 10.0, "civil", 1.0)
CREWS = {("P", "civil"): 2, ("Q", "civil"): 2, ("P", "fibre"): 3}


def counts(events):
    rows = events[(events["event"] == "crews") & (events["day"] > 0)]
    return [
        (day, crew, number, cause)
        for day, crew, number, cause in zip(
            rows["day"], rows["crew"], rows["quantity"], rows["cause"], strict=True
        )
    ]


def options(**rules):
    return RolloutOptions(crews=PLAIN.crews, seasons={}, **rules)


def rows(count):
    return [work(f"p{k:02}", [BRIEF], price=0, priority=k) for k in range(count)]


def test_nothing_is_hired_or_moved_without_a_rule():
    assert counts(run(plan(rows(20)), crews=CREWS)) == []


def test_crews_are_hired_when_the_queue_stays_long_and_no_more_than_allowed():
    rule = Hire(queue_days=20.0, lead_time=15.0, factor=2.0)
    events = run(plan(rows(40)), crews=CREWS, options=options(hire=rule))
    second = 23 + 20  # first days of February and March 2014, both with long queues
    assert counts(events) == [(second + 15.0, "P civil", 4, "hired")]
    slow = run(plan(rows(40)), crews=CREWS)
    last = [frame[frame["event"] == "activated"]["day"].max() for frame in (events, slow)]
    assert last[0] < last[1]


def test_a_short_queue_hires_nobody():
    rule = Hire(queue_days=20.0, lead_time=15.0, factor=2.0)
    assert counts(run(plan(rows(6)), crews=CREWS, options=options(hire=rule))) == []


def test_idle_crews_of_other_prefectures_are_lent_and_come_after_their_move():
    rule = Lend(queue_days=30.0, mobilisation=5.0)
    events = run(plan(rows(20)), crews=CREWS, options=options(lend=rule))
    assert counts(events) == [(23.0, "Q civil", 0, "moved"), (28.0, "P civil", 4, "moved")]
    done = events[events["event"] == "activated"]["day"].max()
    assert done < run(plan(rows(20)), crews=CREWS)["day"].max()


def test_crews_come_back_where_work_waits():
    rule = Lend(queue_days=30.0, mobilisation=5.0)
    first = rows(20)
    again = [work(f"q{k:02}", [Task("order", 60.0), BRIEF], 0, prefecture="Q") for k in range(30)]
    events = run(plan([*first, *again]), crews=CREWS, options=options(lend=rule))
    moved = [row for row in counts(events) if row[0] > 60.0]
    assert [row[1] for row in moved[:2]] == ["P civil", "Q civil"]
    assert events["event"].eq("activated").sum() == 50
