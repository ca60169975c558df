"""Bandwidth of homes against a count of every zone by itself; plans, lines put in, new homes."""

from dataclasses import replace

import numpy as np
import pytest

from sim.indicators import household
from sim.indicators.bandwidth import Distribution
from sim.indicators.base import Evidence
from tests.indicators.conftest import MONTHS, TECHNOLOGIES
from tests.indicators.small_lines import DELIVERED, PRESENCE, TIERS, WANTED, demand, lines
from tests.indicators.test_sharing import found_active

FTTH = TECHNOLOGIES.index("ftth")


@pytest.fixture
def with_lines(evidence):
    """Return evidence whose lines share what is asked for."""

    def build(**changes):
        state = replace(evidence.state, lines=lines(**changes))
        return Evidence(state, *_rest(evidence))

    return build


def held(homes, unit, home, busy, rate):
    """Return the chance that an active home's share of a unit is at least a rate, by counting."""
    law, _ = found_active(homes, unit, home, busy)
    return sum(chance for n, chance in enumerate(law, 1) if unit / n >= rate - 1e-9)


def counted(evidence, month, rates, uplink=None):
    """Return urban and rural subscribers at each rate, zone by zone, plan by plan, count by count."""
    state, result = evidence.state, np.zeros((2, len(rates)))
    busy = state.lines.demand.fixed_busy_mbps[month]
    users = {name: state.subscribers[month, TECHNOLOGIES.index(name)] for name in ("dsl", "ftth")}
    send = {
        name: 1.0 / (WANTED[month] @ (1.0 / (np.minimum(TIERS, rate) * DELIVERED)))
        for name, rate in (("dsl", 8.0), ("ftth", 100.0))
    }
    for zone in range(5):
        for name, count in users.items():
            if not count[zone]:
                continue
            peak = state.peak_mbps[month, TECHNOLOGIES.index(name), zone]
            own = 1.0 / (WANTED[month] @ (1.0 / (np.minimum(TIERS, peak) * DELIVERED)))
            for place, rate in enumerate(rates):
                chance = WANTED[month] @ (np.minimum(TIERS, peak) * DELIVERED >= rate - 1e-9)
                if name == "ftth":
                    homes = max(round(count[zone] / state.lines.units[name][month, zone]), 1)
                    chance *= held(homes, float(state.lines.unit_mbps[name][month, zone]), own, busy, rate)
                if uplink is not None:
                    mine = PRESENCE[zone] == PRESENCE
                    homes = round(sum(float(all_[mine].sum()) for all_ in users.values()))
                    active = sum(float(users[n][mine].sum()) * busy / send[n] for n in users)
                    chance *= held(homes, uplink[month, zone], homes * busy / active, busy, rate)
                result[int(evidence.village[zone]), place] += count[zone] * chance
    return result


@pytest.mark.parametrize("rate", [25.0, 60.0, 400.0])
def test_every_zone_counted_by_itself_gives_the_same_distribution(with_lines, rate):
    evidence = with_lines(rate=rate)
    found = Distribution(evidence, evidence.state.lines, (4.0, 20.0))
    table = found.table()[3]
    places = [0, 40, *np.flatnonzero(np.isin(found.grid, [1.0, 4.0, 10.0, 20.0, 50.0])), -1]
    wanted = counted(evidence, 3, found.grid[places])
    assert table[:, places] == pytest.approx(wanted, abs=1e-6)


def test_zones_of_one_point_of_presence_share_its_uplink(with_lines):
    """Rounding of the homes' rate to two digits is all that differs from the count."""
    uplink = np.full((MONTHS, 5), 90.0)
    evidence = with_lines()
    copper = np.float32(8.0) * (evidence.state.peak_mbps[:, 0] > 0)
    peak = evidence.state.peak_mbps.copy()
    peak[:, 0] = copper
    evidence = Evidence(replace(evidence.state, peak_mbps=peak), *_rest(evidence))
    found = Distribution(evidence, evidence.state.lines, (4.0, 20.0), uplink)
    places = np.flatnonzero(np.isin(found.grid, [0.5, 1.0, 4.0, 10.0, 50.0]))
    table = found.table()[3][:, places]
    assert table == pytest.approx(counted(evidence, 3, found.grid[places], uplink), abs=0.6)
    without = Distribution(evidence, evidence.state.lines, (4.0, 20.0)).table()[3][:, places]
    assert (table <= without + 1e-9).all()
    assert (table < without - 1.0).any()


def _rest(evidence):
    return evidence.area, evidence.horizon, evidence.options, evidence.events


def test_without_sharing_the_plans_are_what_homes_get(with_lines):
    evidence = with_lines(units=0.0)
    series = household.household_bandwidth(evidence)
    assert series["all p5"][0] == pytest.approx(2 * DELIVERED)
    assert series["all p50"][0] == pytest.approx(8 * DELIVERED)
    assert series["all p95"][0] == pytest.approx(8 * DELIVERED), "copper carries no more in month 0"
    assert series["urban p95"][3] == pytest.approx(100 * DELIVERED)


