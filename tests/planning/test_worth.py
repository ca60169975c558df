import numpy as np
import pytest

from sim.planning.worth import Weights, worth_of
from tests.planning.small import needs, proposal, situation

BASE = Weights({"fixed": 0.1, "mobile": 0.03, "iot": 0.0}, late_share=0.5)
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
