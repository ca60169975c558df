"""Tests of the indicators by subject: each stands somewhere, at the ends of years, and in the file."""

import pandas as pd
import pytest

from sim.indicators.registry import REGISTRY
from sim.report.subjects import by_subject, shown_months, subject_of, year_ends
from sim.store import open_run
from tests.tiny import make_run


def test_every_indicator_of_the_registry_has_a_subject_of_its_own():
    lost = [name for name in REGISTRY if subject_of(name) == "Other"]
    assert lost == [], f"give a subject to {lost}"


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("access_capability_mbps", "Bandwidth of homes"),
        ("lte_village_measured_share", "Villages"),
        ("cable_homes_passed", "Cable and triple play"),
        ("price_per_mbps", "Traffic and tariffs"),
        ("ftth_cost_per_home_passed", "Money"),
        ("something_else", "Other"),
    ],
)
def test_a_name_tells_its_subject(name, subject):
    assert subject_of(name) == subject


def test_every_subject_has_its_place_on_the_page(run_folder):
    from sim.report import subjects

    assert {name for name, _ in subjects._SUBJECTS} | {"Other"} == set(subjects._ORDER)


def test_the_months_are_the_start_the_ends_of_years_and_the_end(run_folder):
    run = open_run(run_folder)
    assert shown_months(run) == [0, 11, 23]
    labels, subjects = by_subject(run)
    assert labels == ["2014-01", "2014-12", "2015-12"]
    rows = {row["key"]: row for part in subjects for row in part["indicators"]}
    assert set(rows) == set(run.indicators["indicator"])
    lines = {line["breakdown"]: line["values"] for line in rows["ftth_homes_passed_share"]["lines"]}
    assert lines["urban"] == ["0", "27.5", "57.5"]
    assert rows["ftth_homes_passed_share"]["unit"] == "%"


def test_the_file_holds_every_breakdown_with_its_range():
    run = make_run(replications=3)
    more = pd.concat([run.indicators.assign(replication=n, value=run.indicators["value"] * (1 + n))
                      for n in range(3)])  # fmt: skip
    table = year_ends(make_run(indicators=more, replications=3))
    assert set(table["month"]) == {"2014-01", "2014-12", "2015-12"}
    assert set(table["breakdown"]) == {"all", "urban", "rural"}
    row = table[(table["indicator"] == "busy_hour_mbps") & (table["month"] == "2014-01")].iloc[0]
    assert row["p10"] < row["mean"] < row["p90"]


def test_a_month_without_a_value_shows_a_dash(run_folder):
    run = open_run(run_folder)
    table = run.indicators
    vars(run)["indicators"] = table[~((table["indicator"] == "busy_hour_mbps") & (table["month"] == 11))]
    _, subjects = by_subject(run)
    rows = {row["key"]: row for part in subjects for row in part["indicators"]}
    assert rows["busy_hour_mbps"]["lines"][0]["values"][1] == "–"
