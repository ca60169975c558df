"""Levers among the layers of a scenario: later layers win, and what they override is said."""

import pytest

from sim.levers import LEVERS
from sim.scenario.load import load_scenario
from sim.scenario.reference import scenario_schema

HOUSING = "demand.new_housing.share"


def at(loaded, key):
    node = loaded.resolved
    for part in key.split("."):
        node = node[part]
    return node


def said(loaded):
    return [(notice.file, notice.line, notice.key) for notice in loaded.notices if "lever" in notice.message]


def test_a_bare_word_keeps_the_sizes(write):
    one = load_scenario(write("levers:\n  land_use_planning: on\n"))
    assert one.resolved["levers"]["land_use_planning"] == {
        "state": "on",
        "permit_time": "permit_time_planned",
    }
    assert one.scenario.technologies.lte.permits == {"land_use_planning": 0.6}
    assert one.origins["technologies.lte.permits.land_use_planning"] == "lever land_use_planning: my.yaml:3"


def test_sizes_of_ones_own_keep_the_state(write):
    one = load_scenario(write("levers:\n  land_use_planning: {permit_time: 0.2, state: on}\n"))
    assert one.scenario.technologies.lte.permits == {"land_use_planning": 0.2}
    off = load_scenario(write("levers:\n  land_use_planning: {permit_time: 0.2}\n"))
    assert off.scenario.technologies.lte.permits == {}


@pytest.mark.parametrize("word", ["on", "true"])
def test_true_and_false_are_words_too(write, word):
    one = load_scenario(write(f"levers:\n  land_use_planning: {word}\n"))
    assert one.scenario.levers.land_use_planning.state == "on"


def test_a_key_of_the_same_or_a_later_layer_stays(write):
    one = load_scenario(write("levers:\n  fibre_in_new_housing: off\ndemand:\n  new_housing: {share: 0.8}\n"))
    assert at(one, HOUSING) == 0.8
    assert said(one) == [("my.yaml", 5, HOUSING)]
    set_later = load_scenario(write("levers:\n  fibre_in_new_housing: off\n"), [(HOUSING, "0.7")])
    assert at(set_later, HOUSING) == 0.7
    assert said(set_later) == [("--set", None, HOUSING)]


def test_an_own_size_of_what_is_on_anyway_is_no_contradiction(write):
    one = load_scenario(write("demand:\n  new_housing: {share: 0.8}\n"))
    assert at(one, HOUSING) == 0.8
    assert said(one) == []


def test_a_lever_of_a_later_layer_replaces_the_key_and_says_so(write):
    one = load_scenario(
        write("demand:\n  new_housing: {share: 0.8}\n"), [("levers.fibre_in_new_housing", "off")]
    )
    assert at(one, HOUSING) == "new_housing_fibre_share_without"
    assert said(one) == [("my.yaml", 3, HOUSING)]
    assert "replaces this value" in next(n.message for n in one.notices if n.key == HOUSING)


def test_a_pot_of_ones_own_stands_beside_a_lever_that_is_off(write):
    pot = "budget:\n  pots:\n    universal_service: {yearly: 1000000, matching: {share: 0.5}}\n"
    one = load_scenario(write(pot))
    assert one.scenario.budget.pots["universal_service"].yearly == 1_000_000
    assert [key for _, _, key in said(one)] == ["budget.pots.universal_service"]


def test_a_variant_may_turn_a_lever(write):
    file = write("levers:\n  sharing: on\nvariants:\n  alone: {levers.sharing: off}\n")
    assert load_scenario(file, variant="alone").scenario.technologies.lte.rent.discount_two == 0
    assert load_scenario(file).scenario.technologies.lte.rent.discount_two == 0.2


def test_only_a_province_that_states_a_lever_has_it(write):
    one = load_scenario(write("levers:\n  sharing: null\n"))
    assert "sharing" not in one.scenario.levers.stated()


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("levers:\n  shring: on\n", "levers.shring", "did you mean 'sharing'?"),
        ("levers:\n  sharing: onn\n", "levers.sharing", "allowed: on, off, or a mapping"),
        ("levers:\n  sharing: 3\n", "levers.sharing", "a mapping with the keys"),
        (
            "levers:\n  land_use_planning: {permit_tim: 1}\n",
            "levers.land_use_planning.permit_tim",
            "permit_time",
        ),
        (
            "levers:\n  land_use_planning: {permit_time: 2}\n",
            "levers.land_use_planning.permit_time",
            "0 to 1",
        ),
        (
            "levers:\n  land_use_planning: {permit_time: mast_price}\n",
            "levers.land_use_planning.permit_time",
            "share is wanted here",
        ),
        (
            "levers:\n  licence_dates: {granted: {lte: 2013-12}}\n",
            "levers.licence_dates.granted",
            "no licence",
        ),
        ("levers:\n  rural_packages: {first_month: soon}\n", "levers.rural_packages.first_month", "soon"),
    ],
)
def test_mistakes_come_with_line_and_cure(write, mistakes, text, key, words):
    found = [one for one in mistakes(write(text)) if one.key == key]
    assert found
    assert found[0].line == 3
    assert words in found[0].message


def test_editors_are_told_of_every_lever():
    levers = scenario_schema()["properties"]["levers"]["properties"]
    assert list(levers) == list(LEVERS)
    for name, node in levers.items():
        text = str(node)
        assert "'enum': ['on', 'off']" in text, name
        assert node["description"] == LEVERS[name].statement
    assert "'unit': 'share'" in str(levers["land_use_planning"])
