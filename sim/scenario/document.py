"""A guarded reader of YAML 1.2 that keeps the line and column of every key and value.

It builds on the event stream of PyYAML's C parser alone: no object is ever constructed, and what
makes YAML dangerous or surprising (tags, anchors, aliases, merge keys, duplicate keys, several
documents, ``NO`` read as false) is refused by name instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs leave the C parser out

from sim.errors import Problem, ScenarioError

MAX_BYTES = 512 * 1024
MAX_DEPTH = 40
MAX_NODES = 20_000
MAX_SCALAR = 20_000
MAX_PROBLEMS = 50

STATE = "state"
_STATES = ("on", "off", True, False)

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_UNUSABLE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Source:
    """A text that values come from: how messages name it and how outputs name it."""

    shown: str
    origin: str
    folder: str = ""
    rank: int = 0
    """How late its layer comes: the file asked for has 0, what it extends less, variant and changes more."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a source; lines and columns count from 1."""

    source: Source
    line: int | None = None
    column: int | None = None

    def problem(self, key: str, message: str) -> Problem:
        """Return a problem at this place, on one line whatever the file's texts hold."""
        key, message = " ".join(key.split()), " ".join(message.split())
        return Problem(self.source.shown, key, message, self.line, self.column)

    @property
    def origin(self) -> str:
        """The place as outputs name it: no path of this machine."""
        return self.source.origin if self.line is None else f"{self.source.origin}:{self.line}"


Scalar = None | bool | int | float | str


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place; ``key_place`` is where the key before it stands."""

    value: Scalar | list[Node] | dict[str, Node]
    place: Place
    key_place: Place | None = None

    def plain(self) -> Any:
        """Return the value as plain dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def child(self, part: str | int) -> Node | None:
        """Return the node below a key or a list position, or None."""
        if isinstance(self.value, dict):
            return self.value.get(str(part))
        if isinstance(self.value, list) and str(part).isdecimal() and int(part) < len(self.value):
            return self.value[int(part)]
        return None

    def leaves(self, prefix: str = "") -> Mapping[str, Node]:
        """Return every scalar, list and empty mapping by dotted key."""
        if not isinstance(self.value, dict) or not self.value:
            return {prefix: self} if prefix else {}
        return {
            key: leaf
            for name, node in self.value.items()
            for key, leaf in node.leaves(f"{prefix}.{name}" if prefix else name).items()
        }


def merge(below: Node, above: Node) -> Node:
    """Return ``below`` with ``above`` laid over it: mappings merge, everything else replaces.

    A mapping with a key ``state`` is a switch with sizes: a bare on or off over it replaces its state alone.
    """
    if isinstance(below.value, dict) and STATE in below.value and above.value in _STATES:
        state = replace(above, key_place=below.value[STATE].key_place)
        return replace(below, value=below.value | {STATE: state})
    if not (isinstance(below.value, dict) and isinstance(above.value, dict)):
        return above
    merged = dict(below.value)
    for key, node in above.value.items():
        merged[key] = merge(merged[key], node) if key in merged else node
    return Node(merged, above.place, above.key_place)


