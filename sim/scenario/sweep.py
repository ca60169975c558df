"""Many scenarios from one: every combination of some values, or each uncertain input at its ends."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product
from typing import TYPE_CHECKING, Any

import yaml

from sim.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from sim.scenario.load import LoadedScenario

BASE = "base"
"""Name of the case that changes nothing; every other case is held against it."""
_VALUES = "parameters.values."


@dataclass(frozen=True, slots=True)
class Case:
    """One scenario of a sweep: its name, the input that it is about, and what it changes."""

    name: str
    subject: str
    """Key, or row of the parameter table, that it changes; several are joined by a plus sign."""
    changes: tuple[tuple[str, str], ...] = ()
    """Dotted keys and YAML values."""


def axis_of(text: str) -> tuple[str, tuple[str, ...]]:
    """Return key and values of an axis written ``KEY=V1,V2,...``; values are YAML, lists in brackets.

    Raises ``ScenarioError`` where it is not written so.
    """
    key, equals, values = text.partition("=")
    try:
        listed: Any = yaml.safe_load(f"[{values}]")
    except yaml.YAMLError:
        listed = None
    if not (key.strip() and equals and listed):
        raise ScenarioError((Problem("--vary", key.strip(), f"{text!r} is not KEY=VALUE,VALUE,..."),))
    return key.strip(), tuple(json.dumps(value, ensure_ascii=False) for value in listed)


def grid(axes: Mapping[str, Sequence[str]]) -> list[Case]:
    """Return every combination of the values of some keys, the last key changing fastest."""
    cases = []
    for values in product(*axes.values()):
        changes = tuple(zip(axes, values, strict=True))
        name = ", ".join(f"{key}={value}" for key, value in changes)
        cases.append(Case(name, " + ".join(axes), changes))
    return cases


def one_at_a_time(loaded: LoadedScenario, patterns: Sequence[str]) -> list[Case]:
    """Return two cases for each row of the parameter table in use: at the low and the high end of its range.

    ``patterns`` choose rows by name, with ``*`` and ``?``. Rows without a range have no ends and are left
    out.

    Raises ``ScenarioError`` for a pattern that no row with a range fits.
    """
    rows = [row for row in loaded.parameters_used if row.is_ranged]
    idle = [pattern for pattern in patterns if not any(fnmatchcase(row.name, pattern) for row in rows)]
    if idle:
        message = "no row of the parameter table that is in use and has a range is called so"
        raise ScenarioError(tuple(Problem("--vary", pattern, message) for pattern in idle))
    chosen = [row for row in rows if any(fnmatchcase(row.name, pattern) for pattern in patterns)]
    return [
        Case(f"{row.name}={value:g}", row.name, ((_VALUES + row.name, f"{value!r}"),))
        for row in chosen
        for value in (row.low, row.high)
        if value is not None and value != row.value
    ]
