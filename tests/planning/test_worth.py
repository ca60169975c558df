from dataclasses import replace

import numpy as np
import pytest

from sim.planning.worth import MICRO, Roads, Weights, value_rows, worth_of
from tests.planning.small import GREEDY, needs, proposal, question, situation

BASE = Weights({"fixed": 0.1, "television": 0.1, "mobile": 0.03, "iot": 0.0}, late_share=0.5)
KINDS = np.array(["village", "city"], dtype=object)


def worth(asked, wanted, now):
    return worth_of(asked, wanted, now, KINDS[: len(now.homes)], BASE)


def test_without_needs_a_home_has_its_base_worth():
    value, homes = worth(proposal([{"id": "ftth:0"}]), needs(), situation([100]))
    assert homes.tolist() == [100.0]
    assert value.tolist() == pytest.approx([10.0])


def test_a_need_counts_homes_of_its_kind_that_newly_reach_the_rate():
    asked = proposal([{"id": "a", "zone": 0}, {"id": "b", "zone": 1}])
    wanted = needs(("fixed", "village", 12.0, 20, 2.0), ("fixed", "village", 200.0, 20, 5.0))
    value, _ = worth(asked, wanted, situation([100, 50]))
    assert value.tolist() == pytest.approx([100 * 2.0 + 10.0, 5.0])


def test_standing_lines_fast_enough_leave_nothing_to_gain_for_the_need():
    asked = proposal([{"id": "a"}])
    wanted = needs(("fixed", "village", 4.0, 20, 1.0), ("fixed", "village", 20.0, 20, 1.0))
    now = situation([100], fixed_mbps=np.array([[8.0], [100.0]]), fixed_share=np.array([[0.9], [0.2]]))
    value, homes = worth(asked, wanted, now)
    assert homes.tolist() == pytest.approx([80.0])
    assert value.tolist() == pytest.approx([100 * 0.1 + 100 * 0.8 + 0.1 * 80])


def test_a_need_past_its_due_month_keeps_part_of_its_weight():
    wanted = needs(("fixed", "village", 4.0, 11, 1.0))
    at = [worth(proposal([{"id": "a"}]), wanted, situation([100], month=m))[0][0] for m in (11, 12)]
    assert at == pytest.approx([110.0, 60.0])


def test_terminals_serve_no_more_homes_than_there_are():
    """30 terminals for 100 homes: 30 count, of a need too; lines are not terminals."""
    asked = proposal(
        [{"id": "t", "build": "terminals", "quantity": 30}, {"id": "line", "quantity": 30}],
    )
    wanted = needs(("fixed", "village", 12.0, 20, 1.0))
    value, homes = worth(asked, wanted, situation([100]))
    assert homes.tolist() == [30.0, 100.0]
    assert value.tolist() == pytest.approx([33.0, 110.0])
    some = situation([100], fixed_mbps=np.array([200.0]), fixed_share=np.array([0.8]))
    assert worth(asked, wanted, some)[1].tolist() == pytest.approx([20.0, 20.0])
    assert worth(asked, needs(), situation([10]))[1].tolist() == [10.0, 10.0]


def test_a_public_place_counts_the_people_around_it_once():
    asked = proposal(
        [{"id": "wlan:0", "technology": "wlan", "use": "public"}],
        service=[("wlan:0", 0, 1, 20.0)],
    )
    weights = Weights({"public": 0.001}, late_share=0.5)
    wanted = needs(("public", "village", 0.0, 20, 0.5))
    value, people = worth_of(asked, wanted, situation([100]), KINDS[:1], weights)
    assert people.tolist() == [150.0]
    assert value.tolist() == pytest.approx([150 * 0.501])
    served = situation([100], covered={"wlan": np.array([False, True])})
    assert worth_of(asked, wanted, served, KINDS[:1], weights)[0].tolist() == [0.0]


def test_radio_counts_people_at_points_not_yet_covered():
    asked = proposal(
        [{"id": "lte:a", "technology": "lte", "use": "mobile"}],
        service=[("lte:a", 0, 0, 10.0), ("lte:a", 0, 1, 10.0)],
    )
    wanted = needs(("mobile", "village", 0.0, 20, 1.0))
    full, people = worth(asked, wanted, situation([100]))
    assert people.tolist() == [300.0]
    assert full.tolist() == pytest.approx([309.0])
    covered = {"lte": np.array([True, False])}
    assert worth(asked, wanted, situation([100], covered=covered))[1].tolist() == [150.0]


def test_a_zone_wide_radio_row_counts_the_uncovered_share_of_the_zone():
    asked = proposal([{"id": "s", "technology": "lte", "use": "mobile"}], service=[("s", 0, -1, 10.0)])
    now = situation([100], covered={"lte": np.array([True, False])})
    assert worth(asked, needs(), now)[1].tolist() == [150.0]


