"""Static types: what of an expression can only be null, because types do not fit, said before it is ever evaluated.

The types of variables are those that are known; what is not known is not judged, so that everything reported is
really wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.feel.access import RANGE_PARTS
from engine.feel.builtins import BUILTINS
from engine.feel.errors import position
from engine.feel.nodes import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    ContextOf,
    Filter,
    For,
    FunctionOf,
    If,
    In,
    InstanceOf,
    Iterate,
    ListOf,
    Literal,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
    RangeOf,
    Test,
    Tests,
)
from engine.feel.parser import parse_expression, parse_unary
from engine.feel.types import ANY, FeelType, TypeFinder, name_of_type
from engine.feel.typing_tables import (
    ARITHMETIC,
    BOOLEAN,
    DURATIONS,
    NULL,
    NUMBER,
    NUMERIC,
    ORDERED,
    PROPERTIES,
    RESULTS,
    SAME_LIST,
    accepts,
    overloads,
    plain,
)

Types = Mapping[str, FeelType | None]


@dataclass(frozen=True, slots=True)
class TypeProblem:
    """``line`` and ``column`` count from 1."""

    message: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.message} (line {self.line}, column {self.column})"


def check(
    text: str, types: Mapping[str, FeelType], *, names: Iterable[str] = (), named: TypeFinder | None = None
) -> list[TypeProblem]:
    """What is wrong with an expression's types. ``types`` of the variables, as far as known; ``names`` of others;
    ``named`` types as for `engine.feel.parse`. Raises `FeelSyntaxError`.
    """
    inference = _Inference(text)
    inference.type_of(parse_expression(text, [*types, *names], named), types)
    return inference.problems


def check_tests(
    text: str,
    tested: FeelType,
    types: Mapping[str, FeelType],
    *,
    names: Iterable[str] = (),
    named: TypeFinder | None = None,
) -> list[TypeProblem]:
    """The same for unary tests of a value of the type ``tested``. Raises `FeelSyntaxError`."""
    inference = _Inference(text)
    inference.tests(parse_unary(text, [*types, *names], named), tested, types)
    return inference.problems


def infer(
    text: str, types: Mapping[str, FeelType], *, names: Iterable[str] = (), named: TypeFinder | None = None
) -> FeelType:
    """The type of an expression's value; `ANY` when it is not known. Raises `FeelSyntaxError`."""
    return _Inference(text).type_of(parse_expression(text, [*types, *names], named), types) or ANY


