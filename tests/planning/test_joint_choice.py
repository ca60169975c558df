"""Fibre, cable, radio and satellite that meet the same need compete for it, and each formula by hand."""

from dataclasses import replace

import numpy as np
import pytest

from sim.planning.worth import MICRO, Weights, per_candidate, value_rows
from sim.tables.decisions import WORTH_PARTS
from tests.planning.small import GREEDY, needs, proposal, question, situation
from tests.planning.worth_by_hand import LAYERS, WEIGHTS, by_hand, world

VILLAGE = np.array(["village"], dtype=object)
NOTHING = Weights(base={}, late_share=0.5)
EITHER, LINES, FIBRE = "fixed;lte", "fixed", "ftth"
ANY = ("fixed", "village", 4.0, 20, 1.0, 0.5, EITHER)


def offers(*names):
    """Candidates that serve zone 0 whole, or the points given: "lte:01" serves points 0 and 1."""
    use = {"ftth": "fixed", "fwa": "fixed", "satellite": "fixed", "cable": "television"}
    mbps = {"ftth": 100.0, "cable": 50.0, "fwa": 20.0, "satellite": 10.0, "lte": 10.0, "umts": 3.0}
    rows, service = [], []
    for name in names:
        technology, _, points = name.partition(":")
        rows.append({"id": name, "technology": technology, "use": use.get(technology, "mobile")})
        if technology == "satellite":
            rows[-1] |= {"build": "terminals", "quantity": 30}
        for point in map(int, points or ["-1"]):
            service.append((name, 0, point, mbps[technology]))
    return proposal(rows, service=service)


def village(**changes):
    """One village of 100 homes at four points; nothing stands."""
    none = np.zeros((5, 1), dtype=np.float32)
    values = {"fixed_mbps": none, "fixed_share": none, "layers": LAYERS, "cable": 2, "covered": {}}
    return situation([100], 4, **(values | changes))


def set_worth(asked, wanted, now, weights=NOTHING, kinds=VILLAGE):
    """Worth of each candidate and of any set of them, by row."""
    values = value_rows(asked, wanted, now, kinds, weights)
    owner = np.repeat(np.arange(len(asked.candidates)), np.diff(values.starts))

    def of(rows):
        best = np.zeros(values.keys, dtype=np.int64)
        mine = np.isin(owner, list(rows))
        np.maximum.at(best, values.key[mine], values.value[mine])
        return int(best.sum()) / MICRO

    return (per_candidate(values.value, values.starts) / MICRO).tolist(), of


def test_lines_and_radio_compete_for_village_broadband_and_count_once():
    asked = offers("ftth", "lte:0123", "lte:0", "satellite")
    alone, together = set_worth(asked, needs(ANY), village())
    assert alone == pytest.approx([100.0, 100.0, 25.0, 0.0])
    assert together([0, 1]) == together([0]) == together([1, 2]) == pytest.approx(100.0)


def test_half_the_residents_make_a_village_served_and_fewer_a_part():
    alone, _ = set_worth(offers("lte:0", "lte:01", "lte:012"), needs(ANY), village())
    assert alone == pytest.approx([25.0, 100.0, 100.0])
    whole = (*ANY[:5], 1.0, EITHER)
    alone, _ = set_worth(offers("lte:0", "lte:01", "lte:012"), needs(whole), village())
    assert alone == pytest.approx([25.0, 50.0, 75.0])


def test_radio_too_slow_or_not_counted_meets_no_need_of_lines():
    fast = ("fixed", "village", 12.0, 20, 1.0, 0.5, EITHER)
    assert set_worth(offers("lte:0123"), needs(fast), village())[0] == [0.0]
    assert set_worth(offers("umts:0123"), needs(ANY), village())[0] == [0.0]
    third = (*ANY[:6], "fixed;lte;umts")
    assert set_worth(offers("umts:0123"), needs(third), village())[0] == [0.0], "3 of 4 Mbit/s"
    slow = ("fixed", "village", 2.0, 20, 1.0, 0.5, "fixed;lte;umts")
    assert set_worth(offers("umts:0123"), needs(slow), village())[0] == pytest.approx([100.0])


