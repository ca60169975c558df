from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from sim.cli import rollout
from sim.errors import DataError


def call(*words):
    return CliRunner().invoke(rollout, ["fit", *words])


def test_a_fit_tells_parameters_errors_and_what_came():
    result = call(
        "mobile_4g_subscribers", "--curve", "bass", "--ceiling", "1.306e9", "--launch", "2013-12",
        "--until", "2016-12", "--json",
    )  # fmt: skip
    assert result.exit_code == 0
    facts = json.loads(result.stdout)
    parameters = {row["name"]: row for row in facts["parameters"]}
    assert parameters["ceiling"]["held"]
    assert parameters["innovation"]["value"] == pytest.approx(0.0503, rel=1e-2)
    assert parameters["imitation"]["standard_error"] > 0
    assert len(facts["fitted"]) == 5
    assert all(row["month"] <= "2016-12" for row in facts["fitted"])
    assert facts["came"]["points"] == 7
    assert facts["came"]["mean_relative_error"] < 0.1
    assert all(row["p10"] < row["value"] < row["p90"] for row in facts["forecast"])


def test_a_picture_and_all_numbers_are_written(tmp_path):
    words = ("fixed_broadband_subscribers", "--ceiling", "6e8", "--break", "2016-02", "--out")
    result = call(*words, str(tmp_path / "a"))
    assert result.exit_code == 0
    assert "level_before" in result.output
    assert (tmp_path / "a" / "fit.png").stat().st_size > 10_000
    facts = json.loads((tmp_path / "a" / "fit.json").read_text())
    assert facts["came"] == {"points": 0}
    call(*words, str(tmp_path / "b"))
    for name in ("fit.png", "fit.csv", "fit.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_the_mix_of_rates_is_fitted_as_one(tmp_path):
    result = call("speed_mix", "--until", "2016-12", "--out", str(tmp_path))
    assert result.exit_code == 0
    assert "steepness" in result.output
    rates = {row["mbps"] for row in json.loads((tmp_path / "fit.json").read_text())["fitted"]}
    assert rates == {4.0, 8.0, 20.0, 50.0}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("x", "--until", "2016"), "is not a month"),
        (("x", "--ceiling", "-1"), "above 0"),
        (("x", "--curve", "cubic"), "is not one of"),
    ],
)
def test_wrong_words_are_refused(words, said):
    result = call(*words)
    assert result.exit_code == 2
    assert said in result.output


def test_what_cannot_be_fitted_is_told():
    result = call("no_such_thing")
    assert isinstance(result.exception, DataError)
    assert "holds no no_such_thing of China" in str(result.exception)
    few = call("mobile_4g_subscribers", "--until", "2015-06")
    assert "2 point(s) cannot fix 3 parameter(s)" in str(few.exception)
    other = call("mobile_4g_subscribers", "--place", "Atlantis")
    assert "of Atlantis" in str(other.exception)


def test_an_indicator_of_runs_is_fitted_by_the_name_that_statistics_give_it():
    told = call("mobile_4g_subscribers", "--until", "2016-12", "--json")
    mine = call("users_lte", "--until", "2016-12", "--json")
    assert json.loads(mine.stdout) == json.loads(told.stdout)


def test_observations_dated_in_words_are_fitted_too(tmp_path):
    table = tmp_path / "history.csv"
    rows = "".join(
        f"China,{2012 + k},lines,{100 / (1 + 2.718281828 ** (2 - k)):.6f},%,made up,year-end,\n"
        for k in range(6)
    )
    table.write_text("province,year,indicator,value,unit,source,as_of,note\n" + rows)
    found = json.loads(call("lines", "--history", str(table), "--ceiling", "100", "--json").stdout)
    values = {one["name"]: one["value"] for one in found["parameters"]}
    # the end of 2014 is the middle of the made-up curve
    assert values["rate"] == pytest.approx(1.0, rel=1e-4)
    assert values["midpoint"] == pytest.approx(2015.0, abs=1e-3)
