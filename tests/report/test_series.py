"""Tests of the series behind charts: means, and ranges from draws where there are some."""

import pandas as pd

from sim.report.series import COLUMNS, monthly
from sim.tables.results import INDICATORS


def _frame(rows):
    names = ["replication", "month", "indicator", "breakdown", "value", "unit"]
    return INDICATORS.frame(**dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


RUN = _frame([(r, m, "rate", "all", 10.0 * m + r, "Mbit/s") for r in (0, 1, 2) for m in (0, 1)])


def test_without_draws_the_range_is_that_of_replications():
    table = monthly(RUN, None, ("rate",)).set_index("month")
    assert table.loc[1, "mean"] == 11
    assert table.loc[1, "p10"] == 10.2
    assert table.loc[1, "p90"] == 11.8


def test_one_replication_has_no_range():
    table = monthly(RUN[RUN["replication"] == 1], INDICATORS.empty())
    assert (table["p10"] == table["mean"]).all()
    assert (table["p90"] == table["mean"]).all()


def test_draws_give_the_range_of_the_pairs_that_they_hold():
    other = RUN.assign(indicator="lines")
    draws = _frame([(d, m, "rate", "all", 10.0 * m + 5 * d, "Mbit/s") for d in range(11) for m in (0, 1)])
    table = monthly(pd.concat([RUN, other]), draws).set_index(["indicator", "month"])
    assert table.loc[("rate", 1), "p10"] == 11.0  # the draws begin at 15, the run itself stands at 11
    assert table.loc[("rate", 1), "p90"] == 55
    assert table.loc[("lines", 1), "p90"] == 11.8
    assert table.loc[("rate", 1), "mean"] == 11


def test_only_what_is_named_and_in_one_order():
    table = monthly(pd.concat([RUN, RUN.assign(indicator="lines")]), None, ["lines"])
    assert list(table.columns) == COLUMNS
    assert set(table["indicator"]) == {"lines"}
    assert monthly(RUN, None, ["absent"]).empty
