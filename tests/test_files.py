"""The one writer of files, and the cache."""

from __future__ import annotations

import os
import stat

import pandas as pd
import pytest

from sim import files
from sim.errors import DataError, StoreError


def test_nothing_half_written_shows_its_final_name(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    files.write_text(path, "old")

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"cannot write .*a\.txt: No space left on device"):
        files.write_text(path, "new")
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]


def test_folders_are_made_and_files_readable_by_others(tmp_path):
    path = tmp_path / "deep" / "er" / "a.txt"
    files.write_text(path, "高")
    assert files.read_text(path) == "高"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_path_through_a_file_is_refused(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(StoreError, match="cannot write"):
        files.write_text(tmp_path / "a" / "b", "")


def test_json_is_sorted_and_refuses_nan(tmp_path):
    files.write_json(tmp_path / "a.json", {"b": 1, "a": "高"})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n  "a": "高",\n  "b": 1\n}\n'
    with pytest.raises(ValueError, match="Out of range float"):
        files.write_json(tmp_path / "b.json", {"a": float("nan")})


def test_a_spreadsheet_runs_no_cell(tmp_path):
    path = tmp_path / "a.csv"
    files.write_csv(path, ["x"], [["=1+1"], ["@sum"], ["-5.5"], ["+a"], [-3], ["plain"]])
    assert path.read_text().splitlines() == ["x", "'=1+1", "'@sum", "-5.5", "'+a", "-3", "plain"]


def test_the_same_frame_gives_the_same_bytes(tmp_path):
    frame = pd.DataFrame({"a": pd.array(["x", "y"], dtype="str"), "b": [1, 2]})
    for name in ("one", "two"):
        files.write_parquet(tmp_path / name, frame.copy())
    assert files.sha256(tmp_path / "one") == files.sha256(tmp_path / "two")
    pd.testing.assert_frame_equal(files.read_parquet(tmp_path / "one"), frame)


def test_a_broken_table_is_named(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"no")
    with pytest.raises(StoreError, match=r"cannot read .*a\.parquet"):
        files.read_parquet(tmp_path / "a.parquet")


def test_digests_do_not_depend_on_key_order():
    assert files.digest_of({"a": 1, "b": [2]}) == files.digest_of({"b": [2], "a": 1})
    assert files.digest_of({"a": 1}) != files.digest_of({"a": 2})


def test_bytes_are_read_up_to_a_limit(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"x" * 2048)
    assert len(files.read_bytes(path, 2048)) == 2048
    with pytest.raises(DataError, match="is larger than the 1 KiB allowed"):
        files.read_bytes(path, 1024)
    with pytest.raises(DataError, match="there is no such file"):
        files.read_bytes(tmp_path / "none", 10)
    with pytest.raises(DataError, match="is no regular file"):
        files.read_bytes(tmp_path, 10)


def test_text_must_be_utf8(tmp_path):
    (tmp_path / "a").write_bytes("é".encode("latin-1"))
    with pytest.raises(DataError, match="is not UTF-8 text"):
        files.read_text(tmp_path / "a")
    (tmp_path / "b").write_bytes(b"\xef\xbb\xbfhello")
    assert files.read_text(tmp_path / "b") == "hello"


def test_rows_of_a_table_are_read_with_their_lines(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n 1 ,"x\ny"\n2,z\n', encoding="utf-8")
    rows = files.read_csv_rows(path, ("a", "b"))
    assert rows == [(3, {"a": "1", "b": "x\ny"}), (4, {"a": "2", "b": "z"})]


def test_rows_that_do_not_fit_the_header_are_all_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1\n1,2\n1,2,3\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        files.read_csv_rows(path, ("a", "b"))
    assert [problem.line for problem in caught.value.problems] == [2, 4]
    with pytest.raises(DataError, match=r"lacks the column\(s\) c"):
        files.read_csv_rows(path, ("a", "c"))


def test_a_new_folder_replaces_the_old_when_all_went_well(tmp_path):
    target = tmp_path / "run"
    for text in ("one", "two"):
        with files.new_folder(target) as work:
            (work / text).write_text(text)
    assert [one.name for one in target.iterdir()] == ["two"]
    with pytest.raises(ZeroDivisionError), files.new_folder(target) as work:
        (work / f"three{1 // 0}").write_text("")
    assert [one.name for one in target.iterdir()] == ["two"]
    assert [one.name for one in tmp_path.iterdir()] == ["run"]


def test_a_cached_folder_is_built_once_and_only_counts_when_done(tmp_path, monkeypatch):
    monkeypatch.setenv("ROLLOUT_CACHE", str(tmp_path))
    built = []

    def build(folder):
        built.append(folder)
        (folder / "a").write_text("a")

    first, second = (files.cached_folder("area", "key", build) for _ in range(2))
    assert (first[1], second[1], len(built)) == (False, True, 1)
    (first[0] / "DONE").unlink()
    assert files.cached_folder("area", "key", build)[1] is False


def test_where_the_cache_lies(tmp_path, monkeypatch):
    monkeypatch.delenv("ROLLOUT_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert files.cache_root() == tmp_path / "rollout-planner"


def test_shipped_folders_are_found():
    assert (files.shipped("scenarios") / "base.yaml").is_file()
    assert (files.shipped("geodata") / "catalog.yaml").is_file()
