"""Indicators of access and coverage against figures worked out by hand."""

import numpy as np
import pytest

from sim.indicators import access, coverage, narrowband, roads, villages
from sim.indicators.base import divide


def test_a_share_of_nothing_is_unknown():
    assert np.isnan(divide(np.array([1.0]), np.array([0.0]))).all()


def test_penetration_counts_lines_on_fixed_plant_only_and_is_not_capped(evidence):
    result = access.penetration(evidence)
    assert result["all"][0] == pytest.approx(100 * 47 / 200)
    assert result["rural"][0] == pytest.approx(100 * 2 / 40)
    assert result["曲靖市"][0] == pytest.approx(100 * 7 / 30)
    evidence.state.subscribers[:, 0, 4] = 30
    assert access.penetration(evidence)["曲靖市"][0] > 100


def test_capability_nests_technologies_on_the_same_homes(evidence):
    slow, fast = access.capability_share(evidence, 4.0), access.capability_share(evidence, 20.0)
    assert slow["all"][0] == pytest.approx(170 / 200)
    # fibre passes 5 homes of a village without copper; elsewhere copper passes them already
    assert slow["all"][2] == pytest.approx(175 / 200)
    assert fast["all"].tolist() == pytest.approx([0, 0, 135 / 200, 135 / 200])
    assert fast["urban"][2] == pytest.approx(130 / 160)
    assert fast["city"][2] == pytest.approx(80 / 110)
    assert fast["rural"][2] == pytest.approx(5 / 40)


def test_satellite_stands_apart(evidence):
    assert access.capability_share(evidence, 4.0)["satellite"][0] == pytest.approx(1 / 200)
    assert access.capability_share(evidence, 12.0)["satellite"][0] == 0
    assert access.satellite_homes(evidence)["rural"][0] == 1
    assert access.fixed_subscribers(evidence)["rural"][0] == 2


def test_mean_capability_weighs_each_home_by_its_best_line(evidence):
    result = access.mean_capability(evidence)["all"]
    assert result[0] == pytest.approx((160 * 8 + 10 * 4) / 200)
    # z0: 80 homes of 100 Mbit/s, 20 of 8; z1: 50 of 100; z2: 5 of 100; z3: 10 of 4; z4: 10 of 8
    assert result[2] == pytest.approx((8000 + 160 + 5000 + 500 + 40 + 80) / 200)


def test_mean_rate_paid_for_weighs_subscribers(evidence):
    result = access.mean_subscribed(evidence)
    assert result["all"][0] == pytest.approx(4)
    assert result["all"][3] == pytest.approx((47 * 4 + 50 * 20) / 97)
    assert result["capital"][3] == pytest.approx((30 * 4 + 40 * 20) / 70)
    assert result["other cities"][3] == pytest.approx(4)


def test_busy_hour_is_kept_apart_from_the_rate_paid_for_and_from_lte(evidence):
    result = access.busy_hour(evidence)
    assert result["all"][3] == pytest.approx((47 * 2 + 50 * 10) / 97)
    assert result["lte"][0] == pytest.approx(3)


def test_cities_count_where_enough_of_their_urban_homes_can_order_100(evidence):
    # 130 of 150 urban homes around Kunming are passed by fibre from month 2 on
    assert access.cities_100(evidence)["all"].tolist() == [0, 0, 1, 1]
    # but only 80 of the city's own 100 homes
    assert access.all_fibre_cities(evidence)["all"].tolist() == [0, 0, 0, 0]
    assert access.ftth_100_share(evidence)["city"][2] == pytest.approx(80 / 110)


def test_fibre_homes_lines_and_share(evidence):
    assert access.ftth_homes(evidence)["all"].tolist() == [0, 0, 135, 135]
    assert access.ftth_homes_share(evidence)["昆明市"][2] == pytest.approx(135 / 170)
    assert access.ftth_share(evidence)["all"][3] == pytest.approx(50 / 97)


def test_villages_by_technology(evidence):
    assert villages.villages(evidence)["all"][0] == 2
    assert villages.village_fibre(evidence)["all"].tolist() == [0, 0, 0.5, 0.5]
    assert villages.village_fixed(evidence)["all"].tolist() == [0.5, 0.5, 1, 1]
    both = villages.village_any(evidence)
    # LTE reaches half of z2's residents
    assert both["all"].tolist() == [1, 1, 1, 1]
    evidence.state.covered_share[:, 3, 2] = 0.49
    both = villages.village_any(evidence)
    assert both["all"].tolist() == [0.5, 0.5, 1, 1]
    assert both["with satellite"].tolist() == [1, 1, 1, 1]


def test_both_halves_of_the_village_4g_rule_stand_side_by_side(evidence):
    # a site 4 km from the committee of z2 is on air from month 2
    assert villages.village_4g_site_rule(evidence)["all"].tolist() == [0, 0, 0.5, 0.5]
    # its settlement of thirty homes has signal from month 2, its hamlet from month 1
    assert villages.village_4g_point_rule(evidence)["all"].tolist() == [0, 0, 0.5, 0.5]
    assert villages.village_4g(evidence)["all"].tolist() == [0, 0, 0.5, 0.5]
    assert villages.village_broadband_and_4g(evidence)["all"].tolist() == [0, 0, 0.5, 0.5]


