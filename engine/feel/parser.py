"""Operators and their order: a precedence-climbing parser (DMN 1.5, 10.3.1.2).

What starts an expression (literals, ``if``, ``for``, lists, ...) is in `engine.feel.constructs`. Operators of one
level associate to the left; a minus sign binds tighter than ``**``, as the specification's grammar orders them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from engine.feel.constructs import negative, parse_range_end, parse_start, parse_tests, parse_type
from engine.feel.limits import MAX_NESTING
from engine.feel.nodes import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    Filter,
    In,
    InstanceOf,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    Test,
    Tests,
    survey,
)
from engine.feel.stream import Stream
from engine.feel.temporal import PART_NAMES
from engine.feel.types import TypeFinder

N = TypeVar("N", bound=Node)

OR, AND, COMPARE, ADD, MULTIPLY, POWER, SIGN, POSTFIX = range(1, 9)
_LEVELS = {
    "or": OR,
    "and": AND,
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">=", "between", "in"), COMPARE),
    **dict.fromkeys("+-", ADD),
    **dict.fromkeys("*/", MULTIPLY),
    "**": POWER,
    **dict.fromkeys(("instance", ".", "[", "("), POSTFIX),
}
_PATH_NAMES = (*PART_NAMES, "start included", "end included")
_AFTER_OPENING_BRACKET = frozenset("-([{@?")
_NEVER_START = frozenset(("and", "or", "then", "else", "in", "between", "instance", "return", "satisfies"))


def parse_expression(text: str, names: Iterable[str], types: TypeFinder | None = None) -> Node:
    """The tree of one expression; ``types`` finds those it may name besides FEEL's own. Raises `FeelSyntaxError`."""
    stream = Stream(text, [*names, *_PATH_NAMES], _expression, types)
    return _complete(stream, stream.expression())


def parse_unary(text: str, names: Iterable[str], types: TypeFinder | None = None) -> Tests:
    """The tree of unary tests such as ``"High", "Low"``, ``not([1..5])`` or ``-``. Raises `FeelSyntaxError`."""
    stream = Stream(text, [*names, *_PATH_NAMES], _expression, types)
    if stream.found("-") and stream.ahead().kind == "end":
        stream.next()
        return Tests(0, ())
    if stream.found("not") and stream.ahead().text == "(":
        # `not(...)` around the whole text negates the tests; anywhere else it is the function.
        start = stream.at
        at = stream.next().start
        stream.next()
        tests = parse_tests(stream)
        if stream.accept(")") and stream.token.kind == "end":
            return _complete(stream, Tests(at, tests.items, negated=True))
        stream.at = start
    return _complete(stream, parse_tests(stream))


def _complete(stream: Stream, node: N) -> N:
    if stream.token.kind != "end":
        raise stream.error("expected an operator or the end")
    if survey(node)[id(node)].levels > MAX_NESTING:
        raise stream.error(f"the expression is nested more than {MAX_NESTING} levels deep", node.at)
    return node


def _expression(stream: Stream, power: int) -> Node:
    if stream.found("-"):
        at = stream.next().start
        if stream.token.kind == "number" and stream.token.start == at + 1:
            # The sign belongs to the literal (rule 37): `-1 instance of number` asks about -1.
            left: Node = negative(at, parse_start(stream))
        else:
            left = Negation(at, stream.expression(POSTFIX))
    else:
        left = parse_start(stream)
    return _operators(stream, left, power)


def _operators(stream: Stream, left: Node, power: int) -> Node:
    """Continue an expression after its first operand."""
    links = 0
    while (level := _level(stream)) >= max(power, 1):
        links += 1
        if level in (POSTFIX, COMPARE) and links > MAX_NESTING:
            raise stream.error(f"more than {MAX_NESTING} operators in a row", stream.token.start)
        left = _OPERATORS[level](stream, left, level)
    return left


def _level(stream: Stream) -> int:
    """How tightly the operator at hand binds; 0 when there is none."""
    token = stream.token
    if token.kind not in ("symbol", "word"):
        return 0
    if token.text == "[" and stream.bracket_closes_range:
        after = stream.ahead()
        starts = after.kind in ("number", "string", "word") or after.text in _AFTER_OPENING_BRACKET
        if not starts or after.text in _NEVER_START:
            return 0
    return _LEVELS.get(token.text, 0)


def _chain(stream: Stream, left: Node, level: int) -> Node:
    """``a + b - c``: as one node, so that a thousand summands do not make a deep tree."""
    at = stream.token.start
    operators, operands = [], [left]
    while _level(stream) == level:
        operators.append(stream.next().text)
        operands.append(stream.expression(level + 1))
    if level in (OR, AND):
        return Logic(at, operators[0], tuple(operands))
    return Arithmetic(at, tuple(operators), tuple(operands))


def _compare(stream: Stream, left: Node, level: int) -> Node:
    token = stream.next()
    if token.text == "between":
        low = stream.expression(ADD)
        stream.expect("and", "between the two bounds")
        return Between(token.start, left, low, stream.expression(ADD))
    if token.text == "in":
        return In(token.start, left, _tests_after_in(stream))
    return Comparison(token.start, token.text, left, stream.expression(level + 1))


def _tests_after_in(stream: Stream) -> Tests:
    """``in`` takes one test, or several in parentheses; ``(1..5)`` is a range, ``(1 + 2) * 3`` an expression."""
    at = stream.token.start
    if not stream.accept("("):
        return parse_tests(stream, single=True)
    outer, stream.bracket_closes_range = stream.bracket_closes_range, False
    tests = parse_tests(stream)
    stream.bracket_closes_range = outer
    only = tests.items[0]
    if len(tests.items) > 1 or only.operator is not None:
        stream.expect(")", "or ',' after a test")
        return tests
    # A single value may be the start of a longer operand; going on from it, instead of back, keeps parsing linear.
    if stream.accept(".."):
        start: Node = parse_range_end(stream, at, only.operand, low_closed=False)
    else:
        stream.expect(")", "or ',' after a test")
        start = only.operand
    return Tests(at, (Test(at, None, _operators(stream, start, ADD)),))


def _postfix(stream: Stream, left: Node, level: int) -> Node:
    token = stream.next()
    if token.text == "[":
        with stream.in_filter():
            condition = stream.bracketed()
        stream.expect("]", "after the filter")
        return Filter(token.start, left, condition)
    if token.text == "(":
        return _call(stream, left, token.start)
    if token.text == "instance":
        stream.expect("of")
        return InstanceOf(token.start, left, parse_type(stream))
    name = stream.known_name(entries=True)
    if name is None:
        if stream.token.kind != "word":
            raise stream.error("expected a name after '.'")
        name = stream.next().text
    return Path(token.start, left, name)


def _call(stream: Stream, function: Node, at: int) -> Call:
    arguments: list[Node] = []
    names: list[str] = []
    at = function.at if isinstance(function, Name) else at
    by_name = stream.named_ahead()
    while not stream.found(")"):
        if by_name:
            names.append(stream.new_name(":"))
            stream.expect(":")
            if names[-1] in names[:-1]:
                raise stream.error(f"the parameter '{names[-1]}' is given twice", at)
        arguments.append(stream.bracketed())
        if not stream.accept(","):
            break
        if stream.found(")"):
            raise stream.error("expected another argument")
    stream.expect(")", "or ',' after the arguments")
    return Call(at, function, tuple(arguments), tuple(names) if by_name else None)


_OPERATORS = {
    OR: _chain,
    AND: _chain,
    COMPARE: _compare,
    ADD: _chain,
    MULTIPLY: _chain,
    POWER: _chain,
    POSTFIX: _postfix,
}
