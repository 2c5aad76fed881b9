"""Boxed expressions to closures: literal expressions, contexts, lists, relations, invocations and functions (DMN 1.5,
chapters 7 and 10.2); what repeats and chooses is in `engine.dmn.iterators`, tables in `engine.dmn.read_table`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lxml import etree

from engine.dmn.iterators import conditional, filtered, iterated
from engine.dmn.read_table import decision_table
from engine.dmn.reading import NOTHING, Boxed, Reading, combined
from engine.dmn.trace import Remark, trace_of
from engine.dmn.types import ANY, ItemType
from engine.dmn.xml import child, children, kind, line_of, nearest_id, spaced, text_of
from engine.feel.builtins import BUILTINS
from engine.feel.compiler import compile_node
from engine.feel.limits import Run
from engine.feel.nodes import Call, Name
from engine.feel.scope import Closure, Scope
from engine.feel.values import Function, Value

FUNCTION_LEVELS = 10
"""Levels that a call of a boxed function counts for, whatever its body (see `engine.feel.Limits`)."""

_SAYS_ITS_TYPE = ("literalExpression", "invocation", "context", "list", "conditional", "filter", "for", "some", "every")
"""What a ``typeRef`` is the type of the value for. Of tables and relations tools write sometimes the type of a row."""


def logic_of(element: etree._Element) -> etree._Element | None:
    """The boxed expression directly below an element, None without one."""
    return child(element, *_BOXED)


def box(element: etree._Element | None, around: etree._Element, reading: Reading, what: str) -> Boxed:
    """Compile a boxed expression; without one, note that ``around`` has none, and the value is null."""
    if element is None:
        reading.doubt(f"{what} has no expression", around)
        return _nothing(around, reading, f"{what} has no expression")
    boxed = _BOXED[kind(element)](element, reading, what)
    expected = reading.type_of(element, element.get("typeRef")) if kind(element) in _SAYS_ITS_TYPE else ANY
    return boxed if expected is ANY else typed(boxed, expected, element, reading, what)


def typed(boxed: Boxed, expected: ItemType, element: etree._Element, reading: Reading, what: str) -> Boxed:
    """The same with its value brought to a type: null, and a remark, when it does not fit."""
    if expected is ANY:
        return boxed
    return Boxed(fitting(boxed.closure, expected, element, reading, what), boxed.free, boxed.possible, boxed.node)


def fitting(closure: Closure, expected: ItemType, element: etree._Element, reading: Reading, what: str) -> Closure:
    """The closure of `typed`."""
    file, line, identity = reading.file, line_of(element), nearest_id(element) or reading.owner

    def evaluate(scope: Scope) -> Value:
        given = closure(scope)
        value = expected.coerce(given, scope)
        if value is None and given is not None:
            problem = expected.problem(given, scope)
            trace_of(scope.run).remark(Remark(f"{what} has a value that {problem}", file, line, identity))
        return value

    return evaluate


def _nothing(element: etree._Element, reading: Reading, message: str) -> Boxed:
    remark = Remark(message, reading.file, line_of(element), nearest_id(element) or reading.owner, error=True)

    def evaluate(scope: Scope) -> Value:
        trace_of(scope.run).remark(remark)
        return None

    return Boxed(evaluate)


def _inside(element: etree._Element, reading: Reading, what: str) -> Boxed:
    return box(logic_of(element), element, reading, what)


def _literal(element: etree._Element, reading: Reading, what: str) -> Boxed:
    return reading.expression(element, what)


def _context(element: etree._Element, reading: Reading, what: str) -> Boxed:
    """Entries see the ones before them; one without a name is the result of the whole."""
    entries: list[tuple[str, Closure]] = []
    known: list[str] = []
    needs: list[Boxed] = []
    result: Boxed | None = None
    for entry in children(element, "contextEntry"):
        variable = child(entry, "variable")
        name = "" if variable is None else spaced(variable.get("name"))
        where = f"{what}, entry '{name}'" if name else what
        boxed = _inside(entry, reading.knowing(known), where)
        needs.append(boxed.without(known))
        if variable is None or not name:
            result = boxed
        else:
            expected = reading.type_of(entry, variable.get("typeRef"))
            entries.append((name, typed(boxed, expected, entry, reading, where).closure))
            known.append(name)

    def evaluate(scope: Scope) -> Value:
        values: dict[str, Value] = {}
        inner = Scope(values, scope, scope.run)
        for name, closure in entries:
            values[name] = closure(inner)
        # A copy, because functions defined inside keep the scope.
        return dict(values) if result is None else result.closure(inner)

    return combined(evaluate, needs)


def _list(element: etree._Element, reading: Reading, what: str) -> Boxed:
    items = [
        box(item, element, reading, f"{what}, item {place}") for place, item in enumerate(children(element, *_BOXED), 1)
    ]
    return combined(lambda scope: [item.closure(scope) for item in items], items)


def _relation(element: etree._Element, reading: Reading, what: str) -> Boxed:
    """A list of contexts, one for each row."""
    columns = [
        (spaced(column.get("name")), reading.type_of(column, column.get("typeRef")))
        for column in children(element, "column")
    ]
    rows: list[list[Boxed]] = []
    for place, row in enumerate(children(element, "row"), 1):
        cells = [box(cell, row, reading, f"{what}, row {place}") for cell in children(row, *_BOXED)]
        if len(cells) != len(columns):
            reading.problem(f"{what}, row {place} has {len(cells)} cells for {len(columns)} columns", row)
        rows.append(
            [
                typed(cell, expected, row, reading, f"{what}, row {place}, '{name}'")
                for cell, (name, expected) in zip(cells, columns, strict=False)
            ]
        )
    names = [name for name, _ in columns]

    def evaluate(scope: Scope) -> Value:
        return [{name: cell.closure(scope) for name, cell in zip(names, cells, strict=True)} for cells in rows]

    return combined(evaluate, [cell for cells in rows for cell in cells])


def _invocation(element: etree._Element, reading: Reading, what: str) -> Boxed:
    names: list[str] = []
    arguments: list[Boxed] = []
    for binding in children(element, "binding"):
        parameter = child(binding, "parameter")
        names.append("" if parameter is None else spaced(parameter.get("name")))
        arguments.append(_inside(binding, reading, f"{what}, parameter '{names[-1]}'"))
    called = spaced(text_of(child(element, "literalExpression")))
    if called in BUILTINS and called not in reading.names:
        return _built_in_call(called, names, arguments)
    literal = child(element, "literalExpression")
    # The type that tools write at the function's name is that of its result.
    function = (
        _inside(element, reading, f"{what}, function")
        if literal is None
        else reading.expression(literal, f"{what}, function")
    )
    report = reading.failure(element, what)

    def evaluate(scope: Scope) -> Value:
        target = function.closure(scope)
        if type(target) is not Function or set(names) != set(target.parameters):
            report(scope, f"what is invoked is not a function of ({', '.join(names)})")
            return None
        given = dict(zip(names, [argument.closure(scope) for argument in arguments], strict=True))
        return target.call(scope.run, [given[name] for name in target.parameters])

    return combined(evaluate, [function, *arguments])


def _built_in_call(called: str, names: list[str], arguments: list[Boxed]) -> Boxed:
    """The invocation of a built-in function, as the call that FEEL would write."""
    slots = [f"argument {place}" for place in range(len(arguments))]
    call = Call(0, Name(0, called), tuple(Name(0, slot) for slot in slots), tuple(names))
    closure = compile_node(call, called)

    def evaluate(scope: Scope) -> Value:
        values = {slot: argument.closure(scope) for slot, argument in zip(slots, arguments, strict=True)}
        return closure(Scope(values, scope, scope.run))

    return combined(evaluate, arguments)


def function(element: etree._Element, reading: Reading, what: str, result: ItemType = ANY) -> Boxed:
    """A function definition, boxed or of a business knowledge model; its value is a FEEL function.

    ``result``: the type that its values have to be of.
    """
    if element.get("kind", "FEEL") not in ("FEEL", "F"):
        reading.problem(f"{what} is an external function ({element.get('kind')}); only FEEL is executed", element)
        return NOTHING
    parameters = list(children(element, "formalParameter"))
    names = tuple(spaced(parameter.get("name")) for parameter in parameters)
    types = [reading.type_of(parameter, parameter.get("typeRef")) for parameter in parameters]
    own = reading.type_of(element, element.get("typeRef"))
    if own.result is not None or (own.basic is not None and own.basic.name == "function"):
        own = own.result or ANY
    body = _inside(element, reading.knowing(names), what)
    for expected in (own, result):
        body = typed(body, expected, element, reading, what)
    feel_types = tuple(None if each is ANY else each.feel for each in types)
    mismatched = [
        reading.failure(parameter, f"{what}, parameter '{name}'")
        for parameter, name in zip(parameters, names, strict=True)
    ]

    def evaluate(scope: Scope) -> Value:
        def call(run: Run, values: list[Value]) -> Value:
            inside: dict[str, Value] = {}
            inner = Scope(inside, scope, run)
            for name, expected, value, report in zip(names, types, values, mismatched, strict=True):
                inside[name] = expected.coerce(value, inner)
                if inside[name] is None and value is not None and not trace_of(run).strict:
                    report(inner, f"the argument {expected.problem(value, inner)}")
            run.enter(FUNCTION_LEVELS)
            try:
                return body.closure(inner)
            finally:
                run.leave(FUNCTION_LEVELS)

        return Function(names, call, types=feel_types)

    return combined(evaluate, [body.without(names)])


def _conditional(element: etree._Element, reading: Reading, what: str) -> Boxed:
    return conditional(element, reading, what, _inside)


def _filter(element: etree._Element, reading: Reading, what: str) -> Boxed:
    return filtered(element, reading, what, _inside)


def _iterator(element: etree._Element, reading: Reading, what: str) -> Boxed:
    return iterated(element, reading, what, _inside)


_BOXED: Mapping[str, Callable[[etree._Element, Reading, str], Boxed]] = {
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
