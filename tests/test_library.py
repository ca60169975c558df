"""The tables shipped with the project: complete, sourced, in own words, and free of hindsight."""

import csv
import re
from collections import Counter
from datetime import date

import pytest

from sim.clock import month_number
from sim.indicators.composite import members_of
from sim.indicators.history import full_year, read_history
from sim.indicators.registry import REGISTRY
from sim.indicators.targets import OF_THE_NATION, THRESHOLDS, read_targets, targets_of
from sim.parameters import OUTCOME, read_money_rule, read_parameters
from tests.indicators.conftest import target_options

SICHUAN = tuple(f"SC-0{number}" for number in range(1, 7))
"""The targets that SC-13 joins."""


@pytest.fixture(scope="module")
def library():
    from pathlib import Path

    return Path(__file__).resolve().parent.parent / "scenarios" / "library"


@pytest.fixture(scope="module")
def targets(library):
    return read_targets(library / "targets.csv")


@pytest.fixture(scope="module")
def parameters(library):
    return read_parameters(library / "parameters.csv")


def rows(path):
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_every_target_of_the_documents_is_there(targets):
    count = Counter(target.province for target in targets)
    assert count == {"Yunnan": 21, "Sichuan": 17, "Shandong": 16, "Hunan": 30, "China": 97}


def test_every_target_names_an_indicator_or_the_reason_why_not(targets):
    for target in targets:
        assert bool(target.indicator) != bool(target.not_judged), target.target_id
        if target.indicator:
            assert target.indicator in REGISTRY, target.target_id
            announced = REGISTRY[target.indicator].breakdowns
            assert target.breakdown in announced or members_of(target) == SICHUAN, target.target_id


def test_targets_are_in_the_unit_of_their_indicator(targets):
    for target in targets:
        if target.indicator:
            assert target.unit == REGISTRY[target.indicator].unit, target.target_id


def test_what_counts_is_what_the_indicator_counts_and_satellite_only_where_the_clause_allows(targets):
    for target in targets:
        if not target.indicator:
            continue
        allowed = set(REGISTRY[target.indicator].counts)
        assert set(target.counts) <= allowed, target.target_id
        if target.breakdown == "with satellite":
            assert "satellite" in target.counts, target.target_id
    assert [t.target_id for t in targets if "satellite" in t.counts] == ["YN-04", "YN-18"]


def test_shares_lie_between_nothing_and_all(targets):
    for target in targets:
        if target.indicator and target.unit == "share" and target.comparator in THRESHOLDS:
            low, high = target.band
            assert 0 < low <= target.wanted <= high <= 1, target.target_id


def test_a_reading_of_ours_is_explained_and_banded(targets):
    for target in targets:
        if target.indicator and target.interpreted == "yes" and target.comparator in THRESHOLDS:
            assert target.reading, target.target_id
            low, high = target.band
            assert low < high, target.target_id


def test_national_totals_are_not_settled_by_one_province(targets):
    for target in targets:
        if target.of_nation and target.unit in (
            "subscribers",
            "users",
            "sites",
            "homes",
            "persons",
            "connections",
        ):
            assert target.not_judged or target.scope == OF_THE_NATION, target.target_id
    for seen in targets_of(targets, "Hunan", target_options()):
        if seen.scope == OF_THE_NATION:
            assert seen.not_judged, seen.target_id
            assert not seen.indicator, seen.target_id


def test_statements_are_sentences_of_our_own(library, targets):
    header = set(rows(library / "targets.csv")[0])
    assert not header & {"quotation", "quote", "seed_file"}
    for target in targets:
        assert target.statement.isascii(), target.target_id
        assert target.statement.endswith("."), target.target_id


def test_history_reads_and_nothing_is_known_before_it_happened(library):
    observations = read_history(library / "history.csv")
    assert len(observations) == 439
    assert all(o.source for o in observations)


def test_year_end_figures_are_known_in_february_at_the_earliest(library):
    for o in read_history(library / "history.csv"):
        if o.as_of.endswith("-12") and o.period == "full year":
            assert month_number(o.known_from) >= month_number(o.as_of) + 1, o


def test_provincial_yearbooks_are_known_in_october(library):
    yearbook = [o for o in read_history(library / "history.csv") if "yearbook" in o.source]
    assert yearbook
    assert all(o.known_from.endswith("-10") for o in yearbook)


def test_part_years_are_flagged_and_refused(library):
    observations = read_history(library / "history.csv")
    flagged = [o for o in observations if o.part_year]
    assert {("telecom_fixed_asset_investment", "2015-06"), ("telecom_fixed_asset_investment", "2018-09")} <= {
        (o.indicator, o.as_of) for o in flagged
    }
    for year in (2015, 2018):
        with pytest.raises(ValueError, match="part of a year only"):
            full_year(observations, "China", "telecom_fixed_asset_investment", year, "2025-01")
    assert full_year(observations, "China", "telecom_fixed_asset_investment", 2020, "2021-02").value == 4072


def test_outcomes_say_since_when_they_are_known(parameters):
    for row in parameters.values():
        if row.kind == OUTCOME:
            assert row.known_from, row.name


def test_yearly_investment_of_the_nation_is_of_full_years_with_a_wide_range(parameters):
    yearly = [row for row in parameters.values() if row.name.startswith("national_telecom_investment_")]
    assert {row.year for row in yearly} >= {"2012", "2013", "2016"}
    for row in yearly:
        assert (row.unit, row.kind) == ("yuan/yr", OUTCOME)
        assert "full year" in row.scope
        assert row.known_from > row.year + "-12"
        assert row.low == pytest.approx(0.6 * row.value, rel=0.01)
        assert row.high == pytest.approx(1.4 * row.value, rel=0.01)


def test_population_shares_are_those_of_the_census(parameters):
    shares = {
        name: parameters[f"population_share_2010_{name}"].value
        for name in ("yunnan", "sichuan", "shandong", "hunan")
    }
    assert shares["yunnan"] * 1_339_724_852 == pytest.approx(45_966_766, rel=1e-3)
    assert sum(shares.values()) == pytest.approx(0.215, abs=0.001)


def test_every_parameter_that_nobody_sources_says_so_and_has_a_range(parameters):
    for row in parameters.values():
        if row.source.startswith("assumption:"):
            assert "assumption" in row.confidence, row.name
            assert row.low is not None, row.name
            assert row.high is not None, row.name


def test_deflators_cover_every_year_without_a_gap(library):
    rule = read_money_rule(library / "deflators.csv", 2015)
    years = range(2008, 2026)
    assert sorted(rule.price_index) == list(years)
    assert rule.price_index[2010] == 100
    for currency in ("USD", "EUR", "GBP"):
        assert all((currency, year) in rule.yuan_per_unit for year in years)
    assert all(0.99 < rule.price_index[y + 1] / rule.price_index[y] < 1.06 for y in years[:-1])
    assert rule.to_price_year(100.0, "yuan/m", 2015) == 100
    assert 600 < rule.to_price_year(100.0, "USD/m", 2015) < 650


def test_dates_are_iso_dates(library):
    for row in rows(library / "licences.csv"):
        if row["kind"] == "date":
            assert date.fromisoformat(row["value"]), row["name"]


@pytest.mark.parametrize(
    "name", ["targets.csv", "history.csv", "deflators.csv", "licences.csv", "parameters.csv"]
)
def test_tables_speak_of_the_world_not_of_how_they_were_made(library, name):
    text = (library / name).read_text(encoding="utf-8")
    assert not re.search(r"corpus|excerpt", text, re.IGNORECASE)
