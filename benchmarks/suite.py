"""Measure rows by a command: each in a process of its own, written as soon as it is there.

Results are JSON with machine, commit, versions and load average, in a file whose other rows stay.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.__main__ import LIBRARIES, RESULTS, ROOT, commit, machine
from benchmarks.rows import MISSED, Row, Size, has_numba

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Rows are of one core; where two count the row says so."""


@dataclass(frozen=True)
class Suite:
    """The rows of an engine and how its command shows them."""

    name: str
    """As in ``python -m benchmarks <name>``."""
    description: str | None
    rows: Mapping[str, Row]
    times: int
    """How often what is timed runs unless the command says otherwise."""
    figure_width: int
    """Characters that the name of a figure is given in print."""
    both_loads: bool = False
    """Whether the load average before a row is told beside that after it."""
    growth: Callable[[Size], None] | None = None
    """What draws how time grows, where there is such a drawing."""

    def main(self, words: list[str]) -> int:
        """Measure and write the results; return the exit status."""
        arguments = self._parsed(words)
        size = Size(arguments.small, arguments.times)
        if arguments.list:
            self._list()
            return 0
        if arguments.in_process:
            json.dump(self.rows[arguments.rows[0]].measure(size), sys.stdout)
            return 0
        RESULTS.mkdir(exist_ok=True)
        if self.growth and arguments.growth:
            self.growth(size)
            if not arguments.rows:
                return 0
        missed = self._write(arguments.rows or list(self.rows), size, arguments.name)
        return 1 if missed and arguments.check else 0

    def _parsed(self, words: list[str]) -> argparse.Namespace:
        """Return the arguments."""
        parser = argparse.ArgumentParser(
            prog=f"python -m benchmarks {self.name}",
            description=self.description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        add = parser.add_argument
        add("rows", nargs="*", metavar="row", help="measure these rows only; see --list")
        add("--list", action="store_true", help="list the rows and their limits")
        add("--check", action="store_true", help="end with 1 where a limit is missed")
        if self.growth:
            add("--growth", action="store_true", help="draw how time grows, and write its table")
        add("--small", action="store_true", help="small versions: errors count, times do not")
        add("--times", type=int, default=self.times, help=f"how often what is timed runs ({self.times})")
        add("--name", default="", help=f"name of the results; by default {self.name}-<commit>")
        add("--in-process", action="store_true", help=argparse.SUPPRESS)
        arguments = parser.parse_args(words)
        unknown = set(arguments.rows) - set(self.rows)
        if unknown:
            parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(self.rows)}")
        return arguments

    def _list(self) -> None:
        width = max(map(len, self.rows)) + 1
        for row in self.rows.values():
            print(f"{row.name:<{width}} {row.what}\n{'':{width}} {'; '.join(map(str, row.limits))}")

    def _write(self, names: list[str], size: Size, results_name: str) -> list[str]:
        """Write the results of rows and return the limits missed."""
        facts = about()
        path = RESULTS / f"{results_name or self.name + '-' + (facts['commit'] or 'results')}.json"
        results = facts | {"rows": _known_rows(path)}
        missed = []
        for name in names:
            found = self._measured(name, size)
            row = {"commit": facts["commit"], "small": size.small, "times": size.times}
            results["rows"][name] = row | found
            verdicts = found.get("verdicts", {})
            missed += [f"{name}: {limit}" for limit, verdict in verdicts.items() if verdict == MISSED]
            # after each row: a long run that is cut off keeps what it has
            path.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
        for line in missed:
            print(f"missed: {line}")
        return missed

    def _measured(self, name: str, size: Size) -> dict[str, Any]:
        """Return figures and verdicts of a row, measured in a process of its own."""
        row = self.rows[name]
        lacking = row.lacking(size)
        if lacking:
            print(f"{name}: skipped, {lacking}")
            return {"skipped": lacking}
        command = [sys.executable, "-m", "benchmarks", self.name, "--in-process", f"--times={size.times}"]
        command += [name, *(["--small"] if size.small else [])]
        before = os.getloadavg()[0]
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False, env=os.environ | ONE_THREAD
        )
        load, told = self._loads(before, os.getloadavg()[0])
        if done.returncode:
            print(f"{name}: failed")
            verdicts = {"it can be measured": MISSED}
            return {"failed": done.returncode, "verdicts": verdicts, "load_average": load}
        figures = json.loads(done.stdout.splitlines()[-1])
        verdicts = row.verdicts(figures, size)
        print(f"{name}: {row.what}; load average {told}")
        for figure, value in figures.items():
            print(f"  {figure:<{self.figure_width}} {value:,.6g}")
        for limit, verdict in verdicts.items():
            print(f"  {verdict}: {limit}")
        return {"figures": figures, "verdicts": verdicts, "load_average": load}

    def _loads(self, before: float, after: float) -> tuple[float | list[float], str]:
        """Return the load average for the results and for print."""
        first, last = round(before, 2), round(after, 2)
        if self.both_loads:
            return [first, last], f"{first} before, {last} after"
        return last, str(last)


def about() -> dict[str, Any]:
    """Return what figures depend on."""
    libraries = (*LIBRARIES, "numba") if has_numba() else LIBRARIES
    return {
        "commit": commit(),
        "date": time.strftime("%Y-%m-%d"),
        "machine": machine(),
        "versions": {name: metadata.version(name) for name in libraries},
    }


def _known_rows(path: Path) -> dict[str, Any]:
    """Return the rows of results that are there already: one that is measured again replaces its own."""
    if not path.is_file():
        return {}
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return known
