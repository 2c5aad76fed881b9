"""Item definitions from XML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lxml import etree

from engine.dmn.cells import Cell, cell_of
from engine.dmn.reading import Reading
from engine.dmn.types import ANY, ItemType
from engine.dmn.xml import child, children, spaced
from engine.feel.types import BASIC, FeelType
from engine.feel.unary import Match

MAX_TYPE_DEPTH = 30
"""Levels of types within types; a type that contains itself has no end of them."""

_NUMBERS = dict.fromkeys(("double", "float", "decimal"), "number")
_WHOLE = ("integer", "int", "long", "short")
_ANY = ("Any", "any", "Undefined", "<Undefined>")
"""Type names that modelers of older engines write."""


class TypeCatalog:
    """The types of one model. Each is resolved once, on first use or by `resolve_all`.

    ``imported`` finds the type that a qualified reference (``import.type``) names in an imported model.
    """

    def __init__(
        self, definitions: etree._Element, imported: Mapping[str, Callable[[str], ItemType | None]] | None = None
    ) -> None:
        self._elements = {spaced(each.get("name")): each for each in children(definitions, "itemDefinition")}
        self._imported = imported or {}
        self._resolved: dict[str, ItemType] = {}
        self._open: list[str] = []
        self._reading: Reading | None = None

    def component_names(self) -> set[str]:
        """The names of all components at all levels, for the parser to know."""
        return {
            spaced(component.get("name"))
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
        reference = spaced(reference)
        for name in (reference, reference.partition(":")[2], reference.rpartition("}")[2]):
            if name in self._elements:
                return self._definition(name)
            found = _built_in(name)
            if found is not None:
                return found
        for prefix, find in self._imported.items():
            if reference.startswith(f"{prefix}."):
                found = find(reference.removeprefix(f"{prefix}."))
                if found is not None:
                    return found
        if ":" in reference:  # a qualified name of DMN 1.1, whose prefix stands for the namespace of an import
            local = reference.partition(":")[2]
            found = next((each for find in self._imported.values() if (each := find(local)) is not None), None)
            if found is not None:
                return found
        if reference.startswith("feel."):
            return _built_in(reference.removeprefix("feel."))
        return self._imported[""](reference) if "" in self._imported else None

    def _definition(self, name: str) -> ItemType:
        if name not in self._resolved:
            element = self._elements[name]
            if name in self._open or len(self._open) > MAX_TYPE_DEPTH:
                if self._reading is not None:
                    self._reading.doubt(f"type '{name}' contains itself", element)
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
        allowed, values = _tests(reading, element, "allowedValues", name)
        constraint, whole_values = _tests(reading, element, "typeConstraint", name)
        function = child(element, "functionItem")
        if function is not None:
            result = reading.type_of(function, function.get("outputTypeRef"))
            parameters = tuple(
                reading.type_of(each, each.get("typeRef")).feel for each in children(function, "parameters")
            )
            kind = FeelType("function", parameters=parameters or None, result=None if result is ANY else result.feel)
            return ItemType(name, kind, (), allowed, collection, constraint, result=result)
        components = tuple(
            (part, self._read(each, f"{name}.{part}"))
            for each in children(element, "itemComponent")
            for part in [spaced(each.get("name"))]
        )
        reference = child(element, "typeRef")
        base = ANY if reference is None else reading.type_of(element, reference.text)
        if base.collection and not collection:
            # A type made of a list type is that list.
            return replace(
                base,
                name=name,
                allowed=base.allowed + allowed,
                constraint=base.constraint + constraint,
                values=base.values + values,
            )
        if base.collection:
            return ItemType(name, FeelType("list"), (), allowed, True, constraint)
        if not collection:  # then the value as a whole is the item
            allowed, constraint, values = allowed + constraint, (), values + whole_values
        return replace(
            base,
            name=name,
            components=components or base.components,
            allowed=base.allowed + allowed,
            collection=collection,
            constraint=constraint,
            values=base.values + values,
        )


def _tests(
    reading: Reading, element: etree._Element, tag: str, name: str
) -> tuple[tuple[tuple[Match, ...], ...], tuple[Cell | None, ...]]:
    """The group of tests in an element below, if there is one, and what it says in constants."""
    tested = reading.tests(child(element, tag), f"type '{name}', allowed values")
    return ((tested.matches,), (cell_of(tested.tree),)) if tested.matches else ((), ())


def _built_in(name: str) -> ItemType | None:
    if name in _WHOLE:
        return ItemType("number", FeelType("number"), whole=True)
    name = _NUMBERS.get(name, name)
    if name in _ANY:
        return ANY
    if name == "list":
        return ItemType(name, collection=True)
    if name in BASIC or name in ("context", "function", "range"):
        return ItemType(name, FeelType(name))
    return None
