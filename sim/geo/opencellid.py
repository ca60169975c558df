"""The cells of OpenCelliD as sites: which cells stand on one mast, whose they are, where it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.geo.read import refuse

if TYPE_CHECKING:
    from sim.geo.sites_table import Findings

_NEEDED = ("radio", "mcc", "net", "area", "cell", "lon", "lat")
CHINA = 460
OPERATOR_OF_CODE: Mapping[int, str] = {
    0: "china_mobile", 2: "china_mobile", 4: "china_mobile", 7: "china_mobile", 8: "china_mobile",
    1: "china_unicom", 6: "china_unicom", 9: "china_unicom",
    3: "china_telecom", 5: "china_telecom", 11: "china_telecom",
}  # fmt: skip
"""Mobile network codes below country code 460 (ITU-T E.212, national numbering plan)."""
RADIO_WORDS: Mapping[str, str] = {
    "GSM": "gsm", "UMTS": "umts", "CDMA": "umts", "LTE": "lte", "NR": "nr", "NBIOT": "nbiot",
}  # fmt: skip
_SECTOR_BITS = 8
"""The last bits of an LTE cell's identity count the cells of one base station (3GPP TS 36.413, 9.2.1.38)."""
_SHORT_BITS = 16
"""The last bits of a 3G cell's identity are its number within the controller (3GPP TS 25.413)."""
_DECIMALS = 3
"""Decimals of a degree to which positions are rounded where numbers do not tell a site: about 100 m."""


def is_opencellid(columns: Iterable[str]) -> bool:
    """Return whether a table has the columns of OpenCelliD."""
    return set(_NEEDED) <= set(columns)


def sites_of_cells(raw: pd.DataFrame, lines: NDArray[np.int64], findings: Findings) -> pd.DataFrame:
    """Return a row for each site that the cells stand for.

    A site of LTE is a base station's number; elsewhere it is what the cells' number without its last digit
    says, split where positions are far apart. Its position is the mean of the cells' positions, weighted by
    their samples. Directions stay open: the source holds none, and few sites have all their cells in it.
    """
    cells = _cells(raw, lines, findings)
    if cells.empty:
        raise refuse(findings.path, f"holds no cell of country {CHINA} and a technology known here")
    keys = ["technology", "operator", "area", "station", "east", "north"]
    cells["weighted_latitude"] = cells["latitude"] * cells["samples"]
    cells["weighted_longitude"] = cells["longitude"] * cells["samples"]
    sites = cells.groupby(keys, sort=True).agg(
        line=("line", "min"),
        samples=("samples", "sum"),
        weighted_latitude=("weighted_latitude", "sum"),
        weighted_longitude=("weighted_longitude", "sum"),
    )
    sites = sites.reset_index()
    findings.notices.append(
        f"{findings.path} is read as cells of OpenCelliD: {len(cells)} cells are {len(sites)} sites. "
        "It holds neither bands nor directions nor heights: the first band of the technology, sectors evenly "
        "spread and the heights of the rule stand for them."
    )
    nothing = np.full(len(sites), np.nan)
    return pd.DataFrame(
        {
            "line": sites["line"].to_numpy(),
            "latitude": np.round((sites["weighted_latitude"] / sites["samples"]).to_numpy(), 6),
            "longitude": np.round((sites["weighted_longitude"] / sites["samples"]).to_numpy(), 6),
            "technology": sites["technology"].to_numpy(),
            "band": "",
            "operator": sites["operator"].to_numpy(),
            "azimuth_deg": nothing,
            "downtilt_deg": nothing,
            "height_m": nothing,
            "power_dbm": nothing,
        }
    )


def _cells(raw: pd.DataFrame, lines: NDArray[np.int64], findings: Findings) -> pd.DataFrame:
    """Return the cells that can be used, with the numbers that tell their site."""
    numbers = {key: pd.to_numeric(raw[key], errors="coerce") for key in _NEEDED[1:]}
    for key, low, high in (("lat", -90.0, 90.0), ("lon", -180.0, 180.0)):
        _check(findings, key, lines, ~numbers[key].between(low, high), raw[key])
    for key in ("mcc", "net", "cell"):
        _check(findings, key, lines, ~(numbers[key] >= 0), raw[key])
    samples = (
        pd.to_numeric(raw["samples"], errors="coerce") if "samples" in raw else pd.Series(1.0, raw.index)
    )
    technology = raw["radio"].str.upper().map(RADIO_WORDS)
    operator = numbers["net"].map(OPERATOR_OF_CODE)
    home = numbers["mcc"] == CHINA
    usable = home & technology.notna() & operator.notna()
    for name, out in (
        (f"a country other than {CHINA}", ~home),
        ("a technology not known here", home & technology.isna()),
        ("a network code not known here", home & technology.notna() & operator.isna()),
    ):
        if out.any():
            findings.notices.append(f"{int(out.sum())} cell(s) of {name} are left out.")
    usable &= numbers["cell"].notna() & numbers["lat"].notna() & numbers["lon"].notna()
    frame = pd.DataFrame(
        {
            "line": lines,
            "technology": technology,
            "operator": operator,
            "area": numbers["area"].fillna(0),
            "cell": numbers["cell"],
            "latitude": numbers["lat"],
            "longitude": numbers["lon"],
            "samples": samples.fillna(1.0).clip(lower=1.0),
        }
    )[usable.to_numpy(dtype=bool)]
    return _stations(frame.reset_index(drop=True))


def _check(
    findings: Findings, key: str, lines: NDArray[np.int64], wrong: pd.Series, cells: pd.Series
) -> None:
    rows = np.flatnonzero(wrong.to_numpy(dtype=bool))
    findings.report(
        key, lines[rows], [f"{cells.iloc[row]!r} is no number that can stand here" for row in rows]
    )


def _stations(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with the number of their base station and the square it is looked for in."""
    number = cells["cell"].to_numpy(dtype=np.int64)
    technology = cells["technology"].to_numpy(dtype=str)
    wide = np.isin(technology, ("lte", "nbiot", "nr"))
    short = np.where(technology == "umts", number & ((1 << _SHORT_BITS) - 1), number)
    cells["station"] = np.where(wide, number >> _SECTOR_BITS, short // 10)
    cells["area"] = np.where(wide, 0, cells["area"])
    for side, name in (("north", "latitude"), ("east", "longitude")):
        rounded = np.round(cells[name].to_numpy(), _DECIMALS)
        cells[side] = np.where(wide, 0.0, rounded)
    return cells
