"""The parameter table: rows, ranges, units, money and what may be known."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from sim.clock import month_number
from sim.errors import DataError
from sim.options import Options
from sim.parameters import (
    Lookup,
    MoneyRule,
    Parameter,
    Quantity,
    assumptions,
    compatible,
    read_money_rule,
    read_parameters,
)

HEAD = "name,value,unit,low,high,year,scope,source,confidence,kind,known_from\n"
MONEY = MoneyRule(2015, {2012: 90.0, 2015: 100.0, 2020: 125.0}, {("USD", 2020): 7.0})


def row(name="a", value=10.0, unit="m", **changes):
    values = {"low": 8.0, "high": 12.0, "year": "2012", "scope": "", "source": "s", "confidence": "high"}
    return Parameter(name, value, unit, **(values | changes))


def lookup(*rows, **changes):
    values = {"money": MONEY, "first_month": month_number("2014-01")} | changes
    return Lookup({one.name: one for one in rows}, **values)


@pytest.fixture
def read(tmp_path):
    def make(text, head=HEAD):
        path = tmp_path / "parameters.csv"
        path.write_text(head + text, encoding="utf-8")
        return read_parameters(path)

    return make


def test_a_row_is_read(read):
    found = read('mast,250000,yuan/site,120000,350000,2014,"new, villages",source,low,price,\n')["mast"]
    assert (found.value, found.unit, found.low, found.high) == (250_000.0, "yuan/site", 120_000.0, 350_000.0)
    assert found.scope == "new, villages"
    assert found.first_year == 2014


def test_a_span_of_years_counts_from_its_first():
    assert row(year="2013-2014").first_year == 2013
    assert row(year="").first_year is None


def test_every_bad_row_is_reported(read):
    with pytest.raises(DataError) as caught:
        read(
            "a,1,m,,,,,s,high,,\na,2,m,,,,,s,high,,\nb,,m,,,,,s,high,,\nc,5,m,6,7,,,s,high,,\n"
            "d,x,m,,,,,s,high,,\ne,1,,,,,,s,high,,\nf,1,m,,,,,s,high,outcome,2014-13\n"
        )
    said = {problem.key: (problem.line, problem.message) for problem in caught.value.problems}
    assert said["a"] == (3, "stands twice; names must be unique")
    assert said["b"] == (4, "has no value")
    assert said["c"] == (5, "value 5 lies outside its own range [6, 7]")
    assert "could not convert" in said["d"][1]
    assert said["e"] == (7, "needs a unit and a source")
    assert "is not a month" in said["f"][1]


def test_a_value_is_looked_up_with_the_edges_of_its_range():
    found = lookup(row())
    assert [found.value(name, "m") for name in ("a", "a@low", "a@high")] == [10.0, 8.0, 12.0]
    assert found.used == {"a": 10.0, "a@low": 8.0, "a@high": 12.0}


@pytest.mark.parametrize(
    ("name", "unit", "message"),
    [
        ("hight", "m", "no row of the parameter table; did you mean 'height'"),
        ("height@middle", "m", "after @ stands low or high"),
        ("bare@low", "m", "has no low value"),
        ("height", "km", "is in m, but km is wanted here"),
        ("outcome", "m", "is an outcome without known_from"),
    ],
)
def test_what_is_wrong_with_a_name_is_said(name, unit, message):
    table = lookup(row("height"), row("bare", low=None), row("outcome", kind="outcome"))
    with pytest.raises(ValueError, match=message):
        table.value(name, unit)


def test_money_moves_to_the_price_year():
    table = lookup(
        row("then", 90.0, "yuan/m"),
        row("later", 125.0, "yuan/m", year="2020"),
        row("dollars", 100.0, "USD/m", year="2020"),
        row("metres", 100.0, "m", year="2020"),
    )
    assert table.value("then", "yuan/m") == pytest.approx(100.0)
    assert table.value("later", "yuan/m") == pytest.approx(100.0)
    assert table.value("dollars", "yuan/m") == pytest.approx(100 * 7 * 100 / 125)
    assert table.value("metres", "m") == 100.0


@pytest.mark.parametrize(
    ("unit", "year", "message"),
    [
        ("yuan/m", "", "money .* without a year"),
        ("EUR/m", "2020", "needs the EUR rate of 2020"),
        ("yuan/m", "1999", "needs the price index of 1999"),
    ],
)
def test_money_that_cannot_be_moved_is_refused(unit, year, message):
    with pytest.raises(ValueError, match=message):
        lookup(row("a", unit=unit, year=year)).value("a", "yuan/m")


def test_an_override_takes_the_place_of_the_value():
    table = lookup(row("a", 90.0, "yuan/m"), overrides={"a": 180.0})
    assert table.value("a", "yuan/m") == pytest.approx(200.0)


def test_what_came_out_later_may_not_be_used_unless_declared():
    late = row("share", unit="share", kind="outcome", known_from="2015-02")
    early = row("early", unit="share", kind="outcome", known_from="2014-01")
    assert lookup(early).value("early", "share") == 10.0
    with pytest.raises(ValueError, match="was known only from 2015-02, after the first month"):
        lookup(late).value("share", "share")
    assert lookup(late, allowed_late=frozenset({"share"})).value("share", "share") == 10.0


@pytest.mark.parametrize(
    ("given", "wanted", "fits"),
    [
        ("yuan/m", "yuan/m", True),
        ("USD/m", "yuan/m", True),
        ("USD/km", "yuan/m", False),
        ("m", "m", True),
        ("share", "ratio", False),
        ("yuan", "m", False),
        ("yuan/site", "yuan", False),
    ],
)
def test_units_must_fit(given, wanted, fits):
    assert compatible(given, wanted) is fits


class Bridge(Options):
    """A class with a quantity."""

    length: Annotated[float, Field(gt=0), Quantity("m")]
    """How long it is [m]."""


def test_a_field_takes_a_number_or_a_row():
    context = {"lookup": lookup(row())}
    assert Bridge.model_validate({"length": 3}).length == 3.0
    assert Bridge.model_validate({"length": "a@high"}, context=context).length == 12.0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (True, "a number in m or the name of a parameter row is wanted"),
        (-1, "greater than 0"),
        ("a", "names of parameter rows need the parameter table"),
    ],
)
def test_what_else_a_field_is_given_is_refused(given, message):
    with pytest.raises(ValidationError, match=message):
        Bridge.model_validate({"length": given})


def test_a_row_must_keep_the_bounds_of_the_field():
    with pytest.raises(ValidationError, match="greater than 0"):
        Bridge.model_validate({"length": "a"}, context={"lookup": lookup(row(value=-5.0))})


def test_editors_learn_the_unit():
    schema = Bridge.model_json_schema()["properties"]["length"]
    assert schema["unit"] == "m"
    assert [kind["type"] for kind in schema["anyOf"]] == ["number", "string"]


def test_assumptions_are_found_by_confidence_or_source():
    rows = [row("c", confidence="low (assumption)"), row("a", source="assumption: none"), row("b")]
    assert [one.name for one in assumptions(rows)] == ["a", "c"]


def test_deflators_and_rates_are_read(tmp_path):
    path = tmp_path / "deflators.csv"
    path.write_text("year,series,value,source\n2015,cpi,100,s\n2015,yuan_per_USD,6.2,s\n", encoding="utf-8")
    rule = read_money_rule(path, 2015)
    assert rule.price_index == {2015: 100.0}
    assert rule.to_price_year(10.0, "USD/site", 2015) == pytest.approx(62.0)
