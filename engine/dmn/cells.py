"""Cells of decision tables that say what they mean without any variable: as a quick match, and for the analysis.

Such a `Cell` is a union of spans of constants (``"A", "B"``, ``[60..70)``, ``> 5``) or the complement of one
(``not("A")``). Everything else, such as a cell that names a variable or calls a function, has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.feel.compiler import compile_node
from engine.feel.errors import FeelError
from engine.feel.limits import DEFAULT, Run
from engine.feel.nodes import Between, Call, Comparison, ListOf, Literal, Name, Negation, Node, RangeOf, Test, Tests
from engine.feel.scope import Scope
from engine.feel.unary import Match
from engine.feel.values import NUMBERS, ORDERED, Value, YearsMonths

CONSTANT_CALLS = ("date", "date and time", "time", "duration", "number")
SCALARS = frozenset({str, bool, Decimal, date, datetime, timedelta, YearsMonths})
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}


@dataclass(frozen=True, slots=True)
class Span:
    """The values from ``low`` to ``high``, an end that is None being open; a single value has it as both ends."""

    low: Value
    high: Value
    low_closed: bool
    high_closed: bool

    @property
    def single(self) -> bool:
        """Whether it is one value."""
        return self.low is not None and self.low_closed and self.high_closed and self.low is self.high

    @property
    def kind(self) -> type:
        """The type of its ends."""
        return type(self.low if self.low is not None else self.high)


@dataclass(frozen=True, slots=True)
class Cell:
    """The values in any of ``spans``, or with ``negated`` in none of them. ``null``: null is among what is listed."""

    spans: tuple[Span, ...]
    negated: bool = False
    null: bool = False

    @property
    def kinds(self) -> frozenset[type]:
        """The types of values that it speaks of."""
        return frozenset(span.kind for span in self.spans)

    @property
    def constants(self) -> tuple[Value, ...] | None:
        """The values that pass, when they can be listed and nothing else passes."""
        if self.negated or self.null or not self.spans or not all(span.single for span in self.spans):
            return None
        return tuple(span.low for span in self.spans)


def cell_of(tree: Tests | None) -> Cell | None:
    """The meaning of unary tests, None when it depends on anything but the value that is tested."""
    if tree is None or not tree.items:
        return None
    spans: list[Span] = []
    null = False
    for item in tree.items:
        found = _spans(item)
        if found is None:
            return None
        null = null or None in found
        spans += [span for span in found if span is not None]
    return Cell(tuple(spans), tree.negated, null)


def constant(node: Node | None) -> tuple[Value] | None:
    """The value of an expression that is written out, in a tuple of one; None for any other expression."""
    if isinstance(node, Literal):
        return (node.value,)
    if isinstance(node, Negation) and isinstance(node.operand, Literal) and type(node.operand.value) is Decimal:
        return (NUMBERS.minus(node.operand.value),)
    called = node.function if isinstance(node, Call) else None
    if not isinstance(called, Name) or called.name not in CONSTANT_CALLS or not isinstance(node, Call):
        return None
    if not all(isinstance(argument, Literal) for argument in node.arguments):
        return None
    try:
        value = compile_node(node, called.name)(Scope({}, None, Run(None, DEFAULT)))
    except FeelError:
        return None
    return None if value is None else (value,)


def _spans(test: Test) -> list[Span | None] | None:
    """The spans of one test; None in the list stands for null."""
    if test.operator is not None:
        return _half(test.operator, constant(test.operand))
    node = test.operand
    value = constant(node)
    if value is not None:
        return [None] if value[0] is None else _half("=", value)
    if isinstance(node, ListOf):
        each = [constant(item) for item in node.items]
        if not each or any(item is None or item[0] is None for item in each):
            return None
        found = [_half("=", item) for item in each]
        return None if any(item is None for item in found) else [span for item in found if item for span in item]
    if isinstance(node, RangeOf):
        return _range(node)
    if isinstance(node, Between) and _asks(node.value):
        return _range(RangeOf(node.at, node.low, node.high, low_closed=True, high_closed=True))
    if isinstance(node, Comparison) and _asks(node.left):
        return _half(node.operator, constant(node.right))
    if isinstance(node, Comparison) and _asks(node.right) and node.operator in _MIRRORED:
        return _half(_MIRRORED[node.operator], constant(node.left))
    return None


def _asks(node: Node) -> bool:
    return isinstance(node, Name) and node.name == "?"


def _half(operator: str, value: tuple[Value] | None) -> list[Span | None] | None:
    if value is None or type(value[0]) not in SCALARS:
        return None
    end = value[0]
    if operator == "=":
        return [Span(end, end, low_closed=True, high_closed=True)]
    if type(end) is bool or operator == "!=":
        return None
    if operator.startswith("<"):
        return [Span(None, end, low_closed=False, high_closed=operator == "<=")]
    return [Span(end, None, low_closed=operator == ">=", high_closed=False)]


def _range(node: RangeOf) -> list[Span | None] | None:
    low = None if node.low is None else constant(node.low)
    high = None if node.high is None else constant(node.high)
    if (node.low is not None and low is None) or (node.high is not None and high is None):
        return None
    ends = [end[0] for end in (low, high) if end is not None]
    if not ends or any(type(end) is not type(ends[0]) or type(end) not in SCALARS - {bool} for end in ends):
        return None
    return [Span(low and low[0], high and high[0], low_closed=node.low_closed, high_closed=node.high_closed)]


def quick(cell: Cell | None, match: Match | None) -> Match | None:
    """A match that answers for values of the cell's own type by itself, and leaves all others to ``match``."""
    if cell is None or match is None or cell.negated or cell.null or len(cell.kinds) != 1:
        return match
    (kind,) = cell.kinds
    if cell.constants is not None and kind in (str, bool, Decimal):
        return _listed(frozenset(cell.constants), kind, match)
    if len(cell.spans) == 1 and kind in ORDERED:
        return _spanned(cell.spans[0], kind, match)
    return match


def _listed(values: frozenset[Value], kind: type, match: Match) -> Match:
    def evaluate(value: Value, scope: Scope) -> bool | None:
        return value in values if type(value) is kind else match(value, scope)

    return evaluate


def _spanned(span: Span, kind: type, match: Match) -> Match:
    low, high = span.low, span.high
    above = None if low is None else (low.__le__ if span.low_closed else low.__lt__)
    below = None if high is None else (high.__ge__ if span.high_closed else high.__gt__)

    def evaluate(value: Value, scope: Scope) -> bool | None:
        if type(value) is not kind:
            return match(value, scope)
        return bool((above is None or above(value)) and (below is None or below(value)))

    def only_above(value: Value, scope: Scope) -> bool | None:
        return bool(above(value)) if type(value) is kind and above is not None else match(value, scope)

    def only_below(value: Value, scope: Scope) -> bool | None:
        return bool(below(value)) if type(value) is kind and below is not None else match(value, scope)

    return only_above if below is None else only_below if above is None else evaluate
