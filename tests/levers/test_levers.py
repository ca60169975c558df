"""Each instrument moves what it says and nothing else, whatever the scenario."""

import csv
from datetime import date

import pytest

from sim.levers import ABSENT, LEVERS, Switch
from sim.levers.base import OFF, ON, at, months_of, section
from sim.parameters import read_parameters
from sim.scenario.load import load_scenario
from tests.conftest import ROOT

LIBRARY = ROOT / "scenarios" / "library"
SHIPPED = ("yunnan-2017", "sichuan-2020", "hunan-2015", "hunan-2020", "shandong-2015")
OTHER = {ON: OFF, OFF: ON}
MOVES = {
    "universal_service_compensation": ("budget.pots.universal_service",),
    "fibre_in_new_housing": ("demand.new_housing.share",),
    "open_public_facilities": (".permits.open_public_facilities", ".rent.public_sites", ".rent.site_fee"),
    "sharing": (
        ".rent.discount_two", ".rent.discount_three", ".co_location_price", ".co_location_lead_time",
        "routes.standing_ducts",
    ),
    "tariff_reduction": (
        "demand.tariffs.cuts.tariff_reduction_lines",
        "demand.tariffs.cuts.tariff_reduction_data",
    ),
    "rural_packages": ("demand.tariffs.cuts.rural_packages",),
    "speed_up_campaign": ("demand.campaigns.speed_up_campaign",),
    "land_use_planning": (".permits.land_use_planning",),
    "licence_dates": (".available_from", "demand.lte_launch", "demand.nr_launch"),
}  # fmt: skip


def load(name, *changes):
    return load_scenario(ROOT / "scenarios" / f"{name}.yaml", changes)


def flat(values, prefix=""):
    found = {}
    for key, value in values.items():
        if isinstance(value, dict) and value:
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found


def moved(one, other):
    """Return the keys in which two resolved scenarios differ, the section of levers left out."""
    a, b = flat(one.resolved), flat(other.resolved)
    return {
        key
        for key in a.keys() | b.keys()
        if (a.get(key) or None) != (b.get(key) or None) and not key.startswith("levers.")
    }


@pytest.fixture(scope="module")
def loaded():
    return {name: load(name) for name in SHIPPED}


@pytest.mark.parametrize("name", LEVERS)
@pytest.mark.parametrize("scenario", SHIPPED)
def test_a_lever_changes_what_it_says_and_nothing_else(loaded, scenario, name):
    before = loaded[scenario]
    state = OTHER[getattr(before.scenario.levers, name).state]
    after = load(scenario, (f"levers.{name}", state))
    keys = moved(before, after)
    assert keys
    allowed = MOVES[name]
    for key in keys:
        assert any(part in key if part.startswith(".") else key.startswith(part) for part in allowed), key


@pytest.mark.parametrize("name", LEVERS)
def test_there_and_back_again_is_where_it_began(loaded, name, tmp_path):
    before = loaded["sichuan-2020"]
    state = getattr(before.scenario.levers, name).state
    there = load("sichuan-2020", (f"levers.{name}", OTHER[state]))
    file = tmp_path / "there.yaml"
    file.write_text(there.resolved_yaml, encoding="utf-8")
    back = load_scenario(file, [(f"levers.{name}", state)])
    assert moved(before, back) == set()
    assert back.resolved["levers"] == before.resolved["levers"]


@pytest.mark.parametrize("states", ["on", "off"])
def test_a_resolved_scenario_read_again_is_the_same_scenario(states, tmp_path):
    changes = [(f"levers.{name}", states) for name in LEVERS]
    first = load("yunnan-2017", *changes)
    file = tmp_path / "again.yaml"
    file.write_text(first.resolved_yaml, encoding="utf-8")
    again = load_scenario(file)
    assert again.scenario == first.scenario
    assert not any("lever" in notice.message for notice in again.notices)


def test_the_shipped_scenarios_stand_where_their_levers_say(loaded):
    for one in loaded.values():
        for name, lever in one.scenario.levers.stated().items():
            for switch in lever.switches(
                one.resolved, lambda size, lever=lever, one=one: lever.number(size, one.lookup)
            ):
                there = at(one.resolved, switch.key)
                wanted = switch.value(lever.state)
                assert there == wanted, (name, switch.key)


def test_sizes_in_the_base_are_rows_with_a_range_and_a_source():
    rows = read_parameters(LIBRARY / "parameters.csv")
    levers = load("base").scenario.levers.stated()
    assert levers.keys() == LEVERS.keys()
    for name, lever in levers.items():
        sizes = lever.units()
        assert sizes
        assert set(lever.sizes(ON)) | set(lever.sizes(OFF)) == sizes.keys()
        for size in sizes:
            row = rows[lever.row(size)]
            assert row.low is not None, (name, size)
            assert row.high is not None, (name, size)
            assert row.low < row.high, (name, size)
            assert row.source, (name, size)


def test_levers_say_what_they_are_and_which_clauses_name_them():
    with (LIBRARY / "targets.csv").open(encoding="utf-8", newline="") as stream:
        clauses = {row["target_id"]: row for row in csv.DictReader(stream)}
    named = set()
    for kind in LEVERS.values():
        assert kind.statement.endswith(".")
        assert kind.mechanism.isascii()
        assert set(kind.targets) <= clauses.keys()
        named |= set(kind.targets)
    levers = {name for name, row in clauses.items() if row["comparator"] == "lever"}
    assert levers <= named, "a clause that names an instrument has none here"


