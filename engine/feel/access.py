"""Compile names, paths, filters, calls and function definitions to closures (DMN 1.5, 10.3.2.5 to 10.3.2.13)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.feel import temporal
from engine.feel.builtins import BUILTINS
from engine.feel.errors import UnknownVariable, position, unknown
from engine.feel.limits import FUNCTION_WORDS, LIST_WORDS, Run
from engine.feel.nodes import (
    Between,
    Call,
    Comparison,
    Filter,
    FunctionOf,
    In,
    InstanceOf,
    Literal,
    Logic,
    Name,
    Negation,
    Path,
    Quantified,
)
from engine.feel.operators import Build
from engine.feel.scope import Closure, Scope
from engine.feel.types import name_of_type
from engine.feel.values import NUMBERS, PLAIN, Function, Range, Value, convert

_MISSING: Any = object()
_NO_BINDINGS: dict[str, Value] = {}
RANGE_PARTS = {"start": "low", "end": "high", "start included": "low_closed", "end included": "high_closed"}
_BOOLEAN = (Comparison, Logic, In, Between, Quantified, InstanceOf)


def name(node: Name, text: str, *, function: bool = False) -> Closure:
    """A variable's value; if there is none, a built-in function of this name with ``function`` and in DMN."""
    key, at = node.name, node.at

    def evaluate(scope: Scope) -> Value:
        level = scope
        while level.parent is not None:
            value = level.bindings.get(key, _MISSING)
            if value is not _MISSING:
                return value
            if level.items is not None:
                if key == "item":
                    return level.item
                if key in _keys(level):
                    return None
            level = level.parent
        value = level.bindings.get(key, _MISSING)
        if type(value) in PLAIN:
            return value
        if value is _MISSING:
            if key in BUILTINS and (function or level.run.standard):
                return BUILTINS[key].as_value()
            if not level.run.standard:
                raise UnknownVariable(key, *position(text, at))
            level.run.warn(unknown(key), text, at)
            return None
        if key not in level.run.converted:
            level.run.converted[key] = convert(value, level.run)
        return level.run.converted[key]

    return evaluate


def _keys(scope: Scope) -> frozenset[str]:
    if scope.keys is None:
        contexts = [item for item in scope.items or () if type(item) is dict]
        scope.run.tick(sum(len(item) for item in contexts))
        scope.keys = frozenset(key for item in contexts for key in item)
    return scope.keys


def get(value: Value, key: str, run: Run) -> Value:
    """``value.key``: an entry of a context, of each context of a list, or a part of a temporal value or range."""
    kind = type(value)
    if kind is dict:
        return value.get(key)
    if kind is list:
        run.tick(len(value))
        return [get(item, key, run) for item in value]
    if kind is Range:
        return getattr(value, RANGE_PARTS[key]) if key in RANGE_PARTS else None
    return temporal.part(value, key)


def has_part(value: Value, key: str) -> bool:
    """Whether values of this type have such a property, if only as null; contexts and lists may have any."""
    kind = type(value)
    return kind is dict or kind is list or (key in RANGE_PARTS if kind is Range else key in temporal.part_names(value))


def path(node: Path, build: Build) -> Closure:
    """``target.name``; null for a property that the value does not have."""
    target, key = build(node.target), node.name
    variable = node.target.name if isinstance(node.target, Name) else None

    def evaluate(scope: Scope) -> Value:
        if scope.parent is None and variable is not None:
            entry = _entry_alone(scope, variable, key)
            if entry is not _MISSING:
                return entry
        value = target(scope)
        if type(value) is dict:
            return value.get(key)
        if type(value) is list:
            scope.run.produced(len(value), LIST_WORDS)
        part = get(value, key, scope.run)
        if part is None and value is not None and not has_part(value, key):
            scope.run.warn(f"a {name_of_type(value)} has no '{key}'", build.text, node.at)
        return part

    return evaluate


def _entry_alone(scope: Scope, variable: str, key: str) -> Value:
    """An entry of a variable that has not been converted to FEEL's types; only the entry is, not all of a large
    context. `_MISSING` when there is no such entry.
    """
    converted = scope.run.converted
    if variable in converted:
        return _MISSING
    entry = (variable, key)
    if entry not in converted:
        raw = scope.bindings.get(variable)
        if type(raw) is not dict or key not in raw:
            return _MISSING
        converted[entry] = convert(raw[key], scope.run)
    return converted[entry]


