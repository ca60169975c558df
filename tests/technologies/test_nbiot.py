"""NB-IoT: boards on 2G sites, software on LTE sites."""

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


def test_threshold_of_general_coverage_by_hand(nbiot):
    """43 dBm over 12 subcarriers, 144 dB of coupling loss between connectors, -3 dBi at the terminal.

    The gain of the site's antenna is in what it radiates; added to the coupling loss again it would
    count twice.
    """
    power = 43 - 10 * math.log10(12)
    assert nbiot.threshold_dbm() == pytest.approx(power - 144 + 3)
    coupling = power - (nbiot.threshold_dbm() + nbiot.terminal_gain)
    assert coupling == pytest.approx(nbiot.coupling_loss)


def test_each_class_reaches_further(nbiot):
    radii = [
        nbiot.model_copy(update={"coupling_loss": loss, "largest_radius": 1e5}).layer().radii_m
        for loss in (144.0, 154.0, 164.0)
    ]
    assert (np.diff(np.stack(radii), axis=0) > 0).all()


def test_boards_go_to_standing_sites_only(nbiot):
    hosts = world().plant.site_locations["gsm"]
    candidates = propose(nbiot, gsm=hosts).candidates
    assert set(candidates["location"]) <= set(hosts)
    assert (price_fen(candidates) == round(100 * nbiot.board_price)).all()
    assert (candidates["quantity"] == 1).all()


def test_an_lte_site_needs_software_alone(nbiot):
    frame = propose(nbiot, lte=[3, 9]).candidates
    assert set(frame["build"]) == {"software"}
    assert (price_fen(frame) == round(100 * nbiot.software_price)).all()
    skills = {task.skill for task in nbiot.tasks(frame.iloc[0])}
    assert skills == {"", "software"}, "nobody climbs a mast for software"


def test_without_a_host_there_is_nothing(nbiot):
    nothing = propose(nbiot)
    assert len(nothing.candidates) == len(nothing.service) == 0
    assert list(nothing.candidates.columns) == list(world().propose("nbiot").candidates.columns)


def test_new_lte_sites_become_hosts(nbiot):
    assert nbiot.reacts_to == ("lte",)
    before, after = propose(nbiot, gsm=[0]), propose(nbiot, gsm=[0], lte=[40, 41, 42, 43])
    assert set(after.service["point"]) > set(before.service["point"])
    assert len(after.candidates) > len(before.candidates)


def test_a_site_that_carries_both_is_one_host(nbiot):
    frame = propose(nbiot, gsm=[7], lte=[7]).candidates
    assert frame["location"].tolist() == [7]
    assert frame["build"].tolist() == ["software"]
