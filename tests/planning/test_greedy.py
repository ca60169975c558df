import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from sim.errors import PlanError
from sim.planning.projects import join, price_of_all
from tests.planning.small import GREEDY, budget, needs, proposal, question, reasons, situation


def ids(choice):
    return [one.project_id for one in choice.chosen]


def test_the_best_worth_per_money_comes_first_and_every_candidate_leaves_a_row():
    rows = [
        {"id": "a", "zone": 0, "civil_fen": 100},
        {"id": "b", "zone": 1, "civil_fen": 60, "active_fen": 40},
        {"id": "c", "zone": 2, "civil_fen": 100},
    ]
    choice = GREEDY.choose(question(proposal(rows), [10, 30, 20], 200))
    assert ids(choice) == ["b", "c"]
    frame = choice.decisions
    assert frame["project_id"].tolist() == ["b", "c", "a"]
    assert frame["rank"].tolist() == [1, 2, 3]
    assert frame["homes"].tolist() == [30.0, 20.0, 10.0]
    assert frame["worth"].tolist() == pytest.approx([3.0, 2.0, 1.0])
    assert frame["price_fen"].tolist() == [100, 100, 100]
    assert frame["active_fen"].tolist() == [40, 0, 0]
    assert frame["pot"].tolist() == ["all", "all", ""]
    assert frame["reason"].tolist() == ["chosen", "chosen", "over budget"]


def test_what_cannot_be_paid_is_skipped_and_the_next_is_taken():
    rows = [{"id": "big", "zone": 0, "civil_fen": 500}, {"id": "small", "zone": 1, "civil_fen": 90}]
    choice = GREEDY.choose(question(proposal(rows), [1000, 10], 100))
    assert ids(choice) == ["small"]
    assert reasons(choice)["big"] == "over budget"
    assert choice.decisions["rank"].tolist() == [1, 2]
    assert choice.decisions["project_id"].tolist() == ["big", "small"]


def test_without_money_nothing_is_chosen_not_even_what_is_free():
    choice = GREEDY.choose(question(proposal([{"id": "free"}]), [10], 0))
    assert choice.chosen == ()
    assert reasons(choice) == {"free": "over budget"}


def test_a_shared_asset_is_paid_once_and_makes_the_others_cheaper():
    rows = [{"id": f"v{k}", "zone": k, "civil_fen": 10} for k in range(3)]
    asked = proposal(rows, [("duct", 80)], [(f"v{k}", "duct") for k in range(3)])
    choice = GREEDY.choose(question(asked, [30, 20, 10], 120))
    assert sum(one.price_fen for one in choice.chosen) == 110
    assert sum(len(one.buys) for one in choice.chosen) == 1
    again = GREEDY.choose(question(asked, [30, 20, 10], 20, bought={"duct"}))
    assert [one.price_fen for one in again.chosen] == [10, 10]


def test_a_requirement_is_pulled_along_and_ranks_no_lower():
    rows = [
        {"id": "lte:1", "technology": "lte", "use": "mobile", "civil_fen": 100},
        {"id": "nb:1", "technology": "nbiot", "use": "iot", "civil_fen": 1, "requires": "lte:1"},
        {"id": "x", "zone": 1, "civil_fen": 100},
    ]
    service = [("lte:1", 0, 0, 10.0), ("nb:1", 0, 0, 0.1), ("x", 1, -1, 100.0)]
    asked = proposal(rows, service=service)
    wanted = needs(("iot", "village", 0.0, 9, 5.0))
    choice = GREEDY.choose(question(asked, [100, 100], 101, needs=wanted))
    assert ids(choice) == ["lte:1", "nb:1"]
    assert [one.requires for one in choice.chosen] == ["", "lte:1"]
    alone = GREEDY.choose(question(asked, [100, 100], 1, needs=wanted, taken={"lte:1"}))
    assert ids(alone) == ["nb:1"]
    assert reasons(alone)["lte:1"] == "already under way"


