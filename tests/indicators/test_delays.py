"""The table of delays, by hand."""

import numpy as np
import pandas as pd

from sim.indicators.delays import delays_of
from sim.tables.decisions import DECISIONS
from sim.tables.results import CAUSES, DELAYS
from tests.indicators.conftest import log_of
from tests.indicators.test_lives import HORIZON, life
from tests.tiny import fill

ZONES = pd.DataFrame({"kind": ["town", "village"], "county": ["530101", "530102"]})


def table_of(*projects, decisions=None):
    rows = sorted((row for project in projects for row in project), key=lambda row: row["day"])
    months = HORIZON.months_of(np.array([row["day"] for row in rows]))
    events = log_of(*(row | {"month": int(m)} for row, m in zip(rows, months, strict=True)))
    return delays_of(events, DECISIONS.empty() if decisions is None else decisions, ZONES, HORIZON)


BUILT = life(
    "ftth:a",
    (2.0, "funded", {}),
    (20.0, "finished", {"task": "permit", "cause": "permit", "lost_days": 8.0}),
    (20.0, "delayed", {"task": "cable", "cause": "crew", "crew": "P fibre"}),
    (26.0, "started", {"task": "cable", "crew": "P fibre", "cause": "crew", "lost_days": 6.0}),
    (27.0, "delayed", {"task": "splice", "cause": "crew", "crew": "P install"}),
    (30.0, "started", {"task": "splice", "crew": "P install", "cause": "crew", "lost_days": 3.0}),
    (32.0, "activated", {}),
)
STUCK = life("nbiot:b", (25.0, "funded", {}), (36.0, "delayed", {"task": "fit", "cause": "requires lte:x"}))
GONE = life("lte:c", (25.0, "funded", {}), (44.0, "cancelled", {"cause": "permit refused"}))


def test_each_project_has_its_days_by_cause_and_what_held_it_up_longest():
    table = table_of(BUILT, STUCK, GONE).set_index("project_id")
    built = table.loc["ftth:a"]
    assert (built["outcome"], built["funded_month"], built["ended_month"]) == ("in service", 0, 1)
    assert (built["lasted_days"], built["lost_days"]) == (30.0, 17.0)
    assert (built["lost_crew_days"], built["lost_permit_days"]) == (9.0, 8.0)
    assert (built["cause"], built["held_by"]) == ("crew", "P fibre"), "six days, three for the other crew"
    stuck = table.loc["nbiot:b"]
    assert (stuck["outcome"], stuck["ended_month"]) == ("under way", -1)
    assert (stuck["lasted_days"], stuck["lost_requires_days"]) == (61.0, 50.0)
    assert (stuck["cause"], stuck["held_by"]) == ("requires", "lte:x")
    gone = table.loc["lte:c"]
    assert (gone["outcome"], gone["ended_month"], gone["lasted_days"]) == ("given up", 2, 19.0)
    assert (gone["cause"], gone["held_by"]) == ("", "")


def test_the_causes_sum_to_the_days_lost():
    table = table_of(BUILT, STUCK, GONE)
    causes = table[[f"lost_{cause}_days" for cause in CAUSES]].sum(axis=1)
    assert causes.tolist() == table["lost_days"].tolist()


def test_villages_of_a_county_funded_together_are_one_contract():
    decisions = fill(
        DECISIONS, project_id=["ftth:a", "ftth:a", "lte:c"], zone=[1, 1, 0], rank=1, release=[0, 12, 12]
    )
    table = table_of(BUILT, STUCK, GONE, decisions=decisions)
    assert table["zone"].tolist() == [1, -1, 0]
    assert table["contract"].tolist() == ["ftth:530102:0", "", ""], "a town's project is one of its own"


def test_replications_stand_below_one_another():
    again = [row | {"replication": 1} for row in BUILT]
    table = table_of(BUILT, again)
    assert table["replication"].tolist() == [0, 1]
    assert table["lost_days"].tolist() == [17.0, 17.0]


def test_nothing_funded_gives_an_empty_table():
    assert delays_of(log_of(), DECISIONS.empty(), ZONES, HORIZON).equals(DELAYS.empty())
