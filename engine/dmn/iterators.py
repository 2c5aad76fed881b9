"""Boxed conditionals, filters and iterators (DMN 1.5, 10.2.2.9 to 10.2.2.13): each means what FEEL's own construct
means, with boxes in the place of its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeAlias

from lxml import etree

from engine.dmn.reading import Boxed, Reading, combined
from engine.dmn.trace import trace_of
from engine.dmn.xml import child, kind, spaced
from engine.feel.expression import parse
from engine.feel.scope import Scope
from engine.feel.values import Value

Inside: TypeAlias = Callable[[etree._Element, Reading, str], Boxed]
"""Compiles the boxed expression below an element."""

_EACH = parse("for item in source return item").closure
_AT = parse("source[place]").closure


def conditional(element: etree._Element, reading: Reading, what: str, inside: Inside) -> Boxed:
    """``if``, ``then``, ``else``: the latter also for a condition that is null."""
    parts = [inside(_part(element, name), reading, f"{what}, {name}") for name in ("if", "then", "else")]
    condition, then, otherwise = (part.closure for part in parts)
    return combined(lambda scope: then(scope) if condition(scope) is True else otherwise(scope), parts)


def filtered(element: etree._Element, reading: Reading, what: str, inside: Inside) -> Boxed:
    """The items ``in`` a list that ``match``, or the one at the place that it gives."""
    items = inside(_part(element, "in"), reading, f"{what}, in")
    condition = inside(_part(element, "match"), reading.knowing(["item"]), f"{what}, match")

    def evaluate(scope: Scope) -> Value:
        kept = []
        value = items.closure(scope)
        candidates = value if type(value) is list else [] if value is None else [value]
        for item in candidates:
            scope.run.tick()
            inner = Scope({"item": item}, scope, scope.run, candidates)
            verdict = condition.closure(Scope(item, inner, scope.run) if type(item) is dict else inner)
            if type(verdict) is Decimal:
                return _AT(_with({"source": candidates, "place": verdict}, scope))
            if verdict is True:
                kept.append(item)
        return kept

    within = condition.without(["item"])
    return combined(evaluate, [items, Boxed(within.closure, frozenset(), within.free | within.possible)])


def iterated(element: etree._Element, reading: Reading, what: str, inside: Inside) -> Boxed:
    """``for``, ``every`` or ``some``."""
    mode = kind(element)
    name = spaced(element.get("iteratorVariable"))
    bound = [name, "partial"] if mode == "for" else [name]
    items = inside(_part(element, "in"), reading, f"{what}, in")
    outcome = _part(element, "return" if mode == "for" else "satisfies")
    body = inside(outcome, reading.knowing(bound), f"{what}, {mode}")
    report = reading.failure(element, f"{what}, {mode}")

    def evaluate(scope: Scope) -> Value:
        given = items.closure(scope)
        source = _EACH(_with({"source": given}, scope))
        if type(source) is not list:
            if not trace_of(scope.run).strict:
                report(scope, "there is nothing to iterate over")
            return None
        results: list[Value] = []
        for item in source:
            bindings = {name: item}
            if mode == "for":
                bindings["partial"] = list(results)
            scope.run.tick(len(bindings) + len(results) // 64)
            results.append(body.closure(Scope(bindings, scope, scope.run)))
        if mode == "for":
            return results
        decisive = mode == "some"
        if decisive in [result for result in results if type(result) is bool]:
            return decisive
        return None if any(type(result) is not bool for result in results) else not decisive

    return combined(evaluate, [items, body.without(bound)])


def _part(element: etree._Element, name: str) -> etree._Element:
    part = child(element, name)
    return element if part is None else part


def _with(bindings: Mapping[str, Value], scope: Scope) -> Scope:
    return Scope(bindings, scope, scope.run)
