"""Features of zones: closed forms, scaling, and independence of other zones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.access.features import farthest_m, feature_names, features_of
from sim.access.optics import fixed_loss_db
from sim.access.pattern import tile_of
from sim.access.settlements import zone_homes
from tests.access.towns import PATTERN, land, shipped_odn

ODN = shipped_odn()
AREA = land(30)
COPPER = np.arange(30) % 2 == 0
NEAR = np.zeros(30)
FEATURES = features_of(AREA, PATTERN, ODN, COPPER, NEAR)


def test_homes_and_ports_of_zones_within_reach():
    assert np.array_equal(FEATURES.served, zone_homes(AREA))
    assert FEATURES.values["ports"] == pytest.approx(zone_homes(AREA) * ODN.ports_per_home)
    share = np.linspace(0.1, 1.0, 30)
    wanted = features_of(AREA, PATTERN, ODN, COPPER, NEAR, share)
    assert wanted.values["ports"] == pytest.approx(zone_homes(AREA) * share)
    assert np.array_equal(FEATURES.built_up, AREA.zones["kind"] != "village")


def test_farther_zones_take_smaller_splits_then_none():
    lines, served = [], []
    for upstream_m in np.linspace(0.0, farthest_m(ODN) + 30_000.0, 12):
        found = features_of(AREA, PATTERN, ODN, COPPER, np.full(30, upstream_m))
        total = found.values["cheap_lines"] + found.values["dear_lines"]
        served.append(found.served.sum())
        lines.append(total.sum() / max(found.values["ports"].sum(), 1))
    assert served[0] == zone_homes(AREA).sum()
    assert served[-1] == 0
    assert served == sorted(served, reverse=True)
    reached = [line for line, homes in zip(lines, served, strict=True) if homes == served[0]]
    assert reached == sorted(reached)
    assert lines[0] == pytest.approx(1 / 64)


def test_zones_out_of_reach_have_no_features():
    gone = features_of(AREA, PATTERN, ODN, COPPER, np.full(30, 1e6))
    for kind in ("city", "town", "village"):
        assert not gone.matrix(kind).any()


def test_the_farthest_home_is_where_the_best_optics_end():
    best = max(ODN.optics[name].budget for name in ODN.offered)
    least = min(fixed_loss_db(ODN, split) for split in ODN.splits)
    per_km = (
        max(ODN.optics[name].fibre_loss_up for name in ODN.offered) + ODN.splice_loss * 1000 / ODN.drum_length
    )
    assert farthest_m(ODN) == pytest.approx(min((best - least) / per_km, ODN.longest_reach) * 1000, rel=0.05)


def test_twice_the_distances_never_more_than_double_a_feature():
    """So metres of homes at equal pattern never fall when homes stand farther apart."""
    wide = land(30, scale=2.0)
    stretched = PATTERN.model_copy(
        update={
            "village_plot": PATTERN.village_plot * 4, "block_city": PATTERN.block_city * 2,
            "block_town": PATTERN.block_town * 2, "setback": PATTERN.setback * 2,
        }
    )  # fmt: skip
    far = features_of(wide, stretched, ODN, COPPER, NEAR)
    for kind in ("city", "town", "village"):
        mine = FEATURES.kind == kind
        for name in feature_names(kind):
            one, two = FEATURES.values[name][mine], far.values[name][mine]
            if name.endswith("_m"):
                assert two == pytest.approx(2 * one), name
            elif name not in ("cheap_lines", "dear_lines", "direct_ports"):
                assert two == pytest.approx(one), name


def test_lanes_paths_and_tracks_are_those_of_the_tiles():
    """Features hold the streets of a village but for loops and the exact paths of farmsteads."""
    plain = PATTERN.model_copy(
        update={"scattered_share_plain": 0.0, "scattered_share_hills": 0.0, "extra_tracks": 0.0}
    )
    found = features_of(AREA, plain, ODN, COPPER, NEAR).values
    for row in np.flatnonzero(AREA.zones["kind"] == "village"):
        streets = tile_of(AREA, row, plain, COPPER).streets
        poled, bare = (
            found[f"{kind}_lanes_m"][row] + found[f"{kind}_tracks_m"][row] for kind in ("poled", "bare")
        )
        assert streets.length_m[streets.poles].sum() == pytest.approx(poled, rel=0.1)
        assert streets.length_m[~streets.poles].sum() == pytest.approx(bare, rel=0.1)


def test_streets_with_ducts_are_those_of_the_tiles():
    for row in np.flatnonzero(AREA.zones["kind"] != "village"):
        streets = tile_of(AREA, row, PATTERN, COPPER).streets
        assert streets.length_m[streets.duct].sum() == pytest.approx(FEATURES.values["ducted_streets_m"][row])
        assert streets.length_m[~streets.duct].sum() == pytest.approx(FEATURES.values["bare_streets_m"][row])


def test_a_zone_has_its_features_whatever_its_neighbours_are():
    other = replace(
        AREA, zones=AREA.zones.assign(area_km2=np.where(np.arange(30) == 4, AREA.zones["area_km2"], 3.0))
    )
    again = features_of(other, PATTERN, ODN, COPPER, NEAR).at(np.array([4]))
    for name, values in FEATURES.at(np.array([4])).values.items():
        assert np.array_equal(again.values[name], values), name
