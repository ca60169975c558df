"""Load coupling against closed forms and against cells summed one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.sparse import csr_array

from sim.radio.link import spectral_efficiency_bps_hz
from sim.radio.load import CellsAround, EachCell, Together, Traffic, neighbour_weights, solve_load
from sim.radio.rates import Carrier

CARRIER = Carrier(bandwidth=10, overhead=0.25)
NOISE_DBM = -122.0
USABLE_MHZ = 50 * 12 * 0.015 * 0.75


def two_cells(demand_mbps):
    """Two cells, a receiver each, -95 dBm from its own and -100 dBm from the other."""
    own, other = 10**-9.5, 10**-10.0
    powers = csr_array(np.array([[own, other], [other, own]]))
    server = np.array([0, 1])
    traffic = Traffic(server, np.array([-95.0, -95.0]), np.full(2, demand_mbps), 2)
    return traffic, EachCell.without_server(powers, server)


def network(rings=2, receivers=3000, seed=3):
    """Sites of three sectors on a hexagonal lattice 1 km apart, with receivers strewn over them."""
    draw = np.random.default_rng(seed)
    axial = [
        (q, r) for q in range(-rings, rings + 1) for r in range(-rings, rings + 1) if abs(q + r) <= rings
    ]
    x = np.array([1000.0 * (q + r / 2) for q, r in axial])
    y = np.array([1000.0 * r * math.sqrt(0.75) for q, r in axial])
    site = np.repeat(np.arange(len(x)), 3)
    azimuth = np.tile([0.0, 120.0, 240.0], len(x))
    px, py = draw.uniform(-2200, 2200, receivers), draw.uniform(-2200, 2200, receivers)
    dx, dy = px[:, None] - x[site], py[:, None] - y[site]
    offset = np.degrees(np.arctan2(dx, dy)) - azimuth
    offset -= 360 * np.rint(offset / 360)
    gain = -np.minimum(12 * (offset / 65) ** 2, 20)
    power_dbm = 31.0 + gain - (128.0 + 37.6 * np.log10(np.maximum(np.hypot(dx, dy), 35.0) / 1000.0))
    powers = csr_array(10 ** (power_dbm / 10))
    server = power_dbm.argmax(axis=1)
    total = powers.sum(axis=1)
    weights = neighbour_weights(x, y, site, 3.76)
    exact = EachCell.without_server(powers, server)
    near = CellsAround.of(power_dbm.max(axis=1), total, server, weights)
    return server, power_dbm, exact, near


SERVER, POWER_DBM, EXACT, NEAR = network()
CELLS = POWER_DBM.shape[1]


def traffic_of(demand_mbps):
    return Traffic(SERVER, POWER_DBM.max(axis=1), np.broadcast_to(demand_mbps, SERVER.shape), CELLS)


def one_by_one(traffic, powers_mw, rounds=200):
    """Return loads by the definition, from empty cells upwards, one receiver after the other."""
    load = [0.0] * traffic.cells
    for _ in range(rounds):
        wanted = [0.0] * traffic.cells
        for i, cell in enumerate(traffic.server):
            other = sum(powers_mw[i][k] * min(load[k], 1.0) for k in range(traffic.cells) if k != cell)
            sinr = 10 * math.log10(powers_mw[i][cell] / (other + 10 ** (NOISE_DBM / 10)))
            rate = USABLE_MHZ * min(0.6 * math.log2(1 + 10 ** (sinr / 10)), 4.4)
            rate = max(rate, USABLE_MHZ * 0.6 * math.log2(1.1))
            wanted[cell] += traffic.demand_mbps[i] / rate
        load = wanted
    return np.array(load)


def test_two_cells_by_the_equation():
    """rho = d / (B 0.6 log2(1 + S / (rho I + N))) has one root."""
    for demand in (1.0, 3.0, 5.0):
        traffic, interference = two_cells(demand)
        found = solve_load(traffic, interference, NOISE_DBM, CARRIER)

        def excess(rho, demand=demand):
            sinr = 10 * math.log10(10**-9.5 / (rho * 10**-10.0 + 10 ** (NOISE_DBM / 10)))
            return demand / (USABLE_MHZ * float(spectral_efficiency_bps_hz(sinr))) - rho

        assert found.share == pytest.approx(brentq(excess, 0.0, 2.0), abs=1e-5)
        assert found.overloaded.size == 0


def test_without_traffic_there_is_no_load():
    traffic, interference = two_cells(0.0)
    found = solve_load(traffic, interference, NOISE_DBM, CARRIER)
    assert found.share.tolist() == [0.0, 0.0]
    assert found.sinr_db == pytest.approx(27.0)
    assert found.user_mbps == pytest.approx(USABLE_MHZ * 4.4)


def test_overload_is_stated_and_disturbs_as_full_load():
    traffic, interference = two_cells(50.0)
    found = solve_load(traffic, interference, NOISE_DBM, CARRIER)
    assert found.overloaded.tolist() == [0, 1]
    assert found.share.tolist() == [1.0, 1.0]
    rate = USABLE_MHZ * 0.6 * math.log2(1 + 10**-9.5 / (10**-10.0 + 10**-12.2))
    assert found.wanted == pytest.approx(50.0 / rate)
    assert found.carried_share == pytest.approx(rate / 50.0)
    assert found.user_mbps.tolist() == [0.0, 0.0]


def test_idle_cells_may_still_send():
    traffic, interference = two_cells(2.0)
    quiet = solve_load(traffic, interference, NOISE_DBM, CARRIER)
    pilots = solve_load(traffic, interference, NOISE_DBM, CARRIER, idle_activity=0.1)
    assert np.all(pilots.share > quiet.share)
    assert np.all(pilots.sinr_db < quiet.sinr_db)


def test_receivers_out_of_reach_take_no_load():
    """One without a server, one too weak even alone; their traffic is stated."""
    server = np.array([0, -1, 0])
    traffic = Traffic(server, np.array([-95.0, -np.inf, -140.0]), np.array([2.0, 3.0, 4.0]), 1)
    interference = EachCell.without_server(csr_array(np.zeros((3, 1))), server)
    found = solve_load(traffic, interference, NOISE_DBM, CARRIER)
    assert found.unserved_mbps == 7.0
    assert found.share == pytest.approx([2.0 / (USABLE_MHZ * 4.4)], rel=1e-6)
    assert found.rate_mbps[1:].tolist() == [0.0, 0.0]
    assert found.sinr_db[1] == -np.inf
    assert np.all(found.user_mbps[1:] == 0.0)


def test_the_network_against_the_definition():
    """The fixed point reached from full load is the one reached from empty cells."""
    few = slice(0, 300)
    draw = np.random.default_rng(8)
    traffic = Traffic(SERVER[few], POWER_DBM[few].max(axis=1), draw.uniform(0, 2.4, 300), CELLS)
    interference = EachCell(EXACT.power_mw_of_cell[few])
    found = solve_load(traffic, interference, NOISE_DBM, CARRIER)
    wanted = one_by_one(traffic, (10 ** (POWER_DBM[few] / 10)).tolist(), rounds=60)
    assert 0.2 < found.share.max() <= 1.0
    assert np.abs(found.wanted - wanted).max() < 1e-4
    assert found.rounds < 60


@pytest.mark.parametrize("load", [0.0, 0.3, 1.0])
def test_both_forms_agree_where_cells_are_equally_busy(load):
    activity = np.full(CELLS, load)
    assert np.allclose(NEAR.power_mw(activity), EXACT.power_mw(activity), rtol=1e-9, atol=1e-24)


def strongest(count):
    """Return the interference of each receiver's strongest cells one by one, and of the rest as a mean."""
    powers = EXACT.power_mw_of_cell.toarray()
    weak = np.argsort(-powers, axis=1)[:, count:]
    np.put_along_axis(powers, weak, 0.0, axis=1)
    listed = EachCell(csr_array(powers))
    best, total = POWER_DBM.max(axis=1), (10 ** (POWER_DBM / 10)).sum(axis=1)
    return Together((listed, CellsAround.of(best, total, SERVER, NEAR.weights, listed)))


