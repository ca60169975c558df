"""Who is connected and who pays: several technologies, one purse, and a fold that counts the same."""

from dataclasses import replace

import numpy as np
import pytest

from sim.clock import Horizon
from sim.planning.asked import projects_of
from sim.planning.connections import Purse, charge_connections
from sim.planning.places import Places, places_of
from sim.planning.pots import Budget, Pot
from sim.planning.rolling import RollingPlan, Setting
from sim.planning.subscribers import Subscribers, one_by_one
from sim.randomness import Streams
from sim.rollout.build import roll_out
from sim.rollout.options import crews_of
from sim.rollout.state import monthly_state
from tests.planning.small import budget
from tests.world import world


class Line:
    """A technology that is only connected."""

    use, per_home = "fixed", False

    def __init__(self, name, yuan):
        self.name, self._yuan = name, yuan

    def connect_yuan(self):
        return self._yuan


@pytest.fixture
def two():
    """Return subscribers of fibre and cable in the made-up area, both standing in half of the homes."""
    now = world()
    ground = now.prepared.ground
    half = np.full(ground.homes.shape[1], 0.5)
    ground = replace(
        ground,
        standing_share={"ftth": half, "cable": half, "catv": half},
        standing_subscribers={},
        new_housing=None,
    )

    def build(money, yuan=(100.0, 50.0)):
        lines = {"ftth": Line("ftth", yuan[0]), "cable": Line("cable", yuan[1])}
        places = places_of(now.area.zones)
        return Subscribers(
            ground, now.prepared.demand, lines, Purse(money, now.loaded.scenario.clock, places)
        )

    return build


def test_wired_lines_and_those_with_a_price_are_put_in_one_by_one():
    lines = {"fwa": Line("fwa", 0.0), "cable": Line("cable", 0.0), "radio": Line("radio", 3.0)}
    assert one_by_one(lines, ("dsl", "ftth")) == ("ftth", "cable", "radio")


def test_what_fibre_uses_of_a_pot_is_gone_for_cable(two):
    rich, poor = two(budget()), two(budget())
    funds = {"all": 10**12}
    charges = rich.connect(0, {}, funds)
    by_name = {name: [c for c in charges if c.technology == name] for name in ("ftth", "cable")}
    assert all(by_name.values())
    cost = {name: sum(c.amount_fen for c in found) for name, found in by_name.items()}
    assert 10**12 - funds["all"] == sum(cost.values())
    funds = {"all": cost["ftth"] + cost["cable"] // 2}
    charges = poor.connect(0, {}, funds)
    shares = {charge.technology: charge.share for charge in charges}
    assert shares["ftth"] == 1.0
    assert shares["cable"] == pytest.approx(0.5, abs=0.02)
    assert funds["all"] >= 0
    assert poor.lines["cable"].sum() < rich.lines["cable"].sum()
    assert poor.lines["ftth"].tolist() == rich.lines["ftth"].tolist()


def test_a_household_is_counted_once(two):
    found = two(budget())
    funds = {"all": 10**12}
    for month in range(12):
        found.connect(month, {}, funds)
    now = world().prepared
    willing = now.demand.fixed_willing[11][now.demand.zone_kind] * now.ground.homes[11]
    assert (sum(found.lines.values()) <= willing + 1e-6).all()


def test_an_earlier_technology_leaves_the_pot_that_a_later_one_needs():
    pots = {"cables": Pot(technologies=("ftth", "cable")), "fibre": Pot(share=0.4, technologies=("ftth",))}
    money = Budget(annual_investment=1, province_share=1, access_share=1, connection_margin=0, pots=pots)
    places = Places.of_kinds(np.array(["village", "town"], dtype=object))
    money = Purse(money, Horizon("2014-01", "2014-12"), places)
    funds = {"cables": 100_000, "fibre": 100_000}
    charge_connections(Line("ftth", 100.0), {"village": 10.0, "town": 0.0}, money, funds, ("cable",))
    assert funds == {"cables": 100_000, "fibre": 0}
    _, share = charge_connections(Line("cable", 100.0), {"village": 10.0, "town": 0.0}, money, funds)
    assert share == 1.0


def test_money_is_set_aside_for_every_technology(two):
    found = two(budget())
    funds = {"all": 10**12}
    found.set_aside(0, funds)
    both = 10**12 - funds["all"]
    fibre_alone = two(budget(), (100.0, 0.0))
    funds = {"all": 10**12}
    fibre_alone.set_aside(0, funds)
    assert 0 < 10**12 - funds["all"] < both


def rolled(**changes):
    """Return plan and state of one replication on the made-up area."""
    now = world()
    scenario, ready = now.loaded.scenario, now.prepared
    ground = replace(ready.ground, **changes)
    money = ready.budget.model_copy(update={"scale": 0.0003})
    plan = RollingPlan(
        Setting(
            area=ready.area, demand=ready.demand, ground=ground, needs=ready.needs,
            technologies=scenario.technologies.chosen(), planner=scenario.planning, budget=money,
            horizon=scenario.clock,
        )
    )  # fmt: skip
    people = ready.area.zones.groupby("prefecture", sort=True)["population_2010"].sum()
    crews = crews_of(scenario.rollout, {str(name): int(count) for name, count in people.items()})
    events = roll_out(plan, money, scenario.rollout, scenario.clock, Streams(1, 0), crews)
    return plan, events, monthly_state(events, projects_of(plan), ready.demand, ground)


@pytest.mark.parametrize("with_code", [True, False])
def test_the_plan_and_the_fold_count_the_same_subscribers(with_code):
    """Technology by technology, to the last bit of what the state keeps, and with money short."""
    plan, events, state = rolled(**({} if with_code else {"new_housing": None}))
    connected = events[events["event"] == "connected"]
    assert {"ftth", "cable"} <= set(connected["project_id"])
    assert (connected["share"] < 1).any()
    for name in plan.subscribers.names:
        row = state.technology(name)
        counts = (plan.subscribers.lines, state.subscribers), (plan.subscribers.ever, state.homes_connected)
        for planned, folded in counts:
            assert (planned[name].astype(np.float32) == folded[-1, row]).all(), name
