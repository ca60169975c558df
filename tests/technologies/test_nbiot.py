"""NB-IoT: a board on sites that stand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.technologies.base import Plant
from tests.world import price_fen, world


@pytest.fixture
def nbiot():
    return world().technologies["nbiot"]


def propose(nbiot, **sites):
    now = world()
    plant = Plant({name: np.array(rows, dtype=np.int32) for name, rows in sites.items()}, {}, {})
    return nbiot.propose(now.area, now.prepared.demand, plant, now.loaded.scenario.clock)


def test_range_of_general_coverage_by_hand(nbiot):
    """144 dB of coupling, 18 - 3 dBi of antennas, 3 dB feeder, 15 dB indoors, 5.4 dB margin: 135.6 dB.

    Okumura-Hata in the open at 900 MHz with 30 m.
    """
    log_f = math.log10(900)
    terminal = (1.1 * log_f - 0.7) * 1.5 - (1.56 * log_f - 0.8)
    at_1_km = 69.55 + 26.16 * log_f - 13.82 * math.log10(30) - terminal
    at_1_km += -4.78 * log_f**2 + 18.33 * log_f - 40.94
    loss = 144 + 18 - 3 - 3 - 15 - 0.67449 * 8
    wanted = 1000 * 10 ** ((loss - at_1_km) / (44.9 - 6.55 * math.log10(30)))
    found = nbiot.cell_range_m(np.array([True, False]), np.zeros(2))
    assert found[0] == pytest.approx(wanted, rel=1e-4)
    assert found[1] < found[0]


def test_boards_go_to_standing_sites_only(nbiot):
    hosts = world().plant.site_locations["gsm"]
    candidates = world().propose("nbiot").candidates
    assert set(candidates["location"]) <= set(hosts)
    assert (price_fen(candidates) == round(100 * nbiot.board_price)).all()
    assert (candidates["quantity"] == 1).all()


def test_without_a_host_there_is_nothing(nbiot):
    nothing = propose(nbiot)
    assert len(nothing.candidates) == len(nothing.service) == 0
    assert list(nothing.candidates.columns) == list(world().propose("nbiot").candidates.columns)


def test_new_lte_sites_become_hosts(nbiot):
    assert nbiot.reacts_to == ("lte",)
    before, after = propose(nbiot, gsm=[0, 1]), propose(nbiot, gsm=[0, 1], lte=[40, 41, 42, 43])
    assert set(after.service["point"]) > set(before.service["point"])
    assert len(after.candidates) > len(before.candidates)


def test_a_site_that_carries_both_is_one_host(nbiot):
    assert propose(nbiot, gsm=[7], lte=[7]).candidates["location"].tolist() == [7]


def test_deeper_cover_reaches_further(nbiot):
    """Each step of 10 dB in coupling loss is a class of coverage: 144, 154 and 164 dB."""
    ranges = [
        nbiot.model_copy(update={"coupling_loss": loss}).cell_range_m(np.array([False]), np.zeros(1))[0]
        for loss in (144.0, 154.0, 164.0)
    ]
    assert ranges[0] < ranges[1] < ranges[2] <= 20_000
    assert ranges[1] / ranges[0] == pytest.approx(10 ** (10 / (44.9 - 6.55 * math.log10(30))), rel=1e-6)
