"""Tests of the run folder: all or nothing, the same bytes, read back as written."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim import files
from sim.errors import StoreError
from sim.store import SavedRun, open_run, save_run, state_bytes
from sim.tables.results import STATE
from tests.tiny import make_run, make_state


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def test_folder_holds_everything_and_nothing_stray(tmp_path):
    save_run(make_run(), tmp_path / "run")
    assert set(_contents(tmp_path / "run")) == {
        "DONE", "decisions.parquet", "events.parquet", "indicators.parquet", "manifest.json", "run.json",
        "scenario.resolved.yaml", "scorecard.csv", "scorecard.json", "spending.parquet", "state.parquet",
        "timings.json", "zones.parquet",
    }  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_same_run_twice_gives_the_same_bytes(tmp_path):
    save_run(make_run(), tmp_path / "a")
    save_run(replace(make_run(), timings={"geography": 9.0}), tmp_path / "b")
    a, b = _contents(tmp_path / "a"), _contents(tmp_path / "b")
    assert [name for name in a if a[name] != b[name]] == ["timings.json"]


def test_tables_come_back_as_they_went(tmp_path):
    run = make_run()
    save_run(run, tmp_path / "run")
    saved = open_run(tmp_path / "run")
    for name in ("events", "decisions", "indicators", "spending"):
        written, read = getattr(run, name), getattr(saved, name)
        assert list(read.columns) == list(written.columns)
        assert read.astype(object).equals(written.astype(object)), name
    assert saved.scorecard.astype(object).equals(run.scorecard.astype(object))
    assert saved.horizon == run.horizon
    assert saved.facts["title"] == run.title
    technology = saved.facts["candidates"][0]
    assert (technology["technology"], technology["candidates"]) == ("ftth", 6)
    assert technology["civil_fen"] == 6 * 1_000_000


def test_state_rows_are_exactly_the_cells_that_hold_anything(tmp_path):
    run = make_run()
    state = run.states[0]
    table = pq.read_table(pa.BufferReader(state_bytes(run.states, run.area.zones)))
    assert table.column_names == STATE.names
    assert pa.types.is_dictionary(table.schema.field("zone_id").type)
    assert pa.types.is_dictionary(table.schema.field("technology").type)
    frame = table.to_pandas()
    assert len(frame) == int(((state.homes_passed > 0) | (state.covered_share > 0)).sum())
    assert not frame.duplicated(["replication", "month", "technology", "zone_id"]).any()
    for month, technology in ((0, "dsl"), (23, "ftth"), (14, "lte")):
        part = frame[(frame["month"] == month) & (frame["technology"] == technology)].set_index("zone_id")
        row = state.technology(technology)
        wanted = state.homes_passed[month, row]
        got = part["homes_passed"].reindex(run.area.zones["zone_id"]).fillna(0).to_numpy()
        assert np.array_equal(got, wanted)
    STATE.check(frame.astype({"technology": "str", "zone_id": "str"}))


def test_later_replications_are_kept_by_county():
    run = make_run(replications=2)
    frame = pq.read_table(pa.BufferReader(state_bytes(run.states, run.area.zones))).to_pandas()
    second = frame[frame["replication"] == 1]
    assert set(second["zone_id"]) == {"530101", "530102"}
    state = make_state(run.area, lift=1)
    last = second[(second["month"] == 23) & (second["technology"] == "lte")]
    assert last["homes_passed"].sum() == state.homes_passed[23, 3].sum()
    assert last["subscribers"].sum() == pytest.approx(state.subscribers[23, 3].sum())
    people = run.area.zones.groupby("county")["population_2020"].sum().to_numpy()
    covered = (state.covered_share[23, 3] * state.population[23]).sum()
    assert (last["covered_share"].to_numpy() * people).sum() == pytest.approx(covered, rel=1e-6)
    assert np.allclose(last["busy_hour_mbps"], 3.0)


def test_manifest_names_every_input_and_output_and_no_place_or_time(tmp_path):
    save_run(make_run(), tmp_path / "run")
    text = (tmp_path / "run" / "manifest.json").read_text()
    manifest = json.loads(text)
    assert manifest["seed"] == 7
    assert manifest["inputs"] == {"scenarios/yunnan-2017.yaml": "cd" * 32}
    assert set(manifest["outputs"]) == set(_contents(tmp_path / "run")) - {
        "manifest.json",
        "timings.json",
        "DONE",
    }
    assert str(tmp_path) not in text
    assert "seconds" not in text


def test_damage_is_seen(tmp_path):
    save_run(make_run(), tmp_path / "run")
    assert open_run(tmp_path / "run").damaged() == []
    (tmp_path / "run" / "scorecard.csv").write_text("target_id,verdict\n")
    (tmp_path / "run" / "spending.parquet").unlink()
    assert sorted(open_run(tmp_path / "run").damaged()) == ["scorecard.csv", "spending.parquet"]


def test_scorecard_json_holds_numbers_and_nulls(tmp_path):
    save_run(make_run(), tmp_path / "run")
    rows = json.loads((tmp_path / "run" / "scorecard.json").read_text())
    assert rows[0]["margin"] == 5.5
    assert rows[1]["margin"] == -4.5
    assert rows[4]["mean"] is None
    assert rows[0]["at_start"] is False
    assert "\n" + "YN-02," in (tmp_path / "run" / "scorecard.csv").read_text()
    assert "'-4.5" not in (tmp_path / "run" / "scorecard.csv").read_text()


def test_unfinished_and_absent_folders_are_refused_with_the_cure(tmp_path):
    with pytest.raises(StoreError, match="make one with"):
        open_run(tmp_path / "nothing")
    save_run(make_run(), tmp_path / "run")
    (tmp_path / "run" / "DONE").unlink()
    with pytest.raises(StoreError, match="run the scenario again"):
        open_run(tmp_path / "run")
    with pytest.raises(StoreError, match="run the scenario again"):
        _ = SavedRun(tmp_path).facts


def test_a_folder_that_is_no_run_is_never_replaced(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(StoreError, match="no run"):
        save_run(make_run(), tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="is a file"):
        save_run(make_run(), tmp_path / "file")


def test_an_older_run_is_replaced_whole(tmp_path):
    save_run(make_run(), tmp_path / "run", lambda work: files.write_text(work / "old.txt", "old"))
    save_run(make_run(seed=8), tmp_path / "run")
    assert not (tmp_path / "run" / "old.txt").exists()
    assert open_run(tmp_path / "run").manifest["seed"] == 8


def test_a_failure_leaves_the_older_run_and_no_rubbish(tmp_path):
    save_run(make_run(), tmp_path / "run")
    before = _contents(tmp_path / "run")

    def fail(work: Path) -> None:
        raise RuntimeError("disk on fire")

    with pytest.raises(RuntimeError, match="fire"):
        save_run(make_run(seed=8), tmp_path / "run", fail)
    assert _contents(tmp_path / "run") == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
