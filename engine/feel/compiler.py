"""Tree to closures: one function per kind of node, chosen once, so that evaluation never looks at the tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.feel import access, iteration, operators, unary
from engine.feel.names import binds, is_builtin_call
from engine.feel.nodes import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    ContextOf,
    Filter,
    For,
    FunctionOf,
    If,
    In,
    InstanceOf,
    ListOf,
    Literal,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
    RangeOf,
    Tests,
)
from engine.feel.scope import Closure

_COMPILERS: dict[type[Node], Callable[[Any, operators.Build], Closure]] = {
    Arithmetic: operators.arithmetic,
    Between: operators.between,
    Comparison: operators.comparison,
    ContextOf: operators.context_of,
    Filter: access.filter_list,
    For: iteration.for_loop,
    FunctionOf: access.function_of,
    If: operators.if_then_else,
    In: unary.contained,
    InstanceOf: operators.instance_of,
    ListOf: operators.list_of,
    Literal: operators.literal,
    Logic: operators.logic,
    Negation: operators.negation,
    Path: access.path,
    Quantified: iteration.quantified,
    RangeOf: operators.range_of,
}


def compile_node(node: Node, text: str, functions: frozenset[str] = frozenset()) -> Closure:
    """The closure of an expression. ``functions``: names that mean something else than the built-in of that name."""
    inner = functions | binds(node)

    def build(child: Node) -> Closure:
        return compile_node(child, text, inner)

    if isinstance(node, Name):
        return access.name(node, text)
    if isinstance(node, Call):
        return access.call(node, build, text, builtin=is_builtin_call(node, functions))
    return _COMPILERS[type(node)](node, build)


def compile_tests(node: Tests, text: str, functions: frozenset[str] = frozenset()) -> unary.Match:
    """The closure of unary tests."""
    return unary.tests(node, lambda child: compile_node(child, text, functions))