@pytest.mark.parametrize("demand", [0.05, 0.08, 0.11])
def test_how_far_the_mean_around_is_off_where_cells_differ(demand):
    """Cells that differ threefold: 2 dB with the mean alone, a tenth of it with four cells by name."""
    given = np.random.default_rng(4).uniform(0.5, 1.5, CELLS)[SERVER] * demand
    exact = solve_load(traffic_of(given), EXACT, NOISE_DBM, CARRIER)
    assert 0.1 < exact.share.mean() < 0.9
    assert exact.share.std() > 0.1
    for interference, most_db, most_share in [
        (NEAR, 2.0, 0.3),
        (strongest(1), 0.8, 0.1),
        (strongest(4), 0.2, 0.05),
    ]:
        found = solve_load(traffic_of(given), interference, NOISE_DBM, CARRIER)
        assert np.sqrt(np.mean((found.sinr_db - exact.sinr_db) ** 2)) < most_db
        assert np.abs(found.share - exact.share).max() < most_share
        assert abs(found.share.mean() - exact.share.mean()) < 0.02


def test_more_traffic_never_lessens_any_load():
    before = np.zeros(CELLS)
    for demand in (0.02, 0.05, 0.1, 0.2, 0.4):
        found = solve_load(traffic_of(demand), EXACT, NOISE_DBM, CARRIER)
        assert np.all(found.wanted >= before - 1e-6)
        before = found.wanted
    assert found.overloaded.size > 0


def test_a_table_of_rates_settles_too():
    """Steps instead of a curve: the rounds still end."""
    carrier = CARRIER.model_copy(update={"efficiency": "lte_cqi", "layers": 2})
    found = solve_load(traffic_of(0.1), EXACT, NOISE_DBM, carrier)
    assert found.rounds < 100
    again = np.bincount(SERVER, 0.1 / np.maximum(found.rate_mbps, carrier.lowest_mbps), minlength=CELLS)
    assert np.abs(again - found.wanted).max() < 1e-5


def test_the_order_of_receivers_does_not_matter():
    order = np.random.default_rng(2).permutation(len(SERVER))
    traffic = traffic_of(0.1)
    turned = Traffic(SERVER[order], traffic.best_dbm[order], traffic.demand_mbps[order], CELLS)
    found = solve_load(traffic, EXACT, NOISE_DBM, CARRIER)
    other = solve_load(turned, EachCell(EXACT.power_mw_of_cell[order]), NOISE_DBM, CARRIER)
    assert np.allclose(found.wanted, other.wanted, rtol=1e-9)


def test_weights_of_cells_around():
    """Three sites on a line: own site as the nearest, the far one less, none on itself."""
    weights = neighbour_weights(
        np.array([0.0, 1000.0, 3000.0]), np.zeros(3), np.array([0, 0, 1, 2]), exponent=2.0
    ).toarray()
    assert np.all(weights.diagonal() == 0)
    assert weights.sum(axis=1) == pytest.approx(1.0)
    assert weights[0] == pytest.approx(np.array([0, 1, 1, 1 / 9]) / (2 + 1 / 9))
    alone = neighbour_weights(np.zeros(1), np.zeros(1), np.zeros(1, dtype=int), exponent=3.5)
    assert alone.toarray().tolist() == [[0.0]]
