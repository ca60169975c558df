from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.scenario.document import MAX_BYTES, MAX_DEPTH, Node, Source, parse, scalar

SOURCE = Source("f.yaml", "f.yaml")


def read(text: bytes | str) -> Node:
    node, problems = parse(text.encode() if isinstance(text, str) else text, SOURCE)
    assert problems == []
    return node


def complaints(data: bytes) -> list[str]:
    try:
        return [str(problem) for problem in parse(data, SOURCE)[1]]
    except ScenarioError as error:
        return [str(problem) for problem in error.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"), ("yes", "yes"), ("on", "on"), ("12:30:45", "12:30:45"), ("2014-01", "2014-01"),
        ("true", True), ("FALSE", False), ("", None), ("~", None), ("null", None), ("012", 12), ("0o17", 15),
        ("0x1F", 31), ("-3", -3), ("1e3", 1000.0), (".5", 0.5), ("1_000", "1_000"), ("1.5.2", "1.5.2"),
    ],
)  # fmt: skip
def test_plain_scalars_follow_yaml_1_2(text, value):
    found = scalar(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e999", "9" * 5000])
def test_numbers_no_computer_holds_are_refused(text):
    with pytest.raises(ValueError, match="number"):
        scalar(text)


def test_quoted_text_stays_text():
    assert read("a: \"true\"\nb: '3'\nc: |\n  12\n").plain() == {"a": "true", "b": "3", "c": "12\n"}


def test_every_key_and_value_knows_its_place():
    node = read("a:\n  b: 1\n  c: [2, x]\n")
    inner = node.child("a").child("c")
    assert (inner.key_place.line, inner.key_place.column) == (3, 3)
    assert (inner.place.line, inner.place.column) == (3, 6)
    assert (inner.child(1).place.line, inner.child(1).place.column) == (3, 10)
    assert node.child("a").child("b").place.origin == "f.yaml:2"


ABUSE = {
    "nested lists": (b"[" * 50_000, "nested more than"),
    "nested block lists": (b"- " * 50_000, "nested more than"),
    "nested mappings": (b"{" * 50_000, "cannot be a key"),
    "nested mappings in a block": (b"".join(b" " * i + b"a:\n" for i in range(300)), "nested more than"),
    "anchor": (b"a: &x 1\n", "anchors (&x)"),
    "alias": (b"a: *x\n", "aliases (*x)"),
    "alias bomb": (
        b"a: &a [x,x]\n" + b"".join(b"%c: &%c [*%c,*%c]\n" % (c + 1, c + 1, c, c) for c in range(97, 120)),
        "aliases (*a)",
    ),
    "merge bomb": (b"a: &a {x: 1}\nb: {<<: *a, <<: *a}\n", "merge keys (<<)"),
    "python object": (b"!!python/object/apply:os.system [ls]", "tags"),
    "own tag": (b"a: !secret b\n", "tags (!secret)"),
    "standard tag": (b"a: !!float 3\n", "tags"),
    "duplicate key": (b"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: a: stands twice; the first is on line 1"),
    "two documents": (b"a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document"),
    "YAML 1.1": (b"%YAML 1.1\n---\na: NO\n", "directives"),
    "not UTF-8": (b"a: 1\nb: \xff\n", "f.yaml:2:4: is not UTF-8"),
    "UTF-16": ("a: 1".encode("utf-16"), "not UTF-8"),
    "lone surrogate": (b"a: \xed\xa0\x80", "not UTF-8"),
    "escaped surrogate": (b'a: "\\ud800"', "invalid Unicode"),
    "NUL": (b"a: \0", "character that YAML does not allow"),
    "escaped NUL": (b'a: "x\\0y"', "control characters"),
    "escape sequences of a terminal": (b'a: "\\e[31m"', "control characters"),
    "huge": (b"# " + b"x" * MAX_BYTES, "larger than"),
    "many values": (b"- 1\n" * 100_000, "more than"),
    "long text": (b"a: " + b"x" * 30_000, "longer than"),
    "list as a key": (b"[a]: 1\n", "cannot be a key"),
    "tab": (b"a:\n\tb: 1\n", "tabs"),
    "unquoted percent": (b"a: %x\n", "needs quotes"),
    "colon in text": (b"a: b: c\n", "needs quotes"),
    "unclosed": (b"a: [1, 2\n", "did not find"),
    "empty key": (b": 3\n", "f.yaml"),
}


@pytest.mark.parametrize("name", ABUSE)
def test_abuse_is_refused_by_name_and_at_once(name):
    data, words = ABUSE[name]
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        found = complaints(data)
        best = min(best, time.perf_counter() - start)
    assert any(words in line for line in found), found
    assert all("\n" not in line for line in found)
    assert best < 0.1 if len(data) < MAX_BYTES / 2 else best < 0.5


def test_several_mistakes_are_told_together():
    found = complaints(b"a: &x 1\nb: !t 2\na: 3\n")
    assert [line.partition(": ")[0] for line in found] == ["f.yaml:1:4", "f.yaml:2:4", "f.yaml:3:1"]


def test_nesting_within_the_limit_is_read():
    assert read("[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)).plain()


@given(st.text(alphabet="ab:-[]{},&*!|>'\"#%@`?<\n\t ~0.1\\xe", max_size=60))
@settings(max_examples=400, deadline=None)
def test_no_text_breaks_the_reader(text):
    complaints(text.encode())


@given(st.binary(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_bytes_break_the_reader(data):
    complaints(data)
