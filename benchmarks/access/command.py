"""Measure what the access engine must hold: python -m benchmarks access [row ...] [--check].

Each row is measured in a process of its own. Results are written as JSON with machine, commit, versions and
load average, into a file whose other rows stay; ``--check`` ends with 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from benchmarks.__main__ import RESULTS, ROOT
from benchmarks.access import ROWS
from benchmarks.radio.base import MISSED, Size
from benchmarks.radio.command import ONE_THREAD, about


def parsed(words: list[str]) -> argparse.Namespace:
    """Return the arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks access",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rows", nargs="*", metavar="row", help="measure these rows only; see --list")
    parser.add_argument("--list", action="store_true", help="list the rows and their limits")
    parser.add_argument("--check", action="store_true", help="end with 1 where a limit is missed")
    parser.add_argument("--small", action="store_true", help="small versions: errors count, times do not")
    parser.add_argument("--times", type=int, default=5, help="how often what is timed runs (5)")
    parser.add_argument("--name", default="", help="name of the results; by default access-<commit>")
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
            print(f"{row.name:<18} {row.what}\n{'':18} {'; '.join(str(limit) for limit in row.limits)}")
        return 0
    if arguments.in_process:
        json.dump(ROWS[arguments.rows[0]].measure(size), sys.stdout)
        return 0
    facts = about()
    path = RESULTS / f"{arguments.name or 'access-' + (facts['commit'] or 'results')}.json"
    known = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.is_file() else {}
    missed = []
    for name in arguments.rows or ROWS:
        known[name] = {"commit": facts["commit"], "small": size.small, "times": size.times}
        known[name] |= measured(name, size)
        verdicts = known[name].get("verdicts", {})
        missed += [f"{name}: {limit}" for limit, verdict in verdicts.items() if verdict == MISSED]
        path.write_text(json.dumps(facts | {"rows": known}, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {path.relative_to(ROOT)}")
    for line in missed:
        print(f"missed: {line}")
    return 1 if missed and arguments.check else 0


def measured(name: str, size: Size) -> dict[str, Any]:
    """Return figures and verdicts of a row, measured in a process of its own on one core."""
    row = ROWS[name]
    if lacking := row.lacking(size):
        print(f"{name}: skipped, {lacking}")
        return {"skipped": lacking}
    command = [sys.executable, "-m", "benchmarks", "access", "--in-process", f"--times={size.times}", name]
    command += ["--small"] if size.small else []
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False, env=os.environ | ONE_THREAD
    )
    load = round(os.getloadavg()[0], 2)
    if done.returncode:
        print(f"{name}: failed")
        return {"failed": done.returncode, "verdicts": {"it can be measured": MISSED}, "load_average": load}
    figures = json.loads(done.stdout.splitlines()[-1])
    verdicts = row.verdicts(figures, size)
    print(f"{name}: {row.what}; load average {load}")
    for figure, value in figures.items():
        print(f"  {figure:<28} {value:,.6g}")
    for limit, verdict in verdicts.items():
        print(f"  {verdict}: {limit}")
    return {"figures": figures, "verdicts": verdicts, "load_average": load}
