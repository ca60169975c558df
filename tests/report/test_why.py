"""Delays in words: the latest of a run, a zone's projects, and the life of one."""

import pytest
from click.testing import CliRunner

from sim.commands.why import why as command
from sim.errors import StoreError
from sim.indicators.delays import delays_of
from sim.report.document import page, write_report
from sim.report.why import _listed, causes_in_words, latest, why
from sim.store import open_run, save_run
from sim.tables.decisions import DECISIONS
from tests.indicators.conftest import log_of
from tests.indicators.test_lives import life
from tests.tiny import HORIZON, fill, make_run

CREW = {"task": "mast", "crew": "昆明市 civil"}
PAID = {"spent_fen": 30_000_000, "pot": "province"}


def _events():
    town = life(
        "lte:l1",
        (0.0, "funded", {"committed_fen": 30_000_000, "pot": "province"}),
        (40.0, "delayed", CREW | {"cause": "crew", "month": 1}),
        (60.0, "started", CREW | {"cause": "crew", "lost_days": 20.0, "month": 2}),
        (65.0, "finished", CREW | PAID | {"month": 3}),
        (65.0, "activated", {"month": 3}),
    )
    villages = [
        life(f"ftth:v{n}", (0.0, "funded", {}), (10.0 + n, "delayed", {"cause": "requires lte:l1"}),
             (90.0, "activated", {"month": 4}))
        for n in range(2)
    ]  # fmt: skip
    smooth = life("ftth:t", (0.0, "funded", {}), (30.0, "activated", {"month": 1}))
    rows = sorted((row for part in (town, *villages, smooth) for row in part), key=lambda row: row["day"])
    return log_of(*rows)


@pytest.fixture(scope="module")
def run():
    made = make_run(6)
    zones = made.area.zones
    village = zones.index[zones["kind"] == "village"][0]
    town = zones.index[zones["kind"] == "town"][0]
    decisions = fill(
        DECISIONS,
        project_id=["lte:l1", "ftth:v0", "ftth:v1", "ftth:t"],
        zone=[town, village, village, town],
        rank=1,
        chosen=True,
        reason="chosen",
    )
    delays = delays_of(_events(), decisions, zones, HORIZON)
    return make_run(6, events=_events(), decisions=decisions, delays=delays)


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    place = tmp_path_factory.mktemp("why") / "run"
    save_run(run, place, lambda work: write_report(run, work))
    return place


def test_causes_are_told_most_first_and_small_ones_left_out():
    days = {"crew": 12.4, "season": 40.0, "permit": 0.4, "money": 5.0, "supply": 3.0, "holiday": 2.0}
    told = causes_in_words(days, "P fibre")
    assert told == "40 the season (P fibre), 12 waiting for a crew, 5 waiting for money, 5 other"
    assert causes_in_words({"crew": 0.2}) == ""


def test_a_contract_is_told_once_with_the_means_of_its_projects(run):
    rows = latest(run.delays, run.area.zones, HORIZON)
    assert [row["project"] for row in rows] == ["ftth:v0", "lte:l1"], "what lost nothing is not late"
    contract, town = rows
    assert contract["what"].startswith("2 villages of county 5301")
    assert contract["lost"] == "80", "80 and 79 days: the mean is the worst"
    assert contract["why"] == "80 waiting for another project (lte:l1)"
    assert (contract["funded"], contract["ended"]) == ("2014-01", "2014-05")
    assert town["why"] == "20 waiting for a crew (Kunming civil)"


def test_of_a_contract_the_latest_is_told_beside_the_mean(run):
    delays = run.delays.copy()
    late = delays["project_id"] == "ftth:v1"
    delays.loc[late, ["lost_days", "lost_requires_days"]] = 179.0
    assert latest(delays, run.area.zones, HORIZON)[0]["lost"] == "130 (at worst 179)"


def test_what_is_given_up_or_still_under_way_is_not_called_served(run):
    delays = run.delays.copy()
    delays.loc[delays["project_id"] == "lte:l1", "outcome"] = "given up"
    delays.loc[delays["project_id"] == "ftth:v1", "outcome"] = "under way"
    contract, town = latest(delays, run.area.zones, HORIZON)
    assert contract["ended"] == "1 not by the end"
    assert town["ended"] == "given up 2014-04"
    told = list(_listed([contract, town]))
    assert told[1].startswith("  funded 2014-01, 1 not in service by the end: 80 of 90")
    assert told[3].startswith("  funded 2014-01, given up 2014-04: 20 of 65")


def test_no_more_than_asked_for_are_told(run):
    assert len(latest(run.delays, run.area.zones, HORIZON, most=1)) == 1
    assert latest(run.delays.iloc[:0], run.area.zones, HORIZON) == []


def test_the_life_of_a_project_is_told_event_by_event(folder):
    lines = why(open_run(folder), "lte:l1").splitlines()
    assert lines[0] == (
        "lte:l1 (LTE (4G)): funded 2014-01, in service 2014-04: 65 working days, 20 of them lost: "
        "20 waiting for a crew (Kunming civil)"
    )
    assert lines[1] == "  2014-01  day     0.0  funded (300.0 thousand yuan promised by province)"
    assert lines[2] == "  2014-02  day    40.0  delayed mast by Kunming civil: crew"
    assert lines[3] == "  2014-03  day    60.0  started mast by Kunming civil: crew, 20.0 days"
    assert lines[4].endswith("finished mast by Kunming civil (300.0 thousand yuan paid by province)")
    assert len(lines) == 6


def test_a_zone_means_all_its_projects(folder, run):
    zones = run.area.zones
    place = zones[zones["kind"] == "village"].iloc[0]
    by_id, by_name = (why(open_run(folder), str(place[key])) for key in ("zone_id", "name"))
    assert by_id == by_name
    assert "ftth:v0 (FTTH)" in by_id
    assert "ftth:v1 (FTTH)" in by_id
    assert "part of contract ftth:5301" in by_id


def test_what_is_not_there_is_refused_with_what_comes_near(folder, run):
    with pytest.raises(StoreError, match="did you mean 'ftth:v0'"):
        why(open_run(folder), "ftth:v0x")
    empty = run.area.zones.iloc[4]["zone_id"]
    with pytest.raises(StoreError, match="no project was funded"):
        why(open_run(folder), str(empty))


def test_the_command_lists_the_latest_without_a_name(folder):
    said = CliRunner().invoke(command, [str(folder)])
    assert said.exit_code == 0
    assert "funded 2014-01, in service 2014-05: 80 of 90 working days lost" in said.output


def test_the_report_has_the_latest_in_words(folder):
    text = page(open_run(folder))
    assert "Why was this late?" in text
    assert "20 waiting for a crew (Kunming civil)" in text


def test_a_run_kept_before_delays_were_has_a_report_without_them(folder, tmp_path):
    import shutil

    older = tmp_path / "older"
    shutil.copytree(folder, older)
    (older / "delays.parquet").unlink()
    assert "Why was this late?" not in page(open_run(older))
