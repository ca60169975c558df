"""One tree of values from a scenario file, the files it extends, a variant and ``--set``.

Later layers win: extended file, file, variant, ``--set``. Every value keeps the place it came from.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sim.errors import DataError, Problem, ScenarioError
from sim.files import read_bytes, shipped
from sim.scenario.document import MAX_BYTES, Node, Place, Source, merge, parse

MAX_FILES = 10
MAX_KEY_PARTS = 12
SUFFIXES = (".yaml", ".yml")
VARIANT_RANK, SET_RANK = 1, 2
"""How late a variant and ``--set`` come among the layers, after the file at 0."""


@dataclass
class Composed:
    """A merged tree with the files it came from."""

    tree: Node
    files: tuple[Path, ...]
    library: Path
    problems: list[Problem] = field(default_factory=list)

    def variants(self) -> dict[str, Node]:
        """Return the variants that the files name."""
        node = self.tree.child("variants")
        return dict(node.value) if node and isinstance(node.value, dict) else {}


@dataclass
class _Layer:
    """A file that takes part: where it is, how messages and how outputs name it."""

    path: Path
    source: Source
    tree: Node


def compose(path: Path) -> Composed:
    """Return a scenario file merged over what it extends.

    Raises ``ScenarioError`` where a file cannot be read to its end.
    """
    problems: list[Problem] = []
    layers = [_read(path, Source(str(path), path.name, str(path.parent)), problems)]
    root = path.parent.resolve().parent
    while (extended := _extended(layers, root, path, problems)) is not None:
        layers.append(extended)
    tree = layers[-1].tree
    for layer in reversed(layers[:-1]):
        tree = merge(tree, layer.tree)
    beside = layers[-1].path.parent / "library"
    library = beside if (beside / "parameters.csv").is_file() else shipped("scenarios") / "library"
    return Composed(tree, tuple(layer.path for layer in layers), library, problems)


def _read(path: Path, source: Source, problems: list[Problem]) -> _Layer:
    try:
        data = read_bytes(path, MAX_BYTES)
    except DataError as error:
        raise ScenarioError(
            tuple(replace(problem, file=source.shown) for problem in error.problems)
        ) from None
    tree, found = parse(data, source)
    problems.extend(found)
    if not isinstance(tree.value, dict):
        message = (
            "a scenario is a mapping of keys to values" if tree.value is not None else "the file is empty"
        )
        raise ScenarioError((*problems, tree.place.problem("", message)))
    return _Layer(path, source, tree)


def _extended(layers: list[_Layer], root: Path, main: Path, problems: list[Problem]) -> _Layer | None:
    """Return the layer that the last one extends, or None; what is wrong goes to ``problems``."""
    last = layers[-1]
    assert isinstance(last.tree.value, dict)  # noqa: S101 - _read refuses anything else
    named = last.tree.value.pop("extends", None)
    if named is None or named.value is None:
        return None
    try:
        path = _find(named.value, last.path.parent, root)
        if any(path.samefile(layer.path) for layer in layers):
            raise ValueError(
                f"{named.value} extends itself through {' -> '.join(x.path.name for x in layers)}"
            )
        if len(layers) >= MAX_FILES:
            raise ValueError(f"more than {MAX_FILES} files extend one another")
    except (ValueError, OSError) as error:
        problems.append(named.place.problem("extends", str(error)))
        return None
    return _read(path, _source(path, main, -len(layers)), problems)


def _find(name: object, folder: Path, root: Path) -> Path:
    """Return the file that ``extends`` names: near the scenario, else one shipped with the package."""
    if not isinstance(name, str):
        raise ValueError("takes the name of one scenario file, for example base.yaml")
    if Path(name).is_absolute() or "://" in name or not name.endswith(SUFFIXES):
        raise ValueError(f"{name!r} is no relative path of a .yaml file")
    path = folder / name
    if path.exists():
        if not path.resolve().is_relative_to(root):
            raise ValueError(
                f"{name!r} lies outside {root.name or root}, the folder above the scenario's own"
            )
        return path
    provided = shipped("scenarios") / name
    if Path(name).name == name and provided.is_file():
        return provided
    known = sorted({p.name for p in (*folder.glob("*.yaml"), *shipped("scenarios").glob("*.yaml"))})
    raise ValueError(f"there is no file {name!r}{did_you_mean(Path(name).name, known)}")


def _source(path: Path, main: Path, rank: int) -> Source:
    root = main.parent.resolve().parent
    if path.resolve().is_relative_to(root):
        relative = Path(os.path.relpath(path.resolve(), main.parent.resolve()))
        shown = os.path.normpath(main.parent / relative)
        return Source(shown, relative.as_posix(), str(path.parent), rank)
    return Source(str(path), f"shipped/{path.name}", str(path.parent), rank)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` where something near is known, else nothing."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def apply_variant(composed: Composed, name: str, shown: str) -> tuple[Node, list[Problem]]:
    """Return the tree with a variant laid over it."""
    variants = composed.variants()
    if name not in variants:
        known = ", ".join(variants) or "none"
        message = f"there is no variant {name!r}; known: {known}{did_you_mean(name, variants)}"
        return composed.tree, [Problem(shown, "variants", message)]
    chosen = variants[name]
    if not isinstance(chosen.value, dict):
        message = "a variant is a mapping of dotted keys to values"
        return composed.tree, [chosen.place.problem(f"variants.{name}", message)]
    tree, problems = composed.tree, []
    for dotted, node in chosen.value.items():
        place = node.key_place or node.place
        moved = replace(place.source, origin=f"variant {name}: {place.source.origin}", rank=VARIANT_RANK)
        try:
            tree = put(tree, dotted, relabel(node, moved), replace(place, source=moved))
        except ValueError as error:
            problems.append(place.problem(f"variants.{name}.{dotted}", str(error)))
    return tree, problems


def apply_overrides(tree: Node, overrides: Iterable[tuple[str, str]]) -> tuple[Node, list[Problem]]:
    """Return the tree with ``--set`` values laid over it; a value is read as YAML."""
    problems: list[Problem] = []
    for dotted, text in overrides:
        source = Source(f"--set {dotted}={text}"[:120], "--set", ".", SET_RANK)
        try:
            node, found = parse(text.encode("utf-8", "surrogateescape"), source)
            problems.extend(found)
            tree = put(tree, dotted, relabel(node, source, lines=False), Place(source))
        except ScenarioError as error:
            problems.extend(replace(one, line=None, column=None) for one in error.problems)
        except ValueError as error:
            problems.append(Problem(source.shown, dotted, str(error)))
    return tree, problems


def relabel(node: Node, source: Source, *, lines: bool = True) -> Node:
    """Return a node whose places name another source."""

    def moved(place: Place | None) -> Place | None:
        return place and (replace(place, source=source) if lines else Place(source))

    value = node.value
    if isinstance(value, dict):
        value = {key: relabel(child, source, lines=lines) for key, child in value.items()}
    elif isinstance(value, list):
        value = [relabel(child, source, lines=lines) for child in value]
    return Node(value, moved(node.place) or node.place, moved(node.key_place))


def put(tree: Node, dotted: str, node: Node, place: Place) -> Node:
    """Return the tree with a value laid over what a dotted key names; a list position is a number."""
    parts = dotted.split(".")
    if not all(parts) or len(parts) > MAX_KEY_PARTS:
        raise ValueError(f"{dotted!r} is no dotted key; write it as section.key")
    if parts[0] in ("extends", "variants"):
        raise ValueError(f"{parts[0]!r} can only stand in a file")
    return _put(tree, parts, Node(node.value, node.place, place), place)


def without(tree: Node, dotted: str) -> Node:
    """Return the tree without the key that a dotted one names; as it is where there is no such key."""
    head, _, rest = dotted.partition(".")
    below = tree.child(head)
    if not isinstance(tree.value, dict) or below is None:
        return tree
    if rest:
        return replace(tree, value=tree.value | {head: without(below, rest)})
    return replace(tree, value={key: node for key, node in tree.value.items() if key != head})


def _put(tree: Node, parts: list[str], node: Node, place: Place) -> Node:
    if not parts:
        return merge(tree, node)
    head, rest = parts[0], parts[1:]
    below = tree.child(head)
    if isinstance(tree.value, list):
        if below is None:
            raise ValueError(
                f"{head!r} is no position in this list of {len(tree.value)} (positions count from 0)"
            )
        items = list(tree.value)
        items[int(head)] = _put(below, rest, node, place)
        return replace(tree, value=items)
    entries = dict(tree.value) if isinstance(tree.value, dict) else {}
    entries[head] = _put(below or Node(None, place, place), rest, node, place)
    key_place = tree.key_place if isinstance(tree.value, dict) else place
    return Node(entries, tree.place, key_place)
