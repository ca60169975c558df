"""Walks through the tree of a scenario file: a value by its dotted key, and the files that it names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sim.files import shipped
from sim.scenario.document import Node


def at(tree: Node, dotted: str) -> Node | None:
    """Return what stands at a dotted key, or nothing."""
    node: Node | None = tree
    for part in dotted.split("."):
        node = node.child(part) if node else None
    return node


def items(node: Node | None) -> list[Node]:
    """Return the entries of a list; none where there is no list."""
    return node.value if node and isinstance(node.value, list) else []


def with_paths(tree: Node, keys: Iterable[str]) -> Any:
    """Return the plain values, with the paths at these keys as the program finds them."""
    values = tree.plain()
    for key in keys:
        node = at(tree, key)
        if node is None or not isinstance(node.value, str) or not node.value:
            continue
        holder = values
        *sections, last = key.split(".")
        for section in sections:
            holder = holder[section]
        holder[last] = str(_found(node))
    return values


def named_files(tree: Node, keys: Iterable[str]) -> dict[str, Path]:
    """Return the files that the values at these keys name."""
    nodes = [node for key in keys if (node := at(tree, key)) is not None and node.value]
    return {str(node.value): path for node in nodes if (path := _found(node)).is_file()}


def _found(node: Node) -> Path:
    """Return the file or folder that a value names: beside its file, else as shipped."""
    beside, provided = (
        Path(node.place.source.folder) / str(node.value),
        shipped("scenarios") / str(node.value),
    )
    return provided if not beside.exists() and provided.exists() else beside
