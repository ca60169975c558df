"""Files in the SteinLib format."""

from __future__ import annotations

import pytest

from sim.access.steinlib import parse_stp, read_stp
from sim.access.tree import steiner_tree
from sim.errors import DataError

GOOD = """33D32945 STP File, STP Format Version 1.0

SECTION Comment
Name "a wheel with one spoke missing"
END

SECTION Graph
Nodes 5
Edges 7
E 1 2 1
E 1 3 1   # a remark
E 1 4 1.5
e 2 3 1.9
E 3 4 3
E 4 5 1
E 3 4 2
END

Section Terminals
Terminals 3
T 2
T 3
T 5
END

SECTION Coordinates
DD 1 0 0
END

EOF
"""


def test_a_file_is_read(tmp_path):
    path = tmp_path / "wheel.stp"
    path.write_text(GOOD, encoding="utf-8")
    graph, terminals = read_stp(path)
    assert (graph.shape, terminals.tolist(), graph[2, 3], graph[3, 2]) == ((5, 5), [1, 2, 4], 2.0, 2.0)
    assert steiner_tree(graph, terminals).length_m == pytest.approx(4.5)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("33D32945", "P-STP", 1, "is no SteinLib file"),
        ("EOF\n", "", 28, "ends without the line EOF"),
        ("Edges 7", "Edges 8", 30, "says 8 edges, but has 7"),
        ("Terminals 3", "Terminals 2", 30, "says 2 terminals, but has 3"),
        ("E 3 4 3", "E 3 9 3", 14, "joins 3 and 9, but there are the nodes 1 to 5"),
        ("E 3 4 3", "E 3 4", 14, "not 3 words"),
        ("E 3 4 3", "E 3 4 -3", 14, "not '-3'"),
        ("E 3 4 3", "E 3 4 nan", 14, "not 'nan'"),
        ("E 3 4 3", "E x 4 3", 14, "whole numbers from 1"),
        ("E 3 4 3", "A 3 4 3", 14, "has arcs"),
        ("E 3 4 3", "what is this", 14, "is not understood: 'what is this'"),
        ("T 5", "T 6", 23, "names no node of the graph: '6'"),
        ("Nodes 5", "Nodes 99999999999999", 8, "whole number from 0 to"),
        ("Nodes 5", "Nodes 5\nNodes 5", 9, "a second time"),
        ("T 5\nEND", "T 5", 25, "has no END before this line"),
        ("SECTION Coordinates", "Coordinates", 26, "expected SECTION"),
    ],
)
def test_mistakes_are_listed_with_their_line(old, new, line, message):
    with pytest.raises(DataError, match=message) as caught:
        parse_stp(GOOD.replace(old, new, 1))
    assert line in [problem.line for problem in caught.value.problems if message in problem.message]


def test_all_mistakes_come_at_once():
    with pytest.raises(DataError) as caught:
        parse_stp(GOOD.replace("E 1 2 1", "E 1 2").replace("T 5", "T 7").replace("EOF", ""))
    assert len(caught.value.problems) == 4


def test_hostile_files_end_in_errors():
    for text in ("", "\0", GOOD[:9] + "\n" + "SECTION Graph\n" * 5_000, GOOD[:9] + "\n" + "?\n" * 10_000):
        with pytest.raises(DataError):
            parse_stp(text)
