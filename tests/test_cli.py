from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

from sim import cli, terminal
from sim.errors import DataError, PlanError, Problem, RolloutError, StoreError
from sim.scenario.reference import schema_text

HELP_SECONDS = 1.0
VALIDATE_SECONDS = 2.5
"""Generous: the aim of 0.15 and 0.5 s holds on a quiet machine with compiled modules."""


def call(capsys, *words):
    """Run the command line in this process; return exit code, stdout and stderr."""
    with pytest.raises(SystemExit) as left:
        cli.main(words)
    out, err = capsys.readouterr()
    return left.value.code or 0, out, err


def fastest(*words, root, count=3):
    best = float("inf")
    for _ in range(count):
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "sim", *words], cwd=root, capture_output=True, text=True, check=False
        )
        best = min(best, time.perf_counter() - start)
        assert done.returncode == 0, done.stderr
    return best


def test_help_is_quick_and_light(root):
    assert fastest("--help", root=root) < HELP_SECONDS
    code = "import sys\nimport sim.cli\nprint(sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert "click" in done.stdout
    for heavy in ("numpy", "pydantic", "pandas", "yaml", "rich", "matplotlib"):
        assert f"'{heavy}'" not in done.stdout


def test_validate_is_quick_and_light(root):
    assert fastest("validate", "scenarios/yunnan-2017.yaml", root=root) < VALIDATE_SECONDS
    code = "import sys\nimport sim.scenario.load\nprint(sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    for heavy in ("pandas", "geopandas", "scipy", "rasterio", "pandera", "pyarrow", "simpy", "matplotlib"):
        assert f"'{heavy}'" not in done.stdout


@pytest.mark.parametrize(
    "words",
    ["", "run", "validate", "schema", "geodata", "geodata build", "compare", "report", "design", "calibrate"],
)
def test_every_command_has_help(capsys, words):
    code, out, _ = call(capsys, *words.split(), "--help")
    assert code == 0
    assert "Usage: rollout" in out


def test_help_shows_examples(capsys):
    assert "rollout run scenarios/yunnan-2017.yaml --variant tight" in call(capsys, "run", "--help")[1]


def test_version(capsys):
    assert call(capsys, "--version")[1].startswith("rollout-planner, version ")


def test_validate_says_ok_in_short(capsys, root):
    code, out, err = call(capsys, "validate", str(root / "scenarios" / "hunan-2015.yaml"))
    assert code == 0
    assert out.startswith("ok: hunan-2015: ")
    assert "24 months" in out
    assert "assumptions" in out
    assert all(line.startswith("note: ") for line in err.splitlines())


def test_a_shipped_scenario_goes_by_its_name(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call(capsys, "validate", "yunnan-2017")[0] == 0
    assert list(tmp_path.iterdir()) == []


def test_validate_tells_every_mistake_on_a_line_of_its_own(capsys, tmp_path):
    path = tmp_path / "my.yaml"
    path.write_text("extends: base.yaml\nseed: -1\nprovince: Yunan\n")
    code, out, err = call(capsys, "validate", str(path), "--set", "mony.x=1")
    assert (code, out) == (2, "")
    assert [line.split(" ")[0] for line in err.splitlines()] == ["error:"] * 3
    assert f"{path}:3:11: province: 'Yunan' is not allowed" in err


def test_validate_speaks_json(capsys, tmp_path):
    path = tmp_path / "my.yaml"
    path.write_text("extends: base.yaml\nseed: -1\n")
    code, out, _ = call(capsys, "validate", str(path), "--json")
    answer = json.loads(out)
    assert (code, answer["ok"]) == (2, False)
    assert answer["problems"][0]["line"] == 2
    path.write_text("extends: base.yaml\n")
    code, out, _ = call(capsys, "validate", str(path), "--json")
    assert (code, json.loads(out)["ok"]) == (0, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("validate", "nowhere.yaml"), "nowhere.yaml: there is no such file"),
        (("run", "nowhere.yaml"), "nowhere.yaml: there is no such file"),
        (("validate", "yunnan-2017", "--set", "seed"), "is not KEY=VALUE"),
        (("validate", "yunnan-2017", "--variant", "tigth"), "did you mean 'tight'"),
        (("valdate", "x"), "No such command"),
        (("run",), "Missing argument"),
        (("geodata", "build", "Yunan"), "'Yunan' is not allowed"),
    ],
)  # fmt: skip
def test_wrong_words_exit_2_without_a_traceback(capsys, words, message):
    code, _, err = call(capsys, *words)
    assert code == 2
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DataError((Problem("a.csv", "x", "is wrong", 3), Problem("b.csv", "", "is missing"))), 3),
        (PlanError("no plan"), 4), (StoreError("disk full"), 4), (RolloutError("twice"), 5),
        (KeyboardInterrupt(), 130), (click.Abort(), 130), (ZeroDivisionError("x"), 70), (MemoryError(), 70),
    ],
)  # fmt: skip
def test_every_error_has_an_exit_code_and_no_traceback(capsys, monkeypatch, error, code):
    def fail(*_):
        raise error

    monkeypatch.setattr(cli, "load", fail)
    found, out, err = call(capsys, "run", "x.yaml")
    assert (found, out) == (code, "")
    assert err
    assert "Traceback" not in err


