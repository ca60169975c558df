"""The levers of a scenario laid over its keys, so that the resolved scenario shows what they did.

Later layers win, as everywhere: a lever whose state or sizes are given in a later layer than a key replaces
it; a key given in the same layer or a later one stays, and where it says the opposite of the lever the
scenario is told so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sim.errors import Problem
from sim.levers import ABSENT, LEVERS, Lever, Switch
from sim.levers.base import OFF, ON, STATE, Document
from sim.parameters import Lookup
from sim.scenario.compose import SET_RANK, put, without
from sim.scenario.document import Node, Place


@dataclass
class Switched:
    """A tree with its levers laid over it."""

    tree: Node
    notices: list[Problem] = field(default_factory=list)
    used: dict[str, float] = field(default_factory=dict)
    """Rows whose number a lever took itself."""


def switch(tree: Node, lookup: Lookup) -> Switched:
    """Return a tree in which the keys that levers move are where their states put them.

    A lever that is written wrongly moves nothing: the check of the whole scenario says what is wrong.
    """
    made = Switched(tree)
    for name, node in _stated(tree):
        own = replace(lookup, used={})
        try:
            lever = LEVERS[name].model_validate(node.plain(), context={"lookup": own})
            _lay(made, lever, node, own)
        except ValueError:
            continue  # told with every other mistake, at its place
        if lever.state == ON:
            made.used.update(own.used)
    return made


def _stated(tree: Node) -> Iterator[tuple[str, Node]]:
    """Yield the levers that a scenario speaks of, in the order of the registry."""
    section = tree.child("levers")
    for name in LEVERS:
        node = section.child(name) if section else None
        if node is not None and node.value is not None:
            yield name, node


def _lay(made: Switched, lever: Lever, node: Node, lookup: Lookup) -> None:
    """Move the keys of one lever."""
    place = _latest(node)
    document: Document = made.tree.plain()
    idle = lever.cannot_bite(document) if lever.state == ON else ""
    if idle:
        made.notices.append(_notice(place, f"levers.{lever.name}", f"it is on but changes nothing: {idle}"))
    if lever.state == OFF and place.source.rank >= SET_RANK and place is not _state(node):
        said = "it gets a size but is off: set its state, too"
        made.notices.append(_notice(place, f"levers.{lever.name}", said))
    for one in list(lever.switches(document, partial(lever.number, lookup=lookup))):
        _move(made, lever, one, place)


def _move(made: Switched, lever: Lever, one: Switch, place: Place) -> None:
    """Put one key where the lever wants it, unless a later layer gives it."""
    there = _at(made.tree, one.key)
    wanted = one.value(lever.state)
    value = ABSENT if there is None else there.plain()
    if value == wanted:
        return
    given = _latest(there) if there is not None else None
    if given is not None and given.source.rank >= place.source.rank:
        if one.contradicted(value, lever.state):
            said = f"the lever {lever.name} is {lever.state} ({place.origin}), but this key stands and stays"
            made.notices.append(_notice(given, one.key, said))
        return
    if given is not None and given.source.rank >= 0:
        said = f"the lever {lever.name} is {lever.state} ({place.origin}) and replaces this value"
        made.notices.append(_notice(given, one.key, said))
    made.tree = without(made.tree, one.key)
    if wanted is not ABSENT:
        source = replace(place.source, origin=f"lever {lever.name}: {place.source.origin}")
        made.tree = put(made.tree, one.key, _node(wanted, replace(place, source=source)), place)


def _state(node: Node) -> Place:
    """Return the place of a lever's state."""
    state = node.child(STATE)
    return (state or node).place


def _notice(place: Place, key: str, message: str) -> Problem:
    return Problem(place.source.origin, key, message, place.line, place.column)


def _node(value: Any, place: Place) -> Node:
    if isinstance(value, dict):
        return Node({key: _node(one, place) for key, one in value.items()}, place, place)
    if isinstance(value, list | tuple):
        return Node([_node(one, place) for one in value], place, place)
    return Node(value, place, place)


def _latest(node: Node) -> Place:
    """Return the place of what was given last of a node and all below it; of equals, of the state."""
    places = list(_places(node))
    state = node.child(STATE)
    if state is not None:
        places.insert(0, state.place)
    return max(places, key=lambda place: place.source.rank)


def _places(node: Node) -> Iterable[Place]:
    yield node.place
    below = node.value.values() if isinstance(node.value, dict) else node.value
    if isinstance(node.value, dict | list):
        for one in below if isinstance(below, Iterable) else ():
            if isinstance(one, Node):
                yield from _places(one)


def _at(tree: Node, dotted: str) -> Node | None:
    node: Node | None = tree
    for part in dotted.split("."):
        node = node.child(part) if node else None
    return node
