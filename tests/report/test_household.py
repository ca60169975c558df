"""The bandwidth of homes in a picture and in the table beside it."""

import numpy as np
import pandas as pd
import pytest

from sim.report import style
from sim.report.household import LEVELS, NAME, draw_household, household_pictures, household_table
from tests.tiny import HORIZON, make_run


def measured(replications=2):
    """Return indicators of urban and rural homes whose rates double over the months."""
    rows = []
    months = np.arange(HORIZON.months)
    for replication in range(replications):
        for group, scale in (("urban", 2.0), ("rural", 1.0), ("all", 1.5)):
            for level, rate in zip(LEVELS, (1.0, 4.0, 20.0), strict=True):
                value = (1 + replication) * scale * rate * 2 ** (months / months[-1])
                rows += [
                    (replication, m, "household_bandwidth_mbps", f"{group} {level}", v)
                    for m, v in zip(months, value, strict=True)
                ]
            for wanted in (4, 20, 100):
                name = f"household_bandwidth_share_ge_{wanted}Mbps"
                rows += [(replication, m, name, group, 0.2 * scale / wanted) for m in months]
                rows += [(replication, m, name, f"{group} subscribers", 1.0) for m in months]
        rows += [(replication, m, "household_bandwidth_share_ge_wanted", "urban", 0.5) for m in months]
    return pd.DataFrame(rows, columns=["replication", "month", "indicator", "breakdown", "value"])


def test_the_table_holds_rates_and_shares_of_all_homes_by_kind():
    table = household_table(measured())
    assert set(table["breakdown"]) == {"urban", "rural"}
    assert set(table["measure"]) == {*LEVELS, *(f"at least {rate} Mbit/s" for rate in (4, 20, 100))}
    first = table.set_index(["month", "breakdown", "measure"]).loc[(0, "urban", "p50")]
    assert first["mean"] == pytest.approx(12.0), "over both replications: 8 and 16"
    assert first["p10"] == pytest.approx(8.8)
    share = table.set_index(["month", "breakdown", "measure"]).loc[(0, "rural", "at least 4 Mbit/s")]
    assert share["mean"] == pytest.approx(0.05), "of all homes, not of subscribers"


def test_both_kinds_are_drawn_on_one_scale():
    with style.house_style():
        figure = draw_household(household_table(measured()), HORIZON)
    fans, shares = figure.axes[:2], figure.axes[2:4]
    assert {axes.get_yscale() for axes in fans} == {"log"}
    assert fans[0].get_ylim() == fans[1].get_ylim()
    assert "Urban" in fans[0].get_title(loc="left")
    texts = [text.get_text() for axes in (*fans, *shares) for text in axes.texts]
    assert {"P5 6", "P50 24", "P95 120", "P5 3"} <= set(texts)
    assert not any(text.startswith("100: 0%") for text in texts), "lines on the axis need no label"


def test_a_run_without_the_rates_has_no_picture():
    assert household_pictures(make_run()) == {}
    assert set(household_pictures(make_run(indicators=measured(1)))) == {NAME}
