"""Boxed expressions to closures: literal expressions, contexts, lists, relations, invocations, functions, and the
iterators and conditionals of DMN 1.4 (DMN 1.5, chapters 7 and 10.2).
"""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from engine.dmn.errors import DecisionFailed
from engine.dmn.read_table import decision_table
from engine.dmn.reading import NOTHING, Boxed, Reading, combined
from engine.dmn.types import ItemType
from engine.dmn.xml import child, children, kind, line_of, nearest_id
from engine.feel.limits import Run
from engine.feel.scope import Scope
from engine.feel.values import Function, Value

FUNCTION_LEVELS = 10
"""Levels that a call of a boxed function counts for, whatever its body (see `engine.feel.Limits`)."""


def logic_of(element: etree._Element, reading: Reading) -> etree._Element | None:
    """The boxed expression directly below an element, None without one."""
    return child(element, *_BOXED)


def box(element: etree._Element | None, around: etree._Element, reading: Reading, what: str) -> Boxed:
    """Compile a boxed expression, or note that ``around`` has none."""
    if element is None:
        reading.problem(f"{what} has no expression", around)
        return NOTHING
    return _BOXED[kind(element)](element, reading, what)


def _inside(element: etree._Element, reading: Reading, what: str) -> Boxed:
    return box(logic_of(element, reading), element, reading, what)


def _literal(element: etree._Element, reading: Reading, what: str) -> Boxed:
    return reading.expression(element, what)


def _context(element: etree._Element, reading: Reading, what: str) -> Boxed:
    """Entries see the ones before them; one without a name is the result of the whole."""
    entries: list[tuple[str, Boxed, ItemType]] = []
    known: list[str] = []
    needs: list[Boxed] = []
    result: Boxed | None = None
    for entry in children(element, "contextEntry"):
        variable = child(entry, "variable")
        name = "" if variable is None else " ".join((variable.get("name") or "").split())
        boxed = _inside(entry, reading.knowing(known), f"{what}, entry '{name}'" if name else what)
        needs.append(boxed.without(known))
        if variable is None:
            result = boxed
        else:
            entries.append((name, boxed, reading.type_of(entry, variable.get("typeRef"))))
            known.append(name)

    def evaluate(scope: Scope) -> Value:
        values: dict[str, Value] = {}
        inner = Scope(values, scope, scope.run)
        for name, boxed, item_type in entries:
            values[name] = item_type.coerce(boxed.closure(inner), inner)
        return dict(values) if result is None else result.closure(inner)

    return combined(evaluate, needs)


def _list(element: etree._Element, reading: Reading, what: str) -> Boxed:
    items = [
        box(item, element, reading, f"{what}, item {place}") for place, item in enumerate(children(element, *_BOXED), 1)
    ]
    return combined(lambda scope: [item.closure(scope) for item in items], items)


def _relation(element: etree._Element, reading: Reading, what: str) -> Boxed:
    """A list of contexts, one for each row."""
    columns = [" ".join((column.get("name") or "").split()) for column in children(element, "column")]
    rows: list[list[Boxed]] = []
    for place, row in enumerate(children(element, "row"), 1):
        cells = [box(cell, row, reading, f"{what}, row {place}") for cell in children(row, *_BOXED)]
        if len(cells) != len(columns):
            reading.problem(f"{what}, row {place} has {len(cells)} cells for {len(columns)} columns", row)
        rows.append(cells)

    def evaluate(scope: Scope) -> Value:
        return [{name: cell.closure(scope) for name, cell in zip(columns, cells, strict=True)} for cells in rows]

    return combined(evaluate, [cell for cells in rows for cell in cells])