def scalar(text: str) -> Scalar:
    """Return a plain scalar by the YAML 1.2 core schema; ``ValueError`` where no computer number holds it."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _UNUSABLE.fullmatch(text):
        raise ValueError(f"{text} is no number that a scenario can use")
    if _FLOAT.fullmatch(text) and len(text) > 40:
        raise ValueError("a number has at most 40 characters")
    if _INT.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise ValueError(f"{text} is too large a number")
        return number
    return text


@dataclass
class _Open:
    """A collection that the parser is inside of."""

    items: dict[str, Node] | list[Node]
    place: Place
    outer_key: tuple[str, Place] | None
    key: tuple[str, Place] | None = None

    def path(self) -> str:
        return self.key[0] if self.key else ""


@dataclass
class _Builder:
    """Turns events into nodes and gathers what is wrong with them."""

    source: Source
    problems: list[Problem] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    nodes: int = 0
    documents: int = 0
    root: Node | None = None

    def place(self, event: Any) -> Place:
        return Place(self.source, event.start_mark.line + 1, event.start_mark.column + 1)

    def complain(self, event: Any, message: str, *, stop: bool = False) -> None:
        key = ".".join(part for level in self.stack if (part := level.path()))
        self.problems.append(self.place(event).problem(key, message))
        if stop or len(self.problems) >= MAX_PROBLEMS:
            raise ScenarioError(tuple(self.problems))

    def feed(self, event: Any) -> None:
        """Take one event."""
        if isinstance(event, yaml.NodeEvent):
            self._node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            closed = self.stack.pop()
            self._add(Node(closed.items, closed.place, closed.outer_key and closed.outer_key[1]))
        elif isinstance(event, yaml.DocumentStartEvent):
            self._document(event)

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self.complain(event, "a second document begins here; a file holds one scenario", stop=True)
        if event.version not in (None, (1, 2)) or event.tags:
            self.complain(event, "directives other than %YAML 1.2 are not supported", stop=True)

    def _node(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.complain(event, f"the file holds more than {MAX_NODES} values", stop=True)
        if isinstance(event, yaml.AliasEvent):
            self.complain(event, f"aliases (*{event.anchor}) are not supported; write the value out")
            self._scalar_or_key("", None, self.place(event))
            return
        if event.anchor is not None:
            self.complain(event, f"anchors (&{event.anchor}) are not supported; write the value out")
        if event.tag is not None:
            self.complain(event, f"tags ({event.tag}) are not supported")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
            return
        self._open(event)

    def _open(self, event: Any) -> None:
        if len(self.stack) >= MAX_DEPTH:
            self.complain(event, f"values are nested more than {MAX_DEPTH} deep", stop=True)
        level = self.stack[-1] if self.stack else None
        if level and isinstance(level.items, dict) and level.key is None:
            message = "a list or mapping cannot be a key; a value that begins with [ or { needs quotes"
            self.complain(event, message, stop=True)
        items: dict[str, Node] | list[Node] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.stack.append(_Open(items, self.place(event), level.key if level else None))

    def _scalar(self, event: Any) -> None:
        text = event.value
        if len(text) > MAX_SCALAR:
            self.complain(event, f"a text of {len(text)} characters is longer than the {MAX_SCALAR} allowed")
            text = ""
        if _CONTROL.search(text):
            self.complain(event, "control characters are not allowed")
            text = ""
        value: Scalar = text
        if event.implicit[0] and not event.style:
            try:
                value = scalar(text)
            except ValueError as error:
                self.complain(event, str(error))
        self._scalar_or_key(text, value, self.place(event), merges=text == "<<" and not event.style)

    def _scalar_or_key(self, text: str, value: Scalar, place: Place, *, merges: bool = False) -> None:
        level = self.stack[-1] if self.stack else None
        if level is None or isinstance(level.items, list) or level.key is not None:
            self._add(Node(value, place, level.key[1] if level and level.key else None))
            return
        level.key = (text, place)
        known = level.items.get(text)
        if merges:
            self._at(place, "merge keys (<<) are not supported; share values with extends")
        elif not text:
            self._at(place, "a key is empty")
        elif known is not None:
            line = known.key_place.line if known.key_place else None
            self._at(place, f"stands twice; the first is on line {line}")

    def _at(self, place: Place, message: str) -> None:
        key = ".".join(part for level in self.stack if (part := level.path()))
        self.problems.append(place.problem(key, message))
        if len(self.problems) >= MAX_PROBLEMS:
            raise ScenarioError(tuple(self.problems))

    def _add(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        level = self.stack[-1]
        if isinstance(level.items, list):
            level.items.append(node)
            return
        assert level.key is not None  # noqa: S101 - the parser gives a key before each value
        level.items.setdefault(level.key[0], node)
        level.key = None


def parse(data: bytes, source: Source) -> tuple[Node, list[Problem]]:
    """Return the tree of a YAML text and what is wrong with it but does not hide the rest.

    Raises ``ScenarioError`` where the text cannot be read to its end.
    """
    if len(data) > MAX_BYTES:
        message = f"is larger than the {MAX_BYTES // 1024} KiB allowed"
        raise ScenarioError((Problem(source.shown, "", message),))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        message = "is not UTF-8 text; save the file as UTF-8"
        raise ScenarioError((Problem(source.shown, "", message, line, column),)) from None
    builder = _Builder(source)
    parser = CParser(data)
    try:
        while parser.check_event():
            builder.feed(parser.get_event())
    except yaml.MarkedYAMLError as error:
        raise ScenarioError((*builder.problems, _syntax_problem(error, source))) from None
    except yaml.reader.ReaderError as error:
        line = data.count(b"\n", 0, error.position) + 1
        message = f"holds a character that YAML does not allow (#x{_code(error.character):04x})"
        raise ScenarioError((*builder.problems, Problem(source.shown, "", message, line))) from None
    except yaml.YAMLError as error:
        raise ScenarioError((*builder.problems, Problem(source.shown, "", f"is not YAML: {error}"))) from None
    finally:
        parser.dispose()
    return builder.root or Node(None, Place(source, 1, 1)), builder.problems


def _code(character: Any) -> int:
    return character if isinstance(character, int) else ord(str(character)[:1] or "\0")


def _syntax_problem(error: yaml.MarkedYAMLError, source: Source) -> Problem:
    """Say a syntax error in one line, with the mend for the two commonest causes."""
    mark = error.problem_mark or error.context_mark
    text = error.problem or "cannot be parsed"
    if "start any token" in text:
        text += "; a text that begins with @, ` or % needs quotes, and indentation is by spaces, never tabs"
    elif "mapping values are not allowed" in text:
        text += "; a text that holds ': ' needs quotes"
    if mark is None:
        return Problem(source.shown, "", f"is not YAML: {text}")
    return Problem(source.shown, "", f"is not YAML: {text}", mark.line + 1, mark.column + 1)
