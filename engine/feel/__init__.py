"""FEEL, the expression language of DMN 1.3 to 1.5: parsed once, compiled to closures, bounded, Decimal throughout."""

from __future__ import annotations

from engine.feel.builtins import BUILTINS
from engine.feel.errors import (
    FeelError,
    FeelEvaluationError,
    FeelLimitExceeded,
    FeelSyntaxError,
    FeelWarning,
    UnknownVariable,
)
from engine.feel.expression import Expression, UnaryTests, parse, parse_unary_tests
from engine.feel.limits import DEFAULT, Limits
from engine.feel.literals import format_value, parse_any
from engine.feel.types import FeelType, TypeFinder
from engine.feel.typing_check import TypeProblem, check, check_tests, infer
from engine.feel.values import Function, Range, YearsMonths

BUILTIN_NAMES = frozenset(BUILTINS)
"""Names of all built-in functions."""

__all__ = [
    "BUILTIN_NAMES",
    "DEFAULT",
    "Expression",
    "FeelError",
    "FeelEvaluationError",
    "FeelLimitExceeded",
    "FeelSyntaxError",
    "FeelType",
    "FeelWarning",
    "Function",
    "Limits",
    "Range",
    "TypeFinder",
    "TypeProblem",
    "UnaryTests",
    "UnknownVariable",
    "YearsMonths",
    "check",
    "check_tests",
    "format_value",
    "infer",
    "parse",
    "parse_any",
    "parse_unary_tests",
]
