"""Losses read off a log, by hand: January has 23 working days, February 20, March 21, April 22."""

from itertools import pairwise

import numpy as np
import pytest

from sim.clock import Horizon
from sim.indicators.lives import Lives, count_at_month_ends, days_by_month
from sim.tables.plan import Task
from sim.tables.results import CAUSES
from tests.indicators.conftest import log_of
from tests.rollout import small

HORIZON = Horizon("2014-01", "2014-04")
EDGES = np.array([0.0, 23.0, 43.0, 64.0, 86.0])


def life(project, *rows):
    """Return rows (day, event, changes) of a project."""
    return [{"project_id": project, "day": day, "event": event} | changes for day, event, changes in rows]


def lives_of(*projects):
    rows = sorted((row for project in projects for row in project), key=lambda row: row["day"])
    return Lives(log_of(*rows), HORIZON)


def stretches(lives):
    held = lives.losses
    return [
        (lives.names[p], CAUSES[c], float(a), float(b))
        for p, c, a, b in zip(held.project, held.cause, held.start, held.end, strict=True)
    ]


def test_a_wait_lasts_until_the_project_goes_on():
    a = life(
        "a",
        (2.0, "funded", {}),
        (10.0, "delayed", {"task": "dig", "cause": "crew", "crew": "P civil"}),
        (17.5, "started", {"task": "dig", "cause": "crew", "crew": "P civil", "lost_days": 7.5}),
        (20.0, "finished", {"task": "dig"}),
    )
    b = life("b", (2.0, "funded", {}), (12.0, "delayed", {"cause": "requires a"}), (30.0, "activated", {}))
    assert stretches(lives_of(a, b)) == [("a", "crew", 10.0, 17.5), ("b", "requires", 12.0, 30.0)]


def test_one_wait_ends_where_the_next_begins_and_the_last_with_the_horizon():
    a = life(
        "a",
        (0.0, "funded", {}),
        (5.0, "delayed", {"cause": "requires b"}),
        (9.0, "delayed", {"cause": "no crew"}),
    )
    assert stretches(lives_of(a)) == [("a", "requires", 5.0, 9.0), ("a", "crew", 9.0, 86.0)]


def test_losses_known_beforehand_follow_their_row_and_luck_precedes_it():
    a = life(
        "a",
        (0.0, "funded", {}),
        (50.0, "finished", {"task": "permit", "cause": "permit", "lost_days": 12.0}),
        (50.0, "delayed", {"task": "dig", "cause": "supply", "lost_days": 4.0}),
        (60.0, "started", {"task": "dig"}),
        (60.0, "delayed", {"task": "dig", "cause": "season", "lost_days": 6.0}),
        (80.0, "finished", {"task": "dig", "cause": "build", "lost_days": 3.0}),
        (80.0, "delayed", {"task": "lay", "cause": "holiday", "lost_days": 10.0}),
    )
    assert stretches(lives_of(a)) == [
        ("a", "permit", 38.0, 50.0),
        ("a", "supply", 50.0, 54.0),
        ("a", "season", 60.0, 66.0),
        ("a", "work", 77.0, 80.0),
        ("a", "holiday", 80.0, 86.0),
    ]


def test_a_wait_that_is_told_again_at_its_end_counts_once():
    a = life(
        "a",
        (0.0, "funded", {}),
        (5.0, "delayed", {"cause": "requires b"}),
        (9.0, "delayed", {"cause": "requires b", "lost_days": 4.0}),
        (9.0, "delayed", {"cause": "crew"}),
        (12.0, "started", {"cause": "crew", "lost_days": 3.0}),
    )
    assert stretches(lives_of(a)) == [("a", "requires", 5.0, 9.0), ("a", "crew", 9.0, 12.0)]


def test_a_stated_loss_does_not_end_a_wait():
    a = life(
        "a",
        (0.0, "funded", {}),
        (5.0, "delayed", {"cause": "crew"}),
        (8.0, "delayed", {"cause": "travel", "lost_days": 1.0}),
        (9.0, "started", {}),
    )
    assert stretches(lives_of(a)) == [("a", "crew", 5.0, 9.0), ("a", "travel", 8.0, 9.0)]


