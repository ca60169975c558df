"""Tables of observations made by hand, and tiny runs to hold them against."""

from __future__ import annotations

import csv

import numpy as np

from sim.backtest.history import COLUMNS
from sim.store import open_run, save_run
from sim.tables.results import INDICATORS
from tests.tiny import MONTHS, make_run


def write_history(folder, *rows):
    """Write rows of (province, year, indicator, value, unit, source, as_of, note) and return the file."""
    path = folder / "history.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows([COLUMNS, *rows])
    return path


def seen(indicator, value, unit, as_of, place="Yunnan", note=""):
    """Return a row of a history."""
    return (
        place,
        as_of[:4] if as_of[:4].isdecimal() else "2015",
        indicator,
        value,
        unit,
        "source",
        as_of,
        note,
    )


def table(series):
    """Return indicators of {(name, breakdown, unit): values of shape (R, M)} or of what grows by month."""
    frames = {name: [] for name in INDICATORS.names}
    for (name, breakdown, unit), values in series.items():
        rows = np.atleast_2d(np.asarray(values, dtype=np.float64))
        for replication, row in enumerate(rows):
            frames["replication"] += [replication] * MONTHS
            frames["month"] += list(range(MONTHS))
            frames["indicator"] += [name] * MONTHS
            frames["breakdown"] += [breakdown] * MONTHS
            frames["value"] += list(row)
            frames["unit"] += [unit] * MONTHS
    return INDICATORS.frame(**frames)


def saved(folder, series, draws=None, **changes):
    """Return the saved run, 2014-01 to 2015-12, that has these indicators, and draws of them."""
    made = make_run(indicators=table(series), draws=table(draws) if draws else INDICATORS.empty(), **changes)
    save_run(made, folder / "run")
    return open_run(folder / "run")
