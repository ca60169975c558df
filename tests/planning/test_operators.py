import numpy as np
import pytest
from pydantic import ValidationError

from sim.errors import ScenarioError
from sim.planning.joint import JointPlan
from sim.planning.operators import ALL_OPENED, Operator, Operators, as_own, may_build, users_of
from sim.planning.projects import join, price_of_all
from sim.planning.rolling import Setting
from sim.tables.plan import Progress
from sim.technologies.spectrum import view_of
from tests.planning.small import proposal
from tests.world import load, run, world

ROWS = [
    {"id": "lte:a", "technology": "lte", "use": "mobile", "civil_fen": 10, "requires": "transport:t"},
    {"id": "lte:a+b40", "technology": "lte", "use": "mobile", "civil_fen": 1, "requires": "lte:a"},
]
ASSETS = [("mast:a", 100), ("route:1", 40)]
NEEDED = [("lte:a", "mast:a"), ("lte:a", "route:1")]


def masts_and_routes():
    asked = proposal(ROWS, ASSETS, NEEDED, service=[("lte:a", 0, 0, 10.0), ("lte:a+b40", 0, 0, 10.0)])
    kinds = asked.assets.assign(kind=["mast", "route"], civil_fen=np.array([0, 25], dtype=np.int64))
    return type(asked)(asked.candidates, kinds, asked.needed, asked.service)


def both(opened):
    """Return the proposals of two operators joined."""
    return join([as_own(masts_and_routes(), name, opened) for name in ("china_mobile", "china_telecom")])


def test_what_is_opened_is_bought_once_and_all_else_by_each():
    one = price_of_all(masts_and_routes())
    assert one == 11 + 100 + 65
    assert price_of_all(both(ALL_OPENED)) == 2 * 11 + 100 + 65
    assert price_of_all(both(("mast",))) == 2 * 11 + 100 + 2 * 65
    assert price_of_all(both(("cable",))) == 2 * 11 + 2 * 100 + 65
    assert price_of_all(both(())) == 2 * one


def test_in_an_opened_duct_digging_is_shared_and_each_lays_its_own_cable():
    joined = both(("duct",))
    assert price_of_all(joined) == 2 * 11 + 2 * 100 + 25 + 2 * 40
    assets = joined.assets.set_index("asset_id")
    assert assets.loc["route:1/duct", "civil_fen"] == 25
    assert assets.loc["route:1/duct", "passive_fen"] == 0
    assert assets.loc["route:1/china_mobile", "civil_fen"] == 0
    users = joined.needed.loc[joined.needed["asset_id"] == "route:1/duct", "project_id"]
    assert sorted(users) == ["lte:china_mobile/a", "lte:china_telecom/a"]


def test_projects_carry_their_operator_and_transport_is_common():
    own = as_own(masts_and_routes(), "china_mobile", ALL_OPENED)
    assert own.candidates["project_id"].tolist() == ["lte:china_mobile/a", "lte:china_mobile/a+b40"]
    assert own.candidates["requires"].tolist() == ["transport:t", "lte:china_mobile/a"]
    assert set(own.service["project_id"]) == set(own.candidates["project_id"])
    assert set(own.needed["asset_id"]) == {"mast:a", "route:1"}


@pytest.mark.parametrize("name", ["china_mobile", "china_unicom", "china_telecom"])
def test_an_operator_builds_with_its_own_carriers_alone(name):
    lte = world().technologies["lte"]
    view = view_of(name, lte)
    assert {carrier.operator for carrier in view.carriers.values()} == {name}
    assert view.coverage in view.carriers
    if view.overlay:
        assert view.carriers[view.overlay].frequency < view.carriers[view.coverage].frequency
    if lte.carriers[lte.coverage].operator == name:
        assert view.coverage == lte.coverage
    assert type(lte).model_validate(view.model_dump()) == view


def test_without_spectrum_or_wish_nothing_is_built_and_what_needs_none_may_be():
    technologies = world().technologies
    everyone = Operator(share=0.3)
    assert may_build("china_mobile", everyone, technologies["fwa"])
    assert not may_build("china_unicom", everyone, technologies["fwa"])
    assert may_build("china_unicom", everyone, technologies["ftth"])
    assert not may_build("china_unicom", Operator(share=0.3, technologies=("lte",)), technologies["ftth"])
    assert may_build("china_unicom", Operator(share=0.3, technologies=("lte",)), technologies["transport"])


def test_an_operator_meets_its_share_of_the_users():
    demand = world().prepared.demand
    mine = users_of(Operator(share=0.25), demand)
    np.testing.assert_allclose(mine.fixed_willing, demand.fixed_willing / 4)
    np.testing.assert_allclose(mine.mobile_willing, demand.mobile_willing / 4)
    assert mine.mobile_busy_mbps is demand.mobile_busy_mbps


@pytest.mark.parametrize("share", [0.0, 1.1])
def test_a_share_is_above_0_and_at_most_1(share):
    with pytest.raises(ValidationError, match="share"):
        Operator(share=share)


# ---- plans side by side


