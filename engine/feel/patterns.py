r"""Regular expressions of XPath (F&O 7.6.1, to which DMN 1.5, 10.3.4.3 refers) as patterns of RE2.

RE2 takes time linear to the text whatever the pattern. The dialects differ: XPath's ``\w`` and ``\d`` mean the letters
and digits of all scripts, ``[a-z-[aeiou]]`` leaves letters out, ``\i`` and ``\c`` are characters of XML names, and
``\p{L}`` pays no heed to the flag ``i``. Back-references, which no linear matcher can have, are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, TypeAlias

import re2

Span: TypeAlias = tuple[int, int]
_FLAGS = frozenset("imsx")
_MAX_PATTERN = 1_000
_MAX_SUBTRACTIONS = 2  # each may go through all characters of a category
_LAST = 0x10FFFF
_SPACE = " \t\n\r"
_NAME_START = r":A-Z_a-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}\x{2070}-\x{218F}\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}"  # noqa: E501  # a table
_NAME_PART = _NAME_START + r"\-.0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}"
_CLASSES = {
    "d": r"\p{Nd}",
    "w": r"\p{L}\p{M}\p{N}\p{S}",
    "W": r"\p{P}\p{Z}\p{C}",
    "s": r"\x{9}\x{A}\x{D}\x{20}",
    "i": _NAME_START,
    "c": _NAME_PART,
}
_OPPOSITE = {"D": "d", "S": "s", "I": "i", "C": "c"}
_BLOCKS = {
    "IsBasicLatin": (0x0, 0x7F),
    "IsLatin-1Supplement": (0x80, 0xFF),
    "IsGreek": (0x370, 0x3FF),
    "IsGreekandCoptic": (0x370, 0x3FF),
    "IsCyrillic": (0x400, 0x4FF),
    "IsHebrew": (0x590, 0x5FF),
    "IsArabic": (0x600, 0x6FF),
    "IsThai": (0xE00, 0xE7F),
    "IsCJKSymbolsandPunctuation": (0x3000, 0x303F),
    "IsHiragana": (0x3040, 0x309F),
    "IsKatakana": (0x30A0, 0x30FF),
    "IsCJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "IsHangulSyllables": (0xAC00, 0xD7AF),
    "IsHalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
}
_REPEATS = re.compile(r"\{(?:\d*,)?([1-9]\d{0,5})\}")
_MAX_COPIES = 1_000
_LITERAL_ESCAPES = frozenset("\\|.-^?*+{}()[]$")
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}


class _Refused(Exception):
    """The pattern is none of XPath's, or needs what RE2 does not have."""


def cost(pattern: str) -> int:
    """What compiling a pattern counts for in steps, whether it is kept from before or not; RE2 copies what repeats."""
    copies = 1
    for number in _REPEATS.findall(pattern):
        copies = min(copies * int(number), _MAX_COPIES)
    return 20 + copies + 400 * pattern.count("-[")


@lru_cache(maxsize=32)
def compile_pattern(pattern: str, flags: str) -> Any:
    """A pattern with the XPath ``flags`` i, m, s and x, compiled; None when the pattern or the flags are wrong."""
    if not set(flags) <= _FLAGS or len(pattern) > _MAX_PATTERN or pattern.count("-[") > _MAX_SUBTRACTIONS:
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    inline = "".join(sorted(set(flags) - {"x"}))
    try:
        translated = _Translation(pattern, flags).run()
        return re2.compile(f"(?{inline}){translated}" if inline else translated, options)
    except (_Refused, re2.error, UnicodeError):
        return None


