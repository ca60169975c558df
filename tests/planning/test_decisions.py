import numpy as np
import pytest

from sim.planning.worth import WorthOptions
from sim.tables.decisions import DECISIONS, RELEASES, WORTH_PARTS
from tests.planning.small import GREEDY, budget, needs, proposal, question, reasons


def test_the_parts_of_a_worth_sum_to_it_for_all_who_share_homes():
    rows = [{"id": f"lte:{k}", "technology": "lte", "use": "mobile", "civil_fen": 100} for k in "abc"]
    service = [("lte:a", 0, 0, 10.0), ("lte:a", 0, 1, 10.0), ("lte:b", 0, 1, 10.0), ("lte:b", 1, 2, 10.0)]
    service += [("lte:c", 1, 2, 10.0), ("lte:c", 1, 3, 10.0)]
    wanted = needs(("mobile", "village", 0.0, 9, 1.0))
    asked = question(proposal(rows, service=service), [100, 10], 200, needs=wanted)
    frame = GREEDY.choose(asked).decisions
    parts = [f"worth_{name}" for name in WORTH_PARTS]
    assert frame[parts].sum(axis=1).tolist() == pytest.approx(frame["worth"].tolist())
    assert (frame.loc[frame["chosen"], "worth_targets"] > 0).all()
    DECISIONS.check(frame)


def test_the_worth_of_all_chosen_sums_to_that_of_the_choice():
    rows = [{"id": f"v{k}", "zone": k, "civil_fen": 10 + k} for k in range(6)]
    choice = GREEDY.choose(question(proposal(rows), [30, 20, 10, 40, 50, 5], 40))
    chosen = choice.decisions[choice.decisions["chosen"]]
    assert chosen["worth"].sum() == pytest.approx(choice.worth)
    assert choice.worth <= choice.bound
    assert choice.gap == pytest.approx(1.0 - choice.worth / choice.bound)


def test_a_matching_pot_stands_beside_the_one_that_pays():
    pots = {"own": {}, "fund": {"yearly": 1000.0, "matching": {"share": 0.3, "opex_years": 0.0}}}
    rows = [{"id": "a", "civil_fen": 100}, {"id": "b", "zone": 1, "civil_fen": 100}]
    asked = question(proposal(rows), [10, 5], {"own": 170, "fund": 30}, budget=budget(**pots))
    choice = GREEDY.choose(asked)
    frame = choice.decisions.set_index("project_id")
    assert frame.loc["a", ["pot", "matching_pot", "matching_fen"]].tolist() == ["own", "fund", 30]
    assert frame.loc["b", ["pot", "matching_pot", "matching_fen"]].tolist() == ["own", "", 0]
    assert [one.matching for one in choice.chosen] == [("fund", 30), None]


def test_what_was_given_up_or_may_not_be_built_now_is_told_apart():
    rows = [{"id": name, "zone": k} for k, name in enumerate(["gone", "held", "after", "open"])]
    rows[2]["requires"] = "gone"
    asked = question(proposal(rows), [10] * 4, 10, barred={"gone"}, shut={"held": "moratorium until 2015-03"})
    choice = GREEDY.choose(asked)
    assert reasons(choice) == {
        "gone": "given up",
        "held": "moratorium until 2015-03",
        "after": "waits for gone",
        "open": "chosen",
    }


def test_a_release_has_a_row_for_all_money_and_one_for_each_pot():
    pots = {"a_general": {}, "rural": {"share": 0.5, "kinds": ["village"]}}
    rows = [{"id": f"v{k}", "zone": k, "civil_fen": 100} for k in range(8)]
    kinds = np.array(["village"] * 4 + ["city"] * 4, dtype=object)
    funds = {"a_general": 100, "rural": 200}
    choice = GREEDY.choose(
        question(proposal(rows), list(range(10, 90, 10)), funds, budget=budget(**pots), kinds=kinds)
    )
    table = RELEASES.check(choice.releases).set_index("pot")
    assert table.index.tolist() == ["", "rural", "a_general"]
    assert table["candidates"].tolist() == [8, 4, 8]
    assert table["chosen"].tolist() == [3, 2, 1]
    assert table["spent_fen"].tolist() == [300, 200, 100]
    assert table["funds_fen"].tolist() == [300, 200, 100]
    assert table.loc["", "worth"] == pytest.approx(table.loc[["rural", "a_general"], "worth"].sum())
    assert table.loc["", "bound"] == pytest.approx(choice.bound)
    assert table.loc["a_general", "worth_of_million"] == pytest.approx(choice.pot_prices["a_general"])
    assert choice.pot_prices["a_general"] > choice.pot_prices["rural"] > 0


def test_without_money_there_is_one_row_and_nothing_is_missed():
    choice = GREEDY.choose(question(proposal([{"id": "a"}]), [10], 0))
    assert choice.releases["pot"].tolist() == [""]
    assert (choice.worth, choice.bound, choice.gap) == (0.0, 0.0, 0.0)


def test_a_planner_has_the_keys_of_worth():
    assert isinstance(GREEDY, WorthOptions)
