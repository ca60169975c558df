from dataclasses import replace

import pytest

from sim.clock import Horizon
from sim.errors import DataError
from sim.indicators.needs import open_needs
from sim.tables.layers import ZONE_KINDS
from sim.tables.plan import NEEDS
from tests.indicators.conftest import target_options
from tests.indicators.test_scorecard import TARGET

HORIZON = Horizon("2014-01", "2015-12")
RURAL = replace(TARGET, indicator="access_capability_share_ge_12Mbps", breakdown="rural")


def rows(*targets, **options):
    table = open_needs(targets, HORIZON, target_options(**options))
    NEEDS.check(table)
    assert (table.loc[table["kind"].isin(ZONE_KINDS), "enough"] == 1).all()
    return [tuple(row) for row in table[NEEDS.names[:5]].itertuples(index=False)]


def test_a_target_becomes_a_need_of_its_kinds_of_zones():
    assert rows(RURAL) == [("fixed", "village", 12.0, 17, 1.0)]
    assert [row[1] for row in rows(replace(RURAL, breakdown="urban"))] == ["city", "town"]


def test_the_nation_weighs_less_and_equal_wants_add_up():
    nation = replace(RURAL, target_id="N", province="China")
    assert rows(RURAL, nation) == [("fixed", "village", 12.0, 17, 1.5)]
    assert rows(nation, nation_weight=0.25)[0][-1] == 0.25


def test_a_rate_of_the_clause_itself_is_wanted():
    mean = replace(
        TARGET, indicator="mean_access_bandwidth_households", unit="Mbit/s", wanted=30.0, breakdown="city"
    )
    assert rows(mean) == [("fixed", "city", 30.0, 17, 1.0)]


def test_villages_want_by_village_and_mobile_without_a_rate():
    village = replace(TARGET, indicator="village_4g_share", breakdown="all")
    assert rows(village) == [("mobile", "village", 0.0, 17, 1.0)]
    everyone = replace(TARGET, indicator="nb_iot_general_coverage", breakdown="all")
    assert [row[:2] for row in rows(everyone)] == [("iot", "city"), ("iot", "town"), ("iot", "village")]


def test_a_target_on_roads_wants_kilometres_of_its_group():
    roads = replace(TARGET, indicator="road_length_coverage_share", breakdown="road 1-3")
    assert rows(roads) == [("mobile", "road 1-3", 0.0, 17, 100.0)]
    every = replace(roads, breakdown="all")
    assert rows(every, persons_per_road_km=40) == [
        ("mobile", "rail", 0.0, 17, 40.0),
        ("mobile", "road", 0.0, 17, 40.0),
    ]
    assert rows(replace(roads, province="China"), persons_per_road_km=40)[0][-1] == 20.0


def test_expressways_and_railways_want_both_of_their_groups():
    fast = replace(TARGET, indicator="road_length_coverage_share", breakdown="expressway and railway")
    assert [row[:2] for row in rows(fast)] == [("mobile", "rail"), ("mobile", "road 1")]


def test_converged_services_want_two_way_cable_and_remote_townships_a_backup():
    both = replace(TARGET, indicator="triple_play_counties_share", breakdown="all")
    assert rows(both) == [("television", kind, 10.0, 17, 1.0) for kind in ("city", "town", "village")]
    remote = replace(TARGET, indicator="remote_townships_backup_share", breakdown="rural")
    assert rows(remote) == [("backup", "village", 0.0, 17, 1.0)]
    users = replace(TARGET, indicator="ipv6_users_share", breakdown="all")
    assert {row[0] for row in rows(users)} == {"ipv6"}


def test_what_stands_or_follows_from_others_wants_nothing():
    for name in (
        "gsm_population_coverage",
        "nr_launched_prefectures",
        "networks_per_mast",
        "targets_met_share",
    ):
        assert rows(replace(TARGET, indicator=name)) == []


def test_every_unknown_indicator_is_named_at_once():
    wrong = replace(TARGET, indicator="road_length_cover", target_id="X-1"), replace(TARGET, indicator="?")
    with pytest.raises(DataError, match="did you mean road_length_coverage_share") as caught:
        rows(*wrong)
    assert [problem.key for problem in caught.value.problems] == ["X-1", TARGET.target_id]


def test_roads_are_enough_at_the_strictest_reading_of_the_share():
    roads = replace(TARGET, indicator="road_length_coverage_share", breakdown="road", wanted=0.75)
    more = (roads, replace(roads, low=0.7, high=0.8), replace(roads, comparator="increase", wanted=None))
    table = open_needs(more, HORIZON, target_options())
    assert table["enough"].tolist() == pytest.approx([0.75, 0.8, 1.0])


def test_what_is_late_or_not_judged_wants_nothing():
    assert rows(replace(RURAL, due_month="2016-01")) == []
    assert rows(replace(RURAL, due_month="2013-12")) == []
    assert rows(replace(RURAL, indicator="", not_judged="a lever")) == []
    assert rows(replace(RURAL, comparator="report", wanted=None)) == []


def counts(target, **options):
    table = open_needs([target], HORIZON, target_options(**options))
    return sorted({(row.use, row.wanted_mbps, row.counts) for row in table.itertuples()})


def test_village_broadband_is_met_by_lines_or_radio_and_by_satellite_where_the_clause_says_so():
    village = replace(TARGET, indicator="admin_villages_with_any_broadband_share", breakdown="all")
    assert counts(village) == [("fixed", 4.0, "fixed;lte")]
    assert counts(replace(village, breakdown="with satellite")) == [("fixed", 4.0, "fixed;lte;satellite")]
    table = open_needs([village], HORIZON, target_options(broadband_mbps=8, village_radio_share=0.7))
    assert (table["wanted_mbps"].item(), table["kind"].item()) == (8.0, "village")
    assert table["enough"].item() == pytest.approx(0.7)


def test_broadband_of_every_home_is_met_by_lines_or_radio_home_by_home():
    every = replace(TARGET, indicator="broadband_full_coverage_share", breakdown="all")
    assert counts(every) == [("fixed", 4.0, "fixed;lte")]
    assert (open_needs([every], HORIZON, target_options())["enough"] == 1.0).all()


def test_what_an_indicator_measures_meets_the_need():
    for name, wanted in (
        ("access_capability_share_ge_12Mbps", ("fixed", 12.0, "fixed")),
        ("village_fibre_share", ("fixed", 100.0, "ftth")),
        ("natural_village_fibre_4g_share", ("fixed", 100.0, "ftth")),
        ("village_4g_share", ("mobile", 0.0, "lte")),
        ("village_broadband_and_4g_share", ("mobile", 0.0, "lte")),
        ("mobile_broadband_population_coverage", ("mobile", 0.0, "umts;lte;nr")),
        ("road_length_coverage_share", ("mobile", 0.0, "umts;lte;nr")),
        ("nb_iot_general_coverage", ("iot", 0.0, "")),
        ("cable_capability_share_ge_10Mbps", ("television", 10.0, "")),
    ):
        assert counts(replace(TARGET, indicator=name, breakdown="all")) == [wanted]