class _Inference:
    """Walks through a tree. Types are None where nothing is known, and else `plain`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[TypeProblem] = []

    def problem(self, message: str, at: int) -> None:
        self.problems.append(TypeProblem(message, *position(self.text, at)))

    def type_of(self, node: Node, types: Types) -> FeelType | None:
        return plain(_RULES[type(node)](self, node, types))

    def name(self, node: Name, types: Types) -> FeelType | None:
        return types.get(node.name)

    def literal(self, node: Literal, types: Types) -> FeelType | None:
        return NULL if node.value is None else FeelType(name_of_type(node.value))

    def list_of(self, node: ListOf, types: Types) -> FeelType | None:
        kinds = [self.type_of(item, types) for item in node.items]
        return FeelType("list", kinds[0] if kinds and all(kind == kinds[0] for kind in kinds) else None)

    def context_of(self, node: ContextOf, types: Types) -> FeelType | None:
        inner = dict(types)
        members = []
        for key, entry in zip(node.keys, node.entries, strict=True):
            inner[key] = self.type_of(entry, inner)
            members.append((key, inner[key] or ANY))
        return FeelType("context", members=tuple(members))

    def range_of(self, node: RangeOf, types: Types) -> FeelType | None:
        ends = [plain(self.type_of(end, types)) for end in (node.low, node.high) if end is not None]
        known = [end for end in ends if end is not None]
        if len(known) == 2 and known[0] != known[1]:
            self.problem(f"a range from a {known[0]} to a {known[1]}", node.at)
        elif known and known[0] not in ORDERED:
            self.problem(f"a range of a {known[0]}, which has no order", node.at)
        return FeelType("range", known[0] if known else None)

    def negation(self, node: Negation, types: Types) -> FeelType | None:
        kind = self.type_of(node.operand, types)
        if kind is not None and kind not in (NUMBER, NULL, *DURATIONS):
            self.problem(f"'-' takes no {kind}", node.at)
        return kind

    def arithmetic(self, node: Arithmetic, types: Types) -> FeelType | None:
        left = self.type_of(node.operands[0], types)
        for sign, operand in zip(node.operators, node.operands[1:], strict=True):
            right = self.type_of(operand, types)
            if left is None or right is None:
                left = None
                continue
            result = ARITHMETIC[sign].get((left, right))
            if result is None and NULL not in (left, right):
                self.problem(f"'{sign}' does not take a {left} and a {right}", node.at)
            left = result
        return left

    def logic(self, node: Logic, types: Types) -> FeelType | None:
        for operand in node.operands:
            kind = self.type_of(operand, types)
            if kind not in (None, BOOLEAN, NULL):
                self.problem(f"'{node.operator}' takes booleans, not a {kind}", operand.at)
        return BOOLEAN

    def comparison(self, node: Comparison, types: Types) -> FeelType | None:
        self.compare(node.operator, self.type_of(node.left, types), self.type_of(node.right, types), node.at)
        return BOOLEAN

    def compare(self, sign: str, left: FeelType | None, right: FeelType | None, at: int) -> None:
        known = [kind for kind in (left, right) if kind is not None]
        if NULL in known:
            return
        if sign not in ("=", "!="):
            for kind in known:
                if kind not in ORDERED:
                    self.problem(f"'{sign}' does not take a {kind}", at)
                    return
        if len(known) == 2 and known[0].name != known[1].name:
            self.problem(f"'{sign}' compares a {known[0]} with a {known[1]}", at)

    def between(self, node: Between, types: Types) -> FeelType | None:
        value = self.type_of(node.value, types)
        for bound in (node.low, node.high):
            self.compare("between", value, self.type_of(bound, types), node.at)
        return BOOLEAN

    def contained(self, node: In, types: Types) -> FeelType | None:
        self.tests(node.tests, self.type_of(node.value, types), types)
        return BOOLEAN

    def tests(self, node: Tests, tested: FeelType | None, types: Types) -> None:
        tested = plain(tested)
        for item in node.items:
            self.test(item, tested, {**types, "?": tested})

    def test(self, node: Test, tested: FeelType | None, types: Types) -> None:
        kind = self.type_of(node.operand, types)
        if node.operator is not None:
            self.compare(node.operator, tested, kind, node.at)
        elif kind is None or tested is None or tested.name == "list" or kind == BOOLEAN:
            return
        elif kind.name == "range" and kind != tested:
            self.compare("in", tested, plain(kind.items), node.at)
        elif kind.name == "list":
            items = plain(kind.items)
            if items is not None:
                self.compare("=", tested, plain(items.items) if items.name == "range" else items, node.at)
        else:
            self.compare("=", tested, kind, node.at)

    def condition(self, node: If, types: Types) -> FeelType | None:
        kind = self.type_of(node.condition, types)
        if kind not in (None, BOOLEAN, NULL):
            self.problem(f"the condition of 'if' is a {kind}", node.at)
        then, otherwise = self.type_of(node.then, types), self.type_of(node.otherwise, types)
        if NULL in (then, otherwise):
            return otherwise if then == NULL else then
        return then if then == otherwise else None

    def iterators(self, iterators: tuple[Iterate, ...], types: Types) -> Types:
        inner = dict(types)
        for each in iterators:
            kind = self.type_of(each.source, inner)
            if each.last is not None:
                self.type_of(each.last, inner)
            elif kind is not None and kind.name in ("list", "range"):
                kind = plain(kind.items)
            inner[each.name] = kind
        return inner

    def loop(self, node: For, types: Types) -> FeelType | None:
        inner = {**self.iterators(node.iterators, types), "partial": FeelType("list")}
        return FeelType("list", self.type_of(node.result, inner))

    def quantified(self, node: Quantified, types: Types) -> FeelType | None:
        kind = self.type_of(node.condition, self.iterators(node.iterators, types))
        if kind not in (None, BOOLEAN, NULL):
            self.problem(f"'{'every' if node.every else 'some'}' asks for a {kind}, not a boolean", node.at)
        return BOOLEAN

    def function_of(self, node: FunctionOf, types: Types) -> FeelType | None:
        inner = {**types, **dict(zip(node.parameters, node.types, strict=True))}
        result = self.type_of(node.body, inner)
        return FeelType("function", parameters=tuple(kind or ANY for kind in node.types), result=result or ANY)

    def call(self, node: Call, types: Types) -> FeelType | None:
        given = [self.type_of(argument, types) for argument in node.arguments]
        if isinstance(node.function, Name) and node.function.name in BUILTINS and node.function.name not in types:
            return self.builtin(node, node.function.name, given)
        function = self.type_of(node.function, types)
        if function is None:
            return None
        if function.name != "function":
            self.problem(f"a {function} is no function", node.at)
            return None
        if function.parameters is not None and len(function.parameters) != len(given):
            self.problem(f"the function takes {len(function.parameters)} arguments, not {len(given)}", node.at)
        return function.result

    def builtin(self, node: Call, name: str, given: list[FeelType | None]) -> FeelType | None:
        found = overloads(name, len(given), node.names)
        if not found:
            known = ", ".join(dict.fromkeys(each.name for way in BUILTINS[name].overloads for each in way.parameters))
            what = f"{len(given)} arguments" if node.names is None else f"the arguments {', '.join(node.names)}"
            self.problem(f"{name}() does not take {what}; it knows: {known}", node.at)
        elif not any(
            all(kind is None or accepts(way, at, kind) for at, kind in zip(order, given, strict=True))
            for way, order in found
        ):
            self.problem(f"{name}() does not take {', '.join(str(kind or 'Any') for kind in given)}", node.at)
        first = given[0] if given else None
        if name in NUMERIC and first is not None and plain(first.items) not in (None, NUMBER, NULL):
            self.problem(f"{name}() takes numbers, not a {first}", node.at)
        return first if name in SAME_LIST and first is not None and first.name == "list" else RESULTS.get(name)

    def path(self, node: Path, types: Types) -> FeelType | None:
        return self.part(self.type_of(node.target, types), node)

    def part(self, kind: FeelType | None, node: Path) -> FeelType | None:
        if kind is None or kind.name in ("function", "Null"):
            return None
        if kind.name == "list":
            return FeelType("list", self.part(plain(kind.items), node))
        parts: dict[str, Any] = PROPERTIES.get(kind, dict(kind.members))
        if kind.name == "range":
            parts = {part: BOOLEAN if part.endswith("included") else kind.items for part in RANGE_PARTS}
        elif kind.name == "context" and not parts:
            return None  # nothing is known of its entries
        if node.name not in parts:
            self.problem(f"a {kind} has no '{node.name}'", node.at)
        return plain(parts.get(node.name))

    def filter(self, node: Filter, types: Types) -> FeelType | None:
        target = self.type_of(node.target, types)
        item = plain(target.items) if target is not None and target.name == "list" else target
        known = item is not None and bool(item.members)
        # Of items that are not known, any name may be an entry.
        inner: dict[str, FeelType | None] = {**types, **dict(item.members)} if item is not None and known else {}
        if item in ORDERED:
            inner = dict(types)
        kind = self.type_of(node.condition, {**inner, "item": item})
        if kind == NUMBER:
            return item
        if kind not in (None, BOOLEAN, NULL):
            self.problem(f"the filter is a {kind}, neither a condition nor a position", node.at)
        return FeelType("list", item) if kind == BOOLEAN else None

    def instance_of(self, node: InstanceOf, types: Types) -> FeelType | None:
        self.type_of(node.value, types)
        return BOOLEAN


_RULES: dict[type[Node], Callable[[_Inference, Any, Types], FeelType | None]] = {
    Arithmetic: _Inference.arithmetic,
    Between: _Inference.between,
    Call: _Inference.call,
    Comparison: _Inference.comparison,
    ContextOf: _Inference.context_of,
    Filter: _Inference.filter,
    For: _Inference.loop,
    FunctionOf: _Inference.function_of,
    If: _Inference.condition,
    In: _Inference.contained,
    InstanceOf: _Inference.instance_of,
    ListOf: _Inference.list_of,
    Literal: _Inference.literal,
    Logic: _Inference.logic,
    Name: _Inference.name,
    Negation: _Inference.negation,
    Path: _Inference.path,
    Quantified: _Inference.quantified,
    RangeOf: _Inference.range_of,
}
