"""What a scenario fixes in advance: built, not before, never, moratoria."""

import numpy as np
import pytest
from pydantic import ValidationError

from sim.clock import Horizon
from sim.errors import ScenarioError
from sim.planning.checks import check_commitments, commitment_mistakes
from sim.planning.commitments import Commitment, CommitmentOptions, Moratorium, fixed_at, unkept
from sim.planning.places import Places
from tests.planning.small import proposal

YEARS = Horizon("2014-01", "2017-12")
PLACES = Places(
    kind=np.array(["town", "village", "village"], dtype=object),
    county=np.array(["530102", "530128", "533323"], dtype=object),
    prefecture=np.array(["Kunming", "Kunming", "Nujiang"], dtype=object),
    zone_id=np.array(["530102.1", "530128.1", "533323.1"], dtype=object),
    poor=np.array([False, True, True]),
)
ASKED = proposal(
    [
        {"id": "transport:a", "technology": "transport", "zone": 0},
        {"id": "ftth:a", "zone": 0, "requires": "transport:a"},
        {"id": "ftth:b", "zone": 1},
        {"id": "ftth:c", "zone": 2},
        {"id": "lte:c", "technology": "lte", "use": "mobile", "zone": 2},
    ]
)


class Reacting:
    reacts_to = ("lte",)


class Plain:
    reacts_to = ()


CHOSEN = {"transport": Plain, "ftth": Plain, "lte": Plain, "nbiot": Reacting}


def options(*commitments, moratoria=()):
    return CommitmentOptions(commitments=commitments, moratoria=moratoria)


def fixed(made, month=0):
    return fixed_at(made, ASKED, PLACES, month, YEARS)


def test_nothing_fixed_shuts_and_forces_nothing():
    found = fixed(options())
    assert (found.forced, found.shut) == ((), {})


def test_what_is_committed_comes_by_month_then_name_after_what_it_requires():
    found = fixed(
        options(
            {"projects": ["ftth:c", "ftth:a"], "month": "2015-12"},
            {"technologies": ["ftth"], "places": ["530128"], "month": "2014-12"},
        )
    )
    assert found.forced == ("ftth:b", "transport:a", "ftth:a", "ftth:c")
    assert found.shut == {}


def test_projects_may_be_meant_by_pattern_technology_and_place():
    assert fixed(options({"projects": ["ftth:*"]})).forced == ("transport:a", "ftth:a", "ftth:b", "ftth:c")
    everything = {"technologies": ["ftth", "lte"], "places": ["Nujiang"]}
    assert fixed(options(everything)).forced == ("ftth:c", "lte:c")


def test_not_before_holds_until_its_month():
    made = options({"projects": ["ftth:b"], "rule": "not before", "month": "2014-07"})
    assert fixed(made, 5).shut == {"ftth:b": "not before 2014-07"}
    assert fixed(made, 6).shut == {}


def test_never_and_moratoria_say_why_and_the_strictest_first():
    made = options(
        {"technologies": ["lte"], "rule": "never"},
        moratoria=[
            {"places": ["Nujiang"], "first": "2014-03", "last": "2014-04", "reason": "landslides"},
            {"technologies": ["transport"], "last": "2014-02"},
        ],
    )
    assert fixed(made, 0).shut == {
        "lte:c": "ruled out in advance",
        "transport:a": "moratorium until 2014-02",
    }
    assert fixed(made, 2).shut == {
        "ftth:c": "moratorium until 2014-04: landslides",
        "lte:c": "ruled out in advance",
    }
    assert fixed(made, 4).shut == {"lte:c": "ruled out in advance"}


def test_a_circle_of_requirements_does_not_hang():
    loop = proposal([{"id": "ftth:a", "requires": "ftth:b"}, {"id": "ftth:b", "requires": "ftth:a"}])
    found = fixed_at(options({"projects": ["ftth:a"]}), loop, PLACES, 0, YEARS)
    assert sorted(found.forced) == ["ftth:a", "ftth:b"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "names no projects, technologies or places"),
        ({"technologies": ["ftth"]}, "to build needs projects, or technologies and places"),
        ({"projects": ["a"], "rule": "not before"}, "not before needs a month"),
        ({"projects": ["a"], "rule": "never", "month": "2014-01"}, "never takes no month"),
        ({"projects": ["a"], "month": "2014"}, "not a month"),
    ],
)
def test_incomplete_commitments_are_refused(values, message):
    with pytest.raises(ValidationError, match=message):
        Commitment(**values)


