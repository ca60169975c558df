"""County figures of the population censuses of 2010 and 2020, as ``geodata/census.csv`` holds them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from sim.errors import DataError, Problem
from sim.files import read_csv_rows, shipped

PROVINCES = ("Yunnan", "Sichuan", "Shandong", "Hunan")
_TEXTS = ("county", "name", "prefecture", "province", "counted_in_2010")
_COUNTS = (
    "population_2010", "urban_population_2010", "homes_2010",
    "population_2020", "urban_population_2020", "homes_2020", "townships", "committees", "rural_committees",
)  # fmt: skip
_MEASURES = ("area_km2", "elevation_m", "elevation_std_m", "elevation_min_m", "elevation_max_m")
_OF_2010 = _COUNTS[:3]


def geodata_folder() -> Path:
    """Return the folder of the project's own geography tables.

    It is ``ROLLOUT_GEODATA`` where that is set, else the ``geodata`` that came with the package.
    """
    chosen = os.environ.get("ROLLOUT_GEODATA")
    return Path(chosen) if chosen else shipped("geodata")


def table(name: str) -> Path:
    """Return the path of one of those tables; ``DataError`` where it is missing."""
    path = geodata_folder() / name
    if not path.is_file():
        message = "is missing; take it from the project's folder geodata, or set ROLLOUT_GEODATA to one"
        raise DataError((Problem(str(path), "", message),))
    return path


def read_census(province: str, counties: Sequence[str] = ()) -> pd.DataFrame:
    """Return the counties of a province by code, whole numbers as int64.

    A county that was split off after 2010 has no figures of that year; it is given the part of the
    county it was counted in that its population of 2020 bears to both.

    Raises ``DataError`` for an unknown province or county, a missing file or a bad number.
    """
    path = table("census.csv")
    rows = read_csv_rows(path, _TEXTS + _COUNTS + _MEASURES)
    chosen = [(line, row) for line, row in rows if row["province"] == province]
    if not chosen:
        known = ", ".join(sorted({row["province"] for _, row in rows}))
        raise DataError((Problem(str(path), "province", f"holds no county of {province}; it has {known}"),))
    problems: list[Problem] = []
    records = [_record(str(path), line, row, problems) for line, row in chosen]
    if problems:
        raise DataError(tuple(problems))
    frame = _split_2010(pd.DataFrame(records).sort_values("county", ignore_index=True))
    return _keep(frame, province, counties)


def _record(path: str, line: int, row: dict[str, str], problems: list[Problem]) -> dict[str, object]:
    record: dict[str, object] = {name: row[name] for name in _TEXTS}
    late = row["counted_in_2010"] != ""
    for name in _COUNTS + _MEASURES:
        text = "0" if late and name in _OF_2010 and not row[name] else row[name]
        try:
            number = float(text)
            if not np.isfinite(number) or (name in _COUNTS and (number < 0 or number != int(number))):
                raise ValueError
        except ValueError:
            problems.append(
                Problem(
                    path, f"{row['county']}.{name}", f"{text!r} is not a number that can stand here", line
                )
            )
            number = 0.0
        record[name] = int(number) if name in _COUNTS else number
    return record


def _split_2010(frame: pd.DataFrame) -> pd.DataFrame:
    for row in np.flatnonzero(frame["counted_in_2010"] != ""):
        host = np.flatnonzero(frame["county"] == frame["counted_in_2010"][row])[0]
        people = frame["population_2020"].to_numpy()
        share = people[row] / (people[row] + people[host])
        for name in _OF_2010:
            both = int(frame.loc[host, name])
            frame.loc[row, name] = round(both * share)
            frame.loc[host, name] = both - round(both * share)
    return frame


def _keep(frame: pd.DataFrame, province: str, counties: Sequence[str]) -> pd.DataFrame:
    if not counties:
        return frame
    unknown = sorted(set(counties) - set(frame["county"]))
    if unknown:
        names = ", ".join(unknown)
        first, last = frame["county"].min(), frame["county"].max()
        message = f"{province} has no county {names}; its codes run from {first} to {last}"
        raise DataError((Problem("geodata", "counties", message),))
    return frame[frame["county"].isin(list(counties))].reset_index(drop=True)