def test_a_traceback_can_be_asked_for(monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "load", fail)
    monkeypatch.setenv("ROLLOUT_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main(["run", "x.yaml"])


def test_schema_writes_the_file_and_the_page(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = call(capsys, "schema", "--docs", "keys.md")
    assert code == 0
    assert "wrote scenario.schema.json" in out
    assert Path("scenario.schema.json").read_text(encoding="utf-8") == schema_text()
    assert "`budget.scale`" in Path("keys.md").read_text()


class _Comparison(SimpleNamespace):
    text, markdown = "plain", "**bold**"


@pytest.mark.parametrize(("differs", "code"), [(False, 0), (True, 1)])
def test_compare_exits_1_where_runs_differ(capsys, monkeypatch, differs, code):
    compare = pytest.importorskip("sim.report.compare")
    store = pytest.importorskip("sim.store")
    monkeypatch.setattr(store, "open_run", lambda folder: folder)
    monkeypatch.setattr(compare, "compare_runs", lambda a, b: _Comparison(differs=differs, pair=(a, b)))
    assert call(capsys, "compare", "a", "b")[:2] == (code, "plain\n")
    assert call(capsys, "compare", "a", "b", "--md")[:2] == (code, "**bold**\n")


def test_progress_draws_nothing_where_nobody_looks(capsys):
    with terminal.progress(shown=True) as on_progress:
        on_progress("geography", 0.5)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_leaves_nothing_unfinished(root, tmp_path, number, code):
    words = [sys.executable, "-m", "sim", "run", "yunnan-2017", "--verbose", "--out", str(tmp_path / "out")]
    with subprocess.Popen(words, cwd=root, stderr=subprocess.PIPE, text=True) as process:
        line = process.stderr.readline()  # the first note: the scenario is read, the run begins
        time.sleep(0.5)
        process.send_signal(number)
        rest = process.stderr.read()
    assert process.returncode == code
    assert "Traceback" not in line + rest
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no timer to ask again with")
def test_a_stop_that_a_library_swallows_is_asked_again(monkeypatch):
    monkeypatch.setattr(terminal, "ASK_AGAIN_S", 0.05)
    before = signal.getsignal(signal.SIGTERM)

    def deaf_run():
        with terminal.clean_stops():
            with contextlib.suppress(SystemExit):
                signal.raise_signal(signal.SIGTERM)
            time.sleep(10.0)

    with pytest.raises(SystemExit) as stopped:
        deaf_run()
    assert stopped.value.code == 143
    assert signal.getsignal(signal.SIGTERM) == before


MADE_UP = (
    "--set", "name=made-up", "--set", "province=synthetic", "--set",
    "geodata.synthetic={zones: 60, counties: 3, prefectures: 2, urban_share: 0.3, homes_per_zone: 300, "
    "people_per_home: 3.2, committees_per_township: 8, zones_per_km2: 0.2, elevation_std_m: 120}",
)  # fmt: skip


def test_design_opens_a_zone_and_says_what_it_takes(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("ROLLOUT_CACHE", str(tmp_path / "cache"))
    code, out, err = call(capsys, "design", "base", "nowhere", *MADE_UP)
    assert code == 3
    zone = err.split("identifiers look like ")[1].strip()
    code, out, err = call(capsys, "design", "base", zone, "--out", str(tmp_path / "out"), *MADE_UP)
    assert (code, err) == (0, "")
    assert "homes passed" in out
    assert "curve against design" in out
    assert (tmp_path / "out" / "design.gpkg").exists()
    code, out, _ = call(capsys, "design", "base", zone, "--json", "--out", str(tmp_path / "out"), *MADE_UP)
    assert json.loads(out)["zone"] == zone


def test_calibrate_writes_the_table_and_says_its_errors(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("ROLLOUT_CACHE", str(tmp_path / "cache"))
    target = tmp_path / "curves.csv"
    code, out, _ = call(capsys, "calibrate", "base", "--sample", "12", "--out", str(target), *MADE_UP)
    assert code == 0
    assert "9 of 10 within" in out
    assert target.read_text().startswith("kind,quantity,feature,coefficient")
