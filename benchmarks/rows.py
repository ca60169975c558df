"""What a row is: figures measured together, and the limits that they must keep."""

from __future__ import annotations

import math
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

Figures = dict[str, float]
MISSED, HELD, BUSY = "missed", "held", "held by processor time"


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    small: bool = False
    """A small version, for the tests: its errors count, its times do not."""
    times: int = 3
    """How often everything that is timed runs."""


@dataclass(frozen=True)
class Limit:
    """A figure and what it must keep."""

    figure: str
    least: float = -math.inf
    most: float = math.inf
    timed: bool = False
    """Whether it is about time or memory, which a small version says nothing of."""
    processor: str = ""
    """The same figure by the process's own time, which other programs on the machine hardly lengthen."""

    def verdict(self, figures: Figures) -> str:
        """Return whether figures keep it; a figure that is no number misses."""
        if self._kept(figures.get(self.figure, math.nan)):
            return HELD
        if self.processor and self._kept(figures.get(self.processor, math.nan)):
            return BUSY
        return MISSED

    def _kept(self, value: float) -> bool:
        return self.least <= value <= self.most

    def __str__(self) -> str:
        parts = [f">= {self.least:g}"] if math.isfinite(self.least) else []
        parts += [f"<= {self.most:g}"] if math.isfinite(self.most) else []
        return f"{self.figure} {' and '.join(parts)}"


@dataclass(frozen=True)
class Row:
    """Something that must hold."""

    name: str
    what: str
    measure: Callable[[Size], Figures]
    limits: tuple[Limit, ...]
    lacking: Callable[[Size], str] = lambda size: ""
    """Why it cannot be measured here; empty where it can."""

    def verdicts(self, figures: Figures, size: Size) -> dict[str, str]:
        """Return the verdict of each limit that says something at this size."""
        return {
            str(limit): limit.verdict(figures) for limit in self.limits if not (size.small and limit.timed)
        }


def timed(work: Callable[[], Any], times: int, name: str = "") -> tuple[Figures, Any]:
    """Return the shortest, the median and the processor's shortest time of some runs, and the last result.

    Processor time is that of this process and of the children that ended in the run.
    """
    wall, processor, result = [], [], None
    for _ in range(times):
        result = None  # let go of the last before the next is made
        start, before = time.perf_counter(), _processor_s()
        result = work()
        wall.append(time.perf_counter() - start)
        processor.append(_processor_s() - before)
    before_name = f"{name}_" if name else ""
    figures = {
        f"{before_name}s": min(wall),
        f"{before_name}median_s": statistics.median(wall),
        f"{before_name}processor_s": min(processor),
    }
    return figures, result


def _processor_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def has_numba() -> bool:
    """Return whether the compiled loops can be measured."""
    return find_spec("numba") is not None


def without_numba(size: Size) -> str:
    """Return why rows of compiled loops cannot be measured here."""
    return "" if has_numba() else "the compiled loops need numba (extra fast)"
