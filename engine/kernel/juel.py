"""``${...}`` and ``#{...}`` of Camunda's dialects, translated to FEEL at deployment.

Only what means the same in both languages is translated: variables and property paths, literals, comparisons
(``==``, ``eq``, ``<`` ...), ``and``/``or``/``not`` and their signs, parentheses, and text around placeholders
(``invoice-${number}``). Calls, indexing, arithmetic and the engine's objects (``execution``, ``task``) are refused.

A negation becomes ``(x) != true``: in JUEL ``!null`` is true, where FEEL's ``not(null)`` is null.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<word>[^\W\d]\w*)|(?P<sign>==|!=|<=|>=|&&|\|\||[<>!().]))"
)
_PLACEHOLDER = re.compile(r"[$#]\{([^{}]*)\}")
_COMPARISONS = {
    "==": "=", "eq": "=", "!=": "!=", "ne": "!=", "<": "<", "lt": "<", ">": ">", "gt": ">",
    "<=": "<=", "le": "<=", ">=": ">=", "ge": ">=",
}  # fmt: skip
_LITERALS = {"true", "false", "null"}
_RESERVED = {"empty", "div", "mod", "instanceof"} | set(_COMPARISONS) | {"and", "or", "not"}
_ENGINE_OBJECTS = {"execution", "task", "authenticatedUserId", "connector", "caseExecution"}
_MAX_LENGTH = 2_000
_MAX_DEPTH = 30


class UntranslatableExpression(ValueError):
    """The expression uses more of JUEL than has a meaning in FEEL; the message names it."""


def has_placeholder(text: str) -> bool:
    """Whether the text holds ``${`` or ``#{``."""
    return "${" in text or "#{" in text


def translate(text: str) -> str:
    """FEEL for a text with placeholders. Raises `UntranslatableExpression`."""
    text = text.strip()
    if len(text) > _MAX_LENGTH:
        raise UntranslatableExpression(f"the expression is longer than {_MAX_LENGTH} characters")
    whole = _PLACEHOLDER.fullmatch(text)
    if whole is not None:
        return _Translator(whole[1]).run()
    parts: list[str] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        parts += _quoted(text[end : match.start()])
        parts.append(f"string({_Translator(match[1]).run()})")
        end = match.end()
    parts += _quoted(text[end:])
    return " + ".join(parts)


def _quoted(text: str) -> list[str]:
    if has_placeholder(text):
        raise UntranslatableExpression(f"the placeholder in {text!r} is not closed, or has braces inside")
    return ['"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'] if text else []


class _Translator:
    """Precedence climbing: or, and, equality and order, negation, path."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = self._tokenize(text)
        self.at = 0
        self.depth = 0

    def run(self) -> str:
        feel = self._or()
        if self.at < len(self.tokens):
            raise UntranslatableExpression(f"{self.tokens[self.at][1]!r} in {self.text!r} is not translated to FEEL")
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

    def _take(self, *wanted: str) -> str | None:
        if self.at < len(self.tokens):
            kind, token = self.tokens[self.at]
            if kind in ("word", "sign") and token in wanted:
                self.at += 1
                return token
        return None

    def _or(self) -> str:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise UntranslatableExpression(f"{self.text!r} is nested too deeply")
        parts = [self._and()]
        while self._take("||", "or"):
            parts.append(self._and())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else " or ".join(f"({part})" for part in parts)

    def _and(self) -> str:
        parts = [self._comparison()]
        while self._take("&&", "and"):
            parts.append(self._comparison())
        return parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts)

    def _comparison(self) -> str:
        left = self._negation()
        while operator := self._take(*_COMPARISONS):
            left = f"({left}) {_COMPARISONS[operator]} ({self._negation()})"
        return left

    def _negation(self) -> str:
        negations = 0
        while self._take("!", "not"):
            negations += 1
        feel = self._primary()
        for _ in range(min(negations, 2 - negations % 2)):
            feel = f"({feel}) != true"
        return feel

    def _primary(self) -> str:
        if self._take("("):
            inner = self._or()
            if not self._take(")"):
                raise UntranslatableExpression(f"a parenthesis in {self.text!r} is not closed")
            if self.at < len(self.tokens) and self.tokens[self.at] == ("sign", "."):
                raise UntranslatableExpression(f"a path after a parenthesis in {self.text!r} is not translated to FEEL")
            return f"({inner})"
        if self.at >= len(self.tokens):
            raise UntranslatableExpression(f"{self.text!r} ends where a value is expected")
        kind, token = self.tokens[self.at]
        self.at += 1
        if kind == "number" or token in _LITERALS:
            return token
        if kind == "text":
            inner = re.sub(r"\\(.)", r"\1", token[1:-1])
            return '"' + inner.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if kind != "word" or token in _RESERVED:
            raise UntranslatableExpression(f"{token!r} in {self.text!r} is not translated to FEEL")
        return self._path(token)

    def _path(self, first: str) -> str:
        if first in _ENGINE_OBJECTS:
            raise UntranslatableExpression(f"{first!r} in {self.text!r} is an object of another engine")
        path = [first]
        while self._take("."):
            if self.at >= len(self.tokens) or self.tokens[self.at][0] != "word":
                raise UntranslatableExpression(f"a property name is missing in {self.text!r}")
            path.append(self.tokens[self.at][1])
            self.at += 1
        if self.at < len(self.tokens) and self.tokens[self.at] == ("sign", "("):
            raise UntranslatableExpression(f"the call {'.'.join(path)}(...) is not translated to FEEL")
        return ".".join(path)