def test_a_small_hamlet_does_not_hold_the_point_rule_back_but_a_school_does(evidence):
    evidence.state.point_month["lte"][:] = [-1, 4, 0, 4, 0, 4, 4, 4, 4]
    evidence.area.points.loc[3, "homes"] = 19
    assert villages.village_4g_point_rule(evidence)["all"].tolist() == [1, 1, 1, 1]


def test_a_school_without_signal_holds_the_point_rule_back(evidence):
    evidence.state.point_month["lte"][:] = [-1, 4, 0, 0, 0, 4, 4, 4, 4]
    evidence.area.places.loc[2, ["zone", "x_m"]] = [2, 22_000.0]
    evidence.state.point_month["lte"][3] = 3
    evidence.area.points.loc[3, "homes"] = 1
    assert villages.village_4g_point_rule(evidence)["all"].tolist() == [0.5, 0.5, 0.5, 1]


def test_coverage_of_residents_is_a_maximum_never_a_sum(evidence):
    assert coverage.lte_coverage(evidence)["all"][0] == pytest.approx(110 / 200)
    assert coverage.umts_coverage(evidence)["all"][0] == pytest.approx(150 / 200)
    assert coverage.mobile_coverage(evidence)["all"][0] == pytest.approx(160 / 200)
    assert coverage.mobile_coverage(evidence)["urban"][0] == pytest.approx(150 / 160)
    assert coverage.full_coverage(evidence)["all"].tolist() == pytest.approx(
        [170 / 200] * 2 + [175 / 200] * 2
    )


def test_joint_indicators_take_the_lesser(evidence):
    assert coverage.lte_with_villages(evidence)["all"].tolist() == pytest.approx([0, 0, 0.5, 0.5])
    # LTE is on air in one county of two, covering 55 % of residents
    assert coverage.lte_deployment(evidence)["all"].tolist() == pytest.approx([0.5] * 4)


def test_scale_use_needs_launch_and_users(evidence):
    assert coverage.lte_scale_use(evidence)["all"].tolist() == [0.5] * 4
    evidence.state.subscribers[:2, 3] = 0
    assert coverage.lte_scale_use(evidence)["all"].tolist() == [0, 0, 0.5, 0.5]


def test_natural_villages_need_fibre_and_lte(evidence):
    # settlements: two in z2 (LTE in months 1 and 2; a quarter of homes on fibre from month 2), one in z3
    expected = [0, 0, 0.5 / 3, 0.5 / 3]
    assert villages.natural_villages(evidence)["all"].tolist() == pytest.approx(expected)


def test_roads_count_by_length_where_their_samples_have_3g_or_better(evidence):
    result = roads.road_coverage(evidence)
    # 2 km of class 2 have 3G from the start, 1 km of class 4 has LTE from month 2, the railway nothing
    assert result["road"].tolist() == pytest.approx([2 / 3, 2 / 3, 1, 1])
    assert result["road 1-2"].tolist() == result["road 1-3"].tolist() == [1, 1, 1, 1]
    assert np.isnan(result["road 1"]).all(), "there is no road of class 1"
    assert result["rail"].tolist() == [0, 0, 0, 0]
    assert result["all"].tolist() == pytest.approx([0.5, 0.5, 0.75, 0.75])
    length = roads.road_km(evidence)
    assert {name: km[0] for name, km in length.items()} == {
        "all": 4, "road": 3, "road 1": 0, "road 1-2": 2, "road 1-3": 2, "rail": 1,
        "expressway and railway": 1,
    }  # fmt: skip
    assert result["expressway and railway"].tolist() == [0, 0, 0, 0], "the railway alone, without signal"


def test_without_any_mobile_network_no_road_has_signal(evidence):
    evidence.state.point_month.clear()
    assert roads.road_coverage(evidence)["all"].tolist() == [0, 0, 0, 0]


def test_a_road_sample_is_no_settlement(evidence):
    # the class-4 sample lies at the hamlet of z2: with signal there alone the village rule must not hold
    evidence.state.point_month["lte"][:] = [-1, 4, 4, 4, 4, 4, -1, -1, -1]
    assert villages.village_4g_point_rule(evidence)["all"].tolist() == [0, 0, 0, 0]
    assert villages.natural_villages(evidence)["all"].tolist() == [0, 0, 0, 0]


def test_nb_iot_general_and_deep(evidence):
    assert narrowband.nb_iot_general(evidence)["all"][0] == pytest.approx(0.5)
    assert narrowband.nb_iot_deep(evidence)["all"].tolist() == [0.5, 0.5, 0.5, 1]
    assert narrowband.key_places(evidence)["all"][0] == 2


def test_users_and_sites(evidence):
    assert coverage.users_mobile(evidence)["all"][0] == 120
    assert coverage.users_lte(evidence)["rural"][0] == 0
    assert coverage.user_penetration(evidence)["all"][0] == pytest.approx(100 * 120 / 600)
    assert coverage.sites(evidence, "lte")["all"].tolist() == [1, 1, 2, 2]
    assert coverage.sites(evidence, "wimax")["all"].tolist() == [0, 0, 0, 0]
