"""What can go wrong with an expression; every error of `engine.feel` derives from `FeelError`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FULL_WIDTH = re.compile(r"[\u3000-\u3020\uFF00-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65]")


class FeelError(Exception):
    """An expression could not be read or evaluated."""


class FeelSyntaxError(FeelError):
    """The text is not FEEL. ``line`` and ``column`` count from 1; the message says what was expected there."""

    def __init__(self, message: str, line: int, column: int, text: str) -> None:
        super().__init__(f"{message} (line {line}, column {column})")
        self.message = message
        self.line = line
        self.column = column
        self.text = text


class FeelEvaluationError(FeelError):
    """The expression is FEEL, but has no value for these variables."""


class UnknownVariable(FeelEvaluationError):
    """The expression names a variable that nothing defines, usually a misspelling.

    FEEL itself would say null; a process must stop with an incident instead of taking a wrong branch. ``line`` and
    ``column`` count from 1.
    """

    def __init__(self, name: str, line: int, column: int) -> None:
        super().__init__(f"{unknown(name)} (line {line}, column {column})")
        self.name = name
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class FeelWarning:
    """Why some part of an expression is null: an impossible operation, in words. ``line`` and ``column`` count from 1
    in ``text``, the expression it stands in.
    """

    message: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.message} (line {self.line}, column {self.column})"


class FeelLimitExceeded(FeelEvaluationError):
    """The evaluation took more steps, memory, depth or time than its `Limits` allow."""


def unknown(name: str) -> str:
    """That a variable is unknown; names the full-width sign in it that was perhaps meant as an operator."""
    sign = _FULL_WIDTH.search(name)
    return f"unknown variable '{name}'" + (f", with the full-width sign '{sign[0]}' in it" if sign else "")


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of the character at ``offset``."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
