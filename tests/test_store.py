"""Tests of the run folder: all or nothing, the same bytes, read back as written."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sim import files
from sim.errors import StoreError
from sim.store import SavedRun, open_run, save_run
from sim.tables.ledger import ASSET_LEDGER
from tests.tiny import make_run


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def test_the_ledger_of_shared_things_is_kept(tmp_path):
    ledger = ASSET_LEDGER.frame(
        asset_id=["route:a", "route:a"], kind="route", month=3, bought_with="ftth:a", price_fen=7,
        technology=["ftth", "lte"], projects=[2, 1], in_service=[1, 0], share_fen=[5, 2],
    )  # fmt: skip
    save_run(make_run(assets=ledger), tmp_path / "run")
    kept = pd.read_csv(tmp_path / "run" / "assets.csv")
    assert ASSET_LEDGER.frame(**{name: kept[name] for name in kept}).equals(ledger)
    assert "assets.csv" in open_run(tmp_path / "run").manifest["outputs"]


def test_folder_holds_everything_and_nothing_stray(tmp_path):
    save_run(make_run(), tmp_path / "run")
    assert set(_contents(tmp_path / "run")) == {
        "DONE", "assets.csv", "cells.parquet", "decisions.parquet", "delays.parquet", "draws.parquet",
        "economy.csv", "events.parquet", "finance.parquet", "indicators.parquet", "manifest.json",
        "radio.parquet", "releases.parquet", "run.json", "scenario.resolved.yaml", "scorecard.csv",
        "scorecard.json", "spending.parquet", "state.parquet", "timings.json", "zones.parquet",
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
