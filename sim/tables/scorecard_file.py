"""The scorecard, and the goals on the economy, as files: numbers as text in CSV, as numbers in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sim import files
from sim.errors import DataError, StoreError
from sim.tables.economy import ECONOMY

_NUMBERS = ("wanted", "mean", "p10", "p90", "chance_met", "margin", "cost_to_close_yuan")


def json_row(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Turn the texts that hold numbers into numbers, empty ones into null."""
    result = {str(key): bool(value) if isinstance(value, bool) else value for key, value in row.items()}
    for key in _NUMBERS:
        result[key] = as_number(str(result.get(key, "")))
    return result


def as_number(text: str) -> float | None:
    """Return the number a cell of the scorecard holds, None where it holds none."""
    try:
        return float(text)
    except ValueError:
        return None


def read_scorecard(path: Path) -> pd.DataFrame:
    """Return a saved scorecard."""
    try:
        rows = [row for _, row in files.read_csv_rows(path, ("target_id", "verdict"))]
    except DataError as error:
        raise StoreError(f"{error}; run the scenario again") from error
    frame = pd.DataFrame(rows, dtype="str")
    for name in ("at_start", "interpreted"):
        if name in frame:
            frame[name] = frame[name].eq("True")
    return frame


def read_economy(path: Path) -> pd.DataFrame:
    """Return the saved goals on the economy, every column text; empty where there is no file."""
    rows = [row for _, row in files.read_csv_rows(path, ("target_id",))] if path.is_file() else []
    return pd.DataFrame(rows, columns=ECONOMY.names, dtype="str")