def test_a_moratorium_ends_after_it_begins():
    with pytest.raises(ValidationError, match="before it begins"):
        Moratorium(first="2015-02", last="2015-01")


def check(made):
    check_commitments(made, ASKED, PLACES, CHOSEN, YEARS)


def messages(made):
    with pytest.raises(ScenarioError) as error:
        check(made)
    return [f"{problem.key}: {problem.message}" for problem in error.value.problems]


def test_what_can_be_is_accepted():
    check(
        options(
            {"projects": ["ftth:a"], "month": "2014-12"},
            {"projects": ["nbiot:later"]},
            {"technologies": ["nbiot"], "places": ["Nujiang"]},
            moratoria=[{"places": ["530102.1"], "last": "2014-06"}],
        )
    )


def test_unknown_names_are_all_told_at_once_with_what_is_near():
    found = messages(
        options(
            {"projects": ["ftth:aa"]},
            {"technologies": ["ftth"], "places": ["Kunmin"]},
            {"projects": ["gpon:*"], "rule": "never"},
            moratoria=[{"technologies": ["transport"], "places": ["Nujiang"]}],
        )
    )
    assert found == [
        "planning.commitments.0.projects: 'ftth:aa' is no project that could be built; "
        "did you mean 'ftth:a'?",
        "planning.commitments.1.places: 'Kunmin' is no zone, county code or prefecture of the area; "
        "did you mean 'Kunming'?",
        "planning.commitments.2.projects: 'gpon:*' is no project that could be built",
        "planning.moratoria.0: matches no project that could be built",
    ]


def test_what_is_to_be_built_may_not_be_shut_in_its_month():
    found = messages(
        options(
            {"projects": ["ftth:a"], "month": "2014-06"},
            moratoria=[{"technologies": ["transport"], "first": "2014-01", "last": "2014-12"}],
        )
    )
    assert found == [
        "planning.commitments.0: 'transport:a' is to be built by 2014-06, but then it is shut "
        "(moratorium until 2014-12)"
    ]


def test_months_and_technologies_are_told_from_the_scenario_alone():
    made = options(
        {"projects": ["ftth:a"], "month": "2013-06"},
        {"technologies": ["ftht"], "places": ["Nujiang"]},
        moratoria=[
            {"technologies": ["ftth"], "last": "2013-12"},
            {"technologies": ["ftth"], "first": "2018-01"},
        ],
    )
    assert [key for key, _ in commitment_mistakes(made, CHOSEN, YEARS)] == [
        "planning.commitments.1.technologies",
        "planning.commitments.0.month",
        "planning.moratoria.0.last",
        "planning.moratoria.1.first",
    ]
    assert (
        "did you mean 'ftth'"
        in dict(commitment_mistakes(made, CHOSEN, YEARS))["planning.commitments.1.technologies"]
    )


def test_commitments_that_were_not_kept_are_named():
    made = options(
        {"projects": ["ftth:*"], "month": "2014-06"},
        {"projects": ["lte:c"]},
        {"technologies": ["lte"], "rule": "never"},
    )
    kept = {"ftth:a": 0, "ftth:b": 5, "ftth:c": 3, "lte:c": 40}
    assert unkept(made, ASKED, PLACES, kept, YEARS) == []
    late = kept | {"ftth:b": 6}
    del late["lte:c"]
    assert unkept(made, ASKED, PLACES, late, YEARS) == [
        "planning.commitments.0 was not kept: of 3 project(s) 1 were not funded by 2014-06, "
        "ftth:b among them.",
        "planning.commitments.1 was not kept: of 1 project(s) 1 were not funded by 2017-12, "
        "lte:c among them.",
    ]
