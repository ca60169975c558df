"""Tests of the comparison of runs, and of runs with references."""

import pytest

from sim.errors import StoreError
from sim.report.compare import compare_runs, write_reference
from sim.store import open_run, save_run
from tests.tiny import make_run


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare") / "a"
    save_run(make_run(), folder)
    return folder


def _saved(folder, **changes):
    save_run(make_run(**changes), folder)
    return folder


def test_a_run_is_the_same_as_itself(base):
    comparison = compare_runs(base, base)
    assert not comparison.differs
    assert "the same" in comparison.text
    assert "No difference" in comparison.markdown
    assert not compare_runs(open_run(base), open_run(base)).differs


def test_scenario_keys_are_named(base, tmp_path):
    other = _saved(tmp_path / "b", resolved={"name": "yunnan-2017", "seed": 8, "budget": {"scale": 2}})
    found = compare_runs(base, other).sections["scenario keys"]
    assert [(one.place, one.a, one.b) for one in found] == [("budget.scale", "–", "2"), ("seed", "7", "8")]


def test_a_verdict_that_turns_is_found(base, tmp_path):
    card = make_run().scorecard
    card.loc[1, "verdict"] = "met"
    found = compare_runs(base, _saved(tmp_path / "b", scorecard=card)).sections["verdicts"]
    assert [one.line for one in found] == ["YN-02: missed at 15.5 -> met at 15.5 (verdict)"]


def test_verdicts_that_turn_come_before_values_that_move(base, tmp_path):
    card = make_run().scorecard
    card.loc[0, ["mean", "margin"]] = ["15.6", "5.6"]
    card.loc[2, ["verdict", "first_met"]] = ["met", "2015-12"]
    found = compare_runs(base, _saved(tmp_path / "b", scorecard=card)).sections["verdicts"]
    assert [one.line for one in found] == [
        "YN-03: at risk at 6.2 -> met at 6.2 (verdict, first_met)",
        "YN-01: met at 15.5 -> met at 15.6 (mean, margin)",
    ]


def test_what_held_a_target_and_what_closes_it_are_compared(base, tmp_path):
    card = make_run().scorecard
    card.loc[1, ["binding", "cost_to_close_yuan"]] = ["money", "1200000"]
    one = _saved(tmp_path / "b", scorecard=card)
    found = compare_runs(base, one).sections["verdicts"]
    assert [line.note for line in found] == ["binding, cost_to_close_yuan"]
    near = card.assign(cost_to_close_yuan=["", "1200001", *[""] * 4])
    assert not compare_runs(one, _saved(tmp_path / "c", scorecard=near)).differs


def test_a_scorecard_of_an_older_version_is_compared_in_what_it_has(base, tmp_path):
    card = make_run().scorecard.drop(columns=["definition", "binding", "cost_to_close_yuan"])
    old = _saved(tmp_path / "old", scorecard=card)
    for comparison in (compare_runs(base, old), compare_runs(old, base)):
        assert not comparison.differs
        assert "not compared in binding, cost_to_close_yuan" in comparison.text
    assert compare_runs(old, old).remarks == ("one scorecard is of an older version and was not compared in "
                                              "binding, cost_to_close_yuan",)  # fmt: skip
    card.loc[1, "verdict"] = "met"
    assert compare_runs(base, _saved(tmp_path / "turned", scorecard=card)).differs


def test_a_target_on_one_side_only_is_found(base, tmp_path):
    card = make_run().scorecard.iloc[:-1]
    found = compare_runs(base, _saved(tmp_path / "b", scorecard=card)).sections["verdicts"]
    assert [(one.place, one.b) for one in found] == [("YN-06", "–")]


@pytest.mark.parametrize(("shift", "differs"), [(5e-7, False), (2e-6, True)])
def test_shares_may_move_by_a_millionth(base, tmp_path, shift, differs):
    table = make_run().indicators
    share = table["unit"] == "share"
    table.loc[share, "value"] += shift
    assert compare_runs(base, _saved(tmp_path / "b", indicators=table)).differs is differs


