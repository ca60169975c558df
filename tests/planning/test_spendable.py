"""Money that crews cannot spend, by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.clock import Horizon
from sim.planning.spendable import FIELD_SKILLS, Efforts, efforts_of, spendable, unspendable
from sim.tables.plan import ASSETS, CANDIDATES, NEEDED, SERVICE, Proposal, Task
from tests.tiny import fill

YEAR = Horizon("2014-01", "2014-12")
MILLION = 100_000_000


def efforts(*rows):
    """``rows``: price [million yuan], prefecture, waiting days, days by skill."""
    return Efforts(
        price_fen=np.array([row[0] * MILLION for row in rows], dtype=float),
        prefecture=np.array([row[1] for row in rows], dtype=object),
        wait_days=np.array([row[2] for row in rows], dtype=float),
        crew_days={
            skill: np.array([row[3].get(skill, 0.0) for row in rows], dtype=float) for skill in FIELD_SKILLS
        },
    )


def money(**by_month):
    releases = {int(month[1:]): {"all": int(million * MILLION)} for month, million in by_month.items()}
    return SimpleNamespace(releases=lambda horizon: releases)


def test_the_dearest_days_are_used_first_and_the_last_work_in_part():
    works = efforts((10, "P", 0, {"fibre": 10}), (40, "P", 0, {"fibre": 20}), (5, "P", 0, {}))
    # 25 days: the second whole (20 days), half of the first, and what needs no such crew
    most, skill = spendable(works, {("P", "fibre"): 1}, 25.0)
    assert most == pytest.approx((40 + 5 + 5) * MILLION)
    assert skill == "fibre"
    assert spendable(works, {("P", "fibre"): 2}, 25.0) == (55.0 * MILLION, "")


def test_crews_of_one_prefecture_do_not_work_in_another_and_the_scarcest_skill_decides():
    works = efforts((10, "P", 0, {"fibre": 10, "radio": 40}), (10, "Q", 0, {"fibre": 10}))
    crews = {("P", "fibre"): 9, ("P", "radio"): 1, ("Q", "radio"): 9}
    # fibre: nobody in Q, 10 of 20; radio: a quarter of the first and all of the second
    assert spendable(works, crews, 10.0) == (10.0 * MILLION, "fibre")
    assert spendable(works, crews | {("Q", "fibre"): 1}, 10.0) == (12.5 * MILLION, "radio")


def test_what_cannot_be_done_in_time_takes_no_money():
    works = efforts((10, "P", 100, {"fibre": 1}), (20, "P", 10, {"fibre": 1}))
    assert spendable(works, {("P", "fibre"): 5}, 50.0) == (20.0 * MILLION, "")


def test_enough_crews_are_told_nothing():
    works = efforts((10, "P", 0, {"fibre": 10}))
    assert unspendable(works, {("P", "fibre"): 1}, money(m0=100), YEAR) == ()


def test_too_few_crews_are_told_with_figures():
    # 2014 has 261 working days; a crew builds for a million yuan a day
    works = efforts((1000, "P", 0, {"fibre": 1000}))
    (told,) = unspendable(works, {("P", "fibre"): 1}, money(m0=300), YEAR)
    assert told.startswith(
        "About 39 of the 300 million yuan released from 2014-01 on cannot be spent on works"
    )
    assert "by 2014-12 with these crews: the 1 fibre crews can build for 261 million yuan" in told
    assert "rollout.crews.fibre" in told


def test_money_that_comes_late_is_held_against_the_days_that_are_left():
    works = efforts((1000, "P", 0, {"fibre": 1000}))
    # enough over the whole year, but December has 23 working days
    (told,) = unspendable(works, {("P", "fibre"): 1}, money(m0=100, m11=50), YEAR)
    assert told.startswith("About 27 of the 50 million yuan released from 2014-12 on")


def test_too_few_candidates_are_not_blamed_on_crews():
    works = efforts((10, "P", 0, {"fibre": 10}))
    assert unspendable(works, {("P", "fibre"): 50}, money(m0=1000), YEAR) == ()
    assert unspendable(efforts(), {}, money(m0=1000), YEAR) == ()


class Builder:
    """Asks for ten days of papers, then the field days with fibre, then one day of fitting."""

    def __init__(self):
        self.asked = 0

    def steps(self, row):
        self.asked += 1
        days = float(row["field_days"])
        return (
            Task("permit", 10.0), Task("cable", days, "fibre"), Task("report", 3.0, "software"),
            Task("fit", 1.0, "install"), Task("papers", 5.0),
        )  # fmt: skip


def test_efforts_come_from_the_tasks_and_shared_assets_count_once():
    candidates = fill(
        CANDIDATES, project_id=["x:a", "x:b", "x:c"], technology="x", use="fixed", zone=[0, 1, 1],
        location=-1, build="village", field_days=[4.0, 6.0, 6.0], quantity=1, active_fen=[100, 200, 300],
    )  # fmt: skip
    assets = fill(ASSETS, asset_id=["way"], civil_fen=[1000])
    needed = NEEDED.frame(project_id=["x:a", "x:b"], asset_id=["way", "way"])
    builder = Builder()
    zones = pd.DataFrame({"prefecture": ["P", "Q"]})
    found = efforts_of({"x": Proposal(candidates, assets, needed, SERVICE.empty())}, {"x": builder}, zones)
    assert found.price_fen.tolist() == [600.0, 700.0, 300.0]
    assert found.prefecture.tolist() == ["P", "Q", "Q"]
    assert found.wait_days.tolist() == [13.0, 13.0, 13.0], "papers after the last crew hold nobody up"
    assert found.crew_days["fibre"].tolist() == [4.0, 6.0, 6.0]
    assert found.crew_days["install"].tolist() == [1.0, 1.0, 1.0]
    assert found.crew_days["radio"].tolist() == [0.0, 0.0, 0.0]
    assert builder.asked == 2, "works alike are asked once"


def test_no_candidates_make_no_efforts():
    none = Proposal(CANDIDATES.empty(), ASSETS.empty(), NEEDED.empty(), SERVICE.empty())
    found = efforts_of({"x": none}, {"x": Builder()}, pd.DataFrame({"prefecture": ["P"]}))
    assert len(found.price_fen) == 0
