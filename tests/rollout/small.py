"""Small worlds for the tests of the rollout."""

from types import SimpleNamespace

from sim.clock import Horizon
from sim.randomness import Streams
from sim.rollout.build import roll_out
from sim.rollout.options import Crews, RolloutOptions
from sim.tables.plan import Step, Task, Work

YEAR = Horizon("2014-01", "2014-12")
PLAIN = RolloutOptions(crews=Crews(fibre=1, civil=1, radio=1, install=1), seasons={})
DIG = Task("dig", 10.0, "civil", 1.0)


def money(releases, lapsing=(), earned=None, ahead=None):
    """``releases``: month to pot to fen; ``earned`` and ``ahead``: what milestones and advances add."""
    return SimpleNamespace(
        releases=lambda horizon: releases,
        lapsing=frozenset(lapsing),
        earned=earned or (lambda month, done, horizon: {}),
        ahead=ahead or (lambda month, horizon: {}),
    )


def work(project_id, tasks=(DIG,), price=100, **changes):
    values = {
        "technology": "ftth",
        "prefecture": "P",
        "zone": 0,
        "elevation_m": 0.0,
        "pot": "all",
        "priority": 1,
    }
    return Work(project_id=project_id, price_fen=price, tasks=tuple(tasks), **(values | changes))


def plan(works=(), charges=(), month=0):
    """A plan that asks for works in one month and for charges by month."""
    by_month = dict(charges)
    calls, given_up = [], []

    def step(at, progress, funds_fen, release):
        calls.append((at, dict(progress.activated), dict(funds_fen), release))
        given_up.append(dict(progress.cancelled))
        return Step(charges=tuple(by_month.get(at, ())), works=tuple(works) if at == month else ())

    step.calls, step.given_up = calls, given_up
    return step


def without_crews(events):
    """The log without the rows that count crews."""
    return events[events["event"] != "crews"].reset_index(drop=True)


def run(step, releases=None, crews=None, **changes):
    values = {
        "options": PLAIN,
        "horizon": YEAR,
        "streams": Streams(1),
        "crews": {("P", "civil"): 1, ("P", "fibre"): 1} if crews is None else crews,
    } | changes
    rules = {name: values.pop(name) for name in ("lapsing", "earned", "ahead") if name in values}
    return roll_out(step, money(releases or {0: {"all": 1000}}, **rules), **values)


def lines(events):
    """The log as short tuples: day, event, project, task, money in or out, cause; crews left out."""
    frame = without_crews(events)
    amount = frame["released_fen"] + frame["committed_fen"] - frame["spent_fen"]
    columns = (
        frame["day"].round(6),
        frame["event"],
        frame["project_id"],
        frame["task"],
        amount,
        frame["cause"],
    )
    return list(zip(*columns, strict=True))
