"""What levers do in whole runs of a made-up region, where the direction is known."""

import pytest

from sim.lever_runs import MEASURES
from sim.sweeps import result_digest
from tests.world import load, simulate

ZONES = 30
SPAN = (("horizon.last", "2015-12"), ("demand.draws", "0"))


def of(*changes):
    """Return a run."""
    return simulate(load(*SPAN, *changes, zones=ZONES))


@pytest.fixture(scope="module")
def base():
    return of()


def last(run, name, breakdown="all"):
    found = run.indicators
    mine = found[(found["indicator"] == name) & (found["breakdown"] == breakdown)]
    return float(mine["value"].iloc[-1])


def lines_wanted(run):
    """Homes with a line, by month."""
    found = run.indicators
    mine = found[(found["indicator"] == "homes_connected") & (found["breakdown"] == "all")]
    return mine["value"].to_numpy()


def test_a_lever_that_cannot_act_changes_no_byte(base):
    late = of(("levers.tariff_reduction", "on"), ("levers.tariff_reduction.first_month", "2030-01"))
    assert result_digest(late) == result_digest(base)


def test_lower_tariffs_raise_take_up(base):
    cheap = of(("levers.tariff_reduction", "on"), ("levers.tariff_reduction.first_month", "2014-01"))
    assert (lines_wanted(cheap) >= lines_wanted(base) - 1e-6).all()
    assert last(cheap, "homes_connected") > last(base, "homes_connected")


def test_packages_for_the_country_raise_take_up_there(base):
    cheap = of(("levers.rural_packages", "on"), ("levers.rural_packages.first_month", "2014-01"))
    name = "fixed_broadband_household_penetration"
    assert last(cheap, name, "rural") > last(base, name, "rural")


def test_a_campaign_raises_the_rate_paid_for(base):
    fast = of(("levers.speed_up_campaign", "on"), ("levers.speed_up_campaign.first_month", "2014-01"))
    name = "mean_access_bandwidth_households"
    assert last(fast, name) > last(base, name)
    assert last(fast, "homes_connected") == pytest.approx(last(base, "homes_connected"), rel=0.01)


def test_universal_service_adds_money(base):
    more = of(
        ("levers.universal_service_compensation", "on"),
        ("levers.universal_service_compensation.first_month", "2014-01"),
    )
    pot = more.spending[more.spending["pot"] == "universal_service"]
    assert "universal_service" not in set(base.spending["pot"])
    assert pot["released_fen"].sum() > 0
    assert pot["spent_fen"].sum() > 0


def test_without_the_housing_code_fewer_new_homes_have_fibre(base):
    # where nothing is built otherwise, so that the builders' fibre is all there is
    alone = (
        ("budget.scale", "0"),
        ("standing.ftth_homes", "0"),
        ("demand.new_housing.replaced_per_year", "0.05"),
    )
    free, held = of(("levers.fibre_in_new_housing", "off"), *alone), of(*alone)
    assert last(free, "new_homes_with_fibre_share", "urban") < last(
        held, "new_homes_with_fibre_share", "urban"
    )


def test_sharing_makes_what_is_built_cheaper_or_more(base):
    alone = of(("levers.sharing", "off"))
    spent = [float(run.spending["spent_fen"].sum()) for run in (base, alone)]
    assert spent[0] != spent[1]
    assert last(base, "ftth_homes_passed") >= last(alone, "ftth_homes_passed") * 0.999


def test_what_is_measured_of_levers_is_there(base):
    names = set(base.indicators["indicator"])
    assert {name for name in MEASURES if name not in ("met", "spent_yuan", "months_to_service")} <= names
