"""The scorecard in words: counts by verdict and by document, and every target as the page shows it."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from sim.report import style
from sim.report.bullet import plain_number, quantity
from sim.tables.scorecard_file import as_number

Rows = list[dict[str, Any]]
NOT_JUDGED = "not judged"
NATION = "China"
_COMPARATORS = {">=": "≥", "<=": "≤"}
_OF_THE_NATION = re.compile(r"(CN|IP)-")
"""How the names of the nation's targets begin in the library."""
_MIRROR = "the nation's bar"
"""Stands in the reason of a verdict on a target that the nation set."""
_ADDED = ("definition", "binding", "cost_to_close_yuan")
"""Columns that runs of older versions lack."""


def verdicts(scorecard: pd.DataFrame) -> Rows:
    """Return the count of every verdict, those that do not occur too."""
    counts = scorecard["verdict"].value_counts()
    return [
        {"verdict": name, "sign": sign, "slug": name.replace(" ", "-"), "count": int(counts.get(name, 0))}
        for name, sign in style.VERDICT_SIGNS.items()
    ]


def targets(scorecard: pd.DataFrame, province: str) -> Rows:
    """Return every target as the tables of verdicts show it; those that the province set come first."""
    nation = set_by_nation(scorecard, province)
    rows = [
        _cells({str(key): value for key, value in row.items()}, of_nation)
        for row, of_nation in zip(scorecard.to_dict("records"), nation, strict=True)
    ]
    return [row for row in rows if not row["of_nation"]] + [row for row in rows if row["of_nation"]]


def set_by_nation(scorecard: pd.DataFrame, province: str) -> list[bool]:
    """Return which targets the nation set; none counts as such in a run of the nation itself."""
    if province == NATION:
        return [False] * len(scorecard)
    mirrored = scorecard["reason"].str.contains(_MIRROR, regex=False)
    documents = set(scorecard.loc[mirrored, "document"])
    return [
        bool(_OF_THE_NATION.match(str(name))) or document in documents
        for name, document in zip(scorecard["target_id"], scorecard["document"], strict=True)
    ]


def _cells(row: dict[str, Any], of_nation: bool) -> dict[str, Any]:
    row = dict.fromkeys(_ADDED, "") | row
    unit = row["unit"]
    shown = {key: _with_unit(row[key], unit) for key in ("wanted", "mean")}
    edges = [_without_unit(row[key], unit) for key in ("p10", "p90")]
    cost = as_number(str(row["cost_to_close_yuan"]))
    return {
        **row,
        **shown,
        "of_nation": of_nation,
        "spread": "" if edges[0] == edges[1] else " to ".join(edges),
        "margin": _margin(row["margin"], unit),
        "sign": style.VERDICT_SIGNS[row["verdict"]],
        "slug": row["verdict"].replace(" ", "-"),
        "comparator": _COMPARATORS.get(row["comparator"], row["comparator"]),
        "counts": ", ".join(style.label(name) for name in row["counts"].split(";") if name),
        "shortfall": _grouped(row["shortfall"]),
        "first": "at the start" if row["at_start"] else row["first_met"] or "–",
        "cost": "" if cost is None else f"{cost / 1e6:,.1f}",
    }


def _margin(text: str, unit: str) -> str:
    """Return a margin with its sign; of shares in points of a hundred."""
    number = as_number(text)
    if number is None:
        return ""
    told = plain_number(abs(number), unit) + (" points" if unit == "share" else "")
    return f"{'+' if number >= 0 else '−'}{told}"


def _with_unit(text: str, unit: str) -> str:
    number = as_number(text)
    return text if number is None else quantity(number, unit)


def _without_unit(text: str, unit: str) -> str:
    number = as_number(text)
    return text if number is None else plain_number(number, unit)


def _grouped(text: str) -> str:
    """Return a text with the digits of its whole numbers in groups of three."""
    return re.sub(r"\d{4,}", lambda found: f"{int(found[0]):,}", text)


def by_document(rows: Rows) -> Rows:
    """Return document, whether the nation's, and the count of each verdict, in the order of the rows."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        line = found.setdefault(
            row["document"],
            {"document": row["document"], "of_nation": row["of_nation"], "all": 0}
            | {name.replace(" ", "_"): 0 for name in style.VERDICT_SIGNS},
        )
        line["all"] += 1
        line[row["verdict"].replace(" ", "_")] += 1
    return list(found.values())


def unjudged(rows: Rows) -> Rows:
    """Return why targets are not judged, and the targets of each reason, the most frequent first."""
    found: dict[str, Rows] = {}
    for row in rows:
        if row["verdict"] == NOT_JUDGED:
            found.setdefault(_cause(row["reason"]), []).append(row)
    order = sorted(found.items(), key=lambda item: -len(item[1]))
    return [{"reason": reason, "targets": held} for reason, held in order]


def _cause(reason: str) -> str:
    """Return a reason without the month, which differs from target to target."""
    if reason.startswith("due ") and "after the last month" in reason:
        return "due after the last month of this run"
    if reason.startswith("due ") and "before the first month" in reason:
        return "due before the first month of this run"
    return reason
