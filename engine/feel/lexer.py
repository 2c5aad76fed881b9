"""Text to tokens. Keywords are plain words here: only the parser knows whether ``date`` starts a name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.feel.errors import FeelSyntaxError, position
from engine.feel.limits import MAX_TEXT

# Rules 28 and 29 of the grammar. They admit what Chinese names are written with, full-width brackets included.
_LETTERS = (
    r"\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u167F\u1681-\u180D\u180F-\u1FFF\u200C-\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFEFE\uFF00-\uFFFD\U00010000-\U000EFFFF"
)
_PARTS = r"\u00B7\u0300-\u036F\u203F-\u2040"
_TOKEN = re.compile(
    rf"""
      (?P<space>  [\s\u180E\u200B\uFEFF]+ | //[^\n]* | /\*.*?\*/ )
    | (?P<number> [0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)? | \.[0-9]+(?:[eE][+-]?[0-9]+)? )
    | (?P<string> "(?:[^"\\]|\\.)*" )
    | (?P<word>   (?:[^\W\d]|[{_LETTERS}]) [\w{_LETTERS}{_PARTS}]* )
    | (?P<symbol> \.\. | \*\* | <= | >= | != | -> | /(?!\*) | [-+*<>=()\[\]{{}},:.@?'’] )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|([ntr\"'\\]))", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is number, string, word, symbol or end; ``text`` as written; ``start`` and ``end`` are offsets."""

    kind: str
    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """All tokens, without white space and comments, and an ``end`` token last. Raises `FeelSyntaxError`."""
    if len(text) > MAX_TEXT:
        raise FeelSyntaxError(f"the expression is longer than {MAX_TEXT} characters", 1, 1, text[:100])
    tokens = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise FeelSyntaxError(_complaint(text, at), *position(text, at), text)
        if found.lastgroup != "space":
            tokens.append(Token(found.lastgroup, found.group(), at, found.end()))
        at = found.end()
    tokens.append(Token("end", "", at, at))
    return tokens


def _complaint(text: str, at: int) -> str:
    if text[at] == '"':
        return 'a string is not closed: expected "'
    if text.startswith("/*", at):
        return "a comment is not closed: expected */"
    return f"unexpected character {text[at]!r}"


def unquote(token: Token, text: str) -> str:
    """The characters a string token stands for; a backslash before anything else stands for itself (rule 35).

    Raises `FeelSyntaxError` for escapes of no character.
    """

    def replace(found: re.Match[str]) -> str:
        four, six, simple = found.groups()
        if four or six:
            code = int(four or six, 16)
            if code <= 0x10FFFF:
                return chr(code)
        elif simple in _SIMPLE:
            return _SIMPLE[simple]
        message = f"no character has the code {found.group()[2:]}"
        raise FeelSyntaxError(message, *position(text, token.start + found.start() + 1), text)

    value = _ESCAPE.sub(replace, token.text[1:-1])
    try:
        # Two escapes may form one character outside the basic plane; half a pair is no character at all.
        return value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        message = "the string holds half a surrogate pair"
        raise FeelSyntaxError(message, *position(text, token.start), text) from None