def test_too_slow_a_project_meets_no_need_and_an_equal_rate_gains_nothing():
    asked = proposal([{"id": "a"}], service=[("a", 0, -1, 8.0)])
    wanted = needs(("fixed", "village", 12.0, 20, 1.0))
    assert worth(asked, wanted, situation([100]))[0].tolist() == pytest.approx([10.0])
    same = situation([100], fixed_mbps=np.array([8.0]), fixed_share=np.array([1.0]))
    assert worth(asked, wanted, same)[0].tolist() == [0.0]


def test_no_candidates_no_worth():
    value, homes = worth(proposal([]), needs(), situation([100]))
    assert len(value) == len(homes) == 0


def along_the_road(**changes):
    """A village at points 0 and 1, then a road (3 km of class 2, 1 km of class 4) and 1 km of railway."""
    roads = {
        "km": np.array([0.0, 0.0, 3.0, 1.0, 1.0]),
        "kind": np.array(["settlement", "settlement", "road", "road", "rail"], dtype=object),
        "road_class": np.array([0, 0, 2, 4, 3]),
        "signal": np.zeros(5, dtype=bool),
    }
    return situation(
        [100],
        zone_of_point=np.zeros(5, dtype=np.int32),
        point_homes=np.array([50, 50, 0, 0, 0]),
        point_people=np.array([150, 150, 0, 0, 0]),
        covered={"lte": np.zeros(5, dtype=bool)},
        roads=Roads(**(roads | changes)),
    )


def masts(*served, use="mobile", technology="lte"):
    """One candidate a tuple of points that it serves."""
    rows = [{"id": f"{technology}:{n}", "technology": technology, "use": use} for n in range(len(served))]
    service = [(rows[n]["id"], 0, point, 4.0) for n, points in enumerate(served) for point in points]
    return proposal(rows, service=service)


def test_a_road_is_worth_its_kilometres_to_the_target_that_asks_for_its_group():
    asked = masts((2, 3, 4), (0, 2), (1,))
    for group, wanted in (("road", 400), ("road 1-3", 300), ("road 1", 0), ("rail", 100)):
        value, homes = worth(asked, needs(("mobile", group, 0.0, 20, 100.0)), along_the_road())
        assert value[0] == pytest.approx(wanted)
        assert homes.tolist() == [0, 150, 150], "kilometres are no persons"
    value, _ = worth(asked, needs(("mobile", "road", 0.0, 20, 100.0)), along_the_road())
    assert value.tolist() == pytest.approx([400, 300 + 0.03 * 150, 0.03 * 150])


def test_a_road_that_nobody_asks_for_has_its_base_worth_and_none_without_one():
    asked = masts((2, 3, 4))
    assert worth(asked, needs(("mobile", "village", 0.0, 20, 1.0)), along_the_road())[0].tolist() == [0]
    weights = replace(BASE, road_km=0.5)
    value, _ = worth_of(asked, needs(), along_the_road(), KINDS[:1], weights)
    assert value.tolist() == pytest.approx([2.5])


def test_a_road_with_3g_needs_no_more_but_keeps_its_base_worth():
    now = along_the_road(signal=np.array([False, False, True, False, False]))
    wanted = needs(("mobile", "road", 0.0, 20, 100.0))
    assert worth(masts((2, 3)), wanted, now)[0].tolist() == pytest.approx([100])
    value, _ = worth_of(masts((2, 3)), wanted, now, KINDS[:1], replace(BASE, road_km=1.0))
    assert value.tolist() == pytest.approx([104])


def test_a_need_of_roads_ends_once_enough_of_the_length_has_signal():
    now = along_the_road(signal=np.array([False, False, True, False, False]))
    for enough, value in ((0.75, 0.0), (0.76, 100.0)):
        wanted = needs(("mobile", "road", 0.0, 20, 100.0, enough))
        assert worth(masts((3,)), wanted, now)[0].tolist() == [value]


def test_things_and_lines_gain_nothing_on_a_road():
    asked = masts((0, 2, 4), use="iot", technology="nbiot")
    wanted = needs(("mobile", "road", 0.0, 20, 100.0), ("iot", "village", 0.0, 20, 1.0))
    value, homes = worth(asked, wanted, along_the_road())
    assert value.tolist() == [150]
    assert homes.tolist() == [150]


