"""What pydantic found wrong, said in plain words with file, line, column and what is allowed."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from sim.errors import Problem
from sim.parameters import Quantity
from sim.scenario.compose import did_you_mean
from sim.scenario.document import Node, Place

MISSING = "is missing"
_SHOWN_KEYS = 14
_SHOWN_TEXT = 60


def explain(error: ValidationError, tree: Node, model: type[BaseModel]) -> list[Problem]:
    """Return one problem for each mistake, in the order of the files and lines."""
    found = error.errors(include_url=False)
    guesses = {
        (*one["loc"][:-1], near)
        for one in found
        if one["type"] == "extra_forbidden" and (near := _near(one, model))
    }
    problems = []
    for one in found:
        if one["type"] == "missing" and one["loc"] in guesses:
            continue  # the unknown key beside it is this one, misspelt
        place, key = locate(tree, one["loc"], at_key=one["type"] == "extra_forbidden")
        problems.append(place.problem(key, _message(one, model)))
    return sorted(set(problems), key=lambda p: (p.file, p.line or 0, p.column or 0, p.key, p.message))


def locate(tree: Node, loc: Sequence[str | int], *, at_key: bool = False) -> tuple[Place, str]:
    """Return where a path of keys stands in the files, and the path as a dotted key.

    Parts that stand for no key of the file (tags of unions) are left out; a key that is missing is
    placed at the mapping that lacks it.
    """
    node, names = tree, []
    for position, part in enumerate(loc):
        below = node.child(part)
        if below is not None:
            node = below
            names.append(str(part))
        elif position == len(loc) - 1 and isinstance(part, str) and isinstance(node.value, dict):
            names.append(part)
            at_key = True
    return (node.key_place or node.place) if at_key else node.place, ".".join(names)


def arms(annotation: Any) -> Iterator[Any]:
    """Yield the plain types that an annotation allows."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from arms(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for arm in get_args(annotation):
            yield from arms(arm)
    else:
        yield annotation


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the models among the types that an annotation allows."""
    return [arm for arm in arms(annotation) if isinstance(arm, type) and issubclass(arm, BaseModel)]


def field_at(
    model: type[BaseModel], loc: Sequence[str | int]
) -> tuple[list[type[BaseModel]], FieldInfo | None]:
    """Return the models that hold what stands at a path, and the field there."""
    models: list[type[BaseModel]] = [model]
    annotation: Any = model
    info: FieldInfo | None = None
    for part in loc:
        fields = [one.model_fields[str(part)] for one in models if str(part) in one.model_fields]
        if fields:
            info = fields[0]
            annotation = info.annotation
        else:
            annotation = _element(annotation)
            info = None
        models = models_in(annotation)
    return models, info


def _element(annotation: Any) -> Any:
    """Return the type of the elements of a mapping or list, or the annotation where it has none."""
    for arm in arms(annotation):
        origin, args = get_origin(arm), get_args(arm)
        if origin is not None and isinstance(origin, type) and args:
            return args[1] if issubclass(origin, Mapping) else args[0]
    return annotation


def unit_of(info: FieldInfo | None) -> str:
    """Return the unit of a field that takes a quantity, or nothing."""
    if info is None:
        return ""
    for mark in info.metadata:
        if isinstance(mark, Quantity):
            return mark.unit
    for arm in get_args(info.annotation):  # Optional[Annotated[...]] keeps its marks inside
        for mark in getattr(arm, "__metadata__", ()):
            if isinstance(mark, Quantity):
                return mark.unit
    return ""


def dotted_keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield every key of a model and the models in it."""
    for name, info in model.model_fields.items():
        yield prefix + name
        for inner in models_in(info.annotation):
            yield from dotted_keys(inner, f"{prefix}{name}.")


def _allowed(models: list[type[BaseModel]]) -> list[str]:
    return list(dict.fromkeys(name for one in models for name in one.model_fields))


def _near(one: Any, model: type[BaseModel]) -> str:
    allowed = _allowed(field_at(model, one["loc"][:-1])[0])
    text = did_you_mean(str(one["loc"][-1]), allowed)
    return text.split("'")[1] if text else ""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_TEXT else text[:_SHOWN_TEXT] + "..."


