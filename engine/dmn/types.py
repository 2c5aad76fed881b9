"""Item definitions: the types a model declares, and whether a value is of one (DMN 1.5, 7.3.3 and 10.3.2.9)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.dmn.cells import Cell
from engine.feel.far import DATES
from engine.feel.scope import Scope
from engine.feel.temporal import as_date_time
from engine.feel.types import FeelType
from engine.feel.unary import Match
from engine.feel.values import Value


@dataclass(frozen=True, slots=True)
class ItemType:
    """A type a value may have to be of.

    ``basic`` None means any type, or a context when there are ``components``. ``allowed`` are groups of unary tests: of
    each group a value must pass one. With ``collection`` all this is about the items of a list, and ``constraint`` (of
    the same form) about the list as a whole. ``whole`` limits numbers to integers in the analysis of tables only;
    ``result`` is what a function of this type gives; ``values`` what ``allowed`` says in constants,
    for the analysis too.
    """

    name: str
    basic: FeelType | None = None
    components: tuple[tuple[str, ItemType], ...] = ()
    allowed: tuple[tuple[Match, ...], ...] = ()
    collection: bool = False
    constraint: tuple[tuple[Match, ...], ...] = ()
    whole: bool = False
    result: ItemType | None = None
    values: tuple[Cell | None, ...] = ()

    @property
    def item(self) -> ItemType:
        """The type of one item of this collection."""
        return replace(self, collection=False, constraint=())

    @property
    def feel(self) -> FeelType:
        """The type in FEEL, without its allowed values."""
        items = self.basic or FeelType("Any")
        if self.components:
            items = FeelType("context", members=tuple((name, component.feel) for name, component in self.components))
        return FeelType("list", items) if self.collection else items

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
        if not _passes(self.constraint, value, scope):
            return f"is not one of the allowed lists of {self.name}"
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
        if not _passes(self.allowed, value, scope):
            return f"is not one of the allowed values of {self.name}"
        return None

    def coerce(self, value: Value, scope: Scope) -> Value:
        """``value``, after FEEL's implicit conversions (10.3.2.9.4: item and list of one, date and date and time); null
        if it does not fit.
        """
        if value is None or (self.basic is None and not self.components and not self.allowed and not self.collection):
            return value
        if self.problem(value, scope) is None:
            return value
        changed = self._converted(value, scope)
        return changed if changed is not None and self.problem(changed, scope) is None else None

    def _converted(self, value: Value, scope: Scope) -> Value:
        """The nearest value of another form, which may still break a constraint; None without one."""
        if self.collection:
            items = value if type(value) is list else [value]
            return [None if item is None else self.item._fitted(item, scope) for item in items]
        if type(value) is list and len(value) == 1 and value[0] is not None:
            return value[0] if self.problem(value[0], scope) is None else self._fitted(value[0], scope)
        return self._fitted(value, scope)

    def _fitted(self, value: Value, scope: Scope) -> Value:
        """A date as the date and time it begins with in UTC, also inside of contexts; else the value itself."""
        if type(value) in DATES and self.basic is not None and self.basic.name in ("date and time", "dateTime"):
            return as_date_time(value)
        if type(value) is dict and self.components:
            changed = dict(value)
            for name, component in self.components:
                if name in value and component.problem(value[name], scope) is not None:
                    changed[name] = component.coerce(value[name], scope)
                    if changed[name] is None:
                        changed[name] = value[name]  # stays as it is, and shows as the problem
            return changed
        return value


def _passes(groups: tuple[tuple[Match, ...], ...], value: Value, scope: Scope) -> bool:
    return all(any(match(value, scope) is True for match in group) for group in groups)


ANY = ItemType("Any")
