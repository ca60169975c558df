"""Traffic by closed forms, and a scenario of growth from the rate down to what is built."""

from itertools import pairwise

import numpy as np
import pytest

from sim.clock import Horizon
from sim.demand import estimate_demand
from sim.demand.tariffs import TariffCut
from sim.demand.traffic import TrafficScale, busy_hour_mbps, monthly_gb
from sim.parameters import read_parameters
from sim.scenario.load import load_scenario
from tests.conftest import ROOT
from tests.world import load, simulate

HORIZON = Horizon("2014-01", "2017-12")
KINDS = np.array(["city", "village"])


@pytest.fixture(scope="module")
def options():
    return load().scenario.demand


def demand(options, **scale):
    changes = {"traffic_scale": TrafficScale(**scale)} if scale else {}
    return estimate_demand(KINDS, options.model_copy(update=changes), HORIZON)


def test_forty_five_gigabytes_make_a_quarter_of_a_megabit_at_the_busy_hour():
    """45 GB are 360,000 Mbit; a day of them 11,828; 8 % of that in 3,600 seconds."""
    assert busy_hour_mbps(np.array([45.0]), 0.08) == pytest.approx([360_000 / 30.4375 * 0.08 / 3600])


def test_volume_and_rate_say_the_same():
    volume = np.array([0.0, 0.1, 45.0, 480.0])
    assert monthly_gb(busy_hour_mbps(volume, 0.08), 0.08) == pytest.approx(volume)


def test_the_volume_of_lines_and_users_is_what_their_busy_hour_comes_from(options):
    found = demand(options)
    assert busy_hour_mbps(found.traffic.fixed_gb, options.fixed_busy_hour_share) == pytest.approx(
        found.fixed_busy_mbps
    )
    assert busy_hour_mbps(found.traffic.mobile_gb, options.busy_hour_share) == pytest.approx(
        found.mobile_busy_mbps
    )
    grown = found.traffic.mobile_gb[12] / found.traffic.mobile_gb[0]
    assert grown == pytest.approx(1 + options.traffic_growth_per_year)


def test_a_factor_holds_in_every_month_and_growth_adds_up_from_the_first(options):
    base, found = demand(options), demand(options, factor=2.0, extra_growth_per_year=0.5)
    ratio = 2 * 1.5 ** (np.arange(48) / 12)
    for name in ("fixed_busy_mbps", "mobile_busy_mbps"):
        assert getattr(found, name) == pytest.approx(getattr(base, name) * ratio)
    assert found.traffic.fixed_gb == pytest.approx(base.traffic.fixed_gb * ratio)
    assert (found.fixed_willing == base.fixed_willing).all()


def test_the_scale_of_one_changes_no_bit(options):
    base, same = demand(options), demand(options, factor=1.0, extra_growth_per_year=0.0)
    assert (base.fixed_busy_mbps == same.fixed_busy_mbps).all()


def test_the_shipped_growth_leads_to_the_high_end_of_what_was_expected():
    rows = read_parameters(ROOT / "scenarios" / "library" / "parameters.csv")
    expected, extra = rows["traffic_growth_2013"], rows["traffic_extra_growth"]
    assert (1 + expected.value) * (1 + extra.value) == pytest.approx(1 + expected.high, rel=0.01)
    fast = load_scenario(ROOT / "scenarios" / "yunnan-2017.yaml", variant="fast-traffic").scenario.demand
    assert fast.traffic_scale.extra_growth_per_year == extra.value
    assert fast.traffic_scale.factor == 1.0


def test_the_rows_of_growth_are_factors_of_five_years():
    rows = read_parameters(ROOT / "scenarios" / "library" / "parameters.csv")
    assert (1 + rows["fixed_traffic_growth_2013"].value) ** 5 == pytest.approx(3.5, rel=0.01)
    assert (1 + rows["fixed_traffic_growth_2017"].value) ** 5 == pytest.approx(4.6, rel=0.02)
    assert (1 + rows["traffic_growth_2013"].value) ** 5 == pytest.approx(13, rel=0.05)


def test_a_cut_of_data_prices_raises_mobile_traffic_by_its_elasticity(options):
    cut = {"first_month": "2015-01", "factor": 0.25, "of": "data"}
    changes = {"cuts": {"one": TariffCut.model_validate(cut)}, "data_price_elasticity": -0.5}
    cheaper = options.model_copy(update={"tariffs": options.tariffs.model_copy(update=changes)})
    base, found = demand(options), demand(cheaper)
    ratio = np.where(np.arange(48) >= 12, 2.0, 1.0)
    assert found.traffic.mobile_gb == pytest.approx(base.traffic.mobile_gb * ratio)
    assert found.mobile_busy_mbps == pytest.approx(base.mobile_busy_mbps * ratio)
    assert (found.fixed_busy_mbps == base.fixed_busy_mbps).all()


# ---- from the rate down to what is built


@pytest.fixture(scope="module")
def runs():
    """Return runs of the made-up region whose traffic is as expected, and five times that."""
    return [simulate(load(("demand.traffic_scale.factor", text), zones=40)) for text in ("1", "5")]


def built(run, technology):
    active = run.events[run.events["event"] == "activated"]
    return int(active["project_id"].str.startswith(f"{technology}:").sum())


def last(run, indicator, breakdown):
    rows = run.indicators[run.indicators["month"] == run.horizon.months - 1]
    rows = rows[(rows["indicator"] == indicator) & (rows["breakdown"] == breakdown)]
    return float(rows["value"].iloc[0])


def test_more_traffic_builds_more_links_and_carriers(runs):
    usual, heavy = runs
    for technology in ("transport", "lte"):
        assert built(heavy, technology) > built(usual, technology)


def test_more_traffic_fills_lines_and_raises_no_rate_at_the_busy_hour(runs):
    usual, heavy = runs
    assert last(heavy, "fixed_traffic_gb_per_line", "all") == pytest.approx(
        5 * last(usual, "fixed_traffic_gb_per_line", "all")
    )
    assert last(heavy, "line_load", "ftth") > last(usual, "line_load", "ftth")
    assert last(heavy, "busy_hour_mbps", "lte") <= last(usual, "busy_hour_mbps", "lte")


def test_the_same_plant_under_more_traffic_gives_nobody_a_higher_rate():
    """What stands in month 0 and new homes alone, so that no upgrade answers the traffic."""
    rates = []
    for text in ("0.5", "1", "20", "2000"):
        run = simulate(load(("demand.traffic_scale.factor", text), ("budget.scale", "0"), zones=40))
        rates.append(run.states[0].busy_hour_mbps)
    for calm, busy in pairwise(rates):
        assert (busy <= calm + 1e-6).all()
    assert (rates[-1] < rates[0]).any()
