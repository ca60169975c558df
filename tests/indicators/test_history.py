import pytest

from sim.errors import DataError
from sim.indicators.history import full_year, read_history

HEADER = "place,as_of,indicator,value,unit,period,part_year,known_from,source,note\n"
WHOLE = "China,2013-12,investment,3755,100M yuan,full year,no,2014-02,a report,\n"
HALF = "China,2015-06,investment,1437,100M yuan,part of a year,yes,2015-08,a report,\n"


def read(tmp_path, *rows):
    path = tmp_path / "history.csv"
    path.write_text(HEADER + "".join(rows))
    return read_history(path)


def test_a_full_year_is_found(tmp_path):
    found = full_year(read(tmp_path, WHOLE, HALF), "China", "investment", 2013, "2014-02")
    assert found.value == 3755


def test_half_a_year_is_no_budget(tmp_path):
    with pytest.raises(ValueError, match="part of a year only"):
        full_year(read(tmp_path, HALF), "China", "investment", 2015, "2020-01")


def test_a_year_not_yet_published_is_refused(tmp_path):
    with pytest.raises(ValueError, match="known only from 2014-02"):
        full_year(read(tmp_path, WHOLE), "China", "investment", 2013, "2014-01")


def test_what_is_not_there_is_said_to_be_absent(tmp_path):
    with pytest.raises(ValueError, match="there is no investment of Hunan in 2013"):
        full_year(read(tmp_path, WHOLE), "Hunan", "investment", 2013, "2014-02")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (WHOLE.replace("2014-02", "2013-11"), "known before it happened"),
        (WHOLE.replace("2014-02", "2014"), "is not a month"),
        (WHOLE.replace(",no,", ",perhaps,"), "part_year"),
        (WHOLE.replace("a report", ""), "source"),
    ],
)
def test_a_bad_row_is_told_with_its_line(tmp_path, row, words):
    with pytest.raises(DataError, match=words) as caught:
        read(tmp_path, WHOLE, row)
    assert caught.value.problems[0].line == 3
