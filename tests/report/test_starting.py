"""Tests of the table of starting values: everything that sets month 0, and when it was known."""

import pytest

from sim.report.starting import starting_values


def _parameter(name, **values):
    base = {
        "name": name, "value": 0.5, "unit": "share", "low": 0.4, "high": 0.6, "year": "2013",
        "scope": "nation", "source": "a page", "confidence": "high", "kind": "outcome",
        "known_from": "2013-05", "assumption": False,
    }  # fmt: skip
    return base | values


@pytest.fixture
def facts():
    return {
        "horizon": {"first": "2014-01"},
        "policy_inputs": ["told_later"],
        "parameters": [
            _parameter("willing_2013"),
            _parameter("told_later", known_from="2016-03"),
            _parameter("leaked", known_from="2016-04"),
            _parameter("undated", known_from=""),
            _parameter("guessed", kind="engineering", known_from="", assumption=True, year=""),
            _parameter("constant", kind="engineering", known_from="", unit="Mbps"),
            _parameter("young", kind="price", known_from="", year="2016-2018"),
        ],
        "scenario": {
            "title": "left out",
            "standing": {
                "homes": "willing_2013@low", "layers": {"a": {"technology": "lte", "share": "guessed"}},
            },
            "demand": {
                "willing": "willing_2013", "later": "told_later", "leaked": "leaked", "undated": "undated",
                "top": "constant", "tiers": [2, 4, 8], "groups": ["willing_2013", "guessed"],
                "launch": "2013-12", "nothing": None, "young": "young",
            },
        },
    }  # fmt: skip


def _rows(facts):
    return {row["key"]: row for part in starting_values(facts) for row in part["rows"]}


def test_every_value_has_a_row_with_its_key(facts):
    assert set(_rows(facts)) == {
        "standing.homes", "standing.layers.a.share", "demand.willing", "demand.later", "demand.leaked",
        "demand.undated", "demand.top", "demand.tiers", "demand.groups.1", "demand.groups.2", "demand.launch",
        "demand.young",
    }  # fmt: skip


def test_observations_say_whether_they_were_known_in_time(facts):
    before = {key: row["before"] for key, row in _rows(facts).items()}
    assert before["demand.willing"] == "yes"
    assert before["demand.later"] == "declared as input"
    assert before["demand.leaked"] == "no"
    assert before["demand.undated"] == "no", "an outcome that says not when it was known is not proven early"
    assert before["standing.layers.a.share"] == "assumption"
    assert before["demand.top"] == "engineering constant"
    assert before["demand.young"] == "price, of a later year"
    assert before["demand.tiers"] == "choice of the scenario"


def test_values_are_those_of_the_edge_that_was_chosen(facts):
    rows = _rows(facts)
    assert rows["standing.homes"]["value"] == "0.4"
    assert rows["demand.willing"]["value"] == "0.5"
    assert rows["demand.top"]["unit"] == "Mbit/s"
    assert rows["demand.tiers"]["value"] == "2, 4, 8"


def test_the_sections_count_what_a_reader_asks_for(facts):
    standing, demand = starting_values(facts)
    assert (standing["observed"], standing["late"], standing["assumed"]) == (1, 0, 1)
    assert (demand["observed"], demand["late"], demand["latest"]) == (5, 3, "2013-05")
    assert (standing["younger"], demand["younger"]) == (0, 1)


def test_a_scenario_without_these_sections_has_no_table(facts):
    assert starting_values(facts | {"scenario": {"title": "x"}}) == []
