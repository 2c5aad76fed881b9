"""Expressions and unary tests, parsed and compiled once, evaluated often and from any thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.feel.compiler import compile_node, compile_tests
from engine.feel.errors import FeelLimitExceeded, FeelSyntaxError, FeelWarning
from engine.feel.limits import DEFAULT, Limits, Run
from engine.feel.names import names_of
from engine.feel.parser import parse_expression, parse_unary
from engine.feel.scope import Closure, Scope
from engine.feel.types import TypeFinder
from engine.feel.unary import Match
from engine.feel.values import Value, check_result, convert


@dataclass(frozen=True, slots=True)
class Expression:
    """``names``: variables it needs. ``possible_names``: names in filters that may mean an entry of the items."""

    text: str
    names: frozenset[str]
    possible_names: frozenset[str]
    closure: Closure = field(repr=False, compare=False)

    def evaluate(
        self,
        variables: Mapping[str, object],
        *,
        now: datetime | None = None,
        limits: Limits = DEFAULT,
        standard: bool = False,
        warnings: list[FeelWarning] | None = None,
    ) -> Value:
        """The value for these variables (see `engine.feel.values` for the types); an impossible operation is null.

        ``now`` (aware) is what ``now()`` and ``today()`` say. With ``standard`` a name that is not in ``variables`` is
        null, as in DMN. ``warnings`` receives why parts of the expression were null.

        Raises `UnknownVariable` for a name that is not in ``variables`` (unless ``standard``), `FeelLimitExceeded`,
        and `FeelEvaluationError` for a variable of a type FEEL does not have and for ``now()`` without an instant.
        """
        run = Run(now, limits, standard=standard)
        try:
            value = self.closure(Scope(variables, None, run))
            check_result(value, run)
        except RecursionError:
            raise FeelLimitExceeded("the expression went too deep") from None
        except MemoryError:
            raise FeelLimitExceeded("the expression took too much memory") from None
        finally:
            if warnings is not None:
                warnings += run.warnings
        return value


@dataclass(frozen=True, slots=True)
class UnaryTests:
    """``names``: variables it needs besides the value tested."""

    text: str
    names: frozenset[str]
    possible_names: frozenset[str]
    match: Match = field(repr=False, compare=False)

    def matches(
        self,
        value: object,
        variables: Mapping[str, object],
        *,
        now: datetime | None = None,
        limits: Limits = DEFAULT,
    ) -> bool:
        """Whether ``value`` passes; a comparison that is null does not. Raises as `Expression.evaluate` does."""
        run = Run(now, limits)
        try:
            return self.match(convert(value, run), Scope(variables, None, run)) is True
        except RecursionError:
            raise FeelLimitExceeded("the unary tests went too deep") from None


def parse(text: str, *, names: Iterable[str] = (), types: TypeFinder | None = None) -> Expression:
    """Compile an expression. ``names``: known names, needed for those with spaces or signs in them. ``types`` finds
    the types that it names after ``instance of`` and for parameters, besides FEEL's own.

    Raises `FeelSyntaxError`.
    """
    try:
        node = parse_expression(text, names, types)
        found = names_of(node)
        return Expression(text, frozenset(found.free), frozenset(found.possible), compile_node(node, text))
    except RecursionError:
        raise FeelSyntaxError("the expression is nested too deeply for its caller's stack", 1, 1, text) from None


def parse_unary_tests(text: str, *, names: Iterable[str] = (), types: TypeFinder | None = None) -> UnaryTests:
    """Compile unary tests: ``-``, ``< 5``, ``"a", "b"``, ``[1..5]``, ``not(...)``, or an expression with ``?``.

    Raises `FeelSyntaxError`.
    """
    try:
        node = parse_unary(text, names, types)
        found = names_of(node)
        return UnaryTests(text, frozenset(found.free), frozenset(found.possible), compile_tests(node, text))
    except RecursionError:
        raise FeelSyntaxError("the unary tests are nested too deeply for their caller's stack", 1, 1, text) from None
