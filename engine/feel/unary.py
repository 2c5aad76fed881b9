"""Compile unary tests to closures: the entries of decision tables, and the right side of ``in`` (10.3.2.7)."""

from __future__ import annotations

from collections.abc import Callable

from engine.feel.limits import Run
from engine.feel.nodes import (
    Between,
    Call,
    Comparison,
    In,
    InstanceOf,
    Logic,
    Quantified,
    Test,
    Tests,
)
from engine.feel.operators import Build, compare_by
from engine.feel.scope import Closure, Scope
from engine.feel.values import Range, Value, equal, within

Match = Callable[[Value, Scope], bool | None]
_CONDITIONS = (Comparison, Logic, In, Between, Quantified, InstanceOf, Call)


def contained(node: In, build: Build) -> Closure:
    """``value in tests``."""
    value, match = build(node.value), tests(node.tests, build)
    return lambda scope: match(value(scope), scope)


def tests(node: Tests, build: Build) -> Match:
    """Whether a value passes; three-valued like ``or``, or ``not`` of it."""
    matches = [_test(item, build) for item in node.items]
    if not matches:
        return lambda value, scope: True
    if len(matches) == 1 and not node.negated:
        return matches[0]
    negated = node.negated

    def evaluate(value: Value, scope: Scope) -> bool | None:
        result: bool | None = False
        for match in matches:
            verdict = match(value, scope)
            if verdict is True:
                return not negated
            if verdict is None:
                result = None
        return None if result is None else negated

    return evaluate


def _test(node: Test, build: Build) -> Match:
    operand = build(node.operand)
    if node.operator is not None:
        compare_values = compare_by(node.operator)
        return lambda value, scope: compare_values(value, operand(scope), scope.run)
    if build.facts(node.operand).asks:
        # The expression speaks about the value itself: it is the condition.
        return lambda value, scope: _truth(operand(Scope({"?": value}, scope, scope.run)))
    condition = isinstance(node.operand, _CONDITIONS)

    def evaluate(value: Value, scope: Scope) -> bool | None:
        target = operand(scope)
        if condition and target is True and type(value) is not bool:
            return True
        return _matches(value, target, scope.run)

    return evaluate


def _truth(value: Value) -> bool | None:
    return value if value is True or value is False else None


def _matches(value: Value, target: Value, run: Run) -> bool | None:
    """Equal to the target, in it when it is a range, or one of its items when it is a list."""
    if type(target) is Range:
        return within(value, target)
    if type(target) is not list:
        return equal(value, target, run)
    run.tick(len(target))
    if type(value) is list and equal(value, target, run) is True:
        return True
    result: bool | None = False
    for item in target:
        verdict = within(value, item) if type(item) is Range else equal(value, item, run)
        if verdict is True:
            return True
        if verdict is None and type(item) is Range:
            result = None  # whereas an item of another type is just another item, as for ``list contains()``
    return result
