"""All indicators by subject at the ends of years, for the page and as a file."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from sim.indicators.registry import REGISTRY
from sim.report.bullet import plain_number
from sim.report.series import COLUMNS, monthly
from sim.store import Run, SavedRun

FILE = "indicators"
"""Name of the table among the figures."""
GROUPS = ("all", "urban", "rural")
"""Breakdowns that the page shows; the file holds all."""
_SUBJECTS = (
    ("Homes, people and places", r"(homes|residents|villages|road_km|key_places|public_places)$"),
    ("Targets", r"targets_met"),
    ("Traffic and tariffs", r"price_per|entry_price|.*traffic|.*overbook|line_load"),
    ("Money", r"spent|money|npv|opex|.*cost|.*subsidy|.*revenue|.*payback|capex|replacement"),
    ("Building", r"crews|projects|days_lost|constraint|binding"),
    ("Cable and triple play", r"cable|triple"),
    ("Connected things", r"nb_?iot|.*iot"),
    ("Behind access", r"egress|ipv6|pops_|remote|.*backup|.*diverse|uplink|transport|metro|shared_route"),
    ("Villages", r".*village"),
    (
        "Mobile networks",
        r"gsm|umts|lte|nr_|mobile|user|.*population_coverage|road_|.*networks|.*masts?|base_st",
    ),
    ("Bandwidth of homes", r"access_cap|.*bandwidth|subscribed|measured|busy_hour|.*mbps$"),
    ("Fixed lines and fibre", r"fixed|ftth|fwa|homes|new_homes|all_fibre|broadband|take_up|lines|satellite"),
    ("Public places", r"public|wlan"),
)
"""Subjects, and how the names of their indicators begin; the first that fits holds."""
_OTHERS = "Other"
_ORDER = (
    "Targets", "Bandwidth of homes", "Fixed lines and fibre", "Villages", "Mobile networks",
    "Connected things", "Cable and triple play", "Public places", "Behind access", "Traffic and tariffs",
    "Money", "Building",
    "Homes, people and places", _OTHERS,
)  # fmt: skip
"""Subjects in the order in which a reader meets them."""


def subject_of(indicator: str) -> str:
    """Return the subject that an indicator belongs to."""
    for subject, pattern in _SUBJECTS:
        if re.match(pattern, indicator):
            return subject
    return _OTHERS


def shown_months(run: Run | SavedRun) -> list[int]:
    """Return the first month, the ends of years and the last month."""
    horizon = run.horizon
    last = horizon.months - 1
    ends = (m for m in range(horizon.months) if horizon.calendar_month(m) == 12 or m == last)
    return sorted({0, *ends})


def year_ends(run: Run | SavedRun) -> pd.DataFrame:
    """Return every indicator and breakdown at these months; the month as YYYY-MM."""
    months = shown_months(run)
    own, draws = (part[part["month"].isin(months)] for part in (run.indicators, run.draws))
    table = monthly(own, draws)
    labels = {month: run.horizon.label(month) for month in months}
    return table.assign(month=table["month"].map(labels))[COLUMNS]


def by_subject(run: Run | SavedRun) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the months as labels, and the subjects with their indicators then."""
    months = shown_months(run)
    table = run.indicators
    table = table[table["month"].isin(months) & table["breakdown"].isin(GROUPS)]
    found: dict[str, list[dict[str, Any]]] = {subject: [] for subject in _ORDER}
    means = table.groupby(["indicator", "unit", "breakdown", "month"], sort=True)["value"].mean()
    values: dict[tuple[str, str], dict[str, dict[int, float]]] = {}
    keys = zip(*(means.index.get_level_values(level) for level in range(4)), strict=True)
    for (name, unit, group, month), value in zip(keys, means.tolist(), strict=True):
        values.setdefault((str(name), str(unit)), {}).setdefault(str(group), {})[int(month)] = value
    for (name, unit), groups in values.items():
        known = REGISTRY.get(name)
        lines = [
            {"breakdown": group, "values": [_cell(groups[group].get(month), unit) for month in months]}
            for group in GROUPS
            if group in groups
        ]
        found[subject_of(name)].append({
            "indicator": known.description if known else name, "key": name,
            "unit": {"share": "%", "1": ""}.get(unit, unit), "lines": lines,
        })  # fmt: skip
    labels = [run.horizon.label(month) for month in months]
    return labels, [{"subject": name, "indicators": rows} for name, rows in found.items() if rows]


def _cell(value: float | None, unit: str) -> str:
    return "–" if value is None else plain_number(value, unit)
