import csv
from dataclasses import fields

import pytest

from sim.errors import DataError
from sim.indicators.targets import COLUMNS, Target, read_targets, targets_of
from tests.indicators.conftest import target_options

ROW = {
    "target_id": "X-1", "province": "Hunan", "due_month": "2015-12", "technology": "fixed",
    "indicator": "ftth_homes_passed_share", "breakdown": "urban", "comparator": ">=", "wanted": "0.9",
    "unit": "share", "low": "0.8", "high": "0.95", "document": "d", "clause": "1", "statement": "s.",
    "interpreted": "yes", "counts": "dsl;ftth", "kind": "quantified", "reading": "", "not_judged": "",
    "source": "",
}  # fmt: skip


def write(path, *rows):
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_row_becomes_a_target(tmp_path):
    (target,) = read_targets(write(tmp_path / "t.csv", ROW))
    assert target.band == (0.8, 0.95)
    assert target.counts == ("dsl", "ftth")
    assert not target.of_nation
    assert {field.name for field in fields(Target)} == {*COLUMNS, "scope"}


def test_without_a_band_the_threshold_stands_alone(tmp_path):
    (target,) = read_targets(write(tmp_path / "t.csv", ROW | {"low": "", "high": ""}))
    assert target.band == (0.9, 0.9)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"due_month": "2015"}, "is not a month"),
        ({"comparator": "=>"}, "comparator"),
        ({"interpreted": "maybe"}, "interpreted"),
        ({"statement": ""}, "has no statement"),
        ({"indicator": ""}, "either an indicator or the reason"),
        ({"not_judged": "because"}, "either an indicator or the reason"),
        ({"wanted": ""}, "no threshold"),
        ({"wanted": "0.99"}, "band does not hold"),
        ({"wanted": "most"}, "most"),
    ],
)
def test_every_mistake_is_told_with_its_line(tmp_path, change, words):
    path = write(tmp_path / "t.csv", ROW, ROW | {"target_id": "X-2"} | change)
    with pytest.raises(DataError, match=words) as caught:
        read_targets(path)
    assert caught.value.problems[0].line == 3
    assert caught.value.problems[0].key == "X-2"


def test_a_target_may_stand_only_once(tmp_path):
    with pytest.raises(DataError, match="stands twice"):
        read_targets(write(tmp_path / "t.csv", ROW, ROW))


def test_a_province_is_judged_by_its_own_and_the_nations_targets(tmp_path):
    rows = [
        ROW,
        ROW | {"target_id": "X-2", "province": "China"},
        ROW | {"target_id": "X-3", "province": "Sichuan"},
    ]
    targets = read_targets(write(tmp_path / "t.csv", *rows))

    def chosen(**options):
        return [t.target_id for t in targets_of(targets, "Hunan", target_options(**options))]

    assert chosen() == ["X-1", "X-2"]
    assert chosen(nation=False) == ["X-1"]
    assert chosen(leave_out=("X-1",)) == ["X-2"]


def test_a_total_of_the_nation_is_judged_in_a_run_of_the_nation_alone(tmp_path):
    path = tmp_path / "t.csv"
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, [*COLUMNS, "scope"])
        writer.writeheader()
        writer.writerow(ROW | {"province": "China", "scope": "nation"})
    targets = read_targets(path)
    (of_nation,) = targets_of(targets, "China", target_options())
    assert of_nation.indicator == "ftth_homes_passed_share"
    (of_province,) = targets_of(targets, "Hunan", target_options())
    assert of_province.indicator == ""
    assert "one province cannot settle" in of_province.not_judged


def test_a_scope_of_another_name_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, [*COLUMNS, "scope"])
        writer.writeheader()
        writer.writerow(ROW | {"scope": "world"})
    with pytest.raises(DataError, match="neither nation nor empty"):
        read_targets(path)
