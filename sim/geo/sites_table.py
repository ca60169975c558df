"""A user's own radio sites: the forms of table that are understood, and every mistake in them.

Three forms are told apart by their columns: a plain table of sites, the inputs of the CloudRF service, and
the cells of OpenCelliD. Each becomes one row for each site, sector, technology and band.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import DataError, Problem
from sim.geo.opencellid import is_opencellid, sites_of_cells
from sim.geo.read import read_csv_lines, refuse
from sim.tables.bands import (
    BANDS,
    LTE,
    OPERATORS,
    RADIO_TECHNOLOGIES,
    SHARED,
    band_at,
    bands_of,
    nearest_band,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COLUMNS = (
    "line", "latitude", "longitude", "technology", "band", "operator", "azimuth_deg", "downtilt_deg",
    "height_m", "power_dbm",
)  # fmt: skip
ALIASES: Mapping[str, tuple[str, ...]] = {
    "site": ("site", "site_name", "site_id", "name", "id", "enodeb", "sector"),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lon", "lng", "long"),
    "technology": ("technology", "radio", "tech", "rat", "system", "generation"),
    "height_m": ("height_m", "height", "antenna_height", "antenna_height_m", "alt", "altitude", "agl", "txh"),
    "azimuth": ("azimuths", "azimuth", "azimuth_deg", "azi", "bearing"),
    "tilt": ("tilt", "tilt_deg", "downtilt", "downtilt_deg", "tlt"),
    "band": ("bands", "band"),
    "frequency": ("frequency", "frequency_mhz", "freq", "frq"),
    "operator": ("operator", "mno"),
    "power_dbm": ("power_dbm", "tx_power_dbm", "txpower_dbm"),
    "power_w": ("power_w", "power", "txw", "tx_power", "tx_power_w"),
}
"""Names under which a column is looked for, in small letters with underscores."""
_CLOUDRF = {"frq", "txw", "erp", "azi", "tlt", "txh", "rxh", "antenna", "ant"}
TECHNOLOGY_WORDS: Mapping[str, str] = {
    "2g": "gsm", "3g": "umts", "wcdma": "umts", "cdma": "umts", "4g": "lte", "td-lte": "lte",
    "fdd-lte": "lte", "5g": "nr", "nb-iot": "nbiot", "nb_iot": "nbiot",
    **{name: name for name in RADIO_TECHNOLOGIES},
}  # fmt: skip
OPERATOR_WORDS: Mapping[str, str] = {
    "cmcc": "china_mobile", "mobile": "china_mobile", "中国移动": "china_mobile", "移动": "china_mobile",
    "cucc": "china_unicom", "unicom": "china_unicom", "中国联通": "china_unicom", "联通": "china_unicom",
    "ctcc": "china_telecom", "telecom": "china_telecom", "中国电信": "china_telecom", "电信": "china_telecom",
    "": SHARED, **{name: name for name in OPERATORS},
}  # fmt: skip
_MOST_SAID = 20
"""Mistakes of one kind that are listed; the rest is counted."""
_HIGHEST_M = 1000.0
_STRONGEST_DBM = 80.0
_PARTS = re.compile(r"[/;|\s]+")


@dataclass(eq=False)
class Findings:
    """What is wrong with a table, and what a reader should know of how it was understood."""

    path: str
    problems: list[Problem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def report(self, key: str, lines: NDArray[np.int64], messages: Iterable[str]) -> None:
        """Add a problem for each line, at most ``_MOST_SAID`` of them."""
        for line, message in zip(lines[:_MOST_SAID], messages, strict=False):
            self.problems.append(Problem(self.path, key, message, int(line)))
        if len(lines) > _MOST_SAID:
            more = len(lines) - _MOST_SAID
            self.problems.append(Problem(self.path, key, f"and {more} more lines like these"))

    def stop(self) -> None:
        """Raise ``DataError`` where anything is wrong."""
        if self.problems:
            raise DataError(tuple(self.problems))


@dataclass(frozen=True, eq=False)
class OwnSites:
    """The rows of a user's table as they were understood."""

    rows: pd.DataFrame
    """One row for each site, sector, technology and band, columns ``COLUMNS``; empty azimuth, height, tilt
    and power are NaN, an empty band is ""."""
    findings: Findings
    """Problems so far (none has been raised) and notices."""
    whole_country: bool
    """Whether rows outside the area are no mistake: the table is of a larger region."""