def test_a_season_that_costs_nothing_is_no_wait_and_an_unknown_cause_is_told_as_other():
    a = life(
        "a", (0.0, "funded", {}), (5.0, "delayed", {"cause": "season"}), (6.0, "delayed", {"cause": "flood"})
    )
    assert stretches(lives_of(a)) == [("a", "other", 6.0, 86.0)]


def test_days_lost_by_project_are_the_sums_of_its_stretches():
    a = life("a", (0.0, "funded", {}), (5.0, "delayed", {"cause": "crew"}), (9.0, "started", {}))
    b = life("b", (0.0, "funded", {}), (5.0, "delayed", {"cause": "money"}), (5.5, "started", {}))
    table = lives_of(a, b).lost_by_project
    assert table.shape == (2, len(CAUSES))
    assert table[:, CAUSES.index("crew")].tolist() == [4.0, 0.0]
    assert table[:, CAUSES.index("money")].tolist() == [0.0, 0.5]
    assert table.sum() == 4.5


def test_stretches_are_split_over_the_months():
    days = days_by_month(np.array([10.0, 23.0, 60.0]), np.array([50.0, 23.0, 86.0]), EDGES)
    # 13 + 20 + 7, nothing, then 4 + 22
    assert days.tolist() == [13.0, 20.0, 11.0, 22.0]
    heavy = days_by_month(np.array([0.0]), np.array([64.0]), EDGES, np.array([3.0]))
    assert heavy.tolist() == [69.0, 60.0, 63.0, 0.0]


def test_month_days_against_a_plain_loop():
    draw = np.random.default_rng(3)
    start = draw.uniform(0, 86, 200)
    end = np.minimum(start + draw.exponential(20, 200), 86.0)
    plain = [
        sum(max(0.0, min(b, high) - max(a, low)) for a, b in zip(start, end, strict=True))
        for low, high in pairwise(EDGES)
    ]
    assert days_by_month(start, end, EDGES) == pytest.approx(plain)
    ends = [
        sum(a < high and (b >= high or high == 86.0 == b) for a, b in zip(start, end, strict=True))
        for high in EDGES[1:]
    ]
    assert count_at_month_ends(start, end, EDGES).tolist() == ends


def test_what_ends_on_the_first_day_of_a_month_was_there_at_the_end_of_the_month_before():
    start, end = np.array([0.0, 5.0]), np.array([23.0, 86.0])
    assert count_at_month_ends(start, end, EDGES).tolist() == [2.0, 1.0, 1.0, 1.0]


def test_an_empty_log_has_no_losses():
    lives = Lives(log_of(), HORIZON)
    assert lives.names == []
    assert len(lives.losses.days) == 0
    assert lives.lost_by_project.shape == (0, len(CAUSES))


def test_waits_are_as_long_as_the_rollout_itself_says():
    permit = Task("permit", 30.0, stream="papers", sigma=0.5, phase="permit")
    dig = Task("dig", 8.0, "civil", 0.5, "field", 0.3, outdoor=True)
    tasks = [permit, dig, Task("cable", 5.0, "fibre", 0.5)]
    works = [
        small.work(f"ftth:{n}", tasks, priority=n, requires="ftth:0" if n % 3 == 1 else "") for n in range(30)
    ]
    crews = {("P", "civil"): 3, ("P", "fibre"): 1}
    events = small.run(small.plan(works), {0: {"all": 100_000}}, crews=crews)
    lives = Lives(events, small.YEAR)
    held = lives.losses
    waits = np.isin(held.cause, [CAUSES.index("crew"), CAUSES.index("requires")])
    ended = waits & (held.end < lives.end_day)
    cause = events["cause"]
    told = events["event"].isin(["started", "activated"]) & (cause != "")
    told |= (events["event"] == "delayed") & cause.str.startswith(("crew", "requires"))
    assert held.days[ended].sum() == pytest.approx(events.loc[told, "lost_days"].sum())
    assert ended.sum() > 20
