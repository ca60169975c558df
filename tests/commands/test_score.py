"""A saved run judged again: the table, JSON, JUnit XML and the exit code."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from xml.etree import ElementTree as Xml

import pandas as pd
import pytest

from sim import cli
from sim.errors import StoreError
from sim.indicators.options import TargetOptions
from sim.indicators.targets import COLUMNS
from sim.report.junit import junit_of
from sim.report.score import Judged, judged_again, money_in_words
from sim.store import open_run, save_run
from sim.tables.results import INDICATORS, SCORECARD
from tests.indicators.conftest import target_options
from tests.tiny import MONTHS, make_run

RATE, FIBRE = "mean_access_bandwidth_households", "ftth_homes_passed_share"
TARGETS = (
    # id, province, due, indicator, breakdown, comparator, wanted, low, high
    ("YN-01", "Yunnan", "2015-12", RATE, "urban", ">=", "10", "", ""),
    ("YN-02", "Yunnan", "2015-12", RATE, "urban", ">=", "20", "", ""),
    ("YN-03", "Yunnan", "2015-12", RATE, "rural", ">=", "6", "5", "7"),
    ("YN-04", "Yunnan", "2015-12", RATE, "all", "increase", "", "", ""),
    ("YN-05", "Yunnan", "2015-12", "", "", "lever", "", "", ""),
    ("SC-01", "Sichuan", "2015-12", RATE, "urban", ">=", "99", "", ""),
    ("CN-01", "China", "2016-12", FIBRE, "all", ">=", "0.5", "", ""),
)
VERDICTS = {
    "YN-01": "met", "YN-02": "missed", "YN-03": "at risk", "YN-04": "trend", "YN-05": "not judged",
    "CN-01": "not judged",
}  # fmt: skip


def table(path, *changed):
    """Write a table of targets; rows given replace those of the same identifier."""
    rows = {row[0]: row for row in (*TARGETS, *changed)}
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, restval="")
        writer.writeheader()
        for name, province, due, indicator, breakdown, comparator, wanted, low, high in rows.values():
            writer.writerow(
                {
                    "target_id": name, "province": province, "due_month": due, "indicator": indicator,
                    "breakdown": breakdown, "comparator": comparator, "wanted": wanted,
                    "low": low, "high": high, "unit": "Mbit/s", "document": f"A plan for {province}",
                    "clause": "II", "interpreted": "no",
                    "statement": f"statement of {name} <&\x08>", "kind": "quantified",
                    "not_judged": "" if indicator else "it is a policy",
                }
            )  # fmt: skip
    return path


@pytest.fixture
def folder(tmp_path):
    """A tiny saved run with its table of targets beside it."""
    options = target_options().model_dump()
    resolved = {"targets": options | {"table": str(table(tmp_path / "targets.csv"))}}
    save_run(make_run(resolved=resolved), tmp_path / "run")
    return tmp_path / "run"


def call(capsys, *words):
    with pytest.raises(SystemExit) as left:
        cli.main([str(word) for word in words])
    out, err = capsys.readouterr()
    return left.value.code or 0, out, err


def test_every_target_of_the_province_and_the_nation_is_judged_again(folder):
    card = judged_again(open_run(folder)).scorecard
    SCORECARD.check(card)
    assert dict(zip(card["target_id"], card["verdict"], strict=True)) == VERDICTS
    assert set(SCORECARD.names) == set(card.columns)


def test_the_table_names_everything_that_a_reader_needs(capsys, folder):
    code, out, err = call(capsys, "score", folder)
    assert (code, err) == (0, "")
    for heading in (
        "target",
        "clause",
        "due",
        "wanted",
        "reached",
        "margin",
        "first met",
        "held by",
        "to close",
    ):
        assert heading in out
    assert "A plan for Yunnan" in out
    assert "A plan for China" in out
    assert "CN-01 not judged: due 2016-12, after the last month 2015-12" in out
    assert "targets: 1 met, 1 at risk, 1 missed, 1 trend, 2 not judged" in out
    assert "SC-01" not in out


def test_json_has_numbers_where_numbers_are(capsys, folder):
    code, out, _ = call(capsys, "score", folder, "--json")
    told = json.loads(out)
    assert code == 0
    assert told["counts"]["missed"] == 1
    rows = {row["target_id"]: row for row in told["targets"]}
    assert rows["YN-02"]["mean"] == 15.5
    assert rows["YN-02"]["cost_to_close_yuan"] is None
    assert rows["YN-05"]["margin"] is None
    assert rows["YN-01"]["definition"]


def test_strict_fails_where_a_target_is_missed_and_leaves_the_reasons(capsys, folder):
    code, out, err = call(capsys, "score", folder, "--strict")
    assert code == 5
    assert "error: 1 of 6 targets are missed" in err
    assert "YN-02" in out
    cases = cases_of((folder / "scorecard-junit.xml").read_bytes())
    assert cases["YN-02"].find("failure").get("message").startswith(f"{RATE} (urban): 15.5, wanted >= 20")


def test_strict_passes_where_none_is(capsys, folder, tmp_path):
    easy = table(tmp_path / "easy.csv", ("YN-02", "Yunnan", "2015-12", RATE, "urban", ">=", "11", "", ""))
    code, _, err = call(
        capsys, "score", folder, "--strict", "--targets", easy, "--junit", tmp_path / "x" / "j.xml"
    )
    assert (code, err) == (0, "")
    assert not (folder / "scorecard-junit.xml").exists()
    assert cases_of((tmp_path / "x" / "j.xml").read_bytes())["YN-02"].find("failure") is None


def test_without_strict_nothing_fails_and_nothing_is_written(capsys, folder):
    before = sorted(folder.iterdir())
    assert call(capsys, "score", folder)[0] == 0
    assert sorted(folder.iterdir()) == before


def test_what_is_written_does_not_damage_the_run(capsys, folder):
    call(capsys, "score", folder, "--strict")
    assert open_run(folder).damaged() == []


def test_a_table_with_mistakes_names_them_all(capsys, folder, tmp_path):
    bad = table(
        tmp_path / "bad.csv",
        ("YN-01", "Yunnan", "2015-13", RATE, "urban", ">=", "10", "", ""),
        ("YN-02", "Yunnan", "2015-12", RATE, "urban", "~", "10", "", ""),
    )
    code, _, err = call(capsys, "score", folder, "--targets", bad)
    assert code == 3
    assert len(err.splitlines()) == 2


def test_a_run_whose_table_is_gone_says_what_to_do(capsys, folder, tmp_path):
    (tmp_path / "targets.csv").unlink()
    code, _, err = call(capsys, "score", folder)
    assert code == 4
    assert "use --targets FILE" in err


def test_no_run_no_score(capsys, tmp_path):
    code, _, err = call(capsys, "score", tmp_path / "nowhere")
    assert code == 4
    assert "rollout run SCENARIO" in err
    save_run(make_run(), tmp_path / "old")
    with pytest.raises(StoreError, match="run the scenario again"):
        judged_again(open_run(tmp_path / "old"))


def test_what_held_a_target_is_kept_while_the_target_is_the_same(folder, tmp_path):
    card = make_run().scorecard
    own = card["target_id"] == "YN-02"
    card.loc[own, ["binding", "cost_to_close_yuan"]] = ["crews", "1200000"]
    options = target_options().model_dump() | {"table": str(tmp_path / "targets.csv")}
    save_run(make_run(resolved={"targets": options}, scorecard=card), tmp_path / "held")
    run = open_run(tmp_path / "held")
    row = judged_again(run).scorecard.set_index("target_id").loc["YN-02"]
    assert (row["binding"], row["cost_to_close_yuan"]) == ("crews", "1200000")
    other = table(tmp_path / "other.csv", ("YN-02", "Yunnan", "2015-12", RATE, "urban", ">=", "21", "", ""))
    row = judged_again(run, other).scorecard.set_index("target_id").loc["YN-02"]
    assert (row["binding"], row["cost_to_close_yuan"]) == ("", "")
    assert "told by the run itself" in row["reason"]


def test_names_of_parameters_in_the_rules_are_looked_up(folder):
    run = open_run(folder)
    run.facts["scenario"]["targets"]["chance_met"] = "strictness"
    run.facts["parameters"].append({"name": "strictness", "value": 1.0})
    card = judged_again(run).scorecard
    assert dict(zip(card["target_id"], card["verdict"], strict=True)) == VERDICTS


def test_draws_in_the_folder_give_the_range(folder):
    month = list(range(MONTHS))
    drawn = pd.concat(
        INDICATORS.frame(
            replication=number, month=month, indicator=RATE, breakdown="urban", value=10.0 + number,
            unit="Mbit/s",
        )
        for number in range(11)
    )  # fmt: skip
    drawn.to_parquet(folder / "draws.parquet")
    row = judged_again(open_run(folder)).scorecard.set_index("target_id").loc["YN-02"]
    assert (row["p10"], row["p90"], row["mean"]) == ("11", "19", "15.5")
    assert row["chance_met"] == f"{1 / 11:.6g}"


ALLOWED = {
    # element: attributes, required ones, children (schema of the Jenkins xUnit plugin, junit-10)
    "testsuites": ({"name", "time", "tests", "failures", "disabled", "errors"}, set(), {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id",
         "package"},
        {"name"},
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": (
        {"name", "assertions", "time", "classname", "status"},
        {"name"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": ({"type", "message"}, set(), set()),
    "skipped": ({"message"}, set(), set()),
    "system-out": (set(), set(), set()),
}  # fmt: skip


def cases_of(text):
    """Return the test cases by target, of XML that is well-formed and keeps the schema."""
    root = Xml.fromstring(text)  # noqa: S314 - our own
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, required, children = ALLOWED[element.tag]
        assert required <= set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children
    suite = root.find("testsuite")
    cases = suite.findall("testcase")
    for name, tag in (("failures", "failure"), ("skipped", "skipped")):
        assert int(suite.get(name)) == sum(case.find(tag) is not None for case in cases)
    assert int(suite.get("tests")) == len(cases) == int(root.get("tests"))
    assert suite.get("errors") == "0"
    return {case.get("name").split()[0]: case for case in cases}


def test_junit_has_one_case_a_target_and_says_why(folder):
    judged = judged_again(open_run(folder))
    text = junit_of(judged)
    cases = cases_of(text)
    assert list(cases) == list(VERDICTS)
    what = {name: [child.tag for child in case] for name, case in cases.items()}
    assert what["YN-02"] == ["failure"]
    assert what["YN-05"] == what["CN-01"] == ["skipped"]
    assert cases["YN-05"].find("skipped").get("message") == "it is a policy"
    assert what["YN-01"] == what["YN-03"] == what["YN-04"] == ["system-out"]
    assert cases["YN-03"].find("system-out").text.startswith("at risk: ")
    assert not cases["YN-01"].find("system-out").text.startswith("at risk")
    assert "document: A plan for Yunnan, II" in cases["YN-02"].find("failure").text
    # signs that XML cannot hold are left out, the others come back
    assert cases["YN-01"].get("name") == "YN-01 statement of YN-01 <&>"
    assert text == junit_of(judged)


def test_a_scorecard_without_targets_is_a_suite_without_cases(folder):
    judged = judged_again(open_run(folder))
    assert cases_of(junit_of(replace(judged, scorecard=SCORECARD.empty()))) == {}


@pytest.mark.parametrize(
    ("yuan", "text"),
    [(None, ""), (0.0, "0 yuan"), (1_234_567.0, "1.23 m yuan"), (2.5e9, "2.5 bn yuan")],
)
def test_money_is_told_in_millions(yuan, text):
    assert money_in_words(yuan) == text


def test_help_names_the_exit_code(capsys):
    assert "a target is missed" in call(capsys, "--help")[1]
    code, out, _ = call(capsys, "score", "--help")
    assert code == 0
    assert "exit code 5" in out


def test_judged_counts_in_the_order_of_the_legend(folder):
    judged = judged_again(open_run(folder))
    assert isinstance(judged, Judged)
    assert list(judged.counts()) == ["met", "at risk", "missed", "trend", "not judged"]
    assert isinstance(target_options(), TargetOptions)
