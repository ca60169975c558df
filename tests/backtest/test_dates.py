"""The wordings that statistics use for dates."""

import pytest

from sim.backtest.dates import UndatedError, read_as_of
from sim.clock import month_label

POINTS = {
    ("2018-09", 2018): "2018-09",
    ("2018-9", 2018): "2018-09",
    ("2013-12-25", 2013): "2013-12",
    ("2010-11-01", 2010): "2010-11",
    ("", 2016): "2016-12",
    ("year-end", 2016): "2016-12",
    ("Year end", 2016): "2016-12",
    ("early 2014", 2013): "2014-01",
    ("autumn 2020", 2020): "2020-09",
    ("2018 mid", 2018): "2018-06",
    ("mid-2019", 2019): "2019-06",
    ("end of 2018", 2018): "2018-12",
    ("end-2016", 2016): "2016-12",
    ("start of 13th FYP", 2015): "2015-12",
    ("end of 13th FYP", 2020): "2020-12",
    ("start of 12th five-year plan", 2010): "2010-12",
    ("Sep 2018", 2018): "2018-09",
    ("September 2018", 2018): "2018-09",
    ("cumulative to 2018-08", 2018): "2018-08",
    ("2018年9月", 2018): "2018-09",
    ("2018年底", 2018): "2018-12",
}
PERIODS = {
    ("2014Q2", 2014): ("2014-04", "2014-06"),
    ("Q4 2015", 2015): ("2015-10", "2015-12"),
    ("H1 2017", 2017): ("2017-01", "2017-06"),
    ("2017H2", 2017): ("2017-07", "2017-12"),
    ("year", 2012): ("2012-01", "2012-12"),
    ("2015", 2015): ("2015-01", "2015-12"),
    ("year average", 2015): ("2015-01", "2015-12"),
    ("2014 average", 2014): ("2014-01", "2014-12"),
    ("year (expected)", 2014): ("2014-01", "2014-12"),
    ("Jan-Sep 2018", 2018): ("2018-01", "2018-09"),
    ("2011-2013", 2013): ("2011-01", "2013-12"),
    ("2015-2019", 2019): ("2015-01", "2019-12"),
    ("2014-2017Q1", 2017): ("2014-01", "2017-03"),
    ("cumulative 2015-2018", 2018): ("2015-01", "2018-12"),
    ("22 months to end-2016", 2016): ("2015-03", "2016-12"),
}
PLANS = ('year-end forecast "nearly 700,000"', "2020 plan", "2017-06 plan")
PROGRAMMES = (
    "batch 1", "batches 1-3", "seven batches", "programme", "2018-2019 programme", "2016 (batches 1-2)",
    "batch 1, three prefectures; average access rate >60 Mbps",
)  # fmt: skip
UNREADABLE = ("cumulative ~3 years", "2018-13", "some day", "2019-2018", "Q5 2015")


@pytest.mark.parametrize(("wording", "month"), POINTS.items())
def test_a_date_is_a_month(wording, month):
    span = read_as_of(*wording)
    assert (month_label(span.first), span.label, span.is_period) == (month, month, False)
    assert span.months == 1


@pytest.mark.parametrize(("wording", "edges"), PERIODS.items())
def test_a_stretch_of_time_has_two_ends(wording, edges):
    span = read_as_of(*wording)
    assert (month_label(span.first), span.label, span.is_period) == (*edges, True)


@pytest.mark.parametrize("wording", PLANS)
def test_a_plan_is_no_observation(wording):
    with pytest.raises(UndatedError, match="plan, not an observation"):
        read_as_of(wording, 2020)


@pytest.mark.parametrize("wording", PROGRAMMES)
def test_the_total_of_a_programme_has_no_month(wording):
    with pytest.raises(UndatedError, match="programme"):
        read_as_of(wording, 2016)


@pytest.mark.parametrize("wording", UNREADABLE)
def test_what_cannot_be_read_is_quoted(wording):
    with pytest.raises(UndatedError, match=r"read|ends before"):
        read_as_of(wording, 2018)