def test_whole_numbers_are_exact_and_the_widest_month_is_named(base, tmp_path):
    table = make_run().indicators
    row = (table["indicator"] == "access_capability_mbps") & (table["breakdown"] == "urban")
    table.loc[row & (table["month"] == 5), "value"] = 13.0
    table.loc[row & (table["month"] == 7), "value"] = 99.0
    found = compare_runs(base, _saved(tmp_path / "b", indicators=table)).sections["indicators"]
    assert len(found) == 1
    assert found[0].place == "access_capability_mbps (urban), 2014-08"
    assert "2 month(s)" in found[0].note


def test_an_indicator_on_one_side_only_is_found(base, tmp_path):
    table = make_run().indicators
    table = table[table["indicator"] != "busy_hour_mbps"]
    found = compare_runs(base, _saved(tmp_path / "b", indicators=table)).sections["indicators"]
    assert {one.place.split(" ")[0] for one in found} == {"busy_hour_mbps"}
    assert all(one.b == "–" for one in found)


def test_money_is_exact(base, tmp_path):
    table = make_run().spending
    table.loc[3, "spent_fen"] += 1
    found = compare_runs(base, _saved(tmp_path / "b", spending=table)).sections["spending"]
    assert [one.line for one in found] == [
        "2014-12 province ftth spent [fen]: 4,000,000,000 -> 4,000,000,001"
    ]


def test_a_run_agrees_with_its_own_reference_and_another_does_not(base, tmp_path):
    write_reference(base, tmp_path / "reference")
    assert sorted(path.name for path in (tmp_path / "reference").iterdir()) == [
        "indicators_by_year.csv", "scorecard.csv", "spending_by_year.csv",
    ]  # fmt: skip
    for one, other in ((base, tmp_path / "reference"), (tmp_path / "reference", base)):
        comparison = compare_runs(one, other)
        assert not comparison.differs
        assert "scenario keys were not compared" in comparison.text
    table = make_run().spending
    table.loc[3, "spent_fen"] += 1
    other = _saved(tmp_path / "b", spending=table)
    assert [one.place for one in compare_runs(other, tmp_path / "reference").sections["spending"]] == [
        "2014 province ftth spent [fen]"
    ]


def test_a_reference_without_spending_still_serves(base, tmp_path):
    write_reference(base, tmp_path / "reference")
    (tmp_path / "reference" / "spending_by_year.csv").unlink()
    comparison = compare_runs(base, tmp_path / "reference")
    assert not comparison.differs
    assert "money was not compared" in comparison.markdown


def test_a_run_that_spends_nothing_is_compared_without_money(base, tmp_path):
    nation = _saved(tmp_path / "nation")
    (nation / "spending.parquet").unlink()
    comparison = compare_runs(nation, nation)
    assert not comparison.differs
    assert "money was not compared" in comparison.text
    write_reference(nation, tmp_path / "reference")
    assert not compare_runs(nation, tmp_path / "reference").differs


def test_a_broken_reference_is_said_with_its_cure(base, tmp_path):
    write_reference(base, tmp_path / "reference")
    (tmp_path / "reference" / "indicators_by_year.csv").write_text("replication,month\n0,2014-12\n")
    with pytest.raises(StoreError, match="write the reference again"):
        compare_runs(base, tmp_path / "reference")


def test_a_folder_that_is_neither_is_refused(base, tmp_path):
    with pytest.raises(StoreError, match="run folder"):
        compare_runs(base, tmp_path / "nothing")


def test_markdown_cells_hold_any_text(base, tmp_path):
    other = _saved(tmp_path / "b", resolved={"name": "a|b\n<script>`x`", "seed": 7})
    text = compare_runs(base, other).markdown
    assert "<script>" not in text
    assert "a\\|b &lt;script>'x'" in text


def test_long_lists_are_cut(base, tmp_path):
    other = _saved(tmp_path / "b", resolved={f"key{n}": n for n in range(100)})
    comparison = compare_runs(base, other)
    assert "... and 62 more" in comparison.text
    assert "... and 62 more" in comparison.markdown