def _invocation(element: etree._Element, reading: Reading, what: str) -> Boxed:
    function = _inside(element, reading, f"{what}, function")
    names: list[str] = []
    arguments: list[Boxed] = []
    for binding in children(element, "binding"):
        parameter = child(binding, "parameter")
        names.append("" if parameter is None else " ".join((parameter.get("name") or "").split()))
        arguments.append(_inside(binding, reading, f"{what}, parameter '{names[-1]}'"))
    file, line, identity = reading.file, line_of(element), nearest_id(element)

    def evaluate(scope: Scope) -> Value:
        target = function.closure(scope)
        if type(target) is not Function or set(names) != set(target.parameters):
            wanted = f"a function of ({', '.join(names)})"
            raise DecisionFailed(f"{what}: what is invoked is not {wanted}", file, line, identity)
        given = dict(zip(names, [argument.closure(scope) for argument in arguments], strict=True))
        return target.call(scope.run, [given[name] for name in target.parameters])

    return combined(evaluate, [function, *arguments])


def function(element: etree._Element, reading: Reading, what: str) -> Boxed:
    """A function definition, boxed or of a business knowledge model; its value is a FEEL function."""
    if element.get("kind", "FEEL") not in ("FEEL", "F"):
        reading.problem(f"{what} is an external function ({element.get('kind')}); only FEEL is executed", element)
        return NOTHING
    parameters = list(children(element, "formalParameter"))
    names = tuple(" ".join((parameter.get("name") or "").split()) for parameter in parameters)
    types = [reading.type_of(parameter, parameter.get("typeRef")) for parameter in parameters]
    body = _inside(element, reading.knowing(names), what)

    def evaluate(scope: Scope) -> Value:
        def call(run: Run, values: list[Value]) -> Value:
            arguments = [item_type.coerce(value, scope) for item_type, value in zip(types, values, strict=True)]
            run.enter(FUNCTION_LEVELS)
            try:
                return body.closure(Scope(dict(zip(names, arguments, strict=True)), scope, run))
            finally:
                run.leave(FUNCTION_LEVELS)

        return Function(names, call)

    return combined(evaluate, [body.without(names)])


def _conditional(element: etree._Element, reading: Reading, what: str) -> Boxed:
    parts = []
    for name in ("if", "then", "else"):
        part = child(element, name)
        parts.append(_inside(element if part is None else part, reading, f"{what}, {name}"))
    condition, then, otherwise = (part.closure for part in parts)
    return combined(lambda scope: then(scope) if condition(scope) is True else otherwise(scope), parts)


def _filter(element: etree._Element, reading: Reading, what: str) -> Boxed:
    source, match = child(element, "in"), child(element, "match")
    items = _inside(element if source is None else source, reading, f"{what}, in")
    condition = _inside(element if match is None else match, reading.knowing(["item"]), f"{what}, match")

    def evaluate(scope: Scope) -> Value:
        kept = []
        value = items.closure(scope)
        candidates = value if type(value) is list else [] if value is None else [value]
        for item in candidates:
            scope.run.tick()
            inner = Scope({"item": item}, scope, scope.run, candidates)
            if condition.closure(Scope(item, inner, scope.run) if type(item) is dict else inner) is True:
                kept.append(item)
        return kept

    within = condition.without(["item"])
    return combined(evaluate, [items, Boxed(within.closure, frozenset(), within.free | within.possible)])


def _iterator(element: etree._Element, reading: Reading, what: str) -> Boxed:
    """``for``, ``every`` or ``some``."""
    mode = kind(element)
    name = " ".join((element.get("iteratorVariable") or "").split())
    bound = [name, "partial"] if mode == "for" else [name]
    source = child(element, "in")
    outcome = child(element, "return" if mode == "for" else "satisfies")
    items = _inside(element if source is None else source, reading, f"{what}, in")
    body = _inside(element if outcome is None else outcome, reading.knowing(bound), f"{what}, {mode}")

    def evaluate(scope: Scope) -> Value:
        value = items.closure(scope)
        if value is None:
            return None
        results: list[Value] = []
        for item in value if type(value) is list else [value]:
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


_BOXED: dict[str, Callable[[etree._Element, Reading, str], Boxed]] = {
    "literalExpression": _literal,
    "decisionTable": decision_table,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "invocation": _invocation,
    "functionDefinition": function,
    "conditional": _conditional,
    "filter": _filter,
    "for": _iterator,
    "every": _iterator,
    "some": _iterator,
}