def read_sites(path: str) -> OwnSites:
    """Return what a table of sites says; problems of its rows are in ``findings``, not yet raised.

    Raises ``DataError`` where the table is of no form that is known or lacks a column.
    """
    raw, lines = read_csv_lines(path)
    findings = Findings(path)
    if raw.empty:
        raise refuse(path, "holds no site; leave the key out to keep the sites by rule")
    raw.columns = [re.sub(r"[\s\-]+", "_", str(name).strip().lower()) for name in raw.columns]
    if is_opencellid(raw.columns):
        rows = sites_of_cells(raw, lines, findings)
        return OwnSites(rows, findings, whole_country=True)
    return OwnSites(_plain(raw, lines, findings), findings, whole_country=False)


def _plain(raw: pd.DataFrame, lines: NDArray[np.int64], findings: Findings) -> pd.DataFrame:
    """Return the rows of a plain or CloudRF-like table."""
    names = {key: next((name for name in words if name in raw.columns), "") for key, words in ALIASES.items()}
    _say_form(raw, names, findings)
    text = {
        key: raw[name].to_numpy(dtype=object) if name else np.full(len(raw), "", dtype=object)
        for key, name in names.items()
    }
    frame = pd.DataFrame({"line": lines})
    for key, low, high, cure in (
        ("latitude", -90.0, 90.0, "must be degrees north, -90 to 90; is it exchanged with the longitude?"),
        ("longitude", -180.0, 180.0, "must be degrees east, -180 to 180"),
    ):
        values = _numbers(text[key])
        _refuse(findings, key, lines, text[key], ~((values >= low) & (values <= high)), cure)
        frame[key] = values
    height = _numbers(text["height_m"])
    good = (height > 0) & (height <= _HIGHEST_M)
    _refuse(findings, "height_m", lines, text["height_m"], ~good, "must be metres above ground, over 0")
    frame["height_m"] = height
    tilt = _optional(
        findings, "tilt", lines, text, (-20.0, 90.0, "must be degrees below the horizon, -20 to 90")
    )
    frame["downtilt_deg"] = tilt
    frame["power_dbm"] = _power(findings, lines, text)
    frame["operator"] = _words(findings, "operator", lines, text["operator"], OPERATOR_WORDS)
    frequency = _optional(findings, "frequency", lines, text, (1.0, 1e6, "must be megahertz above 0"))
    frame["technology"] = _technology(
        findings, lines, text["technology"], frequency, bool(names["technology"])
    )
    frame["band"] = _bands(findings, frame, text["band"], frequency)
    frame["azimuth_deg"] = _azimuths(findings, lines, text["azimuth"])
    frame = frame.explode("azimuth_deg").explode("band")
    frame["azimuth_deg"] = frame["azimuth_deg"].astype("float64")
    return frame[list(COLUMNS)].reset_index(drop=True)


def _say_form(raw: pd.DataFrame, names: dict[str, str], findings: Findings) -> None:
    """Refuse a table without the columns it needs; say how the others are read."""
    needed = ["latitude", "longitude", "height_m"]
    if not names["frequency"]:
        needed.append("technology")
    missing = [key for key in needed if not names[key]]
    if missing:
        words = "; ".join(f"{key} ({', '.join(ALIASES[key][:4])})" for key in missing)
        raise refuse(findings.path, f"lacks the column(s) {words}; it has {', '.join(raw.columns)}")
    form = "inputs of CloudRF" if _CLOUDRF & set(raw.columns) else "a plain table"
    read = ", ".join(f"{name} as {key}" if name != key else name for key, name in names.items() if name)
    left = [name for name in raw.columns if name not in names.values()]
    tail = f"; not read: {', '.join(left)}" if left else ""
    findings.notices.append(f"{findings.path} is read as {form}: {read}{tail}.")


def _numbers(cells: NDArray[np.object_]) -> NDArray[np.float64]:
    values = pd.to_numeric(pd.Series(cells, dtype="str"), errors="coerce").to_numpy(dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _refuse(
    findings: Findings,
    key: str,
    lines: NDArray[np.int64],
    cells: NDArray[np.object_],
    wrong: NDArray[np.bool_],
    cure: str,
) -> None:
    rows = np.flatnonzero(wrong)
    findings.report(key, lines[rows], [f"{cells[row]!r} {cure}" for row in rows])


def _optional(
    findings: Findings,
    key: str,
    lines: NDArray[np.int64],
    text: Mapping[str, NDArray[np.object_]],
    bounds: tuple[float, float, str],
) -> NDArray[np.float64]:
    """Return the numbers of a column whose cells may be empty; ``bounds`` are least, most and the cure."""
    low, high, cure = bounds
    values = _numbers(text[key])
    wrong = (text[key] != "") & ~((values >= low) & (values <= high))
    _refuse(findings, key, lines, text[key], wrong, cure)
    return values


def _power(
    findings: Findings, lines: NDArray[np.int64], text: Mapping[str, NDArray[np.object_]]
) -> NDArray[np.float64]:
    """Return the power of each row from dBm or watts [dBm]."""
    dbm = _optional(
        findings, "power_dbm", lines, text, (0.0, _STRONGEST_DBM, f"must be dBm, 0 to {_STRONGEST_DBM:g}")
    )
    most_w = 10.0 ** (_STRONGEST_DBM / 10.0 - 3.0)
    watts = _optional(findings, "power_w", lines, text, (1e-3, most_w, f"must be watts, 0.001 to {most_w:g}"))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isnan(dbm), 10.0 * np.log10(watts) + 30.0, dbm)


