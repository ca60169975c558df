"""Verdicts from made-up indicators, in closed form."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.clock import Horizon
from sim.indicators.composite import COMPOSITE
from sim.indicators.registry import REGISTRY
from sim.indicators.scorecard import Chances, Held, number, score_targets, verdict
from sim.indicators.targets import Target
from sim.tables.results import INDICATORS, SCORECARD
from tests.indicators.conftest import target_options

HORIZON = Horizon("2014-01", "2015-12")
OPTIONS = target_options()
SHARE, PENETRATION = "ftth_homes_passed_share", "fixed_broadband_household_penetration"
TARGET = Target(
    target_id="T-1",
    province="Yunnan",
    due_month="2015-06",
    technology="fixed",
    indicator=SHARE,
    breakdown="urban",
    comparator=">=",
    wanted=0.8,
    unit="share",
    low=None,
    high=None,
    document="a document",
    clause="1",
    statement="Urban homes have fibre.",
    interpreted="no",
    counts=("ftth",),
    kind="quantified",
    reading="",
    not_judged="",
    source="",
)
BAND = replace(TARGET, low=0.7, high=0.9)
DUE = HORIZON.index(TARGET.due_month)


def table(values, indicator=SHARE, breakdown="urban", homes=1000.0):
    """Return indicators of values of shape (R, M) or one straight line a replication up to the end."""
    values = np.asarray(values, dtype=float)
    replications, months = values.shape
    rows = {
        "replication": np.repeat(np.arange(replications), months),
        "month": np.tile(np.arange(months), replications),
    }
    size = replications * months
    frames = {
        "indicator": [indicator] * size + ["homes"] * size,
        "breakdown": [breakdown] * 2 * size,
        "value": np.concatenate([values.ravel(), np.full(size, homes)]),
        "unit": ["share"] * size + ["homes"] * size,
    }
    return INDICATORS.frame(**{name: np.tile(cells, 2) for name, cells in rows.items()}, **frames)


def flat(*levels):
    return np.repeat(np.array(levels, dtype=float)[:, None], HORIZON.months, axis=1)


def judge(values, target=TARGET, **table_options):
    card = score_targets(table(values, **table_options), (target,), HORIZON, OPTIONS)
    SCORECARD.check(card)
    return card.iloc[0]


def test_met_from_a_month_on():
    values = np.linspace(0, 1.0, HORIZON.months)[None, :]
    row = judge(values)
    first = int(np.flatnonzero(values[0] >= 0.8)[0])
    assert first > DUE
    assert (row["verdict"], row["first_met"], row["at_start"]) == ("missed", HORIZON.label(first), False)
    row = judge(values + 0.2)
    assert (row["verdict"], row["chance_met"], row["at_start"]) == ("met", "1", False)
    assert row["mean"] == number(values[0, DUE] + 0.2)


def test_missed_says_how_many_homes_are_missing():
    row = judge(flat(0.4999))
    assert (row["verdict"], row["first_met"], row["shortfall"]) == ("missed", "", "301 homes")
    assert row["margin"] == "-0.3001"


def test_penetration_shortfall_counts_homes_not_hundredths():
    target = replace(TARGET, indicator=PENETRATION, wanted=60.0, unit="lines/100 homes")
    row = judge(flat(55.0), target, indicator=PENETRATION)
    assert row["shortfall"] == "50 homes"


def test_what_holds_in_month_0_is_said_to_hold_at_the_start():
    row = judge(flat(0.8))
    assert (row["verdict"], row["at_start"], row["first_met"], row["shortfall"]) == (
        "met",
        True,
        "2014-01",
        "",
    )


def test_more_than_is_not_at_least():
    assert judge(flat(0.8), replace(TARGET, comparator=">"))["verdict"] == "missed"
    assert judge(flat(0.8), replace(TARGET, comparator="<="))["verdict"] == "met"
    assert judge(flat(0.81), replace(TARGET, comparator="<="))["margin"] == "-0.01"


@pytest.mark.parametrize(
    ("good", "outcome"),
    [(10, "met"), (8, "met"), (7, "at risk"), (2, "at risk"), (1, "missed"), (0, "missed")],
)
def test_replications_decide_by_their_share(good, outcome):
    row = judge(flat(*[0.95] * good, *[0.1] * (10 - good)))
    assert (row["verdict"], row["chance_met"]) == (outcome, number(good / 10))


def test_the_spread_over_replications_is_shown():
    row = judge(flat(*np.linspace(0.0, 1.0, 11)))
    assert (row["mean"], row["p10"], row["p90"]) == ("0.5", "0.1", "0.9")


@pytest.mark.parametrize(
    ("value", "outcome"),
    [(0.69, "missed"), (0.7, "at risk"), (0.85, "at risk"), (0.89, "at risk"), (0.9, "met")],
)
def test_a_verdict_that_turns_inside_the_band_is_at_risk(value, outcome):
    row = judge(flat(value), BAND)
    assert row["verdict"] == outcome
    assert ("band" in row["reason"]) == (outcome == "at risk")


RANK = {"missed": 0, "at risk": 1, "met": 2}
LEVELS = st.lists(st.floats(0, 1), min_size=1, max_size=6)


@given(levels=LEVELS, raised=st.floats(0, 1), banded=st.booleans())
def test_a_better_outcome_never_worsens_the_verdict(levels, raised, banded):
    target = BAND if banded else TARGET
    before, after = (judge(flat(*(level + more for level in levels)), target) for more in (0.0, raised))
    assert RANK[after["verdict"]] >= RANK[before["verdict"]]
    assert float(after["chance_met"]) >= float(before["chance_met"])


@given(low=st.floats(0, 1), central=st.floats(0, 1), high=st.floats(0, 1))
def test_every_chance_has_a_verdict(low, central, high):
    assert verdict(Chances(central, low, high), OPTIONS)[0] in RANK


@pytest.mark.parametrize(
    ("due", "words"), [("2013-12", "before the first month"), ("2016-01", "after the last month")]
)
def test_what_falls_due_outside_the_horizon_is_not_judged(due, words):
    row = judge(flat(1.0), replace(TARGET, due_month=due))
    assert (row["verdict"], row["mean"], row["chance_met"]) == ("not judged", "", "")
    assert words in row["reason"]


def test_a_reason_in_the_table_stands_as_it_is():
    row = judge(flat(1.0), replace(TARGET, indicator="", not_judged="5G is not modelled"))
    assert (row["verdict"], row["reason"]) == ("not judged", "5G is not modelled")


def test_what_cannot_be_measured_here_is_not_judged():
    row = judge(flat(1.0), replace(TARGET, breakdown="rural"))
    assert row["verdict"] == "not judged"
    assert "rural" in row["reason"]


def test_the_nations_bar_is_named_as_such():
    assert "nation's bar" in judge(flat(1.0), replace(TARGET, province="China"))["reason"]
    assert "nation's bar" not in judge(flat(1.0))["reason"]


def test_a_direction_is_checked_from_year_to_year():
    target = replace(TARGET, comparator="increase", wanted=None, due_month="2015-12")
    rising = np.linspace(0.0, 0.23, HORIZON.months)[None, :]
    row = judge(rising, target)
    assert (row["verdict"], row["chance_met"]) == ("trend", "1")
    assert "0 -> 0.11 -> 0.23" in row["reason"]
    row = judge(flat(0.5), target)
    assert (row["verdict"], row["chance_met"]) == ("trend", "0")
    assert judge(-rising, replace(target, comparator="decrease"))["chance_met"] == "1"


def test_a_dent_in_a_rising_year_is_told():
    target = replace(TARGET, comparator="increase", wanted=None, due_month="2015-12")
    values = np.linspace(0.0, 0.23, HORIZON.months)[None, :].copy()
    values[0, 5] = 0.2
    row = judge(values, target)
    assert row["chance_met"] == "1"
    assert "some months go back" in row["reason"]


def test_a_report_shows_its_number_without_a_verdict():
    row = judge(flat(0.3), replace(TARGET, comparator="report", wanted=None))
    assert (row["verdict"], row["mean"], row["wanted"]) == ("trend", "0.3", "")


def test_targets_keep_their_order_and_the_words_of_the_table():
    targets = (replace(TARGET, target_id="B"), replace(TARGET, target_id="A", interpreted="partly"))
    card = score_targets(table(flat(0.5)), targets, HORIZON, OPTIONS)
    assert card["target_id"].tolist() == ["B", "A"]
    assert card["interpreted"].tolist() == [False, True]
    assert card["counts"].tolist() == ["ftth", "ftth"]


def test_no_targets_give_an_empty_scorecard():
    assert score_targets(table(flat(0.5)), (), HORIZON, OPTIONS).empty


def test_numbers_are_written_one_way():
    assert [number(v) for v in (0.123456789, -1e-12 * 0, 1e9, 40_000_000.0, -0.0)] == [
        "0.123457",
        "0",
        "1e+09",
        "4e+07",
        "0",
    ]


def test_the_definition_is_the_indicators_own_sentence():
    assert judge(flat(0.5))["definition"] == REGISTRY[SHARE].description
    assert judge(flat(0.5), replace(TARGET, indicator="", not_judged="not modelled"))["definition"] == ""


def test_range_and_chance_come_from_draws_where_there_are_any():
    drawn = table(flat(*np.linspace(0.7, 0.9, 21)))
    card = score_targets(table(flat(0.85)), (TARGET,), HORIZON, OPTIONS, drawn)
    row = card.iloc[0]
    assert (row["mean"], row["p10"], row["p90"]) == ("0.85", "0.72", "0.88")
    assert (row["chance_met"], row["verdict"]) == (number(11 / 21), "at risk")
    assert "of draws" in row["reason"]


def test_a_pair_that_was_not_drawn_keeps_its_replications():
    drawn = table(flat(0.1, 0.2), breakdown="rural")
    before = score_targets(table(flat(0.85)), (TARGET,), HORIZON, OPTIONS)
    pd.testing.assert_frame_equal(
        score_targets(table(flat(0.85)), (TARGET,), HORIZON, OPTIONS, drawn), before
    )


def test_a_miss_is_told_with_its_gap_by_the_strictest_reading():
    asked = []

    def closing(target, gap):
        asked.append((target.target_id, round(gap, 9)))
        return Held("money", 123_456_789_00, "3 more projects would close it")

    row = score_targets(table(flat(0.5)), (BAND,), HORIZON, OPTIONS, closing=closing).iloc[0]
    assert asked == [("T-1", 0.4)]
    assert (row["binding"], row["cost_to_close_yuan"]) == ("money", "123456789")
    assert "3 more projects would close it" in row["reason"]
    # what is met is not asked about
    met = score_targets(table(flat(0.95)), (BAND,), HORIZON, OPTIONS, closing=closing).iloc[0]
    assert len(asked) == 1
    assert (met["binding"], met["cost_to_close_yuan"]) == ("", "")


def test_a_mean_that_holds_may_miss_by_chance():
    gaps = []
    values = flat(*np.linspace(0.6, 1.1, 11))
    score_targets(
        table(values), (TARGET,), HORIZON, OPTIONS,
        closing=lambda target, gap: gaps.append(gap) or Held("crews", None),
    )  # fmt: skip
    assert values.mean() > 0.8
    assert gaps == pytest.approx([0.8 - np.quantile(values[:, 0], 1 - OPTIONS.chance_met)])


def test_no_cost_leaves_the_cell_empty_and_no_money_is_told_as_none():
    for cost, text in ((None, ""), (0, "0")):
        row = score_targets(
            table(flat(0.5)), (TARGET,), HORIZON, OPTIONS, closing=lambda *_, c=cost: Held("time", c)
        ).iloc[0]
        assert row["cost_to_close_yuan"] == text


MEMBERS = (
    TARGET,
    replace(TARGET, target_id="T-2", breakdown="rural", wanted=0.4),
    replace(TARGET, target_id="T-3", indicator="", not_judged="not modelled"),
)
BOTH = replace(TARGET, target_id="T-4", indicator=COMPOSITE, breakdown="T-1; T-2", wanted=1.0)


def together(urban, rural):
    return pd.concat([table(flat(*urban)), table(flat(*rural), breakdown="rural")])


def judge_both(urban, rural, target=BOTH, **draws):
    card = score_targets(together(urban, rural), (*MEMBERS, target), HORIZON, OPTIONS, **draws)
    SCORECARD.check(card)
    return card.set_index("target_id").loc["T-4"]


def test_targets_taken_together_hold_where_all_of_them_do():
    assert judge_both((0.9,), (0.5,))["verdict"] == "met"
    row = judge_both((0.9,), (0.3,))
    assert (row["verdict"], row["mean"], row["margin"]) == ("missed", "0.5", "-0.5")
    # each holds in half of the replications, both never
    assert judge_both((0.9, 0.1), (0.1, 0.9))["chance_met"] == "0"
    assert judge_both((0.9, 0.1), (0.9, 0.1))["chance_met"] == "0.5"


def test_a_drawn_member_is_joined_with_what_replication_0_says_of_the_others():
    drawn = table(flat(0.9, 0.9, 0.1, 0.9))
    row = judge_both((0.9, 0.1), (0.5, 0.1), draws=drawn)
    assert row["chance_met"] == "0.75"


def test_members_that_cannot_be_judged_are_named_and_all_of_them_leave_nothing_to_judge():
    row = judge_both((0.9,), (0.5,), replace(BOTH, breakdown="T-1;T-3;T-9"))
    assert row["verdict"] == "met"
    assert "without T-3, T-9, not judged" in row["reason"]
    assert judge_both((0.9,), (0.5,), replace(BOTH, breakdown="T-3"))["verdict"] == "not judged"


def test_what_holds_targets_taken_together_is_what_holds_the_missed_ones():
    def closing(target, gap):
        return {"T-1": Held("money", 500), "T-2": Held("crews", 700)}[target.target_id]

    row = judge_both((0.1,), (0.1,), closing=closing)
    assert (row["binding"], row["cost_to_close_yuan"]) == ("money", "12")
    assert judge_both((0.9,), (0.1,), closing=closing)["binding"] == "crews"
    row = judge_both((0.9,), (0.1,), closing=lambda *_: Held("take-up", None))
    assert (row["binding"], row["cost_to_close_yuan"]) == ("take-up", "")


def test_a_band_is_told_with_the_chance_where_there_is_one():
    card = score_targets(table(flat(0.85)), (BAND,), HORIZON, OPTIONS, table(flat(*[0.75] * 3, *[0.85] * 7)))
    assert card["reason"][0].startswith("met in 70% of draws but the verdict turns inside the band")
    assert judge(flat(0.85), BAND)["reason"].startswith("holds at the threshold")
    assert judge(flat(0.75), BAND)["reason"].startswith("fails at the threshold")