def _index(items: list[Value], number: Decimal) -> Value:
    """The item at a position counted from 1, or from the end when negative; null outside."""
    if number != number.to_integral_value() or not 1 <= abs(number) <= len(items):
        return None
    return items[int(number) - 1 if number > 0 else int(number)]


def filter_list(node: Filter, build: Build) -> Closure:
    """``target[condition]``: items by condition, or one item by position; a single value is a list of one, and of null
    there is null.
    """
    target, condition = build(node.target), build(node.condition)
    fixed = _fixed_index(node)
    boolean = isinstance(node.condition, _BOOLEAN)
    steps = build.facts(node.condition).steps

    def evaluate(scope: Scope) -> Value:
        value = target(scope)
        if value is None:
            return None
        items = value if type(value) is list else [value]
        if fixed is not None:
            return _index(items, fixed)
        run = scope.run
        if not items:
            return [] if boolean else _of_nothing(scope)
        kept = []
        keys: frozenset[str] | None = None
        for item in items:
            run.tick(steps)
            inner = Scope(item if type(item) is dict else _NO_BINDINGS, scope, run, items, item)
            inner.keys = keys
            verdict = condition(inner)
            keys = inner.keys
            if verdict is True:
                kept.append(item)
            elif type(verdict) is Decimal and not boolean:
                return _index(items, verdict)
        run.produced(len(kept), LIST_WORDS)
        return kept

    def _of_nothing(scope: Scope) -> Value:
        """An empty list: null for a position, empty for a condition on items that are not there."""
        try:
            return None if type(condition(Scope({"item": None}, scope, scope.run))) is Decimal else []
        except UnknownVariable:
            return []

    return evaluate


def _fixed_index(node: Filter) -> Decimal | None:
    condition = node.condition
    sign = 1
    if isinstance(condition, Negation):
        condition, sign = condition.operand, -1
    if isinstance(condition, Literal) and type(condition.value) is Decimal:
        return NUMBERS.multiply(condition.value, Decimal(sign))
    return None


def function_of(node: FunctionOf, build: Build) -> Closure:
    """A function value; it sees the names around its definition, and arguments of a wrong type are null."""
    body, facts = build(node.body), build.facts(node.body)
    levels, steps = facts.levels, facts.steps
    names = node.parameters
    declared = [(key, kind) for key, kind in zip(names, node.types, strict=True) if kind is not None]

    def evaluate(scope: Scope) -> Value:
        def call(run: Run, arguments: list[Value]) -> Value:
            bindings = dict(zip(names, arguments, strict=True))
            for key, kind in declared:
                value = bindings[key]
                bindings[key] = kind.converted(value, run)
                if bindings[key] is None and value is not None:
                    run.warn(f"the argument '{key}' is a {name_of_type(value)}, not a {kind}", build.text, node.at)
            run.enter(levels, steps)
            try:
                return body(Scope(bindings, scope, run))
            finally:
                run.leave(levels)

        scope.run.produced(1, FUNCTION_WORDS)
        return Function(names, call, types=node.types)

    return evaluate


def call(node: Call, build: Build, text: str, *, builtin: bool) -> Closure:
    """A function's result; null when the arguments do not fit, as FEEL says.

    With ``builtin`` the function's name is a built-in one that nothing in the expression binds otherwise.
    """
    arguments = [
        name(argument, text, function=True) if isinstance(argument, Name) else build(argument)
        for argument in node.arguments
    ]
    if builtin and isinstance(node.function, Name):
        return BUILTINS[node.function.name].compile(arguments, node.names, text, node.at)
    function, names = build(node.function), node.names

    def evaluate(scope: Scope) -> Value:
        target = function(scope)
        values = [argument(scope) for argument in arguments]
        run = scope.run
        if type(target) is not Function:
            if target is not None:
                run.warn(f"a {name_of_type(target)} is no function", text, node.at)
            return None
        if names is not None:
            if set(names) != set(target.parameters):
                run.warn(f"the function takes the arguments {', '.join(target.parameters)}", text, node.at)
                return None
            given = dict(zip(names, values, strict=True))
            values = [given[parameter] for parameter in target.parameters]
        if len(values) != len(target.parameters) and not target.variadic:
            run.warn(f"the function takes {len(target.parameters)} arguments and got {len(values)}", text, node.at)
            return None
        return target.call(run, values)

    return evaluate
