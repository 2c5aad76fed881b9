"""Item definitions: the types a model declares, and whether a value is of one (DMN 1.5, 7.3.2 and 10.3.2.9)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.feel.scope import Scope
from engine.feel.types import FeelType
from engine.feel.unary import Match
from engine.feel.values import Value


@dataclass(frozen=True, slots=True)
class ItemType:
    """``basic`` None means any type, or a context when there are ``components``; ``allowed`` are unary tests, any of
    which a value must pass; with ``collection`` all this is about the items of a list.
    """

    name: str
    basic: FeelType | None = None
    components: tuple[tuple[str, ItemType], ...] = ()
    allowed: tuple[Match, ...] = ()
    collection: bool = False

    def problem(self, value: Value, scope: Scope) -> str | None:
        """What keeps ``value`` from being of this type, in words; None when nothing does. Null is of every type."""
        if value is None:
            return None
        if not self.collection:
            return self._item_problem(value, scope)
        if type(value) is not list:
            return f"is not a list of {self.name}"
        scope.run.tick(len(value))
        for place, item in enumerate(value, 1):
            found = None if item is None else self._item_problem(item, scope)
            if found is not None:
                return f"has an item {place} that {found}"
        return None

    def _item_problem(self, value: Value, scope: Scope) -> str | None:
        if self.basic is not None and not self.basic.holds(value, scope.run):
            return f"is not of type {self.basic.name}"
        if self.components:
            if type(value) is not dict:
                return f"is not a context of type {self.name}"
            for name, component in self.components:
                found = component.problem(value.get(name), scope)
                if found is not None:
                    return f"has an entry '{name}' that {found}"
        if self.allowed and not any(match(value, scope) is True for match in self.allowed):
            return f"is not one of the allowed values of {self.name}"
        return None

    def coerce(self, value: Value, scope: Scope) -> Value:
        """``value``, after FEEL's implicit conversions between an item and a list of one; null if it does not fit."""
        if self.problem(value, scope) is None:
            return value
        if self.collection and type(value) is not list and self.problem([value], scope) is None:
            return [value]
        if type(value) is list and len(value) == 1 and self.problem(value[0], scope) is None:
            return value[0]
        return None


ANY = ItemType("Any")
