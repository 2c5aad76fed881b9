"""A submission as a tree of objects, brought to rest: what is hidden, what is computed, what only shows.

Conditions and computed values may hang on each other across the form, its groups and its rows, as they do in the
browser, so all of them are worked out again until nothing changes. Nothing is complained about here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.feel import Expression, FeelError
from forms.definition import Field, FieldKind, flat

Row = dict[str, Any]
_MOST_ROUNDS = 30
_SPECIAL = frozenset({"this", "parent", "i"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What expressions may look at beside the form: the case's ``variables`` and business time (aware)."""

    variables: Mapping[str, object]
    now: datetime | None


@dataclass(slots=True)
class Node:
    """One object of a submission: the form, a group, or a row (``number`` from 1).

    ``given``: the typed values as they were sent; ``case``: the same object among the case's variables; ``values``:
    what counts now, with the values of ``inner`` in it. ``hidden``, ``locked``: keys.
    """

    path: str
    fields: tuple[Field, ...]
    given: Row
    case: Mapping[str, object]
    around: Surroundings
    outer: Node | None = None
    number: int = 0
    values: Row = field(default_factory=dict)
    inner: dict[str, list[Node]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    locked: set[str] = field(default_factory=set)

    def at(self, key: str) -> str:
        """The path of a field of this object."""
        return f"{self.path}.{key}" if self.path and key else self.path or key

    def owner(self, name: str) -> Node | None:
        """The nearest object around, or this one, that has a field ``name``."""
        node: Node | None = self
        while node is not None and name not in node.values:
            node = node.outer
        return node

    def knows(self, name: str) -> bool:
        """Whether an expression in this object can mean something by ``name``."""
        return self.owner(name) is not None or name in self.around.variables or name in _SPECIAL

    def meaning(self, name: str) -> object:
        """What an expression in this object means by ``name``; None for what nobody knows or has filled in yet."""
        owner = self.owner(name)
        if owner is not None:
            return owner.values[name]
        if name in self.around.variables:
            return self.around.variables[name]
        special = {"this": self.values, "parent": self.outer.values if self.outer else None, "i": self.number or None}
        return special.get(name)

    def decide(self, expression: Expression) -> object:
        """The value of a condition or computation; None when it has none, as in the browser."""
        scope = {name: self.meaning(name) for name in expression.names}
        scope |= {name: self.meaning(name) for name in expression.possible_names if self.knows(name)}
        try:
            return expression.evaluate(scope, now=self.around.now)
        except FeelError:
            return None

    def nodes(self) -> Iterator[Node]:
        """The objects in this one that are not hidden, this one first."""
        yield self
        for key, below in self.inner.items():
            if key not in self.hidden:
                for node in below:
                    yield from node.nodes()


def settle(fields: tuple[Field, ...], typed: Row, around: Surroundings) -> Node:
    """The submission's tree at rest; ``typed`` is what the schema made of it."""
    root = _node("", fields, typed, around.variables, around)
    moving = sum(_moving(entry) for node in root.nodes() for entry in _all(node.fields))
    for _ in range(min(moving + 1, _MOST_ROUNDS) if moving else 0):
        if not _round(root):
            break
    return root


def _node(path: str, fields: tuple[Field, ...], given: object, case: object, around: Surroundings) -> Node:
    known = case if isinstance(case, Mapping) else {}
    node = Node(path, fields, dict(given) if isinstance(given, Mapping) else {}, known, around)
    for entry in flat(fields):
        value = known.get(entry.key) if entry.read_only is True else node.given.get(entry.key)
        if entry.kind is FieldKind.FLAG and value is None:
            value = False
        node.values[entry.key] = value
        if entry.kind is FieldKind.GROUP:
            inner = [_node(node.at(entry.key), entry.fields, value, known.get(entry.key), around)]
        elif entry.kind is FieldKind.ROWS:
            inner = _rows(node, entry, value, known.get(entry.key))
        else:
            continue
        for below in inner:
            below.outer = node
        node.inner[entry.key] = inner
        node.values[entry.key] = _shown(node, entry)
    return node


def _rows(node: Node, entry: Field, value: object, case: object) -> list[Node]:
    before = case if isinstance(case, list | tuple) else []
    found = []
    for index, row in enumerate(value if isinstance(value, list | tuple) else []):
        known = before[index] if index < len(before) else None
        found.append(_node(f"{node.at(entry.key)}[{index}]", entry.fields, row, known, node.around))
        found[-1].number = index + 1
    return found


def _shown(node: Node, entry: Field) -> object:
    """The value of a field that is neither hidden nor computed."""
    if entry.kind is FieldKind.GROUP:
        return node.inner[entry.key][0].values
    if entry.kind is FieldKind.ROWS:
        return [row.values for row in node.inner[entry.key]]
    value = (node.case if entry.read_only is True or entry.key in node.locked else node.given).get(entry.key)
    return False if value is None and entry.kind is FieldKind.FLAG else value


def _all(fields: tuple[Field, ...]) -> Iterator[Field]:
    for entry in fields:
        yield entry
        if entry.inline:
            yield from _all(entry.fields)


def _moving(entry: Field) -> bool:
    return entry.hide is not None or entry.computed is not None or isinstance(entry.read_only, Expression)


def _round(node: Node) -> bool:
    """Work out everything in ``node`` once; whether anything changed."""
    changed = False
    for entry, hides in conditions(node.fields):
        if entry.inline:
            continue
        before = node.values[entry.key], entry.key in node.hidden, entry.key in node.locked
        node.hidden.discard(entry.key)
        node.locked.discard(entry.key)
        if any(node.decide(hide) is True for hide in hides):
            node.hidden.add(entry.key)
            node.values[entry.key] = False if entry.kind is FieldKind.FLAG else None
        elif entry.computed is not None:
            node.values[entry.key] = node.decide(entry.computed)
        else:
            if isinstance(entry.read_only, Expression) and node.decide(entry.read_only) is True:
                node.locked.add(entry.key)
            node.values[entry.key] = _shown(node, entry)
            for below in node.inner.get(entry.key, ()):
                changed |= _round(below)
        changed |= before != (node.values[entry.key], entry.key in node.hidden, entry.key in node.locked)
    return changed


def conditions(
    fields: tuple[Field, ...], inherited: tuple[Expression, ...] = ()
) -> Iterator[tuple[Field, tuple[Expression, ...]]]:
    """Every component of one object, inline groups before their fields, with all conditions that hide it."""
    for entry in fields:
        hides = (*inherited, entry.hide) if entry.hide is not None else inherited
        yield entry, hides
        if entry.inline:
            yield from conditions(entry.fields, hides)
