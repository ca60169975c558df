"""Smoke run of every row of the radio engine in a small version: errors are judged, times are not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.radio import ROWS
from benchmarks.radio.growth import Sample, draw, slope, write_table
from benchmarks.rows import BUSY, HELD, MISSED, Limit, Row, Size

SMALL = Size(small=True, times=1)


@pytest.mark.parametrize("name", ROWS)
def test_row(benchmark, name):
    row = ROWS[name]
    lacking = row.lacking(SMALL)
    if lacking:
        pytest.skip(lacking)
    figures = benchmark.pedantic(row.measure, args=(SMALL,), rounds=1)
    verdicts = row.verdicts(figures, SMALL)
    assert MISSED not in verdicts.values(), {"verdicts": verdicts, "figures": figures}
    benchmark.extra_info.update(figures)


def test_every_row_can_fail():
    for row in ROWS.values():
        assert row.limits
        full = row.verdicts({}, Size())
        assert len(full) == len(row.limits)
        assert set(full.values()) == {MISSED}


def test_a_limit_is_judged_by_the_clock_and_then_by_the_processor():
    limit = Limit("s", most=1.0, timed=True, processor="processor_s")
    assert limit.verdict({"s": 0.9, "processor_s": 2.0}) == HELD
    assert limit.verdict({"s": 1.1, "processor_s": 0.9}) == BUSY
    assert limit.verdict({"s": 1.1, "processor_s": 1.2}) == MISSED
    assert limit.verdict({"s": float("nan")}) == MISSED
    assert Limit("rate", least=3.0).verdict({"rate": 2.9}) == MISSED
    assert str(Limit("rate", least=3.0)) == "rate >= 3"


@pytest.mark.parametrize(("most", "status"), [(1.0, 0), (0.5, 1)])
def test_check_ends_with_1_where_a_limit_is_missed(monkeypatch, tmp_path, capsys, most, status):
    from benchmarks import suite
    from benchmarks.radio.command import SUITE

    row = Row("made-up", "a figure of one", lambda size: {"one": 1.0}, (Limit("one", most=most),))
    main = replace(SUITE, rows={"made-up": row}).main
    monkeypatch.setattr(suite, "RESULTS", tmp_path)
    monkeypatch.setattr(suite, "ROOT", tmp_path)
    monkeypatch.setattr(suite, "commit", lambda: "abc")

    class Done:
        returncode, stdout = 0, json.dumps({"one": 1.0})

    monkeypatch.setattr(suite.subprocess, "run", lambda *args, **options: Done)
    assert main(["made-up", "--check"]) == status
    assert main(["made-up"]) == 0
    written = json.loads((tmp_path / "radio-abc.json").read_text())
    assert {"commit", "date", "machine", "versions", "rows"} <= written.keys()
    assert written["rows"]["made-up"]["figures"] == {"one": 1.0}
    assert len(written["rows"]["made-up"]["load_average"]) == 2
    assert ("missed: made-up: one <= 0.5" in capsys.readouterr().out) == bool(status)


def test_growth_is_drawn_with_its_slopes(tmp_path: Path):
    found = [
        Sample(sweep, value, "numpy", int(value), seconds, seconds)
        for sweep in ("cells", "sites", "radius")
        for value, seconds in ((100.0, 1.0), (1000.0, 10.0), (10_000.0, 100.0))
    ]
    assert slope(found, "sites", "numpy") == pytest.approx(1.0)
    write_table(found, tmp_path / "growth.csv")
    assert (tmp_path / "growth.csv").read_text().splitlines()[1] == "cells,100,numpy,100,1.000000,1.000000"
    draw(found, tmp_path / "growth.svg", "made up.")
    assert (
        "slope 1.00" in (tmp_path / "growth.svg").read_text()
        or (tmp_path / "growth.svg").stat().st_size > 5000
    )
