"""Measure every phase on every case: python -m benchmarks [--case NAME ...] [--name NAME].

``python -m benchmarks radio --help`` measures what the radio engine must hold, ``access`` the access engine,
``planning`` planning, ``construction`` the construction kernel, ``indicators`` measuring and judging.
Each case runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
LIBRARIES = ("numpy", "scipy", "pandas", "geopandas", "shapely", "simpy", "pyarrow", "pandera", "pydantic")


def machine() -> dict[str, Any]:
    """Return what the seconds depend on."""
    cpu = platform.processor() or platform.machine()
    facts = Path("/proc/cpuinfo")
    if facts.is_file():
        names = [
            line.split(":", 1)[1].strip() for line in facts.read_text().splitlines() if "model name" in line
        ]
        cpu = names[0] if names else cpu
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def commit() -> str:
    """Return the commit of the checkout, marked where files differ from it; empty outside a checkout."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def run_case(name: str) -> dict[str, Any]:
    """Return the measures of one case, made in this process."""
    from benchmarks.cases import CASES
    from benchmarks.registry import PHASES, Bench, measure

    bench = Bench(CASES[name])
    phases = {}
    for phase in PHASES.values():
        phases[phase.name] = measure(bench, phase)
        counted = ", ".join(f"{key} {value:,}" for key, value in phases[phase.name]["work"].items())
        print(
            f"{name:>18} {phase.name:<11} {phases[phase.name]['seconds'][0]:9.3f} s   {counted}",
            file=sys.stderr,
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"phases": phases, "peak_memory_mb": round(peak)}


def main() -> None:
    """Measure and write the results."""
    if sys.argv[1:2] == ["radio"]:
        from benchmarks.radio.command import main as measure_radio

        sys.exit(measure_radio(sys.argv[2:]))
    if sys.argv[1:2] == ["access"]:
        from benchmarks.access.command import main as measure_access

        sys.exit(measure_access(sys.argv[2:]))
    if sys.argv[1:2] == ["planning"]:
        from benchmarks.planning.command import main as measure_planning

        sys.exit(measure_planning(sys.argv[2:]))
    if sys.argv[1:2] == ["construction"]:
        from benchmarks.construction.command import main as measure_construction

        sys.exit(measure_construction(sys.argv[2:]))
    if sys.argv[1:2] == ["indicators"]:
        from benchmarks.indicators.command import main as measure_indicators

        sys.exit(measure_indicators(sys.argv[2:]))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--case", action="append", help="measure this case only; may be repeated")
    parser.add_argument("--name", default="", help="name of the results; by default the commit")
    parser.add_argument("--in-process", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.in_process:
        json.dump(run_case(arguments.case[0]), sys.stdout)
        return
    from benchmarks.cases import CASES

    unknown = set(arguments.case or ()) - set(CASES)
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    results: dict[str, Any] = {
        "commit": commit(),
        "machine": machine(),
        "versions": {name: metadata.version(name) for name in LIBRARIES},
        "cases": {},
    }
    for name in arguments.case or CASES:
        command = [sys.executable, "-m", "benchmarks", "--in-process", "--case", name]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            sys.exit(f"case {name} failed")
        results["cases"][name] = json.loads(done.stdout)
    path = RESULTS / f"{arguments.name or results['commit'] or 'results'}.json"
    path.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n")
    print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
