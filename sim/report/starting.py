"""What sets month 0 and its forecast: every such value with its source and when it was known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sim.clock import month_number

Rows = list[dict[str, Any]]
SECTIONS = {
    "standing": "What stands in month 0",
    "demand": "Demand at month 0, and how it goes on",
}
"""Sections of a scenario that set the start, and what each is called."""
OUTCOME = "outcome"
BEFORE, DECLARED, LATE = "yes", "declared as input", "no"
ASSUMED, CHOSEN = "assumption", "choice of the scenario"
YOUNGER = ", of a later year"
_KINDS = {"engineering": "engineering constant", "price": "price", "policy": "policy"}
_HIDDEN = {"seed", "technology", "operator", "band", "purpose"}
"""Keys that name things rather than set a value."""


def starting_values(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the sections with a row for each value: key, value, unit, as of, known from, source, before.

    ``before`` says whether what was observed was known by the first month: an observation is never later
    unless the scenario declares it as an input. Of what is no observation it says what it is instead.
    """
    known = {row["name"]: row for row in facts["parameters"]}
    first, declared = facts["horizon"]["first"], set(facts["policy_inputs"])
    sections = []
    for name, title in SECTIONS.items():
        values = facts["scenario"].get(name)
        rows = [_row(f"{name}.{key}", value, known, first, declared) for key, value in _leaves(values or {})]
        if rows:
            sections.append({"title": title, "rows": rows, **_counts(rows)})
    return sections


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield dotted keys and their values; of lists of names each entry."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in _HIDDEN:
                yield from _leaves(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list) and value and isinstance(value[0], str | dict):
        for number, inner in enumerate(value, 1):
            yield from _leaves(inner, f"{key}.{number}")
    elif value not in (None, ""):
        yield key, value


def _row(key: str, value: Any, known: dict[str, Any], first: str, declared: set[str]) -> dict[str, Any]:
    row = known.get(str(value).partition("@")[0])
    if row is None:
        shown = ", ".join(f"{item:g}" for item in value) if isinstance(value, list) else str(value)
        return {
            "key": key, "name": "", "value": shown, "unit": "", "as_of": "", "known_from": "",
            "source": "set in the scenario", "scope": "", "assumption": False, "before": CHOSEN,
        }  # fmt: skip
    edge = str(value).partition("@")[2]
    number = row[edge] if edge in ("low", "high") and row[edge] is not None else row["value"]
    return {
        "key": key, "name": str(value), "value": f"{number:,.6g}", "unit": _unit(row["unit"]),
        "as_of": row["year"], "known_from": row["known_from"], "source": row["source"],
        "scope": row["scope"], "assumption": row["assumption"],
        "before": _before(row, first, declared),
    }  # fmt: skip


def _unit(unit: str) -> str:
    return {"Mbps": "Mbit/s"}.get(unit, unit)


def _before(row: dict[str, Any], first: str, declared: set[str]) -> str:
    if row["known_from"]:
        if month_number(row["known_from"]) <= month_number(first):
            return BEFORE
        return DECLARED if row["name"] in declared else LATE
    if row["kind"] == OUTCOME and not row["assumption"]:
        return LATE
    what = ASSUMED if row["assumption"] else _KINDS.get(row["kind"], row["kind"])
    year = re.match(r"\d{4}", row["year"])
    return what + (YOUNGER if year and year[0] > first[:4] else "")


def _counts(rows: Rows) -> dict[str, Any]:
    """Count observations, the latest of them, assumptions and what else there is."""
    observed = [row for row in rows if row["before"] in (BEFORE, DECLARED, LATE)]
    return {
        "observed": len(observed),
        "late": sum(row["before"] in (DECLARED, LATE) for row in observed),
        "latest": max((row["known_from"] for row in observed if row["before"] == BEFORE), default=""),
        "assumed": sum(row["assumption"] for row in rows),
        "younger": sum(row["before"].endswith(YOUNGER) for row in rows),
    }