def test_masts_that_overlap_along_a_road_count_each_stretch_once():
    wanted = needs(("mobile", "road", 0.0, 20, 100.0), ("mobile", "rail", 0.0, 20, 100.0))
    asked = masts((0, 2), (2, 3), (3, 4))
    values = value_rows(asked, wanted, along_the_road(), KINDS[:1], BASE)
    assert values.road.tolist() == [False, True, True, True, True, True]
    assert values.gained[values.road].tolist() == [3 * MICRO, 3 * MICRO, MICRO, MICRO, MICRO]
    rich = question(asked, [100], 10**9, needs=wanted, situation=along_the_road())
    frame = GREEDY.choose(rich).decisions
    assert frame.loc[frame["chosen"], "road_km"].sum() == pytest.approx(5.0)
    assert frame.loc[frame["chosen"], "homes"].sum() == pytest.approx(150.0)
    assert frame.loc[frame["chosen"], "worth"].sum() == pytest.approx(500 + 0.03 * 150)


def test_what_enlarges_a_full_cell_counts_though_the_cell_covers():
    asked = proposal(
        [{"id": "lte:a+b3", "technology": "lte", "use": "capacity"}],
        service=[("lte:a+b3", 0, 0, 10.0), ("lte:a+b3", 0, 1, 10.0)],
    )
    covered = {"lte": np.array([True, True])}
    weights = replace(BASE, base={"capacity": 0.01})
    value, people = worth_of(asked, needs(), situation([100], covered=covered), KINDS[:1], weights)
    assert people.tolist() == [300.0]
    assert value.tolist() == pytest.approx([3.0])
    wanted = needs(("mobile", "village", 0.0, 20, 1.0))
    assert worth_of(asked, wanted, situation([100]), KINDS[:1], weights)[0] == pytest.approx([3.0])


def test_a_technology_may_count_for_less_but_not_for_a_target():
    asked = proposal([{"id": "nr:a", "technology": "nr", "use": "mobile"}], service=[("nr:a", 0, 0, 50.0)])
    weights = replace(BASE, technology_share={"nr": 0.3})
    plain, less = (worth_of(asked, needs(), situation([100]), KINDS[:1], w)[0] for w in (BASE, weights))
    assert less == pytest.approx(0.3 * plain)
    wanted = needs(("mobile", "village", 0.0, 20, 1.0))
    asked_for = [worth_of(asked, wanted, situation([100]), KINDS[:1], w)[0][0] for w in (BASE, weights)]
    assert asked_for[0] - asked_for[1] == pytest.approx(plain[0] - less[0])


def test_a_way_of_building_may_count_for_less():
    asked = proposal(
        [{"id": "ftth:a", "build": "village"}, {"id": "ftth:a:10g", "build": "10g"}],
        service=[("ftth:a", 0, -1, 100.0), ("ftth:a:10g", 0, -1, 1000.0)],
    )
    weights = replace(BASE, technology_share={"10g": 0.1})
    plain, less = (worth_of(asked, needs(), situation([100]), KINDS[:1], w)[0] for w in (BASE, weights))
    assert plain[0] == plain[1] > 0
    assert less == pytest.approx([plain[0], 0.1 * plain[1]])


def cable_in(zone, mbps=100.0):
    rows = [{"id": "cable:z", "technology": "cable", "use": "television", "zone": zone, "quantity": 3}]
    return proposal(rows, service=[("cable:z", zone, -1, mbps)])


def coaxial(share, mbps=0.0, had=0.0, fibre=0.0):
    """One zone of 1,000 homes: cable television reaches a share, some of it two-way, beside fibre."""
    return situation(
        [1000],
        fixed_mbps=np.array([[1000.0], [mbps]], dtype=np.float32),
        fixed_share=np.array([[fibre], [had]], dtype=np.float32),
        reach={"cable": np.array([share])},
        cable=1,
    )


def test_cable_serves_the_homes_of_its_plant_whether_or_not_fibre_does():
    for fibre in (0.0, 1.0):
        found = worth(cable_in(0), needs(), coaxial(0.6, fibre=fibre))
        assert found[0].tolist() == pytest.approx([0.1 * 600])
        assert found[1].tolist() == pytest.approx([600])


def test_two_way_plant_that_stands_counts_up_to_its_rate():
    """Of 600 cable homes 200 have 10 Mbit/s: 400 gain them, and all gain 100 Mbit/s."""
    now = coaxial(0.6, mbps=10.0, had=0.2)
    slow, fast = (
        needs(("television", "village", 10.0, 5, 1.0)),
        needs(("television", "village", 50.0, 5, 1.0)),
    )
    base = 0.1 * 600
    assert worth(cable_in(0), slow, now)[0].tolist() == pytest.approx([base + 400])
    assert worth(cable_in(0), fast, now)[0].tolist() == pytest.approx([base + 600])
    done = coaxial(0.6, mbps=100.0, had=0.6)
    assert worth(cable_in(0), fast, done)[0].tolist() == [0]


def test_needs_of_lines_and_of_television_do_not_mix():
    asked = needs(("fixed", "village", 10.0, 5, 1.0))
    assert worth(cable_in(0), asked, coaxial(0.6))[0].tolist() == pytest.approx([0.1 * 600])
