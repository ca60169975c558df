"""Antenna patterns: how much weaker a sector is off its boresight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from sim.errors import DataError, Problem
from sim.options import Options
from sim.parameters import Quantity

Floats = NDArray[np.float64]

_Table = Annotated[tuple[float, ...], Field(min_length=360, max_length=360)]

FULL_TURN_DEG = 360.0
DBI_OF_DBD = 2.15
"""Gain of a half-wave dipole over an isotropic antenna [dB]."""
_BACK_DEG = 30.0
"""Half the width of the sector opposite the boresight over which the back lobe is averaged."""
_BEAMS_ASIDE = 1.5
"""Vertical beamwidths off the peak from which the side lobes count."""


class SectorPattern(Options):
    """Pattern of one sector antenna from its beamwidths.

    ``A = min(A_H + A_V, A_m)`` with ``A_H = min(12 (az / beamwidth)^2, A_m)`` and
    ``A_V = min(12 (el / vertical_beamwidth)^2, floor)``. A beamwidth of 360 degrees is an antenna
    without direction in that plane; a vertical floor of 0 dB is a pattern of the horizontal alone.

    References
    ----------
    3GPP TR 36.942, section 4.2.1; TR 36.814, table A.2.1.1-2; TR 38.901, table 7.3-1.
    """

    beamwidth_deg: Annotated[float, Field(gt=0, le=FULL_TURN_DEG), Quantity("degree")]
    """Width of the horizontal main beam between its points at half the power [degree]."""
    front_to_back_db: Annotated[float, Field(ge=0), Quantity("dB")]
    """Boresight gain less gain to the back; no direction is weaker than this [dB]."""
    vertical_beamwidth_deg: Annotated[float, Field(gt=0, le=FULL_TURN_DEG), Quantity("degree")]
    """Width of the vertical main beam between its points at half the power [degree]."""
    vertical_floor_db: Annotated[float, Field(ge=0), Quantity("dB")]
    """Largest attenuation by elevation alone (side lobes fill the nulls) [dB]."""
    gain_dbi: Annotated[float, Field(ge=-30, le=60), Quantity("dBi")]
    """Gain on the boresight over an isotropic antenna [dBi]."""

    def relative_db(self, azimuth_offset_deg: ArrayLike, elevation_offset_deg: ArrayLike) -> Floats:
        """Return the gain less the boresight's, 0 or less, broadcast shape of both offsets [dB].

        The azimuth offset counts clockwise and may be any turn; the elevation offset counts upwards
        from the boresight.
        """
        horizontal = _beam_db(_wrapped(azimuth_offset_deg), self.beamwidth_deg, self.front_to_back_db)
        elevation = np.asarray(elevation_offset_deg, dtype=np.float64)
        vertical = _beam_db(elevation, self.vertical_beamwidth_deg, self.vertical_floor_db)
        return np.asarray(-np.minimum(horizontal + vertical, self.front_to_back_db))

    def gain_db(self, azimuth_offset_deg: ArrayLike, elevation_offset_deg: ArrayLike) -> Floats:
        """Return the gain over an isotropic antenna, broadcast shape of both offsets [dBi]."""
        return np.asarray(self.gain_dbi + self.relative_db(azimuth_offset_deg, elevation_offset_deg))

    @classmethod
    def from_msi(cls, path: Path | str) -> MeasuredPattern:
        """Return the pattern of a planning file (``.msi``, ``.pln``): its tables and their beamwidths.

        The file holds ``GAIN`` (dBd unless it says dBi) and the sections ``HORIZONTAL`` and ``VERTICAL``
        of lines "angle attenuation"; vertical angles count downwards from the horizon. Raises
        ``DataError`` that names every broken line and its cure.
        """
        from sim.geo.read import read_text

        return _MsiFile(path).parse(read_text(path))


class MeasuredPattern(SectorPattern):
    """A pattern measured in two planes: the tables give the gain, the beamwidths a summary of them.

    The vertical table is centred on its peak, so that a sector's downtilt is its mechanical tilt plus
    ``electrical_tilt_deg``. Between the planes the attenuations add, as in the pattern by beamwidths.
    """

    horizontal_db: _Table
    """Attenuation at each whole degree clockwise of the boresight, 360 figures [dB]."""
    vertical_db: _Table
    """Attenuation at each whole degree below the peak, 360 figures [dB]."""
    electrical_tilt_deg: Annotated[float, Quantity("degree")]
    """How far the peak was below the horizon with the antenna upright [degree]."""

    @property
    def parametric(self) -> SectorPattern:
        """The pattern by beamwidths alone."""
        names = SectorPattern.model_fields
        return SectorPattern(**{name: getattr(self, name) for name in names})

    def relative_db(self, azimuth_offset_deg: ArrayLike, elevation_offset_deg: ArrayLike) -> Floats:
        """Return the gain less the boresight's, 0 or less, broadcast shape of both offsets [dB]."""
        below = -np.asarray(elevation_offset_deg, dtype=np.float64)
        horizontal = _at(self.horizontal_db, np.asarray(azimuth_offset_deg, dtype=np.float64))
        deepest = max(*self.horizontal_db, *self.vertical_db)
        return np.asarray(-np.minimum(horizontal + _at(self.vertical_db, below), deepest))


