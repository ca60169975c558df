from __future__ import annotations

import numpy as np
import pytest

from sim.fitting.curves import CURVES, bass, exponential, gompertz, ladder, logistic

PARAMETERS = {
    "bass": [1306.0, 0.05, 1.1, 2014.0],
    "logistic": [130.0, 0.28, 2017.4],
    "gompertz": [1306.0, 0.8, 2016.2],
    "exponential": [3.0, 0.5, 2016.0],
    "ladder": [1.3, 2013.0, 1.4],
}
YEARS = np.linspace(2013.05, 2020.0, 24)


@pytest.mark.parametrize("name", PARAMETERS)
def test_gradients_are_those_of_the_values(name):
    curve, theta = CURVES[name], np.array(PARAMETERS[name])
    inputs = np.column_stack([YEARS, np.geomspace(4, 1000, 24)]) if name == "ladder" else YEARS
    gradient = curve.gradient(inputs, theta)
    for at in range(len(theta)):
        step = np.zeros(len(theta))
        step[at] = 1e-6 * max(abs(theta[at]), 1.0) if curve.parameters[at] not in ("launch",) else 1e-6
        difference = (curve.value(inputs, theta + step) - curve.value(inputs, theta - step)) / (2 * step[at])
        assert gradient[:, at] == pytest.approx(difference, rel=1e-4, abs=1e-4 * np.abs(difference).max())


def test_bass_begins_at_its_launch_and_peaks_when_its_formula_says():
    theta = np.array([100.0, 0.03, 0.4, 2010.0])
    assert bass(np.array([2000.0, 2010.0]), theta) == pytest.approx([0.0, 0.0])
    peak = 2010.0 + np.log(0.4 / 0.03) / 0.43
    years = peak + np.array([-0.01, 0.0, 0.01])
    sales = np.gradient(bass(np.linspace(peak - 1, peak + 1, 2001), theta))
    assert abs(int(np.argmax(sales)) - 1000) <= 1
    assert bass(years, theta)[1] == pytest.approx(100.0 * (0.5 - 0.03 / 0.8))


def test_the_curves_pass_where_they_must():
    assert logistic(np.array([2017.4]), np.array(PARAMETERS["logistic"])) == pytest.approx([65.0])
    assert gompertz(np.array([2016.2]), np.array(PARAMETERS["gompertz"])) == pytest.approx([1306.0 / np.e])
    assert exponential(np.array([2016.0, 2018.0]), np.array([3.0, 0.5, 2016.0])) == pytest.approx(
        [3, 3 * np.e]
    )
    # a rate e times as fast costs as much as steepness / growth years
    theta = np.array([1.3, 2013.0, 1.4])
    slow = ladder(np.array([[2015.0, 10.0]]), theta)
    fast = ladder(np.array([[2015.0 + 1.4 / 1.3, 10.0 * np.e]]), theta)
    assert slow == pytest.approx(fast)


def test_no_curve_overflows_far_away():
    for name, theta in PARAMETERS.items():
        if name in ("ladder", "exponential"):
            continue
        values = CURVES[name].value(np.array([-1e6, 1e6]), np.array(theta))
        assert np.isfinite(values).all()
        assert np.isfinite(CURVES[name].gradient(np.array([-1e4, 1e4]), np.array(theta))).all()
