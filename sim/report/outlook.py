"""Goals on the economy as the page shows them: indicative, apart from the verdicts."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sim.report.bullet import quantity
from sim.tables.scorecard_file import as_number

_COMPARATORS = {">=": "≥", "<=": "≤"}
_UNITS = {"100 million yuan": (0.1, "billion yuan"), "10k persons": (10.0, "thousand persons"),
          "%/yr": (1.0, "% a year")}  # fmt: skip
"""Units of the documents, what one is in units that read well, and these."""
NOT_MODELLED = "not modelled"


def outlooks(economy: pd.DataFrame) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the goals that were projected, and those that take-up says nothing of."""
    rows = [_cells({str(key): value for key, value in row.items()}) for row in economy.to_dict("records")]
    told = [row for row in rows if row["outlook"] != NOT_MODELLED]
    return told, [row for row in rows if row["outlook"] == NOT_MODELLED]


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    unit = str(row["unit"])
    shown = {
        name: _with_unit(row[name], unit) for name in ("wanted", "baseline", "projected", "needed_at_start")
    }
    low, high = _with_unit(row["low"], unit), _with_unit(row["high"], unit)
    growth = as_number(str(row["growth"]))
    return {
        **row, **shown,
        "comparator": _COMPARATORS.get(row["comparator"], row["comparator"]),
        "spread": f"{low} to {high}" if low and low != high else "",
        "growth": "" if growth is None else f"×{growth:.3g}",
    }  # fmt: skip


def _with_unit(text: str, unit: str) -> str:
    number = as_number(str(text))
    if number is None:
        return ""
    scale, name = _UNITS.get(unit, (1.0, unit))
    return quantity(number * scale, name)
