"""Compile literals, operators and ``if`` to closures (DMN 1.5, tables 42 to 55)."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Protocol

from engine.feel import temporal
from engine.feel.limits import CONTEXT_WORDS, ENTRY_WORDS, LIST_WORDS, Run
from engine.feel.nodes import (
    Arithmetic,
    Between,
    Comparison,
    ContextOf,
    Facts,
    If,
    InstanceOf,
    ListOf,
    Literal,
    Logic,
    Negation,
    Node,
    RangeOf,
)
from engine.feel.scope import Closure, Scope
from engine.feel.types import name_of_type
from engine.feel.values import NUMBERS, ORDERED, Range, Value, YearsMonths, compare, equal


class Build(Protocol):
    """Compiles the nodes below the one at hand, read from ``text`` (see `engine.feel.compiler.Builder`)."""

    text: str

    def __call__(self, node: Node) -> Closure:
        """The closure of a node."""

    def facts(self, node: Node) -> Facts:
        """What the survey of the tree found out about a node."""


_DURATIONS = (timedelta, YearsMonths)


def literal(node: Literal, build: Build) -> Closure:
    """A constant."""
    value = node.value
    return lambda scope: value


def list_of(node: ListOf, build: Build) -> Closure:
    """``[a, b]``."""
    items = [build(item) for item in node.items]

    def evaluate(scope: Scope) -> Value:
        scope.run.produced(len(items), LIST_WORDS)
        return [item(scope) for item in items]

    return evaluate


def context_of(node: ContextOf, build: Build) -> Closure:
    """``{a: 1, b: a + 1}``: each entry sees the ones before it."""
    entries = list(zip(node.keys, [build(entry) for entry in node.entries], strict=True))
    overhead = 2 * (CONTEXT_WORDS + ENTRY_WORDS * len(entries))  # the context, and the scope in which it is built

    def evaluate(scope: Scope) -> Value:
        scope.run.produced(len(entries), overhead)
        values: dict[str, Value] = {}
        inner = Scope(values, scope, scope.run)
        for key, entry in entries:
            values[key] = entry(inner)
        # A copy, because functions defined inside keep the scope.
        return dict(values)

    return evaluate


def range_of(node: RangeOf, build: Build) -> Closure:
    """``[a..b]``; null when the ends cannot be ordered."""
    low = None if node.low is None else build(node.low)
    high = None if node.high is None else build(node.high)

    def evaluate(scope: Scope) -> Value:
        start = None if low is None else low(scope)
        end = None if high is None else high(scope)
        if low is not None and high is not None:
            if start is None or end is None:
                return None
            if compare(start, end) is None:
                _warn_of_two(scope.run, "a range", start, end, build.text, node.at)
                return None
        elif not _ordered(end if start is None else start):
            return None
        return Range(start, end, node.low_closed, node.high_closed)

    return evaluate


def _ordered(value: Value) -> bool:
    return compare(value, value) is not None


def negation(node: Negation, build: Build) -> Closure:
    """A number or duration with the other sign; null for anything else."""
    operand = build(node.operand)

    def evaluate(scope: Scope) -> Value:
        value = operand(scope)
        if type(value) is Decimal:
            return NUMBERS.minus(value)
        if type(value) is YearsMonths:
            return YearsMonths(-value.months)
        if type(value) is timedelta:
            return temporal.subtract(timedelta(), value)
        if value is not None:
            scope.run.warn(f"'-' takes no {name_of_type(value)}", build.text, node.at)
        return None

    return evaluate


def add(left: Value, right: Value, run: Run) -> Value:
    """Sum of numbers, concatenation of strings, or an instant and a duration."""
    if type(left) is Decimal and type(right) is Decimal:
        return NUMBERS.add(left, right)
    if type(left) is str and type(right) is str:
        run.produced(len(left) + len(right))
        return left + right
    return temporal.add(left, right)


def subtract(left: Value, right: Value, run: Run) -> Value:
    """Difference of numbers, instants or durations."""
    if type(left) is Decimal and type(right) is Decimal:
        return NUMBERS.subtract(left, right)
    return temporal.subtract(left, right)


def multiply(left: Value, right: Value, run: Run) -> Value:
    """Product of numbers, or of a number and a duration."""
    if type(left) is Decimal and type(right) is Decimal:
        return NUMBERS.multiply(left, right)
    if type(left) is Decimal:
        left, right = right, left
    return temporal.scale(left, right, False) if type(left) in _DURATIONS and type(right) is Decimal else None


def divide(left: Value, right: Value, run: Run) -> Value:
    """Quotient of numbers, of durations of one kind, or of a duration and a number."""
    if type(left) is Decimal and type(right) is Decimal:
        return NUMBERS.divide(left, right)
    if type(left) in _DURATIONS:
        if type(right) is Decimal:
            return temporal.scale(left, right, True)
        return temporal.ratio(left, right) if type(right) is type(left) else None
    return None


def power(left: Value, right: Value, run: Run) -> Value:
    """A number to the power of a number; anything to the power of 0 is 1."""
    if type(left) is not Decimal or type(right) is not Decimal:
        return None
    return NUMBERS.power(left, right) if right else Decimal(1)


_ARITHMETIC: dict[str, Callable[[Value, Value, Run], Value]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}


_OF_NUMBERS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": NUMBERS.add,
    "-": NUMBERS.subtract,
    "*": NUMBERS.multiply,
    "/": NUMBERS.divide,
}


def arithmetic(node: Arithmetic, build: Build) -> Closure:
    """A chain of operators of one level; an operation without a result, such as a division by zero, is null."""
    first, *rest = [build(operand) for operand in node.operands]
    steps = [
        (sign, _ARITHMETIC[sign], _OF_NUMBERS.get(sign), operand)
        for sign, operand in zip(node.operators, rest, strict=True)
    ]

    def evaluate(scope: Scope) -> Value:
        value = first(scope)
        for sign, apply, of_numbers, operand in steps:
            left, right = value, operand(scope)
            try:
                if of_numbers is not None and type(left) is Decimal and type(right) is Decimal:
                    value = of_numbers(left, right)
                else:
                    value = apply(left, right, scope.run)
            except ArithmeticError:
                value = None
            if value is None:
                _warn_of_two(scope.run, f"'{sign}'", left, right, build.text, node.at)
        return value

    return evaluate


def _warn_of_two(run: Run, what: str, left: Value, right: Value, text: str, at: int) -> None:
    """Say that an operator has no result for two values; a null among them has been reported where it arose."""
    if left is None or right is None:
        return
    one, other = name_of_type(left), name_of_type(right)
    if type(left) is Decimal and type(right) is Decimal:
        run.warn(f"{what} has no result for these numbers: a division by zero, or out of range", text, at)
    else:
        run.warn(f"{what} has no result for {one} and {other}", text, at)


def logic(node: Logic, build: Build) -> Closure:
    """Three-valued ``and`` and ``or`` (table 50): what is not a boolean counts as null."""
    operands = [build(operand) for operand in node.operands]
    decisive = node.operator == "or"

    def evaluate(scope: Scope) -> Value:
        result: bool | None = not decisive
        for operand in operands:
            value = operand(scope)
            if value is decisive:
                return decisive
            if value is not True and value is not False:
                result = None
        return result

    return evaluate


_ORDER: dict[str, Callable[[Value, Value], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}


def compare_by(sign: str) -> Callable[[Value, Value, Run], bool | None]:
    """The comparison ``sign`` as a function of two values; null when they do not compare."""
    order = _ORDER[sign]

    def evaluate(left: Value, right: Value, run: Run) -> bool | None:
        kind = type(left)
        if kind is type(right) and kind in ORDERED:
            return order(left, right)
        if sign == "=" or sign == "!=":
            same = equal(left, right, run)
            return same if same is None or sign == "=" else not same
        sides = compare(left, right)
        return None if sides is None else order(sides, 0)

    return evaluate


def comparison(node: Comparison, build: Build) -> Closure:
    """``a < b`` and its like."""
    left, right, compare_values = build(node.left), build(node.right), compare_by(node.operator)
    order = _ORDER[node.operator]

    def evaluate(scope: Scope) -> Value:
        one, other = left(scope), right(scope)
        kind = type(one)
        if kind is type(other) and kind in ORDERED:
            return order(one, other)
        verdict = compare_values(one, other, scope.run)
        if verdict is None:
            _warn_of_two(scope.run, f"'{node.operator}'", one, other, build.text, node.at)
        return verdict

    return evaluate


def between(node: Between, build: Build) -> Closure:
    """``a between b and c``, both bounds included."""
    value, low, high = build(node.value), build(node.low), build(node.high)

    def evaluate(scope: Scope) -> Value:
        middle = value(scope)
        below, above = compare(middle, low(scope)), compare(middle, high(scope))
        if (below is not None and below < 0) or (above is not None and above > 0):
            return False
        return None if below is None or above is None else True

    return evaluate


def if_then_else(node: If, build: Build) -> Closure:
    """``else`` also for a condition that is null."""
    condition, then, otherwise = build(node.condition), build(node.then), build(node.otherwise)

    def evaluate(scope: Scope) -> Value:
        verdict = condition(scope)
        if verdict is True:
            return then(scope)
        if verdict is not False and verdict is not None:
            scope.run.warn(f"the condition of 'if' is a {name_of_type(verdict)}", build.text, node.at)
        return otherwise(scope)

    return evaluate


def instance_of(node: InstanceOf, build: Build) -> Closure:
    """Whether a value is of a type; null is of type ``Null`` only."""
    value, kind = build(node.value), node.type
    return lambda scope: kind.holds(value(scope), scope.run)
