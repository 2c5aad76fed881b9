"""The syntax tree. ``at`` is the offset in the text that an error about the node points at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.feel.types import FeelType
from engine.feel.values import Value


@dataclass(frozen=True, slots=True)
class Node:
    """Anything that has a value."""

    at: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A constant."""

    value: Value


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable; ``?`` is the input of a unary test."""

    name: str


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """``[a, b]``."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    """``{key: entry}``."""

    keys: tuple[str, ...]
    entries: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class RangeOf(Node):
    """``[low..high]``; an end that is None is open to infinity."""

    low: Node | None
    high: Node | None
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """``-a``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """``operands[0] operators[0] operands[1] ...``, from the left; flat, so that a long sum is not a deep tree."""

    operators: tuple[str, ...]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """``operator`` is ``and`` or ``or``."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``left operator right``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``value between low and high``."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Test(Node):
    """One unary test: with an ``operator`` (``< 5``), or without (a value, list, range, or expression with ``?``)."""

    __test__ = False  # not a test class of pytest
    operator: str | None
    operand: Node


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """Any of ``items`` matches, or with ``negated`` none does; no items at all is ``-``, which matches everything."""

    __test__ = False
    items: tuple[Test, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class In(Node):
    """``value in tests``."""

    value: Node
    tests: Tests


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if condition then then else otherwise``."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterate(Node):
    """``name in source`` or, with ``last``, ``name in source..last``."""

    name: str
    source: Node
    last: Node | None


@dataclass(frozen=True, slots=True)
class For(Node):
    """``for iterators return result``."""

    iterators: tuple[Iterate, ...]
    result: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """``every`` or, when false, ``some``."""

    every: bool
    iterators: tuple[Iterate, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class FunctionOf(Node):
    """``function(parameters) body``; a type is None where none is written."""

    parameters: tuple[str, ...]
    types: tuple[FeelType | None, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``names`` is None for arguments by position."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Path(Node):
    """``target.name``."""

    target: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """``target[condition]``."""

    target: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """``value instance of type``."""

    value: Node
    type: FeelType


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below, in the order they are written."""
    for name in node.__match_args__:  # the names of the fields; asking dataclasses for them costs ten times as much
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, Node))


@dataclass(frozen=True, slots=True)
class Facts:
    """What is worth knowing about a tree: its ``levels``, the ``steps`` one evaluation of it counts for where it is
    evaluated again and again, and whether ``?`` (``asks``) and ``partial`` occur in it.
    """

    levels: int
    steps: int
    asks: bool
    partial: bool


def survey(node: Node) -> dict[int, Facts]:
    """The facts of a tree and of all trees in it, by identity, found in one pass."""
    found: dict[int, Facts] = {}
    _survey(node, found)
    return found


_LEAF = Facts(levels=1, steps=1, asks=False, partial=False)
"""Most nodes of a long expression: literals and names."""


def _survey(node: Node, found: dict[int, Facts]) -> int:
    """Enter the facts of ``node``; returns its number of nodes."""
    if type(node) is Literal:
        found[id(node)] = _LEAF
        return 1
    name = node.name if type(node) is Name else ""
    size, levels, asks, partial = 1, 0, name == "?", name == "partial"
    for below in children(node):
        size += _survey(below, found)
        facts = found[id(below)]
        if facts.levels > levels:
            levels = facts.levels
        asks = asks or facts.asks
        partial = partial or facts.partial
    found[id(node)] = Facts(levels + 1, 1 + size // 8, asks, partial)
    return size