def test_reasons_of_those_that_cannot_be_chosen():
    rows = [
        {"id": "early", "available_month": 5},
        {"id": "after", "requires": "early"},
        {"id": "orphan", "requires": "nobody"},
        {"id": "done"},
        {"id": "useless", "zone": 1, "civil_fen": 1},
        {"id": "lte", "technology": "lte", "use": "mobile"},
    ]
    asked = proposal(rows, service=[(row["id"], row.get("zone", 0), -1, 100.0) for row in rows])
    pots = {"all": {"technologies": ["ftth"]}}
    choice = GREEDY.choose(question(asked, [10, 0], 100, taken={"done"}, budget=budget(**pots)))
    assert choice.chosen == ()
    assert reasons(choice) == {
        "early": "not yet available",
        "after": "waits for early",
        "orphan": "waits for nobody",
        "done": "already under way",
        "useless": "nothing newly served",
        "lte": "no pot may pay",
    }


def test_ring_fenced_money_is_used_first_and_only_where_it_may_be():
    pots = {"a_general": {}, "rural": {"share": 0.5, "kinds": ["village"], "technologies": ["ftth"]}}
    rows = [{"id": f"v{k}", "zone": k, "civil_fen": 100} for k in range(3)]
    kinds = np.array(["village", "village", "city"], dtype=object)
    funds = {"a_general": 100, "rural": 100}
    choice = GREEDY.choose(question(proposal(rows), [30, 20, 10], funds, budget=budget(**pots), kinds=kinds))
    assert {one.project_id: one.pot for one in choice.chosen} == {"v0": "rural", "v1": "a_general"}
    assert reasons(choice)["v2"] == "over budget"


def test_overlapping_sites_are_not_counted_twice():
    rows = [{"id": f"lte:{k}", "technology": "lte", "use": "mobile", "civil_fen": 100} for k in "abc"]
    service = [("lte:a", 0, 0, 10.0), ("lte:a", 0, 1, 10.0), ("lte:b", 0, 1, 10.0), ("lte:b", 1, 2, 10.0)]
    service += [("lte:c", 0, 0, 10.0), ("lte:c", 0, 1, 10.0)]
    choice = GREEDY.choose(question(proposal(rows, service=service), [100, 10], 1000))
    assert ids(choice) == ["lte:a", "lte:b"]
    frame = choice.decisions.set_index("project_id")
    assert frame.loc["lte:b", "homes"] == 15.0
    assert reasons(choice)["lte:c"] == "nothing newly served"


def test_circles_and_foreign_names_are_refused():
    circle = proposal([{"id": "a", "requires": "b"}, {"id": "b", "requires": "a"}])
    with pytest.raises(PlanError, match="run in a circle"):
        GREEDY.choose(question(circle, [1], 1))
    with pytest.raises(PlanError, match="is not proposed"):
        GREEDY.choose(question(proposal([{"id": "a"}], [], [("a", "duct")]), [1], 1))


def test_joining_proposals():
    a = proposal([{"id": "a", "civil_fen": 5}], [("duct", 80), ("unused", 7)], [("a", "duct")])
    b = proposal([{"id": "b", "civil_fen": 6}], [("duct", 80)], [("b", "duct")])
    both = join([a, b])
    assert len(both.candidates) == 2
    assert len(both.assets) == 2
    assert price_of_all(both) == 91
    with pytest.raises(PlanError, match="proposed twice"):
        join([a, a])
    with pytest.raises(PlanError, match="two different prices"):
        join([a, proposal([{"id": "b"}], [("duct", 81)], [("b", "duct")])])
    with pytest.raises(PlanError, match="no technology"):
        join([])


def worth_of_set(asked, homes, names):
    """Worth of a set of fixed projects: the best in each zone, at the base weight."""
    zones = asked.candidates.set_index("project_id")["zone"]
    return sum(0.1 * homes[z] for z in {int(zones[name]) for name in names})


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(1, 60)), min_size=1, max_size=12), st.integers(0, 200)
)
@settings(max_examples=25, deadline=None)
def test_greedy_is_within_one_project_of_the_exact_optimum(zones, funds):
    homes = [h for h, _ in zones]
    price = np.array([p for _, p in zones], dtype=float)
    asked = proposal([{"id": f"p{k:02}", "zone": k, "civil_fen": int(p)} for k, p in enumerate(price)])
    choice = GREEDY.choose(question(asked, homes, funds))
    worth = np.array(homes) * 0.1
    exact = milp(
        -worth,
        constraints=LinearConstraint(price[None], ub=funds),
        integrality=np.ones(len(homes)),
        bounds=Bounds(0, 1),
    )
    got = worth_of_set(asked, homes, ids(choice))
    assert got <= -exact.fun + 1e-6
    assert got >= -exact.fun - worth.max() - 1e-6


