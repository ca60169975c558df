"""Published Steiner tree problems: files in the SteinLib format (.stp)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.access.steiner import matrix_of
from sim.errors import DataError, Problem
from sim.files import read_text

MAGIC = "33d32945"
"""What the first line of every such file begins with."""
MOST_NODES = 2_000_000
"""More than any published instance has; a file that claims more is refused before memory is taken."""
MOST_PROBLEMS = 100
MOST_SHOWN = 40
EDGE_WORDS = 4
"""Of an edge: E, both nodes, the length."""
_LIMITS = {"nodes": MOST_NODES, "edges": 10 * MOST_NODES, "terminals": MOST_NODES}


@dataclass
class _Read:
    """What has been read so far."""

    file: str
    counts: dict[str, int] = field(default_factory=dict)
    edges: dict[tuple[int, int], float] = field(default_factory=dict)
    edge_lines: int = 0
    terminals: list[int] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, line: int, message: str, key: str = "") -> None:
        """Note a mistake; of very many the first."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(self.file, key, message, line))


def read_stp(path: Path) -> tuple[Any, NDArray[np.int64]]:
    """Return graph and terminals of a SteinLib file; see ``parse_stp``."""
    return parse_stp(read_text(path), str(path))


def parse_stp(text: str, file: str = "text") -> tuple[Any, NDArray[np.int64]]:
    """Return the graph and the terminals of a text in the SteinLib format.

    The graph is a symmetric sparse array of lengths, shape (N, N); nodes count from 0 where the file counts
    from 1. Of edges that stand twice the shorter counts, loops are left out, sections other than Graph and
    Terminals (comments, coordinates, ...) are skipped. Raises ``DataError`` listing every mistake with its
    line: no such file, directed graphs (arcs), lines that are not understood, nodes out of range, lengths
    below 0, counts that do not fit, sections that do not end, no end of file.

    References
    ----------
    Koch, Martin and Voss, SteinLib: an updated library on Steiner tree problems in graphs, ZIB-Report 00-37,
    2000.
    """
    read = _Read(file)
    lines = [(number, line.split("#")[0].split()) for number, line in enumerate(text.splitlines(), 1)]
    filled = [(number, words) for number, words in lines if words]
    if not filled or filled[0][1][0].lower() != MAGIC:
        raise DataError(
            (Problem(file, "", "is no SteinLib file: it does not begin with 33D32945 STP File", 1),)
        )
    _sections(read, iter(filled[1:]), filled[-1][0])
    _check_counts(read, filled[-1][0])
    if read.problems:
        raise DataError(tuple(read.problems))
    return _graph(read), np.unique(np.array(read.terminals, dtype=np.int64)) - 1


def _sections(read: _Read, lines: Iterator[tuple[int, list[str]]], last: int) -> None:
    """Read all sections up to the end of the file."""
    known = {"graph": _graph_line, "terminals": _terminal_line}
    within, start = "", 0
    for number, words in lines:
        first = words[0].lower()
        if within and first in {"section", "eof"}:
            read.wrong(number, f"the section {within.title()} of line {start} has no END before this line")
        if first == "eof":
            return
        if first == "section" and len(words) > 1:
            within, start = words[1].lower(), number
            if within in known and within in read.sections:
                read.wrong(number, f"has a second section {within.title()}")
            read.sections.append(within)
        elif not within:
            read.wrong(number, f"expected SECTION and its name or EOF, not {_shown(words)}")
        elif first == "end":
            within = ""
        elif within in known:
            known[within](read, number, words)
    if within:
        read.wrong(last, f"the section {within.title()} of line {start} has no END")
    read.wrong(last, "ends without the line EOF: it may be cut off")


def _shown(words: list[str]) -> str:
    """Return the beginning of a line in quotes."""
    return repr(" ".join(words)[:MOST_SHOWN])


def _graph_line(read: _Read, number: int, words: list[str]) -> None:
    first = words[0].lower()
    if first in {"nodes", "edges"}:
        _count(read, number, words, first)
    elif first in {"a", "arcs"}:
        read.wrong(number, "has arcs: only undirected graphs (lines E) can be read", "Graph")
    elif first == "e":
        _edge(read, number, words)
    elif first not in {"optimal", "obstacles", "name"}:
        read.wrong(number, f"is not understood: {_shown(words)}", "Graph")


def _edge(read: _Read, number: int, words: list[str]) -> None:
    read.edge_lines += 1
    if len(words) != EDGE_WORDS:
        read.wrong(number, f"an edge is written E, two nodes and a length, not {len(words)} words", "Graph")
        return
    ends, length = [_whole(word) for word in words[1:-1]], _length(words[-1])
    one, other = ends
    if one is None or other is None:
        read.wrong(number, "the ends of an edge are whole numbers from 1", "Graph")
    elif length is None:
        read.wrong(number, f"the length of an edge is a number of 0 or more, not {words[-1]!r}", "Graph")
    elif max(one, other) > read.counts.get("nodes", 0) or min(one, other) < 1:
        nodes = read.counts.get("nodes", 0)
        read.wrong(number, f"joins {one} and {other}, but there are the nodes 1 to {nodes}", "Graph")
    elif one != other:
        pair = (min(one, other), max(one, other))
        read.edges[pair] = min(length, read.edges.get(pair, math.inf))


def _terminal_line(read: _Read, number: int, words: list[str]) -> None:
    first = words[0].lower()
    if first == "terminals":
        _count(read, number, words, first)
    elif first == "t" and len(words) == 2:
        node = _whole(words[1])
        if node is None or not 1 <= node <= read.counts.get("nodes", 0):
            read.wrong(number, f"names no node of the graph: {words[1]!r}", "Terminals")
        else:
            read.terminals.append(node)
    elif first not in {"root", "rootp"}:
        read.wrong(number, f"is not understood: {_shown(words)}", "Terminals")


def _count(read: _Read, number: int, words: list[str], name: str) -> None:
    value = _whole(words[1]) if len(words) == 2 else None
    if value is None or not 0 <= value <= _LIMITS[name]:
        read.wrong(number, f"{name} is followed by a whole number from 0 to {_LIMITS[name]}")
    elif name in read.counts:
        read.wrong(number, f"says a second time how many {name} there are")
    else:
        read.counts[name] = value


def _whole(word: str) -> int | None:
    """Return a whole number; None for anything else, also for digits of other scripts."""
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else None


def _length(word: str) -> float | None:
    try:
        value = float(word)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _check_counts(read: _Read, last: int) -> None:
    """Note counts that are lacking or do not fit what was read."""
    for section in ("graph", "terminals"):
        if section not in read.sections:
            read.wrong(last, f"has no section {section.title()}")
    found = {"edges": read.edge_lines, "terminals": len(read.terminals)}
    for name, section in (("nodes", "graph"), ("edges", "graph"), ("terminals", "terminals")):
        if section in read.sections and name not in read.counts:
            read.wrong(last, f"does not say how many {name} there are", section.title())
        elif name in found and name in read.counts and read.counts[name] != found[name]:
            message = f"says {read.counts[name]} {name}, but has {found[name]}"
            read.wrong(last, message, section.title())
    if "terminals" in read.sections and not found["terminals"]:
        read.wrong(last, "has no terminal", "Terminals")


def _graph(read: _Read) -> Any:
    pairs = np.array(list(read.edges), dtype=np.int64).reshape(-1, 2) - 1
    return matrix_of(read.counts["nodes"], pairs, np.array(list(read.edges.values())))