def test_a_rate_is_told_of_all_homes_and_of_subscribers(with_lines):
    evidence = with_lines(units=0.0)
    share = household.share_at_rate(evidence, 4.0)
    users, homes = evidence.fixed, evidence.homes["all"][3]
    lines_in_use = sum(evidence.total(evidence.state.subscribers[:, row])[3] for row in users)
    having = share["subscribers"][3] * lines_in_use
    assert share["all"][3] == pytest.approx(having / homes)
    assert share["subscribers"][3] == pytest.approx(0.6, abs=0.06), "two copper lines of 4 Mbit/s get 2"
    assert household.share_at_rate(evidence)["all"][3] < share["all"][3], "the scenario asks for 30 Mbit/s"


@pytest.mark.parametrize("percent", ["p5", "p50"])
def test_twice_the_traffic_is_felt_where_ports_are_loaded(with_lines, percent):
    """Forty homes on a port of 25 Mbit/s send 0.4 Mbit/s each: growth must not pass unnoticed."""

    def fibre_alone(busy):
        evidence = with_lines(busy=busy, rate=25.0, units=1.0)
        users = evidence.state.subscribers * (np.arange(len(TECHNOLOGIES)) == FTTH)[None, :, None]
        return Evidence(replace(evidence.state, subscribers=users), *_rest(evidence))

    before, after = fibre_alone(0.4), fibre_alone(0.8)
    rates = [household.household_bandwidth(evidence)[f"urban {percent}"][3] for evidence in (before, after)]
    assert rates[1] < rates[0]
    light, heavy = (household.line_load(evidence)["ftth"][3] for evidence in (before, after))
    assert light == pytest.approx((40 * 40 * 0.4 + 10 * 10 * 0.4) / 50 / 25)
    assert heavy == pytest.approx(2 * light)


def test_terminals_of_a_zone_share_what_is_kept_for_them(with_lines):
    """40 terminals of 1 Mbit/s are a unit of 40 Mbit/s for the homes of the zone."""
    pooled = with_lines(units=40.0, rate=1.0, pooled=frozenset({"ftth"}))
    apart = with_lines(units=1.0, rate=40.0)
    assert household.household_bandwidth(pooled)["urban p50"][3] == pytest.approx(
        household.household_bandwidth(apart)["urban p50"][3]
    )


def test_plans_paid_for(with_lines):
    share = household.plan_share(with_lines(), 8.0)
    assert share["urban"][0] == pytest.approx(0.6)
    assert share["rural"][0] == 0, "the village's copper carries 4 Mbit/s"
    four = household.plan_share(with_lines(), 4.0)
    assert four["rural"][0] == pytest.approx(0.6)
    assert (four["all"] >= share["all"]).all()


def test_homes_connected_by_technology_and_together(with_lines):
    """Month 3: 50 homes came to fibre; the lines of copper are still in."""
    found = household.homes_connected(with_lines())
    assert found["dsl"].tolist() == [47] * MONTHS
    assert found["ftth"].tolist() == [0, 0, 0, 50]
    assert found["all"][3] == pytest.approx(70 + 20 + 2 + 5)
    assert found["urban"][3] + found["rural"][3] == pytest.approx(found["all"][3])


def test_new_homes_with_fibre(with_lines):
    built = np.zeros((MONTHS, 5), dtype=np.float32)
    built[1:, 0], built[1:, 1] = 4.0, 1.0
    fibre = np.zeros_like(built)
    fibre[1:, 0] = [2.0, 6.0, 12.0]
    share = household.new_homes_with_fibre(with_lines(built=built, built_with_fibre=fibre))
    assert np.isnan(share["all"][0])
    assert share["all"][1:].tolist() == pytest.approx([2 / 5, 6 / 10, 12 / 15])
    assert np.isnan(share["rural"]).all()


def test_what_the_state_does_not_say_is_not_told(evidence):
    evidence = Evidence(replace(evidence.state, lines=None), *_rest(evidence))
    for measure in (household.household_bandwidth, household.line_load, household.new_homes_with_fibre):
        assert measure(evidence) == {}


def test_what_gets_through_is_spread_among_homes(with_lines):
    """Log-normal with the mean of before: with one plan and nothing shared the law is its own."""
    spread = 0.4
    one = replace(demand(), tier_share=np.array([[0.0, 0.0, 1.0, 0.0]] * MONTHS), delivered_spread=spread)
    evidence = with_lines(demand=one, units=0.0)
    users = evidence.state.subscribers * (np.arange(len(TECHNOLOGIES)) == FTTH)[None, :, None]
    series = household.household_bandwidth(
        Evidence(replace(evidence.state, subscribers=users), *_rest(evidence))
    )
    median = 20 * DELIVERED * np.exp(-(spread**2) / 2)
    assert series["urban p50"][3] == pytest.approx(median, rel=0.01)
    assert series["urban p5"][3] == pytest.approx(median * np.exp(-1.645 * spread), rel=0.01)
    assert series["urban p95"][3] == pytest.approx(median * np.exp(1.645 * spread), rel=0.01)
    share = household.share_at_rate(with_lines(demand=one, units=0.0), 20.0)
    assert 0 < share["subscribers"][3] < 0.05, "no more than what is paid for"
