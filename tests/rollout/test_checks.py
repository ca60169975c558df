import pytest

from sim.errors import ScenarioError
from sim.rollout.checks import rollout_mistakes
from sim.rollout.options import Crews, Failure, RolloutOptions, Shortage
from tests.world import load

SKILLS = {"ftth": ("fibre", "civil", "install"), "lte": ("civil", "radio")}


def options(crews=None, **changes):
    some = {"fibre": 1, "civil": 1, "radio": 1, "install": 1} | (crews or {})
    return RolloutOptions(crews=Crews(**some), seasons={}, **changes)


def test_crews_of_a_skill_that_nobody_has_are_named_with_who_needs_them():
    assert list(rollout_mistakes(options(), SKILLS)) == []
    found = list(rollout_mistakes(options({"civil": 0, "radio": 0}), SKILLS))
    assert [key for key, _ in found] == ["rollout.crews.civil", "rollout.crews.radio"]
    assert "ftth, lte cannot be built without" in found[0][1]
    assert "technologies.lte: null" in found[1][1]
    assert list(rollout_mistakes(options({"radio": 0}), {"ftth": SKILLS["ftth"]})) == []


def test_rules_for_technologies_that_do_not_exist_are_named():
    lone = options(
        shortages={"boards": Shortage(first_month="2014-01", last_month="2014-02", technologies=("6g",))},
        failures={"site lost": Failure(chance=0.1, technologies=("nr", "ltee"))},
    )
    found = list(rollout_mistakes(lone, SKILLS))
    keys = ["rollout.shortages.boards.technologies", "rollout.failures.site lost.technologies"]
    assert [key for key, _ in found] == keys
    assert "'6g' is no technology; allowed: ftth" in found[0][1]


def test_a_scenario_without_crews_that_it_needs_is_refused_and_one_that_needs_none_is_not():
    with pytest.raises(ScenarioError) as caught:
        load(("rollout.crews.radio", "0"))
    (problem,) = caught.value.problems
    assert problem.key == "rollout.crews.radio"
    radio = ("gsm", "umts", "lte", "nr", "nbiot", "fwa")
    money = ("budget.pots.mobile.share", "0")
    gone = [(f"technologies.{name}", "null") for name in radio]
    loaded = load(("rollout.crews.radio", "0"), money, *gone)
    assert loaded.scenario.rollout.crews.radio == 0


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("rollout.crews.welding", "3", "welding"),
        ("rollout.calendar.country", "XX", "no holidays are known of 'XX'"),
        ("rollout.shortages.x", "{first_month: 2015-02, last_month: 2015-01}", "before it begins"),
        ("rollout.failures.x", "{chance: 1.5}", "1.5"),
        ("rollout.travel.speed", "0", "0"),
    ],
)
def test_bad_values_are_refused_with_their_key(key, value, message):
    with pytest.raises(ScenarioError, match=message) as caught:
        load((key, value))
    assert caught.value.problems[0].key.startswith(".".join(key.split(".")[:2]))