@pytest.fixture(scope="module")
def joint():
    """Three operators on a made-up region, money for everything, two releases of choices."""
    made = world()
    given = {
        "china_mobile": Operator(share=0.6),
        "china_telecom": Operator(share=0.25, fixed_plant=("ftth", "dsl")),
        "china_unicom": Operator(share=0.15, technologies=("lte",)),
    }
    plan = JointPlan(setting_of(made), operators=Operators(each=given))
    plan.check()
    return plan


def setting_of(made):
    scenario, prepared = made.loaded.scenario, made.prepared
    wanted = ("ftth", "cable", "lte", "fwa", "transport")
    return Setting(
        area=prepared.area,
        demand=prepared.demand,
        ground=prepared.ground,
        needs=prepared.needs,
        technologies={name: made.technologies[name] for name in wanted},
        planner=scenario.planning,
        budget=prepared.budget,
        horizon=scenario.clock,
        routes=prepared.routes,
        places=prepared.places,
    )


def test_each_operator_plans_what_it_may_build_on_its_own_plant(joint):
    assert set(joint.plans["china_unicom"].setting.technologies) == {"lte", "transport"}
    assert "fwa" in joint.plans["china_mobile"].setting.technologies
    own = {
        name: {key for key, share in plan.setting.ground.standing_share.items() if share.any()}
        for name, plan in joint.plans.items()
    }
    assert own == {"china_mobile": set(), "china_telecom": {"ftth", "dsl"}, "china_unicom": set()}
    for name, plan in joint.plans.items():
        sectors = plan.setting.ground.standing_sectors
        assert set(sectors["operator"]) <= {name}
        ids = plan.proposals["lte"].candidates["project_id"]
        assert ids.str.startswith(f"lte:{name}/").all()


def test_money_open_to_all_is_parted_by_shares_and_what_one_leaves_is_for_the_next(joint):
    funds = dict.fromkeys(joint.setting.budget.pots, 1000)
    first, second, last = (joint._part_of(name, funds) for name in joint.plans)
    assert set(first.values()) == {600}
    assert set(second.values()) == {int(1000 * 0.25 / 0.40)}
    assert set(last.values()) == {1000}


def test_works_of_all_stay_within_the_pots_and_buy_nothing_twice(joint):
    funds = dict.fromkeys(joint.setting.budget.pots, 4000000000)
    works = joint(0, Progress({}, {}), funds, True).works
    for pot, fen in funds.items():
        assert sum(work.parts.get(pot, 0) for work in works) <= fen
    bought = [asset for work in works for asset, _ in work.buys]
    assert len(bought) == len(set(bought))
    owners = {work.project_id.partition(":")[2].partition("/")[0] for work in works}
    assert {"china_mobile", "china_telecom"} <= owners
    before = {work.requires for work in works if work.requires}
    assert before <= {work.project_id for work in works}
    # what one operator has under way is elsewhere for the others
    mobile, telecom = joint.plans["china_mobile"], joint.plans["china_telecom"]
    assert telecom.situation(0).elsewhere["lte"][mobile.under_way.covered["lte"]].all()


def test_shares_above_the_whole_are_refused():
    with pytest.raises(ValidationError, match=r"sum to 1\.2"):
        Operators(each={"china_mobile": {"share": 0.7}, "china_telecom": {"share": 0.5}})


def test_a_pot_for_an_operator_that_is_not_there_is_named():
    with pytest.raises(ScenarioError, match=r"the pot mobile is for china_unicom.*none"):
        load(("budget.pots.mobile.operators", '["china_unicom"]'))


EACH = (
    "{china_mobile: {share: 0.6}, china_telecom: {share: 0.25, fixed_plant: [ftth, dsl]},"
    " china_unicom: {share: 0.15}, broadcaster: {share: 1, technologies: [cable],"
    " fixed_plant: [cable, catv, catv_digital]}}"
)


@pytest.fixture(scope="module")
def four():
    """A whole run of three operators and a broadcaster, with money enough for each of them."""
    return run(("operators.each", EACH), ("budget.scale", "6"))


def test_a_run_of_several_operators_keeps_its_accounts(four):
    events = four.events
    funded = events.loc[events["event"] == "funded", "project_id"]
    owner = funded.str.extract(r"^(\w+):(?:(\w+)/)?")
    built = {name: set(part[1].dropna()) for name, part in owner.groupby(0)}
    assert built["lte"] == {"china_mobile", "china_telecom", "china_unicom"}
    assert built["cable"] == {"broadcaster"}
    assert built["transport"] == set()
    bought = events.loc[events["event"] == "bought", "task"]
    assert not bought.duplicated().any()
    users = four.assets.groupby("asset_id")["projects"].sum()
    assert (users > 1).any()


def test_sites_of_each_operator_radiate_on_its_own_carriers(four):
    lte = four.radio.cells[four.radio.cells["technology"] == "lte"]
    carriers = world().technologies["lte"].carriers
    found = {carriers[name].operator for name in lte["carrier"].unique()}
    assert found == {"china_mobile", "china_telecom", "china_unicom"}


def test_a_single_network_covers_no_less_than_the_same_money_parted(four):
    alone = run(("budget.scale", "6"))
    lte = four.states[0].technology("lte")
    covered = [made.states[0].homes_passed[-1, lte].sum() for made in (alone, four)]
    assert covered[0] >= 0.9 * covered[1]
