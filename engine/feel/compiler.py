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
    Facts,
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
    survey,
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


class Builder:
    """Compiles the nodes of one tree; calling it compiles a node.

    ``functions`` are names that mean something else here than the built-in function of that name.
    """

    __slots__ = ("_facts", "functions", "text")

    def __init__(self, text: str, facts: dict[int, Facts], functions: frozenset[str] = frozenset()) -> None:
        self.text = text
        self.functions = functions
        self._facts = facts

    def facts(self, node: Node) -> Facts:
        """What `survey` found out about a node."""
        return self._facts[id(node)]

    def __call__(self, node: Node) -> Closure:
        """The closure of a node."""
        names = binds(node)
        inside = Builder(self.text, self._facts, self.functions | names) if names else self
        if isinstance(node, Name):
            return access.name(node, self.text)
        if isinstance(node, Call):
            return access.call(node, inside, self.text, builtin=is_builtin_call(node, self.functions))
        return _COMPILERS[type(node)](node, inside)


def compile_node(node: Node, text: str) -> Closure:
    """The closure of an expression; ``text`` is where it was read from."""
    return Builder(text, survey(node))(node)


def compile_tests(node: Tests, text: str) -> unary.Match:
    """The closure of unary tests."""
    return unary.tests(node, Builder(text, survey(node)))
