"""Measure what the radio engine must hold: python -m benchmarks radio [row ...] [--check] [--growth].

Each row is measured in a process of its own. Results are written as JSON with machine, commit, versions and
load average, into a file whose other rows stay; ``--check`` ends with 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.__main__ import LIBRARIES, RESULTS, ROOT, commit, machine
from benchmarks.radio import ROWS
from benchmarks.radio.base import MISSED, Size, has_numba
from benchmarks.radio.growth import draw, figures_of, samples, write_table

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Rows are of one core; where two count the row says so."""


def parsed(words: list[str]) -> argparse.Namespace:
    """Return the arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks radio",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rows", nargs="*", metavar="row", help="measure these rows only; see --list")
    parser.add_argument("--list", action="store_true", help="list the rows and their limits")
    parser.add_argument("--check", action="store_true", help="end with 1 where a limit is missed")
    parser.add_argument("--growth", action="store_true", help="draw how time grows, and write its table")
    parser.add_argument("--small", action="store_true", help="small versions: errors count, times do not")
    parser.add_argument("--times", type=int, default=3, help="how often what is timed runs (3)")
    parser.add_argument("--name", default="", help="name of the results; by default radio-<commit>")
    parser.add_argument("--in-process", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(words)
    unknown = set(arguments.rows) - set(ROWS)
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    return arguments


def main(words: list[str]) -> int:
    """Measure and write the results; return the exit status."""
    arguments = parsed(words)
    size = Size(arguments.small, arguments.times)
    if arguments.list:
        for row in ROWS.values():
            print(f"{row.name:<15} {row.what}\n{'':15} {'; '.join(str(limit) for limit in row.limits)}")
        return 0
    if arguments.in_process:
        json.dump(ROWS[arguments.rows[0]].measure(size), sys.stdout)
        return 0
    RESULTS.mkdir(exist_ok=True)
    if arguments.growth:
        _draw_growth(size)
        if not arguments.rows:
            return 0
    facts = about()
    path = RESULTS / f"{arguments.name or 'radio-' + (facts['commit'] or 'results')}.json"
    results = facts | {"rows": _known_rows(path)}
    missed = []
    for name in arguments.rows or ROWS:
        found = _measured(name, size)
        results["rows"][name] = {"commit": facts["commit"], "small": size.small, "times": size.times} | found
        missed += [
            f"{name}: {limit}" for limit, verdict in found.get("verdicts", {}).items() if verdict == MISSED
        ]
        # after each row: a long run that is cut off keeps what it has
        path.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {path.relative_to(ROOT)}")
    for line in missed:
        print(f"missed: {line}")
    return 1 if missed and arguments.check else 0


def _known_rows(path: Path) -> dict[str, Any]:
    """Return the rows of results that are there already: one that is measured again replaces its own."""
    if not path.is_file():
        return {}
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return known


def about() -> dict[str, Any]:
    """Return what figures depend on."""
    libraries = (*LIBRARIES, "numba") if has_numba() else LIBRARIES
    return {
        "commit": commit(),
        "date": time.strftime("%Y-%m-%d"),
        "machine": machine(),
        "versions": {name: metadata.version(name) for name in libraries},
    }


def _measured(name: str, size: Size) -> dict[str, Any]:
    """Return figures and verdicts of a row, measured in a process of its own."""
    row = ROWS[name]
    lacking = row.lacking(size)
    if lacking:
        print(f"{name}: skipped, {lacking}")
        return {"skipped": lacking}
    command = [sys.executable, "-m", "benchmarks", "radio", "--in-process", f"--times={size.times}", name]
    command += ["--small"] if size.small else []
    before = os.getloadavg()[0]
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False, env=os.environ | ONE_THREAD
    )
    load = [round(before, 2), round(os.getloadavg()[0], 2)]
    if done.returncode:
        print(f"{name}: failed")
        return {"failed": done.returncode, "verdicts": {"it can be measured": MISSED}, "load_average": load}
    figures = json.loads(done.stdout.splitlines()[-1])
    verdicts = row.verdicts(figures, size)
    print(f"{name}: {row.what}; load average {load[0]} before, {load[1]} after")
    for figure, value in figures.items():
        print(f"  {figure:<44} {value:,.6g}")
    for limit, verdict in verdicts.items():
        print(f"  {verdict}: {limit}")
    return {"figures": figures, "verdicts": verdicts, "load_average": load}


def _draw_growth(size: Size) -> None:
    os.environ.update(ONE_THREAD)
    before = os.getloadavg()[0]
    found = samples(size)
    after = os.getloadavg()[0]
    write_table(found, RESULTS / "radio-growth.csv")
    facts = about()
    note = f"{facts['machine']['cpu']}, {facts['date']}, load average {before:.1f} to {after:.1f}."
    draw(found, RESULTS / "radio-growth.svg", note)
    for name, value in figures_of(found).items():
        if "slope" in name:
            print(f"{name:<28} {value:6.3f}")
    print(f"wrote {(RESULTS / 'radio-growth.svg').relative_to(ROOT)} and its table radio-growth.csv")
