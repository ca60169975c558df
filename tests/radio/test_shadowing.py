"""Drawn shadowing: its moments, its correlations, and the margins that stand for it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.radio.link import area_probability, edge_probability, shadow_margin_db
from sim.radio.shadowing import Shadowing

FIELD = Shadowing(sigma=8.0, decorrelation=50.0, seed=11)
EAST = np.arange(0.0, 20_000.0, 20.0) + 3.0
NORTH = np.arange(0.0, 20_000.0, 20.0) - 9_000.0


def test_mean_and_spread():
    """A million places, 6e4 of them independent: a mean within 0.1 dB, a spread within one percent."""
    found = FIELD.grid_db(7, EAST, NORTH)
    assert found.dtype == np.float32
    assert found.shape == (1000, 1000)
    assert abs(found.mean()) < 0.1
    assert found.std() == pytest.approx(8.0, rel=0.01)


def test_it_is_normal_everywhere():
    """Shares beyond 1, 2 and 3 spreads, on the lattice's nodes as between them."""
    found = FIELD.grid_db(7, EAST, NORTH).ravel() / 8.0
    for bound, share, within in [(1.0, 0.3173, 0.02), (2.0, 0.0455, 0.05), (3.0, 0.0027, 0.2)]:
        assert np.mean(np.abs(found) > bound) == pytest.approx(share, rel=within)
    worlds = [FIELD.model_copy(update={"seed": seed}) for seed in range(400)]
    spread = [np.std([world.points_db(1, x, 0.0) for world in worlds]) for x in (0.0, 13.0, 27.7, 41.0)]
    assert spread == pytest.approx([8.0] * 4, rel=0.12)


@pytest.mark.parametrize("turn", [0.0, 20.0, 45.0, 90.0])
def test_correlation_over_distance(turn):
    """1/e at the decorrelation distance in every direction, above it nearer, none three times as far."""
    draw = np.random.default_rng(1)
    x, y = draw.uniform(0, 1e6, (2, 200_000))
    here = FIELD.points_db(2, x, y)
    found = []
    for distance in (10.0, 25.0, 50.0, 150.0):
        dx, dy = distance * math.sin(math.radians(turn)), distance * math.cos(math.radians(turn))
        found.append(np.corrcoef(here, FIELD.points_db(2, x + dx, y + dy))[0, 1])
    assert found[2] == pytest.approx(math.exp(-1), abs=0.02)
    assert found[0] > 0.9 > found[1] > 0.6
    assert abs(found[3]) < 0.01


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_correlation_between_sites(share):
    field = FIELD.model_copy(update={"site_correlation": share})
    draw = np.random.default_rng(2)
    x, y = draw.uniform(0, 1e6, (2, 100_000))
    first, second = field.points_db(3, x, y), field.points_db(4, x, y)
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(share, abs=0.02)
    assert first.std() == pytest.approx(8.0, rel=0.01)


def test_seeds_are_strangers():
    draw = np.random.default_rng(3)
    x, y = draw.uniform(0, 1e6, (2, 100_000))
    other = FIELD.model_copy(update={"seed": 12})
    assert abs(np.corrcoef(FIELD.points_db(3, x, y), other.points_db(3, x, y))[0, 1]) < 0.02


def test_the_order_of_asking_does_not_matter():
    draw = np.random.default_rng(4)
    x, y = draw.uniform(-5e4, 5e4, (2, 500))
    site = draw.integers(0, 50, 500)
    together = FIELD.points_db(site, x, y)
    order = draw.permutation(500)
    assert np.array_equal(FIELD.points_db(site[order], x[order], y[order]), together[order])
    one_by_one = [FIELD.points_db(site[i], x[i], y[i]) for i in range(500)]
    assert np.array_equal(np.array(one_by_one), together)
    assert one_by_one[0].shape == ()


def test_windows_of_a_raster_join():
    """A window, a strip and single points see the same field."""
    whole = FIELD.grid_db(9, EAST[:200], NORTH[:150])
    assert np.array_equal(FIELD.grid_db(9, EAST[40:90], NORTH[70:80]), whole[70:80, 40:90])
    x, y = np.meshgrid(EAST[:200], NORTH[:150])
    assert np.abs(FIELD.points_db(9, x, y) - whole).max() < 1e-4
    assert FIELD.grid_db(9, EAST[:0], NORTH[:5]).shape == (5, 0)


def test_some_numbers_stay_what_they_are():
    """A change of these is a change of every sampled run."""
    found = FIELD.points_db([1, 1, 2], [0.0, 1000.0, 0.0], [0.0, -500.0, 0.0])
    assert found == pytest.approx([4.3898, -4.7128, -8.4699], abs=1e-3)


@pytest.mark.parametrize("edge", [0.5, 0.75, 0.9])
def test_margins_stand_for_what_is_drawn(edge):
    """Shares of draws above the threshold: at the edge that of Jakes, over the disc his area form."""
    exponent, draw = 3.52, np.random.default_rng(5)
    margin = shadow_margin_db(8.0, edge)
    site = np.repeat(np.arange(100), 3000)
    radius = 5000.0 * np.sqrt(draw.uniform(0, 1, len(site)))
    angle = draw.uniform(0, 2 * math.pi, len(site))
    field = FIELD.model_copy(update={"site_correlation": 0.0})
    shadow = field.points_db(site, radius * np.sin(angle), radius * np.cos(angle))
    inside = margin - 10 * exponent * np.log10(radius / 5000.0) + shadow
    assert np.mean(inside >= 0) == pytest.approx(area_probability(margin, 8.0, exponent), abs=0.01)
    rim = field.points_db(site, 5000.0 * np.sin(angle), 5000.0 * np.cos(angle))
    assert np.mean(margin + rim >= 0) == pytest.approx(edge, abs=0.01)
    assert edge_probability(margin, 8.0) == pytest.approx(edge)


def test_without_spread_there_is_no_shadowing():
    assert np.all(FIELD.model_copy(update={"sigma": 0.0}).grid_db(1, EAST[:9], NORTH[:9]) == 0.0)
