"""Where each layer comes from: ``geodata/catalog.yaml`` and the notes an area carries for its report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import yaml

from sim.errors import DataError, Problem
from sim.files import read_text
from sim.geo.census import table

FIELDS = (
    "name",
    "source",
    "owner",
    "licence",
    "attribution",
    "vintage",
    "crs",
    "version",
    "used_for",
    "defects",
)


@dataclass(frozen=True)
class LayerNote:
    """What a report must say of one layer."""

    name: str
    source: str
    licence: str
    attribution: str
    vintage: str
    modelled: bool
    sha256: str
    note: str


@cache
def read_catalog() -> dict[str, dict[str, str]]:
    """Return the entries of the catalogue by key; ``DataError`` where one lacks a field."""
    path = table("catalog.yaml")
    entries = yaml.safe_load(read_text(path))
    problems = tuple(
        Problem(str(path), f"{key}.{name}", "is missing")
        for key, entry in entries.items()
        for name in FIELDS
        if name not in entry
    )
    if problems:
        raise DataError(problems)
    return {key: {name: str(text) for name, text in entry.items()} for key, entry in entries.items()}


def layer_note(key: str, *, sha256: str = "", note: str = "") -> LayerNote:
    """Return the note of a catalogued layer, with what this run adds to it."""
    entry = read_catalog()[key]
    made = LayerNote(
        name=entry["name"],
        source=f"{entry['source']} ({entry['owner']})" if entry["owner"] else entry["source"],
        licence=entry["licence"],
        attribution=entry["attribution"],
        vintage=entry["vintage"],
        modelled=entry.get("modelled", "False") == "True",
        sha256=sha256,
        note=entry["defects"],
    )
    return replace(made, note=f"{made.note} {note}".strip())
