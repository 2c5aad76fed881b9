"""What a compiled expression runs on: a chain of scopes with names bound to values, and the `Run` at its root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from engine.feel.limits import Run
from engine.feel.values import Value


class Scope:
    """Names bound by ``for``, a function, a context or a filter; the outermost scope holds the variables.

    ``items``: in a filter over contexts, the whole list: a name that at least one item has is null for the others.
    ``item``: the one at hand, which the name ``item`` means unless it has an entry of that name itself.
    """

    __slots__ = ("bindings", "item", "items", "keys", "parent", "run")

    def __init__(
        self,
        bindings: Mapping[str, Value],
        parent: Scope | None,
        run: Run,
        items: list[Value] | None = None,
        item: Value = None,
    ) -> None:
        self.bindings = bindings
        self.parent = parent
        self.run = run
        self.items = items
        self.item = item
        self.keys: frozenset[str] | None = None


Closure: TypeAlias = Callable[[Scope], Value]