def feasible(asked, subset, funds):
    """Whether a set keeps its precedence and its price with shared assets stays within the funds."""
    table = asked.candidates.set_index("project_id")
    if any(table.loc[name, "requires"] not in (*subset, "") for name in subset):
        return False
    assets = set(asked.needed.loc[asked.needed["project_id"].isin(subset), "asset_id"])
    prices = dict(zip(asked.assets["asset_id"], asked.assets["passive_fen"], strict=True))
    return table.loc[list(subset), "civil_fen"].sum() + sum(prices[a] for a in assets) <= funds


@st.composite
def worlds(draw):
    """Zones, candidates with shared assets, requirements and overlapping radio, and pots."""
    count, zones = draw(st.integers(1, 7)), draw(st.integers(1, 4))
    homes = [2 * draw(st.integers(0, 20)) for _ in range(zones)]
    rows, needed, service = [], [], []
    for k in range(count):
        name = f"p{k}"
        radio = draw(st.booleans())
        row = {"id": name, "zone": draw(st.integers(0, zones - 1)), "civil_fen": draw(st.integers(0, 40))}
        if radio:
            row |= {"technology": "lte", "use": "mobile"}
            points = draw(st.sets(st.integers(0, 2 * zones - 1), max_size=3))
            service += [(name, p // 2, p, 10.0) for p in sorted(points)]
        else:
            service.append((name, row["zone"], -1, float(draw(st.sampled_from([8, 100])))))
        if k and draw(st.booleans()):
            row["requires"] = f"p{draw(st.integers(0, k - 1))}"
        row["available_month"] = draw(st.sampled_from([0, 0, 0, 3]))
        rows.append(row)
        needed += [(name, a) for a in sorted(draw(st.sets(st.sampled_from(["duct", "olt"]))))]
    asked = proposal(rows, [("duct", draw(st.integers(0, 50))), ("olt", 20)], needed, service)
    funds = {"all": draw(st.integers(0, 150)), "rural": draw(st.integers(0, 60))}
    kinds = np.array([draw(st.sampled_from(["village", "city"])) for _ in range(zones)], dtype=object)
    pots = budget(all={}, rural={"share": 0.2, "kinds": ["village"]})
    wanted = needs(("fixed", "village", 12.0, 9, 1.0), ("mobile", "city", 0.0, 9, 1.0))
    taken = frozenset(draw(st.sets(st.sampled_from([row["id"] for row in rows]), max_size=1)))
    return question(asked, homes, funds, kinds=kinds, budget=pots, needs=wanted, taken=taken)


@given(worlds())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_money_precedence_and_purchases_hold_in_any_world(world):
    choice = GREEDY.choose(world)
    spent = dict.fromkeys(world.funds_fen, 0)
    for one in choice.chosen:
        spent[one.pot] += one.price_fen
    assert all(spent[pot] <= world.funds_fen[pot] for pot in spent)
    names = ids(choice)
    assert len(set(names)) == len(names)
    assert not set(names) & world.taken
    bought = [asset for one in choice.chosen for asset, _ in one.buys]
    assert len(set(bought)) == len(bought)
    needed = world.proposal.needed
    assert set(bought) == set(needed.loc[needed["project_id"].isin(names), "asset_id"])
    own = world.proposal.candidates.set_index("project_id")["civil_fen"]
    for one in choice.chosen:
        assert one.requires in (*names, *world.taken, "")
        assert one.price_fen == own[one.project_id] + sum(fen for _, fen in one.buys)
    frame = choice.decisions
    assert sorted(frame["project_id"]) == sorted(world.proposal.candidates["project_id"])
    assert frame["rank"].tolist() == list(range(1, len(frame) + 1))
    assert (frame["chosen"] == (frame["reason"] == "chosen")).all()
    assert set(frame.loc[frame["chosen"], "project_id"]) == set(names)


@given(worlds(), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_decisions_do_not_depend_on_the_order_of_rows(world, random):
    tables = {}
    for name in ("candidates", "assets", "needed", "service"):
        table = getattr(world.proposal, name)
        order = list(range(len(table)))
        random.shuffle(order)
        tables[name] = table.iloc[order].reset_index(drop=True)
    shuffled = type(world)(**{**world.__dict__, "proposal": type(world.proposal)(**tables)})
    first, second = GREEDY.choose(world), GREEDY.choose(shuffled)
    assert first.decisions.equals(second.decisions)
    assert [(o.project_id, o.pot, o.buys) for o in first.chosen] == [
        (o.project_id, o.pot, o.buys) for o in second.chosen
    ]


def test_greedy_against_every_subset_with_shared_assets_and_precedence():
    random = np.random.default_rng(7)
    gaps = []
    for _ in range(12):
        homes = random.integers(2, 40, 6).tolist()
        rows = [{"id": f"p{k}", "zone": k, "civil_fen": int(random.integers(5, 40))} for k in range(6)]
        rows[3]["requires"], rows[5]["requires"] = "p0", "p1"
        needed = [(f"p{k}", "duct") for k in range(0, 6, 2)]
        asked = proposal(rows, [("duct", 25)], needed)
        funds = 90
        every = (c for n in range(7) for c in itertools.combinations([r["id"] for r in rows], n))
        best = max(worth_of_set(asked, homes, c) for c in every if feasible(asked, c, funds))
        choice = GREEDY.choose(question(asked, homes, funds))
        assert feasible(asked, ids(choice), funds)
        gaps.append(worth_of_set(asked, homes, ids(choice)) / best)
    assert min(gaps) > 0.6
    assert np.mean(gaps) > 0.9


def test_needs_of_a_kind_move_the_choice():
    rows = [{"id": "city", "zone": 0, "civil_fen": 100}, {"id": "village", "zone": 1, "civil_fen": 100}]
    kinds = np.array(["city", "village"], dtype=object)
    asked = question(proposal(rows), [100, 60], 100, kinds=kinds)
    assert ids(GREEDY.choose(asked)) == ["city"]
    wanted = needs(("fixed", "village", 12.0, 9, 1.0))
    assert ids(GREEDY.choose(question(proposal(rows), [100, 60], 100, kinds=kinds, needs=wanted))) == [
        "village"
    ]


def test_a_later_release_knows_what_is_under_way():
    now = situation([100], fixed_mbps=np.array([100.0]), fixed_share=np.array([1.0]))
    choice = GREEDY.choose(question(proposal([{"id": "a", "civil_fen": 1}]), [100], 10, situation=now))
    assert reasons(choice) == {"a": "nothing newly served"}


def test_what_requires_a_project_is_chosen_after_it_though_it_is_worth_more_for_its_money():
    """Once a site is chosen for its overlay, a third carrier alone is worth more for its money than both."""
    on_a = {"technology": "lte", "requires": "lte:a"}
    asked = proposal(
        [
            {"id": "lte:a", "technology": "lte", "use": "mobile", "active_fen": 1000},
            {"id": "lte:a+b5", **on_a, "use": "mobile", "active_fen": 100},
            {"id": "lte:a+b3", **on_a, "use": "capacity", "active_fen": 150},
        ],
        service=[("lte:a", 0, 0, 10.0), ("lte:a+b5", 0, 1, 10.0), ("lte:a+b3", 0, 0, 10.0)],
    )
    choice = GREEDY.choose(question(asked, [100], 10_000))
    assert [one.project_id for one in choice.chosen] == ["lte:a", "lte:a+b5", "lte:a+b3"]
    assert choice.decisions["project_id"].tolist()[0] == "lte:a+b3", "the table is ranked by worth for money"


def test_homes_that_a_step_and_what_it_requires_serve_alike_count_once():
    """Counted twice, the pair would be worth 20 for 110 and beat 15 for 100."""
    asked = proposal(
        [
            {"id": "a", "zone": 0, "civil_fen": 100},
            {"id": "a:faster", "zone": 0, "civil_fen": 10, "requires": "a"},
            {"id": "b", "zone": 1, "civil_fen": 100},
        ],
        service=[("a", 0, -1, 100.0), ("a:faster", 0, -1, 1000.0), ("b", 1, -1, 100.0)],
    )
    assert ids(GREEDY.choose(question(asked, [100, 150], 110))) == ["b"]
    assert ids(GREEDY.choose(question(asked, [100, 150], 1000))) == ["b", "a"]
