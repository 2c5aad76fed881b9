"""``${...}`` and ``#{...}`` of Camunda's dialects, translated to FEEL at deployment.

Where JUEL gives a value, the translation gives the same value or null, never another one; what has no such
translation is refused. The subset stands in ``docs/bpmn-support.md``: variables and paths, literals, arithmetic,
comparisons, ``and``/``or``/``not``, ``empty``, ``a ? b : c``, indexes, some methods (`juel_methods`), text around
placeholders. What differs, on purpose: nothing is converted. JUEL takes null for 0 and ``'1'`` for 1, and orders
nothing before null; FEEL gives null there, which stops a condition with an incident instead of choosing a way.

Precedence is that of JUEL: ``?:``, ``or``, ``and``, equality, order, sum, product, sign and negation, path.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.feel.stream import KEYWORDS
from engine.kernel.juel_methods import (
    FUNCTIONS,
    REFUSED_MEMBERS,
    Feel,
    UntranslatableExpression,
    apply,
    entry,
    method,
    quoted,
)

__all__ = ["UntranslatableExpression", "has_placeholder", "translate"]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)"
    r"|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<word>[^\W\d]\w*)|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/%<>!().,?:\[\]]))",
    re.DOTALL,
)
_OPENING = re.compile(r"[$#]\{")
_PIECE = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^'\"{}]+", re.DOTALL)
_EQUALITY = {"==": "=", "eq": "=", "!=": "!=", "ne": "!="}
_ORDER = {"<": "<", "lt": "<", ">": ">", "gt": ">", "<=": "<=", "le": "<=", ">=": ">=", "ge": ">="}
_LITERALS = {"true": "boolean", "false": "boolean", "null": ""}
_RESERVED = {"empty", "div", "mod", "instanceof", "and", "or", "not"} | set(_EQUALITY) | set(_ORDER)
_ENGINE_OBJECTS = {"execution", "task", "authenticatedUserId", "connector", "caseExecution", "variableScope"}
_MAX_LENGTH = 2_000
_MAX_DEPTH = 30


def has_placeholder(text: str) -> bool:
    """Whether the text holds ``${`` or ``#{``."""
    return "${" in text or "#{" in text


def translate(text: str) -> str:
    """FEEL for a text with placeholders. Raises `UntranslatableExpression`."""
    text = text.strip()
    if len(text) > _MAX_LENGTH:
        raise UntranslatableExpression(f"the expression is longer than {_MAX_LENGTH} characters")
    parts: list[str] = []
    at = 0
    while found := _OPENING.search(text, at):
        if text[at : found.start()].endswith("\\"):
            raise UntranslatableExpression(f"the escaped placeholder in {text!r} is not translated to FEEL")
        inner, end = _placeholder(text, found.end())
        feel = _Translator(inner).run()
        if found.start() == 0 and end == len(text):
            return feel.text
        if found.start() > at:
            parts.append(quoted(text[at : found.start()]))
        parts.append(f"string({feel.text})")
        at = end
    if at < len(text):
        parts.append(quoted(text[at:]))
    # Null is no text around placeholders, and string join leaves it out.
    return f"string join([{', '.join(parts)}])"


def _placeholder(text: str, start: int) -> tuple[str, int]:
    """What stands between the braces, and where the text goes on; a brace in a literal closes nothing."""
    at = start
    while at < len(text) and text[at] not in "{}":
        piece = _PIECE.match(text, at)
        if piece is None:
            break
        at = piece.end()
    if at >= len(text) or text[at] != "}":
        raise UntranslatableExpression(f"the placeholder in {text!r} is not closed, or has braces inside")
    return text[start:at], at + 1


class _Translator:
    """Precedence climbing over the tokens of one placeholder."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = self._tokenize(text)
        self.at = 0
        self.depth = 0

    def run(self) -> Feel:
        feel = self._expression()
        if self.at < len(self.tokens):
            raise self._refusal(self.tokens[self.at][1])
        return feel

    @staticmethod
    def _tokenize(text: str) -> list[tuple[str, str]]:
        tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if match is None:
                raise UntranslatableExpression(f"{text[at:].strip()[:20]!r} in {text!r} is not translated to FEEL")
            tokens.append((match.lastgroup or "", match[match.lastgroup or 0]))
            at = match.end()
        return tokens

    def _refusal(self, what: str) -> UntranslatableExpression:
        return UntranslatableExpression(f"{what!r} in {self.text!r} is not translated to FEEL")

    def _take(self, *wanted: str) -> str | None:
        if self.at < len(self.tokens):
            kind, token = self.tokens[self.at]
            if kind in ("word", "sign") and token in wanted:
                self.at += 1
                return token
        return None

    def _expect(self, sign: str, what: str) -> None:
        if not self._take(sign):
            raise UntranslatableExpression(f"{what} in {self.text!r} is not closed")

    def _deepen(self) -> None:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise UntranslatableExpression(f"{self.text!r} is nested too deeply")

    def _expression(self) -> Feel:
        self._deepen()
        feel = self._or()
        if self._take("?"):
            then = self._expression()
            self._expect(":", "a choice a ? b : c")
            otherwise = self._expression()
            kind = then.kind if then.kind == otherwise.kind else ""
            feel = Feel(f"if {feel.text} then {then.wrapped} else {otherwise.wrapped}", kind, atomic=False)
        self.depth -= 1
        return feel

    def _or(self) -> Feel:
        return self._joined(self._and, "or", "||", "or")

    def _and(self) -> Feel:
        return self._joined(self._equality, "and", "&&", "and")

    def _joined(self, operand: Callable[[], Feel], operator: str, *signs: str) -> Feel:
        parts = [operand()]
        while self._take(*signs):
            parts.append(operand())
        if len(parts) == 1:
            return parts[0]
        return Feel(f" {operator} ".join(part.wrapped for part in parts), "boolean", atomic=False)

    def _equality(self) -> Feel:
        return self._compared(self._order, _EQUALITY)

    def _order(self) -> Feel:
        return self._compared(self._sum, _ORDER)

    def _compared(self, operand: Callable[[], Feel], operators: dict[str, str]) -> Feel:
        left = operand()
        while operator := self._take(*operators):
            left = Feel(f"{left.wrapped} {operators[operator]} {operand().wrapped}", "boolean", atomic=False)
        return left

    def _sum(self) -> Feel:
        left = self._product()
        while sign := self._take("+", "-"):
            right = self._product()
            if "text" in (left.kind, right.kind):
                message = f"{sign!r} in {self.text!r} joins no texts in JUEL; write the text around placeholders"
                raise UntranslatableExpression(message)
            # JUEL only adds numbers; FEEL would also join two texts, unless one of the summands is a number.
            adds = sign == "+" and "number" not in (left.kind, right.kind)
            left = Feel(f"{'0 + ' if adds else ''}{left.wrapped} {sign} {right.wrapped}", "number", atomic=False)
        return left

    def _product(self) -> Feel:
        left = self._signed()
        while sign := self._take("*", "/", "div", "%", "mod"):
            right = self._signed()
            if sign in ("%", "mod"):
                # The remainder has the sign of the dividend; that of FEEL's modulo is the divisor's.
                left = apply(
                    "it: number, by: number",
                    "if it < 0 then -modulo(abs(it), abs(by)) else modulo(abs(it), abs(by))",
                    "number",
                    left,
                    right,
                )
            else:
                operator = "/" if sign == "div" else sign
                left = Feel(f"{left.wrapped} {operator} {right.wrapped}", "number", atomic=False)
        return left

    def _signed(self) -> Feel:
        sign = self._take("!", "not", "-", "empty")
        if sign is None:
            return self._path()
        self._deepen()
        operand = self._signed()
        self.depth -= 1
        if sign == "-":
            return Feel(f"-{operand.wrapped}", "number", atomic=False)
        if sign == "empty":
            return Feel(f'list contains([null, "", [], {{}}], {operand.text})', "boolean")
        if operand.kind == "boolean":
            return Feel(f"not({operand.text})", "boolean")
        # In JUEL !null is true.
        return Feel(f"{operand.wrapped} != true", "boolean", atomic=False)

    def _path(self) -> Feel:
        feel = self._primary()
        while sign := self._take(".", "["):
            if sign == "[":
                at = self._expression()
                self._expect("]", "an index")
                feel = entry(feel, at)
                continue
            name = self._member()
            feel = method(feel, name, self._arguments(), self.text) if self._take("(") else feel.path(name)
        return feel

    def _member(self) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != "word":
            raise UntranslatableExpression(f"a property name is missing in {self.text!r}")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def _arguments(self) -> list[Feel]:
        """Up to the closing parenthesis; the opening one is taken."""
        arguments: list[Feel] = []
        if self._take(")"):
            return arguments
        while True:
            arguments.append(self._expression())
            if not self._take(","):
                self._expect(")", "a call")
                return arguments

    def _primary(self) -> Feel:
        if self._take("("):
            inner = self._expression()
            self._expect(")", "a parenthesis")
            return Feel(inner.wrapped, inner.kind, literal=inner.literal)
        if self.at >= len(self.tokens):
            raise UntranslatableExpression(f"{self.text!r} ends where a value is expected")
        kind, token = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return Feel(token, "number", literal=int(token) if token.isdigit() else None)
        if kind == "text":
            return self._text(token)
        if kind != "word" or token in _RESERVED:
            raise self._refusal(token)
        if token in _LITERALS:
            return Feel(token, _LITERALS[token])
        return self._named(token)

    def _text(self, token: str) -> Feel:
        for escaped in re.findall(r"\\(.)", token[1:-1], re.DOTALL):
            if escaped not in ("\\", token[0]):
                raise self._refusal("\\" + escaped)
        text = re.sub(r"\\(.)", r"\1", token[1:-1], flags=re.DOTALL)
        return Feel(quoted(text), "text", literal=text)

    def _named(self, name: str) -> Feel:
        """A variable, a function, or an object of the engine that the model was written for."""
        if self._take("("):
            arguments = self._arguments()
            if name not in FUNCTIONS or arguments:
                raise UntranslatableExpression(f"the call {name}(...) is not translated to FEEL")
            return FUNCTIONS[name]
        if name in KEYWORDS:
            raise UntranslatableExpression(
                f"{name!r} in {self.text!r} is a keyword of FEEL; give the variable another name"
            )
        if name not in _ENGINE_OBJECTS:
            return Feel(name)
        member = self._member() if self._take(".") else ""
        if member == "getVariable" and name != "task" and self._take("("):
            arguments = self._arguments()
            variable = arguments[0].literal if len(arguments) == 1 else None
            if isinstance(variable, str) and re.fullmatch(r"[^\W\d]\w*", variable) and variable not in KEYWORDS:
                return Feel(variable)
            raise UntranslatableExpression(f"{name}.getVariable needs the name of a variable as a text")
        what = f"{name}.{member}" if member else name
        reason = REFUSED_MEMBERS.get(member, "it is an object of another engine")
        raise UntranslatableExpression(f"{what!r} in {self.text!r} is not translated to FEEL: {reason}")
