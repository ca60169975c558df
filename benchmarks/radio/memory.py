"""The most memory that a process and its children hold at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

PERIOD_S = 0.05
PROCESSES = Path("/proc")


def peak_mb(work: Callable[[], Any]) -> float:
    """Return the largest sum over this process and its children while some work runs [MB].

    Memory that processes share counts once (proportional set size), looked at every 50 ms; not-a-number
    on a system that does not tell.
    """
    if not (PROCESSES / "self" / "smaps_rollup").is_file():
        work()
        return float("nan")
    done, most = threading.Event(), [0]

    def look() -> None:
        while not done.wait(PERIOD_S):
            most[0] = max(most[0], sum(_held_kb(process) for process in _family(os.getpid())))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    work()
    done.set()
    watcher.join()
    return most[0] / 1024.0


def _family(root: int) -> list[int]:
    """Return a process and all that it started."""
    parent: dict[int, int] = {}
    for folder in PROCESSES.iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            parent[int(folder.name)] = int(fields[1])
    family = [root]
    for one in family:
        family.extend(child for child, of in parent.items() if of == one)
    return family


def _held_kb(process: int) -> int:
    try:
        lines = (PROCESSES / str(process) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
