from sim.clock import Horizon
from sim.rollout.options import Shortage
from sim.rollout.supply import Depot
from sim.tables.plan import Task
from tests.rollout.small import work

YEAR = Horizon("2014-01", "2014-12")
ORDER = Task("order", 10.0, phase="procure")
SPAN = {"first_month": "2014-02", "last_month": "2014-03"}
FEBRUARY, APRIL = YEAR.first_day(1), YEAR.first_day(3)


def test_what_begins_in_a_shortage_takes_as_many_times_as_long():
    depot = Depot({"x": Shortage(**SPAN, factor=3.0)}, YEAR)
    assert depot.delivered(work("a"), ORDER, FEBRUARY - 1.0, 10.0) == FEBRUARY + 9.0
    assert depot.delivered(work("a"), ORDER, FEBRUARY, 10.0) == FEBRUARY + 30.0
    assert depot.delivered(work("a"), ORDER, APRIL, 10.0) == APRIL + 10.0


def test_shortages_that_come_together_add_up():
    depot = Depot({"x": Shortage(**SPAN, factor=2.0), "y": Shortage(**SPAN, factor=1.5)}, YEAR)
    assert depot.delivered(work("a"), ORDER, FEBRUARY, 10.0) == FEBRUARY + 30.0


def test_only_phases_and_technologies_named_feel_it():
    depot = Depot({"x": Shortage(**SPAN, factor=3.0, phases=("permit",), technologies=("lte",))}, YEAR)
    permit = Task("permit", 10.0, phase="permit")
    assert depot.delivered(work("a", technology="lte"), ORDER, FEBRUARY, 10.0) == FEBRUARY + 10.0
    assert depot.delivered(work("a"), permit, FEBRUARY, 10.0) == FEBRUARY + 10.0
    assert depot.delivered(work("a", technology="lte"), permit, FEBRUARY, 10.0) == FEBRUARY + 30.0


def test_no_more_comes_in_a_month_than_there_is_and_all_when_it_is_over():
    depot = Depot({"x": Shortage(**SPAN, most_per_month=1)}, YEAR)
    days = [depot.delivered(work("a"), ORDER, FEBRUARY, 5.0) for _ in range(4)]
    assert days == [FEBRUARY + 5.0, YEAR.first_day(2), APRIL, APRIL]


def test_none_at_all_may_come():
    depot = Depot({"x": Shortage(**SPAN, most_per_month=0)}, YEAR)
    assert depot.delivered(work("a"), ORDER, FEBRUARY, 5.0) == APRIL
