"""The resolved scenario as text: every value as it was given, with the place it came from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from sim.scenario.document import Node, Place, Source, scalar
from sim.scenario.wording import models_in

_PLAIN = re.compile(r"[A-Za-z0-9][\w./+@-]*( [\w./+@()-]+)*")
_TRUTHS = frozenset({"on", "off"})
"""Words that readers of YAML 1.1 take for true and false."""
_DEFAULT = Place(Source("default", "default"))


def with_defaults(tree: Node, model: type[BaseModel]) -> Node:
    """Return the tree with the keys that may be left out and were, so that nothing stays implicit."""
    if not isinstance(tree.value, dict):
        return tree
    entries: dict[str, Node] = {}
    for name, info in model.model_fields.items():
        node = tree.value.get(name)
        if node is None and not info.is_required():
            node = _node(_default(info))
        if node is None:
            continue
        inner = models_in(info.annotation)
        entries[name] = with_defaults(node, inner[0]) if len(inner) == 1 else node
    return Node(entries, tree.place, tree.key_place)


def _default(info: FieldInfo) -> Any:
    value = info.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, BaseModel):
        value = value.model_dump()
    return None if value is PydanticUndefined else to_jsonable_python(value)


def _node(value: Any) -> Node:
    if isinstance(value, dict):
        return Node({str(key): _node(one) for key, one in value.items()}, _DEFAULT)
    if isinstance(value, list | tuple):
        return Node([_node(one) for one in value], _DEFAULT)
    return Node(value, _DEFAULT)


def resolved_text(resolved: Mapping[str, Any], origins: Mapping[str, str], used: Mapping[str, float]) -> str:
    """Return the scenario as YAML; behind each value stands its origin and, for a row, its number."""
    head = "# The resolved scenario. Behind each value: where it was given and, for a row of the parameter\n"
    head += "# table, its number in the price year. This file can be run like any scenario.\n"
    return head + "\n".join(_lines(resolved, origins, used, "", 0)) + "\n"


def _lines(
    values: Mapping[str, Any], origins: Mapping[str, str], used: Mapping[str, float], prefix: str, depth: int
) -> Iterator[str]:
    indent = "  " * depth
    for key, value in values.items():
        dotted = f"{prefix}.{key}" if prefix else key
        if isinstance(value, Mapping) and value:
            yield f"{indent}{_text(key)}:"
            yield from _lines(value, origins, used, dotted, depth + 1)
            continue
        notes = [origins[dotted]] if dotted in origins else []
        if isinstance(value, str) and value in used:
            notes.insert(0, f"= {used[value]:.10g}")
        comment = f"  # {'; '.join(notes)}" if notes else ""
        yield f"{indent}{_text(key)}: {_flow(value)}{comment}"


def _flow(value: Any) -> str:
    """Return a value on one line; JSON is YAML, and plain words stay bare."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(str(key))}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    return _text(value) if isinstance(value, str) else json.dumps(value, allow_nan=False)


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text not in _TRUTHS and isinstance(_read_back(text), str):
        return text
    return json.dumps(text, ensure_ascii=False)


def _read_back(text: str) -> object:
    try:
        return scalar(text)
    except ValueError:
        return None
