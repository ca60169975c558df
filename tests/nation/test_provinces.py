from __future__ import annotations

import numpy as np
import pytest

from sim.clock import Horizon
from sim.errors import DataError
from sim.files import shipped
from sim.nation.national import between, carried_back
from sim.nation.provinces import COLUMNS, read_provinces

TABLE = shipped("scenarios") / "library" / "provinces.csv"


@pytest.fixture(scope="module")
def provinces():
    return read_provinces(TABLE)


def test_the_table_holds_the_nation(provinces):
    assert len(provinces.names) == 31
    assert provinces.residents.sum() == pytest.approx(1_332_774_867)
    assert provinces.homes.sum() == pytest.approx(401_934_200)
    mean = provinces.internet @ provinces.residents / provinces.residents.sum()
    assert mean == pytest.approx(0.503, abs=0.005), "the published share of the nation"


def test_the_index_is_1_in_the_mean_and_its_spread_is_that_about_income(provinces):
    weights = provinces.residents / provinces.residents.sum()
    assert provinces.index @ weights == pytest.approx(1.0)
    x, y = np.log(provinces.income), np.log(provinces.index)
    design = np.column_stack([x, np.ones(31)])
    rest = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    assert provinces.log_spread == pytest.approx(np.sqrt(rest @ rest / 29))
    assert 0.05 < provinces.log_spread < 0.3 < 2 * provinces.odds_spread


def test_regions_change_with_the_statistics(provinces):
    members = provinces.members(Horizon("2018-11", "2019-02"))
    assert {name: rows.sum(axis=1).tolist() for name, rows in members.items()} == {
        "East China": [11, 11, 10, 10],
        "Central China": [8, 8, 6, 6],
        "West China": [12, 12, 12, 12],
        "Northeast China": [0, 0, 3, 3],
    }


def test_every_bad_row_is_told(tmp_path):
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2].replace("26359.20", "much")
    lines[4] = lines[5]
    path = tmp_path / "p.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_provinces(path)
    text = str(caught.value)
    assert "p.csv:3: Tianjin" in text
    assert "stands twice" in text
    path.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="fewer than three"):
        read_provinces(path)


def test_growth_passes_through_both_known_values():
    assert between(np.array([2010.0, 2012.0, 2014.0]), (2010.0, 100.0), (2012.0, 121.0)) == pytest.approx(
        [100.0, 121.0, 146.41]
    )


def test_what_was_not_seen_is_carried_back_at_its_own_rate():
    values = np.array([-0.3, 0.0, 0.2, 0.25, 0.3])
    seen = np.array([False, False, True, True, True])
    made = carried_back(values, seen)
    assert made == pytest.approx([0.128, 0.16, 0.2, 0.25, 0.3])
    assert carried_back(values, np.ones(5, bool)) == pytest.approx(values)
