import numpy as np
import pytest

from sim.planning.weights import Weights, WorthOptions
from tests.planning.small import GREEDY

WEIGHTS = Weights(base={}, late_share=0.25, deadline_gain=0.6, deadline_months=12.0)


def options(**changes):
    fields = {name: getattr(GREEDY, name) for name in WorthOptions.model_fields}
    return WorthOptions(**(fields | changes))


def test_a_need_weighs_more_month_by_month_until_its_due_month():
    left = np.array([36.0, 12.0, 9.0, 6.0, 0.0])
    assert WEIGHTS.urgency(left) == pytest.approx([1.0, 1.0, 1.15, 1.3, 1.6])


def test_a_need_past_its_due_month_keeps_the_stated_part():
    assert WEIGHTS.urgency(np.array([-1.0, -40.0])).tolist() == [0.25, 0.25]


def test_urgency_never_falls_before_the_deadline_and_is_one_without_a_gain():
    months = np.arange(60.0, -1.0, -1.0)
    assert (np.diff(WEIGHTS.urgency(months)) >= 0).all()
    assert (Weights(base={}, late_share=0.5).urgency(months) == 1.0).all()


def test_equity_adds_up_where_a_village_is_poor():
    weights = Weights(base={}, late_share=0.5, equity_village=0.2, equity_poor_county=0.3)
    village, poor = np.array([True, True, False, False]), np.array([True, False, True, False])
    assert weights.equity(village, poor) == pytest.approx([0.5, 0.2, 0.3, 0.0])


def test_options_become_weights_by_month_and_year():
    weights = options(deadline_years=1.5, revenue_weight=0.001, arpu_fixed=40.0, arpu_mobile=50.0).weights
    assert weights.deadline_months == 18.0
    assert weights.revenue == pytest.approx({"fixed": 0.48, "television": 0.48, "mobile": 0.6})


def test_every_use_but_ipv6_and_backup_has_a_base_worth_of_its_own():
    base = options(worth_home=0.2, worth_home_transport=0.4).weights.base
    assert (base["fixed"], base["television"], base["transport"], base["egress"]) == (0.2, 0.2, 0.4, 0.4)
    assert not {"ipv6", "backup"} & set(base)