PATTERNS: Mapping[str, SectorPattern] = MappingProxyType(
    {
        name: SectorPattern(
            beamwidth_deg=figures[0],
            front_to_back_db=figures[1],
            vertical_beamwidth_deg=figures[2],
            vertical_floor_db=figures[3],
            gain_dbi=figures[4],
        )
        for name, figures in {
            "tr36942": (65.0, 20.0, FULL_TURN_DEG, 0.0, 15.0),
            "tr36814": (70.0, 25.0, 10.0, 20.0, 14.0),
            "tr38901_element": (65.0, 30.0, 65.0, 30.0, 8.0),
        }.items()
    }
)
"""Published patterns: TR 36.942 section 4.2.1, TR 36.814 table A.2.1.1-2, TR 38.901 table 7.3-1."""


def _wrapped(angle_deg: ArrayLike) -> Floats:
    """Return an angle as -180 to 180 degrees."""
    angle = np.asarray(angle_deg, dtype=np.float64)
    return np.asarray(angle - FULL_TURN_DEG * np.rint(angle / FULL_TURN_DEG))


def _beam_db(offset_deg: Floats, beamwidth_deg: float, most_db: float) -> Floats:
    if beamwidth_deg >= FULL_TURN_DEG:
        return np.zeros_like(offset_deg)
    return np.asarray(np.minimum(12.0 * (offset_deg / beamwidth_deg) ** 2, most_db))


def _at(table_db: tuple[float, ...], angle_deg: Floats) -> Floats:
    """Return a table of whole degrees between its figures, around the circle."""
    return np.asarray(np.interp(angle_deg % FULL_TURN_DEG, np.arange(361.0), (*table_db, table_db[0])))


