import simpy

from sim.rollout.crews import Yard
from sim.rollout.log import Log

KEY = ("P", "fibre")


class Job:
    """A job that notes what it is told."""

    def __init__(self, name, told, days=1.0, place=0j):
        self.name, self.told, self.days_asked, self.place = name, told, days, place

    def begins(self, now, way_m):
        self.told.append((self.name, "begins", way_m))

    def waits_for_crew(self, now, crews):
        self.told.append((self.name, "waits", crews))


def pool_of(size):
    env = simpy.Environment()
    yard = Yard(env, {KEY: size}, Log())
    return yard, yard.pool(*KEY), []


def settle(yard):
    """Let the instant end; an event that waits in it makes crews wait for its end."""
    yard.env.timeout(0.0)
    yard.settle(yard.env.now)
    assert yard.called == [] or yard.env.peek() == yard.env.now
    yard.env.run()


def test_the_most_urgent_goes_first_whatever_the_order_of_asking():
    for order in ("bac", "cab", "abc"):
        yard, pool, told = pool_of(1)
        for name in order:
            pool.ask(0.0, {"a": 2, "b": 2, "c": 1}[name], name, Job(name, told))
        settle(yard)
        assert told[0] == ("c", "begins", 0.0)
        assert sorted(told[1:]) == [("a", "waits", 1), ("b", "waits", 1)]
        assert pool.waiting == 2
        assert pool.queued_days == 2.0
        pool.come_back(0j)
        settle(yard)
        pool.come_back(0j)
        settle(yard)
        assert [name for name, what, _ in told if what == "begins"] == ["c", "a", "b"]
        pool.come_back(0j)
        assert (pool.idle, pool.waiting) == (1, 0)


def test_who_asks_an_empty_pool_is_told_at_once_that_there_is_none():
    _, pool, told = pool_of(0)
    pool.ask(0.0, 1, "a", Job("a", told))
    assert told == [("a", "waits", 0)]


def test_the_crew_that_rested_longest_goes():
    yard, pool, told = pool_of(3)
    for number in range(3):
        pool.ask(0.0, 1, str(number), Job("first", []))
    settle(yard)
    for place in (3 + 4j, 100j, 0j):
        pool.come_back(place)
    for name in "ab":
        pool.ask(0.0, 1, name, Job(name, told))
    settle(yard)
    assert told == [("a", "begins", 5.0), ("b", "begins", 100.0)]
    assert pool.idle == 1


def test_crews_join_and_leave():
    yard, pool, told = pool_of(1)
    for name in "ab":
        pool.ask(0.0, 1, name, Job(name, told))
    settle(yard)
    pool.join()
    settle(yard)
    assert [row[:2] for row in told] == [("a", "begins"), ("b", "waits"), ("b", "begins")]
    pool.come_back(3 + 4j)
    pool.leave()
    assert (pool.size, pool.idle) == (1, 0)


def test_a_pool_is_made_once_and_empty_where_the_table_is_silent():
    log = Log()
    yard = Yard(simpy.Environment(), {("P", "fibre"): 2}, log)
    assert yard.pool("P", "fibre") is yard.pool("P", "fibre")
    assert yard.pool("Q", "fibre").size == 0
    assert yard.pool("P", "fibre").label == "P fibre"
    assert log.codes.names == ["", "P fibre", "Q fibre"]
    assert len(log) == 2
