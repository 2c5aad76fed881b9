"""Item definitions from XML."""

from __future__ import annotations

from lxml import etree

from engine.dmn.reading import Reading
from engine.dmn.types import ANY, ItemType
from engine.dmn.xml import child, children
from engine.feel.types import BASIC, FeelType

MAX_TYPE_DEPTH = 30
"""Levels of types within types; a type that contains itself has no end of them."""


_ALIASES = dict.fromkeys(("integer", "long", "short", "double", "float", "decimal"), "number")
"""Type names that modelers of older engines write."""


class TypeCatalog:
    """The types of one model. Each is resolved once, on first use or by `resolve_all`."""

    def __init__(self, definitions: etree._Element) -> None:
        self._elements = {(each.get("name") or "").strip(): each for each in children(definitions, "itemDefinition")}
        self._resolved: dict[str, ItemType] = {}
        self._open: list[str] = []
        self._reading: Reading | None = None

    def component_names(self) -> set[str]:
        """The names of all components at all levels, for the parser to know."""
        return {
            " ".join((component.get("name") or "").split())
            for element in self._elements.values()
            for component in element.iter("{*}itemComponent")
        }

    def resolve_all(self, reading: Reading) -> None:
        """Read every definition, noting what is wrong with it."""
        self._reading = reading
        for name in self._elements:
            self.find(name)

    def find(self, reference: str) -> ItemType | None:
        """The type a ``typeRef`` names, with or without a prefix; None when there is none."""
        reference = reference.strip()
        for name in (reference, reference.partition(":")[2], reference.rpartition("}")[2]):
            if name in self._elements:
                return self._definition(name)
            name = _ALIASES.get(name, name)
            if name == "Any":
                return ANY
            if name == "list":
                return ItemType(name, collection=True)
            if name in BASIC or name in ("context", "function", "range"):
                return ItemType(name, FeelType(name))
        return None

    def _definition(self, name: str) -> ItemType:
        if name not in self._resolved:
            element = self._elements[name]
            if name in self._open or len(self._open) > MAX_TYPE_DEPTH:
                if self._reading is not None:
                    self._reading.problem(f"type '{name}' contains itself", element)
                return ANY
            self._open.append(name)
            self._resolved[name] = self._read(element, name)
            self._open.pop()
        return self._resolved[name]

    def _read(self, element: etree._Element, name: str) -> ItemType:
        reading = self._reading
        if reading is None:
            return ANY
        collection = element.get("isCollection", "false") in ("true", "1")
        allowed, _ = reading.tests(child(element, "allowedValues", "typeConstraint"), f"type '{name}', allowed values")
        if child(element, "functionItem") is not None:
            return ItemType(name, FeelType("function"), (), allowed, collection)
        components = tuple(
            (part, self._read(each, f"{name}.{part}"))
            for each in children(element, "itemComponent")
            for part in [" ".join((each.get("name") or "").split())]
        )
        reference = child(element, "typeRef")
        base = ANY if reference is None else reading.type_of(element, reference.text)
        if base.collection and not collection:
            return ItemType(name, base.basic, base.components, allowed or base.allowed, True)
        if base.collection:
            return ItemType(name, FeelType("list"), (), allowed, True)
        return ItemType(name, base.basic, components or base.components, allowed or base.allowed, collection)