def test_dates_of_licences_are_those_of_the_table():
    with (LIBRARY / "licences.csv").open(encoding="utf-8", newline="") as stream:
        table = {row["name"]: row["value"] for row in csv.DictReader(stream) if row["kind"] == "date"}
    granted = load("base").scenario.levers.licence_dates.granted
    for licence, row in {
        "td_lte": "licence_td_lte",
        "fdd_lte": "licence_fdd_lte",
        "nbiot": "nb_iot_miit_notice",
        "nr": "licence_5g",
    }.items():
        assert granted[licence] == date.fromisoformat(table[row]).strftime("%Y-%m")


def test_licences_move_by_the_months_asked_for_and_leave_later_blocks_alone():
    on = load("yunnan-2017", ("levers.licence_dates", "on"), ("levers.licence_dates.months_earlier", "6"))
    lte = on.resolved["technologies"]["lte"]
    assert lte["available_from"] == "2013-06"
    assert lte["carriers"]["b3_telecom"]["available_from"] == "2014-08"
    assert lte["carriers"]["b8_cmcc"]["available_from"] == "2018-04"
    assert on.resolved["demand"]["lte_launch"] == "2013-06"
    assert on.resolved["technologies"]["nbiot"]["available_from"] == "2016-12"
    late = load("yunnan-2017", ("levers.licence_dates", "on"), ("levers.licence_dates.months_earlier", "-6"))
    assert late.resolved["technologies"]["lte"]["available_from"] == "2014-06"


def test_operators_open_nothing_to_one_another_without_sharing():
    file = ROOT / "scenarios" / "yunnan-2017.yaml"
    apart = load_scenario(file, [("levers.sharing", "off")], "operators")
    assert apart.scenario.operators.opened == ()
    assert load_scenario(file, [], "operators").scenario.operators.opened == ("cable", "duct", "mast", "site")


def test_a_size_at_an_end_of_its_row_reaches_the_key():
    one = load(
        "yunnan-2017",
        ("levers.land_use_planning", "on"),
        ("levers.land_use_planning.permit_time", "permit_time_planned@low"),
    )
    assert one.scenario.technologies.ftth.permits == {"land_use_planning": 0.36}
    assert one.lookup.used["permit_time_planned@low"] == 0.36


def test_rows_of_a_lever_that_is_off_are_not_used():
    before = load("yunnan-2017").lookup.used
    assert "permit_time_planned" not in before
    assert "licence_months_earlier" not in before
    assert "licence_months_earlier" in load("yunnan-2017", ("levers.licence_dates", "on")).lookup.used


@pytest.mark.parametrize(
    ("name", "scenario", "change", "said"),
    [
        ("universal_service_compensation", "hunan-2015", (), "2016-01, after the last month"),
        ("universal_service_compensation", "yunnan-2017", ("yearly", "0"), "no money"),
        ("fibre_in_new_housing", "hunan-2015", ("first_month", "2017-01"), "2017-01, after the last month"),
        ("tariff_reduction", "hunan-2015", ("first_month", "2016-01"), "prices fall in 2016-01"),
        ("speed_up_campaign", "hunan-2015", ("first_month", "2016-01"), "begins in 2016-01"),
        ("speed_up_campaign", "yunnan-2017", ("rate", "1"), "raises no rate"),
        ("licence_dates", "yunnan-2017", ("months_earlier", "0"), "no date moves"),
    ],
)
def test_a_lever_that_cannot_act_in_the_months_says_so(name, scenario, change, said):
    changes = [(f"levers.{name}", "on")]
    changes += [(f"levers.{name}.{change[0]}", change[1])] if change else []
    one = load(scenario, *changes)
    lever = getattr(one.scenario.levers, name)
    assert said in lever.cannot_bite(one.resolved)
    told = [notice for notice in one.notices if notice.key == f"levers.{name}"]
    assert len(told) == 1
    assert said in told[0].message


def test_levers_that_can_act_say_nothing(loaded):
    for lever in loaded["yunnan-2017"].scenario.levers.stated().values():
        assert lever.cannot_bite(loaded["yunnan-2017"].resolved) == ""


def test_a_scenario_without_the_sections_is_passed_over():
    levers = load("base").scenario.levers.stated()
    for lever in levers.values():
        assert list(lever.switches({"technologies": {}}, lambda size: 8.0)) == []
        assert lever.cannot_bite({}) in ("", "no date moves")


def test_what_contradicts_a_lever():
    pot = Switch("a", {"yearly": 1}, ABSENT)
    assert pot.contradicted({"yearly": 2}, OFF)
    assert not pot.contradicted({"yearly": 2}, ON)
    assert not Switch("a", 1, 1).contradicted(2, OFF)
    assert Switch("a", 0.95, 0.3).contradicted(0.3, ON)
    assert not Switch("a", 0.95, 0.3).contradicted(0.8, ON)


def test_reading_a_document_that_is_no_mapping():
    assert at({"a": [1]}, "a.b") is ABSENT
    assert section({"a": 3}, "a") == {}
    assert months_of({"horizon": {"first": "x", "last": "2014-01"}}) is None
