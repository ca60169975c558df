"""Whole runs on a made-up region: the promises that no stage can keep alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.errors import DataError, ScenarioError
from sim.files import write_parquet
from tests.world import load, run, simulate, world

TABLES = ("events", "decisions", "indicators", "spending", "scorecard")
NO_MONEY = ("budget.scale", "0")
CREWS = tuple((f"rollout.crews.{skill}", "200") for skill in ("fibre", "civil", "radio", "install"))
SIX_YEARS = ("horizon.last", "2019-12")


def fibre(state):
    return state.technology("ftth")


def first_fibre(events):
    """Return the events of projects that bring fibre to a zone; 10G exchanges its electronics later."""
    projects = events["project_id"].str
    return events[projects.startswith("ftth:") & ~projects.endswith(":10g")]


def months_to_service(made, kind):
    """Return months from funding to service of the FTTH projects of one kind, funded in the first half."""
    events = first_fibre(made.events)
    funded = events[events["event"] == "funded"].set_index("project_id")["day"]
    active = events[events["event"] == "activated"].set_index("project_id")["day"]
    zones = made.area.zones.set_index("zone_id")["kind"]
    mine = [
        name for name in funded.index if (zones[name.partition(":")[2]] == "village") == (kind == "village")
    ]
    early = [name for name in mine if funded[name] < 261]
    return (active.reindex(early) - funded[early]) / (261 / 12)


def test_a_run_says_what_happened():
    made = run()
    assert len(made.area.zones) == 60
    assert set(made.events["event"]) >= {
        "released",
        "funded",
        "started",
        "finished",
        "activated",
        "connected",
    }
    assert len(made.scorecard) > 50
    assert made.funding[-1]["pot"] == "all"
    assert len(made.invariants) == 6


# ---- without money nothing new


@pytest.fixture(scope="module")
def poor():
    return run(NO_MONEY)


def test_without_money_no_home_is_newly_passed(poor):
    state, ground = poor.states[0], world(NO_MONEY).prepared.ground
    share = ground.standing_share["ftth"]
    assert (state.homes_passed[:, fibre(state)] == np.floor(share * state.homes + 1e-6)).all()
    for name in ("lte", "nbiot", "satellite"):
        assert not state.covered_share[:, state.technology(name)].any()
    assert set(poor.events["event"]) <= {"crews", "released", "connected"}
    assert poor.events["spent_fen"].sum() == 0


def test_without_money_no_rate_exceeds_standing_plant(poor):
    state, ground = poor.states[0], world(NO_MONEY).prepared.ground
    for name in ("dsl", "ftth"):
        index = state.technology(name)
        assert (state.peak_mbps[:, index] <= ground.standing_mbps[name]).all()
        assert (state.subscribed_mbps[:, index] <= ground.standing_mbps[name] + 1e-4).all()
    shown = poor.indicators[poor.indicators["indicator"].str.startswith("homes_newly_passed")]
    assert (shown["value"] == 0).all()


def test_without_money_nobody_new_is_on_fibre(poor):
    state = poor.states[0]
    total = state.subscribers[:, fibre(state)].sum(axis=1)
    assert (np.diff(total) <= 1e-3).all()


# ---- regions and horizons at the edge


def test_ten_zones_of_which_one_is_a_village():
    made = run(zones=10, counties=1, prefectures=1, urban_share=0.9)
    assert (made.area.zones["kind"] == "village").sum() == 1
    assert len(made.scorecard) > 50


def test_villages_alone():
    made = run(zones=12, counties=1, prefectures=1, urban_share=0.0)
    assert not made.area.urban.any()
    urban = made.indicators[made.indicators["breakdown"] == "urban"]
    assert np.isfinite(urban["value"]).all()


def test_twenty_years():
    made = run(("horizon.last", "2033-12"), zones=40)
    assert made.horizon.months == 240
    state = made.states[0]
    assert state.homes_passed.shape[0] == 240
    share = state.homes_passed[-1, fibre(state)].sum() / state.homes[-1].sum()
    assert share > 0.9
    assert made.events["month"].max() < 240
    assert (made.indicators["month"].max()) == 239


def test_one_month():
    made = run(("horizon.last", "2014-01"))
    assert made.horizon.months == 1
    active = made.events[made.events["event"] == "activated"]
    assert not active["project_id"].str.startswith("ftth:").any()
    assert (made.scorecard["verdict"].isin(["met", "missed", "at risk", "trend", "not judged"])).all()


def test_crews_that_nobody_has_are_told_before_anything_runs():
    none = tuple((f"rollout.crews.{skill}", "0") for skill in ("fibre", "civil", "radio", "install"))
    with pytest.raises(ScenarioError) as caught:
        load(*none)
    said = {problem.key: problem.message for problem in caught.value.problems}
    assert sorted(said) == sorted(key for key, _ in none)
    assert "there are no fibre crews, but ftth" in said["rollout.crews.fibre"]


def test_a_trickle_of_crews_builds_what_it_can_and_says_why_the_rest_waits():
    few = tuple((f"rollout.crews.{skill}", "0.000001") for skill in ("fibre", "civil", "radio", "install"))
    made = run(*few)
    waiting = made.events[(made.events["event"] == "delayed") & (made.events["cause"] == "crew")]
    assert len(waiting) > 10
    half_way = made.events[made.events["month"] < made.horizon.months // 2]["event"]
    assert half_way.eq("activated").sum() < half_way.eq("funded").sum()


def test_before_the_licence_there_is_no_nbiot_and_the_user_is_told():
    loaded = load(("horizon.last", "2015-12"))
    said = [str(notice) for notice in loaded.notices]
    assert any("nbiot" in notice and "2017-06" in notice for notice in said)
    made = run(("horizon.last", "2015-12"))
    assert not made.events["project_id"].str.startswith("nbiot:").any()
    assert not made.states[0].covered_share[:, made.states[0].technology("nbiot")].any()
    assert any("nbiot" in note for note in made.notes)


def test_targets_that_hold_already_are_marked():
    """3G covers everybody and copper stands in every village in month 0."""
    made = run(
        NO_MONEY,
        ("standing.umts_population", "1.0"),
        ("standing.dsl_villages", "1.0"),
        ("standing.dsl_village_homes", "1.0"),
    )
    held = made.scorecard[made.scorecard["at_start"]]
    assert len(held) > 0
    assert (held["verdict"] == "met").any()
    before = run(NO_MONEY).scorecard
    assert len(held) >= before["at_start"].sum()
    assert set(held["first_met"]) == {"2014-01"}


# ---- luck


def test_replications_give_chances():
    made = run(("replications", "3"), ("demand.draws", "0"))
    assert len(made.states) == 3
    assert sorted(made.events["replication"].unique()) == [0, 1, 2]
    judged = made.scorecard[made.scorecard["verdict"].isin(["met", "missed", "at risk"])]
    chance = judged.loc[judged["chance_met"] != "", "chance_met"].astype(float)
    assert len(chance) > 5
    assert {round(value, 3) for value in chance} <= {0.0, 0.333, 0.667, 1.0}
    first = made.events[made.events["replication"] == 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(first, run().events)


def test_draws_give_chances_where_demand_decides():
    made = run(("demand.draws", "8"))
    assert sorted(made.draws["replication"].unique()) == list(range(8))
    judged = made.scorecard[made.scorecard["indicator"] == "fixed_broadband_household_penetration"]
    chance = judged.loc[judged["chance_met"] != "", "chance_met"].astype(float)
    assert len(chance) > 0
    assert {round(8 * value, 3) for value in chance} <= set(map(float, range(9)))
    assert made.facts()["drawn"]["draws"] == 8
    assert run(("demand.draws", "0")).facts()["drawn"] == {}


def waits(made, technology="ftth:"):
    """Return the days from funding to the end of procurement by project: pure waiting, no crew."""
    events = made.events[made.events["project_id"].str.startswith(technology)]
    funded = events[events["event"] == "funded"].set_index("project_id")["day"]
    done = events[(events["event"] == "finished") & (events["task"] == "procurement")]
    return (done.set_index("project_id")["day"] - funded).dropna().round(6)


@pytest.mark.parametrize(
    "change", [("technologies.lte", "null"), ("budget.scale", "3.0"), ("technologies.satellite", "null")]
)
def test_other_plans_leave_the_luck_of_a_project_alone(change):
    one, other = waits(run()), waits(run(change))
    common = one.index.intersection(other.index)
    assert len(common) > 10
    assert np.abs(one[common] - other[common]).max() < 1e-5


def test_another_seed_is_other_luck():
    one, other = waits(run()), waits(run(("seed", "7")))
    common = one.index.intersection(other.index)
    assert np.abs(one[common] - other[common]).median() > 1


def test_the_same_scenario_twice_gives_the_same_tables(tmp_path):
    one, other = run(), simulate(load())
    for table in TABLES:
        first, second = getattr(one, table), getattr(other, table)
        pd.testing.assert_frame_equal(first, second)
        for name, frame in (("one", first), ("other", second)):
            write_parquet(tmp_path / name, frame)
        assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes(), table
    for part in ("homes_passed", "subscribers", "covered_share", "busy_hour_mbps", "sites"):
        assert (getattr(one.states[0], part) == getattr(other.states[0], part)).all(), part


# ---- how long villages take


@pytest.fixture(scope="module")
def rural():
    """Four hundred villages with enough crews and money."""
    return run(
        SIX_YEARS,
        *CREWS,
        ("budget.scale", "20"),
        ("standing.ftth_villages", "0"),
        ("standing.ftth_homes", "0"),
        zones=400,
        urban_share=0.1,
    )


def test_villages_of_a_contract_have_their_papers_together_and_it_ends_with_the_last(rural):
    """Sourced: 12 to 24 months from contract to service of a batch; with crews to spare it is the least."""
    months = months_to_service(rural, "village")
    assert len(months) > 200
    assert months.notna().all()
    names = months.index
    events = first_fibre(rural.events).set_index("project_id")
    funded = events[events["event"] == "funded"].loc[names, "month"]
    papers = events[(events["event"] == "finished") & (events["task"] == "procurement")].loc[names, "day"]
    contract = pd.Series(names, index=names).str.slice(5, 11) + " " + funded.astype(str)
    assert contract.nunique() >= 3
    assert (papers.groupby(contract).max() == papers.groupby(contract).min()).all()
    ends = months.groupby(contract).max()
    assert ends.min() >= 6
    assert 9 <= ends.median() <= 24
    assert (ends - months.groupby(contract).min()).median() > 0.5


def test_towns_are_quicker_than_villages(rural):
    town, village = (months_to_service(rural, kind) for kind in ("town", "village"))
    assert len(town) > 5
    assert town.median() < 0.6 * village.median()


def test_no_village_is_served_by_month_3(rural):
    kinds = rural.area.zones.set_index("zone_id")["kind"]
    events = first_fibre(rural.events)
    active = events[(events["event"] == "activated") & (events["month"] <= 3)]
    names = [name.partition(":")[2] for name in active["project_id"]]
    assert not (kinds[names] == "village").any()


# ---- demand


def test_a_doubled_price_lowers_take_up():
    cheap, dear = (
        run().states[0],
        run(("demand.fixed_price", "120"), ("demand.fixed_reference_price", "60")).states[0],
    )
    fixed = [cheap.technology("dsl"), fibre(cheap)]
    assert dear.subscribers[-1, fixed].sum() < 0.85 * cheap.subscribers[-1, fixed].sum()


# ---- the user's own data


def test_own_coverage_replaces_the_rule(tmp_path):
    zones = world().area.zones["zone_id"]
    path = tmp_path / "coverage.csv"
    path.write_text(
        "zone_id,technology,homes_share,capability_mbps,subscribers\n"
        + "".join(f"{zone},ftth,1,200,5\n" for zone in zones),
        encoding="utf-8",
    )
    made = run(("standing.coverage", str(path)), NO_MONEY)
    state = made.states[0]
    assert (state.homes_passed[:, fibre(state)] == state.homes).all()
    assert (state.peak_mbps[:, fibre(state)] == 200).all()
    assert not made.events["project_id"].str.startswith("ftth:").any()


def test_bad_rows_of_own_tables_are_all_reported(tmp_path):
    path = tmp_path / "sites.csv"
    path.write_text("latitude,longitude,technology,height_m\n99,0,lte,30\n1,1,6g,-3\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        simulate(load(("standing.sites", str(path))))
    assert {(problem.line, problem.key) for problem in caught.value.problems} == {
        (2, "latitude"),
        (3, "latitude"),
        (3, "technology"),
        (3, "height_m"),
    }


def price_sheet(tmp_path, row):
    path = tmp_path / "my prices.csv"
    head = "name,value,unit,low,high,year,scope,source,confidence\n"
    path.write_text(head + row, encoding="utf-8")
    return ("parameters.sheets", f"['{path}']")


def test_own_price_sheet_changes_prices(tmp_path):
    sheet = price_sheet(tmp_path, "pole_line_price,24,yuan/m,20,25,2015,mine,own tender,high\n")
    before, after = world().propose("ftth").candidates, world(sheet).propose("ftth").candidates
    villages = (before["build"] == "village").to_numpy()
    assert world(sheet).technologies["ftth"].odn.pole_price == pytest.approx(24.0)
    assert (after["civil_fen"][villages] > 1.1 * before["civil_fen"][villages]).all()
    assert (after["civil_fen"][villages] < 2.0 * before["civil_fen"][villages]).all(), "lines are not all"
    assert (after["civil_fen"][~villages] == before["civil_fen"][~villages]).all()


def test_a_bad_price_sheet_is_reported(tmp_path):
    sheet = price_sheet(tmp_path, "aerial_cable_price,22,yuan/m,30,25,2015,mine,own tender,high\n")
    with pytest.raises(ScenarioError, match="lies outside its own range"):
        load(sheet)
