"""A plan fixed beforehand: funded in its order as the pots release money."""

from sim.planning.fixed import FixedPlan
from sim.tables.plan import Progress, Work

NOBODY = Progress({}, {})


class NoSubscribers:
    """Nobody to connect."""

    def connect(self, month, activated, funds):
        return ()

    def set_aside(self, month, funds):
        return None


def work(name, price, pot="a", **rest):
    return Work(name, "ftth", "P", 0, 0.0, price, pot, 1, (), **rest)


def funded(plan, month, funds, release=True):
    return [one.project_id for one in plan(month, NOBODY, funds, release).works]


def fixed(*works, earliest=None, lapsing=frozenset()):
    return FixedPlan(tuple(works), NoSubscribers(), earliest or {}, lapsing)


def test_works_are_funded_in_their_order_and_once():
    plan = fixed(work("x", 60), work("y", 60), work("z", 10))
    assert funded(plan, 0, {"a": 100}) == ["x"]
    # z would be paid, but would eat up what y waits for
    assert funded(plan, 3, {"a": 40}) == []
    assert funded(plan, 6, {"a": 70}) == ["y", "z"]
    assert funded(plan, 9, {"a": 500}) == []
    assert plan.funded == {"x": 0, "y": 6, "z": 6}


def test_where_money_lapses_nobody_waits():
    plan = fixed(work("x", 60), work("y", 10), lapsing=frozenset({"a"}))
    assert funded(plan, 0, {"a": 50}) == ["y"]


def test_pots_do_not_hold_each_other_back():
    plan = fixed(work("x", 60), work("y", 10, "b"))
    assert funded(plan, 0, {"a": 50, "b": 20}) == ["y"]


def test_a_licence_holds_back_only_its_own():
    plan = fixed(work("x", 60), work("y", 10), earliest={"x": 4})
    assert funded(plan, 0, {"a": 100}) == ["y"]
    assert funded(plan, 4, {"a": 100}) == ["x"]


def test_what_is_required_is_funded_before():
    plan = fixed(work("x", 60), work("y", 10, "b", requires="x"))
    assert funded(plan, 0, {"a": 10, "b": 50}) == []
    assert funded(plan, 1, {"a": 60, "b": 50}) == ["x", "y"]


def test_two_pots_share_the_price_of_a_matched_work():
    plan = fixed(work("x", 100, matching=("fund", 30)))
    assert funded(plan, 0, {"a": 70, "fund": 20}) == []
    funds = {"a": 70, "fund": 30}
    assert funded(plan, 1, funds) == ["x"]
    assert funds == {"a": 70, "fund": 30}


def test_between_releases_nothing_is_funded():
    plan = fixed(work("x", 60))
    assert funded(plan, 0, {"a": 100}, release=False) == []
