"""The shifted coordinates of Chinese maps and the way back."""

import numpy as np
import pytest

from sim.geo.gcj import shift, to_wgs84


def test_the_inverse_undoes_the_shift_to_a_millimetre():
    lon, lat = (axis.ravel() for axis in np.meshgrid(np.linspace(97, 123, 40), np.linspace(21, 38, 40)))
    east, north = shift(lon, lat)
    back_lon, back_lat = to_wgs84(lon + east, lat + north)
    metres = np.hypot((back_lon - lon) * 111_320 * np.cos(np.radians(lat)), (back_lat - lat) * 110_950)
    assert metres.max() < 1e-3


def test_the_shift_has_the_size_known_of_it():
    lon, lat = np.array([102.7, 104.07, 117.0, 112.98]), np.array([25.05, 30.66, 36.67, 28.2])
    east, north = shift(lon, lat)
    metres = np.hypot(east * 111_320 * np.cos(np.radians(lat)), north * 110_950)
    assert ((metres > 250) & (metres < 700)).all()


def test_a_published_pair_of_coordinates():
    """Tiananmen: WGS-84 116.3913, 39.9075 is drawn at 116.39754, 39.90890 in GCJ-02."""
    east, north = shift(np.array([116.3913]), np.array([39.9075]))
    assert 116.3913 + east[0] == pytest.approx(116.39754, abs=2e-5)
    assert 39.9075 + north[0] == pytest.approx(39.90890, abs=2e-5)