def _listed(words: list[str]) -> str:
    more = f", ... ({len(words)} in all)" if len(words) > _SHOWN_KEYS else ""
    return ", ".join(words[:_SHOWN_KEYS]) + more


def _message(one: Any, model: type[BaseModel]) -> str:
    """Return what is wrong, what is allowed and what was perhaps meant."""
    kind, value, context = one["type"], one["input"], one.get("ctx", {})
    models, info = field_at(model, one["loc"])
    unit = unit_of(info)
    if kind == "extra_forbidden":
        return _unknown_key(one, model)
    if kind == "missing":
        about = f"; it says: {info.description}" if info and info.description else ""
        return f"{MISSING}{about}"
    if kind in ("value_error", "assertion_error"):
        return _value_error(one["msg"], value, unit)
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        expected = context.get("expected") or context.get("expected_tags", "")
        words = re.findall(r"'([^']*)'", expected)
        given = context.get("tag", value)
        return f"{_shown(given)} is not allowed; allowed: {expected}{did_you_mean(str(given), words)}"
    wanted = _wanted(kind, context, models)
    if wanted:
        return f"{_shown(value)} does not fit; {wanted}{f' [{unit}]' if unit else ''}"
    return f"{_shown(value)}: {one['msg'][:1].lower()}{one['msg'][1:]}"


def _unknown_key(one: Any, model: type[BaseModel]) -> str:
    word = str(one["loc"][-1])
    allowed = _allowed(field_at(model, one["loc"][:-1])[0])
    near = did_you_mean(word, allowed)
    if not near:
        elsewhere = [key for key in dotted_keys(model) if key.rpartition(".")[2] == word]
        near = f"; did you mean {elsewhere[0]!r}?" if elsewhere else ""
    return f"there is no such key; allowed here: {_listed(allowed)}{near}"


def _value_error(message: str, value: Any, unit: str) -> str:
    message = re.sub(r"^(Value error|Assertion failed), ", "", message)
    if unit and isinstance(value, str) and re.match(r"[-+.]?\d", value):
        instead = f"write the number alone, in {unit}, or the name of a parameter row"
        return f"{_shown(value)} is not a number; {instead}"
    return message


_WANTED: dict[str, str] = {
    "greater_than": "it must be greater than {gt}",
    "greater_than_equal": "it must be at least {ge}",
    "less_than": "it must be less than {lt}",
    "less_than_equal": "it must be at most {le}",
    "multiple_of": "it must be a multiple of {multiple_of}",
    "finite_number": "a finite number is wanted",
    "string_type": "text is wanted (a number or date as text needs quotes)",
    "string_pattern_mismatch": "text of the form {pattern} is wanted",
    "string_too_short": "text of at least {min_length} character(s) is wanted",
    "string_too_long": "text of at most {max_length} characters is wanted",
    "too_short": "at least {min_length} entries are wanted",
    "too_long": "at most {max_length} entries are wanted",
    "path_type": "the path of a file or folder is wanted",
}
_WANTED_FAMILY: dict[str, str] = {
    "int": "a whole number is wanted",
    "float": "a number is wanted",
    "bool": "true or false is wanted",
    "list": "a list is wanted, for example [a, b]",
    "tuple": "a list is wanted, for example [a, b]",
    "set": "a list is wanted, for example [a, b]",
    "dict": "a mapping of names to values is wanted",
    "mapping": "a mapping of names to values is wanted",
}


def _wanted(kind: str, context: Mapping[str, Any], models: list[type[BaseModel]]) -> str:
    if kind in ("model_type", "model_attributes_type", "union_tag_not_found") and models:
        return f"a mapping with the keys {_listed(_allowed(models))} is wanted"
    template = _WANTED.get(kind) or _WANTED_FAMILY.get(kind.partition("_")[0], "")
    numbers = {name: f"{one:.12g}" if isinstance(one, float) else one for name, one in context.items()}
    return template.format(**numbers) if template else ""
