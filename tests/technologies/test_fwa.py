"""Fixed wireless: homes by the reach and the capacity of the sites around them, one carrier a host."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.radio.rates import weighted_quantiles
from sim.technologies.base import Plant, design_homes
from sim.technologies.fwa import Links, best_hosts, medians, share_out
from tests.world import price_fen, world


@pytest.fixture
def fwa():
    return world().technologies["fwa"]


def plant(share=None, network="lte"):
    """Return plant where a network stands on the masts of 3G."""
    hosts = world().plant.site_locations["umts"]
    return Plant({network: hosts}, world().plant.homes_share if share is None else share, {})


def propose(fwa, plant_=None):
    now = world()
    return fwa.propose(now.area, now.prepared.demand, plant_ or plant(), now.loaded.scenario.clock)


# -- radio -------------------------------------------------------------------------------------------


def test_the_antenna_outside_lowers_the_threshold(fwa):
    """Noise of 15 kHz at 290 K with 9 dB is -123.24 dBm; 0 dB SINR, 10 dBi and 1 dB of cable."""
    noise = -174.0 + 10.0 * math.log10(15_000.0) + 9.0
    assert fwa.noise_dbm() == pytest.approx(noise)
    assert fwa.threshold_dbm() == pytest.approx(noise - 10.0 + 1.0)
    wanted = fwa.wanted_dbm(world().area, fwa.layer())
    assert not fwa.planned_indoors(np.array([0, 1, 2], dtype=np.int8)).any()
    indoors = fwa.entry_db(np.array([0, 1, 2], dtype=np.int8)).min()
    assert indoors > 0
    assert wanted.max() < fwa.threshold_dbm() + fwa.margin_db() + fwa.roughness_limit + indoors


def test_the_rate_alone_is_the_bound_of_both_streams(fwa):
    """4.4 bit/s/Hz a stream, 18 MHz of subcarriers, 0.75 of the time and 0.75 of the symbols."""
    assert fwa.alone_mbps(np.array([60.0]))[0] == pytest.approx(2 * 4.4 * 18 * 0.75 * 0.75)
    assert fwa.alone_mbps(np.array([-20.0]))[0] == 0
    half = 0.6 * math.log2(1 + 10**0.3) * 18 * 0.75 * 0.75
    assert fwa.alone_mbps(np.array([3.0]))[0] >= half * (1 - 1e-9)


def test_on_the_sites_of_nr_it_speaks_nr(fwa):
    nr = world().technologies["nr"]
    wide = fwa.model_copy(update={"host": "nr", "carriers": nr.carriers, "coverage": nr.coverage})
    assert wide.radio.subcarrier_spacing == 30.0
    assert wide.alone_mbps(np.array([60.0]))[0] > 3 * fwa.alone_mbps(np.array([60.0]))[0]
    assert len(propose(wide, plant(network="lte")).candidates) == 0
    assert len(propose(wide, plant(network="nr")).candidates) > 0


def test_other_sites_disturb_and_the_antenna_turns_them_down(fwa):
    area, hosts = world().area, plant().site_locations["lte"]
    homes = area.points["homes"].to_numpy(dtype=np.float64)

    def mean(**change):
        links = fwa.model_copy(update=change).links(area, hosts, homes)
        return links.mbps.sum() / len(links.mbps)

    assert mean(rejection=0.0) < mean() < mean(rejection=300.0)
    assert mean(rejection=300.0) == pytest.approx(mean(usable_load=0.0), rel=1e-6)


# -- who is served by whom ---------------------------------------------------------------------------

LINKS = Links(
    site=np.array([0, 0, 1, 1, 1, 2]),
    zone=np.array([0, 1, 0, 1, 1, 3]),
    homes=np.array([10.0, 5.0, 8.0, 5.0, 5.0, 1.0]),
    mbps=np.array([20.0, 40.0, 25.0, 10.0, 30.0, 7.0]),
)


def test_the_best_host_carries_most_to_the_zone():
    """Zone 0: 200 of either site, so the first; zone 1: 200 of both again; zone 2 hears nobody."""
    assert best_hosts(LINKS, 4, 3).tolist() == [0, 0, -1, 2]
    louder = Links(LINKS.site, LINKS.zone, LINKS.homes, LINKS.mbps * np.array([1, 1, 1.1, 1, 1, 1]))
    assert best_hosts(louder, 4, 3).tolist() == [1, 0, -1, 2]
    assert best_hosts(LINKS.of(LINKS.site > 5), 2, 3).tolist() == [-1, -1]


def test_zones_of_a_host_share_what_is_left():
    asked = np.array([30.0, 10.0, 8.0, 5.0])
    host = np.array([0, 0, 1, -1])
    room = np.array([20.0, 100.0])
    assert share_out(asked, np.zeros(4), host, room).tolist() == [15, 5, 8, 0]
    assert share_out(asked, np.array([0.0, 0, 95, 0]), host, room).tolist() == [15, 5, 5, 0]
    assert share_out(asked, np.array([25.0, 0, 0, 0]), host, room).tolist() == [0, 0, 8, 0]


def test_the_median_counts_homes():
    mine = LINKS.of(LINKS.site == 1)
    found = medians(mine, 4)
    assert found.tolist() == [25.0, 10.0, 0.0, 0.0]
    generator = np.random.default_rng(3)
    zone = generator.integers(0, 5, 200)
    homes, mbps = generator.integers(1, 40, 200).astype(float), generator.random(200) * 90
    many = medians(Links(np.zeros(200, dtype=int), zone, homes, mbps), 5)
    for row in range(5):
        assert many[row] == weighted_quantiles(mbps[zone == row], homes[zone == row], 0.5)


def test_a_host_keeps_the_committed_rate_for_the_harmonic_mean(fwa):
    """Site 1: 18 homes at 8/25 + 5/10 + 5/30 need 0.987 for 18 Mbit/s: 18.24 Mbit/s a sector."""
    mean = 18.0 / (8 / 25 + 5 / 10 + 5 / 30)
    expected = math.floor(mean * fwa.sectors * fwa.usable_load / fwa.committed_rate)
    assert fwa.room(LINKS, np.zeros(4, dtype=int), 3)[1] == expected
    assert fwa.model_copy(update={"committed_rate": 2.0}).room(LINKS, np.zeros(4, dtype=int), 3)[1] in (
        expected // 2,
        expected // 2 + 1,
    )


# -- what could be built -----------------------------------------------------------------------------


def test_villages_and_towns_without_all_their_fibre(fwa):
    area, proposal = world().area, propose(fwa)
    zone = proposal.candidates["zone"].to_numpy()
    assert len(zone) > 10
    assert set(area.zones["kind"].to_numpy()[zone]) <= {"town", "village"}
    fibre = world().plant.homes_share["ftth"].copy()
    assert (fibre[zone] < 1).all()
    fibre[zone[::2]] = 1.0
    left = propose(fwa, plant({"ftth": fibre})).candidates["zone"]
    assert not set(left) & set(zone[::2])
    assert set(left) <= set(zone[1::2])


def test_without_hosts_there_is_nothing(fwa):
    assert len(propose(fwa, Plant({}, {}, {})).candidates) == 0


def test_terminals_are_paid_for_each_home_and_the_carrier_once(fwa):
    area, proposal = world().area, propose(fwa)
    frame = proposal.candidates
    count = frame["quantity"].to_numpy()
    assert price_fen(frame) == pytest.approx(count * fwa.terminal_price * 100, abs=1)
    assert (count <= np.ceil(design_homes(area.zones)[frame["zone"]] * fwa.homes_share)).all()
    assert len(proposal.assets) < len(frame) == len(proposal.needed)
    assert (price_fen(proposal.assets) == round(fwa.carrier_price * 100)).all()
    hosts = area.locations["location_id"].to_numpy()[plant().site_locations["lte"]]
    assert set(proposal.assets["asset_id"]) <= {f"fwa:{name}" for name in hosts}
    assert (frame["requires"] == "").all()


def test_hosts_never_promise_more_than_they_carry(fwa):
    greedy = fwa.model_copy(update={"homes_share": 1.0, "committed_rate": 5.0})
    proposal = propose(greedy)
    per_host = (
        proposal.needed.merge(proposal.candidates, on="project_id").groupby("asset_id")["quantity"].sum()
    )
    most = fwa.alone_mbps(np.array([60.0]))[0] * fwa.sectors * fwa.usable_load / greedy.committed_rate
    assert per_host.max() <= most
    assert (
        proposal.candidates["quantity"].sum()
        < propose(fwa.model_copy(update={"homes_share": 1.0})).candidates["quantity"].sum()
    )


def test_what_was_given_is_not_proposed_again_and_takes_room(fwa):
    tight = fwa.model_copy(update={"homes_share": 1.0, "committed_rate": 5.0})
    frame = propose(tight).candidates
    zone, count = frame["zone"].to_numpy(), frame["quantity"].to_numpy()
    given = np.zeros(world().area.n_zones)
    given[zone[:5]] = count[:5] / design_homes(world().area.zones)[zone[:5]]
    again = propose(tight, plant(dict(world().plant.homes_share) | {"fwa": given})).candidates
    assert not set(again["zone"]) & set(zone[:5])
    assert again["quantity"].sum() <= count[5:].sum() + len(count)


def test_rates_are_those_of_one_home_alone(fwa):
    service = propose(fwa).service
    most = fwa.alone_mbps(np.array([60.0]))[0]
    assert (service["point"] == -1).all()
    assert service["peak_mbps"].between(1.0, most * (1 + 1e-6)).all()
    assert service["peak_mbps"].nunique() > 5
    assert (service["capacity_mbps"] == np.float32(fwa.committed_rate)).all()
    assert fwa.unit_mbps() == fwa.committed_rate


def test_a_better_antenna_serves_more_and_faster(fwa):
    weak = propose(fwa.model_copy(update={"terminal_gain": 0.0})).service.set_index("zone")["peak_mbps"]
    good = propose(fwa).service.set_index("zone")["peak_mbps"]
    assert set(weak.index) <= set(good.index)
    assert good[weak.index].mean() > weak.mean()


def test_the_host_gets_its_carrier_before_homes_are_fitted(fwa):
    row = propose(fwa).candidates.to_dict("records")[0]
    *papers, carrier, fit, test = fwa.tasks(row)
    assert sum(task.days for task in papers) == pytest.approx(fwa.lead_time)
    assert [task.skill for task in (carrier, fit, test)] == ["radio", "install", "software"]
    assert fit.days + test.days == pytest.approx(row["quantity"] * fwa.fitting_days)
    assert fwa.patience() == fwa.host_growth
