"""The county table reproduces what the censuses publish."""

import pytest

from sim.errors import DataError
from sim.geo.census import PROVINCES, read_census

PUBLISHED_2020 = {"Yunnan": 47_209_277, "Sichuan": 83_674_866, "Shandong": 101_527_453, "Hunan": 66_444_864}
COMMITTEES = {"Yunnan": 14_372, "Sichuan": 53_715, "Shandong": 79_571, "Hunan": 29_010}
PREFECTURES = {"Yunnan": 16, "Sichuan": 21, "Shandong": 17, "Hunan": 14}


@pytest.mark.parametrize("province", PROVINCES)
def test_provincial_totals_are_the_published_ones(province):
    census = read_census(province)
    assert census["population_2020"].sum() == PUBLISHED_2020[province]
    assert census["committees"].sum() == COMMITTEES[province]
    assert census["prefecture"].nunique() == PREFECTURES[province]
    assert census["county"].is_monotonic_increasing
    assert (census["rural_committees"] <= census["committees"]).all()
    for year in ("2010", "2020"):
        assert (census[f"urban_population_{year}"] <= census[f"population_{year}"]).all()
        assert (census[f"homes_{year}"] > 0).all()
    assert (census["townships"] > 0).all()


def test_counties_split_off_after_2010_take_their_part_without_changing_the_sum():
    census = read_census("Sichuan").set_index("county")
    assert census["population_2010"].sum() == 80_417_528
    assert census["homes_2010"].sum() == 25_794_161
    pair = census.loc[["511602", "511603"]]
    parts = pair["population_2010"] / pair["population_2010"].sum()
    assert parts.tolist() == pytest.approx(
        (pair["population_2020"] / pair["population_2020"].sum()).tolist(), abs=1e-5
    )


def test_unknown_counties_are_named():
    with pytest.raises(DataError, match="Yunnan has no county 510104; its codes run from 530102"):
        read_census("Yunnan", ("510104", "530102"))


def test_a_subset_keeps_its_rows():
    assert read_census("Yunnan", ("530103", "530102"))["county"].tolist() == ["530102", "530103"]


def test_a_bad_number_is_named_with_its_line(tmp_path, monkeypatch):
    from sim.geo.census import table

    text = table("census.csv").read_text(encoding="utf-8").replace(",1143085,", ",many,", 1)
    (tmp_path / "census.csv").write_text(text, encoding="utf-8")
    monkeypatch.setenv("ROLLOUT_GEODATA", str(tmp_path))
    with pytest.raises(DataError, match=r"census\.csv:\d+: 530102\.population_2020: 'many' is not a number"):
        read_census("Yunnan")


def test_a_missing_table_is_an_error_with_its_cure(tmp_path, monkeypatch):
    monkeypatch.setenv("ROLLOUT_GEODATA", str(tmp_path))
    with pytest.raises(DataError, match="set ROLLOUT_GEODATA"):
        read_census("Yunnan")