def test_radio_that_stands_or_is_under_way_leaves_lines_less_to_gain():
    for points, left in (((), 100.0), ((0,), 75.0), ((0, 1), 0.0)):
        covered = {"lte": np.isin(np.arange(4), points)}
        alone, _ = set_worth(offers("ftth", "lte:0123"), needs(ANY), village(covered=covered))
        assert alone == pytest.approx([left, left])


def test_each_need_is_met_on_keys_of_its_own():
    """Radio takes the part that is village broadband; the fibre that comes later still brings the rest."""
    wanted = needs(
        ANY,
        ("fixed", "village", 20.0, 20, 0.5, 1.0, LINES),
        ("fixed", "village", 100.0, 20, 0.25, 1.0, FIBRE),
    )
    alone, together = set_worth(offers("ftth", "cable", "lte:0123", "fwa"), wanted, village())
    assert alone == pytest.approx([175.0, 150.0, 100.0, 150.0])
    assert together([1, 2]) == pytest.approx(150.0)
    assert together([0, 1, 2, 3]) == pytest.approx(175.0)


def test_cable_and_fibre_meet_one_need_of_lines():
    wanted = needs(("fixed", "village", 20.0, 20, 1.0, 1.0, LINES))
    now = village(reach={"cable": np.array([0.6])})
    alone, together = set_worth(offers("ftth", "cable", "satellite"), wanted, now)
    assert alone == pytest.approx([100.0, 60.0, 0.0])
    assert together([0, 1]) == pytest.approx(100.0)


def test_satellite_counts_where_the_need_names_it():
    named = (*ANY[:6], "fixed;lte;satellite")
    assert set_worth(offers("satellite"), needs(named), village())[0] == pytest.approx([30.0])


def test_a_mobile_need_is_open_where_nothing_that_counts_for_it_serves():
    """3G stands at point 0: mobile broadband is there, 4G is not."""
    now = village(covered={"umts": np.array([True, False, False, False])})
    broadband = needs(("mobile", "village", 0.0, 20, 1.0, 1.0, "umts;lte;nr"))
    fourth = needs(("mobile", "village", 0.0, 20, 1.0, 1.0, "lte"))
    asked = offers("lte:01", "umts:01")
    assert set_worth(asked, broadband, now)[0] == pytest.approx([75.0, 75.0])
    assert set_worth(asked, fourth, now)[0] == pytest.approx([150.0, 0.0])


def test_a_wanted_rate_of_radio_is_asked_of_every_row():
    wanted = needs(
        ("mobile", "village", 0.0, 20, 1.0),
        ("mobile", "village", 3.0, 20, 0.5),
        ("mobile", "village", 9.0, 20, 0.25),
    )
    assert set_worth(offers("lte:0", "umts:1"), wanted, village())[0] == pytest.approx([75 * 1.75, 75 * 1.5])


def test_equity_and_revenue_are_parts_of_their_own():
    """Base 10, target 100; a poor village adds 0.2 + 0.3 of both; half the homes pay 0.4 each."""
    weights = Weights({"fixed": 0.1}, 0.5, equity_village=0.2, equity_poor_county=0.3, revenue={"fixed": 0.4})
    now = village(poor=np.array([True]), paying={"fixed": np.array([0.5])})
    wanted = needs(("fixed", "village", 20.0, 20, 1.0, 1.0, LINES))
    values = value_rows(offers("ftth"), wanted, now, VILLAGE, weights)
    assert (values.parts.sum(axis=1) / MICRO).tolist() == pytest.approx([10.0, 100.0, 55.0, 20.0])
    plain = value_rows(offers("ftth"), wanted, replace(now, poor=None), VILLAGE, weights)
    assert (plain.parts.sum(axis=1) / MICRO).tolist() == pytest.approx([10.0, 100.0, 22.0, 20.0])


def test_candidates_that_are_not_open_are_not_weighed():
    asked = offers("ftth", "cable", "lte:0123")
    every = value_rows(asked, needs(ANY), village(), VILLAGE, NOTHING)
    some = value_rows(asked, needs(ANY), village(), VILLAGE, NOTHING, np.array([False, True, True]))
    assert np.diff(some.starts).tolist() == [0, *np.diff(every.starts)[1:]]
    assert some.value.tolist() == every.value[every.starts[1] :].tolist()
    assert some.keys == every.keys