class _MsiFile:
    """A planning file being read: lines, then tables, then beamwidths; all mistakes at once."""

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)
        self.problems: list[Problem] = []

    def parse(self, text: str) -> MeasuredPattern:
        lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        gain_dbi, tables = 0.0, {}
        rows = iter(lines)
        keys = set()
        for number, words in rows:
            key = words[0].upper()
            keys.add(key)
            if key == "GAIN":
                gain_dbi = self._gain(number, words)
            elif key in ("HORIZONTAL", "VERTICAL"):
                tables[key] = self._table(number, words, rows)
        for key in ("GAIN", "HORIZONTAL", "VERTICAL"):
            if key not in keys:
                self._wrong(None, key, "is missing; is this a planning file (.msi, .pln)?")
        if self.problems:
            self._refuse()
        return _summary(gain_dbi, tables["HORIZONTAL"], tables["VERTICAL"])

    def _wrong(self, line: int | None, key: str, message: str) -> None:
        self.problems.append(Problem(self.path, key, message, line))

    def _refuse(self) -> NoReturn:
        raise DataError(tuple(self.problems))

    def _gain(self, number: int, words: list[str]) -> float:
        unit = words[2].lower() if len(words) > 2 else "dbd"
        try:
            gain = float(words[1])
        except (IndexError, ValueError):
            self._wrong(number, "GAIN", "holds no number; write for example GAIN 15.5 dBi")
            return 0.0
        if unit not in ("dbi", "dbd") or not -30.0 <= gain <= 60.0:
            self._wrong(number, "GAIN", f"{' '.join(words[1:])} is no gain in dBi or dBd between -30 and 60")
        return gain + (DBI_OF_DBD if unit == "dbd" else 0.0)

    def _table(self, number: int, words: list[str], rows: Iterator[tuple[int, list[str]]]) -> Floats:
        """Return the attenuation at each whole degree, 0 at the strongest, from a section's lines."""
        key, empty = words[0].upper(), np.zeros(360)
        if len(words) < 2 or not words[1].isdecimal() or not 3 <= int(words[1]) <= 7200:
            self._wrong(number, key, "needs the number of its lines, 3 to 7200, for example HORIZONTAL 360")
            return empty
        pairs: list[tuple[float, float]] = []
        wrong = len(self.problems)
        for _ in range(int(words[1])):
            line, cells = next(rows, (0, []))
            if not line:
                self._wrong(number, key, f"promises {words[1]} lines, but the file ends after {len(pairs)}")
                break
            pairs.append(self._pair(line, key, cells))
        angle, loss = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
        if len(self.problems) == wrong and len(np.unique(angle % FULL_TURN_DEG)) < len(angle):
            self._wrong(number, key, "gives an angle twice; keep one line an angle, 0 to below 360")
        if len(self.problems) > wrong:
            return empty
        table = np.interp(np.arange(360.0), angle % FULL_TURN_DEG, loss, period=FULL_TURN_DEG)
        return np.asarray(table - table.min())

    def _pair(self, line: int, key: str, cells: list[str]) -> tuple[float, float]:
        try:
            angle, loss = (float(cell) for cell in cells)
        except ValueError:
            self._wrong(line, key, f"{' '.join(cells)!r} is not an angle and an attenuation")
            return 0.0, 0.0
        if not (-FULL_TURN_DEG <= angle <= FULL_TURN_DEG and 0.0 <= loss <= 200.0):
            self._wrong(
                line, key, "wants an angle within a turn and an attenuation of 0 to 200 dB, not a gain"
            )
        return angle, loss


def _summary(gain_dbi: float, horizontal: Floats, vertical: Floats) -> MeasuredPattern:
    """Return the pattern whose beamwidths, back and side lobes are those of the tables."""
    peak = _peak(vertical)
    tilt = peak if peak < 180 else peak - 360
    vertical = np.roll(vertical, -peak)
    width, height = _half_power_deg(horizontal, _peak(horizontal)), _half_power_deg(vertical, 0)
    offset = np.abs(np.arange(360) - FULL_TURN_DEG * np.rint(np.arange(360) / FULL_TURN_DEG))
    from_peak = np.roll(offset, _peak(horizontal))
    back = _mean_loss_db(horizontal[from_peak >= 180.0 - _BACK_DEG])
    aside = vertical[(offset > _BEAMS_ASIDE * height) & (offset <= 90.0)]
    return MeasuredPattern(
        beamwidth_deg=width,
        # In a pattern without horizontal direction the cap must still let the vertical beam through.
        front_to_back_db=back if width < FULL_TURN_DEG else float(vertical.max()),
        vertical_beamwidth_deg=height,
        vertical_floor_db=_mean_loss_db(aside) if aside.size else float(vertical.max()),
        gain_dbi=gain_dbi,
        horizontal_db=tuple(map(float, horizontal)),
        vertical_db=tuple(map(float, vertical)),
        electrical_tilt_deg=float(tilt),
    )


def _peak(table_db: Floats) -> int:
    """Return the middle of the strongest degrees that lie together, those nearest 0 if there are several."""
    strongest = np.flatnonzero(table_db <= table_db.min() + 1e-9)
    signed = np.where(strongest < 180, strongest, strongest - 360)
    near = signed[np.abs(signed - signed[np.argmin(np.abs(signed))]) <= 10]
    return int(np.rint(near.mean())) % 360


def _half_power_deg(table_db: Floats, peak: int) -> float:
    """Return the angle between the first points 3 dB down on either side of the peak, 360 where none is."""
    width = 0.0
    for side in (1, -1):
        loss = table_db[(peak + side * np.arange(181)) % 360] - table_db[peak]
        beyond = np.flatnonzero(loss >= 3.0)
        if not beyond.size:
            return FULL_TURN_DEG
        last = int(beyond[0])
        width += last - (loss[last] - 3.0) / (loss[last] - loss[last - 1])
    return width


def _mean_loss_db(losses_db: Floats) -> float:
    """Return the attenuation of the mean power."""
    return float(-10.0 * np.log10(np.mean(10.0 ** (-losses_db / 10.0))))
