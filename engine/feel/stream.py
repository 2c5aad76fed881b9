"""The tokens under the parser's hand, and the names in scope that decide how they read.

FEEL names may hold spaces and signs (``Monthly Salary``, ``Approved/Declined``), so ``a - b`` can be one name or a
subtraction. As the specification says (10.3.1.2), the longest name in scope wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TypeAlias

from engine.feel.errors import FeelSyntaxError, position
from engine.feel.lexer import Token, tokenize
from engine.feel.limits import MAX_NESTING
from engine.feel.nodes import Node
from engine.feel.types import TypeFinder

_OPERATOR_WORDS = ("and", "between", "in", "instance", "of", "or")
_CLAUSE_WORDS = ("else", "every", "for", "function", "if", "return", "satisfies", "some", "then")
KEYWORDS = frozenset((*_OPERATOR_WORDS, *_CLAUSE_WORDS, "false", "null", "true"))
Names: TypeAlias = dict[str, list[tuple[tuple[str, ...], str]]]
"""Names of several tokens by their first: the tokens, and the name as it was given."""

_LONGEST_TYPE_NAME = 20
_NAME_SIGNS = frozenset("./-'’+*")


class Stream:
    """Tokens read from left to right, with `MAX_NESTING` watched and multi-word names recognised."""

    def __init__(
        self,
        text: str,
        names: Iterable[str],
        expression: Callable[[Stream, int], Node],
        types: TypeFinder | None = None,
    ) -> None:
        self.text = text
        self.types = types
        self.at = 0
        self.nesting = 0
        self.bracket_closes_range = False
        self._expression = expression
        self._tokens = tokenize(text)
        self._filters = 0
        self._entries: Names = {}
        self._scopes: list[Names] = [index(names)]

    @property
    def token(self) -> Token:
        """The token at hand."""
        return self._tokens[self.at]

    def ahead(self, count: int = 1) -> Token:
        """A later token, or the last one."""
        return self._tokens[min(self.at + count, len(self._tokens) - 1)]

    def next(self) -> Token:
        """The token at hand, and step over it."""
        token = self._tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def found(self, text: str) -> bool:
        """Whether the token at hand is this keyword or symbol."""
        token = self._tokens[self.at]
        return token.text == text and (token.kind == "symbol" or token.kind == "word")

    def accept(self, text: str) -> bool:
        """Step over this keyword or symbol if it is at hand."""
        if self.found(text):
            self.at += 1
            return True
        return False

    def expect(self, text: str, where: str = "") -> Token:
        """Step over this keyword or symbol. Raises `FeelSyntaxError` if something else is at hand."""
        if not self.found(text):
            raise self.error(f"expected '{text}'{' ' + where if where else ''}")
        return self.next()

    def error(self, message: str, at: int | None = None) -> FeelSyntaxError:
        """An error at the token at hand (or an offset), naming what was found there."""
        if at is None:
            shown = f"'{self.token.text[:40]}'" if self.token.text else "the end"
            message = f"{message}, found {shown}"
            at = self.token.start
        return FeelSyntaxError(message, *position(self.text, at), self.text)

    def expression(self, power: int = 0) -> Node:
        """Parse an expression of operators that bind at least as tightly as ``power``."""
        self.deepen()
        node = self._expression(self, power)
        self.nesting -= 1
        return node

    def bracketed(self) -> Node:
        """Parse an expression between brackets, where ``[`` is a filter again."""
        outer, self.bracket_closes_range = self.bracket_closes_range, False
        node = self.expression()
        self.bracket_closes_range = outer
        return node

    def deepen(self) -> None:
        """One level down. Raises `FeelSyntaxError` beyond `MAX_NESTING` levels."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self.error(f"the expression is nested more than {MAX_NESTING} levels deep", self.token.start)

    @contextmanager
    def scope(self, *names: str) -> Iterator[Callable[[str], None]]:
        """Names known until the block ends; the block's value adds one more."""
        known = index(names)
        self._scopes.append(known)
        try:
            yield lambda name: _enter(known, name)
        finally:
            self._scopes.pop()

    @contextmanager
    def in_filter(self) -> Iterator[None]:
        """Until the block ends, names of entries are in scope: the items of a list may be contexts."""
        self._filters += 1
        yield
        self._filters -= 1

    def entry(self, name: str) -> None:
        """A key of some context in the text, to be known after a dot and in filters."""
        _enter(self._entries, name)

    def known_name(self, *names: Names, entries: bool = False) -> str | None:
        """Step over the longest name of several words or signs that is at hand: in scope or in ``names``."""
        best: tuple[tuple[str, ...], str] | None = None
        entries = entries or self._filters > 0
        for scope in (*self._scopes, *names, self._entries) if entries else (*self._scopes, *names):
            for parts, name in scope.get(self.token.text, ()):
                if (best is None or len(parts) > len(best[0])) and self._reads(parts):
                    best = parts, name
        if best is None:
            return None
        self.at += len(best[0])
        return best[1]

    def _reads(self, parts: tuple[str, ...]) -> bool:
        end = self.at + len(parts)
        return end < len(self._tokens) and all(
            token.text == part and token.kind != "string"
            for token, part in zip(self._tokens[self.at : end], parts, strict=True)
        )

    def new_name(self, *ends: str) -> str:
        """Step over a name that is being defined: everything up to one of the ``ends``, spaced as names are."""
        start = self.at
        if self.token.kind != "word":
            raise self.error("expected a name")
        self.at += 1
        while not any(self.found(end) for end in ends):
            token = self.token
            if token.kind not in ("word", "number") and token.text not in _NAME_SIGNS:
                raise self.error("expected " + " or ".join(f"'{end}'" for end in ends))
            self.at += 1
        return spaced(self.text, self._tokens[start : self.at])

    def type_names(self) -> Iterator[tuple[str, int]]:
        """What is at hand as names of types, the longest first, with the number of tokens to step over."""
        end = self.at
        while end < self.at + _LONGEST_TYPE_NAME and self._is_part(self._tokens[end]):
            end += 1
        for last in range(end, self.at, -1):
            yield spaced(self.text, self._tokens[self.at : last]), last - self.at

    @staticmethod
    def _is_part(token: Token) -> bool:
        return token.kind in ("word", "number") or (token.kind == "symbol" and token.text in _NAME_SIGNS)

    def named_ahead(self) -> bool:
        """Whether a name and a colon are at hand, as in a named argument; steps over nothing."""
        at = self.at
        if self._tokens[at].kind != "word":
            return False
        while self._tokens[at].kind in ("word", "number") or self._tokens[at].text in _NAME_SIGNS:
            at += 1
        return self._tokens[at].text == ":" and self._tokens[at].kind == "symbol"


def spaced(text: str, tokens: list[Token]) -> str:
    """A name as written, with one space wherever there is white space."""
    return " ".join(text[tokens[0].start : tokens[-1].end].split())


def index(names: Iterable[str]) -> Names:
    """The names of several tokens among ``names``, for `Stream.known_name`."""
    known: Names = {}
    for name in names:
        _enter(known, name)
    return known


def _enter(known: Names, name: str) -> None:
    """Register a name of several tokens; single words need no help."""
    parts = _parts(name)
    if len(parts) > 1:
        known.setdefault(parts[0], []).append((parts, name))


@lru_cache(maxsize=4096)
def _parts(name: str) -> tuple[str, ...]:
    """The tokens of a name. Cached, because a model's names are known to each of its thousands of cells."""
    try:
        return tuple(token.text for token in tokenize(name)[:-1])
    except FeelSyntaxError:
        return ()  # holds characters that no FEEL name can: nobody can write it, so nobody can mean it
