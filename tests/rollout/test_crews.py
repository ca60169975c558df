import simpy

from sim.rollout.crews import Yard


def test_a_pool_hands_crews_to_the_lowest_priority_then_name():
    env = simpy.Environment()
    pool = Yard(env, {("P", "fibre"): 1}).pool("P", "fibre")
    assert pool.take()
    assert not pool.take()
    events = {name: pool.queue(priority, name) for priority, name in [(2, "b"), (2, "a"), (1, "c")]}
    order = []
    for name, event in events.items():
        event.callbacks.append(lambda _, name=name: order.append(name))
    for _ in range(3):
        assert pool.waiting == 3 - len(order)
        pool.give_back()
        env.run()
    assert order == ["c", "a", "b"]
    pool.give_back()
    assert pool.take()


def test_a_pool_is_made_once_and_empty_where_the_table_is_silent():
    yard = Yard(simpy.Environment(), {("P", "fibre"): 2})
    assert yard.pool("P", "fibre") is yard.pool("P", "fibre")
    assert yard.pool("Q", "fibre").size == 0
    assert not yard.pool("Q", "fibre").take()
    assert yard.pool("P", "fibre").label == "P fibre"
