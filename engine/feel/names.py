"""Which variables an expression reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.feel.builtins import BUILTINS
from engine.feel.nodes import Call, ContextOf, Filter, For, FunctionOf, Iterate, Name, Node, Quantified, children


@dataclass(slots=True)
class Names:
    """``free``: needed. ``possible``: stand in a filter, where an item's entry may be meant instead."""

    free: set[str] = field(default_factory=set)
    possible: set[str] = field(default_factory=set)


def names_of(node: Node, bound: frozenset[str] = frozenset()) -> Names:
    """The names in the tree that nothing in it binds. ``?`` is the input of unary tests and never among them."""
    found = Names()
    _collect(node, bound | {"?"}, found, in_filter=False)
    return found


def _collect(node: Node, bound: frozenset[str], found: Names, *, in_filter: bool) -> None:
    if isinstance(node, Name):
        if node.name not in bound:
            (found.possible if in_filter else found.free).add(node.name)
    elif isinstance(node, ContextOf):
        for key, entry in zip(node.keys, node.entries, strict=True):
            _collect(entry, bound, found, in_filter=in_filter)
            bound |= {key}
    elif isinstance(node, For | Quantified):
        for each in node.iterators:
            _collect(each, bound, found, in_filter=in_filter)
            bound |= {each.name}
        body = node.result if isinstance(node, For) else node.condition
        _collect(body, bound | ({"partial"} if isinstance(node, For) else set()), found, in_filter=in_filter)
    elif isinstance(node, FunctionOf):
        _collect(node.body, bound | set(node.parameters), found, in_filter=in_filter)
    elif isinstance(node, Filter):
        _collect(node.target, bound, found, in_filter=in_filter)
        _collect(node.condition, bound | {"item"}, found, in_filter=True)
    elif isinstance(node, Call) and is_builtin_call(node, bound):
        for argument in node.arguments:
            _collect(argument, bound, found, in_filter=in_filter)
    else:
        for child in children(node):
            _collect(child, bound, found, in_filter=in_filter)


def is_builtin_call(node: Call, bound: frozenset[str]) -> bool:
    """Whether the function's name means a built-in one: nothing around the call binds it."""
    return isinstance(node.function, Name) and node.function.name in BUILTINS and node.function.name not in bound


def binds(node: Node) -> frozenset[str]:
    """The names a node binds for some of the nodes below it."""
    if isinstance(node, ContextOf):
        return frozenset(node.keys)
    if isinstance(node, Iterate):
        return frozenset({node.name})
    if isinstance(node, For | Quantified):
        return frozenset(each.name for each in node.iterators)
    return frozenset(node.parameters) if isinstance(node, FunctionOf) else frozenset()