def test_the_worked_example_of_the_documentation():
    """January of a second year; copper at 8 Mbit/s passes 60 of 100 homes of a village in a poor county."""
    copper, none = np.array([[8.0]], dtype=np.float32), np.zeros((4, 1), dtype=np.float32)
    now = village(
        month=24,
        point_people=np.array([100, 100, 50, 50]),
        fixed_mbps=np.vstack((copper, none)),
        fixed_share=np.vstack((copper * np.float32(0.075), none)),
        poor=np.array([True]),
    )
    weights = Weights(
        {"fixed": 0.1, "mobile": 0.03},
        late_share=0.5,
        deadline_gain=1.0,
        deadline_months=24.0,
        shortfall_share=0.5,
        equity_poor_county=0.2,
    )
    wanted = needs(
        ("fixed", "village", 20.0, 35, 1.0, 1.0, LINES),
        ("fixed", "village", 100.0, 47, 0.5, 1.0, FIBRE),
        ("fixed", "village", 4.0, 23, 0.5, 0.5, EITHER),
    )
    alone, together = set_worth(offers("ftth", "lte:01"), wanted, now, weights)
    assert alone == pytest.approx([249.3, 19.2], abs=1e-3)
    assert together([0, 1]) == pytest.approx(256.5, abs=1e-3)
    values = value_rows(offers("ftth"), wanted, now, VILLAGE, weights)
    assert (values.parts.sum(axis=1) / MICRO).tolist() == pytest.approx([10, 197.75, 41.55, 0], abs=1e-3)


@pytest.mark.parametrize("seed", range(30))
def test_worth_agrees_with_a_count_by_hand(seed):
    asked, wanted, now, kinds = world(seed)
    hand = by_hand(asked, wanted, now, kinds)
    alone, together = set_worth(asked, wanted, now, WEIGHTS, kinds)
    assert alone == pytest.approx([sum(one.values()) for one in hand], rel=2e-3, abs=1e-3)
    everything = {}
    for one in hand:
        for key, value in one.items():
            everything[key] = max(everything.get(key, 0), value)
    assert together(range(len(hand))) == pytest.approx(sum(everything.values()), rel=2e-3, abs=1e-3)


@pytest.mark.parametrize("seed", range(30))
def test_parts_sum_to_the_worth_and_sets_are_monotone_and_submodular(seed):
    asked, wanted, now, kinds = world(seed)
    values = value_rows(asked, wanted, now, kinds, WEIGHTS)
    assert (values.parts >= 0).all()
    assert values.parts.sum(axis=0).tolist() == values.value.tolist()
    assert ((values.key >= 0) & (values.key < values.keys)).all()
    alone, together = set_worth(asked, wanted, now, WEIGHTS, kinds)
    random = np.random.default_rng(seed)
    for _ in range(20):
        large = set(np.flatnonzero(random.random(len(alone)) < 0.6).tolist())
        small = {row for row in large if random.random() < 0.5}
        more = int(random.integers(len(alone)))
        on_small = together(small | {more}) - together(small)
        on_large = together(large | {more}) - together(large)
        assert on_small >= on_large - 1e-6 >= -2e-6, "what one more adds never grows with what is there"
        assert together({more}) == pytest.approx(alone[more])


def test_the_planner_takes_the_cheaper_way_to_a_need_and_shows_what_it_is_worth():
    """A site at a third of the price of fibre meets village broadband; fibre then brings base worth alone."""
    asked = offers("ftth", "lte:0123")
    asked.candidates["passive_fen"] = [900, 300]
    for money, chosen in ((300, ["lte:0123"]), (1200, ["lte:0123", "ftth"])):
        choice = GREEDY.choose(question(asked, [100], money, needs=needs(ANY), situation=village()))
        assert [one.project_id for one in choice.chosen] == chosen
    rows = choice.decisions.set_index("project_id")
    parts = rows[[f"worth_{part}" for part in WORTH_PARTS]]
    assert parts.loc["lte:0123"].tolist() == pytest.approx([0.03 * 300, 100.0, 0.0, 0.0])
    assert parts.loc["ftth"].tolist() == pytest.approx([0.1 * 100, 0.0, 0.0, 0.0])
    assert parts.sum(axis=1).tolist() == pytest.approx(rows["worth"].tolist())
