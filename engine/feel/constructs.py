"""What an expression can start with: literals, names, brackets, ``if``, ``for``, ``some``, ``function``; and types."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from decimal import Overflow

from engine.feel.builtins import BUILTINS
from engine.feel.lexer import unquote
from engine.feel.literals import parse_any
from engine.feel.nodes import (
    ContextOf,
    For,
    FunctionOf,
    If,
    Iterate,
    ListOf,
    Literal,
    Name,
    Negation,
    Node,
    Quantified,
    RangeOf,
    Test,
    Tests,
)
from engine.feel.stream import KEYWORDS, Stream, index
from engine.feel.types import TYPE_NAMES, FeelType
from engine.feel.values import NUMBERS

COMPARISONS = ("<", "<=", ">", ">=", "=", "!=")
_FUNCTION_NAMES = index(BUILTINS)

_ADDITIVE = 4  # the level of + and -, below which an end of a range or a test's operand stops


def parse_start(stream: Stream) -> Node:
    """An operand and what belongs to it by itself. Raises `FeelSyntaxError`."""
    token = stream.token
    if token.kind == "number":
        stream.next()
        try:
            return Literal(token.start, NUMBERS.create_decimal(token.text))
        except Overflow:
            raise stream.error("the number is too large", token.start) from None
    if token.kind == "string":
        stream.next()
        return Literal(token.start, unquote(token, stream.text))
    name = stream.known_name()
    if name is not None:
        return Name(token.start, name)
    construct = _CONSTRUCTS.get(token.text) if token.kind in ("word", "symbol") else None
    if construct is not None and (token.text != "function" or stream.ahead().text == "("):
        return construct(stream)
    name = _function_name(stream)
    if name is not None:
        return Name(token.start, name)
    if token.kind == "word" and token.text not in KEYWORDS:
        stream.next()
        return Name(token.start, token.text)
    raise stream.error("expected a value")


def negative(at: int, number: Node) -> Node:
    """A literal number with a minus sign at offset ``at``."""
    return Literal(at, NUMBERS.minus(number.value)) if isinstance(number, Literal) else Negation(at, number)


def _function_name(stream: Stream) -> str | None:
    """Step over a built-in function's name of several words, if its arguments follow."""
    if stream.token.kind != "word":
        return None
    start = stream.at
    name = stream.known_name(_FUNCTION_NAMES)
    if name is None or stream.found("("):
        return name
    stream.at = start
    return None


def _constant(value: object) -> Callable[[Stream], Node]:
    return lambda stream: Literal(stream.next().start, value)


def _input(stream: Stream) -> Node:
    return Name(stream.next().start, "?")


def _at_literal(stream: Stream) -> Node:
    at = stream.next().start
    if stream.token.kind != "string":
        raise stream.error("expected a string after '@'")
    value = parse_any(unquote(stream.next(), stream.text))
    if value is None:
        raise stream.error("no date, time or duration reads like this", at)
    return Literal(at, value)


def _parenthesis(stream: Stream) -> Node:
    at = stream.next().start
    if stream.token.kind == "symbol" and stream.token.text in COMPARISONS[:5]:
        return _half_range(stream, at)
    node = stream.bracketed()
    if stream.accept(".."):
        return parse_range_end(stream, at, node, low_closed=False)
    stream.expect(")")
    return node


def _half_range(stream: Stream, at: int) -> Node:
    """``(>= 5)``: a range with one end (DMN 1.4)."""
    operator = stream.next().text
    end = stream.bracketed()
    stream.expect(")")
    closed = operator.endswith("=")
    if operator == "=":
        return RangeOf(at, end, end, low_closed=True, high_closed=True)
    if operator.startswith("<"):
        return RangeOf(at, None, end, low_closed=False, high_closed=closed)
    return RangeOf(at, end, None, low_closed=closed, high_closed=False)


def parse_range_end(stream: Stream, at: int, low: Node, *, low_closed: bool) -> RangeOf:
    """What follows ``..``: the upper end and the bracket that closes the range."""
    outer, stream.bracket_closes_range = stream.bracket_closes_range, True
    high = stream.expression(_ADDITIVE)
    stream.bracket_closes_range = outer
    if stream.accept("]"):
        return RangeOf(at, low, high, low_closed=low_closed, high_closed=True)
    if stream.accept(")") or stream.accept("["):
        return RangeOf(at, low, high, low_closed=low_closed, high_closed=False)
    raise stream.error("expected ']', ')' or '[' after the range")


def more(stream: Stream, end: str, what: str) -> bool:
    """Step over a comma, after which another ``what`` must come. Raises `FeelSyntaxError` if the ``end`` does."""
    if not stream.accept(","):
        return False
    if stream.found(end):
        raise stream.error(f"expected another {what}")
    return True


def _list(stream: Stream) -> Node:
    at = stream.next().start
    items: list[Node] = []
    while not stream.found("]"):
        items.append(stream.bracketed())
        if len(items) == 1 and stream.accept(".."):
            return parse_range_end(stream, at, items[0], low_closed=True)
        if not more(stream, "]", "item"):
            break
    stream.expect("]", "or ',' after a list item")
    return ListOf(at, tuple(items))


