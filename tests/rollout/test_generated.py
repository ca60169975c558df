"""Rollouts made up at random: what must hold does, at every event, by a slow fold that shares no code."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.clock import Horizon
from sim.randomness import Streams
from sim.rollout.options import (
    Calendar,
    Crews,
    Failure,
    Hire,
    Lend,
    RolloutOptions,
    Season,
    Shortage,
    Travel,
)
from sim.tables.plan import Charge, Step, Task, Work
from sim.tables.results import EVENT_KINDS
from tests.rollout.small import run

HORIZON = Horizon("2014-01", "2015-06")
POTS = ("east", "fund", "west")


def made_up(rng, count):
    """Works of up to six tasks, with matching, contracts, assets and chains of what they require."""
    works = []
    for number in range(count):
        skills = [str(rng.choice(["", "", "civil", "fibre", "survey"])) for _ in range(rng.integers(0, 6))]
        phases = ["survey", "permit", "procure", "build", "build", "test"]
        shares = rng.dirichlet(np.ones(len(skills))) if skills else []
        tasks = tuple(
            Task(
                f"t{k}",
                float(rng.uniform(0, 30)),
                skill,
                float(share),
                str(rng.choice(["", "s", "t"])),
                0.4,
                bool(rng.random() < 0.5),
                phases[k],
                bool(rng.random() < 0.5),
            )
            for k, (skill, share) in enumerate(zip(skills, shares, strict=True))
        )
        price = int(rng.integers(0, 400))
        bought = price // 3 if rng.random() < 0.3 else 0
        works.append(
            Work(
                f"p{number:02}",
                str(rng.choice(["ftth", "lte"])),
                str(rng.choice(["P", "Q"])),
                number,
                float(rng.uniform(0, 4000)),
                price,
                str(rng.choice(["east", "west"])),
                int(rng.integers(0, 5)),
                tasks,
                ((f"asset {number}", bought),) if bought else (),
                f"p{rng.integers(0, number):02}" if number and rng.random() < 0.4 else "",
                ("fund", price // 4) if rng.random() < 0.4 else None,
                str(rng.choice(["", "c1", "c2"])),
                float(rng.uniform(0, 1e5)),
                float(rng.uniform(0, 1e5)),
            )
        )
    return works


class Planner:
    """Funds in their order what money allows, and connects some subscribers."""

    def __init__(self, rng, works):
        self.rng, self.left = rng, list(works)
        self.done = set()

    def __call__(self, month, progress, funds_fen, release):
        funds = dict(funds_fen)
        charges, works = [], []
        if self.rng.random() < 0.3:
            amount = int(self.rng.integers(0, 1 + funds.get("west", 0)))
            charges = [Charge("ftth", "west", amount, 1, 0.5)]
            funds["west"] = funds.get("west", 0) - amount
        for work in list(self.left) if release else []:
            matched = work.matching[1] if work.matching else 0
            asked = {work.pot: work.price_fen - matched} | ({"fund": matched} if matched else {})
            fits = all(funds.get(pot, 0) >= fen for pot, fen in asked.items())
            ready = not work.requires or (
                work.requires in self.done and work.requires not in progress.cancelled
            )
            if fits and ready:
                for pot, fen in asked.items():
                    funds[pot] -= fen
                works.append(work)
                self.done.add(work.project_id)
                self.left.remove(work)
        return Step(tuple(charges), tuple(works))


def conditions(rng):
    def maybe(value):
        return value if rng.random() < 0.5 else None

    seasons = {
        "rain": Season(months=(5, 6, 7), productivity=float(rng.uniform(0, 1)), above_m=1000.0),
        "winter": Season(months=(12, 1), productivity=float(rng.uniform(0, 1)), above_m=3000.0),
    }
    short = Shortage(
        first_month="2014-02", last_month="2014-07", factor=1.5, most_per_month=int(rng.integers(0, 4))
    )
    return RolloutOptions(
        crews=Crews(fibre=1, civil=1, radio=1, install=1),
        seasons=seasons if rng.random() < 0.5 else {},
        calendar=maybe(Calendar(country="CN", pause_before=5, pause_after=9)) or Calendar(),
        travel=maybe(Travel(speed=30.0, route_factor=1.4, hours=8.0)),
        shortages={"boards": short} if rng.random() < 0.5 else {},
        failures={"lost": Failure(chance=0.3)} if rng.random() < 0.5 else {},
        refund=str(rng.choice(["return", "lapse"])),
        hire=maybe(Hire(queue_days=10.0, lead_time=7.0, factor=2.0)),
        lend=maybe(Lend(queue_days=10.0, mobilisation=4.0)),
        spread=float(rng.choice([0.0, 1.0])),
    )


def world(seed):
    """Return the log of a made-up rollout, its works and what may be committed in advance by month."""
    rng = np.random.default_rng(seed)
    works = made_up(rng, int(rng.integers(1, 25)))
    releases = {
        month: {pot: int(rng.integers(0, 600)) for pot in POTS if rng.random() < 0.7}
        for month in range(HORIZON.months)
        if rng.random() < 0.6
    }
    reach = int(rng.integers(0, 4))

    def ahead(month, horizon):
        most = defaultdict(int)
        for later, amounts in releases.items():
            for pot, fen in amounts.items():
                most[pot] += fen if month < later <= month + reach else 0
        return dict(most)

    prize = int(rng.integers(0, 200))
    crews = {(name, skill): int(rng.integers(0, 3)) for name in "PQ" for skill in ("civil", "fibre")}
    events = run(
        Planner(rng, works),
        releases,
        crews,
        options=conditions(rng),
        horizon=HORIZON,
        streams=Streams(seed),
        lapsing=["east"] if rng.random() < 0.5 else [],
        ahead=ahead,
        earned=lambda month, done, horizon: {"east": prize if done.get("ftth", 0) >= 2 else 0},
    )
    return events, {one.project_id: one for one in works}, [ahead(m, HORIZON) for m in range(HORIZON.months)]


class Books:
    """The log told row by row."""

    def __init__(self, works, ahead):
        self.works, self.ahead = works, ahead
        self.released, self.spent, self.committed = defaultdict(int), defaultdict(int), defaultdict(int)
        self.paid, self.promised, self.tasks = defaultdict(int), defaultdict(int), defaultdict(int)
        self.busy, self.crews = defaultdict(int), defaultdict(int)
        self.phase, self.waits, self.bought = {}, {}, set()
        self.last = 0.0

    def tell(self, row):
        assert self.last <= row["day"] < HORIZON.end_day
        self.last = row["day"]
        self._money(row)
        self._crews(row)
        if row["event"] in ("started", "delayed", "finished", "activated", "cancelled", "funded", "bought"):
            self._project(row, row["event"], row["project_id"])
            self._wait(row, row["event"], row["project_id"])

    def _money(self, row):
        pot, name, at_once = row["pot"], row["project_id"], row["event"] == "connected"
        self.released[pot] += row["released_fen"]
        self.spent[pot] += row["spent_fen"]
        self.committed[pot] += row["committed_fen"] + (row["spent_fen"] if at_once else 0)
        assert self.committed[pot] <= self.released[pot] + self.ahead[row["month"]].get(pot, 0)
        assert self.spent[pot] <= min(self.released[pot], self.committed[pot])
        self.promised[name] += row["committed_fen"]
        self.paid[name] += 0 if at_once else row["spent_fen"]
        assert self.paid[name] <= self.promised[name]

    def _crews(self, row):
        crew = row["crew"]
        if row["event"] == "crews":
            self.crews[crew] = row["quantity"]
        elif crew:
            self.busy[crew] += {"started": 1, "finished": -1}.get(row["event"], 0)
        assert 0 <= self.busy[crew] <= self.crews[crew]

    def _project(self, row, kind, name):
        required = self.works[name].requires
        if kind == "funded":
            assert name not in self.phase
            assert not required or self.phase[required] != "cancelled"
            self.phase[name] = kind
        assert self.phase[name] == "funded"
        if kind == "bought":
            assert row["task"] not in self.bought
            self.bought.add(row["task"])
        self.tasks[name] += kind == "finished"
        if kind == "activated":
            assert self.tasks[name] == len(self.works[name].tasks)
            assert not required or self.phase[required] == "activated"
        if kind in ("activated", "cancelled"):
            self.phase[name] = kind

    def _wait(self, row, kind, name):
        if kind == "delayed" and row["lost_days"] == 0.0:
            self.waits[name] = (row["day"], row["cause"])
        elif kind in ("started", "activated") and row["lost_days"] > 0.0:
            since, cause = self.waits[name]
            assert row["cause"] == cause
            assert row["lost_days"] == pytest.approx(row["day"] - since)


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32 - 1))
def test_what_must_hold_does_at_every_event(seed):
    events, works, ahead = world(seed)
    books = Books(works, ahead)
    for row in events.to_dict("records"):
        books.tell(row)
    for name, work in works.items():
        if books.phase.get(name) == "activated":
            assert books.promised[name] == work.price_fen
        if books.phase.get(name) == "cancelled":
            assert sum(price for _, price in work.buys) <= books.promised[name] <= work.price_fen


def test_the_made_up_rollouts_show_every_kind_of_event_and_cause():
    logs = [world(seed)[0] for seed in range(60)]
    kinds = {kind for log in logs for kind in log["event"]}
    assert kinds == set(EVENT_KINDS)
    causes = {cause.partition(" ")[0] for log in logs for cause in log["cause"]}
    told = {
        "crew",
        "no",
        "requires",
        "travel",
        "holiday",
        "season",
        "supply",
        "lost",
        "hired",
        "moved",
        "end",
    }
    assert told <= causes


@pytest.mark.parametrize("seed", range(5))
def test_the_same_made_up_rollout_twice_is_the_same(seed):
    assert world(seed)[0].equals(world(seed)[0])
