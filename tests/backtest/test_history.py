"""Tables of observations, of either layout."""

import pytest

from sim.backtest.history import COLUMNS, read_rows
from sim.clock import month_label
from sim.errors import DataError
from sim.files import shipped
from tests.backtest.tables import write_history

GOOD = ("Yunnan", "2014", "fixed_broadband_subscribers", "1.5", "10k subs", "somebody", "2014-06", "")


def _with(**changes):
    return tuple(changes.get(name, text) for name, text in zip(COLUMNS, GOOD, strict=True))


def test_a_row_is_read_with_its_line_and_month(tmp_path):
    (row,) = read_rows(write_history(tmp_path, GOOD))
    assert (row.line, row.place, row.indicator, row.value, row.unit) == (
        2, "Yunnan", "fixed_broadband_subscribers", 1.5, "10k subs",
    )  # fmt: skip
    assert row.span.label == "2014-06"
    assert month_label(row.known_from) == "2014-07"


def test_a_wording_without_a_date_is_no_mistake(tmp_path):
    (row,) = read_rows(write_history(tmp_path, _with(as_of="batch 2")))
    assert row.span is None
    assert "programme" in row.reason


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"value": "much"}, "value 'much' is not a number; write it"),
        ({"value": "nan"}, "is not a number"),
        ({"value": "1,000"}, "without separators"),
        ({"year": "14"}, "four digits, for example 2018"),
        ({"province": ""}, "has no province; fill the cell"),
        ({"unit": ""}, "has no unit"),
        ({"indicator": ""}, "has no indicator"),
    ],
)
def test_a_bad_row_is_named_with_its_cure(tmp_path, changes, said):
    path = write_history(tmp_path, GOOD, _with(**changes))
    with pytest.raises(DataError, match=said) as caught:
        read_rows(path)
    assert f"{path.name}:3" in str(caught.value)
    assert caught.value.exit_code == 3


def test_every_mistake_is_told_at_once(tmp_path):
    with pytest.raises(DataError) as caught:
        read_rows(write_history(tmp_path, _with(value="a"), GOOD, _with(year="?")))
    assert [problem.line for problem in caught.value.problems] == [2, 4]


def test_missing_columns_are_named(tmp_path):
    path = tmp_path / "h.csv"
    path.write_text("province,year,value\nYunnan,2014,1\n")
    with pytest.raises(DataError, match=r"lacks the column\(s\) indicator, unit, source, as_of, note"):
        read_rows(path)
    with pytest.raises(DataError, match="no such file"):
        read_rows(tmp_path / "absent.csv")


def test_the_shipped_table_is_read_with_its_own_dates():
    rows = read_rows(shipped("scenarios") / "library" / "history.csv")
    found = {(row.place, row.indicator, row.as_of): row for row in rows}
    users = found["China", "mobile_4g_subscribers", "2016-12"]
    assert (users.span.label, users.value) == ("2016-12", 77000.0)
    assert users.known_from >= users.span.last
    half = found["China", "mobile_dou", "2015-06"]
    assert (month_label(half.span.first), half.span.label, half.span.is_period) == (
        "2015-01",
        "2015-06",
        True,
    )
    whole = found["China", "telecom_revenue", "2015-12"]
    assert whole.span.months == 12
    assert found["Shanxi", "universal_service_central_subsidy", "2016-12"].span is None
