"""Antenna patterns against the published formulas and against planning files."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from pydantic import ValidationError

from sim.errors import DataError
from sim.radio.antenna import PATTERNS, MeasuredPattern, SectorPattern

MACRO = PATTERNS["tr36814"]


def test_half_the_power_at_half_the_beamwidth():
    """12 (1/2)^2 = 3 dB in each plane, 6 dB where both meet."""
    assert MACRO.relative_db(35.0, 0.0) == pytest.approx(-3.0)
    assert MACRO.relative_db(-35.0, 0.0) == pytest.approx(-3.0)
    assert MACRO.relative_db(0.0, 5.0) == pytest.approx(-3.0)
    assert MACRO.relative_db(35.0, -5.0) == pytest.approx(-6.0)
    assert MACRO.gain_db(35.0, 0.0) == pytest.approx(14.0 - 3.0)


@pytest.mark.parametrize(
    ("name", "azimuth", "elevation", "gain_dbi"),
    [
        ("tr36942", 0.0, 0.0, 15.0),
        ("tr36942", 65.0, 0.0, 15.0 - 12.0),
        ("tr36942", 180.0, 0.0, 15.0 - 20.0),
        ("tr36942", 0.0, -40.0, 15.0),
        ("tr36814", 180.0, 0.0, 14.0 - 25.0),
        ("tr36814", 0.0, -90.0, 14.0 - 20.0),
        ("tr36814", 180.0, -90.0, 14.0 - 25.0),
        ("tr38901_element", 0.0, 0.0, 8.0),
        ("tr38901_element", 65.0, 65.0, 8.0 - 24.0),
        ("tr38901_element", 180.0, 90.0, 8.0 - 30.0),
    ],
)
def test_published_patterns(name, azimuth, elevation, gain_dbi):
    """Boresight, one beamwidth off, back and floor of the three published patterns."""
    assert PATTERNS[name].gain_db(azimuth, elevation) == pytest.approx(gain_dbi, abs=1e-12)


def test_the_formula_over_the_whole_circle():
    azimuth, elevation = np.meshgrid(np.linspace(-180, 180, 145), np.linspace(-90, 90, 73))
    found = MACRO.gain_db(azimuth, elevation)
    for row, column in np.ndindex(azimuth.shape):
        horizontal = min(12 * (azimuth[row, column] / 70) ** 2, 25)
        vertical = min(12 * (elevation[row, column] / 10) ** 2, 20)
        assert found[row, column] == pytest.approx(14 - min(horizontal + vertical, 25), abs=1e-12)
    assert found.shape == azimuth.shape
    assert found.max() == 14.0
    assert found.min() == 14.0 - 25.0


def test_any_turn_is_the_same_direction():
    offsets = np.array([0.0, 30.0, -170.0, 180.0])
    for turns in (-2, -1, 1, 2):
        assert np.allclose(MACRO.relative_db(offsets + 360.0 * turns, 0.0), MACRO.relative_db(offsets, 0.0))
    assert MACRO.relative_db(720.0, 0.0) == 0.0
    assert MACRO.relative_db(359.0, 0.0) == MACRO.relative_db(-1.0, 0.0)


def test_without_direction_there_is_no_horizontal_loss():
    omni = SectorPattern(
        beamwidth_deg=360, front_to_back_db=25, vertical_beamwidth_deg=10, vertical_floor_db=20, gain_dbi=8
    )
    assert np.all(omni.gain_db(np.arange(0.0, 360.0, 7.0), 0.0) == 8.0)
    assert omni.gain_db(180.0, 5.0) == pytest.approx(5.0)


@pytest.mark.parametrize("wrong", [{"beamwidth_deg": 0}, {"beamwidth_deg": 361}, {"front_to_back_db": -1}])
def test_impossible_figures_are_refused(wrong):
    with pytest.raises(ValidationError):
        SectorPattern(**(MACRO.model_dump() | wrong))


def planning_file(tmp_path, *, gain="GAIN 15.5 dBi", tilt=0, beamwidth=65.0, height=7.0, back=28.0, step=1):
    """Write the parametric pattern as tables, as a maker would."""
    angles = range(0, 360, step)
    offset = [angle if angle <= 180 else angle - 360 for angle in angles]
    below = [((angle - tilt + 180) % 360) - 180 for angle in angles]
    lines = ["NAME made-up", "FREQUENCY 947", gain, f"HORIZONTAL {len(offset)}"]
    lines += [f"{a}\t{min(12 * (o / beamwidth) ** 2, back):.3f}" for a, o in zip(angles, offset, strict=True)]
    lines += [f"VERTICAL {len(offset)}"]
    lines += [f"{a} {min(12 * (o / height) ** 2, 18.0):.3f}" for a, o in zip(angles, below, strict=True)]
    path = tmp_path / "made-up.msi"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_planning_file_gives_its_beamwidths_back(tmp_path):
    pattern = SectorPattern.from_msi(planning_file(tmp_path, tilt=6))
    assert isinstance(pattern, MeasuredPattern)
    assert pattern.beamwidth_deg == pytest.approx(65.0, abs=0.05)
    assert pattern.vertical_beamwidth_deg == pytest.approx(7.0, abs=0.15)
    assert pattern.front_to_back_db == pytest.approx(28.0, abs=0.01)
    assert pattern.vertical_floor_db == pytest.approx(18.0, abs=0.01)
    assert pattern.gain_dbi == 15.5
    assert pattern.electrical_tilt_deg == 6.0
    azimuth, elevation = np.meshgrid(np.arange(-180.0, 181.0, 3.0), np.arange(-6.0, 6.5, 0.5))
    difference = pattern.gain_db(azimuth, elevation) - pattern.parametric.gain_db(azimuth, elevation)
    near = -pattern.parametric.relative_db(azimuth, elevation) < 20.0
    assert np.abs(difference[near]).max() < 0.5


def test_the_tables_are_read_exactly_and_between_their_figures(tmp_path):
    pattern = SectorPattern.from_msi(planning_file(tmp_path))
    assert pattern.relative_db(20.0, 0.0) == pytest.approx(-round(12 * (20 / 65) ** 2, 3))
    low, high = pattern.relative_db(np.array([20.0, 21.0]), 0.0)
    assert pattern.relative_db(20.5, 0.0) == pytest.approx((low + high) / 2)
    assert pattern.relative_db(380.0, -2.0) == pytest.approx(pattern.relative_db(20.0, -2.0))
    assert pattern.relative_db(0.0, -3.0) == pytest.approx(-round(12 * (3 / 7) ** 2, 3))


def test_downwards_is_downwards(tmp_path):
    """A lobe only below the beam weakens receivers below it, not above."""
    path = planning_file(tmp_path)
    text = path.read_text(encoding="utf-8").split("VERTICAL 360\n")
    rows = [
        f"{angle} {10.0 if 20 <= angle <= 60 else (0.0 if angle in (0, 1, 359) else 18.0)}"
        for angle in range(360)
    ]
    path.write_text(text[0] + "VERTICAL 360\n" + "\n".join(rows), encoding="utf-8")
    pattern = SectorPattern.from_msi(path)
    assert pattern.relative_db(0.0, -40.0) == pytest.approx(-10.0)
    assert pattern.relative_db(0.0, 40.0) == pytest.approx(-18.0)


def test_gain_without_a_unit_counts_from_a_dipole(tmp_path):
    assert SectorPattern.from_msi(planning_file(tmp_path, gain="GAIN 13.35")).gain_dbi == pytest.approx(15.5)
    assert SectorPattern.from_msi(planning_file(tmp_path, gain="Gain 13.35 dBd")).gain_dbi == pytest.approx(
        15.5
    )


def test_a_coarse_table_serves_too(tmp_path):
    pattern = SectorPattern.from_msi(planning_file(tmp_path, step=5))
    assert pattern.beamwidth_deg == pytest.approx(65.0, abs=0.5)
    assert len(pattern.horizontal_db) == 360


def test_an_antenna_without_direction(tmp_path):
    path = planning_file(tmp_path)
    text = path.read_text(encoding="utf-8")
    head, tail = text.split("HORIZONTAL 360\n")[0], text.split("VERTICAL 360\n")[1]
    flat = "\n".join(f"{angle} 0.0" for angle in range(360))
    path.write_text(f"{head}HORIZONTAL 360\n{flat}\nVERTICAL 360\n{tail}", encoding="utf-8")
    pattern = SectorPattern.from_msi(path)
    assert pattern.beamwidth_deg == 360.0
    assert np.all(pattern.parametric.relative_db(np.arange(360.0), 0.0) == 0.0)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("GAIN 15.5 dBi", "GAIN loud", "GAIN: holds no number; write for example GAIN 15.5 dBi"),
        ("GAIN 15.5 dBi", "GAIN 15.5 kg", "15.5 kg is no gain in dBi or dBd"),
        ("GAIN 15.5 dBi\n", "", "GAIN: is missing"),
        ("HORIZONTAL 360", "HORIZONTAL many", "needs the number of its lines"),
        ("VERTICAL 360", "VERTICAL 365", "promises 365 lines, but the file ends after 360"),
        ("\n7\t0.139", "\n7\tx", "'7 x' is not an angle and an attenuation"),
        ("\n7\t0.139", "\n7\t-0.139", "an attenuation of 0 to 200 dB, not a gain"),
        ("\n7\t0.139", "\n6\t0.139", "gives an angle twice"),
        ("VERTICAL 360", "HORIZONTAL 360", "VERTICAL: is missing"),
    ],
)
def test_a_broken_file_is_named_with_its_line_and_a_cure(tmp_path, old, new, message):
    path = planning_file(tmp_path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        SectorPattern.from_msi(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_all_mistakes_of_a_file_at_once(tmp_path):
    path = planning_file(tmp_path, gain="GAIN loud")
    path.write_text(path.read_text(encoding="utf-8").replace("\n7\t0.139", "\n7\tx", 1), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        SectorPattern.from_msi(path)
    assert [problem.line for problem in caught.value.problems] == [3, 12]


def test_no_file(tmp_path):
    with pytest.raises(DataError, match="there is no such file"):
        SectorPattern.from_msi(tmp_path / "absent.msi")


def test_patterns_travel_between_processes(tmp_path):
    for pattern in (MACRO, SectorPattern.from_msi(planning_file(tmp_path))):
        again = pickle.loads(pickle.dumps(pattern))  # noqa: S301 - our own bytes, made on the same line
        assert again == pattern
        assert math.isclose(again.relative_db(12.0, -3.0), pattern.relative_db(12.0, -3.0))
