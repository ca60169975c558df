"""Tests of the scorecard in words: the province first, nothing dropped, older scorecards too."""

import pandas as pd
import pytest

from sim.report.verdicts import by_document, set_by_nation, targets, unjudged, verdicts


@pytest.fixture
def card(tiny_run):
    """Own targets among those of the nation."""
    base = tiny_run.scorecard
    nation = base.assign(
        target_id=[f"CN-{n}" for n in range(len(base))], document="National strategy", clause="goals"
    )
    return pd.concat([nation, base], ignore_index=True)


def test_every_verdict_is_counted_those_that_do_not_occur_too(tiny_run):
    counts = {row["verdict"]: row["count"] for row in verdicts(tiny_run.scorecard)}
    assert counts == {"met": 2, "at risk": 1, "missed": 1, "trend": 1, "not judged": 1}
    assert {row["count"] for row in verdicts(tiny_run.scorecard[:0])} == {0}


def test_the_province_comes_first_and_none_is_dropped(card):
    rows = targets(card, "Yunnan")
    assert len(rows) == len(card)
    assert [row["of_nation"] for row in rows] == [False] * 6 + [True] * 6
    assert [row["target_id"] for row in rows[:2]] == ["YN-01", "YN-02"]


def test_a_run_of_the_nation_has_no_foreign_targets(card):
    assert not any(set_by_nation(card, "China"))
    assert [row["target_id"] for row in targets(card, "China")] == card["target_id"].tolist()


def test_a_document_of_the_nation_shows_by_its_mirrored_verdicts(card):
    own = card.assign(target_id=[f"T{n}" for n in range(len(card))])
    own.loc[0, "reason"] = "met; the nation's bar applied to this province"
    assert set_by_nation(own, "Yunnan") == [True] * 6 + [False] * 6


def test_documents_count_their_verdicts(card):
    rows = by_document(targets(card, "Yunnan"))
    assert [(row["document"], row["of_nation"]) for row in rows] == [
        ("Opinions on broadband", False), ("National strategy", True),
    ]  # fmt: skip
    for row in rows:
        assert row["all"] == 6
        assert [row[name] for name in ("met", "at_risk", "missed", "trend", "not_judged")] == [2, 1, 1, 1, 1]


def test_cells_read_as_a_reader_wants_them(tiny_run):
    card = tiny_run.scorecard.copy()
    card["cost_to_close_yuan"] = ["", "12345678", "", "", "", ""]
    rows = {row["target_id"]: row for row in targets(card, "Yunnan")}
    assert rows["YN-01"]["comparator"] == "≥"
    assert rows["YN-01"]["margin"] == "+5.5"
    assert rows["YN-02"]["margin"] == "−4.5"
    assert rows["YN-02"]["cost"] == "12.3"
    assert rows["YN-02"]["shortfall"] == "1,200 homes"
    assert rows["YN-03"]["spread"] == "5.5 to 7"
    assert rows["YN-06"]["mean"] == "58 %"
    assert rows["YN-05"]["cost"] == ""


def test_a_margin_of_a_share_is_in_points(tiny_run):
    card = tiny_run.scorecard.iloc[[5]].assign(margin="-0.123")
    assert targets(card, "Yunnan")[0]["margin"] == "−12.3 points"


def test_a_scorecard_of_an_older_version_can_be_shown(tiny_run):
    old = tiny_run.scorecard.drop(columns=["definition", "binding", "cost_to_close_yuan"])
    row = targets(old, "Yunnan")[0]
    assert (row["definition"], row["binding"], row["cost"]) == ("", "", "")


def test_targets_without_verdict_stand_by_reason(card):
    odd = card.assign(verdict="not judged")
    odd["reason"] = (
        ["due 2020-12, after the last month 2015-12"] * 3
        + ["no source says"] * 8
        + ["due 2013-12, before the first month 2014-01"]
    )
    held = unjudged(targets(odd, "Yunnan"))
    assert [(row["reason"], len(row["targets"])) for row in held] == [
        ("no source says", 8),
        ("due after the last month of this run", 3),
        ("due before the first month of this run", 1),
    ]
    assert sum(len(row["targets"]) for row in held) == len(odd)