def _words(
    findings: Findings,
    key: str,
    lines: NDArray[np.int64],
    cells: NDArray[np.object_],
    known: Mapping[str, str],
) -> NDArray[np.object_]:
    """Return the word that each cell stands for; one that is unknown is reported and becomes ""."""
    plain = [re.sub(r"\s+", "_", str(cell).strip().lower()) for cell in cells]
    found = np.array([known.get(word, "") for word in plain], dtype=object)
    wrong = np.array([word not in known for word in plain], dtype=bool)
    listed = ", ".join(dict.fromkeys(known.values()))
    _refuse(findings, key, lines, cells, wrong, f"is unknown; known are {listed}")
    return found


def _technology(
    findings: Findings,
    lines: NDArray[np.int64],
    cells: NDArray[np.object_],
    frequency: NDArray[np.float64],
    named: bool,
) -> NDArray[np.object_]:
    """Return the technology of each row, by its frequency where no column names it."""
    if named:
        return _words(findings, "technology", lines, cells, TECHNOLOGY_WORDS)
    order = (LTE, *(name for name in RADIO_TECHNOLOGIES if name != LTE))
    found = np.array(
        [next((name for name in order if band_at(name, mhz)), LTE) for mhz in frequency], dtype=object
    )
    findings.notices.append(
        "No column names the technology: a frequency that LTE may use is taken for LTE, any other for the "
        "technology that uses it."
    )
    return found


def _bands(
    findings: Findings,
    frame: pd.DataFrame,
    cells: NDArray[np.object_],
    frequency: NDArray[np.float64],
) -> list[list[str]]:
    """Return the bands of each row, from their names or from the frequency; [""] where neither says."""
    spelled = {name.lower(): name for name in BANDS}
    found: list[list[str]] = []
    wrong: list[tuple[int, str, str]] = []
    for row, (line, technology, cell, mhz) in enumerate(
        zip(frame["line"], frame["technology"], cells, frequency, strict=True)
    ):
        names = [spelled.get(word.lower(), word) for word in _PARTS.split(str(cell)) if word]
        allowed = bands_of(technology) if technology else tuple(BANDS)
        wrong += [
            (line, "band", f"{name!r} is no band of {technology}; it uses {', '.join(allowed)}")
            for name in names
            if name not in allowed
        ]
        if not names and np.isfinite(mhz) and technology:
            names = [band_at(technology, mhz)]
            if not names[0]:
                wrong.append((line, "frequency", _outside(technology, frequency[row])))
        found.append(names or [""])
    for key in ("band", "frequency"):
        mine = [(line, message) for line, of, message in wrong if of == key]
        findings.report(key, np.array([line for line, _ in mine]), [message for _, message in mine])
    return found


def _outside(technology: str, mhz: float) -> str:
    near = nearest_band(technology, mhz)
    low, high = BANDS[near].downlink_mhz
    return f"'{mhz:g}' MHz is in no band of {technology}; the nearest is {near}, {low:g} to {high:g} MHz"


def _azimuths(findings: Findings, lines: NDArray[np.int64], cells: NDArray[np.object_]) -> list[list[float]]:
    """Return the directions of each row's sectors; [NaN] where the table does not say."""
    found: list[list[float]] = []
    wrong = np.zeros(len(cells), dtype=bool)
    turned: list[int] = []
    for row, cell in enumerate(cells):
        try:
            angles = [float(word) for word in _PARTS.split(str(cell)) if word]
        except ValueError:
            angles, wrong[row] = [], True
        if not np.isfinite(angles).all():
            angles, wrong[row] = [], True
        if any(not 0.0 <= angle < 360.0 for angle in angles):
            turned.append(int(lines[row]))
        found.append([angle % 360.0 for angle in angles] or [np.nan])
    _refuse(
        findings, "azimuths", lines, cells, wrong, "must be degrees clockwise from north, such as 0/120/240"
    )
    if turned:
        findings.notices.append(
            f"{len(turned)} row(s), first on line {turned[0]}, have directions outside 0 to 360 degrees: "
            "whole turns are taken off."
        )
    return found
