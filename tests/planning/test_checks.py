"""Mistakes in money that are told before anything is planned."""

import json

import numpy as np
import pytest
import yaml

from sim.clock import Horizon
from sim.errors import ScenarioError
from sim.planning.checks import check_places, pot_mistakes
from sim.planning.places import Places
from sim.planning.pots import Budget
from sim.scenario.load import load_scenario
from tests.conftest import ROOT

YEARS = Horizon("2014-01", "2015-12")
PLACES = Places(
    kind=np.array(["town", "village"], dtype=object),
    county=np.array(["530102", "530128"], dtype=object),
    prefecture=np.array(["Kunming", "Kunming"], dtype=object),
    zone_id=np.array(["530102.1", "530128.1"], dtype=object),
    poor=np.array([True, False]),
)


def budget(poor_counties="list.csv", **pots):
    return Budget(
        annual_investment=1e9, province_share=1.0, access_share=1.0, connection_margin=0.0,
        poor_counties=poor_counties, pots={"rest": {}} | pots,
    )  # fmt: skip


def keys(money):
    return [key for key, _ in pot_mistakes(money, ("ftth", "lte"), YEARS)]


def test_pots_that_somebody_may_use_are_no_mistake():
    assert keys(budget(villages={"share": 0.1, "kinds": ["village"], "technologies": ["ftth", "nr"]})) == []


@pytest.mark.parametrize(
    ("pot", "key"),
    [
        ({"share": 0.1, "technologies": ["nr"]}, "technologies"),
        ({"share": 0.1, "last_month": "2013-12"}, "last_month"),
        (
            {"share": 0.1, "milestones": [{"technology": "ltee", "projects": 1, "share": 1.0}]},
            "milestones.0.technology",
        ),
        ({"yearly": 5.0, "matching": {"share": 0.3}, "technologies": ["umts"]}, "technologies"),
    ],
)
def test_a_pot_nobody_may_use_is_named(pot, key):
    assert f"budget.pots.odd.{key}" in keys(budget(odd=pot))


def test_a_pot_without_money_is_left_alone():
    assert keys(budget(odd={"share": 0.0, "technologies": ["nr"]})) == []
    nothing = budget(odd={"share": 0.5, "technologies": ["nr"]}).model_copy(update={"scale": 0.0})
    assert keys(nothing) == []


def test_a_match_needs_somebody_who_pays():
    money = Budget(
        annual_investment=1e9, province_share=1.0, access_share=1.0, connection_margin=0.0,
        pots={
            "mobile": {"share": 0.5, "technologies": ["lte"]},
            "fund": {"yearly": 1e6, "technologies": ["ftth"], "matching": {"share": 0.3}},
        },
    )  # fmt: skip
    assert keys(money) == ["budget.pots.fund.matching"]
    towns = {"yearly": 1e6, "kinds": ["town"], "matching": {"share": 0.3}}
    villages = {"share": 0.5, "kinds": ["village"]}
    money = money.model_copy(update={"pots": budget(fund=towns, villages=villages).pots})
    assert keys(money) == []


def test_poor_counties_need_a_list():
    assert keys(budget(poor_counties="", odd={"share": 0.1, "poor": True})) == ["budget.pots.odd.poor"]


def test_places_that_match_nothing_are_refused_with_what_is_near():
    money = budget(
        a={"share": 0.1, "places": ["Kunmin"]},
        b={"share": 0.1, "poor": True, "kinds": ["village"]},
        c={"share": 0.1, "places": ["530128"]},
    )
    with pytest.raises(ScenarioError) as error:
        check_places(money, PLACES)
    assert [problem.key for problem in error.value.problems] == ["budget.pots.a.places", "budget.pots.b"]
    assert "did you mean 'Kunming'" in str(error.value)
    check_places(budget(c={"share": 0.1, "places": ["530128", "Kunming"]}), PLACES)


def test_a_scenario_with_such_mistakes_does_not_load():
    given = (
        ("technologies.cable", "null"),
        ("planning.commitments", "[{projects: [a], month: 2013-01}]"),
        ("budget.pots.mobile.milestones", "[{technology: ltee, projects: 1, share: 0.1}]"),
    )
    with pytest.raises(ScenarioError) as error:
        load_scenario(ROOT / "scenarios" / "yunnan-2017.yaml", given)
    assert {problem.key for problem in error.value.problems} == {
        "budget.pots.cable.technologies",
        "planning.commitments.0.month",
        "budget.pots.mobile.milestones.0.technology",
    }


@pytest.mark.parametrize("name", ["yunnan-2017", "sichuan-2020"])
def test_the_universal_service_programme_is_a_variant(name):
    plain = load_scenario(ROOT / "scenarios" / f"{name}.yaml").scenario.budget
    variant = load_scenario(ROOT / "scenarios" / f"{name}.yaml", variant="universal-service").scenario.budget
    assert "universal_service" not in plain.pots
    pot = variant.pots["universal_service"]
    assert (pot.matching.share, pot.matching.opex_years) == (0.3, 6.0)
    assert pot.yearly > 0
    assert pot.kinds == ("village",)


def test_the_example_of_the_page_on_money_is_a_scenario():
    page = (ROOT / "docs" / "concepts" / "money.md").read_text(encoding="utf-8")
    example = yaml.safe_load(page.partition("```yaml\n")[2].partition("```")[0])
    given = [(f"budget.pots.{name}", json.dumps(pot)) for name, pot in example["budget"]["pots"].items()]
    given += [(f"planning.{key}", json.dumps(value)) for key, value in example["planning"].items()]
    scenario = load_scenario(ROOT / "scenarios" / "yunnan-2017.yaml", given).scenario
    assert scenario.budget.order[0] == "border"
    assert scenario.budget.pots["border"].matching.opex_years == 10
    assert scenario.planning.commitments[1].rule == "not before"
    assert scenario.planning.moratoria[0].reason == "roads are being rebuilt"
