"""What a lever is: an instrument of policy with a stated mechanism, and the keys that it moves.

A lever holds no number of its own. Its sizes are rows of the parameter table or numbers of the scenario, and
it hands them on to keys that the models read anyway; so the resolved scenario shows what it did.
"""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Literal, get_args

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, core_schema

from sim.clock import month_number
from sim.options import Options
from sim.parameters import Lookup

State = Literal["on", "off"]
ON: Final = "on"
OFF: Final = "off"
_WORDS = {True: ON, False: OFF}
STATE = "state"
"""Key of a lever that takes its state; a bare ``on`` or ``off`` stands for it."""

Document = Mapping[str, Any]
"""A scenario as plain values, all layers merged, before it is checked."""
Number = Callable[[str], float]
"""Gives the number of a size by its field: itself, or that of the row it names."""


class _Absent:
    """Stands for a key that is left out."""

    def __repr__(self) -> str:
        return "left out"


ABSENT: Final = _Absent()
"""Value of a key that a lever leaves out or takes away."""


@dataclass(frozen=True)
class Switch:
    """One key that a lever moves: its value where the lever is on, and where it is off."""

    key: str
    """Dotted key of the scenario."""
    on: Any
    off: Any

    def value(self, state: State) -> Any:
        """Return the value of the key in a state of the lever."""
        return self.on if state == ON else self.off

    def contradicted(self, there: Any, state: State) -> bool:
        """Return whether a value says the opposite of the lever's state."""
        if self.on == self.off or there == self.value(state):
            return False
        return bool(there == self.off) if state == ON else True


class Lever(Options, ABC):
    """An instrument of policy, on or off."""

    name: ClassVar[str]
    statement: ClassVar[str]
    """What the instrument is, in one sentence."""
    mechanism: ClassVar[str]
    """How it acts here, in one sentence."""
    targets: ClassVar[tuple[str, ...]]
    """Clauses that name it, by the identifiers of the target table."""

    state: State = ON
    """Whether it holds: on or off; written alone, on or off stands for it [on/off]."""

    @model_validator(mode="before")
    @classmethod
    def _word(cls, value: Any) -> Any:
        """Take a bare on or off as the state; true and false are the same words."""
        if isinstance(value, dict) and isinstance(value.get(STATE), bool):
            return value | {STATE: _WORDS[value[STATE]]}
        if isinstance(value, bool):
            value = _WORDS[value]
        if not isinstance(value, str):
            return value
        if value in get_args(State):
            return {STATE: value}
        near = difflib.get_close_matches(value, get_args(State), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        sizes = ", ".join(name for name in cls.model_fields)
        raise ValueError(f"{value!r} is not allowed; allowed: on, off, or a mapping with {sizes}{hint}")

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Tell editors that a bare word is welcome."""
        words = {"enum": list(get_args(State)), "type": "string", "description": "its state alone"}
        return {"anyOf": [words, handler.resolve_ref_schema(handler(schema))]}

    @classmethod
    def units(cls) -> dict[str, str]:
        """Return the unit of each size, by field; a size is a number or the name of a row."""
        return {
            name: mark.unit
            for name, info in cls.model_fields.items()
            for mark in info.metadata
            if isinstance(mark, Size)
        }

    def number(self, size: str, lookup: Lookup) -> float:
        """Return the number of a size by its field; the look-up remembers the row."""
        value = getattr(self, size)
        return lookup.value(value, self.units()[size]) if isinstance(value, str) else float(value)

    def sizes(self, state: State) -> list[str]:
        """Return the fields of the sizes that matter in a state."""
        return [
            name
            for name, info in type(self).model_fields.items()
            for mark in info.metadata
            if isinstance(mark, Size) and mark.counts == state
        ]

    def row(self, size: str) -> str:
        """Return the name of the row that gives a size, without its edge; empty where a number does."""
        value = getattr(self, size)
        return value.partition("@")[0] if isinstance(value, str) else ""

    @abstractmethod
    def switches(self, document: Document, number: Number) -> Iterator[Switch]:
        """Yield the keys that it moves in a scenario; sections that the scenario lacks are passed over."""

    def cannot_bite(self, document: Document) -> str:
        """Return why the lever can change nothing within the months of a scenario; empty where it can."""
        return ""


@dataclass(frozen=True)
class Size:
    """Marks a field that takes a number or the name of a row, and hands it on as it was given.

    The row is looked up only to see that it exists, fits the unit and lies within the bounds; it counts as
    used where the key that gets it is read.
    """

    unit: str
    low: float = float("-inf")
    high: float = float("inf")
    counts: State = ON
    """State of the lever in which the size matters."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the value and keep it."""
        return core_schema.with_info_plain_validator_function(self._check)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Tell editors that a number or the name of a row is welcome."""
        number: dict[str, Any] = {"type": "number"}
        number |= {"minimum": self.low} if self.low > float("-inf") else {}
        number |= {"maximum": self.high} if self.high < float("inf") else {}
        row = {"type": "string", "description": "name of a row of the parameter table"}
        return {"anyOf": [number, row], "unit": self.unit}

    def _check(self, value: Any, info: core_schema.ValidationInfo) -> float | str:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError(f"a number in {self.unit} or the name of a parameter row is wanted")
        found: float = 0.0
        if isinstance(value, str):
            lookup = (info.context or {}).get("lookup")
            if not isinstance(lookup, Lookup):
                return value
            found = replace(lookup, used={}).value(value, self.unit)
        else:
            found = float(value)
        if not self.low <= found <= self.high:
            raise ValueError(
                f"{found:g} {self.unit} lies outside what is allowed: {self.low:g} to {self.high:g}"
            )
        return value


def at(document: Document, key: str) -> Any:
    """Return what stands at a dotted key, ``ABSENT`` where nothing does."""
    node: Any = document
    for part in key.split("."):
        if not isinstance(node, Mapping) or part not in node:
            return ABSENT
        node = node[part]
    return node


def section(document: Document, key: str) -> Mapping[str, Any]:
    """Return the mapping at a dotted key; an empty one where there is none."""
    found = at(document, key)
    return found if isinstance(found, Mapping) else {}


def chosen(document: Document, names: tuple[str, ...], needs: str = "") -> list[str]:
    """Return those of some technologies that a scenario uses and, if asked, that have a key of a name."""
    return [
        name
        for name in names
        if (found := section(document, f"technologies.{name}")) and (not needs or needs in found)
    ]


def months_of(document: Document) -> tuple[int, int] | None:
    """Return first and last month of a scenario, counted from year 0; None where it says neither."""
    horizon = section(document, "horizon")
    try:
        return month_number(str(horizon["first"])), month_number(str(horizon["last"]))
    except (KeyError, ValueError):
        return None
