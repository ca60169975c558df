"""The parameter table: every price, rate and radius with its unit, range, source and confidence.

A scenario names a row where a number is wanted; the number that the model sees is in the unit the
model asks for, and money is moved to the scenario's price year by one rule: foreign currency to
yuan at the average rate of the row's year, then by the ratio of Chinese consumer price indices of
price year and row year.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from sim.clock import month_number
from sim.errors import DataError, Problem
from sim.files import read_csv_rows

COLUMNS = ("name", "value", "unit", "low", "high", "year", "scope", "source", "confidence")
OUTCOME = "outcome"
_EDGES = {"low", "high"}


@dataclass(frozen=True)
class Parameter:
    """One row of the parameter table."""

    name: str
    value: float
    unit: str
    low: float | None
    high: float | None
    year: str
    scope: str
    source: str
    confidence: str
    kind: str = ""
    known_from: str = ""

    @property
    def is_ranged(self) -> bool:
        """Whether it has two ends that differ."""
        return self.low is not None and self.high is not None and self.low < self.high

    @property
    def is_assumption(self) -> bool:
        """Whether no source gives the number."""
        return "assumption" in self.confidence.lower() or "assumption" in self.source.lower()

    @property
    def first_year(self) -> int | None:
        """The (first) year the row speaks of."""
        match = re.match(r"\d{4}", self.year)
        return int(match[0]) if match else None


def _number(text: str) -> float | None:
    return float(text) if text else None


def read_parameters(path: Path) -> dict[str, Parameter]:
    """Return the rows of a parameter table by name; every bad row is reported at once."""
    rows: dict[str, Parameter] = {}
    problems: list[Problem] = []
    for line, row in read_csv_rows(path, COLUMNS):
        name = row["name"]
        try:
            if not name or name in rows:
                raise ValueError("stands twice; names must be unique" if name else "has no name")
            value, low, high = (_number(row[key]) for key in ("value", "low", "high"))
            if value is None:
                raise ValueError("has no value")
            if (low is not None and value < low) or (high is not None and value > high):
                raise ValueError(f"value {value:g} lies outside its own range [{row['low']}, {row['high']}]")
            texts = {key: row[key] for key in ("unit", "year", "scope", "source", "confidence")}
            if not texts["unit"] or not texts["source"]:
                raise ValueError("needs a unit and a source")
            extra = {key: row.get(key, "") for key in ("kind", "known_from")}
            if extra["known_from"]:
                month_number(extra["known_from"])
            rows[name] = Parameter(name=name, value=value, low=low, high=high, **texts, **extra)
        except ValueError as error:
            problems.append(Problem(str(path), name, str(error), line))
    if problems:
        raise DataError(tuple(problems))
    return rows


@dataclass(frozen=True)
class MoneyRule:
    """How money of another year or currency becomes money of the scenario."""

    price_year: int
    price_index: Mapping[int, float]
    """Chinese consumer price index by year, any base."""
    yuan_per_unit: Mapping[tuple[str, int], float]
    """Average exchange rate by currency and year [yuan]."""

    def to_price_year(self, value: float, unit: str, year: int | None) -> float:
        """Return an amount in yuan of the price year; ``ValueError`` where a rate is missing."""
        currency = unit.partition("/")[0].partition(" ")[0]
        if currency not in CURRENCIES:
            return value
        if year is None:
            raise ValueError(f"is money ({unit}) without a year, so it cannot be moved to {self.price_year}")
        if currency != "yuan":
            rate = self.yuan_per_unit.get((currency, year))
            if rate is None:
                raise ValueError(f"needs the {currency} rate of {year}, which the deflator table lacks")
            value *= rate
        for needed in (year, self.price_year):
            if needed not in self.price_index:
                raise ValueError(f"needs the price index of {needed}, which the deflator table lacks")
        return value * self.price_index[self.price_year] / self.price_index[year]


CURRENCIES = frozenset({"yuan", "USD", "EUR", "GBP"})


def read_money_rule(path: Path, price_year: int) -> MoneyRule:
    """Return the rule from the deflator table (columns year, series, value, source)."""
    index: dict[int, float] = {}
    rates: dict[tuple[str, int], float] = {}
    for _, row in read_csv_rows(path, ("year", "series", "value", "source")):
        year, value = int(row["year"]), float(row["value"])
        if row["series"] == "cpi":
            index[year] = value
        else:
            rates[row["series"].removeprefix("yuan_per_"), year] = value
    return MoneyRule(price_year, index, rates)


@dataclass
class Lookup:
    """Answers the names that a scenario gives for numbers, and remembers which rows were used."""

    rows: Mapping[str, Parameter]
    money: MoneyRule
    first_month: int
    overrides: Mapping[str, float] = field(default_factory=dict)
    allowed_late: frozenset[str] = frozenset()
    """Names declared policy inputs or geography vintages: their ``known_from`` may be late."""
    used: dict[str, float] = field(default_factory=dict)

    @cached_property
    def _names(self) -> list[str]:
        return sorted(self.rows)

    def value(self, name: str, unit: str) -> float:
        """Return a row's number in the unit asked for.

        ``name`` may end in ``@low`` or ``@high`` for the edge of its range. Raises ``ValueError``
        that says what is wrong and what is near.
        """
        base, _, edge = name.partition("@")
        row = self.rows.get(base)
        if row is None:
            near = difflib.get_close_matches(base, self._names, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"{base!r} is no row of the parameter table{hint}")
        if edge and edge not in _EDGES:
            raise ValueError(f"{name!r}: after @ stands low or high")
        number = getattr(row, edge) if edge else row.value
        if number is None:
            raise ValueError(f"row {base!r} has no {edge} value")
        self._check_known(row)
        if not compatible(row.unit, unit):
            raise ValueError(f"row {base!r} is in {row.unit}, but {unit} is wanted here")
        number = self.overrides.get(base, number)
        try:
            result = self.money.to_price_year(number, row.unit, row.first_year)
        except ValueError as error:
            raise ValueError(f"row {base!r} {error}") from None
        self.used[name] = result
        return result

    def _check_known(self, row: Parameter) -> None:
        if row.kind == OUTCOME and not row.known_from:
            raise ValueError(f"row {row.name!r} is an outcome without known_from, so it cannot be used")
        late = bool(row.known_from) and month_number(row.known_from) > self.first_month
        if late and row.name not in self.allowed_late:
            raise ValueError(
                f"row {row.name!r} was known only from {row.known_from}, after the first month: it would "
                "leak the outcome into the forecast; choose an earlier row or declare it under policy_inputs"
            )


def compatible(given: str, wanted: str) -> bool:
    """Return whether a row's unit serves where another is wanted (currency may differ)."""

    def plain(unit: str) -> str:
        head, slash, tail = unit.partition("/")
        return ("money" if head.strip() in CURRENCIES else head.strip()) + slash + tail.strip()

    return plain(given) == plain(wanted)


@dataclass(frozen=True)
class Quantity:
    """Marks a field that takes a number or the name of a parameter row, with its unit.

    Write ``Annotated[float, Field(gt=0), Quantity("m")]``: bounds first, the unit last.
    """

    unit: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Put the look-up of row names before the checks of the number."""
        return core_schema.with_info_before_validator_function(self._resolve, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Tell editors that a number or a row name is welcome."""
        number = handler(schema)
        row = {"type": "string", "description": "name of a row of the parameter table"}
        return {"anyOf": [number, row], "unit": self.unit}

    def _resolve(self, value: Any, info: core_schema.ValidationInfo) -> Any:
        if isinstance(value, bool):
            raise ValueError(f"a number in {self.unit} or the name of a parameter row is wanted")
        if not isinstance(value, str):
            return value
        lookup = (info.context or {}).get("lookup")
        if not isinstance(lookup, Lookup):
            raise ValueError("names of parameter rows need the parameter table")
        return lookup.value(value, self.unit)


def assumptions(rows: Iterable[Parameter]) -> list[Parameter]:
    """Return the rows that no source gives, by name."""
    return sorted((row for row in rows if row.is_assumption), key=lambda row: row.name)
