"""The rolling plan: who is connected first, what is asked again, what is set aside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.errors import ScenarioError
from sim.planning.commitments import CommitmentOptions
from sim.planning.pots import Pot
from sim.planning.price_paths import PricePaths
from sim.planning.rolling import RollingPlan, Setting
from sim.tables.plan import Progress
from tests.world import load, run, world

NOTHING = Progress({}, {})


@pytest.fixture
def setting():
    now = world()
    scenario = now.loaded.scenario
    return Setting(
        area=now.area,
        demand=now.prepared.demand,
        ground=now.prepared.ground,
        needs=now.prepared.needs,
        technologies=now.loaded.scenario.technologies.chosen(),
        planner=scenario.planning,
        budget=scenario.budget,
        horizon=scenario.clock,
    )


@pytest.fixture
def ftth():
    return world().technologies["ftth"]


def plenty(setting):
    return dict.fromkeys(setting.budget.pots, 10**13)


def spent_by_pot(step):
    spent: dict[str, int] = {}
    for charge in step.charges:
        spent[charge.pot] = spent.get(charge.pot, 0) + charge.amount_fen
    for work in step.works:
        spent[work.pot] = spent.get(work.pot, 0) + work.price_fen
    return spent


# ---- the plan


def test_a_month_without_release_only_connects(setting):
    plan = RollingPlan(setting)
    step = plan(1, NOTHING, plenty(setting), False)
    assert step.works == ()
    assert step.charges
    assert plan.decisions == []


def test_a_release_spends_no_more_than_each_pot_holds(setting):
    releases = setting.budget.releases(setting.horizon)
    plan = RollingPlan(setting)
    month = min(releases)
    step = plan(month, NOTHING, releases[month], True)
    for pot, spent in spent_by_pot(step).items():
        assert 0 < spent <= releases[month][pot]
    assert step.works, "the first release must build something"


def test_what_was_chosen_is_not_offered_again(setting):
    plan = RollingPlan(setting)
    first = plan(0, NOTHING, plenty(setting), True)
    second = plan(3, NOTHING, plenty(setting), True)
    names = [work.project_id for work in (*first.works, *second.works)]
    assert len(names) == len(set(names))
    bought = [asset for work in (*first.works, *second.works) for asset, _ in work.buys]
    assert len(bought) == len(set(bought))


def test_every_candidate_considered_leaves_a_row(setting):
    plan = RollingPlan(setting)
    step = plan(0, NOTHING, plenty(setting), True)
    (decisions,) = plan.decisions
    assert set(decisions.loc[decisions["chosen"], "project_id"]) == {work.project_id for work in step.works}
    assert (decisions["reason"] != "").all()
    offered = {name for proposal in plan.proposals.values() for name in proposal.candidates["project_id"]}
    assert set(decisions["project_id"]) <= offered


def test_nothing_unlicensed_is_considered(setting):
    plan = RollingPlan(setting)
    plan(0, NOTHING, plenty(setting), True)
    (decisions,) = plan.decisions
    assert set(decisions["technology"]) <= {"cable", "ftth", "lte", "transport", "wlan"}


def test_new_lte_sites_make_nbiot_ask_again(setting):
    plan = RollingPlan(setting)
    plan.ask(setting.technologies)
    hosts = set(plan.proposals["nbiot"].candidates["project_id"])
    step = plan(0, NOTHING, plenty(setting), True)
    assert any(work.technology == "lte" for work in step.works)
    licensed = setting.horizon.index("2017-07")
    plan(licensed, NOTHING, plenty(setting), True)
    assert len(plan.asked["nbiot"]) == 2
    assert len(plan.asked["lte"]) == 1
    assert set(plan.proposals["nbiot"].candidates["project_id"]) != hosts


def test_a_zone_is_passed_from_the_month_after_its_activation(setting):
    plan, same = RollingPlan(setting), RollingPlan(setting)
    works = plan(0, NOTHING, plenty(setting), True).works
    same(0, NOTHING, plenty(setting), True)
    first = next(work for work in works if work.technology == "ftth")
    activated = Progress({first.project_id: 1}, {})
    assert plan(1, activated, plenty(setting), False) == same(1, NOTHING, plenty(setting), False)
    opened = sum(charge.quantity for charge in plan(2, activated, plenty(setting), False).charges)
    closed = sum(charge.quantity for charge in same(2, NOTHING, plenty(setting), False).charges)
    assert opened > closed


def test_works_carry_what_the_rollout_needs(setting):
    plan = RollingPlan(setting)
    zones = setting.area.zones
    for work in plan(0, NOTHING, plenty(setting), True).works:
        assert work.prefecture == zones["prefecture"][work.zone]
        assert work.tasks
        assert work.price_fen > 0
        assert work.pot in setting.budget.pots


def test_connections_have_first_call_on_funds():
    """In every month of a run the charges come before the first work that is funded."""
    events = run().events
    for _, month in events.groupby("month"):
        kinds = month["event"].to_numpy()
        connected = np.flatnonzero(kinds == "connected")
        funded = np.flatnonzero(kinds == "funded")
        if len(connected) and len(funded):
            assert connected.max() < funded.min()


# ---- contracts, cancellation, prices, commitments, other people's money


def test_villages_of_a_county_chosen_together_are_one_contract(setting):
    plan = RollingPlan(setting)
    works = plan(0, NOTHING, plenty(setting), True).works
    zones = setting.area.zones
    for work in works:
        county, kind = zones["county"][work.zone], zones["kind"][work.zone]
        assert work.batch == (f"{work.technology}:{county}:0" if kind == "village" else "")
        assert (work.x_m, work.y_m) == (zones["x_m"][work.zone], zones["y_m"][work.zone])
        assert work.kind == kind
    batches = [work.batch for work in works if work.batch]
    assert len(set(batches)) < len(batches)


def test_a_project_given_up_is_barred_and_its_zone_open_to_others(setting):
    plan = RollingPlan(setting)
    works = plan(0, NOTHING, plenty(setting), True).works
    lte = [work.project_id for work in works if work.technology == "lte"]
    before = plan.under_way.covered["lte"].sum()
    bought = frozenset(plan.bought)
    again = plan(3, Progress({}, dict.fromkeys(lte, 2)), plenty(setting), True)
    decisions = plan.decisions[-1].set_index("project_id")
    assert not decisions.loc[lte, "chosen"].any()
    assert not set(lte) & {work.project_id for work in again.works}
    assert not set(lte) & plan.taken
    assert plan.under_way.covered["lte"].sum() < before
    assert bought <= plan.bought, "what was bought with it stays bought"
    sold = [asset for work in (*works, *again.works) for asset, _ in work.buys]
    assert len(sold) == len(set(sold))


def test_prices_move_with_the_year(setting):
    paths = PricePaths.model_validate({"items": {"civil": {"per_year": 1.0}}})
    moving = replace(setting, budget=setting.budget.model_copy(update={"price_paths": paths}))
    early, late = RollingPlan(moving), RollingPlan(moving)
    early(9, NOTHING, dict.fromkeys(setting.budget.pots, 0), True)
    late(12, NOTHING, dict.fromkeys(setting.budget.pots, 0), True)
    first, second = (plan.decisions[0].set_index("project_id") for plan in (early, late))
    common = first.index.intersection(second.index)
    assert len(common) > 10
    ratio = second.loc[common, "civil_fen"] / first.loc[common, "civil_fen"].replace(0, np.nan)
    assert ratio.dropna().to_numpy() == pytest.approx(2.0, rel=1e-3)
    assert second.loc[common, "active_fen"].tolist() == first.loc[common, "active_fen"].tolist()


def fixing(setting, **options):
    given = CommitmentOptions.model_validate(options)
    planner = setting.planner.model_copy(
        update={"commitments": given.commitments, "moratoria": given.moratoria}
    )
    return RollingPlan(replace(setting, planner=planner))


def test_a_moratorium_shuts_and_says_so(setting):
    plan = fixing(setting, moratoria=[{"technologies": ["ftth"], "last": "2014-03", "reason": "audit"}])
    plan.check()
    works = plan(0, NOTHING, plenty(setting), True).works
    assert works
    assert "ftth" not in {work.technology for work in works}
    first = plan.decisions[0]
    said = first.loc[first["technology"] == "ftth", "reason"]
    assert "moratorium until 2014-03: audit" in set(said)
    assert "ftth" in {work.technology for work in plan(3, NOTHING, plenty(setting), True).works}


def test_what_is_committed_to_is_built_first(setting):
    free = RollingPlan(setting)
    free(0, NOTHING, plenty(setting), True)
    wanted = free.decisions[0][lambda frame: frame["chosen"] & (frame["technology"] == "ftth")]
    money = dict.fromkeys(setting.budget.pots, int(wanted["price_fen"].sum()) // 4)
    scarce = RollingPlan(setting)
    scarce(0, NOTHING, money, True)
    decisions = scarce.decisions[0]
    left = decisions[(decisions["technology"] == "ftth") & (decisions["reason"] == "over budget")]
    name = left.sort_values("price_fen")["project_id"].iloc[0]
    plan = fixing(setting, commitments=[{"projects": [name], "month": "2014-12"}])
    plan.check()
    step = plan(0, NOTHING, money, True)
    assert name in [work.project_id for work in step.works]
    assert all(spent <= money[pot] for pot, spent in spent_by_pot(step).items())
    row = plan.decisions[0].set_index("project_id").loc[name]
    assert row["reason"] == "committed in advance"


def test_a_commitment_to_nothing_that_is_is_an_error(setting):
    plan = fixing(setting, commitments=[{"projects": ["ftth:nowhere"], "rule": "never"}])
    with pytest.raises(ScenarioError, match="is no project that could be built"):
        plan.check()


def test_a_fund_matches_what_others_pay(setting):
    fund = {
        "yearly": 1e9,
        "kinds": ["village"],
        "technologies": ["ftth", "transport"],
        "matching": {"share": 0.3, "opex_years": 6},
    }
    pots = setting.budget.pots | {"fund": Pot.model_validate(fund)}
    given = replace(setting, budget=setting.budget.model_copy(update={"pots": pots}))
    plan = RollingPlan(given)
    works = plan(0, NOTHING, plenty(given), True).works
    kinds, opex = given.area.zones["kind"], {}
    for proposal in plan.proposals.values():
        opex |= dict(
            zip(proposal.candidates["project_id"], proposal.candidates["opex_fen_per_year"], strict=True)
        )
    matched = [work for work in works if work.matching]
    assert matched
    for work in works:
        mine = kinds[work.zone] == "village" and work.technology in ("ftth", "transport")
        assert (work.matching is not None) == mine
        if work.matching:
            price = work.price_fen
            assert work.matching == ("fund", min(price, round(0.3 * (price + 6 * opex[work.project_id]))))
            assert work.pot != "fund"
    row = plan.decisions[0].set_index("project_id").loc[matched[0].project_id]
    assert (row["matching_pot"], row["matching_fen"]) == matched[0].matching


def test_advances_pay_for_works_but_not_for_connections(setting):
    pots = {name: pot.model_copy(update={"advance_months": 6}) for name, pot in setting.budget.pots.items()}
    given = replace(setting, budget=setting.budget.model_copy(update={"pots": pots}))
    ahead = given.budget.ahead(0, given.horizon)
    assert set(ahead) == set(pots)
    step = RollingPlan(given)(0, NOTHING, ahead, True)
    assert sum(charge.amount_fen for charge in step.charges) == 0
    assert step.works
    for pot, spent in spent_by_pot(step).items():
        assert spent <= ahead[pot]


EVERY_KIND = (
    (
        "budget.pots.fund",
        "{yearly: 2.0e+7, kinds: [village], technologies: [ftth, transport], release_months: [1, 7], "
        "matching: {share: 0.3, opex_years: 6}}",
    ),
    (
        "budget.pots.bonus",
        "{yearly: 1.0e+6, release_months: [], technologies: [ftth], "
        "milestones: [{technology: ftth, kind: village, projects: 2, share: 2.0}]}",
    ),
    ("budget.pots.mobile.advance_months", "12"),
    ("budget.pots.villages.carry_over", "false"),
    ("budget.scale", "0.001"),
)


def test_a_run_with_every_kind_of_money_keeps_each_pot_to_its_rule():
    made = run(*EVERY_KIND)
    events = made.events
    log = events[events["replication"] == 0]
    matched = log[log["event"] == "matched"]
    assert set(matched["pot"]) == {"fund"}
    funded = log[log["event"] == "funded"].set_index("project_id")["committed_fen"]
    price = funded.loc[matched["project_id"]].to_numpy() + matched["committed_fen"].to_numpy()
    assert (matched["committed_fen"].to_numpy() <= price).all()
    assert (matched["committed_fen"].to_numpy() >= np.floor(0.3 * price)).all(), "running cost comes on top"
    bonus = log[(log["pot"] == "bonus") & (log["event"] == "released")]
    served = log[(log["event"] == "activated") & log["project_id"].str.startswith("ftth:")]
    assert len(bonus) == 1
    assert bonus["released_fen"].tolist() == [200_000]
    assert bonus["month"].iloc[0] > served["month"].iloc[1]
    commits = log["committed_fen"] + log["spent_fen"].where(log["event"] == "connected", 0)
    for pot, rows in log.assign(commits=commits).groupby("pot"):
        ahead = made_ahead(made, pot)
        free = rows["released_fen"].cumsum() - rows["commits"].cumsum()
        assert (free >= -ahead).all(), pot
        assert (rows["released_fen"].cumsum() - rows["spent_fen"].cumsum() >= 0).all(), pot
    assert (log.loc[log["pot"] == "mobile", "committed_fen"].sum()) > 0


def made_ahead(made, pot):
    """Return the largest advance that a pot may take in any month [fen]."""
    budget = load(*EVERY_KIND).scenario.budget
    return max((budget.ahead(month, made.horizon).get(pot, 0) for month in range(48)), default=0)
