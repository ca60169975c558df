"""Which settlement or building stands for a place."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.geo.points import nearest_home_point

POINTS = pd.DataFrame(
    {
        "zone": [0, 0, 1, 1, 2, 0],
        "kind": ["settlement", "building", "settlement", "settlement", "building", "road"],
        "x_m": [0.0, 100.0, 110.0, 500.0, 9000.0, 45.0],
        "y_m": 0.0,
    }
)


def places(**columns):
    return pd.DataFrame({"y_m": 0.0} | columns)


def test_the_nearest_of_its_own_zone_stands_for_a_place():
    """The road sample at 45 m is no home, and the settlement at 110 m lies in another zone."""
    found = nearest_home_point(POINTS, places(zone=[0, 0, 1, 2], x_m=[40.0, 108.0, 90.0, 0.0]))
    assert found.tolist() == [0, 1, 2, 4]


def test_of_two_equally_near_the_first():
    assert nearest_home_point(POINTS, places(zone=[0, 1], x_m=[50.0, 305.0])).tolist() == [0, 2]
    twins = POINTS.iloc[[0, 0]].reset_index(drop=True)
    assert nearest_home_point(twins, places(zone=[0], x_m=[7.0])).tolist() == [0]


def test_a_zone_without_homes_has_none():
    assert nearest_home_point(POINTS, places(zone=[3], x_m=[0.0])).tolist() == [-1]
    assert nearest_home_point(POINTS.iloc[5:], places(zone=[0], x_m=[0.0])).tolist() == [-1]
    assert len(nearest_home_point(POINTS, places(zone=[], x_m=[]))) == 0


def test_it_agrees_with_looking_at_all():
    generator = np.random.default_rng(5)
    points = pd.DataFrame(
        {
            "zone": generator.integers(0, 6, 80),
            "kind": "settlement",
            "x_m": generator.random(80) * 2e5,
            "y_m": generator.random(80) * 2e5,
        }
    )
    wanted = points.sample(40, random_state=1).assign(x_m=lambda frame: frame["x_m"] + 900.0)
    expected = [
        int(np.hypot(own["x_m"] - place.x_m, own["y_m"] - place.y_m).idxmin())
        for place in wanted.itertuples()
        for own in [points[points["zone"] == place.zone]]
    ]
    assert nearest_home_point(points, wanted).tolist() == expected
