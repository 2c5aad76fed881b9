"""Functions on strings (10.3.4.3). Positions count characters (code points) from 1.

Regular expressions are those of XPath on RE2 (see `engine.feel.patterns`); a pattern that is refused gives null.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.limits import Run
from engine.feel.patterns import compile_pattern, cost
from engine.feel.values import Value


@builtin("substring", "string: string, start position: number, length?: number")
def substring(run: Run, string: str, start: Value, length: Value = None) -> str | None:
    """From a position, counted from the end when negative, up to the end or so many characters."""
    first = int(start)
    if first == 0 or abs(first) > len(string):
        return None
    begin = first - 1 if first > 0 else len(string) + first
    if length is None:
        return string[begin:]
    return string[begin : begin + int(length)] if int(length) >= 1 else None


@builtin("string length", "string: string")
def string_length(run: Run, string: str) -> Value:
    """Number of characters."""
    return Decimal(len(string))


@builtin("upper case", "string: string")
def upper_case(run: Run, string: str) -> str:
    """In capitals."""
    return string.upper()


@builtin("lower case", "string: string")
def lower_case(run: Run, string: str) -> str:
    """In small letters."""
    return string.lower()


@builtin("trim", "string: string")
def trim(run: Run, string: str) -> str:
    """Without white space at both ends (an addition of common engines)."""
    return string.strip()


@builtin("substring before", "string: string, match: string")
def substring_before(run: Run, string: str, match: str) -> str:
    """What stands before the first ``match``; empty when there is none."""
    return string.partition(match)[0] if match and match in string else ""


@builtin("substring after", "string: string, match: string")
def substring_after(run: Run, string: str, match: str) -> str:
    """What stands after the first ``match``; empty when there is none."""
    return string.partition(match)[2] if match else string


@builtin("contains", "string: string, match: string")
def contains(run: Run, string: str, match: str) -> bool:
    """Whether ``match`` occurs."""
    return match in string


@builtin("starts with", "string: string, match: string")
def starts_with(run: Run, string: str, match: str) -> bool:
    """Whether the string begins with ``match``."""
    return string.startswith(match)


@builtin("ends with", "string: string, match: string")
def ends_with(run: Run, string: str, match: str) -> bool:
    """Whether the string ends with ``match``."""
    return string.endswith(match)


def _compiled(run: Run, pattern: str, flags: str) -> Any:
    run.tick(cost(pattern))
    return compile_pattern(pattern, flags)


@builtin("matches", "input: string, pattern: string, flags?: string")
def matches(run: Run, string: str, pattern: str, flags: str | None = None) -> bool | None:
    """Whether the pattern occurs anywhere in the input."""
    expression = _compiled(run, pattern, flags or "")
    return None if expression is None else expression.search(string) is not None


@builtin("replace", "input: string, pattern: string, replacement: string, flags?: string")
def replace(run: Run, string: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    """Every occurrence replaced; ``$1`` to ``$9`` in the replacement are groups, ``$0`` is the whole match."""
    expression = _compiled(run, pattern, flags or "")
    if expression is None or expression.search("") is not None:
        return None  # as in XPath: a pattern that matches nothing at all has no occurrences to replace
    if _expand(replacement, []) is None:
        return None
    pieces: list[str] = []
    size = end = 0
    for found in expression.finditer(string):
        run.tick()
        groups = [found.group(), *(group or "" for group in found.groups())]
        pieces += [string[end : found.start()], _expand(replacement, groups) or ""]
        size += sum(len(piece) for piece in pieces[-2:]) + found.start() - end
        end = found.end()
        if size > run.limits.size:
            run.produced(size)
    return "".join([*pieces, string[end:]])


def _expand(replacement: str, groups: list[str]) -> str | None:
    """A replacement with its ``$N`` filled in, of as many digits as there are groups; None when it breaks the rules."""
    text = ""
    at = 0
    while at < len(replacement):
        sign = replacement[at]
        at += 1
        if sign == "\\":
            if replacement[at : at + 1] not in ("$", "\\"):
                return None
            text += replacement[at]
            at += 1
        elif sign == "$":
            number = replacement[at : at + 1]
            if not (number.isascii() and number.isdecimal()):
                return None
            at += 1
            while replacement[at : at + 1].isdecimal() and 0 < int(number + replacement[at]) < len(groups):
                number += replacement[at]
                at += 1
            text += groups[int(number)] if int(number) < len(groups) else ""
        else:
            text += sign
    return text


@builtin("split", "string: string, delimiter: string")
def split(run: Run, string: str, delimiter: str) -> list[str] | None:
    """The parts between occurrences of a pattern."""
    expression = _compiled(run, delimiter, "")
    if expression is None or expression.search("") is not None:
        return None
    parts = []
    end = 0
    for found in expression.finditer(string):
        run.tick()
        parts.append(string[end : found.start()])
        end = found.end()
    return [*parts, string[end:]]


@builtin("extract", "input: string, pattern: string, flags?: string")
def extract(run: Run, string: str, pattern: str, flags: str | None = None) -> list[str] | None:
    """Every occurrence of the pattern (an addition of common engines)."""
    expression = _compiled(run, pattern, flags or "")
    if expression is None:
        return None
    parts = []
    for found in expression.finditer(string):
        run.tick()
        parts.append(found.group())
    return parts


@builtin("string join", "list: list, delimiter?: string")
def string_join(run: Run, items: list[Value], delimiter: str | None = None) -> str | None:
    """The strings of a list, nulls left out, with the delimiter between them."""
    parts = [item for item in items if item is not None]
    if any(type(part) is not str for part in parts):
        return None
    run.produced(sum(len(part) for part in parts) + len(delimiter or "") * len(parts))
    return (delimiter or "").join(parts)