class _Translation:
    """Walks once through a pattern."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.ignores_case = "i" in flags
        self.skips_space = "x" in flags

    def run(self) -> str:
        parts = []
        while self.at < len(self.pattern):
            sign = self.take()
            if sign == "\\":
                parts.append(self.escape())
            elif sign == "[":
                parts.append(self.bracket())
            elif sign == "(":
                parts.append(self.group())
            elif not (self.skips_space and sign in _SPACE):
                parts.append(sign)
        return "".join(parts)

    def take(self) -> str:
        if self.at >= len(self.pattern):
            raise _Refused
        self.at += 1
        return self.pattern[self.at - 1]

    def peek(self, text: str) -> bool:
        return self.pattern.startswith(text, self.at)

    def group(self) -> str:
        if not self.peek("?"):
            return "("
        if not self.peek("?:"):
            raise _Refused
        self.at += 2
        return "(?:"

    def escape(self) -> str:
        sign = self.take()
        if sign in "bB":
            return f"\\{sign}"  # no boundary of words in XPath; harmless, and what many patterns use
        code = self.code(sign)
        if code is not None:
            return _one(code)
        inside, opposite = self.category(sign)
        text = f"[{'^' if opposite else ''}{inside}]"
        return f"(?-i:{text})" if self.ignores_case else text

    def code(self, sign: str) -> int | None:
        r"""The code of the one character that an escape means; besides XPath's also ``\x20``."""
        if sign == "x":
            digits = self.pattern[self.at : self.at + 2]
            if not re.fullmatch("[0-9A-Fa-f]{2}", digits):
                raise _Refused
            self.at += 2
            return int(digits, 16)
        return ord(_CONTROLS.get(sign, sign)) if sign in _LITERAL_ESCAPES or sign in _CONTROLS else None

    def category(self, sign: str) -> tuple[str, bool]:
        """What stands in brackets for an escape that means several characters, and whether its opposite is meant."""
        if sign in _OPPOSITE:
            return _CLASSES[_OPPOSITE[sign]], True
        if sign in _CLASSES:
            return _CLASSES[sign], False
        if sign not in "pP" or self.take() != "{":
            raise _Refused
        end = self.pattern.find("}", self.at)
        if end < 0:
            raise _Refused
        name, self.at = self.pattern[self.at : end], end + 1
        if name in _BLOCKS:
            low, high = _BLOCKS[name]
            return f"{_one(low)}-{_one(high)}", sign == "P"
        if name.startswith("Is") or not (len(name) in (1, 2) and name.isalpha()):
            raise _Refused
        return f"\\p{{{name}}}", sign == "P"

    def bracket(self) -> str:
        """A class in brackets, whose opening bracket has been read."""
        parsed = self.parse_class()
        if parsed.less is not None:
            return _class_of(_points(parsed))
        if parsed.categories and self.ignores_case and not parsed.negated:
            plain = "".join(f"{_one(low)}-{_one(high)}" for low, high in parsed.ranges)
            exact = f"(?-i:[{_joined(parsed.categories)}])"
            return f"(?:[{plain}]|{exact})" if plain else exact
        inside = "".join(f"{_one(low)}-{_one(high)}" for low, high in parsed.ranges) + _joined(parsed.categories)
        return f"[{'^' if parsed.negated else ''}{inside}]"

    def parse_class(self) -> _Class:
        found = _Class(negated=self.peek("^"))
        self.at += found.negated
        first = True
        while first or not self.peek("]"):
            if self.peek("-["):
                self.at += 2
                found.less = self.parse_class()
                if not self.peek("]"):
                    raise _Refused
                break
            first = False
            low = self.class_item(found)
            if low is None:
                continue
            high = low
            if self.peek("-") and not self.peek("-]") and not self.peek("-["):
                self.at += 1
                end = self.class_item(found)
                if end is None or end < low:
                    raise _Refused
                high = end
            found.ranges.append((low, high))
        self.at += 1
        return found

    def class_item(self, found: _Class) -> int | None:
        """The code of one character; None for an escape of several, which goes to the ``found`` categories."""
        sign = self.take()
        if sign == "[" or sign == "]":
            raise _Refused
        if sign != "\\":
            return ord(sign)
        escaped = self.take()
        code = self.code(escaped)
        if code is not None:
            return code
        found.categories.append(self.category(escaped))
        return None


class _Class:
    """``ranges`` of codes and ``categories`` as `_Translation.category` gives them, ``less`` another class."""

    def __init__(self, *, negated: bool) -> None:
        self.negated = negated
        self.ranges: list[tuple[int, int]] = []
        self.categories: list[tuple[str, bool]] = []
        self.less: _Class | None = None


def _joined(categories: list[tuple[str, bool]]) -> str:
    return "".join(_complement(inside) if opposite else inside for inside, opposite in categories)


@lru_cache(maxsize=64)
def _complement(inside: str) -> str:
    if inside.startswith("\\p{"):
        return "\\P" + inside[2:]
    return "".join(f"{_one(low)}-{_one(high)}" for low, high in _others(_spans(f"[{inside}]")))


def _points(parsed: _Class) -> tuple[Span, ...]:
    """All characters of a class, without what it leaves out."""
    inside = "".join(f"{_one(low)}-{_one(high)}" for low, high in parsed.ranges) + _joined(parsed.categories)
    plain = not parsed.categories and not parsed.negated
    points = tuple(_merged(parsed.ranges)) if plain else _spans(f"[{'^' if parsed.negated else ''}{inside}]")
    if parsed.less is None:
        return points
    kept = _others(_points(parsed.less))
    return tuple(
        (max(low, first), min(high, last))
        for low, high in points
        for first, last in kept
        if first <= high and low <= last
    )


def _merged(ranges: list[Span]) -> Iterator[Span]:
    """Ranges in order, those that touch as one."""
    low, high = -1, -2
    for first, last in sorted(ranges):
        if low >= 0 and first > high + 1:
            yield low, high
            low = -1
        low, high = (first, last) if low < 0 else (low, max(high, last))
    if low >= 0:
        yield low, high


@lru_cache(maxsize=32)
def _spans(text: str) -> tuple[Span, ...]:
    """The characters of the first three planes that a class of RE2 matches, in order."""
    pattern = re2.compile(text + "+")
    return tuple(
        (first + found.start(), first + found.end() - 1)
        for first, characters in _planes()
        for found in pattern.finditer(characters)
    )


@lru_cache(maxsize=1)
def _planes() -> tuple[tuple[int, str], ...]:
    """All characters up to the third plane with the code of the first, in two texts: surrogates are none."""
    return tuple((first, "".join(map(chr, range(first, last)))) for first, last in ((0, 0xD800), (0xE000, 0x30000)))


def _others(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """All other characters."""
    edges = [-1, *(edge for span in spans for edge in span), _LAST + 1]
    return tuple((low + 1, high - 1) for low, high in zip(edges[::2], edges[1::2], strict=True) if high - low > 1)


def _class_of(spans: tuple[Span, ...]) -> str:
    if not spans:
        raise _Refused
    return f"[{''.join(f'{_one(low)}-{_one(high)}' for low, high in spans)}]"


def _one(code: int) -> str:
    return f"\\x{{{code:X}}}"
