"""Compile ``for``, ``some`` and ``every`` to closures (DMN 1.5, 10.3.2.14)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from engine.feel.limits import LIST_WORDS
from engine.feel.nodes import For, Iterate, Quantified
from engine.feel.operators import Build
from engine.feel.scope import Closure, Scope
from engine.feel.values import Range, Value

_Source = tuple[str, Closure, Closure | None]


def for_loop(node: For, build: Build) -> Closure:
    """A list of the results; null when something to iterate over is no list and no range of whole numbers or dates.

    ``partial`` is the list of the results so far, as it was at that round.
    """
    sources = _sources(node.iterators, build)
    result = build(node.result)
    wants_partial = build.facts(node).partial
    steps = build.facts(node.result).steps

    def evaluate(scope: Scope) -> Value:
        run = scope.run
        results: list[Value] = []
        rounds = _rounds(sources, scope, steps, results if wants_partial else None)
        if rounds is None:
            _warn(scope, build.text, node.at)
            return None
        for inner in rounds:
            results.append(result(inner))  # noqa: PERF401  # the rounds may read the results so far
        run.produced(len(results), LIST_WORDS)
        return results

    return evaluate


def quantified(node: Quantified, build: Build) -> Closure:
    """``some``: any condition true; ``every``: all true. Null when a condition is null and none decides."""
    sources = _sources(node.iterators, build)
    condition = build(node.condition)
    decisive = not node.every
    steps = build.facts(node.condition).steps

    def evaluate(scope: Scope) -> Value:
        rounds = _rounds(sources, scope, steps, None)
        if rounds is None:
            _warn(scope, build.text, node.at)
            return None
        verdict: bool | None = not decisive
        for inner in rounds:
            value = condition(inner)
            if value is decisive:
                return decisive
            if value is not True and value is not False:
                verdict = None
        return verdict

    return evaluate


def _warn(scope: Scope, text: str, at: int) -> None:
    scope.run.warn("there is nothing to iterate over: neither a list nor a range of whole numbers or dates", text, at)


def _sources(iterators: tuple[Iterate, ...], build: Build) -> list[_Source]:
    return [(each.name, build(each.source), None if each.last is None else build(each.last)) for each in iterators]


def _rounds(sources: list[_Source], scope: Scope, steps: int, partial: list[Value] | None) -> Iterator[Scope] | None:
    """One scope for each combination, the last iterator turning fastest; later ones may use earlier names.

    ``steps`` is what a round of them all counts for.
    """
    name, source, last = sources[0]
    values = _values(source(scope), None if last is None else (last(scope),))
    if values is None:
        return None
    return _turn(name, values, sources[1:], scope, steps, partial)


def _turn(
    name: str, values: Iterable[Value], rest: list[_Source], scope: Scope, steps: int, partial: list[Value] | None
) -> Iterator[Scope]:
    run = scope.run
    cost = 1 if rest else 1 + steps
    for value in values:
        run.tick(cost)
        bindings = {name: value}
        if partial is not None and not rest:
            run.tick(len(partial))
            bindings["partial"] = list(partial)
        inner = Scope(bindings, scope, run)
        if rest:
            yield from _rounds(rest, inner, steps, partial) or ()
        else:
            yield inner


def _values(source: Value, last: tuple[Value] | None) -> Iterable[Value] | None:
    if last is not None:
        return _span(source, last[0])
    if type(source) is Range:
        span = _span(source.low, source.high)
        return None if span is None else _without_open_ends(span, source)
    if source is None:
        return None
    return source if type(source) is list else [source]


def _without_open_ends(span: Iterable[Value], bounds: Range) -> Iterable[Value]:
    for value in span:
        if (bounds.low_closed or value != bounds.low) and (bounds.high_closed or value != bounds.high):
            yield value


def _span(first: Value, last: Value) -> Iterable[Value] | None:
    """All whole numbers or days from ``first`` to ``last``, upwards or downwards."""
    if type(first) is Decimal and type(last) is Decimal:
        if first != first.to_integral_value() or last != last.to_integral_value():
            return None
        start, end = int(first), int(last)
        step = 1 if start <= end else -1
        return (Decimal(number) for number in range(start, end + step, step))
    if type(first) is date and type(last) is date:
        start, end = first.toordinal(), last.toordinal()
        step = 1 if start <= end else -1
        return (date.fromordinal(day) for day in range(start, end + step, step))
    return None