def _open_range(stream: Stream) -> Node:
    at = stream.next().start
    low = stream.bracketed()
    stream.expect("..", "in a range that starts with ']'")
    return parse_range_end(stream, at, low, low_closed=False)


def _context(stream: Stream) -> Node:
    at = stream.next().start
    keys: list[str] = []
    entries: list[Node] = []
    with stream.scope() as known:
        while not stream.found("}"):
            key_at = stream.token.start
            quoted = stream.token.kind == "string"
            keys.append(unquote(stream.next(), stream.text) if quoted else stream.new_name(":"))
            if keys[-1] in keys[:-1]:
                raise stream.error(f"the key '{keys[-1]}' is given twice", key_at)
            stream.expect(":", "after the key")
            entries.append(stream.bracketed())
            known(keys[-1])
            stream.entry(keys[-1])
            if not more(stream, "}", "entry"):
                break
        stream.expect("}", "or ',' after an entry")
    return ContextOf(at, tuple(keys), tuple(entries))


def _if(stream: Stream) -> Node:
    at = stream.next().start
    condition = stream.expression()
    stream.expect("then")
    then = stream.expression()
    stream.expect("else")
    return If(at, condition, then, stream.expression())


def _iterators(stream: Stream, names: ExitStack, end: str) -> tuple[Iterate, ...]:
    iterators = []
    while True:
        name = stream.new_name("in")
        stream.expect("in")
        source = stream.expression()
        last = stream.expression() if stream.accept("..") else None
        iterators.append(Iterate(source.at, name, source, last))
        names.enter_context(stream.scope(name))
        if not stream.accept(","):
            stream.expect(end, "or ',' after the values")
            return tuple(iterators)


def _for(stream: Stream) -> Node:
    at = stream.next().start
    with ExitStack() as names:
        iterators = _iterators(stream, names, "return")
        return For(at, iterators, stream.expression())


def _quantified(stream: Stream) -> Node:
    token = stream.next()
    with ExitStack() as names:
        iterators = _iterators(stream, names, "satisfies")
        return Quantified(token.start, token.text == "every", iterators, stream.expression())


def _function(stream: Stream) -> Node:
    at = stream.next().start
    stream.expect("(")
    names: list[str] = []
    types: list[FeelType | None] = []
    while not stream.found(")"):
        names.append(stream.new_name(":", ",", ")"))
        types.append(parse_type(stream) if stream.accept(":") else None)
        if not more(stream, ")", "parameter"):
            break
    stream.expect(")", "or ',' after a parameter")
    if stream.found("external"):
        raise stream.error("external functions are not executed here")
    with stream.scope(*names):
        return FunctionOf(at, tuple(names), tuple(types), stream.expression())


def parse_type(stream: Stream) -> FeelType:
    """A type such as ``number``, ``date and time`` or ``list<context<a: string>>``. Raises `FeelSyntaxError`."""
    stream.deepen()
    name, kind = _named_type(stream)
    if name in ("list", "range") and stream.accept("<"):
        kind = FeelType(name, parse_type(stream))
        stream.expect(">")
    elif name == "context" and stream.accept("<"):
        members: list[tuple[str, FeelType]] = []
        while not members or stream.accept(","):
            member = stream.new_name(":")
            stream.expect(":")
            members.append((member, parse_type(stream)))
        stream.expect(">")
        kind = FeelType(name, members=tuple(members))
    elif name == "function" and stream.accept("<"):
        parameters: list[FeelType] = []
        while not stream.found(">"):
            parameters.append(parse_type(stream))
            if not stream.accept(","):
                break
        stream.expect(">")
        stream.expect("->")
        kind = FeelType(name, parameters=tuple(parameters), result=parse_type(stream))
    stream.nesting -= 1
    return kind


def _named_type(stream: Stream) -> tuple[str, FeelType]:
    """The longest name of a type at hand: one of FEEL's own, or one that the model defines."""
    for name, length in stream.type_names():
        found = FeelType(name) if name in TYPE_NAMES else stream.types(name) if stream.types else None
        if found is not None:
            stream.at += length
            return name, found
    raise stream.error("expected a type")


def parse_tests(stream: Stream, *, single: bool = False) -> Tests:
    """Unary tests separated by commas, or a ``single`` one. Raises `FeelSyntaxError`."""
    at = stream.token.start
    items = []
    while True:
        token = stream.token
        if token.kind == "symbol" and token.text in COMPARISONS:
            stream.next()
            items.append(Test(token.start, token.text, stream.expression(_ADDITIVE)))
        else:
            items.append(Test(token.start, None, stream.expression(_ADDITIVE if single else 0)))
        if single or not stream.accept(","):
            return Tests(at, tuple(items))


_CONSTRUCTS: dict[str, Callable[[Stream], Node]] = {
    "true": _constant(True),
    "false": _constant(False),
    "null": _constant(None),
    "?": _input,
    "@": _at_literal,
    "(": _parenthesis,
    "[": _list,
    "]": _open_range,
    "{": _context,
    "if": _if,
    "for": _for,
    "some": _quantified,
    "every": _quantified,
    "function": _function,
}
