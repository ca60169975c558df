"""Satellite: finite capacity, paid terminals, the most remote villages without a line first."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.technologies.base import Plant
from tests.world import price_fen, world


@pytest.fixture
def satellite():
    return world().technologies["satellite"]


def propose(satellite, used=0, share=None):
    now = world()
    share = now.plant.homes_share if share is None else share
    plant = Plant({}, share, {"satellite": used})
    return satellite.propose(now.area, now.prepared.demand, plant, now.loaded.scenario.clock).candidates


def test_villages_without_a_line_get_paid_terminals(satellite):
    area, frame = world().area, propose(satellite)
    lines = sum(world().plant.homes_share.values())
    zones = frame["zone"].to_numpy()
    assert len(zones) > 0
    assert not area.urban[zones].any()
    assert (lines[zones] == 0).all()
    terminals = np.ceil(area.zones["homes_2020"].to_numpy()[zones] * satellite.homes_share)
    assert frame["quantity"].tolist() == terminals.tolist()
    assert price_fen(frame) == pytest.approx(terminals * satellite.terminal_price * 100, abs=1)
    assert (frame["opex_fen_per_year"] > 0).all()


def test_capacity_is_finite(satellite):
    """600 Mbit/s at 0.5 Mbit/s a terminal are 1200 terminals."""
    none = {"ftth": np.zeros(world().area.n_zones)}
    every = propose(satellite.model_copy(update={"regional_capacity": 1e9}), share=none)
    assert len(every) == (~world().area.urban).sum()
    assert every["quantity"].sum() > 100
    small = satellite.model_copy(update={"regional_capacity": 50.0})
    first = propose(small, share=none)
    assert 0 < first["quantity"].sum() <= 100
    assert propose(small, used=60, share=none)["quantity"].sum() <= 40
    assert len(propose(small, used=100, share=none)) == 0


def test_the_most_remote_come_first(satellite):
    none = {"ftth": np.zeros(world().area.n_zones)}
    route = world().area.zones["pop_route_m"].to_numpy()
    small = satellite.model_copy(update={"regional_capacity": 60.0})
    taken = propose(small, share=none)["zone"].to_numpy()
    villages = np.flatnonzero(~world().area.urban)
    assert route[taken].min() >= np.sort(np.round(route[villages]))[::-1][len(taken)] - 1


def test_a_line_anywhere_in_the_village_ends_the_offer(satellite):
    all_lines = {"dsl": np.full(world().area.n_zones, 0.01)}
    assert len(propose(satellite, share=all_lines)) == 0


def test_a_terminal_keeps_its_committed_rate(satellite):
    assert satellite.unit_mbps() == satellite.committed_rate
    half = satellite.model_copy(update={"committed_rate": satellite.committed_rate / 2})
    none = {"ftth": np.zeros(world().area.n_zones)}
    assert len(propose(half, share=none)) >= len(propose(satellite, share=none))
    assert math.isfinite(propose(satellite)["field_days"].sum())
